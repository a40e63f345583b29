//! Conversion of Swagger 2.0 to OpenAPI 3.0.
//!
//! Only the differences between the two versions are converted. Missing and invalid values are
//! unchanged, because the [fixes](crate::fixes) handle them for all versions. Features without an
//! equivalent in OpenAPI 3.0 are reported.

mod body;
mod defaults;
mod parameter;
mod part;
mod response;
mod schema;

use defaults::Defaults;
use part::Part;
use serde_json::{Map, Value, json};

use crate::Report;
use crate::pointer;

/// Converts a Swagger 2.0 spec to OpenAPI 3.0, in place.
///
/// Extensions (`x-…`) and the order of keys are kept. A value that is not an object is unchanged.
///
/// ```
/// use apigw_spec::{Report, swagger2};
/// use serde_json::json;
///
/// let mut spec = json!({
///     "swagger": "2.0",
///     "host": "abcde12345.execute-api.eu-west-1.amazonaws.com",
///     "basePath": "/prod",
///     "schemes": ["https"],
///     "paths": {},
/// });
/// swagger2::to_openapi3(&mut spec, &mut Report::new());
/// assert_eq!(spec, json!({
///     "openapi": "3.0.3",
///     "servers": [{"url": "https://abcde12345.execute-api.eu-west-1.amazonaws.com/prod"}],
///     "paths": {},
/// }));
/// ```
pub fn to_openapi3(spec: &mut Value, report: &mut Report) {
    let Value::Object(root) = spec else {
        return;
    };
    let mut old = std::mem::take(root);
    old.shift_remove("swagger");
    let defaults = Defaults {
        consumes: media_types(old.shift_remove("consumes")),
        produces: media_types(old.shift_remove("produces")),
        parameters: match old.get("parameters") {
            Some(Value::Object(parameters)) => parameters.clone(),
            _ => Map::new(),
        },
        scalars: defaults::scalars(old.get("definitions")),
    };
    let servers = servers(&mut old, report);
    let components = components(&mut old, &defaults, report);
    if let Some(Value::Object(paths)) = old.get_mut("paths") {
        for (path, item) in paths {
            path_item(item, &pointer::child("/paths", path), &defaults, report);
        }
    }

    // in the order of the OpenAPI specification
    root.insert("openapi".to_owned(), json!("3.0.3"));
    if let Some(info) = old.shift_remove("info") {
        root.insert("info".to_owned(), info);
    }
    if let Some(servers) = servers {
        root.insert("servers".to_owned(), servers);
    }
    root.extend(old);
    if !components.is_empty() {
        root.insert("components".to_owned(), Value::Object(components));
    }
    rewrite_references(spec);
}

/// Converts `host`, `basePath` and `schemes` to one server per scheme.
fn servers(root: &mut Map<String, Value>, report: &mut Report) -> Option<Value> {
    let mut take = |key: &str| {
        let value = root.shift_remove(key);
        value.filter(|value| !value.is_null() && value != "")
    };
    let (host, base_path) = (take("host"), take("basePath"));
    let mut schemes = media_types(root.shift_remove("schemes"));
    if host.is_none() && base_path.is_none() {
        return None;
    }
    if root.contains_key("servers") {
        report.add(
            "two-servers",
            "/host",
            "`host` or `basePath` alongside `servers`",
            "using `servers`",
        );
        return None;
    }
    let (host, base_path) = match (host, base_path) {
        (None, Some(Value::String(path))) => (None, path),
        (Some(Value::String(host)), None) => (Some(host), String::new()),
        (Some(Value::String(host)), Some(Value::String(path))) => (Some(host), path),
        _ => {
            report.add(
                "host-not-text",
                "/host",
                "`host` or `basePath` is not a string",
                "removed (set the endpoint when building the client)",
            );
            return None;
        }
    };
    let path = match base_path.trim_matches('/') {
        "" => String::new(),
        path => format!("/{path}"),
    };
    let Some(host) = host else {
        return (!path.is_empty()).then(|| json!([{"url": path}]));
    };
    // API Gateway only supports https, but old exports list other schemes
    schemes.retain(|scheme| scheme == "http" || scheme == "https");
    schemes.sort_by_key(|scheme| scheme != "https");
    if schemes.is_empty() {
        schemes.push("https".to_owned());
    }
    let servers = schemes.iter();
    Some(
        servers
            .map(|scheme| json!({"url": format!("{scheme}://{host}{path}")}))
            .collect(),
    )
}

/// Moves the top-level sections that OpenAPI 3.0 has in `components`.
fn components(
    root: &mut Map<String, Value>,
    defaults: &Defaults,
    report: &mut Report,
) -> Map<String, Value> {
    let mut components = match root.shift_remove("components") {
        Some(Value::Object(components)) => components,
        _ => Map::new(),
    };
    if let Some(mut schemas) = root.shift_remove("definitions") {
        for_each(&mut schemas, "/definitions", |schema, _| {
            schema::convert(schema);
        });
        components.insert("schemas".to_owned(), schemas);
    }
    if let Some(mut parameters) = root.shift_remove("parameters") {
        if let Value::Object(parameters) = &mut parameters {
            // body parameters are inlined where they are used
            parameters.retain(|_, parameter| !part::is_body(parameter));
        }
        for_each(&mut parameters, "/parameters", |parameter, place| {
            parameter::convert(parameter, place, report);
        });
        components.insert("parameters".to_owned(), parameters);
    }
    if let Some(mut responses) = root.shift_remove("responses") {
        for_each(&mut responses, "/responses", |response, _| {
            response::convert(response, &defaults.produces);
        });
        components.insert("responses".to_owned(), responses);
    }
    if let Some(mut schemes) = root.shift_remove("securityDefinitions") {
        for_each(&mut schemes, "/securityDefinitions", |scheme, _| {
            security_scheme(scheme);
        });
        components.insert("securitySchemes".to_owned(), schemes);
    }
    components
}

/// Converts `basic` and `oauth2` security schemes. `apiKey`, which API Gateway uses for IAM and all
/// authorizers, is the same in both versions.
fn security_scheme(scheme: &mut Value) {
    let Value::Object(scheme) = scheme else {
        return;
    };
    match scheme.get("type").and_then(Value::as_str) {
        Some("basic") => {
            scheme.insert("type".to_owned(), json!("http"));
            scheme.insert("scheme".to_owned(), json!("basic"));
        }
        Some("oauth2") if !scheme.contains_key("flows") => {
            let name = match scheme.shift_remove("flow").as_ref().and_then(Value::as_str) {
                Some("application") => "clientCredentials",
                Some("accessCode") => "authorizationCode",
                Some("password") => "password",
                _ => "implicit",
            };
            let mut flow = Map::new();
            for key in ["authorizationUrl", "tokenUrl", "scopes"] {
                if let Some(value) = scheme.shift_remove(key) {
                    flow.insert(key.to_owned(), value);
                }
            }
            flow.entry("scopes").or_insert_with(|| json!({}));
            scheme.insert("flows".to_owned(), json!({name: flow}));
        }
        _ => {}
    }
}

/// Converts the shared parameters and the operations of a path item.
fn path_item(item: &mut Value, place: &str, defaults: &Defaults, report: &mut Report) {
    let Value::Object(item) = item else {
        return;
    };
    let shared = parameter::convert_list(item, place, defaults, report);
    for (key, operation) in item {
        if is_operation(key)
            && let Value::Object(operation) = operation
        {
            let place = pointer::child(place, key);
            convert_operation(operation, &place, &shared, defaults, report);
        }
    }
}

/// Returns whether a key of a path item is that of an operation.
fn is_operation(key: &str) -> bool {
    const METHODS: [&str; 7] = ["get", "put", "post", "delete", "options", "head", "patch"];
    key == "x-amazon-apigateway-any-method"
        || METHODS
            .iter()
            .any(|method| key.eq_ignore_ascii_case(method))
}

fn convert_operation(
    operation: &mut Map<String, Value>,
    place: &str,
    shared: &[Part],
    defaults: &Defaults,
    report: &mut Report,
) {
    let mut own = |key: &str, default: &[String]| {
        let own = media_types(operation.shift_remove(key));
        if own.is_empty() {
            default.to_vec()
        } else {
            own
        }
    };
    let consumes = own("consumes", &defaults.consumes);
    let produces = own("produces", &defaults.produces);
    if operation.shift_remove("schemes").is_some() {
        report.add(
            "operation-schemes",
            pointer::child(place, "schemes"),
            "`schemes` of an operation",
            "using the schemes of the API",
        );
    }

    let mut parts = parameter::convert_list(operation, place, defaults, report);
    parts.extend(body::not_overridden(shared, &parts));
    if !parts.is_empty() {
        if operation.contains_key("requestBody") {
            report.add(
                "two-request-bodies",
                pointer::child(place, "requestBody"),
                "body parameters alongside `requestBody`",
                "using `requestBody`",
            );
        } else {
            let body = body::request_body(parts, &consumes, place, defaults, report);
            operation.insert("requestBody".to_owned(), body);
        }
    }

    if let Some(responses) = operation.get_mut("responses") {
        for_each(responses, place, |response, _| {
            response::convert(response, &produces);
        });
    }
}

/// Updates references to the moved sections. References to other files are unchanged, because
/// files can use another version.
fn rewrite_references(value: &mut Value) {
    const MOVED: [(&str, &str); 4] = [
        ("#/definitions/", "#/components/schemas/"),
        ("#/parameters/", "#/components/parameters/"),
        ("#/responses/", "#/components/responses/"),
        ("#/securityDefinitions/", "#/components/securitySchemes/"),
    ];
    match value {
        Value::Object(map) => {
            if let Some(Value::String(reference)) = map.get_mut("$ref") {
                for (old, new) in MOVED {
                    if let Some(name) = reference.strip_prefix(old) {
                        *reference = format!("{new}{name}");
                        break;
                    }
                }
            }
            map.values_mut().for_each(rewrite_references);
        }
        Value::Array(items) => items.iter_mut().for_each(rewrite_references),
        _ => {}
    }
}

/// Visits every value of an object except extensions, with its pointer.
fn for_each(map: &mut Value, place: &str, mut convert: impl FnMut(&mut Value, &str)) {
    if let Value::Object(map) = map {
        for (key, value) in map {
            if !key.starts_with("x-") {
                convert(value, &pointer::child(place, key));
            }
        }
    }
}

/// Returns the strings in an array such as `consumes`, or a single string.
fn media_types(list: Option<Value>) -> Vec<String> {
    let items = match list {
        Some(Value::Array(items)) => items,
        Some(text @ Value::String(_)) => vec![text],
        _ => Vec::new(),
    };
    items
        .into_iter()
        .filter_map(|item| match item {
            Value::String(text) => Some(text),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn converted(mut spec: Value) -> (Value, Vec<(&'static str, String)>) {
        let mut report = Report::new();
        to_openapi3(&mut spec, &mut report);
        let fixes = report.fixes().iter();
        let fixes = fixes.map(|fix| (fix.rule, fix.pointer.clone()));
        (spec, fixes.collect())
    }

    /// Converts a spec without reporting anything.
    fn clean(spec: Value) -> Value {
        let (spec, reported) = converted(spec);
        assert_eq!(reported, []);
        spec
    }

    /// Converts a single operation, `POST /a`.
    fn operation(operation: Value) -> Value {
        clean(json!({"swagger": "2.0", "paths": {"/a": {"post": operation}}}))["paths"]["/a"]["post"]
            .take()
    }

    #[test]
    fn the_order_of_keys_is_kept_after_version_and_info() {
        let spec = clean(json!({
            "swagger": "2.0", "x-a": 1, "info": {}, "paths": {}, "tags": [], "definitions": {},
            "x-b": 2
        }));
        let keys: Vec<_> = spec.as_object().unwrap().keys().collect();
        assert_eq!(
            keys,
            [
                "openapi",
                "info",
                "x-a",
                "paths",
                "tags",
                "x-b",
                "components"
            ]
        );
    }

    #[test]
    fn host_base_path_and_schemes_are_converted_to_servers() {
        for (head, servers) in [
            (
                json!({"host": "h", "basePath": "/prod", "schemes": ["https"]}),
                json!([{"url": "https://h/prod"}]),
            ),
            (
                json!({"host": "h", "basePath": "prod/"}),
                json!([{"url": "https://h/prod"}]),
            ),
            (
                json!({"host": "h", "basePath": "/"}),
                json!([{"url": "https://h"}]),
            ),
            (
                json!({"host": "h", "schemes": ["http", "https"]}),
                json!([{"url": "https://h"}, {"url": "http://h"}]),
            ),
            (json!({"basePath": "/prod"}), json!([{"url": "/prod"}])),
            (json!({"basePath": "/"}), json!(null)),
            (json!({"host": null, "schemes": ["https"]}), json!(null)),
            (json!({"host": "", "basePath": ""}), json!(null)),
        ] {
            assert_eq!(clean(head.clone())["servers"], servers, "{head}");
        }
    }

    #[test]
    fn a_host_that_is_an_intrinsic_function_is_reported() {
        let (spec, reported) = converted(json!({"host": {"Fn::Sub": "${Api}.x"}}));
        assert_eq!(spec, json!({"openapi": "3.0.3"}));
        assert_eq!(reported, [("host-not-text", "/host".to_owned())]);
    }

    #[test]
    fn top_level_sections_move_to_components_and_references_are_updated() {
        let spec = clean(json!({
            "definitions": {
                "Order": {"properties": {"next": {"$ref": "#/definitions/Order"}}}
            },
            "parameters": {"Limit": {"name": "limit", "in": "query", "type": "integer"}},
            "responses": {"Gone": {"schema": {"$ref": "#/definitions/Order"}}},
            "paths": {"/a": {"get": {
                "parameters": [{"$ref": "#/parameters/Limit"}],
                "responses": {
                    "410": {"$ref": "#/responses/Gone"},
                    "400": {"$ref": "other.yaml#/responses/Bad"}
                }
            }}}
        }));
        let order = json!({"$ref": "#/components/schemas/Order"});
        assert_eq!(
            spec["components"],
            json!({
                "schemas": {"Order": {"properties": {"next": order}}},
                "parameters": {
                    "Limit": {"name": "limit", "in": "query", "schema": {"type": "integer"}}
                },
                "responses": {"Gone": {"content": {"application/json": {"schema": order}}}}
            })
        );
        assert_eq!(
            spec["paths"]["/a"]["get"],
            json!({
                "parameters": [{"$ref": "#/components/parameters/Limit"}],
                "responses": {
                    "410": {"$ref": "#/components/responses/Gone"},
                    "400": {"$ref": "other.yaml#/responses/Bad"}
                }
            })
        );
    }

    #[test]
    fn iam_and_api_key_schemes_are_unchanged() {
        let schemes = json!({
            "sigv4": {
                "type": "apiKey", "name": "Authorization", "in": "header",
                "x-amazon-apigateway-authtype": "awsSigv4"
            },
            "api_key": {"type": "apiKey", "name": "x-api-key", "in": "header"}
        });
        let spec = clean(json!({"securityDefinitions": schemes}));
        assert_eq!(spec["components"]["securitySchemes"], schemes);
    }

    #[test]
    fn basic_and_oauth2_schemes_are_converted() {
        let spec = clean(json!({"securityDefinitions": {
            "b": {"type": "basic"},
            "o": {"type": "oauth2", "flow": "accessCode", "authorizationUrl": "https://a",
                  "tokenUrl": "https://t", "x-kept": 1}
        }}));
        assert_eq!(
            spec["components"]["securitySchemes"],
            json!({
                "b": {"type": "http", "scheme": "basic"},
                "o": {"type": "oauth2", "x-kept": 1, "flows": {"authorizationCode": {
                    "authorizationUrl": "https://a", "tokenUrl": "https://t", "scopes": {}
                }}}
            })
        );
    }

    #[test]
    fn media_types_of_an_operation_override_those_of_the_api() {
        let body = json!([{"name": "b", "in": "body", "schema": {"type": "object"}}]);
        let responses = json!({"200": {"schema": {"type": "object"}}});
        let spec = clean(json!({
            "consumes": ["text/root"], "produces": ["text/root"],
            "paths": {"/a": {
                "post": {"parameters": body, "responses": responses},
                "put": {
                    "consumes": ["text/in"], "produces": ["text/out"],
                    "parameters": body, "responses": responses
                }
            }}
        }));
        let media_type = |method: &str, pointer: &str| {
            let operation = &spec["paths"]["/a"][method];
            let content = operation.pointer(pointer).unwrap().as_object().unwrap();
            content.keys().next().unwrap().clone()
        };
        let (body, response) = ("/requestBody/content", "/responses/200/content");
        assert_eq!(media_type("post", body), "text/root");
        assert_eq!(media_type("post", response), "text/root");
        assert_eq!(media_type("put", body), "text/in");
        assert_eq!(media_type("put", response), "text/out");
        assert_eq!(spec.get("consumes"), None);
        assert_eq!(spec["paths"]["/a"]["put"].get("produces"), None);
    }

    #[test]
    fn a_referenced_body_is_inlined() {
        let spec = clean(json!({
            "parameters": {"New": {
                "name": "New", "in": "body", "schema": {"$ref": "#/definitions/Order"}
            }},
            "paths": {"/a": {"post": {"parameters": [{"$ref": "#/parameters/New"}]}}}
        }));
        assert_eq!(
            spec["paths"]["/a"]["post"],
            json!({"requestBody": {"content": {"application/json": {
                "schema": {"$ref": "#/components/schemas/Order"}
            }}}})
        );
        assert_eq!(spec["components"], json!({"parameters": {}}));
    }

    #[test]
    fn operations_can_override_the_body_of_the_path_item() {
        let body = |kind: &str| json!({"name": "b", "in": "body", "schema": {"type": kind}});
        let spec = clean(json!({"paths": {"/a": {
            "parameters": [body("object"), {"name": "q", "in": "query", "type": "string"}],
            "post": {},
            "put": {"parameters": [body("string")]}
        }}}));
        let path = &spec["paths"]["/a"];
        assert_eq!(
            path["parameters"],
            json!([{"name": "q", "in": "query", "schema": {"type": "string"}}])
        );
        let schema = "/requestBody/content/application~1json/schema/type";
        assert_eq!(path["post"].pointer(schema), Some(&json!("object")));
        assert_eq!(path["put"].pointer(schema), Some(&json!("string")));
    }

    #[test]
    fn the_any_method_of_api_gateway_is_converted() {
        let spec = clean(
            json!({"paths": {"/{proxy+}": {"x-amazon-apigateway-any-method": {
                "produces": ["application/json"],
                "parameters": [{"name": "proxy", "in": "path", "required": true, "type": "string"}],
                "responses": {}
            }}}}),
        );
        assert_eq!(
            spec["paths"]["/{proxy+}"]["x-amazon-apigateway-any-method"],
            json!({
                "parameters": [{
                    "name": "proxy", "in": "path", "required": true, "schema": {"type": "string"}
                }],
                "responses": {}
            })
        );
    }

    #[test]
    fn extensions_are_kept() {
        let extensions = json!({
            "x-amazon-apigateway-integration": {"type": "mock", "responses": {"default": {}}},
            "responses": {"x-kept": {"schema": 1}}
        });
        assert_eq!(operation(extensions.clone()), extensions);
    }

    #[test]
    fn schemes_of_an_operation_are_reported() {
        let (_, reported) = converted(json!({"paths": {"/a": {"get": {"schemes": ["wss"]}}}}));
        assert_eq!(
            reported,
            [("operation-schemes", "/paths/~1a/get/schemes".to_owned())]
        );
    }

    #[test]
    fn missing_and_null_values_are_unchanged() {
        for odd in [
            json!({"paths": null}),
            json!({"paths": {"/a": null, "/b": [], "/c": {"get": null}}}),
            json!({"paths": {"/a": {"get": {"parameters": null, "responses": null}}}}),
            json!({"paths": {"/a": {"get": {"parameters": [null, 1, {}], "responses": []}}}}),
        ] {
            let mut wanted = odd.clone();
            wanted["openapi"] = json!("3.0.3");
            assert_eq!(clean(odd), wanted);
        }
        assert_eq!(clean(json!([])), json!([]));
        let spec = clean(json!({"definitions": null, "responses": [], "parameters": 1}));
        assert_eq!(
            spec["components"],
            json!({"schemas": null, "responses": [], "parameters": 1})
        );
    }

    const EXPORT: &str = include_str!("../../../../specs/inventory.json");

    /// Collects the pointers of all values in a spec.
    fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
        found.push(at.to_owned());
        match value {
            Value::Object(map) => {
                for (key, value) in map {
                    pointers(value, &pointer::child(at, key), found);
                }
            }
            Value::Array(items) => {
                for (index, value) in items.iter().enumerate() {
                    pointers(value, &pointer::index(at, index), found);
                }
            }
            _ => {}
        }
    }

    #[test]
    fn values_of_a_wrong_type_do_not_prevent_the_conversion_of_references() {
        let export: Value = serde_json::from_str(EXPORT).unwrap();
        let mut places = Vec::new();
        pointers(&export, "", &mut places);
        assert!(places.len() > 300, "only {}", places.len());
        let wrong = [
            json!(null),
            json!(7),
            json!("file"),
            json!([[null]]),
            json!({"$ref": "#/parameters/none", "in": "body"}),
        ];
        for (place, wrong) in places
            .iter()
            .flat_map(|place| wrong.iter().map(move |w| (place, w)))
        {
            let mut spec = export.clone();
            *spec.pointer_mut(place).unwrap() = wrong.clone();
            to_openapi3(&mut spec, &mut Report::new());
            let text = spec.to_string();
            assert!(!text.contains("#/definitions/"), "{place} = {wrong}");
        }
    }
}
