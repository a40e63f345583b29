//! Checks arguments against their schemas: all rules that [`check`] knows.

use apigw_spec::api::{Api, Parameter, Place, Schema};
use apigw_spec::schema::{Direction, Expected, Mismatch, check, items, resolve};
use serde_json::{Number, Value};

use super::CallError;

/// The maximum length of a value in an error message, in characters.
const SHOWN: usize = 80;

/// Checks the values of a parameter that is not sent as JSON: several for a list, one for anything else.
pub(super) fn texts(api: &Api, parameter: &Parameter, values: &[&str]) -> Result<(), CallError> {
    let schema = resolve(api, &parameter.schema);
    let subject = Subject::of(parameter);
    if let Some(items) = items(schema) {
        let read = values
            .iter()
            .map(|text| text_value(api, items, text, &subject));
        let list = Value::Array(read.collect::<Result<_, _>>()?);
        return check(api, schema, &list, Direction::Request)
            .map_err(|mismatch| subject.error(&mismatch));
    }
    for text in values {
        text_value(api, schema, text, &subject)?;
    }
    Ok(())
}

/// Reads a parameter in JSON, and checks it. A string may be without quotes.
pub(super) fn json(api: &Api, parameter: &Parameter, text: &str) -> Result<Value, CallError> {
    let subject = Subject::of(parameter);
    let schema = &parameter.schema;
    let kind = resolve(api, schema).get("type").and_then(Value::as_str);
    let value = match (serde_json::from_str::<Value>(text), kind) {
        (Ok(value), Some("string")) if !value.is_string() => Value::from(text),
        (Ok(value), _) => value,
        (Err(_), Some("string")) => Value::from(text),
        (Err(_), _) => {
            return Err(subject.error(&Mismatch {
                pointer: String::new(),
                expected: Expected::Rule("JSON".to_owned()),
                found: Value::from(text),
                secret: false,
            }));
        }
    };
    check(api, schema, &value, Direction::Request).map_err(|mismatch| subject.error(&mismatch))?;
    Ok(value)
}

/// Checks a JSON body.
pub(super) fn body(api: &Api, schema: &Schema, value: &Value) -> Result<(), CallError> {
    let subject = Subject {
        name: "the body".to_owned(),
        is_secret: false,
    };
    check(api, schema, value, Direction::Request).map_err(|mismatch| subject.error(&mismatch))
}

/// Returns the value that a text stands for, after checking it. `5` can be a number or a string.
fn text_value(
    api: &Api,
    schema: &Schema,
    text: &str,
    subject: &Subject,
) -> Result<Value, CallError> {
    let string = Value::from(text);
    let kind = resolve(api, schema).get("type").and_then(Value::as_str);
    if kind == Some("object") {
        // how its properties are written is up to the caller
        return Ok(string);
    }
    let scalar = scalar(text).filter(|value| kind != Some("integer") || !value.is_f64());
    let mut first = None;
    for value in scalar.into_iter().chain([string]) {
        match check(api, schema, &value, Direction::Request) {
            Ok(()) => return Ok(value),
            // of several, the error is about the value that has the right type
            Err(mismatch) if !matches!(mismatch.expected, Expected::Type(_)) => {
                first.get_or_insert(mismatch);
            }
            Err(mismatch) if value.is_string() => {
                first.get_or_insert(mismatch);
            }
            Err(_) => {}
        }
    }
    match first {
        Some(mismatch) => Err(subject.error(&mismatch)),
        None => Ok(Value::from(text)),
    }
}

/// Returns the number or boolean that a text is in JSON.
fn scalar(text: &str) -> Option<Value> {
    match text {
        "true" => Some(Value::Bool(true)),
        "false" => Some(Value::Bool(false)),
        text => text.parse::<Number>().ok().map(Value::Number),
    }
}

/// The argument that an error is about.
struct Subject {
    /// The parameter in backticks, or `the body`.
    name: String,
    /// Whether its value must not be shown.
    is_secret: bool,
}

impl Subject {
    fn of(parameter: &Parameter) -> Self {
        Self {
            name: format!("`{}`", parameter.name),
            is_secret: parameter.place == Place::Cookie
                || (parameter.place == Place::Header
                    && reqwest_sigv4::is_secret_header(&parameter.name)),
        }
    }

    fn error(&self, mismatch: &Mismatch) -> CallError {
        CallError::Mismatch {
            name: match mismatch.pointer.as_str() {
                "" => self.name.clone(),
                pointer => format!("`{pointer}` of {}", self.name),
            },
            wanted: mismatch.expected.to_string(),
            found: match self.is_secret || mismatch.secret {
                true => "a value that is not shown".to_owned(),
                false => display(&mismatch.found, &mismatch.expected),
            },
        }
    }
}

/// Formats a value for an error message. Arrays and objects are not written out, and long texts are cut.
fn display(value: &Value, expected: &Expected) -> String {
    match (value, expected) {
        (Value::Array(items), Expected::Rule(_)) => format!("a list of {}", items.len()),
        (Value::Array(_), _) => "a list".to_owned(),
        (Value::Object(_), Expected::Property(_)) => "one without it".to_owned(),
        (Value::Object(_), Expected::NoProperty(_)) => "one with it".to_owned(),
        (Value::Object(_), _) => "an object".to_owned(),
        (value, _) => {
            let text = value.to_string();
            match text.char_indices().nth(SHOWN) {
                Some((end, _)) => format!("{}…", &text[..end]),
                None => text,
            }
        }
    }
}
