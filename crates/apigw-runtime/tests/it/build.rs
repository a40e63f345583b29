//! Building clients: precedence of settings, and invalid settings.

use std::time::Duration;

use apigw_runtime::codegen::Api;
use apigw_runtime::{ApiClient, BuildError, Client, ClientBuilder, Method};

use crate::orders::OrdersClient;
use crate::server::{Server, credentials, header};

/// An API whose spec contains neither an endpoint nor a Region.
#[derive(Debug)]
struct Bare(Client);

impl ApiClient for Bare {
    const API: &'static Api = &Api {
        name: "my-bare.api",
        endpoint_variable: "MY_BARE_API_ENDPOINT_URL",
        user_agent: "bare-client/1.0.0",
        endpoint: None,
        region: None,
        signed: true,
    };

    fn from_client(client: Client) -> Self {
        Self(client)
    }
}

fn bare() -> ClientBuilder<Bare> {
    ClientBuilder::new()
        .environment(|_| None)
        .credentials(credentials())
}

#[tokio::test]
async fn the_builder_overrides_the_variable_and_the_variable_overrides_the_spec() {
    let argument = Server::returning(200, &[], r#"{"items":[]}"#).await;
    let variable = Server::returning(200, &[], r#"{"items":[]}"#).await;
    let endpoint = variable.endpoint();
    let builder = || {
        let endpoint = endpoint.clone();
        OrdersClient::builder()
            .credentials(credentials())
            .environment(move |name| (name == "ORDERS_ENDPOINT_URL").then(|| endpoint.clone()))
    };
    let client = builder()
        .endpoint(argument.endpoint())
        .build()
        .await
        .unwrap();
    client.get_orders().await.unwrap();
    assert_eq!(
        (argument.requests().len(), variable.requests().len()),
        (1, 0)
    );

    let client = builder().build().await.unwrap();
    client.get_orders().await.unwrap();
    assert_eq!(
        (argument.requests().len(), variable.requests().len()),
        (1, 1)
    );

    let Bare(client) = bare()
        .endpoint("https://h.example/v1")
        .region("eu-west-1")
        .build()
        .await
        .unwrap();
    assert_eq!(client.endpoint().as_str(), "https://h.example/v1");
    for empty in [None, Some(String::new())] {
        let client = OrdersClient::builder()
            .credentials(credentials())
            .environment(move |_| empty.clone())
            .build()
            .await
            .unwrap();
        let printed = format!("{client:?}");
        assert!(
            printed.contains("https://abc123.execute-api.eu-west-2.amazonaws.com/prod"),
            "{printed}"
        );
    }
}

#[tokio::test]
async fn endpoint_and_path_are_joined_with_one_slash() {
    let server = Server::returning(200, &[], r#"{"items":[]}"#).await;
    let root = format!("http://{}", server.address());
    for end in ["", "/", "/prod", "/prod/", "/a/b//"] {
        let client = server
            .builder()
            .endpoint(format!("{root}{end}"))
            .build()
            .await
            .unwrap();
        client.get_orders().await.unwrap();
        client.get_health().await.unwrap();
    }
    let targets: Vec<_> = server
        .requests()
        .iter()
        .map(|request| request.uri().to_string())
        .collect();
    assert_eq!(
        targets,
        [
            "/orders",
            "/health/",
            "/orders",
            "/health/",
            "/prod/orders",
            "/prod/health/",
            "/prod/orders",
            "/prod/health/",
            "/a/b/orders",
            "/a/b/health/"
        ]
    );
}

#[tokio::test]
async fn a_missing_endpoint_error_names_builder_method_and_variable() {
    let error = bare().build().await.unwrap_err();
    assert!(
        matches!(&error, BuildError::MissingEndpoint { variable, .. } if variable == "MY_BARE_API_ENDPOINT_URL")
    );
    let text = error.to_string();
    assert!(
        text.contains("ClientBuilder::endpoint") && text.contains("MY_BARE_API_ENDPOINT_URL"),
        "{text}"
    );
}

#[tokio::test]
async fn an_invalid_endpoint_error_names_the_source() {
    let error = bare().endpoint("h.example/prod").build().await.unwrap_err();
    assert!(matches!(error, BuildError::InvalidEndpoint { .. }));
    assert!(
        error.to_string().contains("`ClientBuilder::endpoint`"),
        "{error}"
    );

    let error = ClientBuilder::<Bare>::new()
        .environment(|_| Some("https://user:hunter2@h.example/".into()))
        .build()
        .await
        .unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("MY_BARE_API_ENDPOINT_URL") && !text.contains("hunter2"),
        "{text}"
    );
}

#[tokio::test]
async fn the_region_is_from_the_builder_then_the_host_then_the_spec() {
    // a proxy, so that requests to all three hosts reach the local server
    let server = Server::returning(200, &[], r#"{"items":[]}"#).await;
    let proxy = reqwest::Proxy::http(format!("http://{}", server.address())).unwrap();
    let http = reqwest_sigv4::client_builder()
        .proxy(proxy)
        .build()
        .unwrap();
    let builder = |endpoint: &str| {
        OrdersClient::builder()
            .environment(|_| None)
            .credentials(credentials())
            .http_client(http.clone())
            .endpoint(endpoint)
    };
    let on_aws = "http://abc123.execute-api.ap-south-1.amazonaws.com/prod";
    for builder in [
        builder(on_aws).region("us-west-2"),
        builder(on_aws),
        builder("http://api.example.com"),
    ] {
        builder.build().await.unwrap().get_orders().await.unwrap();
    }
    let scopes: Vec<_> = server
        .requests()
        .iter()
        .map(|request| {
            let authorization = header(request, "authorization").unwrap();
            authorization.split('/').nth(2).unwrap().to_owned()
        })
        .collect();
    assert_eq!(scopes, ["us-west-2", "ap-south-1", "eu-west-2"]);
}

#[tokio::test]
async fn an_invalid_region_is_rejected() {
    let error = bare()
        .endpoint("https://h.example")
        .region("Ireland")
        .build()
        .await
        .unwrap_err();
    assert!(matches!(error, BuildError::Signer(_)), "{error:?}");
    assert!(
        std::error::Error::source(&error)
            .unwrap()
            .to_string()
            .contains("Ireland")
    );
}

#[tokio::test]
async fn a_connect_timeout_with_a_custom_http_client_is_rejected() {
    let error = bare()
        .endpoint("https://h.example")
        .region("eu-west-1")
        .http_client(reqwest_sigv4::http_client().unwrap())
        .connect_timeout(Duration::from_secs(1))
        .build()
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "`connect_timeout` has no effect with `http_client`; set it on the value passed to `http_client`"
    );
}

#[tokio::test]
async fn a_custom_signer_uses_its_own_region_and_clock() {
    let server = Server::returning(200, &[], r#"{"items":[]}"#).await;
    let midnight = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600);
    let signer = reqwest_sigv4::Signer::builder()
        .credentials(credentials())
        .region("ca-central-1")
        .clock(move || midnight)
        .build()
        .unwrap();
    let builder = || {
        OrdersClient::builder()
            .environment(|_| None)
            .endpoint(server.endpoint())
            .signer(signer.clone())
    };
    builder().build().await.unwrap().get_orders().await.unwrap();
    let request = server.request();
    assert_eq!(header(&request, "x-amz-date"), Some("20260101T000000Z"));
    let authorization = header(&request, "authorization").unwrap();
    assert!(
        authorization.contains("/20260101/ca-central-1/execute-api/"),
        "{authorization}"
    );

    let error = builder().region("eu-west-1").build().await.unwrap_err();
    assert!(
        matches!(
            error,
            BuildError::UnusedSetting {
                setting: "region",
                beside: "signer",
                ..
            }
        ),
        "{error:?}"
    );
}

#[tokio::test]
async fn invalid_header_values_are_rejected_without_printing_secrets() {
    let builder = || bare().endpoint("https://h.example").region("eu-west-1");
    let error = builder().api_key("hunter2\n").build().await.unwrap_err();
    assert!(matches!(error, BuildError::InvalidApiKey));
    assert!(!error.to_string().contains("hunter2"));

    let error = builder().user_agent("shöp").build().await.unwrap_err();
    assert!(
        error.to_string().contains("`ClientBuilder::user_agent`"),
        "{error}"
    );

    let error = builder()
        .environment(|name| (name == "AWS_SDK_UA_APP_ID").then(|| "two words".into()))
        .build()
        .await
        .unwrap_err();
    assert!(error.to_string().contains("AWS_SDK_UA_APP_ID"), "{error}");
}

#[tokio::test]
async fn the_client_returns_its_api() {
    let Bare(client) = bare()
        .endpoint("https://h.example")
        .region("eu-west-1")
        .build()
        .await
        .unwrap();
    assert_eq!(client.api().name, "my-bare.api");
    assert!(format!("{:?}", client.request(Method::GET, "/x")).contains("/x"));
}

#[cfg(not(feature = "aws-config"))]
#[tokio::test]
async fn without_aws_config_the_region_is_from_variables_and_credentials_are_required() {
    let builder = || ClientBuilder::<Bare>::new().endpoint("https://h.example");
    let region = |name: &str| (name == "AWS_DEFAULT_REGION").then(|| "eu-west-1".into());

    let error = builder()
        .environment(|_| None)
        .credentials(credentials())
        .build()
        .await
        .unwrap_err();
    assert!(matches!(error, BuildError::MissingRegion), "{error:?}");
    let error = builder().environment(region).build().await.unwrap_err();
    assert!(matches!(error, BuildError::MissingCredentials), "{error:?}");
    builder()
        .environment(region)
        .credentials(credentials())
        .build()
        .await
        .unwrap();
}

#[tokio::test]
async fn middleware_of_a_custom_http_client_runs_before_the_signer() {
    struct Tag(&'static str);

    #[async_trait::async_trait]
    impl reqwest_middleware::Middleware for Tag {
        async fn handle(
            &self,
            mut request: reqwest::Request,
            extensions: &mut http::Extensions,
            next: reqwest_middleware::Next<'_>,
        ) -> reqwest_middleware::Result<reqwest::Response> {
            let signed = request.headers().contains_key("authorization");
            let value = format!("{} {signed}", self.0).parse().unwrap();
            request.headers_mut().append("x-tag", value);
            next.run(request, extensions).await
        }
    }

    let server = Server::returning(200, &[], "").await;
    let own = reqwest_middleware::ClientBuilder::new(reqwest_sigv4::http_client().unwrap())
        .with(Tag("own"))
        .build();
    let builder = server.builder().http_client(own).middleware(Tag("builder"));
    let client = builder.build().await.unwrap();
    let call = client.request(Method::GET, "/");
    call.send_untyped().await.unwrap();
    let request = server.request();
    let tags: Vec<_> = request.headers().get_all("x-tag").iter().collect();
    assert_eq!(tags, ["own false", "builder false"]);
    assert!(header(&request, "authorization").is_some());
}
