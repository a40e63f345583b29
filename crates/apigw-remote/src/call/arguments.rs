//! Checks the arguments against the spec.

use apigw_spec::api::{Api, Operation, Parameter, Place};
use apigw_spec::media_type::{essence, is_json};
use apigw_spec::{names, schema};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue};
use serde::de::IgnoredAny;
use serde_json::Value;

use super::{Arguments, CallError, conform, find};
use crate::encode::{ascii_json, cookie};

/// The parameters of an operation, with their values.
pub(super) struct ParameterValues<'a> {
    api: &'a Api,
    headers: &'a HeaderMap,
    parameters: Vec<(&'a Parameter, Vec<&'a str>)>,
    /// Names and values of query parameters that the spec does not declare.
    undeclared: Vec<(&'a str, &'a str)>,
}

impl<'a> ParameterValues<'a> {
    /// Assigns each value to its parameter, by the name in the spec or by the name in the client.
    pub(super) fn new(
        api: &'a Api,
        operation: &'a Operation,
        arguments: &'a Arguments,
    ) -> Result<Self, CallError> {
        let mut parameters: Vec<(&Parameter, Vec<&str>)> = operation
            .parameters
            .iter()
            .map(|parameter| (parameter, Vec::new()))
            .collect();
        let mut undeclared = Vec::new();
        for (name, value) in &arguments.parameters {
            let exact = parameters
                .iter()
                .position(|(parameter, _)| parameter.name == *name);
            let client_name = || {
                parameters
                    .iter()
                    .position(|(parameter, _)| names::snake(&parameter.name, "") == *name)
            };
            match exact.or_else(client_name) {
                Some(index) => parameters[index].1.push(value),
                None if operation.any_query => undeclared.push((name.as_str(), value.as_str())),
                None => return Err(unknown(name, operation)),
            }
        }
        Ok(Self {
            api,
            headers: &arguments.headers,
            parameters,
            undeclared,
        })
    }

    /// Checks all values against their schemas, and that no required parameter is missing.
    pub(super) fn encode(self) -> Result<EncodedParameters<'a>, CallError> {
        let mut encoded = EncodedParameters {
            declared: Vec::new(),
            undeclared: self.undeclared,
        };
        for (parameter, values) in self.parameters {
            let name = parameter.name.as_str();
            if values.is_empty() {
                let in_headers =
                    parameter.place == Place::Header && self.headers.contains_key(name);
                if parameter.required && !in_headers {
                    return Err(CallError::Missing {
                        name: name.to_owned(),
                    });
                }
                continue;
            }
            if parameter.json {
                let [value] = values[..] else {
                    return Err(CallError::Repeated {
                        name: name.to_owned(),
                    });
                };
                let value = conform::json(self.api, parameter, value)?;
                encoded.declared.push((parameter, ascii_json(&value)));
                continue;
            }
            let schema = schema::resolve(self.api, &parameter.schema);
            if schema::items(schema).is_none() {
                let [value] = values[..] else {
                    return Err(CallError::Repeated {
                        name: name.to_owned(),
                    });
                };
                conform::texts(self.api, parameter, &values)?;
                encoded.declared.push((parameter, value.to_owned()));
                continue;
            }
            conform::texts(self.api, parameter, &values)?;
            if parameter.explode && parameter.place == Place::Query {
                let values = values
                    .into_iter()
                    .map(|value| (parameter, value.to_owned()));
                encoded.declared.extend(values);
            } else {
                encoded
                    .declared
                    .push((parameter, values.join(&parameter.separator.to_string())));
            }
        }
        Ok(encoded)
    }
}

fn unknown(name: &str, operation: &Operation) -> CallError {
    let known: Vec<&str> = operation
        .parameters
        .iter()
        .map(|parameter| parameter.name.as_str())
        .collect();
    let available = match known.is_empty() {
        true => format!("`{}` has no parameters", operation.name),
        false => format!(
            "`{}` has the parameters {}",
            operation.name,
            known.join(", ")
        ),
    };
    let remedy = match find::nearest(name, known.iter().copied()) {
        Some(nearest) => format!("did you mean `{nearest}`? {available}"),
        None => available,
    };
    CallError::UnknownParameter {
        name: name.to_owned(),
        remedy,
    }
}

/// Parameters, with their values as text.
pub(super) struct EncodedParameters<'a> {
    declared: Vec<(&'a Parameter, String)>,
    /// Names and values of query parameters that the spec does not declare.
    undeclared: Vec<(&'a str, &'a str)>,
}

impl EncodedParameters<'_> {
    fn at(&self, is_place: impl Fn(Place) -> bool) -> impl Iterator<Item = (&str, &str)> {
        self.declared
            .iter()
            .filter(move |(parameter, _)| is_place(parameter.place))
            .map(|(parameter, value)| (parameter.name.as_str(), value.as_str()))
    }

    pub(super) fn path(&self, name: &str) -> Option<&str> {
        self.at(|place| matches!(place, Place::Path { .. }))
            .find(|(own, _)| *own == name)
            .map(|(_, value)| value)
    }

    pub(super) fn query(&self) -> impl Iterator<Item = (&str, &str)> {
        self.at(|place| place == Place::Query)
            .chain(self.undeclared.iter().copied())
    }

    /// Returns the cookies for one header, if there are any.
    pub(super) fn cookies(&self) -> Option<String> {
        let cookies = self.at(|place| place == Place::Cookie);
        let cookies: Vec<String> = cookies.map(|(name, value)| cookie(name, value)).collect();
        (!cookies.is_empty()).then(|| cookies.join("; "))
    }

    pub(super) fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.at(|place| place == Place::Header)
    }
}

/// Checks the body against the operation, and returns the `Content-Type` to add, if any.
pub(super) fn content_type(
    api: &Api,
    operation: &Operation,
    headers: &HeaderMap,
    body: Option<&Bytes>,
) -> Result<Option<HeaderValue>, CallError> {
    let declared = operation.body.as_ref();
    let content = declared
        .map(|body| body.content.as_slice())
        .unwrap_or_default();
    let Some(body) = body else {
        if declared.is_some_and(|body| body.required) {
            let media_types: Vec<&str> = content
                .iter()
                .map(|content| content.media_type.as_str())
                .collect();
            let media_types = match media_types.is_empty() {
                true => String::new(),
                false => format!(" ({})", media_types.join(", ")),
            };
            return Err(CallError::NoBody { media_types });
        }
        return Ok(None);
    };
    let route = operation.route();
    if declared.is_none() && (route.starts_with("GET ") || route.starts_with("HEAD ")) {
        return Err(CallError::Bodiless { route });
    }
    let chosen = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let of_type =
        |test: &dyn Fn(&str) -> bool| content.iter().find(|content| test(&content.media_type));
    let content = match chosen {
        Some(chosen) => of_type(&|own| essence(own) == essence(chosen)),
        None => of_type(&|own| is_json(own) && is_json_text(body)).or(content.first()),
    };
    if let Some(content) = content
        && is_json(&content.media_type)
    {
        let value: Value = serde_json::from_slice(body).map_err(CallError::NotJson)?;
        if let Some(schema) = &content.schema {
            conform::body(api, schema, &value)?;
        }
    }
    if chosen.is_some() {
        return Ok(None);
    }
    let media_type = content.and_then(|content| HeaderValue::from_str(&content.media_type).ok());
    Ok(Some(media_type.unwrap_or_else(|| guess_type(body))))
}

/// Guesses the type of a body that the spec does not declare.
pub(super) fn guess_type(body: &[u8]) -> HeaderValue {
    HeaderValue::from_static(match body {
        body if is_json_text(body) => "application/json",
        body if std::str::from_utf8(body).is_ok() => "text/plain",
        _ => "application/octet-stream",
    })
}

/// Returns the value of `Accept`: the media type of the first success that has one.
///
/// It is a single type, since API Gateway uses only the first one in `Accept` to decide whether a
/// body is binary (API Gateway Developer Guide, "Content type conversions in API Gateway").
pub(super) fn accept(operation: &Operation) -> HeaderValue {
    let mut successes = operation
        .responses
        .iter()
        .filter(|response| response.status.is_success());
    successes
        .find_map(|response| HeaderValue::from_str(&response.content.first()?.media_type).ok())
        .unwrap_or(HeaderValue::from_static("*/*"))
}

fn is_json_text(body: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(body).is_ok()
}
