//! Operations as a spec describes them, read without any code of the generator.
//!
//! Sources: the OpenAPI 3.0 and 3.1 specifications, Swagger 2.0, and the API Gateway extensions to them
//! (developer guide, "OpenAPI extensions for API Gateway").

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::Error;

/// One operation.
#[derive(Debug)]
pub(super) struct Operation {
    /// `GET`, or `ANY` for `x-amazon-apigateway-any-method`.
    pub(super) method: String,
    pub(super) path: String,
    pub(super) id: Option<String>,
    pub(super) parameters: Vec<Parameter>,
    /// Whether callers may set query parameters that the spec does not name.
    pub(super) any_query: bool,
    pub(super) body: Option<Body>,
    /// The parts of the body, if it is a multipart form whose schema has properties.
    pub(super) parts: Vec<Part>,
    /// By status as declared: `200`, `4XX`, `default`.
    pub(super) responses: BTreeMap<String, Media>,
    pub(super) access: Access,
    /// Whether the integration streams the response.
    pub(super) streams: bool,
}

impl Operation {
    /// Whether every request is a multipart form with the parts of the spec.
    pub(super) fn requires_form(&self) -> bool {
        let body = self.body.as_ref().filter(|body| body.required);
        !self.parts.is_empty() && body.is_some_and(|body| body.media.0.len() == 1)
    }
}

#[derive(Debug)]
pub(super) struct Parameter {
    pub(super) place: Place,
    pub(super) name: String,
    pub(super) required: bool,
    pub(super) schema: Value,
    /// Whether the items of a list are sent as one value.
    pub(super) joined: bool,
    /// What is between the items of a list in one value.
    pub(super) separator: char,
    /// Whether the value is sent as JSON.
    pub(super) json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Path,
    Query,
    Header,
    Cookie,
}

#[derive(Debug)]
pub(super) struct Body {
    pub(super) required: bool,
    pub(super) media: Media,
    /// The encoding of the fields of a form, by name (OpenAPI 3.0.3, "Encoding Object").
    pub(super) encoding: Value,
}

/// A part of a multipart form.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) name: String,
    pub(super) required: bool,
    pub(super) schema: Value,
    pub(super) encoding: Value,
    pub(super) is_file: bool,
}

impl Part {
    pub(super) fn is_list(&self) -> bool {
        text(&self.schema, "type") == Some("array")
    }

    pub(super) fn content_type(&self) -> Option<&str> {
        let one = |name: &&str| !name.contains([',', '*']);
        let declared = text(&self.encoding, "contentType").filter(one);
        // OpenAPI 3.1.0, "Considerations for File Uploads"
        declared.or_else(|| text(&self.schema, "contentMediaType"))
    }
}

/// Returns the character between the values of a list in a form, unless the field is repeated.
pub(super) fn separator(encoding: &Value) -> Option<char> {
    let explode = flag(encoding, "explode");
    match text(encoding, "style").unwrap_or("form") {
        "form" if explode == Some(false) => Some(','),
        "spaceDelimited" if explode != Some(true) => Some(' '),
        "pipeDelimited" if explode != Some(true) => Some('|'),
        _ => None,
    }
}

/// How requests to an operation are authorized.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Access {
    pub(super) signed: bool,
    pub(super) api_key: bool,
}

/// Media types and their schemas, in the order of the spec.
#[derive(Debug, Default)]
pub(super) struct Media(pub(super) Vec<(String, Value)>);

impl Media {
    /// Returns the one to send or to accept: JSON if there is any, else the first.
    pub(super) fn chosen(&self) -> Option<&(String, Value)> {
        let json = self.0.iter().find(|(name, _)| is_json(name));
        json.or(self.0.first())
    }
}

/// Whether a media type is `application/json` or has the suffix `+json` (RFC 6839 §3.1).
pub(super) fn is_json(media_type: &str) -> bool {
    let name = media_type.split(';').next().unwrap_or_default().trim();
    name == "application/json" || name.ends_with("+json")
}

/// Headers that the client or the signer sets, so that declaring them gives no argument (OpenAPI 3.0.3, "Parameter
/// Object", for the first three).
const OWN_HEADERS: [&str; 4] = ["accept", "content-type", "authorization", "x-api-key"];

const METHODS: [&str; 8] = [
    "get", "head", "post", "put", "patch", "delete", "options", "trace",
];

/// A spec.
pub(super) struct Spec(Value);

impl Spec {
    pub(super) fn parse(path: &str, text: &str) -> Result<Self, Error> {
        let value = match path.ends_with(".json") {
            true => serde_json::from_str(text)?,
            false => {
                // YAML 1.2: `no` and `n` are strings
                let options = serde_saphyr::options! {
                    strict_booleans: true,
                    // as most readers do
                    duplicate_keys: serde_saphyr::DuplicateKeyPolicy::LastWins,
                };
                serde_saphyr::from_str_with_options(text, options)?
            }
        };
        Ok(Self(value))
    }

    /// Returns all operations except mocks for CORS preflight requests.
    pub(super) fn operations(&self) -> Vec<Operation> {
        let mut found = Vec::new();
        for (path, item) in entries(&self.0, "paths") {
            let path = &match path.starts_with('/') {
                true => path.clone(),
                false => format!("/{path}"),
            };
            let item = self.resolved(item).unwrap_or(item);
            for method in METHODS {
                let operation = item.get(method).filter(|o| !is_preflight(method, o));
                found.extend(operation.map(|o| self.operation(method, path, item, o)));
            }
            let any = item.get("x-amazon-apigateway-any-method");
            found.extend(any.map(|operation| self.operation("any", path, item, operation)));
        }
        found
    }

    /// Returns the target of a reference, the value itself if it is not one, and `None` if the target does not exist.
    pub(super) fn resolved<'a>(&'a self, value: &'a Value) -> Option<&'a Value> {
        let mut value = value;
        for _ in 0..10 {
            let Some(reference) = value.get("$ref") else {
                return Some(value);
            };
            value = self.0.pointer(reference.as_str()?.strip_prefix('#')?)?;
        }
        None
    }

    /// Returns the named schemas that inherit from a schema with a discriminator.
    pub(super) fn subtypes<'a>(&'a self, schema: &'a Value) -> Vec<(&'a str, &'a Value)> {
        if schema.get("discriminator").is_none() {
            return Vec::new();
        }
        let places = ["/definitions", "/components/schemas"];
        let schemas = places
            .iter()
            .filter_map(|place| self.0.pointer(place)?.as_object());
        let subtypes = schemas
            .flatten()
            .filter(|(_, subtype)| self.inherits(subtype, schema, 10));
        subtypes
            .map(|(name, subtype)| (name.as_str(), subtype))
            .collect()
    }

    /// Whether a schema has another in its `allOf`, directly or indirectly.
    fn inherits(&self, subtype: &Value, from: &Value, depth: usize) -> bool {
        let mut parts = list(subtype, "allOf")
            .iter()
            .filter_map(|part| self.resolved(part));
        depth > 0
            && parts.any(|part| std::ptr::eq(part, from) || self.inherits(part, from, depth - 1))
    }

    fn operation(&self, method: &str, path: &str, item: &Value, operation: &Value) -> Operation {
        // parameters of the operation override those of the path item (OpenAPI 3.0.3, "Path Item Object")
        let [own, shared] = [operation, item].map(|of| {
            let parameters = list(of, "parameters").iter();
            parameters
                .filter_map(|p| self.resolved(p))
                .collect::<Vec<_>>()
        });
        let same = |a: &Value, b: &Value| ["name", "in"].iter().all(|key| a.get(key) == b.get(key));
        let shared = shared
            .into_iter()
            .filter(|s| !own.iter().any(|o| same(s, o)));
        let declared: Vec<&Value> = shared.chain(own.iter().copied()).collect();
        // the default route has no path of its own: the caller specifies one
        let path = match path {
            "/$default" => "/{path+}",
            path => path,
        };
        let body = self.body(operation, &declared);
        Operation {
            method: method.to_uppercase(),
            path: path.to_owned(),
            id: text(operation, "operationId").map(str::to_owned),
            parameters: self.parameters(path, &declared),
            any_query: method == "any" || declared.iter().any(|p| self.names_no_field(p)),
            parts: body.as_ref().map_or_else(Vec::new, |body| self.parts(body)),
            body,
            responses: self.responses(operation),
            access: self.access(operation, &declared),
            streams: operation.pointer("/x-amazon-apigateway-integration/responseTransferMode")
                == Some(&Value::from("STREAM")),
        }
    }

    /// Returns path parameters in the order of the path, declared or not, then the others in the order of the spec,
    /// those of the path item first.
    fn parameters(&self, path: &str, declared: &[&Value]) -> Vec<Parameter> {
        let in_path = names_in(path).map(|name| {
            let is_it = |p: &&&Value| {
                text(p, "in") == Some("path")
                    && text(p, "name").map(|n| n.trim_end_matches('+')) == Some(name)
            };
            let declared = declared.iter().find(is_it);
            Parameter {
                required: true,
                name: name.to_owned(),
                ..self.parameter(Place::Path, declared.unwrap_or(&&Value::Null))
            }
        });
        let others = declared.iter().flat_map(|parameter| {
            let name = text(parameter, "name").unwrap_or_default();
            match text(parameter, "in") {
                Some("query") => self.query(parameter),
                Some("header") if !OWN_HEADERS.contains(&&*name.to_lowercase()) => {
                    vec![self.parameter(Place::Header, parameter)]
                }
                Some("cookie") => vec![self.parameter(Place::Cookie, parameter)],
                _ => Vec::new(),
            }
        });
        in_path.chain(others).collect()
    }

    fn parameter(&self, place: Place, declared: &Value) -> Parameter {
        let json = declared.pointer("/content/application~1json");
        let schema = match json {
            Some(json) => json.get("schema").unwrap_or(&Value::Null),
            None => declared.get("schema").unwrap_or(declared),
        };
        // OpenAPI 3.0.3, "Style Values": a space is `%20` there
        let separator = match text(declared, "style") {
            Some("spaceDelimited") => ' ',
            Some("pipeDelimited") => '|',
            _ => ',',
        };
        let repeated = match text(declared, "collectionFormat") {
            Some(format) => format == "multi",
            // OpenAPI 3.0.3, "Parameter Object": `explode` is true by default for `form`, the default style of queries
            None => {
                let default = separator == ',';
                self.0.get("openapi").is_some() && flag(declared, "explode").unwrap_or(default)
            }
        };
        let schema = match self.is_plain(schema, place) || json.is_some() {
            true => schema.clone(),
            // the caller writes what no style defines
            false => serde_json::json!({ "type": "string" }),
        };
        Parameter {
            place,
            name: text(declared, "name").unwrap_or_default().to_owned(),
            required: flag(declared, "required").unwrap_or(false),
            schema,
            joined: place != Place::Query || !repeated,
            separator,
            json: json.is_some(),
        }
    }

    /// Whether a schema is a scalar or a list of scalars, and no list in a cookie.
    fn is_plain(&self, schema: &Value, place: Place) -> bool {
        let kind_of = |schema| {
            self.resolved(schema)
                .and_then(|schema| text(schema, "type"))
        };
        let items = self.resolved(schema).and_then(|schema| schema.get("items"));
        match kind_of(schema) {
            Some("object") => false,
            Some("array") if place == Place::Cookie => false,
            Some("array") => !matches!(items.and_then(kind_of), Some("array" | "object")),
            _ => true,
        }
    }

    /// Whether a parameter is an object in the query, spread over parameters with names that the spec does not declare.
    fn names_no_field(&self, declared: &Value) -> bool {
        let schema = declared.get("schema").unwrap_or(&Value::Null);
        let schema = self.resolved(schema).unwrap_or(&Value::Null);
        let mut fields = entries(schema, "properties").peekable();
        let is_object = text(schema, "type") == Some("object");
        let has_others = fields.peek().is_none()
            || schema.get("additionalProperties").is_some()
            || fields.any(|(_, field)| text(field, "type") == Some("object"));
        is_spread(declared) && is_object && has_others
    }

    /// Returns one parameter per property for an object in a query ("Style Values" there): `a=1`, or `filter[a]=1` as
    /// a deep object.
    fn query(&self, declared: &Value) -> Vec<Parameter> {
        let whole = self.parameter(Place::Query, declared);
        let schema = declared.get("schema").unwrap_or(&Value::Null);
        let schema = self.resolved(schema).unwrap_or(&Value::Null);
        if text(schema, "type") != Some("object") || !is_spread(declared) {
            return vec![whole];
        }
        let deep = text(declared, "style") == Some("deepObject");
        let properties = entries(schema, "properties");
        let properties = properties.filter(|(_, field)| text(field, "type") != Some("object"));
        let fields = properties.map(|(name, schema)| Parameter {
            place: Place::Query,
            name: match deep {
                true => format!("{}[{name}]", whole.name),
                false => name.clone(),
            },
            required: false,
            schema: schema.clone(),
            joined: false,
            separator: ',',
            json: false,
        });
        fields.collect()
    }

    fn body(&self, operation: &Value, declared: &[&Value]) -> Option<Body> {
        if let Some(body) = operation.get("requestBody") {
            let body = self.resolved(body)?;
            return Some(Body {
                required: flag(body, "required").unwrap_or(false),
                media: content(body),
                encoding: entries(body, "content")
                    .find_map(|(_, media)| media.get("encoding").cloned())
                    .unwrap_or_default(),
            });
        }
        let is_in = |place| move |p: &&&Value| text(p, "in") == Some(place);
        let bodies: Vec<&&Value> = declared.iter().filter(is_in("body")).collect();
        if !bodies.is_empty() {
            return Some(Body {
                required: bodies
                    .iter()
                    .any(|body| flag(body, "required") == Some(true)),
                media: self.several(operation, &bodies),
                encoding: Value::Null,
            });
        }
        let fields: Vec<&&Value> = declared.iter().filter(is_in("formData")).collect();
        let named = |p: &&Value| Some((text(p, "name")?.to_owned(), (**p).clone()));
        let is_required = |p: &&&&Value| flag(p, "required") == Some(true);
        let required: Vec<Value> = fields
            .iter()
            .filter(is_required)
            .filter_map(|p| p.get("name").cloned())
            .collect();
        let schema = serde_json::json!({
            "type": "object",
            "required": required,
            "properties": fields.iter().filter_map(|p| named(p)).collect::<Map<_, _>>(),
        });
        let mut media = self.media(operation, "consumes", Some(&schema));
        let is_form = |name: &str| name.contains("form");
        // fields are always sent as a form, whatever else the operation consumes (Swagger 2.0, "Parameter Object")
        media.0.retain(|(name, _)| is_form(name));
        if media.0.is_empty() {
            media = Media(vec![(
                "application/x-www-form-urlencoded".to_owned(),
                schema,
            )]);
        }
        (!fields.is_empty()).then(|| Body {
            required: !required.is_empty(),
            media,
            encoding: fields.iter().filter_map(|p| encoding(p)).collect(),
        })
    }

    /// Returns the media types of body parameters. API Gateway exports one per content type of a method, so several are
    /// alternatives, unless none is an object.
    fn several(&self, operation: &Value, bodies: &[&&Value]) -> Media {
        let mut schemas: Vec<&Value> = Vec::new();
        for schema in bodies.iter().filter_map(|body| body.get("schema")) {
            if !schemas.contains(&schema) {
                schemas.push(schema);
            }
        }
        let schema = match schemas.as_slice() {
            [] => None,
            [only] => Some((*only).clone()),
            several if several.iter().all(|schema| schema.get("type").is_some()) => {
                let fields = bodies.iter().map(|body| {
                    let name = text(body, "name").unwrap_or_default().to_owned();
                    (name, body["schema"].clone())
                });
                let required = bodies
                    .iter()
                    .filter(|body| flag(body, "required") == Some(true));
                let required: Vec<Value> = required.map(|body| body["name"].clone()).collect();
                Some(serde_json::json!({
                    "type": "object", "required": required,
                    "properties": fields.collect::<Map<_, _>>(),
                }))
            }
            several => Some(serde_json::json!({ "oneOf": several })),
        };
        let mut media = self.media(operation, "consumes", schema.as_ref());
        if media.0.len() == schemas.len() {
            for (media, schema) in media.0.iter_mut().zip(schemas) {
                media.1 = schema.clone();
            }
        }
        media
    }

    /// Returns the parts of a multipart form that requests contain.
    fn parts(&self, body: &Body) -> Vec<Part> {
        let form = body.media.chosen();
        let Some((_, schema)) = form.filter(|(name, _)| name.starts_with("multipart/form-data"))
        else {
            return Vec::new();
        };
        let schema = self.resolved(schema).unwrap_or(&Value::Null);
        let required = list(schema, "required");
        let properties = entries(schema, "properties").filter_map(|(name, schema)| {
            let schema = self.resolved(schema)?;
            let encoding = body.encoding.get(name).cloned().unwrap_or_default();
            (flag(schema, "readOnly") != Some(true)).then(|| Part {
                required: body.required
                    && body.media.0.len() == 1
                    && required.iter().any(|required| required == name),
                is_file: self.is_file(schema, text(&encoding, "contentType")),
                name: name.clone(),
                schema: schema.clone(),
                encoding,
            })
        });
        properties.collect()
    }

    /// Whether a part is binary, or of a type that only the caller can serialize (OpenAPI 3.0.3 and 3.1.0,
    /// "Considerations for File Uploads").
    fn is_file(&self, schema: &Value, content_type: Option<&str>) -> bool {
        let kind = text(schema, "type");
        if kind == Some("array") {
            let items = schema.get("items").and_then(|items| self.resolved(items));
            return self.is_file(items.unwrap_or(&Value::Null), content_type);
        }
        let binary = content_type.is_some_and(|name| !is_json(name) && !name.starts_with("text/"));
        let plain = schema.get("enum").is_none() && schema.get("format").is_none();
        match (kind, text(schema, "format")) {
            (Some("file"), _) | (Some("string"), Some("binary" | "byte")) => true,
            _ if schema.get("contentMediaType").is_some() => true,
            (Some("string"), _) => binary && plain,
            (Some("object"), _) => content_type.is_some_and(|name| !is_json(name)),
            (None, _) => schema.as_object().is_none_or(Map::is_empty),
            _ => false,
        }
    }

    fn responses(&self, operation: &Value) -> BTreeMap<String, Media> {
        let declared = entries(operation, "responses").filter(|(status, _)| is_status(status));
        let responses = declared.map(|(status, response)| {
            let media = match self.resolved(response) {
                Some(response) if response.get("content").is_some() => content(response),
                Some(response) => self.media(operation, "produces", response.get("schema")),
                None => Media::default(),
            };
            (status.to_uppercase().replace("DEFAULT", "default"), media)
        });
        responses.collect()
    }

    /// Returns the media types of Swagger 2.0: one schema for all that the operation or the spec lists.
    fn media(&self, operation: &Value, list_of: &str, schema: Option<&Value>) -> Media {
        let Some(schema) = schema else {
            return Media::default();
        };
        let names = [operation, &self.0].map(|of| list(of, list_of));
        let names = names.into_iter().find(|names| !names.is_empty());
        let names = names.unwrap_or_default().iter().filter_map(Value::as_str);
        let mut media: Vec<_> = names.map(|n| (n.to_owned(), schema.clone())).collect();
        if media.is_empty() {
            media.push(("application/json".to_owned(), schema.clone()));
        }
        Media(media)
    }

    fn access(&self, operation: &Value, declared: &[&Value]) -> Access {
        let required = [operation, &self.0].map(|of| of.get("security"));
        let required = required.into_iter().flatten().next();
        // a method of API Gateway has at most one authorizer and an API key: entries of the list are not alternatives
        let required = required.and_then(Value::as_array).into_iter().flatten();
        let required = required.filter_map(Value::as_object).flatten();
        let required: Vec<&str> = required.map(|(name, _)| name.as_str()).collect();
        let schemes = required.iter().filter_map(|name| {
            let places = ["/components/securitySchemes", "/securityDefinitions"];
            let mut schemes = places.iter().filter_map(|place| self.0.pointer(place));
            schemes.find_map(|schemes| schemes.get(*name))
        });
        let schemes: Vec<&Value> = schemes.collect();
        // where the spec names a scheme and forgets to declare it, only its name says what it is
        let undeclared = |names: &[&str]| {
            let mut required = required.iter();
            schemes.is_empty() && required.any(|name| names.contains(name))
        };
        let by_extension = operation.pointer("/x-amazon-apigateway-auth/type");
        let by_extension = by_extension.and_then(Value::as_str).unwrap_or_default();
        let is_key = |scheme: &&Value| {
            // a custom authorizer may read the same header, but it is no usage plan's key
            text(scheme, "x-amazon-apigateway-authtype").is_none()
                && text(scheme, "in") == Some("header")
                && text(scheme, "name").is_some_and(|n| n.eq_ignore_ascii_case("x-api-key"))
        };
        let is_iam = |scheme: &&Value| {
            text(scheme, "x-amazon-apigateway-authtype")
                .is_some_and(|kind| kind.eq_ignore_ascii_case("awsSigv4"))
        };
        Access {
            signed: by_extension.eq_ignore_ascii_case("AWS_IAM")
                || schemes.iter().any(is_iam)
                || undeclared(&["AWS_IAM", "sigv4"]),
            // a key that is declared as a header parameter is also set by the client
            api_key: schemes.iter().chain(declared).any(is_key) || undeclared(&["api_key"]),
        }
    }
}

/// Whether an object in the query is sent as one parameter per field.
fn is_spread(declared: &Value) -> bool {
    let in_query = text(declared, "in") == Some("query");
    let deep = text(declared, "style") == Some("deepObject");
    in_query && (deep || flag(declared, "explode").unwrap_or(true))
}

/// Returns the names between braces, without the `+` of greedy ones.
fn names_in(path: &str) -> impl Iterator<Item = &str> {
    let parts = path.split('{').skip(1);
    parts.filter_map(|part| Some(part.split_once('}')?.0.trim_end_matches('+')))
}

/// Returns the encoding of a list in a form of Swagger 2.0 ("Parameter Object", `collectionFormat`).
fn encoding(field: &Value) -> Option<(String, Value)> {
    let style = match text(field, "collectionFormat").unwrap_or("csv") {
        "multi" => return None,
        "ssv" => "spaceDelimited",
        "pipes" => "pipeDelimited",
        _ => "form",
    };
    let name = text(field, "name")?.to_owned();
    let encoding = serde_json::json!({ "style": style, "explode": false });
    (text(field, "type") == Some("array")).then_some((name, encoding))
}

/// Whether an operation answers CORS preflight requests: a mock, or one that nothing describes.
fn is_preflight(method: &str, operation: &Value) -> bool {
    let kind = operation.pointer("/x-amazon-apigateway-integration/type");
    let has = |key: &str| operation.get(key).is_some();
    let is_described = has("operationId") || has("requestBody");
    let has_integration = has("x-amazon-apigateway-integration");
    method == "options"
        && (kind == Some(&Value::from("mock")) || !(is_described || has_integration))
}

/// Whether a name is a status, a class of statuses (`4XX`) or `default`.
fn is_status(name: &str) -> bool {
    let class = name.to_uppercase();
    name == "default"
        || name
            .parse()
            .is_ok_and(|status: u16| (100..600).contains(&status))
        || (class.len() == 3 && class.ends_with("XX"))
}

fn content(of: &Value) -> Media {
    let content = entries(of, "content");
    let schemas = content.map(|(name, media)| {
        let schema = media.get("schema").cloned().unwrap_or_default();
        (name.clone(), schema)
    });
    Media(schemas.collect())
}

pub(super) fn entries<'a>(
    of: &'a Value,
    name: &str,
) -> impl Iterator<Item = (&'a String, &'a Value)> {
    let map = of.get(name).and_then(Value::as_object);
    map.into_iter().flatten()
}

pub(super) fn list<'a>(of: &'a Value, name: &str) -> &'a [Value] {
    let list = of.get(name).and_then(Value::as_array);
    list.map_or(&[], Vec::as_slice)
}

pub(super) fn text<'a>(of: &'a Value, name: &str) -> Option<&'a str> {
    of.get(name)?.as_str()
}

fn flag(of: &Value, name: &str) -> Option<bool> {
    of.get(name)?.as_bool()
}
