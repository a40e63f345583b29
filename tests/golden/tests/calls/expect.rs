//! Assertions about results.

use std::fmt::Debug;

use apigw_runtime::{
    AnyBody, ByteStream, Error, ErrorKind, EventStream, JsonLines, ResponseValue, Text,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Asserts success with this status, and returns the decoded body.
#[track_caller]
pub(crate) fn success<T, E>(result: Result<ResponseValue<T>, Error<E>>, status: u16) -> T {
    match result {
        Ok(value) => {
            assert_eq!(value.status().as_u16(), status);
            value.into_inner()
        }
        Err(error) => panic!("{error}: {error:?}"),
    }
}

/// Asserts failure with this status, and returns the error body if it is a documented one.
#[track_caller]
pub(crate) fn failure<T, E>(result: Result<ResponseValue<T>, Error<E>>, status: u16) -> Option<E> {
    let Err(error) = result else {
        panic!("a success instead of status {status}")
    };
    assert_eq!(error.status().map(|status| status.as_u16()), Some(status));
    error.into_body()
}

/// Asserts failure because the spec does not declare this status, with the body as received.
#[track_caller]
pub(crate) fn undocumented<T, E>(
    result: Result<ResponseValue<T>, Error<E>>,
    status: u16,
    body: &str,
) {
    let Err(error) = result else {
        panic!("a success instead of status {status}")
    };
    let kind = match status {
        404 | 410 => ErrorKind::NotFound,
        429 => ErrorKind::Throttled,
        400..=499 => ErrorKind::ClientError,
        500..=599 => ErrorKind::ServerError,
        _ => ErrorKind::Undocumented,
    };
    assert_eq!(error.kind(), kind);
    assert_eq!(error.status().map(|status| status.as_u16()), Some(status));
    assert!(error.body().is_none());
    assert_eq!(error.raw().unwrap().bytes(), body.as_bytes());
}

/// Asserts that no body is documented for this response.
#[track_caller]
pub(crate) fn nothing<T: Debug>(value: Option<T>) {
    assert!(value.is_none(), "{value:?}");
}

/// Asserts that the value contains the whole body, and nothing of it as unknown.
#[track_caller]
pub(crate) fn json<T: Serialize + Debug>(value: &T, body: &str) {
    let shown = format!("{value:?}");
    assert!(!shown.contains("Unknown("), "{shown}");
    kept(value, body);
}

/// Asserts that the stream has events with these data, and nothing else.
pub(crate) async fn events<T: Serialize + DeserializeOwned + 'static>(
    mut events: EventStream<T>,
    items: &str,
) {
    let mut found = Vec::new();
    while let Some(event) = events.next().await {
        found.push(serde_json::to_value(event.unwrap().data).unwrap());
    }
    let items: Value = serde_json::from_str(items).unwrap();
    assert_eq!(Value::Array(found), items);
}

/// Asserts that the stream has events with these texts, and nothing else.
pub(crate) async fn text_events(mut events: EventStream<String>, items: &str) {
    let mut found = Vec::new();
    while let Some(event) = events.next().await {
        found.push(Value::String(event.unwrap().data));
    }
    let items: Value = serde_json::from_str(items).unwrap();
    assert_eq!(Value::Array(found), items);
}

/// Asserts that the stream has these values, and nothing else.
pub(crate) async fn lines<T: Serialize + DeserializeOwned>(mut lines: JsonLines<T>, items: &str) {
    let mut found = Vec::new();
    while let Some(line) = lines.next().await {
        found.push(serde_json::to_value(line.unwrap()).unwrap());
    }
    let items: Value = serde_json::from_str(items).unwrap();
    assert_eq!(Value::Array(found), items);
}

/// Asserts that the value contains the whole body, known to this client or not.
#[track_caller]
pub(crate) fn kept<T: Serialize>(value: &T, body: &str) {
    let body: Value = serde_json::from_str(body).unwrap();
    let value = serde_json::to_value(value).unwrap();
    assert_eq!(with_floats(value), with_floats(body));
}

/// Makes all numbers that an `f64` holds exactly floats: 600 and 600.0 are the same number.
fn with_floats(value: Value) -> Value {
    match value {
        Value::Number(number) => match number.as_f64() {
            Some(float) if float.abs() < 9e15 => Value::from(float),
            _ => Value::Number(number),
        },
        Value::Array(items) => items.into_iter().map(with_floats).collect(),
        Value::Object(map) => {
            let pairs = map
                .into_iter()
                .map(|(name, value)| (name, with_floats(value)));
            Value::Object(pairs.collect())
        }
        other => other,
    }
}

/// Asserts that there is another page.
#[track_caller]
pub(crate) fn page<T: Serialize + Debug, E>(
    next: Option<Result<ResponseValue<T>, Error<E>>>,
    body: &str,
) {
    item(next.map(|page| page.map(ResponseValue::into_inner)), body);
}

/// Asserts that there is another item.
#[track_caller]
pub(crate) fn item<T: Serialize + Debug, E>(next: Option<Result<T, Error<E>>>, body: &str) {
    match next {
        Some(Ok(value)) => json(&value, body),
        Some(Err(error)) => panic!("{error}: {error:?}"),
        None => panic!("nothing instead of {body}"),
    }
}

/// Asserts that there is nothing more.
#[track_caller]
pub(crate) fn end<T, E>(next: &Option<Result<T, Error<E>>>) {
    assert!(next.is_none(), "there is more");
}

/// Asserts that the body is this text.
#[track_caller]
pub(crate) fn text(value: &Text, body: &str) {
    assert_eq!(&**value, body);
}

/// Asserts that the undecoded body is this one.
#[track_caller]
pub(crate) fn any(value: &AnyBody, body: &str) {
    assert_eq!(value.bytes(), body.as_bytes());
}

/// Asserts that the streamed body is this one.
pub(crate) async fn stream(value: ByteStream, body: &str) {
    assert_eq!(value.collect_bytes().await.unwrap(), body.as_bytes());
}
