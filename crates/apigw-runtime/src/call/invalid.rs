//! Arguments that cannot be sent.

use std::sync::Arc;

/// The first argument of a call that cannot be sent, and why.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{place} {problem}")]
pub(crate) struct InvalidRequest {
    pub(crate) place: Place,
    #[source]
    pub(crate) problem: Problem,
}

/// What the argument was for.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum Place {
    #[error("path parameter `{0}`")]
    Path(String),
    #[error("query parameter `{0}`")]
    Query(String),
    #[error("header `{0}`")]
    Header(String),
    #[error("the body")]
    Body,
    #[error("the path `{0}`")]
    Template(String),
    #[error("the signature")]
    Signature,
}

/// What is wrong with it.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum Problem {
    #[error("is not set; set it before sending")]
    Missing,
    #[error("is empty, which would name another path; give it a value")]
    Empty,
    #[error("gives the segment `.` or `..`, which would name another path; give another value")]
    DotSegment,
    #[error("does not occur in the path; check its spelling")]
    Unknown,
    #[error("has a brace without its partner; write parameters as {{name}}")]
    Braces,
    #[error("has a `?` or `#`; set query parameters with `query`")]
    NotPath,
    #[error("is null or not a number, and there is no text for that; leave it out instead")]
    Null,
    #[error("is a list or an object; give one string, number or boolean")]
    NotScalar,
    #[error("holds a comma, which separates values here; send a value without one")]
    Comma,
    #[error("is not an object, so that its fields have no names; give a struct or a map")]
    NotForm,
    #[error("has characters that a header cannot carry; use visible ASCII")]
    NotHeader,
    #[error(
        "cannot be made: no operation of this API is protected by IAM, so the client was built without credentials; pass `ClientBuilder::credentials`"
    )]
    NoSigner,
    #[cfg(feature = "stream")]
    #[error("was a stream and has been sent; build the call anew to send it again")]
    Spent,
    #[error("cannot be written; check its `Serialize` implementation")]
    Serialize(#[source] Arc<serde_json::Error>),
}

impl From<serde_json::Error> for Problem {
    fn from(error: serde_json::Error) -> Self {
        Self::Serialize(Arc::new(error))
    }
}
