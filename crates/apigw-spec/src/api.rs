//! The API that a spec describes, in plain terms.
//!
//! Everything after reading works on these types, so nothing else has to know
//! about dialects, references between parts, or API Gateway's extensions.

use std::fmt;

use indexmap::IndexMap;
use serde_json::Value;

/// A JSON schema of the plain kind that the fixes leave: `$ref` only to
/// `#/components/schemas/…`, one `type`, known formats.
pub type Schema = Value;

/// One API: its operations and the schemas they use.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Api {
    /// `info.title`.
    pub title: String,
    /// `info.description`.
    pub description: Option<String>,
    /// `info.version`; API Gateway fills it with the time of the deployment.
    pub version: String,
    /// Base URL without a trailing slash, stage included, when the spec names a real host.
    pub endpoint: Option<String>,
    /// The region in the endpoint's host name.
    pub region: Option<String>,
    /// `x-amazon-apigateway-binary-media-types`.
    pub binary_media_types: Vec<String>,
    /// Every operation except CORS preflights, in spec order.
    pub operations: Vec<Operation>,
    /// Named schemas (`components.schemas`), in spec order.
    pub schemas: IndexMap<String, Schema>,
}

impl Api {
    /// Whether any operation wants a signature.
    #[must_use]
    pub fn is_signed(&self) -> bool {
        self.operations.iter().any(|operation| operation.auth.iam)
    }
}

/// One operation: a method on a path.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// The method name in the client, for example `get_orders`.
    pub name: String,
    /// `operationId` as the spec has it.
    pub operation_id: Option<String>,
    /// The HTTP method.
    pub method: Method,
    /// Path template as the spec has it, for example `/files/{proxy+}`; always starts with `/`.
    pub path: String,
    /// One line for the docs.
    pub summary: Option<String>,
    /// More for the docs.
    pub description: Option<String>,
    /// Whether the spec calls it deprecated.
    pub deprecated: bool,
    /// Path, query and header parameters; path parameters in template order.
    pub parameters: Vec<Parameter>,
    /// The request body.
    pub body: Option<RequestBody>,
    /// Responses, by status, in spec order.
    pub responses: Vec<Response>,
    /// Who may call it.
    pub auth: Auth,
    /// Whether the integration streams its response (`responseTransferMode: STREAM`).
    pub streaming: bool,
    /// How it hands out its results in pages.
    pub paging: Paging,
    /// Where the operation stands in the spec, as a JSON pointer.
    pub pointer: String,
}

impl Operation {
    /// Method and path as people write them: `GET /orders/{orderId}`, `ANY /{proxy+}`.
    #[must_use]
    pub fn route(&self) -> String {
        match &self.method {
            Method::One(method) => format!("{method} {}", self.path),
            Method::Any => format!("ANY {}", self.path),
        }
    }
}

/// The HTTP method of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Method {
    /// One method, in upper case.
    One(String),
    /// `x-amazon-apigateway-any-method`: the caller chooses.
    Any,
}

/// How an operation hands out its results in pages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Paging {
    /// As the names of its parameters and of its response's fields tell, if they do.
    #[default]
    Recognised,
    /// Not at all, whatever the names tell.
    Off,
    /// As `apis.toml` says.
    Given(PagingRule),
}

/// How pages follow one another: by `token`, or by number until `total` items are seen.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PagingRule {
    /// The query parameter that asks for a page.
    pub parameter: String,
    /// The field of the response that names the next page.
    pub token: Option<String>,
    /// The field of the response with the number of all items.
    pub total: Option<String>,
    /// The field of the response with the items.
    pub items: String,
}

/// Where a parameter goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the path; a greedy one (`{proxy+}`) keeps its slashes.
    Path {
        /// Whether the template writes it with a `+`.
        greedy: bool,
    },
    /// In the query string.
    Query,
    /// In a header.
    Header,
}

/// A path, query or header parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Name on the wire.
    pub name: String,
    /// Where it goes.
    pub place: Place,
    /// Whether a request without it is refused.
    pub required: bool,
    /// What it may hold.
    pub schema: Schema,
    /// Whether the values of a list are sent as repeated pairs (`a=1&a=2`) or joined by commas.
    pub explode: bool,
    /// For the docs.
    pub description: Option<String>,
}

/// A request body.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestBody {
    /// Whether a request without it is refused.
    pub required: bool,
    /// The bodies it may have; empty when the spec declares none.
    pub content: Vec<Content>,
    /// For the docs.
    pub description: Option<String>,
}

/// One media type of a body.
#[derive(Debug, Clone, PartialEq)]
pub struct Content {
    /// For example `application/json`.
    pub media_type: String,
    /// What it holds; `None` when the spec does not say.
    pub schema: Option<Schema>,
    /// An example of it.
    pub example: Option<Value>,
}

/// One declared response.
#[derive(Debug, Clone, PartialEq)]
pub struct Response {
    /// Which status codes it is for.
    pub status: Status,
    /// For the docs.
    pub description: String,
    /// The bodies it may have; empty when the spec declares none.
    pub content: Vec<Content>,
    /// The names of the headers that come with it, those of CORS left out.
    pub headers: Vec<String>,
}

/// Which status codes a response is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// One code, for example 404.
    Code(u16),
    /// A class, for example 4 for `4XX`.
    Class(u8),
    /// Every code that has no response of its own.
    Default,
}

impl Status {
    /// Reads `404`, `4XX` or `default`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.eq_ignore_ascii_case("default") {
            return Some(Self::Default);
        }
        let [class @ b'1'..=b'5', rest @ ..] = text.as_bytes() else {
            return None;
        };
        match rest {
            [b'x' | b'X', b'x' | b'X'] => Some(Self::Class(class - b'0')),
            [tens, ones] if tens.is_ascii_digit() && ones.is_ascii_digit() => {
                text.parse().ok().map(Self::Code)
            }
            _ => None,
        }
    }

    /// Whether the status tells of success.
    #[must_use]
    pub fn is_success(self) -> bool {
        matches!(self, Self::Code(200..=299) | Self::Class(2))
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(f, "{code}"),
            Self::Class(class) => write!(f, "{class}XX"),
            Self::Default => f.write_str("any other"),
        }
    }
}

/// What a caller has to bring.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Auth {
    /// Signed with AWS Signature Version 4.
    pub iam: bool,
    /// An `x-api-key` header.
    pub api_key: bool,
    /// A custom, Cognito or JWT authorizer, by the name of its scheme: the caller supplies its header.
    pub authorizer: Option<String>,
}
