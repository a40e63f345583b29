//! Region and service come from the request's options, the signer's settings, the host or the configuration, in this order.

use aws_types::SdkConfig;
use aws_types::region::Region;
use reqwest::{Method, Request};
use reqwest_sigv4::{Error, SignOptions, Signer, SignerBuilder};

use crate::support::{Watch, keys};

const API: &str = "https://abc123.execute-api.eu-west-2.amazonaws.com/prod";

fn unset() -> SignerBuilder {
    Signer::builder().credentials(keys()).clock(Watch::noon())
}

fn configured(region: &'static str) -> SdkConfig {
    SdkConfig::builder()
        .region(Region::from_static(region))
        .build()
}

async fn scope(builder: SignerBuilder, url: &str, options: &SignOptions) -> Result<String, Error> {
    let mut request = Request::new(Method::GET, url.parse().unwrap());
    builder.build()?.sign_with(&mut request, options).await?;
    let authorization = request.headers()["authorization"].to_str().unwrap();
    let (_, scope) = authorization.split_once("/20261122/").unwrap();
    Ok(scope.split_once("/aws4_request").unwrap().0.to_owned())
}

#[tokio::test]
async fn every_host_is_signed_for_its_own_region_and_service() {
    for (host, expected) in [
        (
            "abc.execute-api.us-east-1.amazonaws.com",
            "us-east-1/execute-api",
        ),
        (
            "abc-vpce-0123.execute-api.us-west-2.amazonaws.com",
            "us-west-2/execute-api",
        ),
        (
            "vpce-01-ab.execute-api.eu-west-1.vpce.amazonaws.com",
            "eu-west-1/execute-api",
        ),
        (
            "abc.execute-api.cn-north-1.amazonaws.com.cn",
            "cn-north-1/execute-api",
        ),
        (
            "abc.execute-api.us-gov-west-1.amazonaws.com",
            "us-gov-west-1/execute-api",
        ),
        (
            "abc.execute-api-fips.us-gov-east-1.amazonaws.com",
            "us-gov-east-1/execute-api",
        ),
        (
            "abc.execute-api.us-iso-east-1.c2s.ic.gov",
            "us-iso-east-1/execute-api",
        ),
        (
            "abc.execute-api.us-isob-east-1.sc2s.sgov.gov",
            "us-isob-east-1/execute-api",
        ),
        ("abc.execute-api.eu-west-1.api.aws", "eu-west-1/execute-api"),
        ("abc.lambda-url.eu-west-1.on.aws", "eu-west-1/lambda"),
        (
            "abc.appsync-api.eu-west-1.amazonaws.com",
            "eu-west-1/appsync",
        ),
        ("search-a.eu-west-1.es.amazonaws.com", "eu-west-1/es"),
        ("abc.eu-west-1.aoss.amazonaws.com", "eu-west-1/aoss"),
        (
            "svc-1.ab.vpc-lattice-svcs.eu-west-1.on.aws",
            "eu-west-1/vpc-lattice-svcs",
        ),
        (
            "bedrock-runtime.eu-west-1.amazonaws.com",
            "eu-west-1/bedrock",
        ),
        (
            "bedrock-mantle.eu-west-1.api.aws",
            "eu-west-1/bedrock-mantle",
        ),
        (
            "bedrock-agentcore.eu-west-1.amazonaws.com",
            "eu-west-1/bedrock-agentcore",
        ),
        (
            "tools-1a.gateway.bedrock-agentcore.eu-west-1.amazonaws.com",
            "eu-west-1/bedrock-agentcore",
        ),
    ] {
        let url = format!("https://{host}/x");
        assert_eq!(
            scope(unset(), &url, &SignOptions::new()).await.unwrap(),
            expected,
            "{host}"
        );
    }
}

#[tokio::test]
async fn upper_case_hosts_have_the_same_region_and_service() {
    let url = "https://ABC123.Execute-API.EU-West-2.amazonaws.com/";
    let mut request = http::Request::get(url).body("").unwrap();
    let signer = unset().build().unwrap();
    signer
        .sign_http(&mut request, &SignOptions::new())
        .await
        .unwrap();
    let authorization = request.headers()["authorization"].to_str().unwrap();
    assert!(
        authorization.contains("/eu-west-2/execute-api/"),
        "{authorization}"
    );
}

#[tokio::test]
async fn request_options_override_settings_which_override_the_host() {
    let none = SignOptions::new();
    let config = configured("us-east-1");
    let by_request = SignOptions::new().region("ap-south-1").service("lambda");
    let by_builder = || {
        unset()
            .sdk_config(&config)
            .region("eu-central-1")
            .service("appsync")
    };

    assert_eq!(
        scope(by_builder(), API, &by_request).await.unwrap(),
        "ap-south-1/lambda"
    );
    assert_eq!(
        scope(by_builder(), API, &none).await.unwrap(),
        "eu-central-1/appsync"
    );
    assert_eq!(
        scope(unset().sdk_config(&config), API, &none)
            .await
            .unwrap(),
        "eu-west-2/execute-api"
    );
    let custom = "https://api.example.com/";
    assert_eq!(
        scope(unset().sdk_config(&config), custom, &none)
            .await
            .unwrap(),
        "us-east-1/execute-api"
    );
}

#[tokio::test]
async fn an_unknown_host_of_aws_is_never_signed_for_api_gateway() {
    let none = SignOptions::new();
    let config = configured("us-east-1");
    for (host, advice) in [
        (
            "kafkaconnect.eu-west-1.amazonaws.com",
            r#"set `service("kafkaconnect")` on the builder"#,
        ),
        ("iam.amazonaws.com", r#"set `service("iam")`"#),
        ("b.s3.eu-west-1.amazonaws.com", "Amazon S3 is not supported"),
        (
            "lb.eu-west-1.elb.amazonaws.com",
            "set `service` on the builder",
        ),
    ] {
        let url = format!("https://{host}/x");
        let settings = unset().sdk_config(&config);
        let error = scope(settings, &url, &none).await.unwrap_err();
        assert!(matches!(&error, Error::NoService { host: h, .. } if h == host));
        assert!(error.to_string().contains(advice), "{error}");
    }
    let url = "https://lb.eu-west-1.elb.amazonaws.com/x";
    let behind = unset().sdk_config(&config).signing_host("api.example.com");
    let scope = scope(behind, url, &none).await.unwrap();
    assert_eq!(scope, "us-east-1/execute-api", "another host is signed");
}

#[tokio::test]
async fn an_unknown_host_of_aws_names_the_region() {
    let config = configured("us-east-1");
    let builder = unset().sdk_config(&config).service("kafkaconnect");
    let url = "https://kafkaconnect.eu-west-1.amazonaws.com/x";
    let scope = scope(builder, url, &SignOptions::new()).await.unwrap();
    assert_eq!(scope, "eu-west-1/kafkaconnect");
}

#[tokio::test]
async fn a_custom_domain_without_a_region_is_an_error() {
    for url in [
        "https://api.example.com/",
        "http://localhost:3000/",
        "http://[::1]/",
    ] {
        let error = scope(unset(), url, &SignOptions::new()).await.unwrap_err();
        assert!(matches!(error, Error::NoRegion { .. }), "{error}");
        assert!(
            error.to_string().contains("set `region` on the builder"),
            "{error}"
        );
    }
}

#[test]
fn building_without_credentials_is_an_error() {
    assert!(matches!(
        Signer::builder().build(),
        Err(Error::NoCredentials)
    ));
    let config = configured("eu-west-1");
    assert!(matches!(Signer::new(&config), Err(Error::NoCredentials)));
}
