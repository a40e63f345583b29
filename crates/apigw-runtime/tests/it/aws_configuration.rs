//! Credentials and Region of the AWS configuration. It is read from the environment of the process, so each test runs in its own process.

use std::fs::File;
use std::io::Write as _;

use apigw_runtime::codegen::Api;
use apigw_runtime::{
    ApiClient, AssumeRole, BuildError, Client, ClientBuilder, Method, RetryPolicy,
};

use crate::alone::alone;
use crate::orders::OrdersClient;
use crate::server::{Server, credentials, header};

/// An API without a Region in its endpoint and spec.
#[derive(Debug)]
struct Bare(Client);

impl ApiClient for Bare {
    const API: &'static Api = &Api {
        name: "bare",
        endpoint_variable: "BARE_ENDPOINT_URL",
        user_agent: "bare-client/1.0.0",
        endpoint: Some("https://api.example.com"),
        region: None,
        signed: true,
    };

    fn from_client(client: Client) -> Self {
        Self(client)
    }
}

#[tokio::test]
async fn a_profile_provides_credentials_and_region() {
    let path = concat!(env!("CARGO_TARGET_TMPDIR"), "/runtime-profile.ini");
    if std::env::var_os("ALONE").is_none() {
        let profile = "[profile orders-dev]\nregion = eu-north-1\n\
                       aws_access_key_id = AKIDPROFILE\naws_secret_access_key = x\n";
        File::create(path)
            .unwrap()
            .write_all(profile.as_bytes())
            .unwrap();
    }
    let test = "aws_configuration::a_profile_provides_credentials_and_region";
    alone(test, &[("AWS_CONFIG_FILE", path)], async {
        let server = Server::returning(200, &[], "").await;
        let Bare(client) = ClientBuilder::new()
            .endpoint(server.endpoint())
            .profile("orders-dev")
            .build()
            .await
            .unwrap();
        client
            .request(Method::GET, "/")
            .send_untyped()
            .await
            .unwrap();
        let request = server.request();
        let authorization = header(&request, "authorization").unwrap();
        assert!(
            authorization.contains("Credential=AKIDPROFILE/"),
            "{authorization}"
        );
        assert!(
            authorization.contains("/eu-north-1/execute-api/"),
            "{authorization}"
        );
    })
    .await;
}

/// Returns how often a client with this profile sends a request that always fails.
async fn attempts(
    profile: &str,
    adjust: impl FnOnce(ClientBuilder<Bare>) -> ClientBuilder<Bare>,
) -> usize {
    let server = Server::returning(503, &[], "").await;
    let builder = ClientBuilder::new().endpoint(server.endpoint());
    let Bare(client) = adjust(builder.profile(profile)).build().await.unwrap();
    let call = client.request(Method::GET, "/");
    call.send_untyped().await.unwrap_err();
    server.requests().len()
}

#[tokio::test]
async fn retry_settings_are_from_the_builder_then_variables_then_the_profile() {
    let path = concat!(env!("CARGO_TARGET_TMPDIR"), "/runtime-retries.ini");
    if std::env::var_os("ALONE").is_none() {
        let keys =
            "region = eu-north-1\naws_access_key_id = AKIDPROFILE\naws_secret_access_key = x\n";
        let profiles = format!(
            "[profile plain]\n{keys}[profile eager]\nmax_attempts = 5\nretry_mode = adaptive\n{keys}"
        );
        File::create(path)
            .unwrap()
            .write_all(profiles.as_bytes())
            .unwrap();
    }
    let test =
        "aws_configuration::retry_settings_are_from_the_builder_then_variables_then_the_profile";
    alone(test, &[("AWS_CONFIG_FILE", path)], async {
        assert_eq!(attempts("plain", |builder| builder).await, 3);
        assert_eq!(attempts("eager", |builder| builder).await, 5);
        let two = |name: &str| (name == "AWS_MAX_ATTEMPTS").then(|| "2".to_owned());
        assert_eq!(
            attempts("eager", |builder| builder.environment(two)).await,
            2
        );
        let four = RetryPolicy::standard().max_attempts(4);
        let chosen = |builder: ClientBuilder<Bare>| builder.environment(two).retry(four);
        assert_eq!(attempts("eager", chosen).await, 4);

        // settings are independent: the mode from the profile, the attempts from the variable
        let builder = || {
            ClientBuilder::new()
                .endpoint("http://127.0.0.1:9")
                .profile("eager")
        };
        let Bare(client) = builder().environment(two).build().await.unwrap();
        let policy = RetryPolicy::adaptive().max_attempts(2);
        assert!(
            format!("{client:?}").contains(&format!("{policy:?}")),
            "{client:?}"
        );
        // an explicit profile is read even if credentials are set
        let Bare(client) = builder()
            .credentials(credentials())
            .region("eu-west-1")
            .build()
            .await
            .unwrap();
        let policy = RetryPolicy::adaptive().max_attempts(5);
        assert!(
            format!("{client:?}").contains(&format!("{policy:?}")),
            "{client:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn an_invalid_retry_setting_of_the_profile_is_an_error_and_not_a_panic() {
    let path = concat!(env!("CARGO_TARGET_TMPDIR"), "/runtime-bad-retries.ini");
    if std::env::var_os("ALONE").is_none() {
        File::create(path)
            .unwrap()
            .write_all(b"[default]\nmax_attempts = 0\n")
            .unwrap();
    }
    let test =
        "aws_configuration::an_invalid_retry_setting_of_the_profile_is_an_error_and_not_a_panic";
    alone(test, &[("AWS_CONFIG_FILE", path)], async {
        let error = OrdersClient::builder().build().await.unwrap_err();
        assert!(matches!(error, BuildError::Configuration(_)), "{error:?}");
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert!(source.contains("max_attempts"), "{source}");
    })
    .await;
}

#[tokio::test]
async fn endpoint_and_credentials_are_from_variables_and_the_region_is_from_the_spec() {
    let test = "aws_configuration::endpoint_and_credentials_are_from_variables_and_the_region_is_from_the_spec";
    let server = Server::returning(200, &[], r#"{"items":[]}"#).await;
    let endpoint = server.endpoint();
    let variables = [
        ("ORDERS_ENDPOINT_URL", endpoint.as_str()),
        ("AWS_ACCESS_KEY_ID", "AKIDVARIABLE"),
        ("AWS_SECRET_ACCESS_KEY", "x"),
        ("AWS_REGION", "sa-east-1"),
    ];
    alone(test, &variables, async {
        let client = OrdersClient::from_env().await.unwrap();
        client.get_orders().await.unwrap();
    })
    .await;
    if std::env::var_os("ALONE").is_none() {
        let request = server.request();
        let authorization = header(&request, "authorization").unwrap();
        assert!(
            authorization.contains("Credential=AKIDVARIABLE/"),
            "{authorization}"
        );
        assert!(
            authorization.contains("/eu-west-2/execute-api/"),
            "{authorization}"
        );
    }
}

#[tokio::test]
async fn a_missing_region_error_names_builder_method_and_variable() {
    alone(
        "aws_configuration::a_missing_region_error_names_builder_method_and_variable",
        &[],
        async {
            let error = ClientBuilder::<Bare>::new().build().await.unwrap_err();
            assert!(matches!(error, BuildError::MissingRegion), "{error:?}");
            let text = error.to_string();
            assert!(
                text.contains("ClientBuilder::region") && text.contains("AWS_REGION"),
                "{text}"
            );
        },
    )
    .await;
}

#[tokio::test]
async fn a_role_is_assumed_in_the_region_of_the_api() {
    let sts = Server::returning(
        200,
        &[("content-type", "text/xml")],
        "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult>\
         <AssumedRoleUser><AssumedRoleId>AROA:x</AssumedRoleId><Arn>arn:aws:sts::111122223333:assumed-role/r/x</Arn></AssumedRoleUser>\
         <Credentials><AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>x</SecretAccessKey><SessionToken>TOKENROLE</SessionToken>\
         <Expiration>2124-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>",
    )
    .await;
    let api = Server::returning(200, &[], r#"{"items":[]}"#).await;
    let (sts_url, api_url) = (format!("http://{}", sts.address()), api.endpoint());
    let variables = [
        ("AWS_ENDPOINT_URL_STS", sts_url.as_str()),
        ("ORDERS_ENDPOINT_URL", api_url.as_str()),
    ];
    let test = "aws_configuration::a_role_is_assumed_in_the_region_of_the_api";
    alone(test, &variables, async {
        let role = AssumeRole::new("arn:aws:iam::111122223333:role/caller")
            .session_name("batch")
            .external_id("of-the-owner");
        let client = OrdersClient::builder()
            .credentials(credentials())
            .assume_role(role)
            .build()
            .await
            .unwrap();
        client.get_orders().await.unwrap();
    })
    .await;
    if std::env::var_os("ALONE").is_none() {
        let assumed = sts.request();
        let body = std::str::from_utf8(assumed.body()).unwrap();
        for part in ["RoleSessionName=batch", "ExternalId=of-the-owner"] {
            assert!(body.contains(part), "{body}");
        }
        let authorization = header(&assumed, "authorization").unwrap();
        assert!(authorization.contains("/eu-west-2/sts/"), "{authorization}");
        let request = api.request();
        let authorization = header(&request, "authorization").unwrap();
        assert!(
            authorization.contains("Credential=ASIAROLE/"),
            "{authorization}"
        );
        let token = header(&request, "x-amz-security-token");
        assert_eq!(token, Some("TOKENROLE"));
    }
}

#[tokio::test]
async fn a_role_with_a_custom_signer_is_rejected() {
    let signer = reqwest_sigv4::Signer::builder().credentials(credentials());
    let error = OrdersClient::builder()
        .environment(|_| None)
        .signer(signer.region("eu-west-2").build().unwrap())
        .assume_role("arn:aws:iam::111122223333:role/caller")
        .build()
        .await
        .unwrap_err();
    assert!(error.to_string().contains("`assume_role`"), "{error}");
}
