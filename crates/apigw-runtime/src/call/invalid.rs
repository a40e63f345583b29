//! Invalid arguments of a request.

use std::sync::Arc;

/// The first invalid argument of a request.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{place} {problem}")]
pub(crate) struct InvalidRequest {
    pub(crate) place: Place,
    #[source]
    pub(crate) problem: Problem,
}

/// The invalid part of the request.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum Place {
    #[error("path parameter `{0}`")]
    Path(String),
    #[error("query parameter `{0}`")]
    Query(String),
    #[error("header `{0}`")]
    Header(String),
    #[error("cookie `{0}`")]
    Cookie(String),
    #[error("part `{0}`")]
    Part(String),
    #[error("the content type of part `{0}`")]
    PartType(String),
    #[error("the body")]
    Body,
    #[error("the path `{0}`")]
    Template(String),
    #[error("the request")]
    Signature,
}

/// The problem with the argument.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum Problem {
    #[error("is not set; set it before sending the request")]
    Missing,
    #[error("is not set, but this operation requires a body; set it before sending the request")]
    NoBody,
    #[error("is empty, which would change the path; use a non-empty value")]
    Empty,
    #[error("contains a `.` or `..` segment, which would change the path; use another value")]
    DotSegment,
    #[error("is not in the path; check the spelling")]
    Unknown,
    #[error("contains an unmatched brace; write parameters as {{name}}")]
    Braces,
    #[error("contains `?` or `#`; set query parameters with `query`")]
    NotPath,
    #[error("is null, NaN or infinite; omit it instead")]
    Null,
    #[error("is a list or an object; use a single string, number or boolean")]
    NotScalar,
    #[error("contains {}, which separates the values of the list; use values without it", named(*.0))]
    Separator(char),
    #[error("is not an object; use a struct or a map, whose fields become the fields of the form")]
    NotForm,
    #[error("contains characters that are not allowed in a header; use visible ASCII characters")]
    NotHeader,
    #[error(
        "cannot be signed: no operation of this API requires IAM authorization, so the client was built without credentials; set `ClientBuilder::credentials`"
    )]
    NoSigner,
    #[cfg(feature = "stream")]
    #[error("is a stream that was already sent; create a new request to send it again")]
    Spent,
    #[error("could not be serialized; check its `Serialize` implementation")]
    Serialize(#[source] Arc<serde_json::Error>),
}

impl From<serde_json::Error> for Problem {
    fn from(error: serde_json::Error) -> Self {
        Self::Serialize(Arc::new(error))
    }
}

/// Names the separator of a list.
fn named(separator: char) -> String {
    match separator {
        ',' => "a comma".to_owned(),
        ' ' => "a space".to_owned(),
        other => format!("`{other}`"),
    }
}
