//! Invalid settings are errors before anything is sent.

use reqwest::{Method, Request};
use reqwest_sigv4::{Error, SignOptions};

use crate::support::{builder, signer};

#[tokio::test]
async fn region_names_are_normalised() {
    let mut request = Request::new(Method::GET, "https://api.example.com/".parse().unwrap());
    builder()
        .region(" US-EAST-1 ")
        .build()
        .unwrap()
        .sign(&mut request)
        .await
        .unwrap();
    assert!(
        request.headers()["authorization"]
            .to_str()
            .unwrap()
            .contains("/us-east-1/")
    );
}

#[tokio::test]
async fn an_invalid_region_is_an_error_from_every_source() {
    for region in ["", "ireland", "eu-west", "eu/west/1", "eu-west-1\n/x", "*"] {
        assert!(
            matches!(
                builder().region(region).build(),
                Err(Error::InvalidRegion { .. })
            ),
            "{region:?}"
        );
        let config = aws_types::SdkConfig::builder()
            .region(aws_types::region::Region::new(region))
            .build();
        assert!(matches!(
            builder().sdk_config(&config).build(),
            Err(Error::InvalidRegion { .. })
        ));
        let mut request = Request::new(Method::GET, "https://api.example.com/".parse().unwrap());
        let options = SignOptions::new().region(region);
        let error = signer()
            .sign_with(&mut request, &options)
            .await
            .unwrap_err();
        assert!(matches!(error, Error::InvalidRegion { .. }), "{error}");
    }
}

#[tokio::test]
async fn other_invalid_settings_are_errors() {
    let mut request = Request::new(Method::GET, "https://api.example.com/".parse().unwrap());
    let options = SignOptions::new().signing_host("api.example.com\nx-evil:1");
    let error = signer()
        .sign_with(&mut request, &options)
        .await
        .unwrap_err();
    assert!(
        matches!(
            error,
            Error::InvalidSetting {
                setting: "SignOptions::signing_host"
            }
        ),
        "{error}"
    );

    assert!(matches!(
        builder().service("Execute API").build(),
        Err(Error::InvalidService { .. })
    ));
    for broken in [
        builder().signing_host("api example com"),
        builder().signing_host(""),
        builder().private_api_id("abc\r\nx-evil: 1"),
    ] {
        assert!(matches!(broken.build(), Err(Error::InvalidSetting { .. })));
    }
}
