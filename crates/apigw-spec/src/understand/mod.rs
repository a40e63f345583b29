//! Conversion of a normalised spec to an [`Api`].

mod auth;
mod endpoint;

use std::collections::HashSet;

use indexmap::IndexMap;
use serde_json::{Map, Value};

use crate::api::{
    Api, Auth, Content, Encoding, FormStyle, Method, Operation, Paging, Parameter, Place,
    RequestBody, Response, Status,
};
use crate::choices::Choices;
use crate::fixes::{self, ANY_QUERY, API_KEY_HEADER, identity, json_content, template_names, walk};
use crate::media_type;
use crate::names::{self, Unnamed};
use crate::pointer::child;
use crate::report::Report;
use crate::spec::{Dialect, Spec};
use crate::swagger2;

impl Api {
    /// Converts a spec to an [`Api`], and adds all fixes to the report.
    ///
    /// Missing and invalid parts are replaced or removed, and reported.
    #[must_use]
    pub fn read(spec: &Spec, report: &mut Report) -> Self {
        Self::read_with(spec, &Choices::default(), report)
    }

    /// Converts a spec to an [`Api`] with settings that override it.
    #[must_use]
    pub fn read_with(spec: &Spec, choices: &Choices, report: &mut Report) -> Self {
        let mut root = spec.value().clone();
        if spec.dialect() == Dialect::Swagger2 {
            swagger2::to_openapi3(&mut root, report);
        }
        fixes::normalise(&mut root, report);

        let info = &root["info"];
        let endpoint = endpoint::read(&root, report);
        let mut api = Self {
            title: text(info, "title").unwrap_or_default(),
            description: text(info, "description"),
            version: text(info, "version").unwrap_or_default(),
            endpoint: endpoint.url,
            region: endpoint.region,
            binary_media_types: strings(root.get("x-amazon-apigateway-binary-media-types")),
            operations: operations(&root, report),
            schemas: schemas(&root),
        };
        api.name_operations(choices, report);
        choices.apply(&mut api);
        api
    }

    fn name_operations(&mut self, choices: &Choices, report: &mut Report) {
        let routes: Vec<String> = self.operations.iter().map(Operation::route).collect();
        let methods: Vec<String> = self
            .operations
            .iter()
            .map(|operation| match &operation.method {
                Method::One(method) => method.to_ascii_lowercase(),
                Method::Any => "any".to_owned(),
            })
            .collect();
        let unnamed: Vec<Unnamed<'_>> = self
            .operations
            .iter()
            .zip(routes.iter().zip(&methods))
            .map(|(operation, (route, method))| Unnamed {
                route,
                method,
                template: &operation.path,
                operation_id: operation.operation_id.as_deref(),
            })
            .collect();
        let names = names::operation_names(&unnamed, choices);
        for (operation, name) in self.operations.iter_mut().zip(names) {
            let configured = choices.names.contains_key(&operation.route());
            match &operation.operation_id {
                _ if configured => {}
                None => report.add(
                    "missing-operation-id",
                    &operation.pointer,
                    "missing operationId",
                    format!("using `{name}`"),
                ),
                Some(id) if names::snake(id, "") != name => report.add(
                    "operation-name",
                    child(&operation.pointer, "operationId"),
                    format!("operationId `{id}` is taken, reserved or not a Rust name"),
                    format!("using `{name}`"),
                ),
                Some(_) => {}
            }
            operation.name = name;
        }
    }
}

fn text(value: &Value, key: &str) -> Option<String> {
    let text = value.get(key)?.as_str()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn strings(value: Option<&Value>) -> Vec<String> {
    value
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

fn schemas(root: &Value) -> indexmap::IndexMap<String, Value> {
    root.pointer("/components/schemas")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(name, schema)| (name.clone(), schema.clone()))
        .collect()
}

fn operations(root: &Value, report: &mut Report) -> Vec<Operation> {
    let mut operations = Vec::new();
    let paths = root.get("paths").and_then(Value::as_object);
    for (template, item) in paths.into_iter().flatten() {
        let Some(item) = item.as_object() else {
            continue;
        };
        for (key, operation) in item {
            let method = match key.as_str() {
                walk::ANY_METHOD => Method::Any,
                method if walk::METHODS.contains(&method) => {
                    Method::One(method.to_ascii_uppercase())
                }
                _ => continue,
            };
            let Some(operation) = operation.as_object() else {
                continue;
            };
            let pointer = child(&child("/paths", template), key);
            let paging = paging(operation, &pointer, report);
            let mut auth = auth::read(root, operation, &pointer, report);
            let is_marked = |key| {
                [item, operation]
                    .iter()
                    .any(|holder| holder.contains_key(key))
            };
            auth.api_key |= is_marked(API_KEY_HEADER);
            let any_query = is_marked(ANY_QUERY) || method == Method::Any;
            operations.push(Operation {
                method,
                path: template.clone(),
                parameters: parameters(template, item, operation),
                any_query,
                auth,
                paging,
                pointer,
                ..read_operation(operation)
            });
        }
    }
    operations
}

/// The extension for paging, usually in an overlay, with the values of `paging` in `apis.toml`.
const PAGING: &str = "x-apigw-paging";

/// The extension for operations that can safely run twice, usually in an overlay, like `idempotent` in `apis.toml`.
const IDEMPOTENT: &str = "x-apigw-idempotent";

fn paging(operation: &Map<String, Value>, pointer: &str, report: &mut Report) -> Paging {
    match operation.get(PAGING) {
        None | Some(Value::Bool(true)) => Paging::Recognised,
        Some(Value::Bool(false)) => Paging::Off,
        Some(rule) => match serde_json::from_value(rule.clone()) {
            Ok(rule) => Paging::Given(rule),
            Err(error) => {
                report.add(
                    "paging",
                    child(pointer, PAGING),
                    format!("invalid `{PAGING}`: {error}"),
                    "detecting pages by names",
                );
                Paging::Recognised
            }
        },
    }
}

/// Converts the members of an operation that do not depend on the rest of the spec.
fn read_operation(operation: &Map<String, Value>) -> Operation {
    let field = |key: &str| {
        let text = operation.get(key)?.as_str()?.trim();
        (!text.is_empty()).then(|| text.to_owned())
    };
    Operation {
        name: String::new(),
        operation_id: field("operationId"),
        method: Method::Any,
        path: String::new(),
        summary: field("summary"),
        description: field("description"),
        deprecated: operation.get("deprecated") == Some(&Value::Bool(true)),
        parameters: Vec::new(),
        any_query: false,
        body: operation.get("requestBody").map(request_body),
        responses: responses(operation),
        auth: Auth::default(),
        streaming: operation
            .get("x-amazon-apigateway-integration")
            .and_then(|integration| integration.get("responseTransferMode"))
            .and_then(Value::as_str)
            .is_some_and(|mode| mode.eq_ignore_ascii_case("stream")),
        paging: Paging::default(),
        idempotent: operation.get(IDEMPOTENT) == Some(&Value::Bool(true)),
        pointer: String::new(),
    }
}

/// Returns the parameters of an operation, and those of its path item that it does not override
/// (OpenAPI 3.0, "Path Item Object").
fn parameters(
    template: &str,
    item: &Map<String, Value>,
    operation: &Map<String, Value>,
) -> Vec<Parameter> {
    let declared = |holder: &Map<String, Value>| -> Vec<Map<String, Value>> {
        let list = holder.get("parameters").and_then(Value::as_array);
        list.into_iter()
            .flatten()
            .filter_map(|parameter| parameter.as_object().cloned())
            .collect()
    };
    let own = declared(operation);
    let own_identities: HashSet<_> = own.iter().map(identity).collect();
    let mut all = declared(item);
    all.retain(|parameter| !own_identities.contains(&identity(parameter)));
    all.extend(own);

    let in_template = template_names(template);
    let mut parameters: Vec<Parameter> = all
        .into_iter()
        .filter_map(|parameter| {
            let name = parameter.get("name")?.as_str()?.to_owned();
            let place = match parameter.get("in")?.as_str()? {
                "path" => Place::Path {
                    greedy: in_template.contains(&(name.clone(), true)),
                },
                "query" => Place::Query,
                "header" => Place::Header,
                "cookie" => Place::Cookie,
                _ => return None,
            };
            let flag = |key| parameter.get(key).and_then(Value::as_bool);
            let json = json_content(&parameter).map(|(_, entry)| entry);
            let schema = json.map_or_else(|| parameter.get("schema"), |entry| entry.get("schema"));
            let separator = match parameter.get("style").and_then(Value::as_str) {
                Some("spaceDelimited") => ' ',
                Some("pipeDelimited") => '|',
                _ => ',',
            };
            Some(Parameter {
                required: flag("required").unwrap_or(false),
                // any JSON, if `content` has no schema
                schema: schema.cloned().unwrap_or_else(|| Value::Object(Map::new())),
                // by default, only `form`, the default style of the query, repeats the name
                explode: place == Place::Query && flag("explode").unwrap_or(separator == ','),
                separator,
                json: json.is_some(),
                deprecated: flag("deprecated").unwrap_or(false)
                    || schema.and_then(|schema| schema.get("deprecated"))
                        == Some(&Value::Bool(true)),
                description: parameter
                    .get("description")
                    .and_then(Value::as_str)
                    .filter(|text| !text.trim().is_empty())
                    .map(|text| text.trim().to_owned()),
                name,
                place,
            })
        })
        .collect();
    // path parameters in template order, then the others in spec order
    parameters.sort_by_key(|parameter| match parameter.place {
        Place::Path { .. } => in_template
            .iter()
            .position(|(name, _)| *name == parameter.name)
            .unwrap_or(0),
        _ => usize::MAX,
    });
    parameters
}

fn request_body(body: &Value) -> RequestBody {
    RequestBody {
        required: body.get("required") == Some(&Value::Bool(true)),
        content: content(body),
        description: text(body, "description"),
    }
}

fn responses(operation: &Map<String, Value>) -> Vec<Response> {
    operation
        .get("responses")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter_map(|(status, response)| {
            Some(Response {
                status: Status::parse(status)?,
                description: text(response, "description").unwrap_or_default(),
                content: content(response),
                headers: headers(response),
            })
        })
        .collect()
}

/// Returns the names of declared headers, except those of CORS, which only browsers use.
fn headers(response: &Value) -> Vec<String> {
    let headers = response.get("headers").and_then(Value::as_object);
    let names = headers.into_iter().flatten().map(|(name, _)| name.clone());
    let is_cors = |name: &String| name.to_ascii_lowercase().starts_with("access-control-");
    let mut names: Vec<String> = names.filter(|name| !is_cors(name)).collect();
    // their order has no meaning
    names.sort();
    names
}

fn content(holder: &Value) -> Vec<Content> {
    holder
        .get("content")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(media_type, entry)| Content {
            media_type: media_type.clone(),
            schema: entry.get("schema").cloned(),
            example: example(entry),
            encoding: encoding(media_type, entry),
        })
        .collect()
}

/// Returns the encoding of the properties of a form. Other media types have none (OpenAPI 3.0, "Media
/// Type Object").
fn encoding(media_type: &str, entry: &Value) -> IndexMap<String, Encoding> {
    let media_type = media_type::essence(media_type);
    let is_multipart = media_type == "multipart/form-data";
    if !is_multipart && media_type != "application/x-www-form-urlencoded" {
        return IndexMap::new();
    }
    let declared = entry.get("encoding").and_then(Value::as_object);
    let mut encoding: IndexMap<String, Encoding> = declared
        .into_iter()
        .flatten()
        .map(|(name, declared)| {
            let encoding = Encoding {
                content_type: text(declared, "contentType").filter(|_| is_multipart),
                style: form_style(declared),
            };
            (name.clone(), encoding)
        })
        .filter(|(_, encoding)| *encoding != Encoding::default())
        .collect();
    // the order has no meaning, so the client must not depend on it
    encoding.sort_unstable_keys();
    encoding
}

/// Returns the style of a list or an object. `explode` defaults to `true` for `form` only.
fn form_style(declared: &Value) -> FormStyle {
    let style = declared.get("style").and_then(Value::as_str);
    let explode = declared.get("explode").and_then(Value::as_bool);
    match style.unwrap_or("form") {
        "deepObject" => FormStyle::Deep,
        "spaceDelimited" if explode != Some(true) => FormStyle::Spaces,
        "pipeDelimited" if explode != Some(true) => FormStyle::Pipes,
        "form" if explode == Some(false) => FormStyle::Commas,
        _ => FormStyle::Repeated,
    }
}

fn example(entry: &Value) -> Option<Value> {
    if let Some(example) = entry.get("example") {
        return Some(example.clone());
    }
    let (_, first) = entry.get("examples")?.as_object()?.iter().next()?;
    Some(first.get("value").unwrap_or(first).clone())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn encodings_of_forms_are_read_and_defaults_are_omitted() {
        let entry = json!({ "encoding": {
            "photo": { "contentType": "image/png" },
            "ids": { "explode": false },
            "words": { "style": "pipeDelimited" },
            "at": { "style": "deepObject", "explode": true },
            "tags": { "style": "form", "explode": true },
        } });
        let styled = |style| Encoding {
            content_type: None,
            style,
        };
        let photo = Encoding {
            content_type: Some("image/png".to_owned()),
            style: FormStyle::Repeated,
        };
        let read = |media_type: &str| -> Vec<(String, Encoding)> {
            encoding(media_type, &entry).into_iter().collect()
        };
        let styles = [
            ("at".to_owned(), styled(FormStyle::Deep)),
            ("ids".to_owned(), styled(FormStyle::Commas)),
            ("words".to_owned(), styled(FormStyle::Pipes)),
        ];
        let mut all = styles.to_vec();
        all.insert(2, ("photo".to_owned(), photo));
        assert_eq!(read("multipart/form-data"), all);
        // only parts have a content type
        assert_eq!(read("application/x-www-form-urlencoded"), styles);
        assert_eq!(read("application/json"), []);
    }
}
