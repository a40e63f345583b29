//! The headers in which AWS services describe a response.

use http::HeaderMap;

/// Where API Gateway puts a request's id: REST API, HTTP API, extended id.
const REQUEST_ID_HEADERS: [&str; 3] = ["x-amzn-requestid", "apigw-requestid", "x-amz-apigw-id"];

/// Returns the id under which API Gateway logs a request: `x-amzn-requestid` (REST APIs), else `apigw-requestid` (HTTP APIs), else `x-amz-apigw-id`.
///
/// ```
/// use http::{HeaderMap, HeaderValue};
///
/// let mut headers = HeaderMap::new();
/// headers.insert("apigw-requestid", HeaderValue::from_static("JKJaXmPLvHcESHA="));
/// assert_eq!(reqwest_sigv4::request_id(&headers), Some("JKJaXmPLvHcESHA="));
/// ```
pub fn request_id(headers: &HeaderMap) -> Option<&str> {
    REQUEST_ID_HEADERS
        .into_iter()
        .find_map(|name| text(headers, name))
}

/// Returns the name of the exception in `x-amzn-errortype`; HTTP APIs send none.
///
/// Some services append the address of the exception's definition after a colon, which is not part of the name.
///
/// ```
/// use http::{HeaderMap, HeaderValue};
///
/// let mut headers = HeaderMap::new();
/// headers.insert("x-amzn-errortype", HeaderValue::from_static("AccessDeniedException:http://internal.amazon.com/"));
/// assert_eq!(reqwest_sigv4::error_type(&headers), Some("AccessDeniedException"));
/// ```
pub fn error_type(headers: &HeaderMap) -> Option<&str> {
    text(headers, "x-amzn-errortype")?.split(':').next()
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let value = headers.get(name)?.to_str().ok()?.trim();
    // a TAB is allowed in a header, but not in a name or an id that is shown
    (!value.is_empty() && !value.contains(char::is_control)).then_some(value)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pairs = pairs.iter();
        pairs
            .map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn the_request_id_of_every_kind_of_api_is_found() {
        let id = |pairs| request_id(&headers(pairs)).map(str::to_owned);
        assert_eq!(
            id(&[("x-amz-apigw-id", "ext"), ("x-amzn-requestid", "rest")]).unwrap(),
            "rest"
        );
        assert_eq!(id(&[("apigw-requestid", "http")]).unwrap(), "http");
        assert_eq!(
            id(&[("x-amzn-requestid", ""), ("x-amz-apigw-id", "ext")]).unwrap(),
            "ext"
        );
        assert_eq!(id(&[("x-request-id", "other")]), None);
        assert_eq!(id(&[("x-amzn-requestid", "a\tb")]), None);
        assert_eq!(id(&[("x-amzn-requestid", " a ")]).unwrap(), "a");
    }

    #[test]
    fn the_error_type_ends_at_the_colon() {
        let name = |value| error_type(&headers(&[("x-amzn-errortype", value)])).map(str::to_owned);
        assert_eq!(name("ForbiddenException").unwrap(), "ForbiddenException");
        assert_eq!(
            name("AccessDeniedException:http://x/").unwrap(),
            "AccessDeniedException"
        );
        assert_eq!(name(""), None);
    }
}
