//! A model of the API in a spec.
//!
//! These types are independent of the dialect of the spec, and of references and API Gateway
//! extensions in it.

use std::fmt;

use indexmap::IndexMap;
use serde_json::Value;

/// A JSON schema as normalised by the [fixes](crate::fixes): `$ref` only to
/// `#/components/schemas/…`, and at most one `type`.
pub type Schema = Value;

/// An API: its operations and named schemas.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Api {
    /// `info.title`.
    pub title: String,
    /// `info.description`.
    pub description: Option<String>,
    /// `info.version`. In exports, it is the time of the deployment.
    pub version: String,
    /// The base URL with the stage and without a trailing slash, if the spec contains a usable one.
    pub endpoint: Option<String>,
    /// The Region in the host name of the endpoint.
    pub region: Option<String>,
    /// `x-amazon-apigateway-binary-media-types`.
    pub binary_media_types: Vec<String>,
    /// All operations except CORS preflights, in spec order.
    pub operations: Vec<Operation>,
    /// The named schemas (`components.schemas`), in spec order.
    pub schemas: IndexMap<String, Schema>,
}

impl Api {
    /// Returns whether any operation requires a signature.
    #[must_use]
    pub fn is_signed(&self) -> bool {
        self.operations.iter().any(|operation| operation.auth.iam)
    }
}

/// An operation: a method on a path.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// The name of the method in the client, for example `get_orders`.
    pub name: String,
    /// `operationId` in the spec.
    pub operation_id: Option<String>,
    /// The HTTP method.
    pub method: Method,
    /// The path template, for example `/files/{proxy+}`. It starts with `/`.
    pub path: String,
    /// A short summary.
    pub summary: Option<String>,
    /// A longer description.
    pub description: Option<String>,
    /// Whether the operation is deprecated.
    pub deprecated: bool,
    /// All parameters. Path parameters come first, in template order.
    pub parameters: Vec<Parameter>,
    /// Whether requests can have query parameters that the spec does not name: those of an object
    /// without declared properties, or of any method.
    pub any_query: bool,
    /// The request body.
    pub body: Option<RequestBody>,
    /// The declared responses, in spec order.
    pub responses: Vec<Response>,
    /// The required authorization.
    pub auth: Auth,
    /// Whether the integration streams its response (`responseTransferMode: STREAM`).
    pub streaming: bool,
    /// How its results are paged.
    pub paging: Paging,
    /// Whether it can safely run twice, although its method is not idempotent (RFC 9110 §9.2.2).
    pub idempotent: bool,
    /// The location of the operation in the spec, as a JSON pointer (RFC 6901).
    pub pointer: String,
}

impl Operation {
    /// Returns method and path, for example `GET /orders/{orderId}` or `ANY /{proxy+}`.
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
    /// All methods (`x-amazon-apigateway-any-method`). The caller chooses one.
    Any,
}

/// How the results of an operation are paged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Paging {
    /// Detected by the names of the parameters and of the fields of the response. The default.
    #[default]
    Recognised,
    /// Not paged, regardless of names.
    Off,
    /// Paged by this rule, from `apis.toml` or an overlay.
    Given(PagingRule),
}

/// A paging rule: by `token`, or by page number until `total` items have been returned.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PagingRule {
    /// The query parameter that selects the page.
    pub parameter: String,
    /// The field of the response with the token of the next page.
    pub token: Option<String>,
    /// The field of the response with the total number of items.
    pub total: Option<String>,
    /// The field of the response with the items.
    pub items: String,
}

/// The location of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the path.
    Path {
        /// Whether it is greedy (`{proxy+}`): slashes in its value are not encoded.
        greedy: bool,
    },
    /// In the query string.
    Query,
    /// In a header.
    Header,
    /// In the header `cookie`.
    Cookie,
}

impl Place {
    /// Returns the value of `in` in a spec: `path`, `query`, `header` or `cookie`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Path { .. } => "path",
            Self::Query => "query",
            Self::Header => "header",
            Self::Cookie => "cookie",
        }
    }
}

/// A path, query, header or cookie parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// The name in requests.
    pub name: String,
    /// The location.
    pub place: Place,
    /// Whether the parameter is required.
    pub required: bool,
    /// The schema of its values.
    pub schema: Schema,
    /// Whether an array is sent as repeated pairs (`a=1&a=2`) instead of joined by the separator.
    pub explode: bool,
    /// The character between the values of an array: a comma, or in the query also a space
    /// (`style: spaceDelimited`) or `|` (`style: pipeDelimited`).
    pub separator: char,
    /// Whether the value is sent as JSON (`content: application/json`).
    pub json: bool,
    /// Whether the parameter is deprecated.
    pub deprecated: bool,
    /// The description.
    pub description: Option<String>,
}

/// A request body.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestBody {
    /// Whether the body is required.
    pub required: bool,
    /// The media types of the body. Empty if the spec declares none.
    pub content: Vec<Content>,
    /// The description.
    pub description: Option<String>,
}

/// A media type of a body.
#[derive(Debug, Clone, PartialEq)]
pub struct Content {
    /// The media type, for example `application/json`.
    pub media_type: String,
    /// The schema, if the spec declares one.
    pub schema: Option<Schema>,
    /// An example.
    pub example: Option<Value>,
    /// How the properties of a form are encoded, by name. Properties that are encoded by default have
    /// no entry.
    pub encoding: IndexMap<String, Encoding>,
}

/// How a property of a form is encoded (OpenAPI, "Encoding Object").
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Encoding {
    /// The media type of the part of a `multipart/form-data` body. It may be a list or contain `*`.
    pub content_type: Option<String>,
    /// The style of a list or an object.
    pub style: FormStyle,
}

/// The style of a list or an object in a form.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FormStyle {
    /// Lists are repeated fields, and objects are JSON. The default.
    #[default]
    Repeated,
    /// The values of a list are joined by a comma (`form` without `explode`).
    Commas,
    /// The values of a list are joined by a space (`spaceDelimited`).
    Spaces,
    /// The values of a list are joined by `|` (`pipeDelimited`).
    Pipes,
    /// Each property of an object is a field (`deepObject`).
    Deep,
}

impl FormStyle {
    /// Returns the character between the values of a list, unless they are repeated fields.
    #[must_use]
    pub fn separator(self) -> Option<char> {
        match self {
            Self::Repeated | Self::Deep => None,
            Self::Commas => Some(','),
            Self::Spaces => Some(' '),
            Self::Pipes => Some('|'),
        }
    }
}

/// A declared response.
#[derive(Debug, Clone, PartialEq)]
pub struct Response {
    /// The status codes of the response.
    pub status: Status,
    /// The description.
    pub description: String,
    /// The media types of the body. Empty if the spec declares none.
    pub content: Vec<Content>,
    /// The names of the declared headers, except those of CORS.
    pub headers: Vec<String>,
}

/// The status codes that a response is declared for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// A single code, for example 404.
    Code(u16),
    /// A class, for example 4 for `4XX`.
    Class(u8),
    /// All codes without a response of their own.
    Default,
}

impl Status {
    /// Parses `404`, `4XX` or `default`.
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

    /// Returns the key of the status in a spec: `404`, `4XX` or `default`.
    #[must_use]
    pub fn key(self) -> String {
        match self {
            Self::Code(code) => code.to_string(),
            Self::Class(class) => format!("{class}XX"),
            Self::Default => "default".to_owned(),
        }
    }

    /// Returns whether the status is 2XX.
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

/// The authorization that an operation requires.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Auth {
    /// Whether requests must be signed with AWS Signature Version 4.
    pub iam: bool,
    /// Whether an `x-api-key` header is required.
    pub api_key: bool,
    /// The name of a Lambda, Cognito or JWT authorizer. The caller sets its header.
    pub authorizer: Option<String>,
}
