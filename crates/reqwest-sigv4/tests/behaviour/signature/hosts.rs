//! The signed host is the host sent.

use std::time::Duration;

use reqwest::{Method, Request, Url};
use reqwest_sigv4::{Error, SignOptions};

use crate::support::verifier::verify;
use crate::support::{SECRET, Server, builder, client, signer};

async fn signed_host(url: &str) -> String {
    let mut request = Request::new(Method::GET, Url::parse(url).unwrap());
    let signed = builder().build().unwrap();
    signed.sign(&mut request).await.unwrap();
    assert!(
        !request.headers().contains_key("host"),
        "HTTP/2 would send it in addition to :authority"
    );
    let authorization = request.headers()["authorization"]
        .to_str()
        .unwrap()
        .to_owned();
    // the request does not contain the host, so try signing hosts
    for host in [
        "api.example.com",
        "api.example.com:8443",
        "api.example.com:80",
        "[::1]:8443",
        "api.example.com.",
    ] {
        let mut again = Request::new(Method::GET, Url::parse(url).unwrap());
        let options = SignOptions::new().signing_host(host);
        signed.sign_with(&mut again, &options).await.unwrap();
        if again.headers()["authorization"] == authorization.as_str() {
            return host.to_owned();
        }
    }
    panic!("{url} is not signed for any of the hosts");
}

#[tokio::test]
async fn a_port_is_signed_unless_it_is_the_default() {
    for (url, host) in [
        ("https://api.example.com/", "api.example.com"),
        ("https://api.example.com:443/", "api.example.com"),
        ("http://api.example.com:80/", "api.example.com"),
        ("https://api.example.com:80/", "api.example.com:80"),
        ("https://api.example.com:8443/", "api.example.com:8443"),
        ("https://API.Example.COM/", "api.example.com"),
        ("https://[::1]:8443/", "[::1]:8443"),
        ("https://api.example.com./", "api.example.com."),
        ("wss://api.example.com:443/", "api.example.com"),
    ] {
        assert_eq!(signed_host(url).await, host, "{url}");
    }
}

#[tokio::test]
async fn an_http_request_is_signed_for_the_same_host() {
    for url in [
        "https://api.example.com:443/",
        "http://api.example.com:80/",
        "wss://api.example.com:443/",
        "ws://api.example.com:80/",
        "https://api.example.com:8443/",
        "https://[::1]:8443/",
    ] {
        let mut request = http::Request::get(url).body("").unwrap();
        signer()
            .sign_http(&mut request, &SignOptions::new())
            .await
            .unwrap();
        let mut same = Request::new(Method::GET, Url::parse(url).unwrap());
        signer().sign(&mut same).await.unwrap();
        assert_eq!(
            request.headers()["authorization"],
            same.headers()["authorization"],
            "{url}"
        );
    }
}

#[tokio::test]
async fn the_host_arrives_once_and_verifies() {
    let server = Server::start().await;
    client(signer()).get(server.url("/o")).send().await.unwrap();
    let received = server.only();
    assert_eq!(received.all("host"), [server.authority()]);
    verify(&received, SECRET).unwrap();
}

#[tokio::test]
async fn a_host_header_of_the_caller_is_signed() {
    let server = Server::start().await;
    let http = client(signer());
    http.get(server.url("/o"))
        .header("host", "api.example.com")
        .send()
        .await
        .unwrap();
    let received = server.only();
    assert_eq!(received.all("host"), ["api.example.com"]);
    verify(&received, SECRET).unwrap();
}

#[tokio::test]
async fn several_host_headers_are_an_error() {
    let mut request = Request::new(Method::GET, "https://api.example.com/".parse().unwrap());
    for host in ["api.example.com", "other.example"] {
        request.headers_mut().append("host", host.parse().unwrap());
    }
    let error = signer().sign(&mut request).await.unwrap_err();
    assert!(matches!(error, Error::HostRepeated), "{error}");
    assert!(!request.headers().contains_key("authorization"));
    let error = signer()
        .presign(&mut request, Duration::from_secs(60))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::HostRepeated), "{error}");
}

#[tokio::test]
async fn a_user_name_in_the_url_is_an_error_that_does_not_show_it() {
    for url in [
        "https://user:pa55@api.example.com/",
        "https://user@api.example.com/",
        "https://:pa55@api.example.com/",
    ] {
        let mut request = Request::new(Method::GET, Url::parse(url).unwrap());
        let error = signer().sign(&mut request).await.unwrap_err();
        assert!(
            matches!(&error, Error::Userinfo { host } if host == "api.example.com"),
            "{error}"
        );
        assert!(!error.to_string().contains("pa55"), "{error}");
        let mut request = http::Request::get(url).body("").unwrap();
        let error = signer()
            .sign_http(&mut request, &SignOptions::new())
            .await
            .unwrap_err();
        assert!(matches!(error, Error::Userinfo { .. }), "{error}");
    }
}

#[tokio::test]
async fn a_url_without_a_host_is_an_error() {
    for url in ["data:text/plain,x", "unix:/run/socket"] {
        let mut request = Request::new(Method::GET, Url::parse(url).unwrap());
        let error = signer().sign(&mut request).await.unwrap_err();
        assert!(matches!(error, Error::NoHost), "{error}");
    }
    let mut relative = http::Request::get("/orders").body("").unwrap();
    let error = signer()
        .sign_http(&mut relative, &SignOptions::new())
        .await
        .unwrap_err();
    assert!(matches!(error, Error::NoHost), "{error}");
}

#[tokio::test]
async fn the_signing_host_is_signed_behind_a_cdn() {
    let server = Server::start().await;
    let origin = "abc123.execute-api.us-east-2.amazonaws.com";
    let signer = reqwest_sigv4::Signer::builder()
        .credentials(crate::support::keys())
        .clock(crate::support::Watch::noon())
        .signing_host(origin)
        .build()
        .unwrap();
    client(signer).get(server.url("/o")).send().await.unwrap();
    let mut received = server.only();
    assert_eq!(received.all("host"), [server.authority()]);
    for (name, value) in &mut received.headers {
        if name == "host" {
            *value = origin.into(); // as the CDN does
        }
    }
    assert!(
        received
            .header("authorization")
            .unwrap()
            .contains("/us-east-2/execute-api/")
    );
    verify(&received, SECRET).unwrap();
}

#[tokio::test]
async fn the_private_api_id_is_a_signed_header() {
    let server = Server::start().await;
    client(builder().private_api_id("abc123").build().unwrap())
        .get(server.url("/prod"))
        .send()
        .await
        .unwrap();
    let received = server.only();
    assert_eq!(received.header("x-apigw-api-id").unwrap(), "abc123");
    assert!(
        received
            .signed_headers()
            .contains(&"x-apigw-api-id".to_owned())
    );
    verify(&received, SECRET).unwrap();
}
