//! Deserializes unions without a discriminator.

use serde::Serialize;
use serde_json::{Error, Value};

/// Deserializes a value as the variant that preserves the most fields.
///
/// If several variants preserve the same number of fields, the first one is used. Returns `None`
/// if no variant matches.
///
/// A spec may define a union without a `discriminator` and without required fields. Any object
/// would then match the first variant and lose the fields of the others. So all variants are tried,
/// and the preserved fields are counted.
///
/// ```
/// use apigw_runtime::codegen::best_fit;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Debug, PartialEq, Serialize, Deserialize)]
/// struct Cat { lives: Option<u8> }
/// #[derive(Debug, PartialEq, Serialize, Deserialize)]
/// struct Fish { fins: Option<u8> }
///
/// #[derive(Debug, PartialEq, Serialize)]
/// #[serde(untagged)]
/// enum Pet { Cat(Cat), Fish(Fish) }
///
/// let value = serde_json::json!({ "fins": 7 });
/// let pet = best_fit(&value, &[
///     |value| serde_json::from_value(value).map(Pet::Cat),
///     |value| serde_json::from_value(value).map(Pet::Fish),
/// ]);
/// assert_eq!(pet, Some(Pet::Fish(Fish { fins: Some(7) })));
/// ```
pub fn best_fit<T: Serialize>(value: &Value, readers: &[Reader<T>]) -> Option<T> {
    let mut best: Option<(usize, T)> = None;
    for reader in readers {
        let Ok(read) = reader(value.clone()) else {
            continue;
        };
        let kept = serde_json::to_value(&read).map_or(0, |written| kept(value, &written));
        if best.as_ref().is_none_or(|(most, _)| kept > *most) {
            best = Some((kept, read));
        }
    }
    best.map(|(_, read)| read)
}

/// Deserializes a value as one of the variants.
type Reader<T> = fn(Value) -> Result<T, Error>;

/// Counts the fields and items of `value` that are also in `other`.
fn kept(value: &Value, other: &Value) -> usize {
    match (value, other) {
        (Value::Object(value), Value::Object(other)) => value
            .iter()
            .filter_map(|(name, member)| Some(1 + kept(member, other.get(name)?)))
            .sum(),
        (Value::Array(value), Value::Array(other)) => value
            .iter()
            .zip(other)
            .map(|(item, other)| 1 + kept(item, other))
            .sum(),
        _ => 0,
    }
}
