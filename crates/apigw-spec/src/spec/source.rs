//! Positions of values in the text of a spec.

use std::sync::OnceLock;

use serde_json::Value;

use super::dialect::Dialect;
use super::node::Node;
use super::syntax::{Syntax, tree};
use crate::Report;
use crate::diagnostic::{Diagnostic, Position};
use crate::pointer;

/// The text of a spec, with the positions of its values.
#[derive(Debug)]
pub struct Source {
    name: String,
    text: String,
    syntax: Syntax,
    dialect: Dialect,
    // only needed for messages
    tree: OnceLock<Option<Node>>,
}

impl Source {
    pub(super) fn new(name: String, text: String, syntax: Syntax, dialect: Dialect) -> Self {
        Self {
            name,
            text,
            syntax,
            dialect,
            tree: OnceLock::new(),
        }
    }

    /// Returns the file name for messages.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the text, without a byte order mark.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the syntax of the text.
    #[must_use]
    pub fn syntax(&self) -> Syntax {
        self.syntax
    }

    /// Returns the version of OpenAPI that the spec uses.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Returns the position of the value at a JSON pointer (RFC 6901).
    ///
    /// For a value in an object, this is the position of its key. For a missing value, it is the
    /// position of the nearest existing parent.
    ///
    /// In Swagger 2.0 specs, pointers of OpenAPI 3.0 are supported, because specs are converted to
    /// it: `/components/schemas/Order` finds `/definitions/Order`.
    ///
    /// Returns `None` for JSON that is not valid YAML, because only the YAML parser has positions.
    #[must_use]
    pub fn position(&self, pointer: &str) -> Option<Position> {
        let tree = self
            .tree
            .get_or_init(|| Node::from_yaml(&self.text).ok())
            .as_ref()?;
        let segments = pointer::segments(pointer);
        let mut path: Vec<&str> = segments.iter().map(AsRef::as_ref).collect();
        if self.dialect == Dialect::Swagger2
            && let ["components", section, ..] = path[..]
            && let Some(section) = swagger2_section(section)
        {
            path.splice(..2, [section]);
        }
        Some(tree.position(path))
    }

    /// Creates a diagnostic about the value at a JSON pointer, with its position if known.
    #[must_use]
    pub fn diagnostic(&self, pointer: &str, problem: impl Into<String>) -> Diagnostic {
        let diagnostic = Diagnostic::new(problem);
        match self.position(pointer) {
            Some(position) => diagnostic.at(&self.name, &self.text, position),
            None => diagnostic.in_file(&self.name),
        }
    }
}

/// Returns the section of Swagger 2.0 that corresponds to a section of `components`.
fn swagger2_section(components: &str) -> Option<&'static str> {
    match components {
        "schemas" => Some("definitions"),
        "parameters" => Some("parameters"),
        "responses" => Some("responses"),
        "securitySchemes" => Some("securityDefinitions"),
        _ => None,
    }
}

impl Source {
    /// Parses a file that is not a spec, for example an overlay. Duplicate keys are errors.
    pub(crate) fn read(name: String, bytes: &[u8]) -> Result<(Self, Value), Diagnostic> {
        let mut report = Report::new();
        let (text, syntax, tree) = tree(&name, bytes, &mut report)?;
        let source = Self::new(name, text.to_owned(), syntax, Dialect::OpenApi30);
        let value = tree.into_value(&mut report);
        match report
            .fixes()
            .iter()
            .find(|fix| fix.rule == "duplicate-key")
        {
            None => Ok((source, value)),
            Some(duplicate) => Err(source
                .diagnostic(&duplicate.pointer, duplicate.problem.clone())
                .help("remove one of them")),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::spec::{Position, Spec};

    fn position(name: &str, text: &str, pointer: &str) -> (usize, usize) {
        let spec = Spec::parse(name, text.as_bytes()).unwrap();
        let Position { line, column } = spec.position(pointer).unwrap();
        (line, column)
    }

    const YAML: &str = "\
openapi: 3.0.1
paths:
  /orders:
    get:
      parameters:
        - name: limit
          in: query
        - {name: since, in: query}
";

    #[test]
    fn a_value_in_an_object_has_the_position_of_its_key() {
        assert_eq!(position("a.yaml", YAML, "/paths"), (2, 1));
        assert_eq!(position("a.yaml", YAML, "/paths/~1orders/get"), (4, 5));
    }

    #[test]
    fn an_item_of_an_array_has_the_position_of_its_start() {
        let pointer = "/paths/~1orders/get/parameters/0";
        assert_eq!(position("a.yaml", YAML, pointer), (6, 11));
        let pointer = "/paths/~1orders/get/parameters/1/in";
        assert_eq!(position("a.yaml", YAML, pointer), (8, 25));
    }

    #[test]
    fn a_missing_value_has_the_position_of_its_parent() {
        let pointer = "/paths/~1orders/get/responses/200";
        assert_eq!(position("a.yaml", YAML, pointer), (4, 5));
        assert_eq!(position("a.yaml", YAML, ""), (1, 1));
    }

    #[test]
    fn json_values_have_positions() {
        let text = "{\n  \"openapi\" : \"3.0.1\",\n\t\"paths\" : { \"/é~\" : {\"get\": {}} }\n}";
        assert_eq!(position("a.json", text, "/openapi"), (2, 3));
        assert_eq!(position("a.json", text, "/paths/~1é~0/get"), (3, 23));
    }

    #[test]
    fn json_with_escaped_characters_has_positions() {
        let text = r#"{"openapi": "3.0.1", "info": "\ud83d\ude00 \/ \u0041", "paths": {}}"#;
        assert_eq!(position("a.json", text, "/paths"), (1, 56));
    }

    #[test]
    fn of_duplicate_keys_the_last_has_the_position() {
        let text = "openapi: 3.0.1\npaths: {}\npaths: {}\n";
        assert_eq!(position("a.yaml", text, "/paths"), (3, 1));
    }

    #[test]
    fn values_inside_an_alias_have_the_positions_of_its_anchor() {
        let text = "openapi: 3.0.1\nx-a: &a\n  type: string\npaths:\n  b: *a\n  c:\n    <<: *a\n";
        assert_eq!(position("a.yaml", text, "/paths/b"), (5, 3));
        assert_eq!(position("a.yaml", text, "/paths/b/type"), (3, 3));
        assert_eq!(position("a.yaml", text, "/paths/c/type"), (3, 3));
    }

    #[test]
    fn pointers_of_openapi_3_find_values_of_swagger_2() {
        let text = "swagger: '2.0'\ndefinitions:\n  Order:\n    type: object\n";
        let pointer = "/components/schemas/Order/type";
        assert_eq!(position("a.yaml", text, pointer), (4, 5));
    }

    #[test]
    fn a_diagnostic_has_a_position() {
        let spec = Spec::parse("a.yaml", YAML.as_bytes()).unwrap();
        let shown = spec
            .diagnostic("/paths/~1orders/get/responses", "missing `responses`")
            .to_string();
        assert!(
            shown.starts_with("a.yaml:4:5: missing `responses`\n"),
            "{shown}"
        );
    }
}
