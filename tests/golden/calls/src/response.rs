//! Responses by status, and the expected result of each.

use serde_json::{Value, json};

use super::Error;
use super::rust_type::{RustType, literal};
use super::sample::{Fill, Sampler, is_closed, is_typed, kind, samples};
use super::source::{Method, Source};
use super::spec::{Media, Operation, Spec, is_json};

/// A response, and the assertion about its result.
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) media_type: Option<String>,
    pub(super) body: String,
    /// A statement that sends the request by `call()`.
    pub(super) seen: String,
}

/// Returns the media type to accept: JSON if any success has it, else the first of all successes.
pub(super) fn accept(operation: &Operation) -> String {
    let names_of = |declared: &str| -> Vec<&String> {
        let media = operation.responses.get(declared).into_iter();
        media
            .flat_map(|media| &media.0)
            .map(|(name, _)| name)
            .collect()
    };
    let successes = successes(operation);
    let mut names: Vec<&String> = successes
        .iter()
        .flat_map(|(declared, _)| names_of(declared))
        .collect();
    if names.is_empty() {
        // no success has a body: that of the default response
        names = names_of("default");
    }
    let json = names.iter().find(|name| is_json(name));
    json.or(names.first())
        .map_or("*/*", |name| name.as_str())
        .to_owned()
}

/// Returns responses with every declared status and every alternative of its body, and with undeclared statuses.
pub(super) fn responses(
    spec: &Spec,
    source: &Source,
    operation: &Operation,
    method: &Method,
) -> Result<Vec<Response>, Error> {
    let responding = Responding {
        spec,
        source,
        operation,
        method,
    };
    let mut responses = Vec::new();
    let successes = successes(operation);
    for (declared, status) in &successes {
        responses.extend(responding.successes(declared, *status)?);
    }
    for declared in operation.responses.keys() {
        let is_success = successes.iter().any(|(success, _)| success == declared);
        if !is_success || declared == "default" {
            let status = status_of(operation, declared, 500);
            responses.extend(responding.errors(declared, status)?);
        }
    }
    responses.extend(responding.undeclared());
    Ok(responses)
}

/// Returns the declared statuses that are successes, with a matching status to send.
///
/// If no 2xx status is declared, redirects are successes, and if there are none, the default response is.
fn successes(operation: &Operation) -> Vec<(&str, u16)> {
    let of_class = |class: char| {
        let declared = operation
            .responses
            .keys()
            .filter(move |key| key.starts_with(class));
        declared
            .map(|key| (key.as_str(), status_of(operation, key, 200)))
            .collect()
    };
    let found: Vec<(&str, u16)> = of_class('2');
    let found = if found.is_empty() {
        of_class('3')
    } else {
        found
    };
    match found.is_empty() {
        true => vec![("default", 200)],
        false => found,
    }
}

/// Returns a status that matches a declared one; `rest` is the status for `default`.
fn status_of(operation: &Operation, declared: &str, rest: u16) -> u16 {
    if let Ok(status) = declared.parse() {
        return status;
    }
    let class = declared
        .strip_suffix("XX")
        .and_then(|class| class.parse::<u16>().ok());
    let first = class.map_or(rest, |class| class * 100);
    let is_free = |status: &u16| !operation.responses.contains_key(&status.to_string());
    (first..first + 99).find(is_free).unwrap_or(first)
}

/// A body to send.
struct Served {
    media_type: Option<String>,
    body: String,
    /// The expected value, for a JSON body.
    json: Option<Value>,
    /// Whether the spec declares everything in it.
    known: bool,
}

impl Served {
    fn nothing() -> Self {
        Self {
            media_type: None,
            body: String::new(),
            json: None,
            known: true,
        }
    }

    fn json(media_type: &str, value: Value) -> Self {
        Self {
            media_type: Some(media_type.to_owned()),
            body: value.to_string(),
            json: Some(value),
            known: true,
        }
    }
}

struct Responding<'a> {
    spec: &'a Spec,
    source: &'a Source,
    operation: &'a Operation,
    method: &'a Method,
}

impl Responding<'_> {
    fn successes(&self, declared: &str, status: u16) -> Result<Vec<Response>, Error> {
        let by_status = self.by_status(&self.method.output);
        let mut responses = Vec::new();
        for served in self.served(declared, status) {
            let call = format!("expect::success(call().await, {status})");
            let seen = match by_status {
                Some(name) => {
                    let (variant, held) = self.variant(name, declared)?;
                    match held {
                        Some(held) => {
                            let look = self.look(declared, held, "body", &served)?;
                            let variant = format!("operations::{name}::{variant}(body)");
                            format!(
                                "match {call} {{ {variant} => {{ {look} }} other => panic!(\"{{other:?}}\") }}"
                            )
                        }
                        None => format!(
                            "match {call} {{ operations::{name}::{variant} => {{}} other => panic!(\"{{other:?}}\") }}"
                        ),
                    }
                }
                None => self.look(declared, &self.method.output, &call, &served)?,
            };
            responses.push(response(status, served, seen));
        }
        Ok(responses)
    }

    fn errors(&self, declared: &str, status: u16) -> Result<Vec<Response>, Error> {
        let call = format!("expect::failure(call().await, {status})");
        let is_described = self.media(declared).chosen().is_some();
        let mut responses = Vec::new();
        for served in self.served(declared, status) {
            let seen = match &self.method.error {
                Some(of) => match self.by_status(of) {
                    Some(name) if is_described || self.variant(name, declared).is_ok() => {
                        let (variant, held) = self.variant(name, declared)?;
                        let held = held.ok_or("an error variant without a body")?;
                        let look = self.look(declared, held, "body", &served)?;
                        let variant = format!("operations::{name}::{variant}(body)");
                        format!(
                            "match {call} {{ Some({variant}) => {{ {look} }} other => panic!(\"{{other:?}}\") }}"
                        )
                    }
                    None if is_described => {
                        let look = self.look(declared, of, "body", &served)?;
                        format!(
                            "match {call} {{ Some(body) => {{ {look} }} None => panic!(\"no body\") }}"
                        )
                    }
                    _ => format!("expect::nothing({call});"),
                },
                None if self.is_typed(declared) => {
                    return Err(format!("the body of {declared} has a schema, but no type").into());
                }
                None => format!("expect::nothing({call});"),
            };
            responses.push(response(status, served, seen));
        }
        Ok(responses)
    }

    /// Returns responses with undeclared statuses, which are errors regardless of their body. An undeclared success is
    /// an error only if the type of the result depends on the status.
    fn undeclared(&self) -> Vec<Response> {
        let declares = |key: &str| self.operation.responses.contains_key(key);
        let is_free = |(status, class): &&(u16, &str)| {
            !declares("default") && !declares(class) && !declares(&status.to_string())
        };
        let error = [(418, "4XX"), (501, "5XX")];
        let success = [(226, "2XX")];
        let success = success
            .iter()
            .filter(|_| self.by_status(&self.method.output).is_some());
        let error = error.iter().find(is_free);
        let statuses = success.filter(is_free).chain(error);
        let responses = statuses.map(|(status, _)| {
            let served = match self.operation.method.as_str() {
                "HEAD" => Served::nothing(),
                _ => Served::json("application/json", json!({ "surprise": true })),
            };
            let body = literal(&served.body);
            let seen = format!("expect::undocumented(call().await, {status}, {body});");
            response(*status, served, seen)
        });
        responses.collect()
    }

    fn media(&self, declared: &str) -> &Media {
        const NOTHING: &Media = &Media(Vec::new());
        self.operation.responses.get(declared).unwrap_or(NOTHING)
    }

    fn is_typed(&self, declared: &str) -> bool {
        let chosen = self.media(declared).chosen();
        chosen.is_some_and(|(name, schema)| is_json(name) && is_typed(self.spec, schema))
    }

    /// Whether the body that is sent has a type of its own.
    fn is_typed_as(&self, declared: &str, served: &Served) -> bool {
        let media = self.media(declared).0.iter();
        let mut media = media.filter(|(name, _)| Some(name) == served.media_type.as_ref());
        media.any(|(name, schema)| is_json(name) && is_typed(self.spec, schema))
    }

    /// Whether an enum has a variant per media type.
    fn is_by_media(&self, name: &str) -> bool {
        let variants = self.source.by_status.get(name);
        variants.is_some_and(|variants| {
            let is_status = |name: &String| name.starts_with("Status") || name == "OtherStatus";
            !variants.is_empty() && !variants.keys().any(is_status)
        })
    }

    /// Returns bodies for a status.
    fn served(&self, declared: &str, status: u16) -> Vec<Served> {
        let described = self.media(declared).chosen();
        let is_redirect = (300..400).contains(&status) && described.is_none();
        // RFC 9110 §9.3.2 and §15.3.5
        if self.operation.method == "HEAD" || status == 204 || is_redirect {
            return vec![Served::nothing()];
        }
        let media = &self.media(declared).0;
        let is_one = self.operation.streams || media.iter().any(|(name, _)| name.contains('*'));
        match described {
            None => vec![Served::json(
                "application/json",
                json!({ "undescribed": [1, "é"] }),
            )],
            Some((name, schema)) if is_one && !is_stream(name) => self.of_media(name, schema),
            Some(_) => media
                .iter()
                .flat_map(|(name, schema)| self.of_media(name, schema))
                .collect(),
        }
    }

    /// Returns bodies of a media type.
    fn of_media(&self, name: &str, schema: &Value) -> Vec<Served> {
        if is_stream(name) {
            return vec![self.streamed(name, schema)];
        }
        if is_json(name) {
            let values = samples(self.spec, schema, "body");
            let mut served: Vec<Served> = values
                .into_iter()
                .map(|value| Served::json(name, value))
                .collect();
            served.extend(self.grown(name, schema));
            return served;
        }
        vec![Served {
            media_type: Some(name.to_owned()),
            body: "a body of its own kind: é\n".to_owned(),
            json: None,
            known: true,
        }]
    }

    /// Returns a stream of items, which are all values of the schema, or of its items if it is an array.
    fn streamed(&self, name: &str, schema: &Value) -> Served {
        let schema = self.spec.resolved(schema).unwrap_or(schema);
        let is_text = name == "text/event-stream" && kind(schema) == Some("string");
        let schema = match kind(schema) {
            Some("array") => schema.get("items").unwrap_or(&Value::Null),
            _ => schema,
        };
        let items = samples(self.spec, schema, "item");
        let written = items.iter().map(|item| match (name, item) {
            ("text/event-stream", Value::String(text)) if is_text => format!("data: {text}\n\n"),
            ("text/event-stream", item) => format!("data: {item}\n\n"),
            (_, item) => format!("{item}\n"),
        });
        Served {
            media_type: Some(name.to_owned()),
            body: written.collect(),
            json: Some(Value::Array(items)),
            known: true,
        }
    }

    /// Returns bodies of a later version of the service: without optional properties and with an additional one, or
    /// with additional enum values.
    fn grown(&self, media_type: &str, schema: &Value) -> Vec<Served> {
        let mut grown = Vec::new();
        let least = Sampler::new(self.spec, Fill::Required).value(schema, "body");
        if let Value::Object(mut more) = least.clone()
            && is_closed(self.spec, schema)
        {
            more.insert("grown since".to_owned(), json!({ "of": [null, "é"] }));
            grown.push(Served {
                json: Some(least),
                ..Served::json(media_type, Value::Object(more))
            });
        }
        let mut sampler = Sampler::new(self.spec, Fill::All);
        let known = sampler.value(schema, "body");
        sampler.beyond_enums = true;
        let beyond = sampler.value(schema, "body");
        if beyond != known {
            grown.push(Served {
                known: false,
                ..Served::json(media_type, beyond)
            });
        }
        grown
    }

    /// Returns the name of the enum if the type of the result depends on the status.
    fn by_status<'t>(&self, of: &'t RustType) -> Option<&'t str> {
        match of {
            RustType::Path(name, _)
                if self.source.by_status.contains_key(name) && !self.is_by_media(name) =>
            {
                Some(name)
            }
            _ => None,
        }
    }

    fn variant(&self, name: &str, declared: &str) -> Result<(String, Option<&RustType>), Error> {
        let variant = match declared {
            "default" => "OtherStatus".to_owned(),
            status => format!("Status{}", status.to_lowercase()),
        };
        let held = self.source.by_status[name].get(&variant);
        let held = held.ok_or_else(|| format!("{name} has no {variant}"))?;
        Ok((variant, held.as_ref()))
    }

    /// Returns a statement that asserts the content of a value of this type.
    fn look(
        &self,
        declared: &str,
        of: &RustType,
        value: &str,
        served: &Served,
    ) -> Result<String, Error> {
        let body = literal(&served.body);
        let untyped = ["apigw_runtime::AnyBody", "serde_json::Value"];
        Ok(match of {
            RustType::Path(name, _)
                if name == "events" || name == "lines" || name == "text_events" =>
            {
                let items = served.json.as_ref().ok_or("a stream without items")?;
                let items = literal(&items.to_string());
                format!("expect::{name}({value}, {items}).await;")
            }
            RustType::Path(name, _) if self.is_by_media(name) => {
                let variant = media_variant(served.media_type.as_deref().unwrap_or_default());
                let variants = &self.source.by_status[name];
                // equal bodies are one
                let found = variants.get_key_value(&variant).or(variants.iter().next());
                let (variant, held) = found.ok_or("an enum without variants")?;
                let held = held.as_ref().ok_or("a variant without a body")?;
                let look = self.look(declared, held, "body", served)?;
                format!(
                    "match {value} {{ operations::{name}::{variant}(body) => {{ {look} }} other => panic!(\"{{other:?}}\") }}"
                )
            }
            RustType::Path(name, _)
                if untyped.contains(&name.as_str()) && self.is_typed_as(declared, served) =>
            {
                return Err(format!("the body of {declared} has a schema, but no type").into());
            }
            RustType::Path(name, _) if name == "apigw_runtime::AnyBody" => {
                format!("expect::any(&{value}, {body});")
            }
            RustType::Path(name, _) if name == "apigw_runtime::Text" => {
                format!("expect::text(&{value}, {body});")
            }
            RustType::Path(name, _) if name == "stream" => {
                let is_stream = self.operation.streams || served.json.is_none();
                if !is_stream {
                    return Err(format!(
                        "{declared} is a stream, though the spec does not declare one"
                    )
                    .into());
                }
                format!("expect::stream({value}, {body}).await;")
            }
            of => match (of, &served.json) {
                (RustType::Unit, None) => format!("let () = {value};"),
                (RustType::Unit, Some(_)) | (_, None) => {
                    return Err(format!("{of} can't be decoded from {}", served.body).into());
                }
                (_, Some(json)) => {
                    let json = literal(&json.to_string());
                    let read = if served.known { "json" } else { "kept" };
                    format!("expect::{read}(&{value}, {json});")
                }
            },
        })
    }
}

/// Whether the body is a stream of items.
fn is_stream(media_type: &str) -> bool {
    ["text/event-stream", "application/x-ndjson"].contains(&media_type)
}

/// The variant for a media type: `application/problem+json` is `ProblemJson`.
fn media_variant(media_type: &str) -> String {
    let subtype = media_type.split('/').nth(1).unwrap_or_default();
    let words = subtype.split(|c: char| !c.is_ascii_alphanumeric());
    let capital = |word: &str| {
        let (first, rest) = word.split_at(word.len().min(1));
        format!("{}{rest}", first.to_ascii_uppercase())
    };
    words.map(capital).collect()
}

fn response(status: u16, served: Served, seen: String) -> Response {
    Response {
        status,
        media_type: served.media_type,
        body: served.body,
        seen,
    }
}
