//! Calls of a method: arguments, setters, and the expected request.

use serde_json::{Value, json};

use super::Error;
use super::inputs::{Inputs, Use};
use super::request::{Payload, Sent, SentPart, in_quotes, text_of};
use super::rust_type::{RustType, expression, literal};
use super::sample::{Fill, Sampler, is_typed, kind};
use super::source::{Argument, Method, Setter, Source, Types};
use super::spec::{Media, Operation, Parameter, Part, Place, Spec, is_json, separator};

/// One call in Rust, and the request that it has to send.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) arguments: Vec<String>,
    /// With their arguments: `limit(7)`.
    pub(super) setters: Vec<String>,
    pub(super) sent: Sent,
}

/// Returns calls that together use every argument and setter of a method, the shortest first.
pub(super) fn calls(
    spec: &Spec,
    source: &Source,
    operation: &Operation,
    method: &Method,
    accept: &str,
) -> Result<Vec<Call>, Error> {
    let inputs = Inputs::matched(source, operation, method)?;
    let is_required = |of: &Use| match of {
        Use::Parameter(n) => operation.parameters[*n].required,
        Use::Part(n) => operation.parts[*n].required,
        _ => false,
    };
    let mut required: Vec<_> = inputs
        .setters
        .iter()
        .filter(|(_, of)| is_required(of))
        .collect();
    let in_arguments = inputs.arguments.iter().any(|(_, of)| *of == Use::Body);
    let in_arguments = in_arguments || operation.requires_form();
    if !in_arguments && operation.body.as_ref().is_some_and(|body| body.required) {
        required.extend(inputs.setters.iter().find(|(_, of)| *of == Use::Body));
    }
    let mut shortest = Sampler::new(spec, Fill::Required);
    shortest.sent = true;
    let mut calls = vec![inputs.call(accept, &shortest, &required)?];
    let (bodies, others): (Vec<_>, Vec<_>) = inputs.setters.iter().partition(|s| s.1 == Use::Body);
    // a whole form replaces its parts
    let with_all = match operation.parts.is_empty() {
        true => 1,
        false => 0,
    };
    let first = bodies.iter().take(with_all).copied();
    let fullest: Vec<_> = others.into_iter().chain(first).collect();
    let mut full = Sampler::new(spec, Fill::All);
    full.sent = true;
    while full.turn < full.turns() {
        calls.push(inputs.call(accept, &full, &fullest)?);
        full.turn += 1;
    }
    full.turn = 0;
    full.nulls = true;
    calls.push(inputs.call(accept, &full, &fullest)?);
    full.nulls = false;
    for body in bodies.iter().skip(with_all) {
        let others = required.iter().copied().filter(|s| s.1 != Use::Body);
        let with_body: Vec<_> = others.chain([*body]).collect();
        calls.push(inputs.call(accept, &full, &with_body)?);
    }
    let is_either = |(argument, _): &(&Argument, Use)| argument.of.is_either_body();
    if let Some(n) = inputs.arguments.iter().position(is_either) {
        let mut other = inputs.clone();
        other.arguments[n].1 = Use::OtherBody;
        calls.push(other.call(accept, &shortest, &required)?);
    }
    let is_new = |(n, call): &(usize, &Call)| !calls[..*n].iter().any(|c| c.sent == call.sent);
    let distinct = calls
        .iter()
        .enumerate()
        .filter(is_new)
        .map(|(_, call)| call.clone());
    Ok(distinct.collect())
}

impl Inputs<'_> {
    fn call(
        &self,
        accept: &str,
        sampler: &Sampler<'_>,
        setters: &[&(&Setter, Use)],
    ) -> Result<Call, Error> {
        let method = match self.operation.method.as_str() {
            "ANY" if sampler.fill == Fill::Required => "PATCH",
            "ANY" => "PUT",
            named => named,
        };
        let mut sent = Sent::new(method, &self.operation.path, accept);
        let is_key = |parameter: &Parameter| {
            parameter.place == Place::Header
                && parameter.name.eq_ignore_ascii_case("idempotency-key")
        };
        if self.operation.parameters.iter().any(is_key) {
            sent.header("idempotency-key", "(generated)"); // unless the caller sets it
        }
        if self.operation.requires_form() {
            sent.append(Vec::new());
        }
        let mut call = Call {
            arguments: Vec::new(),
            setters: Vec::new(),
            sent: sent.clone(),
        };
        for (argument, of) in &self.arguments {
            let given = match of {
                Use::Method => format!("Method::{method}"),
                of => self
                    .given("body", &[&argument.of], *of, sampler, &mut sent)?
                    .join(", "),
            };
            call.arguments.push(given);
        }
        for (setter, of) in setters {
            let types: Vec<&RustType> = setter.arguments.iter().collect();
            let given = self.given(&setter.name, &types, *of, sampler, &mut sent)?;
            call.setters
                .push(format!("{}({})", setter.name, given.join(", ")));
        }
        call.sent = sent;
        Ok(call)
    }

    /// Returns the arguments of one setter, and adds them to the expected request.
    fn given(
        &self,
        setter: &str,
        types: &[&RustType],
        of: Use,
        sampler: &Sampler<'_>,
        sent: &mut Sent,
    ) -> Result<Vec<String>, Error> {
        match (of, types) {
            (Use::Parameter(n), [of]) => {
                let parameter = &self.operation.parameters[n];
                let value = value_of(sampler, parameter, n);
                sent.set(parameter, &value);
                Ok(vec![expression(&self.source.types, of, &value)?])
            }
            (Use::Part(n), [of]) => {
                let (given, parts) =
                    part(&self.source.types, &self.operation.parts[n], of, sampler)?;
                sent.append(parts);
                Ok(vec![given])
            }
            (Use::AnyQuery, [_, _]) => {
                let (name, value) = ("any[thing]", "a/b+c%é&=");
                sent.query(name, value);
                Ok(vec![literal(name), literal(value)])
            }
            (Use::OtherBody, [_]) => {
                let media = self.operation.body.as_ref().map(|body| &body.media);
                let media = media.ok_or("no body")?;
                let chosen = media.chosen();
                let mut others = media.0.iter().filter(|media| Some(*media) != chosen);
                let (name, _) = others.next().ok_or("no other media type")?;
                let body = "any bytes\n\u{0}é";
                sent.carry(name, Payload::Bytes(body.to_owned()));
                let (body, name) = (literal(body), literal(name));
                Ok(vec![format!(
                    "apigw_runtime::EitherBody::bytes({body}, {name})"
                )])
            }
            (Use::Body, types) => self.body(setter, types, sampler, sent),
            _ => Err(format!("{setter}: unexpected number of arguments").into()),
        }
    }

    /// Returns the arguments of a setter of the body.
    fn body(
        &self,
        setter: &str,
        types: &[&RustType],
        sampler: &Sampler<'_>,
        sent: &mut Sent,
    ) -> Result<Vec<String>, Error> {
        let nothing = Media::default();
        let media = self
            .operation
            .body
            .as_ref()
            .map_or(&nothing, |body| &body.media);
        // of a range of media types, the caller selects one
        let is_one = |name: &str| !name.contains('*');
        let chosen = media.chosen().filter(|(name, _)| is_one(name));
        let describes = chosen.is_some_and(|(_, schema)| is_typed(sampler.spec, schema));
        match (setter, types, chosen) {
            // the spec does not describe the body: any JSON, or bytes
            ("json" | "body", [RustType::Reference(of)], _)
                if **of == RustType::Serializable
                    && !chosen.is_some_and(|(name, _)| name.contains("form-urlencoded")) =>
            {
                if describes {
                    return Err("any JSON is accepted, though the spec has a schema".into());
                }
                let value = json!({ "anything": [1, "é/ +"] });
                let media_type = chosen.map_or("application/json", |(name, _)| name);
                sent.carry(media_type, Payload::Json(value.clone()));
                Ok(vec![format!("&serde_json::json!({value})")])
            }
            ("body" | "body_as", [bytes, media_type], _) => {
                // of several media types, one that is not the default
                let other = media
                    .0
                    .iter()
                    .find(|(name, _)| !is_json(name) && is_one(name));
                let name = other.map_or("application/x.anything", |(name, _)| name);
                let body = "any bytes\n\u{0}é";
                sent.carry(name, Payload::Bytes(body.to_owned()));
                let write = |of, text: &str| expression(&self.source.types, of, &json!(text));
                Ok(vec![write(bytes, body)?, write(media_type, name)?])
            }
            ("multipart" | "body", [_], Some((name, schema)))
                if name.starts_with("multipart/form-data") =>
            {
                let mut parts = fields(schema, &Value::Null, sampler);
                // reqwest writes these as `name*`, which RFC 7578 §4.2 does not allow
                parts.retain(|(name, _)| !name.contains([' ', '"']));
                let texts = parts
                    .iter()
                    .map(|(name, value)| format!(".text({}, {})", literal(name), literal(value)));
                let form = format!("multipart::Form::new(){}", texts.collect::<String>());
                let parts = parts.iter().map(|(name, text)| SentPart::text(name, text));
                sent.carry(name, Payload::Parts(parts.collect()));
                Ok(vec![form])
            }
            ("body", [of], Some((name, schema))) => {
                let value = match is_json(name) || name.contains("form-urlencoded") {
                    true => sampler.value(schema, "body"),
                    false => json!("a body of its own kind: é/ +\n"),
                };
                let payload = match &value {
                    _ if name.contains("form-urlencoded") => {
                        let body = self.operation.body.as_ref();
                        let encoding = body.map_or(&Value::Null, |body| &body.encoding);
                        Payload::Form(fields(schema, encoding, sampler))
                    }
                    _ if is_json(name) => Payload::Json(value.clone()),
                    Value::String(text) => Payload::Bytes(text.clone()),
                    _ => return Err(format!("a body of {name}").into()),
                };
                sent.carry(name, payload);
                Ok(vec![expression(&self.source.types, of, &value)?])
            }
            _ => Err(format!("{setter}: the spec does not describe this body").into()),
        }
    }
}

/// Returns an argument for a part of a multipart form, and what it sends.
fn part(
    types: &Types,
    part: &Part,
    of: &RustType,
    sampler: &Sampler<'_>,
) -> Result<(String, Vec<SentPart>), Error> {
    let name = in_quotes(&part.name);
    let file = RustType::Into(RustType::Path("apigw_runtime::Part".to_owned(), Vec::new()).into());
    let takes_files = *of == file || *of == RustType::Files;
    if part.is_file != takes_files {
        return Err(format!("{of} for part {name}").into());
    }
    let declared = part.content_type();
    if part.is_file {
        let sent = |text: &str| SentPart {
            name: name.clone(),
            file_name: Some(name.clone()),
            content_type: Some(declared.unwrap_or("application/octet-stream").to_owned()),
            text: text.to_owned(),
        };
        let text = format!("{name} é\r\n--\r\n--{name}--\r\n\u{0}");
        if part.is_list() {
            let texts = [text.as_str(), ""];
            let given = expression(types, of, &json!(texts))?;
            return Ok((given, texts.map(sent).into()));
        }
        let given = expression(types, of, &json!(text))?;
        if sampler.turn == 0 {
            return Ok((given, vec![sent(&text)]));
        }
        let given = format!(
            "apigw_runtime::Part::bytes({given}).file_name({}).content_type(\"image/x-own\")",
            literal("\"é\".png")
        );
        let sent = SentPart {
            file_name: Some(in_quotes("\"é\".png")),
            content_type: Some("image/x-own".to_owned()),
            ..sent(&text)
        };
        return Ok((given, vec![sent]));
    }
    let mut value = sampler.value(&part.schema, &part.name);
    if value.is_null() {
        // a part can't be null
        value = Sampler::new(sampler.spec, sampler.fill).value(&part.schema, &part.name);
    }
    let given = expression(types, of, &value)?;
    let values = match &value {
        Value::Array(values) => values.as_slice(),
        value => std::slice::from_ref(value),
    };
    if let Some(separator) = separator(&part.encoding).filter(|_| part.is_list()) {
        let texts: Vec<String> = values.iter().map(text_of).collect();
        return Ok((
            given,
            vec![SentPart::text(
                &part.name,
                &texts.join(&separator.to_string()),
            )],
        ));
    }
    // OpenAPI 3.0.3, "Encoding Object": the default is `text/plain` for a primitive type, which needs no header, and
    // `application/json` for an object
    let parts = values.iter().map(|value| {
        let as_json = value.is_object() || declared.is_some_and(is_json);
        SentPart {
            content_type: declared
                .or(as_json.then_some("application/json"))
                .map(str::to_owned),
            ..SentPart::text(
                &part.name,
                &match as_json {
                    true => value.to_string(),
                    false => text_of(value),
                },
            )
        }
    });
    Ok((given, parts.collect()))
}

/// Returns the fields of a form as strings.
fn fields(schema: &Value, encoding: &Value, sampler: &Sampler<'_>) -> Vec<(String, String)> {
    let value = sampler.value(schema, "body");
    let fields = value.as_object().into_iter().flatten();
    let pairs = fields.flat_map(|(name, value)| {
        let encoding = encoding.get(name).unwrap_or(&Value::Null);
        let is_deep = encoding.get("style") == Some(&json!("deepObject"));
        match (value, separator(encoding)) {
            (Value::Array(values), Some(separator)) => {
                let texts: Vec<String> = values.iter().map(text_of).collect();
                vec![(name.clone(), texts.join(&separator.to_string()))]
            }
            // a list repeats its name (OpenAPI 3.0.3, "Encoding Object": by default `form` with `explode`)
            (Value::Array(values), None) => {
                let each = values.iter().map(|value| (name.clone(), text_of(value)));
                each.collect()
            }
            (Value::Object(members), _) if is_deep => {
                let member = |(key, value)| (format!("{name}[{key}]"), text_of(value));
                members.iter().map(member).collect()
            }
            (value, _) => vec![(name.clone(), text_of(value))],
        }
    });
    pairs.collect()
}

/// Returns a value that identifies its parameter, with characters that are special in URLs.
fn value_of(sampler: &Sampler<'_>, parameter: &Parameter, n: usize) -> Value {
    let schema = sampler
        .spec
        .resolved(&parameter.schema)
        .unwrap_or(&Value::Null);
    if parameter.json {
        return sampler.value(schema, &parameter.name);
    }
    if kind(schema) == Some("array") {
        let items = schema.get("items").unwrap_or(&Value::Null);
        let one = match one_value(sampler, parameter, items, n) {
            Value::String(text) => json!(text.replace(parameter.separator, "_")),
            other => other,
        };
        let other = match &one {
            Value::String(text) if !["enum", "format"].iter().any(|by| items.get(by).is_some()) => {
                json!(format!("{text}2"))
            }
            one => one
                .as_i64()
                .map_or_else(|| one.clone(), |number| json!(number + 1)),
        };
        return json!([one, other]);
    }
    one_value(sampler, parameter, schema, n)
}

fn one_value(sampler: &Sampler<'_>, parameter: &Parameter, schema: &Value, n: usize) -> Value {
    let bounded = ["enum", "format", "maximum", "maxLength", "pattern"];
    let bounded = bounded.iter().any(|bound| schema.get(bound).is_some());
    match kind(schema) {
        Some("integer") if !bounded => json!(1_000 + n),
        Some("number") if !bounded => json!(1_000.5 + n as f64),
        Some("boolean") => json!(n.is_multiple_of(2)),
        Some("string") | None if !bounded => {
            let beyond_ascii = match parameter.place {
                Place::Header => "", // not allowed in headers (RFC 9110 §5.5)
                Place::Path | Place::Query | Place::Cookie => "é",
            };
            json!(format!("{} {n} a/b+c%{beyond_ascii}&=", parameter.name))
        }
        _ => sampler.value(schema, &parameter.name),
    }
}
