//! Classification of media types.

/// Returns whether a text is a media type or range: `type/subtype` (RFC 9110 §8.3.1), with or without
/// parameters.
#[must_use]
pub fn is_media_type(text: &str) -> bool {
    let essence = text.split(';').next().unwrap_or_default().trim();
    let is_token = |part: &str| {
        let is_symbol = |c: char| "!#$%&'*+-.^_`|~".contains(c);
        !part.is_empty()
            && part
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || is_symbol(c))
    };
    let parts = essence.split_once('/');
    parts.is_some_and(|(kind, subtype)| is_token(kind) && is_token(subtype))
}

/// Returns a media type without its parameters, in lower case.
#[must_use]
pub fn essence(media_type: &str) -> String {
    let essence = media_type.split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

/// Returns whether a media type is JSON.
///
/// This includes `application/json`, the suffix `+json` (RFC 6839, section 3.1), and
/// `application/x-amz-json-…` of AWS.
///
/// ```
/// use apigw_spec::media_type::is_json;
///
/// assert!(is_json("application/problem+json; charset=utf-8"));
/// assert!(!is_json("application/jsonl"));
/// ```
#[must_use]
pub fn is_json(media_type: &str) -> bool {
    let essence = essence(media_type);
    essence == "application/json"
        || essence.ends_with("+json")
        || essence.starts_with("application/x-amz-json")
}

/// Returns whether a media type is text: `text/…`, XML, and JSON Web Tokens.
#[must_use]
pub fn is_text(media_type: &str) -> bool {
    let essence = essence(media_type);
    essence.starts_with("text/")
        || essence.ends_with("/xml")
        || essence.ends_with("+xml")
        || essence == "application/jwt"
}
