//! The specification that a spec follows.

use std::fmt;

use serde_json::Value;

use super::kind::kind;

/// The specification that a spec follows.
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

/// Why a value is no OpenAPI spec.
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
                problem: format!("the top level is {}, not a map", kind(value)),
                remedy: "give an API Gateway export: OpenAPI 3.0 or Swagger 2.0, as JSON or YAML",
            });
        };
        let (pointer, version) = match (root.get("openapi"), root.get("swagger")) {
            (Some(version), _) => ("/openapi", version),
            (None, Some(version)) => ("/swagger", version),
            (None, None) => {
                return Err(UnknownDialect {
                    pointer: "",
                    problem: "there is no `openapi` or `swagger` key at the top level".to_owned(),
                    remedy: "give an API Gateway export: OpenAPI 3.0 or Swagger 2.0, as JSON or YAML",
                });
            }
        };
        // YAML reads an unquoted 2.0 as a number
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
                problem: format!("`{}` is {text}", &pointer[1..]),
                remedy: "what can be read is `openapi` 3.0 and 3.1, and `swagger` 2.0: \
                         export the API again as `oas30`",
            }),
        }
    }
}
