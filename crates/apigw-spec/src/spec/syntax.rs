//! Parsing JSON and YAML.

use std::fmt;
use std::path::Path;

use super::node::Node;
use crate::Report;
use crate::diagnostic::{Diagnostic, Position};

/// The syntax of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// JSON (RFC 8259).
    Json,
    /// YAML 1.2.
    Yaml,
}

impl Syntax {
    /// Returns the syntax for a file extension: YAML for `.yaml` and `.yml`, otherwise JSON.
    #[must_use]
    pub fn of_name(path: &Path) -> Self {
        let extension = path.extension().and_then(|extension| extension.to_str());
        match extension.map(str::to_ascii_lowercase).as_deref() {
            Some("yaml" | "yml") => Self::Yaml,
            _ => Self::Json,
        }
    }

    /// Detects the syntax by the file extension, or by the first character if the extension is
    /// unknown or wrong. The syntax is chosen before parsing, so that an error in a JSON file is
    /// never reported as invalid YAML.
    fn of(name: &str, text: &str, report: &mut Report) -> Self {
        let extension = Path::new(name)
            .extension()
            .and_then(|extension| extension.to_str())
            .map(str::to_ascii_lowercase);
        let looks_like_json = text.trim_start().starts_with(['{', '[']);
        match extension.as_deref() {
            Some("yaml" | "yml") => Self::Yaml,
            Some("json") if !looks_like_json && !text.trim().is_empty() => {
                report.add(
                    "misnamed-syntax",
                    "",
                    "file with extension `.json` does not start like JSON",
                    "parsed as YAML",
                );
                Self::Yaml
            }
            Some("json") => Self::Json,
            _ if looks_like_json => Self::Json,
            _ => Self::Yaml,
        }
    }
}

impl fmt::Display for Syntax {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Json => "JSON",
            Self::Yaml => "YAML",
        })
    }
}

/// Parses a file, and returns its text, syntax and values.
pub(super) fn tree<'a>(
    name: &str,
    bytes: &'a [u8],
    report: &mut Report,
) -> Result<(&'a str, Syntax, Node), Diagnostic> {
    let text = decode(name, bytes)?;
    if text.trim().is_empty() {
        return Err(Diagnostic::new("the file is empty")
            .in_file(name)
            .help("export the API again"));
    }
    let syntax = Syntax::of(name, text, report);
    let tree = match syntax {
        Syntax::Json => Node::from_json(text).map_err(|error| json_diagnostic(name, text, &error)),
        Syntax::Yaml => Node::from_yaml(text).map_err(|error| yaml_diagnostic(name, text, &error)),
    }?;
    Ok((text, syntax, tree))
}

/// Decodes UTF-8 and removes a byte order mark.
fn decode<'a>(name: &str, bytes: &'a [u8]) -> Result<&'a str, Diagnostic> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let valid = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
        Diagnostic::new("the file is not UTF-8")
            .at(name, &valid, end_of(&valid))
            .help("save the file as UTF-8")
    })
}

/// Returns the position after the last character.
fn end_of(text: &str) -> Position {
    let last = text.rsplit('\n').next().unwrap_or_default();
    Position {
        line: text.matches('\n').count() + 1,
        column: last.chars().count() + 1,
    }
}

fn json_diagnostic(name: &str, text: &str, error: &serde_json::Error) -> Diagnostic {
    let place = format!(" at line {} column {}", error.line(), error.column());
    let message = error.to_string();
    let message = message.strip_suffix(&place).unwrap_or(&message);
    if message.starts_with("recursion limit") {
        return Diagnostic::new("the JSON is nested more than 127 levels deep")
            .at(name, text, json_position(text, error))
            .help("move inner schemas to `components/schemas`, and reference them");
    }
    let (position, help) = if error.is_eof() {
        (
            end_of(text.trim_end()),
            "the file is incomplete: export the API again",
        )
    } else {
        (
            json_position(text, error),
            "correct the JSON at this position, or export the API again",
        )
    };
    Diagnostic::new(format!("invalid JSON: {message}"))
        .at(name, text, position)
        .help(help)
}

/// Returns the position of a JSON error. serde_json counts columns in bytes.
fn json_position(text: &str, error: &serde_json::Error) -> Position {
    let line = text.split('\n').nth(error.line().saturating_sub(1));
    let characters = line.unwrap_or_default().char_indices();
    let column = characters
        .take_while(|(byte, _)| *byte < error.column())
        .count();
    Position {
        line: error.line().max(1),
        column: column.max(1),
    }
}

fn yaml_diagnostic(name: &str, text: &str, error: &serde_saphyr::Error) -> Diagnostic {
    let message = error
        .without_snippet()
        .render_with_formatter(&serde_saphyr::UserMessageFormatter);
    let position = error.location().map(Position::from);
    let diagnostic = match position.filter(|position| position.line > 0) {
        Some(position) => {
            let place = format!(" at line {}, column {}", position.line, position.column);
            let message = message.strip_suffix(&place).unwrap_or(&message);
            Diagnostic::new(format!("invalid YAML: {message}")).at(name, text, position)
        }
        None => Diagnostic::new(format!("invalid YAML: {message}")).in_file(name),
    };
    diagnostic.help("correct the YAML at this position, or export the API again")
}
