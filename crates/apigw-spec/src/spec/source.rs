//! From a JSON pointer to a line and column of the text it came from.

use std::sync::OnceLock;

use serde_json::Value;

use super::dialect::Dialect;
use super::node::Node;
use super::syntax::{Syntax, tree};
use crate::Report;
use crate::diagnostic::{Diagnostic, Position};
use crate::pointer;

/// The text of a spec, and where in it each value stands.
#[derive(Debug)]
pub struct Source {
    name: String,
    text: String,
    syntax: Syntax,
    dialect: Dialect,
    // only a message needs it, and most specs give none
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

    /// The name of the file, as it was given.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text, without a byte order mark.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How the text is written.
    #[must_use]
    pub fn syntax(&self) -> Syntax {
        self.syntax
    }

    /// The specification that the spec follows.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Where the value at `pointer` (RFC 6901) stands: for a value in a map, its key.
    /// A value that is not there gets the place of the nearest one around it, so that
    /// what is missing can be shown too.
    ///
    /// A pointer into a Swagger 2.0 spec may use the places of OpenAPI 3.0, since
    /// that is what later steps see: `/components/schemas/Order` finds
    /// `/definitions/Order`.
    ///
    /// `None` only for JSON that is too unusual for the YAML reader which knows about places.
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

    /// A message about the value at `pointer`.
    #[must_use]
    pub fn diagnostic(&self, pointer: &str, problem: impl Into<String>) -> Diagnostic {
        let diagnostic = Diagnostic::new(problem);
        match self.position(pointer) {
            Some(position) => diagnostic.at(&self.name, &self.text, position),
            None => diagnostic.in_file(&self.name),
        }
    }
}

/// Where Swagger 2.0 keeps what OpenAPI 3.0 keeps in a section of `components`.
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
    /// Reads a file that belongs to a spec and is none itself.
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
            // in what people write by hand, it is a mistake
            Some(twice) => Err(source
                .diagnostic(&twice.pointer, twice.problem.clone())
                .help("keep one of them")),
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
    fn a_value_in_a_map_is_found_at_its_key() {
        assert_eq!(position("a.yaml", YAML, "/paths"), (2, 1));
        assert_eq!(position("a.yaml", YAML, "/paths/~1orders/get"), (4, 5));
    }

    #[test]
    fn an_item_of_a_list_is_found_at_its_start() {
        let pointer = "/paths/~1orders/get/parameters/0";
        assert_eq!(position("a.yaml", YAML, pointer), (6, 11));
        let pointer = "/paths/~1orders/get/parameters/1/in";
        assert_eq!(position("a.yaml", YAML, pointer), (8, 25));
    }

    #[test]
    fn what_is_missing_is_found_at_what_is_around_it() {
        let pointer = "/paths/~1orders/get/responses/200";
        assert_eq!(position("a.yaml", YAML, pointer), (4, 5));
        assert_eq!(position("a.yaml", YAML, ""), (1, 1));
    }

    #[test]
    fn json_is_found_alike() {
        let text = "{\n  \"openapi\" : \"3.0.1\",\n\t\"paths\" : { \"/é~\" : {\"get\": {}} }\n}";
        assert_eq!(position("a.json", text, "/openapi"), (2, 3));
        assert_eq!(position("a.json", text, "/paths/~1é~0/get"), (3, 23));
    }

    #[test]
    fn escaped_characters_in_json_are_no_obstacle() {
        let text = r#"{"openapi": "3.0.1", "info": "\ud83d\ude00 \/ \u0041", "paths": {}}"#;
        assert_eq!(position("a.json", text, "/paths"), (1, 56));
    }

    #[test]
    fn the_last_of_two_equal_keys_is_the_place() {
        let text = "openapi: 3.0.1\npaths: {}\npaths: {}\n";
        assert_eq!(position("a.yaml", text, "/paths"), (3, 1));
    }

    #[test]
    fn an_alias_leads_to_what_it_stands_for() {
        let text = "openapi: 3.0.1\nx-a: &a\n  type: string\npaths:\n  b: *a\n  c:\n    <<: *a\n";
        assert_eq!(position("a.yaml", text, "/paths/b"), (5, 3));
        assert_eq!(position("a.yaml", text, "/paths/b/type"), (3, 3));
        assert_eq!(position("a.yaml", text, "/paths/c/type"), (3, 3));
    }

    #[test]
    fn swagger_2_is_found_by_the_pointers_of_openapi_3() {
        let text = "swagger: '2.0'\ndefinitions:\n  Order:\n    type: object\n";
        let pointer = "/components/schemas/Order/type";
        assert_eq!(position("a.yaml", text, pointer), (4, 5));
    }

    #[test]
    fn a_diagnostic_shows_its_place() {
        let spec = Spec::parse("a.yaml", YAML.as_bytes()).unwrap();
        let shown = spec
            .diagnostic("/paths/~1orders/get/responses", "no `responses`")
            .to_string();
        assert!(shown.starts_with("a.yaml:4:5: no `responses`\n"), "{shown}");
    }
}
