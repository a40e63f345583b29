//! What has become of an answer.

use std::fmt::Debug;

use apigw_runtime::{AnyBody, ByteStream, Error, ErrorKind, ResponseValue, Text};
use serde::Serialize;
use serde_json::Value;

/// The call succeeded with this status: what was decoded.
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

/// The call failed with this status: the error body, if it is a documented one.
#[track_caller]
pub(crate) fn failure<T, E>(result: Result<ResponseValue<T>, Error<E>>, status: u16) -> Option<E> {
    let Err(error) = result else {
        panic!("a success, with status {status}")
    };
    assert_eq!(error.status().map(|status| status.as_u16()), Some(status));
    error.into_body()
}

/// The call failed because the document says nothing of this status; the answer is there as it came.
#[track_caller]
pub(crate) fn undocumented<T, E>(
    result: Result<ResponseValue<T>, Error<E>>,
    status: u16,
    body: &str,
) {
    let Err(error) = result else {
        panic!("a success, with status {status}")
    };
    assert_eq!(error.kind(), ErrorKind::Undocumented);
    assert_eq!(error.status().map(|status| status.as_u16()), Some(status));
    assert!(error.body().is_none());
    assert_eq!(error.raw().unwrap().bytes(), body.as_bytes());
}

/// No body is documented for this answer.
#[track_caller]
pub(crate) fn nothing<T: Debug>(value: Option<T>) {
    assert!(value.is_none(), "{value:?}");
}

/// Everything in the body was understood, and is still there: it was read as what the document describes, and not as
/// something that only this client does not know.
#[track_caller]
pub(crate) fn json<T: Serialize + Debug>(value: &T, body: &str) {
    let shown = format!("{value:?}");
    assert!(!shown.contains("Unknown("), "{shown}");
    kept(value, body);
}

/// Everything in the body is still there, known to this client or not.
#[track_caller]
pub(crate) fn kept<T: Serialize>(value: &T, body: &str) {
    let body: Value = serde_json::from_str(body).unwrap();
    assert_eq!(serde_json::to_value(value).unwrap(), body);
}

/// One more page came.
#[track_caller]
pub(crate) fn page<T: Serialize + Debug, E>(
    next: Option<Result<ResponseValue<T>, Error<E>>>,
    body: &str,
) {
    item(next.map(|page| page.map(ResponseValue::into_inner)), body);
}

/// One more item came.
#[track_caller]
pub(crate) fn item<T: Serialize + Debug, E>(next: Option<Result<T, Error<E>>>, body: &str) {
    match next {
        Some(Ok(value)) => json(&value, body),
        Some(Err(error)) => panic!("{error}: {error:?}"),
        None => panic!("nothing came instead of {body}"),
    }
}

/// Nothing more came.
#[track_caller]
pub(crate) fn end<T, E>(next: &Option<Result<T, Error<E>>>) {
    assert!(next.is_none(), "there is more");
}

/// The body is a text, as it came.
#[track_caller]
pub(crate) fn text(value: &Text, body: &str) {
    assert_eq!(&**value, body);
}

/// The body is handed over as it came.
#[track_caller]
pub(crate) fn any(value: &AnyBody, body: &str) {
    assert_eq!(value.bytes(), body.as_bytes());
}

/// The body is handed over as it comes.
pub(crate) async fn stream(value: ByteStream, body: &str) {
    assert_eq!(value.collect_bytes().await.unwrap(), body.as_bytes());
}
