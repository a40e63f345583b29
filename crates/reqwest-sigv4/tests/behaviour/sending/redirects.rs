//! Redirects are followed on the same origin only, with a new signature.

use reqwest_middleware::ClientBuilder;
use reqwest_sigv4::{Error, SignOptions};

use crate::support::verifier::verify;
use crate::support::{Answer, SECRET, Server, builder, client, temporary_keys};

async fn redirecting(
    status: u16,
    location: impl Fn(&str) -> String + Send + Sync + 'static,
) -> Server {
    Server::answering(move |request, _| {
        if request.target.starts_with("/from") {
            Answer::new(status, "").header("location", location(&request.header("host").unwrap()))
        } else {
            Answer::ok()
        }
    })
    .await
}

fn http() -> reqwest_middleware::ClientWithMiddleware {
    client(builder().credentials(temporary_keys()).build().unwrap())
}

#[tokio::test]
async fn a_redirect_on_the_same_origin_is_followed_with_a_new_signature() {
    for status in [301, 302, 303, 307, 308] {
        let server = redirecting(status, |_| "/to?q=a+b".to_owned()).await;
        let response = http()
            .post(server.url("/from"))
            .header("x-api-key", "k3y")
            .body("x")
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 200, "{status}");
        let received = server.received();
        assert_eq!(received[1].target, "/to?q=a%20b");
        let keeps_method = status >= 307;
        assert_eq!(
            received[1].method,
            if keeps_method { "POST" } else { "GET" }
        );
        assert_eq!(received[1].text(), if keeps_method { "x" } else { "" });
        assert_eq!(received[1].header("referer"), None);
        for request in &received {
            verify(request, SECRET).unwrap();
        }
    }
}

#[tokio::test]
async fn a_redirect_to_another_origin_is_not_followed() {
    for status in [301, 302, 303, 307, 308] {
        let foreign = Server::start().await;
        let target = foreign.url("/stolen");
        let server = redirecting(status, move |_| target.clone()).await;
        let response = http()
            .post(server.url("/from"))
            .header("x-api-key", "k3y")
            .body("x")
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), status);
        assert_eq!(
            response.headers()["location"],
            foreign.url("/stolen").as_str()
        );
        assert!(foreign.received().is_empty(), "{status}");
    }
}

#[tokio::test]
async fn the_number_of_redirects_is_limited() {
    let server = redirecting(302, |_| "/from".to_owned()).await;
    let response = http().get(server.url("/from")).send().await.unwrap();
    assert_eq!(response.status(), 302);
    assert_eq!(server.received().len(), 11);
}

#[tokio::test]
async fn a_presigned_url_is_not_sent_as_referer() {
    let foreign = Server::start().await;
    let target = foreign.url("/stolen");
    let server = redirecting(302, move |_| target.clone()).await;
    let mut request =
        reqwest::Request::new(http::Method::GET, server.url("/from").parse().unwrap());
    let signer = builder().build().unwrap();
    signer
        .presign(&mut request, std::time::Duration::from_secs(60))
        .await
        .unwrap();
    let response = reqwest_sigv4::http_client()
        .unwrap()
        .execute(request)
        .await
        .unwrap();
    assert_eq!(response.status(), 302);
    assert!(foreign.received().is_empty());
}

#[tokio::test]
async fn an_unsigned_request_is_redirected_on_the_same_origin() {
    let server = redirecting(302, |_| "/to".to_owned()).await;
    let request = http()
        .get(server.url("/from"))
        .with_extension(SignOptions::skip());
    assert_eq!(request.send().await.unwrap().status(), 200);
    assert!(
        server
            .received()
            .iter()
            .all(|request| request.header("authorization").is_none())
    );
}

#[tokio::test]
async fn a_client_that_followed_a_redirect_to_another_origin_is_an_error() {
    let foreign = Server::start().await;
    // the same address with another host name is another origin
    let target = format!("http://localhost:{}/stolen", foreign.port());
    let server = redirecting(302, move |_| target.clone()).await;
    let careless = ClientBuilder::new(reqwest::Client::new())
        .with(builder().credentials(temporary_keys()).build().unwrap())
        .build();
    let error = careless.get(server.url("/from")).send().await.unwrap_err();
    let error = Error::find(&error).unwrap();
    assert!(
        matches!(error, Error::RedirectFollowed { from, to } if from == "127.0.0.1" && to == "localhost"),
        "{error}"
    );
    // what reqwest's default policy sends to the other origin
    assert!(foreign.only().header("x-amz-security-token").is_some());
}

#[tokio::test]
async fn a_mocked_response_is_not_a_redirect() {
    struct Mock;
    #[async_trait::async_trait]
    impl reqwest_middleware::Middleware for Mock {
        async fn handle(
            &self,
            _: reqwest::Request,
            _: &mut http::Extensions,
            _: reqwest_middleware::Next<'_>,
        ) -> reqwest_middleware::Result<reqwest::Response> {
            Ok(http::Response::new("mocked").into())
        }
    }
    let http = ClientBuilder::new(reqwest::Client::new())
        .with(builder().build().unwrap())
        .with(Mock)
        .build();
    let response = http.get("https://api.example.com/").send().await.unwrap();
    assert_eq!(response.text().await.unwrap(), "mocked");
}
