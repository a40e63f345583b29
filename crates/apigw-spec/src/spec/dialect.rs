//! Versions of OpenAPI.

use std::fmt;

use serde_json::Value;

use super::kind::kind;

/// The version of OpenAPI that a spec uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Swagger 2.0, also known as OpenAPI 2.0.
    Swagger2,
    /// OpenAPI 3.0.
    OpenApi30,
    /// OpenAPI 3.1.
    OpenApi31,
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Swagger2 => "Swagger 2.0",
            Self::OpenApi30 => "OpenAPI 3.0",
            Self::OpenApi31 => "OpenAPI 3.1",
        })
    }
}

/// Why a value is not a supported OpenAPI spec.
pub(super) struct UnknownDialect {
    pub(super) pointer: &'static str,
    pub(super) problem: String,
    pub(super) remedy: &'static str,
}

impl Dialect {
    pub(super) fn of(value: &Value) -> Result<Self, UnknownDialect> {
        let Value::Object(root) = value else {
            return Err(UnknownDialect {
                pointer: "",
                problem: format!("the top level is {}, not an object", kind(value)),
                remedy: "use an API Gateway export: OpenAPI 3.0 or Swagger 2.0, as JSON or YAML",
            });
        };
        let (pointer, version) = match (root.get("openapi"), root.get("swagger")) {
            (Some(version), _) => ("/openapi", version),
            (None, Some(version)) => ("/swagger", version),
            (None, None) => {
                return Err(UnknownDialect {
                    pointer: "",
                    problem: "missing `openapi` or `swagger` at the top level".to_owned(),
                    remedy: "use an API Gateway export: OpenAPI 3.0 or Swagger 2.0, as JSON or YAML",
                });
            }
        };
        // in YAML, an unquoted 2.0 is a number
        let text = match version {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            other => kind(other).to_owned(),
        };
        let mut parts = text.split('.');
        match (pointer, parts.next(), parts.next().unwrap_or("0")) {
            ("/openapi", Some("3"), "0") => Ok(Self::OpenApi30),
            ("/openapi", Some("3"), "1") => Ok(Self::OpenApi31),
            ("/swagger", Some("2"), "0") => Ok(Self::Swagger2),
            _ => Err(UnknownDialect {
                pointer,
                problem: format!("unsupported `{}` version: {text}", &pointer[1..]),
                remedy: "use `openapi` 3.0 or 3.1, or `swagger` 2.0, for example by exporting the \
                         API as `oas30`",
            }),
        }
    }
}
