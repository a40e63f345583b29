//! Whether a value survived.

use serde_json::Value;

/// Returns the first difference: its pointer, and both values.
pub(crate) fn difference(before: &Value, after: &Value) -> Option<String> {
    at(before, after, "")
}

fn at(before: &Value, after: &Value, pointer: &str) -> Option<String> {
    match (before, after) {
        (Value::Object(one), Value::Object(other)) => {
            let lost = one.iter().find(|(key, _)| !other.contains_key(*key));
            if let Some((key, value)) = lost {
                return Some(format!("{pointer}/{key}: {value} was lost"));
            }
            let added = other.iter().find(|(key, _)| !one.contains_key(*key));
            if let Some((key, value)) = added {
                return Some(format!("{pointer}/{key}: {value} was added"));
            }
            one.iter()
                .find_map(|(key, value)| at(value, other.get(key)?, &format!("{pointer}/{key}")))
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            let mut pairs = one.iter().zip(other).enumerate();
            pairs.find_map(|(index, (one, other))| at(one, other, &format!("{pointer}/{index}")))
        }
        // 600 and 600.0 are the same number (RFC 8259, 6)
        (Value::Number(one), Value::Number(other)) if same(one, other) => None,
        (before, after) if before == after => None,
        (before, after) => Some(format!("{pointer}: {before} became {after}")),
    }
}

fn same(one: &serde_json::Number, other: &serde_json::Number) -> bool {
    let is_float = one.is_f64() || other.is_f64();
    one == other || (is_float && one.as_f64() == other.as_f64())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_lost_added_or_changed_is_found() {
        for (before, after, found) in [
            (json!({ "a": null }), json!({}), Some("/a: null was lost")),
            (json!({}), json!({ "a": null }), Some("/a: null was added")),
            (
                json!({ "a": [1, 2] }),
                json!({ "a": [1] }),
                Some("/a: [1,2] became [1]"),
            ),
            (
                json!({ "a": [1, 2] }),
                json!({ "a": [2, 1] }),
                Some("/a/0: 1 became 2"),
            ),
            (
                json!(25_676_536.560_058_594),
                json!(25_676_536.0),
                Some(": 25676536.560058594 became 25676536.0"),
            ),
            (
                json!(9_007_199_254_740_993_i64),
                json!(9_007_199_254_740_992_i64),
                Some(": 9007199254740993 became 9007199254740992"),
            ),
            (json!("a"), json!("A"), Some(": \"a\" became \"A\"")),
            (json!(600), json!(600.0), None),
            (json!({ "a": 1, "b": 2 }), json!({ "b": 2, "a": 1 }), None),
        ] {
            assert_eq!(
                difference(&before, &after).as_deref(),
                found,
                "{before} {after}"
            );
        }
    }
}
