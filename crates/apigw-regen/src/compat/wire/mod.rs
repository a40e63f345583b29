//! Changes on the wire, which affect programs built with the old client.
//!
//! Compares the specs that two crates record, one operation at a time. The [`drift`] crate
//! walks parameters, bodies and references, requests and responses separately. It leaves some
//! changes *unhandled* (fields, `required`, `enum`, limits, `format`), which [`narrowing`]
//! judges, and it ignores `nullable`, authorization, how parameters are written, encodings
//! of forms, deprecation, and added or removed media types, which this module compares. Changes to `anyOf`, to the alternatives of `oneOf` and `allOf`, and
//! to patterns are reported as *may break*. Response headers and defaults are not compared.

mod bodies;
mod deprecation;
mod encodings;
mod narrowing;
mod parameters;
mod security;
mod statuses;

use std::collections::BTreeSet;
use std::path::Path;

use drift::{ChangeClass, ChangeComparison};
use serde_json::{Map, Value, json};

use super::change::{Change, Effect};
use crate::disk::recorded::{Operation, operations};
use apigw_codegen::Files;
use apigw_codegen::catch_panic::catch_panic;
use apigw_codegen::render::openapi::{ANY, reachable};
use narrowing::{Direction, Judgement, judge};

/// Compares the specs that two crates record.
pub(crate) fn compare(old: &Files, new: &Files) -> Vec<Change> {
    let read = |files: &Files| -> Option<Value> {
        serde_json::from_str(files.get(Path::new("openapi.json"))?).ok()
    };
    let Some(new) = read(new) else {
        return Vec::new();
    };
    let Some(old) = read(old) else {
        return vec![Change {
            effect: Effect::Alters,
            subject: "openapi.json".to_owned(),
            text: "missing, so changes on the wire can't be compared this time".to_owned(),
        }];
    };
    let mut comparison = Comparison {
        old: &old,
        new: &new,
        changes: BTreeSet::new(),
    };
    comparison.endpoint();
    comparison.operations();
    comparison.changes.into_iter().collect()
}

/// Returns the parameters that changed places between two paths, as pairs of the old and the new
/// name. A parameter that was only renamed keeps its place.
fn swapped<'a>(old: &'a str, new: &'a str) -> Vec<(&'a str, &'a str)> {
    let parameters = |path: &'a str| -> Vec<&'a str> {
        let parts = path.split('{').skip(1);
        let names = parts.filter_map(|part| part.split_once('}'));
        names.map(|(name, _)| name.trim_end_matches('+')).collect()
    };
    let (old, new) = (parameters(old), parameters(new));
    let pairs = old.iter().copied().zip(new.iter().copied());
    pairs
        .filter(|(was, now)| was != now && (old.contains(now) || new.contains(was)))
        .collect()
}

struct Comparison<'a> {
    old: &'a Value,
    new: &'a Value,
    /// A set, so that a change to a shared schema is reported once.
    changes: BTreeSet<Change>,
}

impl Comparison<'_> {
    fn record(&mut self, effect: Effect, subject: &str, text: impl Into<String>) {
        self.changes.insert(Change::new(effect, subject, text));
    }

    fn breaks(&mut self, subject: &str, text: impl Into<String>) {
        self.record(Effect::BreaksWire, subject, text);
    }

    fn endpoint(&mut self) {
        let url = |spec: &Value| -> Option<String> {
            Some(spec.pointer("/servers/0/url")?.as_str()?.to_owned())
        };
        let (old, new) = (url(self.old), url(self.new));
        if old != new {
            let named = |url: Option<String>| url.unwrap_or_else(|| "none".to_owned());
            let text = format!("changed from {} to {}", named(old), named(new));
            self.record(Effect::Alters, "endpoint", text);
        }
    }

    fn operations(&mut self) {
        let (old, new) = (operations(self.old), operations(self.new));
        for (key, before) in &old {
            match new.get(key) {
                None => self.breaks(&before.route(), "removed; existing clients get an error"),
                Some(after) => self.operation(*before, *after),
            }
        }
        self.changes
            .extend(deprecation::of_schemas(self.old, self.new));
    }

    fn operation(&mut self, old: Operation<'_>, new: Operation<'_>) {
        let route = new.route();
        for (was, now) in swapped(old.path, new.path) {
            let text = format!(
                "the path has `{now}` in place of `{was}`; existing clients still send `{was}` there"
            );
            self.breaks(&route, text);
        }
        self.changes
            .extend(security::compare(&route, old.described, new.described));
        let (mut before, mut after) = (old.described.clone(), new.described.clone());
        self.changes
            .extend(deprecation::of_operation(&route, &before, &after));
        self.changes.extend(parameters::compare(
            &route,
            (&mut before, self.old),
            (&mut after, self.new),
        ));
        self.changes
            .extend(statuses::compare(&route, &mut before, &mut after));
        let specs = [self.old, self.new];
        self.changes
            .extend(encodings::compare(&route, specs, &mut before, &mut after));
        self.changes
            .extend(bodies::compare(&route, &mut before, &mut after));
        let alone = |spec: &Value, operation: Operation<'_>, described: &Value| {
            alone(spec, operation.path, operation.method, described)
        };
        let before = alone(self.old, old, &before);
        let after = alone(self.new, new, &after);
        if before == after {
            return;
        }
        // drift panics on some specs
        match catch_panic(|| drift::compare(&before, &after)) {
            Ok(Ok(changes)) => {
                for change in changes {
                    self.drifted(&route, &change, &before, &after);
                }
            }
            Ok(Err(_)) | Err(_) => self.record(
                Effect::MayBreakWire,
                &route,
                "changed in a way that can't be compared; check the spec",
            ),
        }
    }

    /// Records what `drift` found, and judges what it left unhandled.
    fn drifted(&mut self, route: &str, change: &drift::Change, old: &Value, new: &Value) {
        for path in &change.paths {
            let direction = match path.comparison {
                ChangeComparison::Output => Direction::Response,
                ChangeComparison::Input | ChangeComparison::Structural => Direction::Request,
            };
            for info in &change.changes {
                let at = |path: &drift::JsonPathStack, inside: &str| {
                    let (base, _) = path.base_and_subpath();
                    let inside = inside.trim_start_matches('/');
                    format!("{}/{inside}", base.trim_start_matches('#'))
                        .trim_end_matches('/')
                        .replace("/request_body/", "/requestBody/")
                };
                let (before, after) = (
                    at(&path.old, &info.old_subpath),
                    at(&path.new, &info.new_subpath),
                );
                let subject = subject(route, &after, new);
                // a client that reads any value can still read it
                let was_any = info.message.starts_with("schema kind changed from any");
                if was_any && direction == Direction::Response {
                    continue;
                }
                let words = match types(old.pointer(&before), new.pointer(&after)) {
                    Some((before, after)) => format!("changed from {before} to {after}"),
                    None if was_any => "no longer accepts values of any type".to_owned(),
                    None => lower_first(&info.message),
                };
                match info.class {
                    // every integer is a number
                    ChangeClass::Incompatible if is_wider(&words, direction) => {}
                    ChangeClass::BackwardIncompatible | ChangeClass::Incompatible => {
                        self.breaks(&subject, format!("{words}; {}", direction.consequence()));
                    }
                    ChangeClass::ForwardIncompatible => {}
                    ChangeClass::Trivial | ChangeClass::Unhandled => {
                        let required = is_required(old, &before);
                        let judged = match (old.pointer(&before), new.pointer(&after)) {
                            (Some(before), Some(after)) => {
                                judge(before, after, direction, required)
                            }
                            _ => Judgement::open(),
                        };
                        for narrowed in judged.narrowed {
                            self.breaks(
                                &subject,
                                format!("{narrowed}; {}", direction.consequence()),
                            );
                        }
                        if !judged.is_complete && info.class == ChangeClass::Unhandled {
                            self.record(
                                Effect::MayBreakWire,
                                &subject,
                                format!("{words}; check whether it affects your callers"),
                            );
                        }
                    }
                }
            }
        }
    }
}

/// Returns a spec with one operation and the schemas that it reaches.
fn alone(spec: &Value, path: &str, method: &str, described: &Value) -> Value {
    let empty = Map::new();
    let schemas = spec
        .pointer("/components/schemas")
        .and_then(Value::as_object);
    let schemas = schemas.unwrap_or(&empty);
    let reached = reachable(described, schemas);
    let schemas: Map<String, Value> = schemas
        .iter()
        .filter(|(name, _)| reached.contains(*name))
        .map(|(name, schema)| (name.clone(), schema.clone()))
        .collect();
    // drift only knows the methods of OpenAPI; API Gateway has no TRACE, so it can stand for ANY
    let method = if method == ANY { "trace" } else { method };
    // drift does not find the name of a greedy parameter in the path
    let path = path.replace("+}", "}");
    let mut spec = json!({
        "openapi": "3.0.3",
        "info": { "title": "", "version": "" },
        "paths": { path: { method: described } },
        "components": { "schemas": schemas },
    });
    mark_nullable(&mut spec);
    spec
}

/// Copies `nullable` into an extension, because `drift` does not report changes to it.
fn mark_nullable(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.values_mut().for_each(mark_nullable);
            if map.get("nullable") == Some(&json!(true)) {
                map.insert("x-nullable".to_owned(), json!(true));
            }
        }
        Value::Array(list) => list.iter_mut().for_each(mark_nullable),
        _ => {}
    }
}

/// Names the schema and field, or the operation, at a place in a spec.
fn subject(route: &str, pointer: &str, spec: &Value) -> String {
    let Some(inside) = pointer.strip_prefix("/components/schemas/") else {
        let parameter = parameter_at(pointer, spec);
        return parameter.map_or_else(|| route.to_owned(), |name| format!("{route} `{name}`"));
    };
    let mut parts = inside.split('/');
    let mut subject = format!("schema {}", parts.next().unwrap_or_default());
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        match part {
            "properties" => subject.push_str(&format!(".{}", parts.next().unwrap_or_default())),
            "items" => subject.push_str("[]"),
            "additionalProperties" => subject.push_str(".*"),
            _ => {}
        }
    }
    apigw_spec::pointer::unescape(&subject).into_owned()
}

/// Returns the name of the parameter that contains a place.
fn parameter_at(pointer: &str, spec: &Value) -> Option<String> {
    let (operation, inside) = pointer.split_once("/parameters/")?;
    let index = inside.split('/').next()?;
    let name = spec.pointer(&format!("{operation}/parameters/{index}/name"))?;
    Some(name.as_str()?.to_owned())
}

/// Returns `true` if the schema at a place belongs to a field that its object requires.
fn is_required(spec: &Value, pointer: &str) -> bool {
    let field = || -> Option<(&Value, &str)> {
        let (object, name) = pointer.rsplit_once("/properties/")?;
        Some((spec.pointer(object)?, name))
    };
    match field() {
        None => true,
        Some((object, name)) => object
            .get("required")
            .and_then(Value::as_array)
            .is_some_and(|required| required.iter().any(|known| known == name)),
    }
}

/// Returns `true` if every value that can be sent is accepted although the type changed.
fn is_wider(words: &str, direction: Direction) -> bool {
    match direction {
        Direction::Request => words == "changed from integer to number",
        Direction::Response => words == "changed from number to integer",
    }
}

/// Returns the types of two schemas if they differ.
fn types<'a>(old: Option<&'a Value>, new: Option<&'a Value>) -> Option<(&'a str, &'a str)> {
    let of = |schema: Option<&'a Value>| schema?.get("type")?.as_str();
    let (old, new) = (of(old)?, of(new)?);
    (old != new).then_some((old, new))
}

fn lower_first(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_lowercase().chain(characters).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A spec of one operation, `POST /a`.
    fn spec(operation: Value, schemas: Value) -> Value {
        json!({ "paths": { "/a": { "post": operation } }, "components": { "schemas": schemas } })
    }

    fn body(schema: Value) -> Value {
        json!({ "required": true, "content": { "application/json": { "schema": schema } } })
    }

    fn response(schema: Value) -> Value {
        json!({ "responses": { "200": { "description": "", "content": { "application/json": { "schema": schema } } } } })
    }

    /// Returns every change between two specs, as text.
    fn compared(old: &Value, new: &Value) -> Vec<String> {
        let files = |spec: &Value| Files::from([("openapi.json".into(), spec.to_string())]);
        compare(&files(old), &files(new))
            .into_iter()
            .map(|change| format!("{:?} {}: {}", change.effect, change.subject, change.text))
            .collect()
    }

    #[track_caller]
    fn assert_compared(old: Value, new: Value, expected: &[&str]) {
        assert_eq!(compared(&old, &new), expected);
        assert_eq!(compared(&new, &new), [""; 0], "a spec compared with itself");
    }

    const READ: &str = "existing clients may fail to read it";
    const SENT: &str = "existing clients may be rejected";

    #[test]
    fn a_response_of_any_type_may_get_a_type() {
        let schemas = |thing: Value| json!({ "Thing": thing });
        let typed = json!({ "type": "object", "properties": { "a": { "type": "string" } } });
        let refer = || json!({ "$ref": "#/components/schemas/Thing" });
        assert_compared(
            spec(response(refer()), schemas(json!({}))),
            spec(response(refer()), schemas(typed.clone())),
            &[],
        );
        let taking = || json!({ "requestBody": body(refer()), "responses": {} });
        assert_compared(
            spec(taking(), schemas(json!({}))),
            spec(taking(), schemas(typed)),
            &[&format!(
                "BreaksWire schema Thing: no longer accepts values of any type; {SENT}"
            )],
        );
    }

    #[test]
    fn a_response_field_that_becomes_nullable_breaks() {
        let with = |nullable: bool| {
            let text = match nullable {
                true => json!({ "type": "string", "nullable": true }),
                false => json!({ "type": "string" }),
            };
            let order = json!({ "type": "object", "required": ["id"], "properties": { "id": text, "note": text } });
            spec(
                response(json!({ "$ref": "#/components/schemas/Order" })),
                json!({ "Order": order }),
            )
        };
        assert_compared(
            with(false),
            with(true),
            &[&format!(
                "BreaksWire schema Order.id: can now be null; {READ}"
            )],
        );
    }

    #[test]
    fn added_and_removed_media_types_are_reported() {
        let with = |types: &[&str]| {
            let content: Map<String, Value> = types
                .iter()
                .map(|name| {
                    (
                        (*name).to_owned(),
                        json!({ "schema": { "type": "string" } }),
                    )
                })
                .collect();
            spec(
                json!({ "requestBody": { "content": content }, "responses": {} }),
                json!({}),
            )
        };
        assert_compared(
            with(&["application/json", "text/plain"]),
            with(&["application/json", "text/csv"]),
            &[
                "BreaksWire POST /a: the request body can no longer be text/plain",
                "Adds POST /a: the request body can now be text/csv",
            ],
        );
    }

    #[test]
    fn a_schema_added_to_a_body_may_break_existing_clients() {
        let nothing = spec(
            json!({ "responses": { "200": { "description": "" } } }),
            json!({}),
        );
        let mut declared = response(json!({ "type": "string" }));
        declared["requestBody"] = body(json!({ "type": "string" }));
        let declared = spec(declared, json!({}));
        assert_compared(
            nothing.clone(),
            declared.clone(),
            &[
                &format!(
                    "BreaksWire POST /a: no body parameter was specified and now one is required; {SENT}"
                ),
                "MayBreakWire POST /a: the request body now has a schema; existing clients may send something else",
                "Adds POST /a: the 200 response now has a schema",
            ],
        );
        assert_compared(
            declared,
            nothing,
            &[
                "MayBreakWire POST /a: the 200 response no longer has a schema; existing clients may fail to read it",
                "Alters POST /a: the request body no longer has a schema",
            ],
        );
    }

    #[test]
    fn a_schema_that_is_sent_and_read_is_judged_both_ways_and_reported_once() {
        let with = |required: &[&str]| {
            let model = json!({ "type": "object", "required": required, "properties": { "a": { "type": "string" }, "b": { "type": "string" } } });
            let to = json!({ "$ref": "#/components/schemas/M" });
            let mut operation = response(to.clone());
            operation["requestBody"] = body(to);
            json!({
                "paths": { "/a": { "post": operation, "put": operation } },
                "components": { "schemas": { "M": model } },
            })
        };
        assert_compared(
            with(&["a"]),
            with(&["b"]),
            &[
                &format!("BreaksWire schema M: `a` can now be missing; {READ}"),
                &format!("BreaksWire schema M: `b` is now required; {SENT}"),
            ],
        );
    }

    #[test]
    fn a_field_of_a_list_item_is_named() {
        let with = |of: &str| {
            let line = json!({ "type": "object", "properties": { "count": { "type": of } } });
            let order = json!({ "type": "object", "properties": { "lines": { "type": "array", "items": line } } });
            spec(
                response(json!({ "$ref": "#/components/schemas/Order" })),
                json!({ "Order": order }),
            )
        };
        assert_compared(
            with("integer"),
            with("string"),
            &[&format!(
                "BreaksWire schema Order.lines[].count: changed from integer to string; {READ}"
            )],
        );
    }

    #[test]
    fn every_integer_is_a_number_but_not_the_other_way_round() {
        let sent = |of: &str| {
            spec(
                json!({ "requestBody": body(json!({ "type": of })), "responses": {} }),
                json!({}),
            )
        };
        let read = |of: &str| spec(response(json!({ "type": of })), json!({}));
        assert_compared(sent("integer"), sent("number"), &[]);
        assert_compared(read("number"), read("integer"), &[]);
        assert_compared(
            sent("number"),
            sent("integer"),
            &[&format!(
                "BreaksWire POST /a: changed from number to integer; {SENT}"
            )],
        );
        assert_compared(
            read("integer"),
            read("number"),
            &[&format!(
                "BreaksWire POST /a: changed from integer to number; {READ}"
            )],
        );
    }

    #[test]
    fn a_change_to_an_inline_schema_names_the_route() {
        let with = |required: &[&str]| {
            let schema = json!({ "type": "object", "required": required, "properties": { "a": { "type": "string" } } });
            spec(
                json!({ "requestBody": body(schema), "responses": {} }),
                json!({}),
            )
        };
        assert_compared(
            with(&[]),
            with(&["a"]),
            &[&format!("BreaksWire POST /a: `a` is now required; {SENT}")],
        );
    }

    /// A spec of one operation with a multipart form.
    fn form(required: &[&str], properties: Value, encoding: Value) -> Value {
        let schema = json!({ "type": "object", "required": required, "properties": properties });
        let content = json!({ "multipart/form-data": { "schema": schema, "encoding": encoding } });
        let operation =
            json!({ "requestBody": { "required": true, "content": content }, "responses": {} });
        spec(operation, json!({}))
    }

    #[test]
    fn a_required_part_that_is_added_breaks_and_an_optional_one_does_not() {
        let text = || json!({ "type": "string" });
        let one = form(&["a"], json!({ "a": text() }), json!({}));
        let two = json!({ "a": text(), "b": text() });
        assert_compared(
            one.clone(),
            form(&["a", "b"], two.clone(), json!({})),
            &[&format!("BreaksWire POST /a: `b` is now required; {SENT}")],
        );
        let optional = compared(&one, &form(&["a"], two, json!({})));
        assert!(
            optional.iter().all(|change| !change.contains("Break")),
            "{optional:?}"
        );
    }

    #[test]
    fn a_changed_encoding_of_a_part_is_reported_unless_the_part_is_new() {
        let of = |encoding: Value| {
            let list = json!({ "type": "array", "items": { "type": "integer" } });
            form(
                &[],
                json!({ "a": list, "b": { "type": "string" } }),
                encoding,
            )
        };
        assert_compared(
            of(json!({})),
            of(json!({ "a": { "style": "form", "explode": false } })),
            &[&format!(
                "BreaksWire POST /a: `a` in the request body is now sent as one value separated by commas, not in the default encoding; {SENT}"
            )],
        );
        assert_compared(
            of(json!({ "b": { "contentType": "text/csv" } })),
            of(json!({ "b": { "contentType": "image/png" } })),
            &[&format!(
                "MayBreakWire POST /a: `b` in the request body is now sent as `image/png`, not as `text/csv`; {SENT}"
            )],
        );
        let without = form(&[], json!({}), json!({}));
        let new = compared(&without, &of(json!({ "b": { "contentType": "text/csv" } })));
        assert!(
            new.iter().all(|change| !change.contains("Break")),
            "{new:?}"
        );
    }

    #[test]
    fn changed_alternatives_may_break() {
        let with = |of: &str| {
            let choice = json!({ "anyOf": [{ "type": of }, { "type": "boolean" }] });
            spec(response(choice), json!({}))
        };
        let changes = compared(&with("string"), &with("integer"));
        assert!(
            matches!(changes.as_slice(), [one] if one.starts_with("MayBreakWire POST /a: ")),
            "{changes:?}"
        );
    }

    #[test]
    fn changes_of_authorization_are_reported_in_both_directions() {
        let with = |schemes: &[&str]| {
            let all: Map<String, Value> = schemes
                .iter()
                .map(|name| ((*name).to_owned(), json!([])))
                .collect();
            let security = if all.is_empty() {
                json!([])
            } else {
                json!([all])
            };
            spec(json!({ "responses": {}, "security": security }), json!({}))
        };
        assert_compared(
            with(&["sigv4"]),
            with(&["api_key", "Guard"]),
            &[
                "BreaksWire POST /a: is now protected by the authorizer Guard; set its header",
                "BreaksWire POST /a: now requires an API key; set `api_key`",
                "Alters POST /a: no longer requires a signature",
            ],
        );
    }

    /// A spec of one operation with one parameter, `x`.
    fn with_parameter(place: &str, more: Value) -> Value {
        let mut parameter = json!({ "name": "x", "in": place, "required": false });
        let members = more.as_object().cloned().unwrap_or_default();
        parameter.as_object_mut().unwrap().extend(members);
        spec(
            json!({ "parameters": [parameter], "responses": {} }),
            json!({ "Ids": { "type": "array", "items": { "type": "string" } } }),
        )
    }

    #[test]
    fn a_parameter_that_is_written_differently_breaks_existing_clients() {
        let text = || json!({ "schema": { "type": "string" } });
        let as_json =
            json!({ "content": { "application/json": { "schema": { "type": "string" } } } });
        let breaks = |now: &str, was: &str| {
            format!("BreaksWire POST /a `x`: must now be sent as {now} instead of {was}; {SENT}")
        };
        for place in ["query", "header", "cookie"] {
            assert_compared(
                with_parameter(place, text()),
                with_parameter(place, as_json.clone()),
                &[&breaks("JSON", "a single value")],
            );
        }
        let list = |style: Value| {
            let mut list = json!({ "schema": { "$ref": "#/components/schemas/Ids" } });
            let style = style.as_object().cloned().unwrap_or_default();
            list.as_object_mut().unwrap().extend(style);
            with_parameter("query", list)
        };
        assert_compared(
            list(json!({})),
            list(json!({ "explode": false, "style": "pipeDelimited" })),
            &[&breaks(
                "a list separated by `|`",
                "a list of repeated parameters",
            )],
        );
        assert_compared(
            list(json!({ "explode": false, "style": "spaceDelimited" })),
            list(json!({ "explode": false })),
            &[&breaks(
                "a list separated by commas",
                "a list separated by spaces",
            )],
        );
    }

    #[test]
    fn the_schema_of_a_parameter_in_json_is_compared() {
        let with = |of: &str| {
            let content = json!({ "application/json": { "schema": { "type": of } } });
            with_parameter("cookie", json!({ "content": content }))
        };
        assert_compared(
            with("integer"),
            with("string"),
            &[&format!(
                "BreaksWire POST /a `x`: changed from integer to string; {SENT}"
            )],
        );
    }

    #[test]
    fn a_new_required_cookie_breaks_existing_clients() {
        let cookie = json!({ "required": true, "schema": { "type": "string" } });
        assert_compared(
            spec(json!({ "responses": {} }), json!({})),
            with_parameter("cookie", cookie),
            &[&format!(
                "BreaksWire POST /a `x`: a new, required parameter 'x' was added; {SENT}"
            )],
        );
    }

    #[test]
    fn undeclared_query_parameters_may_be_rejected() {
        let open = spec(
            json!({ "x-apigw-client-any-query": true, "responses": {} }),
            json!({}),
        );
        let closed = spec(json!({ "responses": {} }), json!({}));
        assert_compared(
            open.clone(),
            closed.clone(),
            &[
                "MayBreakWire POST /a: no longer accepts undeclared query parameters; check whether your callers send some",
            ],
        );
        assert_compared(
            closed,
            open,
            &["Adds POST /a: now accepts undeclared query parameters"],
        );
    }

    #[test]
    fn deprecation_is_reported_and_breaks_nothing() {
        let with = |is: bool| {
            let text = || json!({ "type": "string", "deprecated": is });
            let refer = json!({ "$ref": "#/components/schemas/A" });
            let mut operation = response(refer);
            operation["deprecated"] = json!(is);
            operation["parameters"] =
                json!([{ "name": "x", "in": "query", "deprecated": is, "schema": {} }]);
            let a = json!({ "type": "object", "properties": { "b": text() } });
            spec(operation, json!({ "A": a }))
        };
        assert_compared(
            with(false),
            with(true),
            &[
                "Alters POST /a: is now deprecated",
                "Alters POST /a `x`: is now deprecated",
                "Alters schema A.b: is now deprecated",
            ],
        );
    }

    #[test]
    fn any_is_compared_like_other_methods() {
        let with = |of: &str| {
            let item = json!({ "get": { "responses": {} }, ANY: { "responses": {}, "parameters": [
                { "name": "q", "in": "query", "required": false, "schema": { "type": of } } ] } });
            json!({ "paths": { "/{proxy+}": item } })
        };
        assert_compared(
            with("integer"),
            with("string"),
            &[&format!(
                "BreaksWire ANY /{{proxy+}} `q`: changed from integer to string; {SENT}"
            )],
        );
    }

    #[test]
    fn a_path_parameter_may_be_renamed_but_not_become_greedy() {
        let with = |path: &str| json!({ "paths": { path: { "get": { "responses": {} } } } });
        assert_compared(with("/a/{b}"), with("/a/{c}"), &[]);
        assert_compared(
            with("/a/{b}"),
            with("/a/{b+}"),
            &["BreaksWire GET /a/{b}: removed; existing clients get an error"],
        );
    }

    #[test]
    fn a_greedy_parameter_is_compared_like_any_other() {
        let with = |format: &str| {
            let schema = json!({ "type": "string", "format": format });
            let rest = json!({ "name": "rest", "in": "path", "required": true, "schema": schema });
            json!({ "paths": { "/a/{rest+}": { "get": { "parameters": [rest], "responses": {} } } } })
        };
        assert_compared(
            with("date"),
            with("uuid"),
            &[&format!(
                "BreaksWire GET /a/{{rest+}} `rest`: must now have the format \"uuid\"; {SENT}"
            )],
        );
    }

    #[test]
    fn a_crate_without_openapi_json_is_reported() {
        let new = Files::from([(
            "openapi.json".into(),
            spec(json!({ "responses": {} }), json!({})).to_string(),
        )]);
        let changes = compare(&Files::new(), &new);
        assert_eq!(changes.len(), 1);
        assert_eq!(changes[0].effect, Effect::Alters);
    }
}
