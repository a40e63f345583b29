//! Rust names of the named schemas.
//!
//! Most keep the name they have. The API Gateway console calls an inline schema `MODEL`
//! and six hexadecimal digits, which says nothing: it is named after its first place of
//! use. The AWS CDK appends a hash of eight to the names it makes: it is left out.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::Value;

use apigw_spec::api::{Api, Operation, Status};
use apigw_spec::names;
use apigw_spec::pointer;
use apigw_spec::report::Report;

const SCHEMAS: &str = "#/components/schemas/";

/// A name for every schema of the API, all different; `given` are names from `apis.toml`.
pub(crate) fn type_names(
    api: &Api,
    given: &BTreeMap<String, String>,
    report: &mut Report,
) -> HashMap<String, String> {
    let mut taken = HashSet::new();
    let mut named = HashMap::new();
    let mut name = |schema: &str, wanted: &str, named: &mut HashMap<String, String>| {
        let name = names::unique(&mut taken, &names::type_name(wanted), "");
        named.insert(schema.to_owned(), name.clone());
        name
    };
    // whoever has a name of their own comes first: a made one gives way
    for schema in api.schemas.keys() {
        if let Some(given) = given.get(schema) {
            name(schema, given, &mut named);
        }
    }
    for schema in api.schemas.keys() {
        if !is_made_up(schema) && !given.contains_key(schema) {
            name(schema, schema, &mut named);
        }
    }
    let console: Vec<&String> = api
        .schemas
        .keys()
        .filter(|schema| is_console_name(schema) && !given.contains_key(*schema))
        .collect();
    let mut places = match console.is_empty() {
        true => HashMap::new(),
        false => places_of_use(api),
    };
    for schema in api.schemas.keys() {
        if named.contains_key(schema) {
            continue;
        }
        let (wanted, problem) = match without_hash(schema) {
            Some(stem) => (stem.to_owned(), "schema name with a hash"),
            None => (
                places.remove(schema).unwrap_or_else(|| schema.clone()),
                "generated schema name",
            ),
        };
        let name = name(schema, &wanted, &mut named);
        report.add(
            "type-name",
            pointer::child("/components/schemas", schema),
            problem,
            format!("using type name `{name}`"),
        );
    }
    named
}

/// Whether a tool made the name up.
pub(crate) fn is_made_up(schema: &str) -> bool {
    is_console_name(schema) || without_hash(schema).is_some()
}

/// `MODEL` and six hexadecimal digits.
fn is_console_name(schema: &str) -> bool {
    schema.strip_prefix("MODEL").is_some_and(|digits| {
        digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
    })
}

/// The name before the eight hexadecimal digits, in upper case, that the CDK appends.
fn without_hash(schema: &str) -> Option<&str> {
    let at = schema.len().checked_sub(8)?;
    let (stem, hash) = schema.split_at_checked(at)?;
    let is_hash = hash
        .bytes()
        .all(|digit| digit.is_ascii_digit() || (b'A'..=b'F').contains(&digit))
        && hash.bytes().any(|digit| digit.is_ascii_digit());
    let is_word = stem.bytes().any(|letter| letter.is_ascii_lowercase());
    (is_hash && is_word).then_some(stem)
}

/// For every schema that is referred to, what an inline one would be called at the first
/// place: operations first, in their order, then the schemas that these reach.
fn places_of_use(api: &Api) -> HashMap<String, String> {
    let mut places = HashMap::new();
    for operation in &api.operations {
        for (schema, name) in used(operation) {
            visit(schema, name, &mut places);
        }
    }
    for (name, schema) in &api.schemas {
        let around = match places.get(name) {
            Some(place) if is_console_name(name) => place.clone(),
            _ => names::pascal(without_hash(name).unwrap_or(name), "Model"),
        };
        visit(schema, around, &mut places);
    }
    places
}

fn used(operation: &Operation) -> Vec<(&Value, String)> {
    let base = names::pascal(&operation.name, "Operation");
    let body = operation.body.iter().flat_map(|body| &body.content);
    let body = body.map(|content| (&content.schema, format!("{base}Body")));
    let responses = operation.responses.iter().flat_map(|response| {
        let side = match response.status {
            status if status.is_success() => "Response".to_owned(),
            Status::Code(code) => format!("Error{code}"),
            _ => "Error".to_owned(),
        };
        let name = format!("{base}{side}");
        let content = response.content.iter();
        content.map(move |content| (&content.schema, name.clone()))
    });
    let all = body.chain(responses);
    all.filter_map(|(schema, name)| Some((schema.as_ref()?, name)))
        .collect()
}

fn visit(schema: &Value, name: String, places: &mut HashMap<String, String>) {
    let Some(map) = schema.as_object() else {
        return;
    };
    if let Some(target) = map.get("$ref").and_then(Value::as_str) {
        if let Some(target) = target.strip_prefix(SCHEMAS) {
            places.entry(target.to_owned()).or_insert(name);
        }
        return;
    }
    for (property, inner) in map
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        visit(
            inner,
            format!("{name}{}", names::pascal(property, "Field")),
            places,
        );
    }
    if let Some(items) = map.get("items") {
        visit(items, format!("{name}Item"), places);
    }
    if let Some(values) = map.get("additionalProperties") {
        visit(values, format!("{name}Value"), places);
    }
    for key in ["allOf", "oneOf", "anyOf"] {
        for inner in map.get(key).and_then(Value::as_array).into_iter().flatten() {
            visit(inner, name.clone(), places);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use apigw_spec::spec::Spec;

    fn named(schemas: Value, given: &[(&str, &str)]) -> (HashMap<String, String>, Vec<String>) {
        let spec = json!({
            "openapi": "3.0.1",
            "info": { "title": "t", "version": "1" },
            "paths": { "/orders": { "post": {
                "requestBody": { "content": { "application/json": {
                    "schema": { "$ref": "#/components/schemas/MODEL1a2b3c" } } } },
                "responses": { "400": { "description": "no", "content": { "application/json": {
                    "schema": { "type": "array", "items": { "$ref": "#/components/schemas/MODEL4d5e6f" } } } } } },
            } } },
            "components": { "schemas": schemas },
        });
        let spec = Spec::parse("t.json", spec.to_string().as_bytes()).unwrap();
        let mut report = Report::new();
        let api = Api::read(&spec, &mut report);
        let given = given
            .iter()
            .map(|(schema, name)| ((*schema).to_owned(), (*name).to_owned()))
            .collect();
        let mut report = Report::new();
        let names = type_names(&api, &given, &mut report);
        let told = report.fixes().iter().map(ToString::to_string).collect();
        (names, told)
    }

    #[test]
    fn console_models_are_named_after_their_first_place_of_use() {
        let (names, told) = named(
            json!({
                "MODEL1a2b3c": { "properties": {
                    "lines": { "type": "array", "items": { "$ref": "#/components/schemas/MODELabc123" } } } },
                "MODEL4d5e6f": {}, "MODELabc123": {}, "MODEL000000": {},
            }),
            &[],
        );
        assert_eq!(names["MODEL1a2b3c"], "PostOrdersBody");
        assert_eq!(names["MODEL4d5e6f"], "PostOrdersError400Item");
        assert_eq!(names["MODELabc123"], "PostOrdersBodyLinesItem");
        // nothing refers to it
        assert_eq!(names["MODEL000000"], "Model000000");
        assert_eq!(
            told[0],
            "/components/schemas/MODEL1a2b3c: generated schema name; \
             using type name `PostOrdersBody` [type-name]"
        );
    }

    #[test]
    fn the_hash_of_the_cdk_is_left_out_and_never_takes_a_name_away() {
        let (names, _) = named(
            json!({
                "OrdersApiOrderModel4F2A1B3C": {}, "OrderList11223344": {},
                "OrderListAABBCC11": {}, "OrderList": {}, "Invoice12345678A": {},
            }),
            &[],
        );
        assert_eq!(names["OrdersApiOrderModel4F2A1B3C"], "OrdersApiOrderModel");
        assert_eq!(names["OrderList"], "OrderList");
        assert_eq!(names["OrderList11223344"], "OrderList2");
        assert_eq!(names["OrderListAABBCC11"], "OrderList3");
    }

    #[test]
    fn ordinary_names_stay_and_names_given_win() {
        let (names, told) = named(
            json!({ "order_item": {}, "OrderItem": {}, "MODEL1a2b3c": {}, "Feedback": {}, "MODELS": {} }),
            &[("MODEL1a2b3c", "Order"), ("OrderItem", "OrderItem")],
        );
        assert_eq!(names["MODEL1a2b3c"], "Order");
        assert_eq!(names["OrderItem"], "OrderItem");
        assert_eq!(names["order_item"], "OrderItem2");
        assert_eq!(names["Feedback"], "Feedback");
        assert_eq!(names["MODELS"], "Models");
        assert!(told.is_empty(), "{told:?}");
    }
}
