//! Files beside the spec that it refers to: `./schemas.yaml#/Order`.
//!
//! They are read into the spec, under a key of their own, and the references to them
//! become references inside the spec, which the fixes follow like any other.

use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};

use serde_json::{Map, Value, json};

use super::syntax::tree;
use crate::Report;
use crate::pointer;

/// Where the files stand in the spec.
const FILES: &str = "x-apigw-client-files";

/// Reads every file that `spec` refers to, and every file that those refer to.
///
/// Nothing is fetched: a URL stays as it is. A file that cannot be read is reported, and
/// its references stay, to lead nowhere. The files tried are returned, by path from the folder.
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
    let mut tried: Vec<PathBuf> = loader.keys.into_keys().collect();
    tried.sort();
    tried
}

struct Loader<'a> {
    folder: &'a Path,
    /// The spec itself, to which a file may refer back.
    own_name: PathBuf,
    /// Files tried so far, by path from the folder, and where they are now.
    keys: HashMap<PathBuf, Option<String>>,
    files: Map<String, Value>,
    report: &'a mut Report,
}

impl Loader<'_> {
    /// Rewrites the references in a value of the file whose folder is `folder` and whose
    /// own place in the spec is `base`.
    fn rewrite(&mut self, value: &mut Value, place: &str, folder: &Path, base: &str) {
        match value {
            Value::Object(map) => {
                for (key, inner) in map {
                    // extensions are API Gateway's own, examples are anything
                    if key.starts_with("x-") || key == "example" || key == "examples" {
                        continue;
                    }
                    match inner.as_str().filter(|_| key == "$ref") {
                        Some(reference) => {
                            if let Some(here) = self.here(reference, place, folder, base) {
                                *inner = json!(here);
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

    /// The same reference, inside the spec.
    fn here(&mut self, reference: &str, place: &str, folder: &Path, base: &str) -> Option<String> {
        let (file, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        if file.is_empty() {
            return (!base.is_empty()).then(|| format!("#{base}{fragment}"));
        }
        // a URL, or the bare name of a schema
        if file.contains("://") || Path::new(file).extension().is_none() {
            return None;
        }
        let path = normal(&folder.join(file))?;
        if path == self.own_name {
            return Some(format!("#{fragment}"));
        }
        let at = self.load(path, file, place)?;
        Some(format!("#{at}{fragment}"))
    }

    /// Where a file stands in the spec, once it is read.
    fn load(&mut self, path: PathBuf, file: &str, place: &str) -> Option<String> {
        if let Some(known) = self.keys.get(&path) {
            return known.clone();
        }
        let name = path.to_string_lossy().replace('\\', "/");
        let at = pointer::child(&format!("/{FILES}"), &name);
        let read = fs_err::read(self.folder.join(&path))
            .map_err(|error| error.kind().to_string())
            .and_then(|bytes| {
                let mut odd = Report::new();
                let (_, _, tree) = tree(&name, &bytes, &mut odd).map_err(|error| {
                    let problem = error.problem();
                    problem.to_owned()
                })?;
                let value = tree.into_value(&mut odd);
                for fix in odd.fixes() {
                    let pointer = format!("{at}{}", fix.pointer);
                    self.report
                        .add(fix.rule, pointer, &fix.problem, &fix.action);
                }
                Ok(value)
            });
        match read {
            Ok(mut value) => {
                // before its own references are read: one may lead back to it
                self.keys.insert(path.clone(), Some(at.clone()));
                self.report.add(
                    "file-reference",
                    place,
                    format!("refers to the file {file}"),
                    "read it from beside the spec",
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
                    format!("refers to the file {file}, which cannot be read: {problem}"),
                    "nothing is known of what is there",
                );
                None
            }
        }
    }
}

/// The path without `.` and inner `..`; `None` when it is not relative.
fn normal(path: &Path) -> Option<PathBuf> {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::Normal(name) => normal.push(name),
            Component::ParentDir => {
                let is_inner =
                    matches!(normal.components().next_back(), Some(Component::Normal(_)));
                if is_inner {
                    normal.pop();
                } else {
                    normal.push("..");
                }
            }
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(normal)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A spec in a folder of files, and the rules and problems reported.
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
    fn a_file_is_read_once_and_its_references_lead_into_the_spec() {
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
                    "refers to the file ./models/schemas.yaml".to_owned()
                ),
                (
                    "/x-apigw-client-files/models~1schemas.yaml/Order/id".to_owned(),
                    "refers to the file ../common.json".to_owned()
                ),
            ]
        );
    }

    #[test]
    fn files_may_refer_to_each_other_and_to_the_spec() {
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
    fn a_missing_or_broken_file_is_reported_once_and_its_references_stay() {
        for (file, problem) in [
            ("gone.yaml", "entity not found"),
            ("broken.json", "the JSON cannot be read: expected value"),
        ] {
            let spec =
                json!({"a": {"$ref": format!("{file}#/A")}, "b": {"$ref": format!("{file}#/B")}});
            let (after, reported) = embedded(spec.clone(), &[("broken.json", "{\"a\": }")]);
            assert_eq!(after, spec);
            assert_eq!(
                reported,
                [(
                    "/a".to_owned(),
                    format!("refers to the file {file}, which cannot be read: {problem}")
                )]
            );
        }
    }

    #[test]
    fn urls_absolute_paths_names_and_places_are_left_alone() {
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
