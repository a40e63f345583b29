//! The kind of API: REST or HTTP.

use apigw_spec::Spec;

/// Which of API Gateway's products is imitated: they differ in what a refusal says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ApiKind {
    /// A REST API: `x-amzn-errortype`, and the canonical string in the text of a signature mismatch.
    #[default]
    Rest,
    /// An HTTP API: `{"message":"Forbidden"}` and no reason, 404 where there is no route.
    Http,
}

impl ApiKind {
    /// The product that a document was exported from: exports of HTTP APIs say so, exports of REST APIs say nothing.
    #[must_use]
    pub fn of(document: &Spec) -> Option<Self> {
        [
            "x-amazon-apigateway-importexport-version",
            "x-amazon-apigateway-cors",
        ]
        .iter()
        .any(|key| document.value().get(key).is_some())
        .then_some(Self::Http)
    }
}
