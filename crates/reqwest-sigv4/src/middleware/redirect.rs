//! Redirects: followed on the same origin only, with a new signature.

use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, LOCATION, TRANSFER_ENCODING};
use http::{HeaderMap, Method, StatusCode};
use reqwest::{Request, Url};

use crate::Error;

/// The most redirects followed for one request, as in reqwest.
pub(crate) const MOST: usize = 10;

/// Returns the request that a redirect leads to, or `None` if it leaves the origin. `replay` is the redirected request.
pub(crate) fn follow(
    status: StatusCode,
    headers: &HeaderMap,
    mut replay: Request,
) -> Option<Request> {
    let keeps_method = match status {
        StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT => true,
        StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND => *replay.method() != Method::POST,
        StatusCode::SEE_OTHER => *replay.method() == Method::HEAD,
        _ => return None,
    };
    let location = headers.get(LOCATION)?.to_str().ok()?;
    let target = replay.url().join(location).ok()?;
    let has_userinfo = !target.username().is_empty() || target.password().is_some();
    if has_userinfo || !same_origin(replay.url(), &target) {
        return None;
    }
    *replay.url_mut() = target;
    if !keeps_method {
        *replay.method_mut() = Method::GET;
        *replay.body_mut() = None;
        for name in [
            CONTENT_ENCODING,
            CONTENT_LENGTH,
            CONTENT_TYPE,
            TRANSFER_ENCODING,
        ] {
            replay.headers_mut().remove(name);
        }
    }
    Some(replay)
}

/// Detects an HTTP client that follows redirects by itself, and so has sent the signature to another origin.
pub(crate) fn check_arrival(sent: &Url, arrived: &Url) -> Result<(), Error> {
    if arrived.host_str() == Some(NO_URL) {
        return Ok(());
    }
    if !same_origin(sent, arrived) {
        return Err(Error::RedirectFollowed {
            from: sent.host_str().unwrap_or_default().to_owned(),
            to: arrived.host_str().unwrap_or_default().to_owned(),
        });
    }
    if (sent.path(), sent.query()) != (arrived.path(), arrived.query()) {
        tracing::warn!(
            host = sent.host_str(),
            "the URL was changed after signing: build the HTTP client with reqwest_sigv4::client_builder, and add the signer last"
        );
    }
    Ok(())
}

/// The host of a `reqwest::Response` that was created from an `http::Response`, for example by a mock.
const NO_URL: &str = "no.url.provided.local";

fn same_origin(a: &Url, b: &Url) -> bool {
    a.scheme() == b.scheme()
        && a.host_str() == b.host_str()
        && a.port_or_known_default() == b.port_or_known_default()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn redirected(method: Method, status: u16, location: &'static str) -> Option<Request> {
        let mut request = Request::new(method, "https://api.example.com/prod/a".parse().unwrap());
        *request.body_mut() = Some("body".into());
        request
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
        let headers = HeaderMap::from_iter([(LOCATION, HeaderValue::from_static(location))]);
        follow(StatusCode::from_u16(status).unwrap(), &headers, request)
    }

    #[test]
    fn a_redirect_on_the_same_origin_is_followed() {
        for location in [
            "b",
            "/prod/b",
            "//api.example.com/prod/b",
            "https://api.example.com:443/prod/b",
        ] {
            let request = redirected(Method::GET, 302, location).unwrap();
            assert_eq!(
                request.url().as_str(),
                "https://api.example.com/prod/b",
                "{location}"
            );
        }
    }

    #[test]
    fn a_redirect_to_another_origin_or_with_a_password_is_not_followed() {
        for location in [
            "http://api.example.com/prod/b",
            "https://api.example.com:8443/prod/b",
            "https://example.com/prod/b",
            "//other.example.com/prod/b",
            "https://api.example.com@evil.example/",
            "https://user:pa55@api.example.com/prod/b",
        ] {
            for status in [301, 302, 303, 307, 308] {
                assert!(
                    redirected(Method::GET, status, location).is_none(),
                    "{location}"
                );
            }
        }
    }

    #[test]
    fn the_status_decides_about_method_and_body() {
        for (method, status, becomes) in [
            (Method::POST, 301, Method::GET),
            (Method::POST, 302, Method::GET),
            (Method::PUT, 302, Method::PUT),
            (Method::PUT, 303, Method::GET),
            (Method::HEAD, 303, Method::HEAD),
            (Method::POST, 307, Method::POST),
            (Method::POST, 308, Method::POST),
        ] {
            let request = redirected(method.clone(), status, "b").unwrap();
            assert_eq!(*request.method(), becomes, "{method} {status}");
            let keeps_body = becomes == method;
            assert_eq!(request.body().is_some(), keeps_body, "{method} {status}");
            assert_eq!(
                request.headers().contains_key(CONTENT_TYPE),
                keeps_body,
                "{method} {status}"
            );
        }
        assert!(redirected(Method::GET, 304, "b").is_none());
        assert!(redirected(Method::GET, 200, "b").is_none());
    }
}
