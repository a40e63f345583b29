//! What people add to an export, kept apart from it so that it survives every pull.
//!
//! Exports of HTTP APIs have no schemas, and most exports of REST APIs leave bodies
//! undeclared. `specs/<api>.overlay.yaml` adds them, in the form of the [OpenAPI Overlay
//! Specification 1.0](https://spec.openapis.org/overlay/v1.0.0.html): a list of actions,
//! each with a JSONPath (RFC 9535) as its target.
//!
//! ```yaml
//! overlay: 1.0.0
//! info: { title: What orders look like, version: 1.0.0 }
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
//! One rule is stricter than the specification's: a target that selects nothing is an
//! error, for what it was to change is then no longer there.

use std::path::Path;

use serde_json::{Map, Value};
use serde_json_path::{JsonPath, PathElement};

use crate::diagnostic::Diagnostic;
use crate::fixes;
use crate::pointer;
use crate::spec::{Source, Spec, kind};

/// The actions of an overlay, in order.
#[derive(Debug)]
pub struct Overlay {
    source: Source,
    actions: Vec<Action>,
}

#[derive(Debug)]
struct Action {
    /// Where it stands in the overlay.
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
    /// Reads an overlay from its file.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, and as [`parse`](Self::parse).
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Diagnostic> {
        let name = path.as_ref().display().to_string();
        match std::fs::read(path.as_ref()) {
            Ok(bytes) => Self::parse(name, &bytes),
            Err(error) => Err(Diagnostic::new("the overlay cannot be read")
                .in_file(name)
                .help("check the path, and that the file may be read")
                .caused_by(error)),
        }
    }

    /// Reads an overlay, YAML or JSON; `name` is the file name to show in messages.
    ///
    /// # Errors
    ///
    /// When the text is neither, or is no overlay of version 1: the message names the place.
    pub fn parse(name: impl Into<String>, bytes: &[u8]) -> Result<Self, Diagnostic> {
        let (source, value) = Source::read(name.into(), bytes)?;
        let version = value.get("overlay").and_then(Value::as_str);
        if !version.is_some_and(|version| version.starts_with("1.")) {
            return Err(source
                .diagnostic("/overlay", "this is no overlay of version 1")
                .help("begin with `overlay: 1.0.0`, quoted where YAML would read a number"));
        }
        let Some(list) = value.get("actions").and_then(Value::as_array) else {
            return Err(source
                .diagnostic("/actions", "the overlay has no list of actions")
                .help("add `actions:` with a `target` and an `update` each"));
        };
        let actions = list
            .iter()
            .enumerate()
            .map(|(index, action)| read(&source, action, &pointer::index("/actions", index)))
            .collect::<Result<_, _>>()?;
        Ok(Self { source, actions })
    }

    /// Changes a spec's value, one action after the other.
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
                        format!("the target selects nothing in {spec}"),
                    )
                    .help("correct it, or remove the action: the API has changed"));
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
        self.refuse_dangling(spec, value)
    }

    /// What an overlay refers to has to be there: a misspelt name would leave untyped what
    /// the overlay is to give a type.
    fn refuse_dangling(&self, spec: &str, value: &Value) -> Result<(), Diagnostic> {
        for action in &self.actions {
            let Change::Update(update) = &action.change else {
                continue;
            };
            let place = pointer::child(&action.pointer, "update");
            if let Some((place, target)) = dangling(update, place, value) {
                return Err(self
                    .source
                    .diagnostic(&place, format!("{target} is not in {spec}"))
                    .help("correct it, or add it in another action: `target: $`, `update: { components: … }`"));
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
                let (has, gets) = (kind(found), kind(update));
                let place = pointer::child(&action.pointer, "update");
                return Err(self
                    .source
                    .diagnostic(&place, format!("the target is {has}, the update {gets}"))
                    .help("select what holds it, and update that"));
            }
        }
        Ok(())
    }
}

impl Spec {
    /// The spec as an overlay changes it. What the overlay adds has no place in the
    /// spec's text: messages about it name the nearest place that has one.
    ///
    /// # Errors
    ///
    /// When a target selects nothing, or is of another kind than its update.
    pub fn overlaid(mut self, overlay: &Overlay) -> Result<Self, Diagnostic> {
        let name = self.name().to_owned();
        overlay.apply(&name, self.value_mut())?;
        Ok(self)
    }
}

fn read(source: &Source, action: &Value, place: &str) -> Result<Action, Diagnostic> {
    let wrong = |key: &str, problem: String, remedy: &str| {
        let place = pointer::child(place, key);
        Err(source.diagnostic(&place, problem).help(remedy))
    };
    let Some(map) = action.as_object() else {
        return wrong(
            "",
            format!("an action is {}", kind(action)),
            "write `target` and `update`",
        );
    };
    let known = ["description", "remove", "target", "update"];
    let is_known = |key: &str| known.contains(&key) || key.starts_with("x-");
    if let Some(key) = map.keys().find(|key| !is_known(key)) {
        let remedy = "an action has `target`, `update` or `remove`, and `description`";
        return wrong(key, format!("an action has no {key}"), remedy);
    }
    let Some(target) = map.get("target").and_then(Value::as_str) else {
        let remedy = "add a JSONPath such as $.paths['/orders'].get";
        return wrong("target", "the action has no target".to_owned(), remedy);
    };
    let target = match JsonPath::parse(target) {
        Ok(target) => target,
        Err(error) => {
            let problem = format!(
                "{target} is no JSONPath: {} at character {}",
                error.message(),
                error.position()
            );
            let remedy = "quote names with signs in them: $.paths['/orders/{id}'].get";
            return wrong("target", problem, remedy);
        }
    };
    let change = match (map.get("update"), map.get("remove")) {
        (_, Some(Value::Bool(true))) => Change::Remove,
        (Some(update), _) => Change::Update(update.clone()),
        (None, _) => {
            let remedy = "add `update` or `remove: true`";
            return wrong("", "the action changes nothing".to_owned(), remedy);
        }
    };
    Ok(Action {
        pointer: place.to_owned(),
        target,
        change,
    })
}

/// The first reference inside the spec, in what an overlay adds, that leads nowhere.
fn dangling(added: &Value, place: String, whole: &Value) -> Option<(String, String)> {
    match added {
        Value::Object(map) => map.iter().find_map(|(key, inner)| {
            let place = pointer::child(&place, key);
            match inner.as_str().filter(|_| key == "$ref") {
                Some(target) => {
                    let leads_nowhere =
                        target.starts_with('#') && fixes::target(whole, target).is_none();
                    leads_nowhere.then(|| (place, target.to_owned()))
                }
                None => dangling(inner, place, whole),
            }
        }),
        Value::Array(list) => list
            .iter()
            .enumerate()
            .find_map(|(index, inner)| dangling(inner, pointer::index(&place, index), whole)),
        _ => None,
    }
}

fn step(place: String, element: &PathElement<'_>) -> String {
    match element {
        PathElement::Name(name) => pointer::child(&place, name),
        PathElement::Index(index) => pointer::index(&place, *index),
    }
}

/// Maps are merged member by member, lists are joined, anything else is replaced.
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
        // the whole spec: what is left is an empty one, which the reader refuses
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

    const DOCUMENT: &str = r#"{
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
        let spec = Spec::parse("specs/orders.json", DOCUMENT.as_bytes()).unwrap();
        Overlay::parse("specs/orders.overlay.yaml", text.as_bytes())
            .and_then(|overlay| spec.overlaid(&overlay))
            .map(|spec| spec.value().clone())
            .map_err(|diagnostic| diagnostic.to_string())
    }

    #[test]
    fn maps_are_merged_lists_joined_and_everything_else_replaced() {
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
    fn an_action_applies_to_all_that_its_target_selects() {
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
    fn actions_see_what_those_before_them_did() {
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
    fn what_cannot_be_done_is_said_with_its_place_and_the_remedy() {
        for (actions, message) in [
            (
                "  - target: $.paths['/gone']\n    remove: true\n",
                "specs/orders.overlay.yaml:4:5: the target selects nothing in specs/orders.json",
            ),
            (
                "  - target: paths\n    remove: true\n",
                "specs/orders.overlay.yaml:4:5: paths is no JSONPath",
            ),
            (
                "  - {target: $.info, updates: {}}\n",
                "specs/orders.overlay.yaml:4:22: an action has no updates",
            ),
            (
                "  - {target: $.info}\n",
                "specs/orders.overlay.yaml:4:5: the action changes nothing",
            ),
            (
                "  - {target: $.info, update: 1}\n",
                "specs/orders.overlay.yaml:4:22: the target is a map, the update a number",
            ),
            (
                "  - {target: $.info, update: {x: {$ref: '#/components/schemas/Gone'}}}\n",
                "specs/orders.overlay.yaml:4:35: #/components/schemas/Gone is not in specs/orders.json",
            ),
            (
                "  - {update: {}}\n",
                "specs/orders.overlay.yaml:4:5: the action has no target",
            ),
        ] {
            let said = overlaid(actions).unwrap_err();
            assert!(said.starts_with(message), "{said}");
            assert!(said.contains("\nhelp: "), "{said}");
        }
        for text in [
            "openapi: 3.0.1",
            "overlay: 2.0.0\nactions: []",
            "overlay: 1.0.0",
            "[",
            "",
        ] {
            let refused = Overlay::parse("a.overlay.yaml", text.as_bytes());
            let said = refused.unwrap_err().to_string();
            assert!(said.starts_with("a.overlay.yaml"), "{said}");
        }
    }

    #[test]
    fn removing_everything_leaves_an_empty_spec() {
        let value = overlaid("  - {target: $, remove: true}\n").unwrap();
        assert_eq!(value, json!({}));
    }
}
