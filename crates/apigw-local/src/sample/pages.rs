//! Pages: a list of samples has two, so that a caller that fetches all of them reaches the end.

use apigw_spec::Api;
use apigw_spec::api::{Operation, Paging, Parameter, Place};
use apigw_spec::paging::{is_page_number, is_token, is_total};
use apigw_spec::schema::{self, Direction};
use serde_json::{Map, Value, json};

/// The names of a field, and of the object that contains it, if any: `page`, `next`.
type Path = Vec<String>;

/// The response to a request for the last page.
#[derive(Debug, PartialEq)]
pub(super) struct LastPage {
    /// The query parameter that requests it.
    pub(super) parameter: String,
    pub(super) body: Value,
}

/// Turns the sample of a body into the first of two pages, and returns the last one.
///
/// With tokens, the last page is without the token. With page numbers, both pages are the same, and the total is the
/// number of their items. Returns `None` if the operation is not paged by tokens.
pub(super) fn pages(
    api: &Api,
    operation: &Operation,
    schema: &Value,
    body: &mut Value,
) -> Option<LastPage> {
    let rule = match &operation.paging {
        Paging::Off => return None,
        Paging::Given(rule) => Some(rule),
        Paging::Recognised => None,
    };
    let fields = fields(body.as_object()?);
    let token = match rule {
        Some(rule) => rule
            .token
            .as_ref()
            .map(|token| (rule.parameter.clone(), path(token))),
        None => fields.iter().find_map(|field| {
            let name = field.last()?;
            let parameter = query(operation).find(|one| is_token(name, &one.name))?;
            Some((parameter.name.clone(), field.clone()))
        }),
    };
    if let Some((parameter, token)) = token {
        let body = last_page(api, schema, body, &token)?;
        return Some(LastPage { parameter, body });
    }
    let total = match rule {
        Some(rule) => rule.total.as_ref().map(|total| path(total)),
        None => query(operation)
            .find(|parameter| is_page_number(&parameter.name))
            .and_then(|_| {
                let is_named = |field: &&Path| field.last().is_some_and(|name| is_total(name));
                fields.iter().find(is_named).cloned()
            }),
    }?;
    let is_list = |field: &&Path| at(body, field).is_some_and(Value::is_array);
    let items = match rule {
        Some(rule) => path(&rule.items),
        None => {
            let beside = |field: &&Path| field.len() == total.len() && is_list(field);
            let mut lists = fields.iter();
            lists
                .clone()
                .find(beside)
                .or_else(|| lists.find(is_list))?
                .clone()
        }
    };
    let count = at(body, &items)?.as_array()?.len();
    *at_mut(body, &total)? = json!(2 * count);
    None
}

/// Returns the page without the token. If the schema requires one, it is `null` or empty.
fn last_page(api: &Api, schema: &Value, first: &Value, token: &Path) -> Option<Value> {
    at(first, token).filter(|token| !token.is_null())?;
    let removed = || {
        let mut page = first.clone();
        let (name, parents) = token.split_last()?;
        at_mut(&mut page, parents)?
            .as_object_mut()?
            .shift_remove(name);
        Some(page)
    };
    let with = |value: Value| {
        let mut page = first.clone();
        *at_mut(&mut page, token)? = value;
        Some(page)
    };
    [removed(), with(Value::Null), with(json!(""))]
        .into_iter()
        .flatten()
        .find(|page| schema::check(api, schema, page, Direction::Response).is_ok())
}

/// Returns the fields of an object, and then those of the objects in it.
fn fields(object: &Map<String, Value>) -> Vec<Path> {
    let own = object.keys().map(|name| vec![name.clone()]);
    let inner = object.iter().flat_map(|(holder, value)| {
        let fields = value.as_object().into_iter().flat_map(Map::keys);
        fields.map(|name| vec![holder.clone(), name.clone()])
    });
    own.chain(inner).collect()
}

fn query(operation: &Operation) -> impl Iterator<Item = &Parameter> {
    let parameters = operation.parameters.iter();
    parameters.filter(|parameter| parameter.place == Place::Query && !parameter.required)
}

fn path(dotted: &str) -> Path {
    dotted.split('.').map(str::to_owned).collect()
}

fn at<'a>(value: &'a Value, path: &[String]) -> Option<&'a Value> {
    path.iter().try_fold(value, |value, name| value.get(name))
}

fn at_mut<'a>(value: &'a mut Value, path: &[String]) -> Option<&'a mut Value> {
    path.iter()
        .try_fold(value, |value, name| value.get_mut(name))
}

#[cfg(test)]
mod tests {
    use apigw_spec::{Report, Spec};

    use super::*;

    /// Returns both pages of `GET /things`, with this schema and these query parameters.
    fn things(query: &[&str], rule: &str, schema: &Value, body: Value) -> (Value, Option<Value>) {
        let parameters: Vec<Value> = query
            .iter()
            .map(|name| json!({ "name": name, "in": "query", "schema": { "type": "string" } }))
            .collect();
        let spec = json!({
            "openapi": "3.0.1", "info": { "title": "t", "version": "1" },
            "paths": { "/things": { "get": { "parameters": parameters, "responses": { "200": {
                "description": "", "content": { "application/json": { "schema": schema } } } } } } },
        });
        let spec = Spec::parse("a.json", spec.to_string().as_bytes()).unwrap();
        let mut api = Api::read(&spec, &mut Report::new());
        if !rule.is_empty() {
            api.operations[0].paging =
                Paging::Given(serde_json::from_str(rule).expect("a paging rule"));
        }
        let mut first = body;
        let last = pages(&api, &api.operations[0], schema, &mut first);
        (first, last.map(|last| last.body))
    }

    #[test]
    fn the_last_page_has_no_token() {
        let schema = json!({ "type": "object" });
        let body = json!({ "items": [1], "nextToken": "t" });
        let (first, last) = things(&["limit", "nextToken"], "", &schema, body.clone());
        assert_eq!(first, body);
        assert_eq!(last, Some(json!({ "items": [1] })));
    }

    #[test]
    fn a_required_token_is_null_or_empty_at_the_end() {
        for (token, end) in [
            (
                json!({ "type": "string", "nullable": true }),
                json!({ "next_token": null }),
            ),
            (json!({ "type": "string" }), json!({ "next_token": "" })),
        ] {
            let schema = json!({ "type": "object", "required": ["next_token"], "properties": { "next_token": token } });
            let body = json!({ "next_token": "t" });
            assert_eq!(things(&["pageToken"], "", &schema, body).1, Some(end));
        }
    }

    #[test]
    fn a_token_in_a_nested_object_is_found() {
        let schema = json!({ "type": "object" });
        let body = json!({ "rows": [1], "meta": { "cursor": "t", "size": 1 } });
        let end = json!({ "rows": [1], "meta": { "size": 1 } });
        assert_eq!(things(&["cursor"], "", &schema, body).1, Some(end));
    }

    #[test]
    fn a_rule_of_the_spec_names_the_token() {
        let schema = json!({ "type": "object" });
        let rule = r#"{ "parameter": "from", "token": "page.then", "items": "rows" }"#;
        let body = json!({ "rows": [1], "page": { "then": "t" } });
        let end = json!({ "rows": [1], "page": {} });
        assert_eq!(things(&["from"], rule, &schema, body).1, Some(end));
    }

    #[test]
    fn numbered_pages_have_as_many_items_as_the_total() {
        let schema = json!({ "type": "object" });
        let body = json!({ "items": [1, 2, 3], "total": 5000 });
        let (first, last) = things(&["page"], "", &schema, body);
        assert_eq!(
            (first, last),
            (json!({ "items": [1, 2, 3], "total": 6 }), None)
        );
    }

    #[test]
    fn other_responses_do_not_change() {
        let schema = json!({ "type": "object" });
        for (query, body) in [
            (vec!["limit"], json!({ "items": [1], "nextToken": "t" })),
            (vec!["nextToken"], json!([1])),
            (vec!["nextToken"], json!({ "nextToken": null })),
            (vec!["page"], json!({ "total": 5 })),
        ] {
            let (first, last) = things(&query, "", &schema, body.clone());
            assert_eq!((first, last), (body, None));
        }
    }
}
