//! Referenced files: `./schemas.yaml#/Order`.
//!
//! Their content is embedded in the spec under a separate key, and references to them are replaced
//! by references inside the spec.

use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};

use serde_json::{Map, Value, json};

use super::syntax::tree;
use crate::Report;
use crate::pointer;

/// The key of embedded files in the spec.
const FILES: &str = "x-apigw-client-files";

/// Embeds all files that `spec` references, directly or through other files.
///
/// URLs are never fetched. A file that cannot be read is reported, and references to it stay
/// unresolved. Returns the paths of all referenced files, relative to the folder.
pub(super) fn embed(
    spec: &mut Value,
    name: &str,
    folder: &Path,
    report: &mut Report,
) -> Vec<PathBuf> {
    let own_name = Path::new(name).file_name().map(PathBuf::from);
    let mut loader = Loader {
        folder,
        own_name: own_name.unwrap_or_default(),
        keys: HashMap::new(),
        files: Map::new(),
        report,
    };
    loader.rewrite(spec, "", Path::new(""), "");
    let files = loader.files;
    if let (Some(root), false) = (spec.as_object_mut(), files.is_empty()) {
        root.insert(FILES.to_owned(), Value::Object(files));
    }
    let mut paths: Vec<PathBuf> = loader.keys.into_keys().collect();
    paths.sort();
    paths
}

struct Loader<'a> {
    folder: &'a Path,
    /// The file name of the spec, which other files can reference.
    own_name: PathBuf,
    /// The pointers of embedded files, by path relative to the folder. `None` if unreadable.
    keys: HashMap<PathBuf, Option<String>>,
    files: Map<String, Value>,
    report: &'a mut Report,
}

impl Loader<'_> {
    /// Rewrites the references in a value. `folder` is the folder of its file, and `base` the
    /// pointer of the file in the spec.
    fn rewrite(&mut self, value: &mut Value, place: &str, folder: &Path, base: &str) {
        match value {
            Value::Object(map) => {
                for (key, inner) in map {
                    // in extensions and examples, `$ref` is not a reference of OpenAPI
                    if key.starts_with("x-") || key == "example" || key == "examples" {
                        continue;
                    }
                    match inner.as_str().filter(|_| key == "$ref") {
                        Some(reference) => {
                            if let Some(local) = self.local(reference, place, folder, base) {
                                *inner = json!(local);
                            }
                        }
                        None => self.rewrite(inner, &pointer::child(place, key), folder, base),
                    }
                }
            }
            Value::Array(list) => {
                for (position, inner) in list.iter_mut().enumerate() {
                    self.rewrite(inner, &pointer::index(place, position), folder, base);
                }
            }
            _ => {}
        }
    }

    /// Returns the equivalent reference inside the spec.
    fn local(&mut self, reference: &str, place: &str, folder: &Path, base: &str) -> Option<String> {
        let (file, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        if file.is_empty() {
            return (!base.is_empty()).then(|| format!("#{base}{fragment}"));
        }
        // a URL, or the bare name of a schema
        if file.contains("://") || Path::new(file).extension().is_none() {
            return None;
        }
        let path = normalise(&folder.join(file))?;
        if path == self.own_name {
            return Some(format!("#{fragment}"));
        }
        let at = self.load(path, file, place)?;
        Some(format!("#{at}{fragment}"))
    }

    /// Embeds a file, unless it is embedded already, and returns its pointer.
    fn load(&mut self, path: PathBuf, file: &str, place: &str) -> Option<String> {
        if let Some(known) = self.keys.get(&path) {
            return known.clone();
        }
        let name = path.to_string_lossy().replace('\\', "/");
        let at = pointer::child(&format!("/{FILES}"), &name);
        let read = fs_err::read(self.folder.join(&path))
            .map_err(|error| error.kind().to_string())
            .and_then(|bytes| {
                let mut fixes = Report::new();
                let (_, _, tree) = tree(&name, &bytes, &mut fixes).map_err(|error| {
                    let problem = error.problem();
                    problem.to_owned()
                })?;
                let value = tree.into_value(&mut fixes);
                for fix in fixes.fixes() {
                    let pointer = format!("{at}{}", fix.pointer);
                    self.report
                        .add(fix.rule, pointer, &fix.problem, &fix.action);
                }
                Ok(value)
            });
        match read {
            Ok(mut value) => {
                // before following its references, which can be circular
                self.keys.insert(path.clone(), Some(at.clone()));
                self.report.add(
                    "file-reference",
                    place,
                    format!("reference to file `{file}`"),
                    "embedded the file",
                );
                let folder = path.parent().unwrap_or(Path::new("")).to_owned();
                self.rewrite(&mut value, &at, &folder, &at);
                self.files.insert(name, value);
                Some(at)
            }
            Err(problem) => {
                self.keys.insert(path, None);
                self.report.add(
                    "file-reference",
                    place,
                    format!("cannot read referenced file `{file}`: {problem}"),
                    "skipped",
                );
                None
            }
        }
    }
}

/// Removes `.` and inner `..` from a path. Returns `None` if the path is absolute.
fn normalise(path: &Path) -> Option<PathBuf> {
    let mut normalised = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::Normal(name) => normalised.push(name),
            Component::ParentDir => {
                let is_inner = matches!(
                    normalised.components().next_back(),
                    Some(Component::Normal(_))
                );
                if is_inner {
                    normalised.pop();
                } else {
                    normalised.push("..");
                }
            }
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(normalised)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Embeds the files in a spec, and returns it with the reported pointers and problems.
    fn embedded(mut spec: Value, files: &[(&str, &str)]) -> (Value, Vec<(String, String)>) {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join("api").join(name);
            fs_err::create_dir_all(path.parent().unwrap()).unwrap();
            fs_err::write(path, text).unwrap();
        }
        let mut report = Report::new();
        let folder = folder.path().join("api");
        embed(&mut spec, "specs/orders.yaml", &folder, &mut report);
        let fixes = report.fixes().iter();
        let fixes = fixes.map(|fix| (fix.pointer.clone(), fix.problem.clone()));
        (spec, fixes.collect())
    }

    #[test]
    fn a_file_is_embedded_once_and_references_to_it_are_replaced() {
        let (spec, reported) = embedded(
            json!({"a": {"$ref": "./models/schemas.yaml#/Order"},
                   "b": {"$ref": "models/schemas.yaml#/Item"}}),
            &[
                (
                    "models/schemas.yaml",
                    "Order:\n  items: {$ref: '#/Item'}\n  id: {$ref: ../common.json}\nItem: {type: string}\n",
                ),
                ("common.json", r#"{"type": "integer"}"#),
            ],
        );
        assert_eq!(
            spec,
            json!({
                "a": {"$ref": "#/x-apigw-client-files/models~1schemas.yaml/Order"},
                "b": {"$ref": "#/x-apigw-client-files/models~1schemas.yaml/Item"},
                "x-apigw-client-files": {
                    "common.json": {"type": "integer"},
                    "models/schemas.yaml": {
                        "Order": {
                            "items": {"$ref": "#/x-apigw-client-files/models~1schemas.yaml/Item"},
                            "id": {"$ref": "#/x-apigw-client-files/common.json"},
                        },
                        "Item": {"type": "string"},
                    },
                },
            })
        );
        assert_eq!(
            reported,
            [
                (
                    "/a".to_owned(),
                    "reference to file `./models/schemas.yaml`".to_owned()
                ),
                (
                    "/x-apigw-client-files/models~1schemas.yaml/Order/id".to_owned(),
                    "reference to file `../common.json`".to_owned()
                ),
            ]
        );
    }

    #[test]
    fn files_can_reference_each_other_and_the_spec() {
        let (spec, _) = embedded(
            json!({"a": {"$ref": "b.yaml"}}),
            &[
                ("b.yaml", "c: {$ref: c.yaml}"),
                ("c.yaml", "b: {$ref: b.yaml}\nown: {$ref: 'orders.yaml#/a'}"),
            ],
        );
        assert_eq!(
            spec["x-apigw-client-files"],
            json!({
                "c.yaml": {"b": {"$ref": "#/x-apigw-client-files/b.yaml"}, "own": {"$ref": "#/a"}},
                "b.yaml": {"c": {"$ref": "#/x-apigw-client-files/c.yaml"}},
            })
        );
    }

    #[test]
    fn an_unreadable_file_is_reported_once_and_references_to_it_are_unchanged() {
        for (file, problem) in [
            ("gone.yaml", "entity not found"),
            ("broken.json", "invalid JSON: expected value"),
        ] {
            let spec =
                json!({"a": {"$ref": format!("{file}#/A")}, "b": {"$ref": format!("{file}#/B")}});
            let (after, reported) = embedded(spec.clone(), &[("broken.json", "{\"a\": }")]);
            assert_eq!(after, spec);
            assert_eq!(
                reported,
                [(
                    "/a".to_owned(),
                    format!("cannot read referenced file `{file}`: {problem}")
                )]
            );
        }
    }

    #[test]
    fn urls_absolute_paths_names_and_local_references_are_unchanged() {
        let spec = json!([
            {"$ref": "https://example.com/schemas.yaml#/Order"},
            {"$ref": "/etc/orders.yaml"},
            {"$ref": "Order"},
            {"$ref": "#/components/schemas/Order"},
            {"x-amazon-apigateway-integration": {"$ref": "integration.yaml"}},
            {"$ref": 5},
        ]);
        assert_eq!(embedded(spec.clone(), &[]), (spec, Vec::new()));
    }
}
