//! Overlays: additions to an export in a separate file, which `pull` never overwrites.
//!
//! Exports of HTTP APIs contain no schemas, and most exports of REST APIs do not declare bodies.
//! `specs/<api>.overlay.yaml` adds them. The format is the [OpenAPI Overlay Specification
//! 1.0](https://spec.openapis.org/overlay/v1.0.0.html): a list of actions, each with a JSONPath
//! (RFC 9535) as its target.
//!
//! ```yaml
//! overlay: 1.0.0
//! info: { title: Schemas of orders, version: 1.0.0 }
//! actions:
//!   - target: $.paths['/orders'].get
//!     update:
//!       operationId: listOrders
//!       x-apigw-paging: { parameter: from, token: next, items: orders }
//!       responses:
//!         "200":
//!           description: a page of orders
//!           content: { application/json: { schema: { $ref: "#/components/schemas/Orders" } } }
//!   - target: $
//!     update:
//!       components: { schemas: { Orders: { type: object } } }
//!   - target: $.paths['/internal']
//!     remove: true
//! ```
//!
//! Unlike in the specification, a target that matches nothing is an error, because the API has
//! probably changed.

use std::path::Path;

use serde_json::{Map, Value};
use serde_json_path::{JsonPath, PathElement};

use crate::diagnostic::Diagnostic;
use crate::fixes;
use crate::pointer;
use crate::spec::{Source, Spec, kind};

/// An overlay: a list of actions that change a spec.
#[derive(Debug)]
pub struct Overlay {
    source: Source,
    actions: Vec<Action>,
}

#[derive(Debug)]
struct Action {
    /// The location of the action in the overlay.
    pointer: String,
    target: JsonPath,
    change: Change,
}

#[derive(Debug)]
enum Change {
    Update(Value),
    Remove,
}

impl Overlay {
    /// Reads an overlay from a file.
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be read, or if [`parse`](Self::parse) fails.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Diagnostic> {
        let name = path.as_ref().display().to_string();
        match std::fs::read(path.as_ref()) {
            Ok(bytes) => Self::parse(name, &bytes),
            Err(error) => Err(Diagnostic::new("cannot read the overlay")
                .in_file(name)
                .help("check the path and the permissions of the file")
                .caused_by(error)),
        }
    }

    /// Parses an overlay in YAML or JSON. `name` is the file name for messages.
    ///
    /// # Errors
    ///
    /// Returns an error if the text is not valid YAML or JSON, or not an overlay of version 1.
    pub fn parse(name: impl Into<String>, bytes: &[u8]) -> Result<Self, Diagnostic> {
        let (source, value) = Source::read(name.into(), bytes)?;
        let version = value.get("overlay").and_then(Value::as_str);
        if !version.is_some_and(|version| version.starts_with("1.")) {
            return Err(source
                .diagnostic("/overlay", "not an overlay of version 1")
                .help("add `overlay: 1.0.0` at the top, as a string"));
        }
        let Some(list) = value.get("actions").and_then(Value::as_array) else {
            return Err(source
                .diagnostic("/actions", "missing `actions` array")
                .help("add `actions`, each with a `target` and an `update` or `remove: true`"));
        };
        let actions = list
            .iter()
            .enumerate()
            .map(|(index, action)| read(&source, action, &pointer::index("/actions", index)))
            .collect::<Result<_, _>>()?;
        Ok(Self { source, actions })
    }

    /// Applies all actions, in order.
    pub(crate) fn apply(&self, spec: &str, value: &mut Value) -> Result<(), Diagnostic> {
        for action in &self.actions {
            let selected: Vec<String> = action
                .target
                .query_located(value)
                .locations()
                .map(|location| location.iter().fold(String::new(), step))
                .collect();
            if selected.is_empty() {
                return Err(self
                    .source
                    .diagnostic(
                        &pointer::child(&action.pointer, "target"),
                        format!("the target matches nothing in {spec}"),
                    )
                    .help("correct the target, or remove the action if the API has changed"));
            }
            match &action.change {
                Change::Remove => selected.iter().rev().for_each(|place| remove(value, place)),
                Change::Update(update) => {
                    for place in &selected {
                        if let Some(found) = value.pointer_mut(place) {
                            self.update(action, found, update)?;
                        }
                    }
                }
            }
        }
        self.check_references(spec, value)
    }

    /// Checks that all references in the updates have a target. Otherwise, a misspelled name would
    /// silently accept any JSON.
    fn check_references(&self, spec: &str, value: &Value) -> Result<(), Diagnostic> {
        for action in &self.actions {
            let Change::Update(update) = &action.change else {
                continue;
            };
            let place = pointer::child(&action.pointer, "update");
            if let Some((place, target)) = dangling(update, place, value) {
                return Err(self
                    .source
                    .diagnostic(&place, format!("`{target}` not found in {spec}"))
                    .help("correct the reference, or add its target in another action: `target: $`, `update: { components: … }`"));
            }
        }
        Ok(())
    }

    fn update(&self, action: &Action, found: &mut Value, update: &Value) -> Result<(), Diagnostic> {
        match (found, update) {
            (found @ Value::Object(_), Value::Object(_)) => merge(found, update),
            (Value::Array(list), Value::Array(more)) => list.extend(more.iter().cloned()),
            (Value::Array(list), entry) => list.push(entry.clone()),
            (found, update) if !found.is_object() && !update.is_object() => {
                found.clone_from(update);
            }
            (found, update) => {
                let (found, update) = (kind(found), kind(update));
                let place = pointer::child(&action.pointer, "update");
                return Err(self
                    .source
                    .diagnostic(
                        &place,
                        format!("the target is {found}, but the update is {update}"),
                    )
                    .help("select the parent of the target, and update that"));
            }
        }
        Ok(())
    }
}

impl Spec {
    /// Applies an overlay.
    ///
    /// Added values have no position in the text of the spec. Messages about them show the nearest
    /// parent instead.
    ///
    /// # Errors
    ///
    /// Returns an error if a target matches nothing or has a different type than its update, or if
    /// an update contains an unresolved reference.
    pub fn overlaid(mut self, overlay: &Overlay) -> Result<Self, Diagnostic> {
        let name = self.name().to_owned();
        overlay.apply(&name, self.value_mut())?;
        Ok(self)
    }
}

fn read(source: &Source, action: &Value, place: &str) -> Result<Action, Diagnostic> {
    let invalid = |key: &str, problem: String, remedy: &str| {
        let place = pointer::child(place, key);
        Err(source.diagnostic(&place, problem).help(remedy))
    };
    let Some(map) = action.as_object() else {
        return invalid(
            "",
            format!("the action is {}, not an object", kind(action)),
            "use an object with `target` and `update`",
        );
    };
    let known = ["description", "remove", "target", "update"];
    let is_known = |key: &str| known.contains(&key) || key.starts_with("x-");
    if let Some(key) = map.keys().find(|key| !is_known(key)) {
        let remedy = "use `target`, `update`, `remove` or `description`";
        return invalid(key, format!("unknown key `{key}` in an action"), remedy);
    }
    let Some(target) = map.get("target").and_then(Value::as_str) else {
        let remedy = "add a JSONPath such as `$.paths['/orders'].get`";
        return invalid("target", "missing `target`".to_owned(), remedy);
    };
    let target = match JsonPath::parse(target) {
        Ok(target) => target,
        Err(error) => {
            let problem = format!(
                "invalid JSONPath `{target}`: {} at character {}",
                error.message(),
                error.position()
            );
            let remedy = "quote names with special characters: `$.paths['/orders/{id}'].get`";
            return invalid("target", problem, remedy);
        }
    };
    let change = match (map.get("update"), map.get("remove")) {
        (_, Some(Value::Bool(true))) => Change::Remove,
        (Some(update), _) => Change::Update(update.clone()),
        (None, _) => {
            let remedy = "add one of them, or remove the action";
            return invalid("", "missing `update` or `remove: true`".to_owned(), remedy);
        }
    };
    Ok(Action {
        pointer: place.to_owned(),
        target,
        change,
    })
}

/// Returns the location and the text of the first local reference in an update that is unresolved.
fn dangling(added: &Value, place: String, spec: &Value) -> Option<(String, String)> {
    match added {
        Value::Object(map) => map.iter().find_map(|(key, inner)| {
            let place = pointer::child(&place, key);
            match inner.as_str().filter(|_| key == "$ref") {
                Some(target) => {
                    let is_unresolved =
                        target.starts_with('#') && fixes::target(spec, target).is_none();
                    is_unresolved.then(|| (place, target.to_owned()))
                }
                None => dangling(inner, place, spec),
            }
        }),
        Value::Array(list) => list
            .iter()
            .enumerate()
            .find_map(|(index, inner)| dangling(inner, pointer::index(&place, index), spec)),
        _ => None,
    }
}

fn step(place: String, element: &PathElement<'_>) -> String {
    match element {
        PathElement::Name(name) => pointer::child(&place, name),
        PathElement::Index(index) => pointer::index(&place, *index),
    }
}

/// Merges objects recursively, concatenates arrays, and replaces other values.
fn merge(into: &mut Value, update: &Value) {
    match (into, update) {
        (Value::Object(into), Value::Object(update)) => {
            for (key, value) in update {
                match into.get_mut(key) {
                    Some(known) => merge(known, value),
                    None => {
                        into.insert(key.clone(), value.clone());
                    }
                }
            }
        }
        (Value::Array(into), Value::Array(update)) => into.extend(update.iter().cloned()),
        (into, update) => into.clone_from(update),
    }
}

fn remove(value: &mut Value, place: &str) {
    let segments = pointer::segments(place);
    let Some((last, before)) = segments.split_last() else {
        // removing the spec itself leaves an empty object
        *value = Value::Object(Map::new());
        return;
    };
    let holder = before.iter().fold(String::new(), |place, segment| {
        pointer::child(&place, segment)
    });
    match value.pointer_mut(&holder) {
        Some(Value::Object(map)) => {
            map.shift_remove(last.as_ref());
        }
        Some(Value::Array(list)) => {
            if let Ok(index) = last.parse::<usize>()
                && index < list.len()
            {
                list.remove(index);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SPEC: &str = r#"{
  "openapi": "3.0.1",
  "info": { "title": "orders", "version": "1" },
  "tags": [{ "name": "a" }],
  "paths": {
    "/orders": { "get": { "tags": ["a"], "responses": { "200": { "description": "ok" } } } },
    "/orders/{id}": { "get": { "responses": {} }, "delete": { "responses": {} } }
  }
}"#;

    fn overlaid(actions: &str) -> Result<Value, String> {
        let text = format!("overlay: 1.0.0\ninfo: {{title: t, version: '1'}}\nactions:\n{actions}");
        let spec = Spec::parse("specs/orders.json", SPEC.as_bytes()).unwrap();
        Overlay::parse("specs/orders.overlay.yaml", text.as_bytes())
            .and_then(|overlay| spec.overlaid(&overlay))
            .map(|spec| spec.value().clone())
            .map_err(|diagnostic| diagnostic.to_string())
    }

    #[test]
    fn objects_are_merged_arrays_concatenated_and_other_values_replaced() {
        let value = overlaid(
            "  - target: $.paths['/orders'].get\n    update: {operationId: listOrders, tags: [b], \
             responses: {'200': {description: a page}}}\n\
             \x20 - target: $.tags\n    update: {name: b}\n\
             \x20 - target: $.info.title\n    update: Orders\n",
        )
        .unwrap();
        assert_eq!(
            value["paths"]["/orders"]["get"],
            json!({
                "tags": ["a", "b"], "responses": { "200": { "description": "a page" } },
                "operationId": "listOrders",
            })
        );
        assert_eq!(value["tags"], json!([{ "name": "a" }, { "name": "b" }]));
        assert_eq!(value["info"]["title"], "Orders");
    }

    #[test]
    fn an_action_applies_to_all_matches_of_its_target() {
        let value = overlaid(
            "  - target: $.paths[*].get\n    update: {deprecated: true}\n\
             \x20 - target: $.paths[*].delete\n    remove: true\n\
             \x20 - target: $.tags[*]\n    remove: true\n",
        )
        .unwrap();
        for path in ["/orders", "/orders/{id}"] {
            assert_eq!(value["paths"][path]["get"]["deprecated"], true, "{path}");
            assert!(value["paths"][path].get("delete").is_none());
        }
        assert_eq!(value["tags"], json!([]));
    }

    #[test]
    fn actions_see_the_changes_of_earlier_actions() {
        let value = overlaid(
            "  - target: $.info\n    update: {contact: {name: a}}\n\
             \x20 - target: $.info.contact\n    update: {email: a@b.c}\n",
        );
        assert_eq!(
            value.unwrap()["info"]["contact"],
            json!({ "name": "a", "email": "a@b.c" })
        );
    }

    #[test]
    fn errors_have_a_location_and_help() {
        for (actions, message) in [
            (
                "  - target: $.paths['/gone']\n    remove: true\n",
                "specs/orders.overlay.yaml:4:5: the target matches nothing in specs/orders.json",
            ),
            (
                "  - target: paths\n    remove: true\n",
                "specs/orders.overlay.yaml:4:5: invalid JSONPath `paths`",
            ),
            (
                "  - {target: $.info, updates: {}}\n",
                "specs/orders.overlay.yaml:4:22: unknown key `updates` in an action",
            ),
            (
                "  - {target: $.info}\n",
                "specs/orders.overlay.yaml:4:5: missing `update` or `remove: true`",
            ),
            (
                "  - {target: $.info, update: 1}\n",
                "specs/orders.overlay.yaml:4:22: the target is an object, but the update is a number",
            ),
            (
                "  - {target: $.info, update: {x: {$ref: '#/components/schemas/Gone'}}}\n",
                "specs/orders.overlay.yaml:4:35: `#/components/schemas/Gone` not found in specs/orders.json",
            ),
            (
                "  - {update: {}}\n",
                "specs/orders.overlay.yaml:4:5: missing `target`",
            ),
        ] {
            let error = overlaid(actions).unwrap_err();
            assert!(error.starts_with(message), "{error}");
            assert!(error.contains("\nhelp: "), "{error}");
        }
        for text in [
            "openapi: 3.0.1",
            "overlay: 2.0.0\nactions: []",
            "overlay: 1.0.0",
            "[",
            "",
        ] {
            let error = Overlay::parse("a.overlay.yaml", text.as_bytes());
            let error = error.unwrap_err().to_string();
            assert!(error.starts_with("a.overlay.yaml"), "{error}");
        }
    }

    #[test]
    fn removing_the_root_leaves_an_empty_object() {
        let value = overlaid("  - {target: $, remove: true}\n").unwrap();
        assert_eq!(value, json!({}));
    }
}
