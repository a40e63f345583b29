//! Parsing specs, from JSON or YAML.
//!
//! ```
//! use apigw_spec::spec::{Dialect, Spec};
//!
//! let spec = Spec::parse("orders.yaml", b"openapi: 3.0.1\npaths: {}\n")?;
//! assert_eq!(spec.dialect(), Dialect::OpenApi30);
//! assert!(spec.value()["paths"].is_object());
//! # Ok::<(), apigw_spec::diagnostic::Diagnostic>(())
//! ```

mod dialect;
mod files;
mod kind;
mod node;
mod source;
mod syntax;

use std::path::{Path, PathBuf};

use serde_json::Value;

pub use self::dialect::Dialect;
pub(crate) use self::kind::kind;
pub use self::source::Source;
pub use self::syntax::Syntax;
use self::syntax::tree;
use crate::Report;
use crate::diagnostic::Diagnostic;
pub use crate::diagnostic::Position;

/// A parsed spec.
#[derive(Debug)]
pub struct Spec {
    source: Source,
    value: Value,
    report: Report,
    /// The files that it references, including unreadable ones.
    beside: Vec<PathBuf>,
}

impl Spec {
    /// Reads a spec from a file, and the files that it references.
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be read, or if [`parse`](Self::parse) fails.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Diagnostic> {
        let path = path.as_ref();
        let name = path.display().to_string();
        let bytes = std::fs::read(path).map_err(|error| {
            Diagnostic::new("cannot read the spec")
                .in_file(&name)
                .help("check the path and the permissions of the file")
                .caused_by(error)
        })?;
        let spec = Self::parse(name, &bytes)?;
        Ok(spec.with_files_in(path.parent().unwrap_or(Path::new(""))))
    }

    /// Embeds the files that the spec references, such as `./schemas.yaml#/Order`.
    ///
    /// Paths are relative to `folder`. Every file is reported. References to unreadable files stay
    /// unresolved, and URLs are never fetched.
    #[must_use]
    pub fn with_files_in(mut self, folder: &Path) -> Self {
        self.beside = files::embed(
            &mut self.value,
            self.source.name(),
            folder,
            &mut self.report,
        );
        self
    }

    /// Parses a spec. `name` is the file name for messages, and its extension determines the
    /// [`Syntax`].
    ///
    /// The order of keys is kept. YAML is parsed as YAML 1.2: `no`, `on` and timestamps are
    /// strings, and so are all keys. Anchors and merge keys are applied, and CloudFormation tags are
    /// converted to their long form (`!Ref Api` to `{"Ref": "Api"}`). If a key is duplicated, the
    /// last value is used, and a fix is reported.
    ///
    /// # Errors
    ///
    /// Returns an error if the bytes are not UTF-8, not valid JSON or YAML, nested more than 127
    /// levels deep, or not an OpenAPI spec in one of the [`Dialect`]s.
    pub fn parse(name: impl Into<String>, bytes: &[u8]) -> Result<Self, Diagnostic> {
        let name = name.into();
        let mut report = Report::new();
        let (text, syntax, tree) = tree(&name, bytes, &mut report)?;
        let value = tree.into_value(&mut report);
        let dialect = Dialect::of(&value).map_err(|unknown| {
            // the position of a key does not depend on the dialect
            Source::new(name.clone(), text.to_owned(), syntax, Dialect::OpenApi30)
                .diagnostic(unknown.pointer, unknown.problem)
                .help(unknown.remedy)
        })?;
        Ok(Self {
            source: Source::new(name, text.to_owned(), syntax, dialect),
            value,
            report,
            beside: Vec::new(),
        })
    }

    /// Returns the file name for messages.
    #[must_use]
    pub fn name(&self) -> &str {
        self.source.name()
    }

    /// Returns the text, without a byte order mark.
    #[must_use]
    pub fn text(&self) -> &str {
        self.source.text()
    }

    /// Returns the syntax of the text.
    #[must_use]
    pub fn syntax(&self) -> Syntax {
        self.source.syntax()
    }

    /// Returns the version of OpenAPI that the spec uses.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.source.dialect()
    }

    /// Returns the parsed value.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }

    pub(crate) fn value_mut(&mut self) -> &mut Value {
        &mut self.value
    }

    /// Returns the report of problems found while parsing, such as duplicate keys.
    #[must_use]
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Returns the paths of the files that the spec references, including unreadable ones, relative
    /// to its folder.
    #[must_use]
    pub fn beside(&self) -> &[PathBuf] {
        &self.beside
    }

    /// Splits the spec into source, value and report.
    ///
    /// The source still returns positions after the value has changed.
    #[must_use]
    pub fn into_parts(self) -> (Source, Value, Report) {
        (self.source, self.value, self.report)
    }

    /// Returns the position of a value. See [`Source::position`].
    #[must_use]
    pub fn position(&self, pointer: &str) -> Option<Position> {
        self.source.position(pointer)
    }

    /// Creates a diagnostic about a value. See [`Source::diagnostic`].
    #[must_use]
    pub fn diagnostic(&self, pointer: &str, problem: impl Into<String>) -> Diagnostic {
        self.source.diagnostic(pointer, problem)
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn parse(name: &str, text: &str) -> Result<Spec, Diagnostic> {
        Spec::parse(name, text.as_bytes())
    }

    /// Parses a valid spec, with `openapi` added at the start.
    fn yaml(text: &str) -> Value {
        let spec = parse("a.yaml", &format!("openapi: 3.0.1\n{text}")).unwrap();
        assert_eq!(spec.report().fixes(), [], "nothing is reported for {text}");
        spec.value().clone()
    }

    fn error(name: &str, text: &str) -> String {
        parse(name, text).unwrap_err().to_string()
    }

    #[test]
    fn json_and_yaml_have_the_same_value_in_the_same_order() {
        let json = parse(
            "a.json",
            r#"{"openapi": "3.0.1", "z": [1, true], "a": null}"#,
        )
        .unwrap();
        let yaml = parse("a.yaml", "openapi: 3.0.1\nz: [1, true]\na:\n").unwrap();
        assert_eq!(json.value(), yaml.value());
        let keys: Vec<_> = json.value().as_object().unwrap().keys().collect();
        assert_eq!(keys, ["openapi", "z", "a"]);
        assert_eq!((json.syntax(), yaml.syntax()), (Syntax::Json, Syntax::Yaml));
    }

    #[test]
    fn without_a_known_extension_the_first_character_determines_the_syntax() {
        let json = parse("orders.tpl", "\n {\"openapi\": \"3.0.1\"}").unwrap();
        assert_eq!(json.syntax(), Syntax::Json);
        let yaml = parse("orders", "openapi: 3.0.1").unwrap();
        assert_eq!(yaml.syntax(), Syntax::Yaml);
    }

    #[test]
    fn yaml_in_a_json_file_is_parsed_and_reported() {
        let spec = parse("a.JSON", "openapi: 3.0.1\n").unwrap();
        assert_eq!(spec.syntax(), Syntax::Yaml);
        assert_eq!(spec.report().fixes()[0].rule, "misnamed-syntax");
    }

    #[test]
    fn a_byte_order_mark_is_skipped() {
        let spec = parse("a.json", "\u{feff}{\"openapi\": \"3.0.1\"}").unwrap();
        assert_eq!(spec.value(), &json!({"openapi": "3.0.1"}));
    }

    #[test]
    fn keys_are_strings() {
        assert_eq!(
            yaml("responses: {200: a, 0404: b, 1.10: c, on: d, true: e}")["responses"],
            json!({"200": "a", "0404": "b", "1.10": "c", "on": "d", "true": "e"})
        );
    }

    #[test]
    fn words_and_timestamps_are_strings() {
        assert_eq!(
            yaml("v: [no, on, y, 2024-05-01T10:00:00Z, 2024-05-01, 012, 1_000, 12:30, .inf]")["v"],
            json!([
                "no",
                "on",
                "y",
                "2024-05-01T10:00:00Z",
                "2024-05-01",
                "012",
                "1_000",
                "12:30",
                ".inf"
            ])
        );
        assert_eq!(
            yaml("v: [true, ~, 7, -7, 0.5, '7', \"true\"]")["v"],
            json!([true, null, 7, -7, 0.5, "7", "true"])
        );
    }

    #[test]
    fn template_placeholders_are_strings() {
        assert_eq!(
            yaml("uri: arn:aws:apigateway:${region}:lambda/${aws_lambda.a.arn}/invocations")["uri"],
            json!("arn:aws:apigateway:${region}:lambda/${aws_lambda.a.arn}/invocations")
        );
    }

    #[test]
    fn anchors_and_merge_keys_are_applied() {
        let value = yaml("a: &a {x: 1, y: 2}\nb: *a\nc:\n  <<: *a\n  y: 3\n");
        assert_eq!(value["b"], json!({"x": 1, "y": 2}));
        assert_eq!(value["c"], json!({"x": 1, "y": 3}));
    }

    #[test]
    fn cloudformation_tags_are_converted_to_their_long_form() {
        assert_eq!(
            yaml(
                "a: !Sub 'x-${y}'\nb: !Ref Api\nc: !GetAtt Fn.Arn.Name\nd: !Join ['-', [!Ref A, b]]\n"
            ),
            json!({
                "openapi": "3.0.1",
                "a": {"Fn::Sub": "x-${y}"},
                "b": {"Ref": "Api"},
                "c": {"Fn::GetAtt": ["Fn", "Arn.Name"]},
                "d": {"Fn::Join": ["-", [{"Ref": "A"}, "b"]]},
            })
        );
    }

    #[test]
    fn an_unknown_tag_is_reported_and_ignored() {
        let spec = parse("a.yaml", "openapi: 3.0.1\nx: {y: !secret z}\n").unwrap();
        assert_eq!(spec.value()["x"]["y"], "z");
        let fix = &spec.report().fixes()[0];
        assert_eq!((fix.rule, &*fix.pointer), ("unknown-tag", "/x/y"));
    }

    #[test]
    fn of_duplicate_keys_the_last_is_used_and_reported() {
        for (name, text) in [
            (
                "a.yaml",
                "openapi: 3.0.1\npaths:\n  /a: 1\n  /b: 0\n  /a: 2\n",
            ),
            (
                "a.json",
                r#"{"openapi": "3.0.1", "paths": {"/a": 1, "/b": 0, "/a": 2}}"#,
            ),
        ] {
            let spec = parse(name, text).unwrap();
            assert_eq!(spec.value()["paths"], json!({"/a": 2, "/b": 0}));
            let [fix] = spec.report().fixes() else {
                panic!("not one fix for {name}");
            };
            assert_eq!((fix.rule, &*fix.pointer), ("duplicate-key", "/paths/~1a"));
        }
    }

    #[test]
    fn the_version_determines_the_dialect() {
        for (text, dialect) in [
            ("swagger: '2.0'", Dialect::Swagger2),
            ("swagger: 2.0", Dialect::Swagger2),
            ("openapi: 3.0.3", Dialect::OpenApi30),
            ("openapi: 3.0", Dialect::OpenApi30),
            ("openapi: 3", Dialect::OpenApi30),
            ("openapi: 3.1.0", Dialect::OpenApi31),
        ] {
            assert_eq!(parse("a.yaml", text).unwrap().dialect(), dialect, "{text}");
        }
    }

    #[test]
    fn an_unsupported_version_is_an_error_with_its_position() {
        let shown = error("a.yaml", "info: {}\nswagger: '1.2'\n");
        assert!(
            shown.starts_with("a.yaml:2:1: unsupported `swagger` version: 1.2\n"),
            "{shown}"
        );
        assert!(
            shown.contains("help: use `openapi` 3.0 or 3.1, or `swagger` 2.0"),
            "{shown}"
        );
        let shown = error("a.yaml", "openapi: [3]\n");
        assert!(
            shown.starts_with("a.yaml:1:1: unsupported `openapi` version: an array\n"),
            "{shown}"
        );
    }

    #[test]
    fn other_files_are_errors() {
        let shown = error("a.yaml", "Resources: {}\n");
        assert!(
            shown.starts_with("a.yaml:1:1: missing `openapi` or `swagger`"),
            "{shown}"
        );
        let shown = error("a.json", "[1]");
        assert!(
            shown.contains("the top level is an array, not an object"),
            "{shown}"
        );
        let shown = error("a.yaml", "# nothing yet\n");
        assert!(
            shown.contains("the top level is empty, not an object"),
            "{shown}"
        );
        assert!(error("a.yaml", " \n").starts_with("a.yaml: the file is empty\n"));
    }

    #[test]
    fn the_error_for_truncated_json_has_its_position() {
        assert_eq!(
            error(
                "specs/a.json",
                "{\n  \"openapi\": \"3.0.1\",\n  \"paths\": {\n"
            ),
            "specs/a.json:3:13: invalid JSON: EOF while parsing an object
  |
2 |   \"openapi\": \"3.0.1\",
3 |   \"paths\": {
  |             ^
help: the file is incomplete: export the API again"
        );
    }

    #[test]
    fn columns_count_characters_and_not_bytes() {
        let shown = error("a.json", "{\"é\": x}");
        assert!(shown.starts_with("a.json:1:7: "), "{shown}");
    }

    #[test]
    fn the_error_for_invalid_yaml_has_its_position() {
        assert_eq!(
            error("a.yaml", "openapi: 3.0.1\npaths: {\n"),
            "a.yaml:2:8: invalid YAML: unclosed bracket '{'
  |
1 | openapi: 3.0.1
2 | paths: {
  |        ^
help: correct the YAML at this position, or export the API again"
        );
    }

    #[test]
    fn the_error_for_invalid_utf_8_has_its_position() {
        let shown = Spec::parse("a.yaml", b"openapi: 3.0.1\ntitle: caf\xe9\n")
            .unwrap_err()
            .to_string();
        assert!(
            shown.starts_with("a.yaml:2:11: the file is not UTF-8\n"),
            "{shown}"
        );
    }

    #[test]
    fn the_error_for_an_unreadable_file_has_its_name_and_the_cause() {
        let error = Spec::read("no/such/orders.json").unwrap_err();
        let shown = error.to_string();
        assert!(
            shown.starts_with("no/such/orders.json: cannot read the spec"),
            "{shown}"
        );
        assert!(error.source().is_some());
    }

    #[test]
    fn nesting_is_limited() {
        let nested = |levels: usize| {
            let (open, close) = ("[".repeat(levels), "]".repeat(levels));
            format!("{{\"openapi\": \"3.0.1\", \"x\": {open}{close}}}")
        };
        for name in ["a.json", "a.yaml"] {
            assert!(parse(name, &nested(126)).is_ok(), "{name}");
            assert!(parse(name, &nested(127)).is_err(), "{name}");
            assert!(parse(name, &nested(100_000)).is_err(), "{name}");
        }
        let blocks: String = (0..10_000).map(|i| " ".repeat(i) + "a:\n").collect();
        assert!(parse("a.yaml", &blocks).is_err());
        assert!(parse("a.yaml", &"- ".repeat(100_000)).is_err());
    }

    #[test]
    fn exponential_and_circular_aliases_are_errors() {
        let mut text = "openapi: 3.0.1\na0: &a0 [x]\n".to_owned();
        for i in 1..40 {
            let before = format!("*a{}", i - 1);
            text += &format!("a{i}: &a{i} [{before}, {before}]\n");
        }
        assert!(parse("a.yaml", &text).is_err());
        assert!(parse("a.yaml", "openapi: 3.0.1\na: &a [*a]\n").is_err());
    }

    /// Specs to corrupt: both dialects and syntaxes, with all features of YAML.
    const FIXTURES: [(&str, &str); 3] = [
        ("events.yaml", include_str!("../../../../specs/events.yaml")),
        (
            "orders.json",
            r##"{"swagger": "2.0", "host": "h", "consumes": ["application/json"], "paths": {
                "/orders/{id}": {"parameters": [{"$ref": "#/parameters/Id"}], "put": {
                    "parameters": [{"in": "body", "name": "\u00e9\ud83d\ude00", "schema": {"type": "object"}}],
                    "responses": {"200": {"schema": {"$ref": "#/definitions/A"}, "examples": {"a/b": 1.5e3}}}
                }}},
                "parameters": {"Id": {"in": "path", "name": "id", "type": "array", "items": {}}},
                "definitions": {"A": {"allOf": [{"x-nullable": true}, {"items": null}]}}}"##,
        ),
        (
            "tricks.yml",
            "%YAML 1.2\n---\nopenapi: &v 3.0.1\ninfo: {title: !Sub 'é ${x}', version: *v}\n\
             x-a: &a\n  ? on\n  : |\n    text\n     more\npaths:\n  /a:\n    <<: *a\n    get: >-\n      folded\n\
             x-a: [1, 0x1F, .nan, ~, \"\\u263a\", 'it''s']\n",
        ),
    ];

    /// An edit: the offset, the number of removed bytes, and the inserted bytes.
    type Edit = (usize, usize, Vec<u8>);

    fn edits() -> impl Strategy<Value = Vec<Edit>> {
        let bytes = prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..4),
            "[]{}\\[:,&*!#|>'\"%@`?\\- \t\n\r~<0-9a-z\u{80}-\u{10ffff}]{1,3}"
                .prop_map(String::into_bytes),
        ];
        proptest::collection::vec((any::<usize>(), 0..40_usize, bytes), 1..6)
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_bytes_are_a_spec_or_an_error_with_location_and_help(
            fixture in 0..FIXTURES.len(),
            cut in proptest::option::of(any::<usize>()),
            edits in edits(),
        ) {
            let (name, text) = FIXTURES[fixture];
            let mut bytes = text.as_bytes().to_vec();
            for (at, removed, inserted) in edits {
                let start = at % (bytes.len() + 1);
                let end = (start + removed).min(bytes.len());
                bytes.splice(start..end, inserted);
            }
            if let Some(cut) = cut {
                bytes.truncate(cut % (bytes.len() + 1));
            }
            match Spec::parse(name, &bytes) {
                Err(error) => {
                    let shown = error.to_string();
                    prop_assert!(shown.starts_with(&format!("{name}:")), "{shown}");
                    prop_assert!(shown.contains("\nhelp: "), "{shown}");
                    prop_assert!(!shown.contains("panicked"), "{shown}");
                }
                Ok(spec) => {
                    let (source, mut value, mut report) = spec.into_parts();
                    crate::swagger2::to_openapi3(&mut value, &mut report);
                    for fix in report.fixes() {
                        let position = source.position(&fix.pointer);
                        prop_assert!(position.is_none_or(|found| found.line > 0), "{fix}");
                    }
                }
            }
        }
    }
}
