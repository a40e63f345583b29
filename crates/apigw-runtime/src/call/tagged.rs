//! Alternatives told apart by a field that they lack themselves.

use serde::ser::{Error, Serialize, Serializer};
use serde_json::Value;

/// Serialises an object with one field more: the one by which a reader knows which of several types it is.
///
/// A document names this field (`discriminator.propertyName`) and should declare it in every alternative
/// (OpenAPI 3.0.3, "Discriminator Object"), but some do not. The service needs it all the same.
///
/// ```
/// use apigw_runtime::codegen::tagged;
/// use serde::{Serialize, Serializer};
///
/// #[derive(Serialize)]
/// struct Circle { radius: f64 }
///
/// enum Shape { Circle(Circle) }
///
/// impl Serialize for Shape {
///     fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
///         match self {
///             Self::Circle(value) => tagged("kind", "round", value, to),
///         }
///     }
/// }
///
/// let shape = serde_json::to_value(Shape::Circle(Circle { radius: 2.5 }))?;
/// assert_eq!(shape, serde_json::json!({ "kind": "round", "radius": 2.5 }));
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// # Errors
///
/// If the value cannot be written as JSON, or the serializer fails.
pub fn tagged<T: Serialize, S: Serializer>(
    field: &str,
    tag: &str,
    value: &T,
    to: S,
) -> Result<S::Ok, S::Error> {
    let mut value = serde_json::to_value(value).map_err(S::Error::custom)?;
    if let Value::Object(fields) = &mut value {
        fields.insert(field.to_owned(), tag.into());
    }
    value.serialize(to)
}
