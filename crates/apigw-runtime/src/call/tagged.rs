//! Serializes variants of a tagged union whose types do not declare the tag.

use serde::ser::{Error, Serialize, Serializer};
use serde_json::Value;

/// Serializes an object with an additional tag field.
///
/// The spec names the tag field (`discriminator.propertyName`). Each variant should declare it (OpenAPI 3.0.3, "Discriminator
/// Object"), but some specs do not. The service requires it nevertheless.
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
/// Returns an error if the value cannot be serialized as JSON, or if the serializer fails.
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
