//! Alternatives that nothing tells apart.

use serde::Serialize;
use serde_json::{Error, Value};

/// Reads a value as the alternative that keeps most of it; as the first of several that
/// keep the same, and as none when none can be read.
///
/// A document may offer alternatives without a `discriminator` and with nothing required
/// of either: any object would then fit the first, and what only the second has would be
/// lost. So each reader is tried, and what it keeps is counted member by member.
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

/// Reads a value as one of the alternatives.
type Reader<T> = fn(Value) -> Result<T, Error>;

/// How many members and items of a value are there in another.
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
