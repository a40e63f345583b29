//! Fields of any JSON, which may be missing.

use serde::{Deserialize, Deserializer};

/// Deserializes a field that is present: `null` becomes `Some(Value::Null)` and not `None`, which
/// means that the field is missing.
///
/// # Errors
///
/// Returns an error if the value is not a `T`.
pub fn present<'de, T, D>(from: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    T::deserialize(from).map(Some)
}
