//! `specs/apis.toml`: which clients are generated, and from what.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::diagnostic::Diagnostic;
use crate::document::Position;

/// One table of `apis.toml`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiConfig {
    /// The document, relative to `apis.toml`.
    pub spec: String,
    /// The package's name; the API's name with `-client` if left out.
    pub package: Option<String>,
    /// Names for operations, by route: `"GET /orders" = "list_orders"`.
    #[serde(default)]
    pub names: BTreeMap<String, String>,
    /// Names for types, by the name of the schema: `"MODEL1a2b3c" = "Order"`.
    #[serde(default)]
    pub types: BTreeMap<String, String>,
}

/// Reads `apis.toml`: a table per API, by name.
///
/// # Errors
///
/// When the file cannot be read, is no TOML, has unknown keys, or an API's name cannot
/// name a folder and a crate.
pub fn read(path: &Path) -> Result<BTreeMap<String, ApiConfig>, Diagnostic> {
    let file = path.display().to_string();
    let text = fs_err::read_to_string(path).map_err(|error| {
        Diagnostic::new("the list of APIs cannot be read")
            .in_file(&file)
            .help("create it with one table per API: [orders] spec = \"orders.json\"")
            .caused_by(error)
    })?;
    let apis: BTreeMap<String, ApiConfig> = toml::from_str(&text).map_err(|error| {
        let diagnostic = Diagnostic::new(error.message().trim().to_owned())
            .help("each table has `spec`, and may have `package`, `names` and `types`");
        match error.span() {
            Some(span) => diagnostic.at(&file, &text, position(&text, span.start)),
            None => diagnostic.in_file(&file),
        }
    })?;
    for name in apis.keys() {
        let plain = name.starts_with(|c: char| c.is_ascii_lowercase())
            && name
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c));
        if !plain {
            return Err(Diagnostic::new(format!("[{name}] cannot name a crate"))
                .in_file(&file)
                .help("use lower-case letters, digits, - and _"));
        }
    }
    Ok(apis)
}

/// Line and column, from 1, of a byte in a text.
fn position(text: &str, offset: usize) -> Position {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.rsplit('\n').next().unwrap_or_default();
    Position {
        line: before.matches('\n').count() + 1,
        column: line.chars().count() + 1,
    }
}
