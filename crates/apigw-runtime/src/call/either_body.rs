//! The body of an operation that accepts several media types.

use bytes::Bytes;

/// A required body of an operation that accepts several media types: a value that is serialized as
/// the main one, or bytes of another one.
///
/// ```
/// use apigw_runtime::EitherBody;
///
/// fn import<'a>(rows: impl Into<EitherBody<'a, [u32]>>) {
///     # let _ = rows.into();
/// }
///
/// import(&vec![1, 2]);
/// import(EitherBody::bytes("1\n2\n", "text/csv"));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum EitherBody<'a, T: ?Sized> {
    /// A value, serialized as the main media type.
    Value(&'a T),
    /// Bytes, sent unchanged.
    Bytes {
        /// The bytes.
        body: Bytes,
        /// Their media type.
        content_type: String,
    },
}

impl<T: ?Sized> EitherBody<'_, T> {
    /// Creates a body of another media type, which is sent unchanged.
    pub fn bytes(body: impl Into<Bytes>, content_type: &str) -> Self {
        Self::Bytes {
            body: body.into(),
            content_type: content_type.to_owned(),
        }
    }
}

impl<'a, T: ?Sized> From<&'a T> for EitherBody<'a, T> {
    fn from(value: &'a T) -> Self {
        Self::Value(value)
    }
}

impl<'a, T> From<&'a Vec<T>> for EitherBody<'a, [T]> {
    fn from(values: &'a Vec<T>) -> Self {
        Self::Value(values)
    }
}

impl<'a, T, const N: usize> From<&'a [T; N]> for EitherBody<'a, [T]> {
    fn from(values: &'a [T; N]) -> Self {
        Self::Value(values)
    }
}

impl<'a> From<&'a String> for EitherBody<'a, str> {
    fn from(text: &'a String) -> Self {
        Self::Value(text)
    }
}
