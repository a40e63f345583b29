//! The kind of API: REST or HTTP.

use apigw_spec::Spec;

/// The kind of API that the gateway imitates. The kinds return different errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ApiKind {
    /// A REST API. Errors have an `x-amzn-errortype`, and a signature mismatch includes the canonical request.
    #[default]
    Rest,
    /// An HTTP API. Errors are `{"message":"Forbidden"}` without a reason, or 404 for an unknown route.
    Http,
}

impl ApiKind {
    /// Returns the kind of API that a spec was exported from.
    ///
    /// Exports of HTTP APIs have extensions that identify them; exports of REST APIs do not, so the result is `None`.
    #[must_use]
    pub fn of(spec: &Spec) -> Option<Self> {
        [
            "x-amazon-apigateway-importexport-version",
            "x-amazon-apigateway-cors",
        ]
        .iter()
        .any(|key| spec.value().get(key).is_some())
        .then_some(Self::Http)
    }
}
