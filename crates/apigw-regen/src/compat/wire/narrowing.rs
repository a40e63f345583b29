//! Whether one schema accepts fewer values than another, keyword by keyword.

use std::collections::BTreeSet;

use serde_json::Value;

/// Whether a value is sent or received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    /// Existing clients send what the old schema allows; the new one has to accept it.
    Request,
    /// The service sends what the new schema allows; existing clients have to read it.
    Response,
}

impl Direction {
    /// What the change means for programs built with the old client.
    pub(crate) fn consequence(self) -> &'static str {
        match self {
            Self::Request => "existing clients may be rejected",
            Self::Response => "existing clients may fail to read it",
        }
    }
}

/// The result of judging a change.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Judgement {
    /// How the schema accepts fewer values than can be sent.
    pub(crate) narrowed: Vec<String>,
    /// Whether every changed keyword was judged.
    pub(crate) is_complete: bool,
}

impl Judgement {
    /// No keyword was judged.
    pub(crate) fn open() -> Self {
        Self {
            narrowed: Vec::new(),
            is_complete: false,
        }
    }
}

/// Lower limits: raising one narrows the schema.
const MINIMA: [&str; 4] = ["minLength", "minimum", "minItems", "minProperties"];
/// Upper limits: lowering one narrows the schema.
const MAXIMA: [&str; 4] = ["maxLength", "maximum", "maxItems", "maxProperties"];
/// Keywords that never reject a value, or that are compared elsewhere: `drift` walks `type`,
/// `items` and the fields that both schemas have.
const HARMLESS: [&str; 5] = ["type", "default", "deprecated", "readOnly", "x-nullable"];

/// Judges one schema against another; `required` is whether its object requires the value.
pub(crate) fn judge(old: &Value, new: &Value, direction: Direction, required: bool) -> Judgement {
    let mut narrowed = Vec::new();
    let mut is_complete = true;
    let keys = |schema: &Value| -> BTreeSet<String> {
        schema
            .as_object()
            .into_iter()
            .flat_map(|map| map.keys().cloned())
            .collect()
    };
    for key in keys(old).union(&keys(new)) {
        let (before, after) = (old.get(key), new.get(key));
        let is_walked = key == "items" && before.is_some() && after.is_some();
        if before == after || is_walked || HARMLESS.contains(&key.as_str()) {
            continue;
        }
        match direction {
            Direction::Request => match request(key, before, after) {
                Some(found) => narrowed.extend(found),
                None => is_complete = false,
            },
            Direction::Response => match response(key, before, after, required) {
                Some(found) => narrowed.extend(found),
                None => is_complete = false,
            },
        }
    }
    Judgement {
        narrowed,
        is_complete,
    }
}

/// How a request is narrowed; `None` if the keyword is not judged.
fn request(key: &str, old: Option<&Value>, new: Option<&Value>) -> Option<Vec<String>> {
    Some(match key {
        "writeOnly" => Vec::new(),
        "required" => missing(new, old)
            .map(|field| format!("`{field}` is now required"))
            .collect(),
        "properties" => missing_keys(old, new)
            .map(|field| format!("`{field}` was removed"))
            .collect(),
        "enum" => match (old, new) {
            (_, None) => Vec::new(),
            (None, Some(_)) => vec!["only accepts certain values now".to_owned()],
            (Some(_), Some(_)) => missing(old, new)
                .map(|value| format!("no longer accepts `{value}`"))
                .collect(),
        },
        "nullable" => match new == Some(&Value::Bool(true)) {
            true => Vec::new(),
            false => vec!["no longer accepts null".to_owned()],
        },
        "format" => match new {
            Some(format) => vec![format!("must now have the format {format}")],
            None => Vec::new(),
        },
        "pattern" if new.is_none() => Vec::new(),
        "uniqueItems" => match new == Some(&Value::Bool(true)) {
            true => vec!["no longer accepts duplicate items".to_owned()],
            false => Vec::new(),
        },
        "additionalProperties" => match (old, new) {
            (_, None | Some(Value::Bool(true))) => Vec::new(),
            (_, Some(Value::Bool(false))) => vec!["no longer accepts additional fields".to_owned()],
            _ => return None,
        },
        limit if MINIMA.contains(&limit) => above(new, old)
            .map(|to| format!("`{limit}` is now {to}"))
            .into_iter()
            .collect(),
        limit if MAXIMA.contains(&limit) => below(new, old)
            .map(|to| format!("`{limit}` is now {to}"))
            .into_iter()
            .collect(),
        "exclusiveMinimum" | "exclusiveMaximum" => match new == Some(&Value::Bool(true)) {
            true => vec![format!("`{key}` was added")],
            false => Vec::new(),
        },
        _ => return None,
    })
}

/// How a response is widened; `None` if the keyword is not judged.
///
/// Generated clients check no limits or patterns, accept any string for an open enum, and
/// ignore unknown fields.
fn response(
    key: &str,
    old: Option<&Value>,
    new: Option<&Value>,
    required: bool,
) -> Option<Vec<String>> {
    Some(match key {
        "required" => missing(old, new)
            .map(|field| format!("`{field}` can now be missing"))
            .collect(),
        "writeOnly" => match required && new == Some(&Value::Bool(true)) {
            true => vec!["can now be missing".to_owned()],
            false => Vec::new(),
        },
        "nullable" => match required && new == Some(&Value::Bool(true)) {
            true => vec!["can now be null".to_owned()],
            false => Vec::new(),
        },
        "format" => match old {
            Some(format) => vec![format!("no longer has the format {format}")],
            None => Vec::new(),
        },
        "additionalProperties" => match (old, new) {
            (Some(Value::Object(_)), Some(Value::Object(_))) => return None,
            _ => Vec::new(),
        },
        "properties" | "enum" | "pattern" | "uniqueItems" | "exclusiveMinimum"
        | "exclusiveMaximum" => Vec::new(),
        limit if MINIMA.contains(&limit) || MAXIMA.contains(&limit) => Vec::new(),
        _ => return None,
    })
}

/// Returns the values of `of` that are not in `from`.
fn missing<'a>(
    of: Option<&'a Value>,
    from: Option<&'a Value>,
) -> impl Iterator<Item = String> + 'a {
    let known = from.and_then(Value::as_array);
    let all = of.and_then(Value::as_array).into_iter().flatten();
    all.filter(move |value| !known.is_some_and(|known| known.contains(value)))
        .map(|value| {
            value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned)
        })
}

fn missing_keys<'a>(
    of: Option<&'a Value>,
    from: Option<&'a Value>,
) -> impl Iterator<Item = &'a String> {
    let known = from.and_then(Value::as_object);
    let all = of
        .and_then(Value::as_object)
        .into_iter()
        .flat_map(|map| map.keys());
    all.filter(move |key| !known.is_some_and(|known| known.contains_key(*key)))
}

/// Returns the new limit if it is higher than the old one.
fn above(new: Option<&Value>, old: Option<&Value>) -> Option<f64> {
    let new = new?.as_f64()?;
    let old = old.and_then(Value::as_f64).unwrap_or(f64::NEG_INFINITY);
    (new > old).then_some(new)
}

/// Returns the new limit if it is lower than the old one.
fn below(new: Option<&Value>, old: Option<&Value>) -> Option<f64> {
    let new = new?.as_f64()?;
    let old = old.and_then(Value::as_f64).unwrap_or(f64::INFINITY);
    (new < old).then_some(new)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Checks how a change narrows requests and widens responses.
    #[track_caller]
    fn assert_judged(old: Value, new: Value, request: &[&str], response: &[&str]) {
        let judged = |direction| judge(&old, &new, direction, true);
        let (sent, read) = (judged(Direction::Request), judged(Direction::Response));
        assert_eq!(sent.narrowed, request, "request: {old} {new}");
        assert_eq!(read.narrowed, response, "response: {old} {new}");
        assert!(sent.is_complete && read.is_complete, "{old} {new}");
    }

    #[test]
    fn a_newly_required_field_narrows_requests_and_a_newly_optional_one_widens_responses() {
        let with = |required: &[&str]| json!({ "type": "object", "required": required });
        assert_judged(
            with(&["a"]),
            with(&["a", "b"]),
            &["`b` is now required"],
            &[],
        );
        assert_judged(
            with(&["a", "b"]),
            with(&["a"]),
            &[],
            &["`b` can now be missing"],
        );
        let holds = |properties: Value| json!({ "type": "object", "properties": properties });
        let (one, two) = (
            holds(json!({ "a": {} })),
            holds(json!({ "a": {}, "b": {} })),
        );
        assert_judged(two.clone(), one.clone(), &["`b` was removed"], &[]);
        assert_judged(one, two, &[], &[]);
    }

    #[test]
    fn enum_values_narrow_only_requests_because_clients_read_any_value() {
        let text = |values: &[&str]| json!({ "type": "string", "enum": values });
        assert_judged(
            text(&["A", "B"]),
            text(&["A"]),
            &["no longer accepts `B`"],
            &[],
        );
        assert_judged(text(&["A"]), text(&["A", "B"]), &[], &[]);
        let any = json!({ "type": "string" });
        assert_judged(
            any.clone(),
            text(&["A"]),
            &["only accepts certain values now"],
            &[],
        );
        assert_judged(text(&["A"]), any, &[], &[]);
    }

    #[test]
    fn null_narrows_requests_and_widens_responses() {
        let (no, yes) = (
            json!({ "type": "string" }),
            json!({ "type": "string", "nullable": true }),
        );
        assert_judged(yes.clone(), no.clone(), &["no longer accepts null"], &[]);
        assert_judged(no.clone(), yes.clone(), &[], &["can now be null"]);
        // clients read null as a missing optional field
        let optional = judge(&no, &yes, Direction::Response, false);
        assert_eq!(optional.narrowed, [""; 0]);
    }

    #[test]
    fn tighter_limits_narrow_requests() {
        let text = |key: &str, limit: u32| json!({ "type": "string", key: limit });
        let any = json!({ "type": "string" });
        for (key, loose, tight) in [("minLength", 1, 2), ("maxLength", 9, 8)] {
            let narrowed = [format!("`{key}` is now {tight}")];
            let narrowed = [narrowed[0].as_str()];
            assert_judged(text(key, loose), text(key, tight), &narrowed, &[]);
            assert_judged(any.clone(), text(key, tight), &narrowed, &[]);
            assert_judged(text(key, tight), text(key, loose), &[], &[]);
            assert_judged(text(key, tight), any.clone(), &[], &[]);
        }
        let open = json!({ "type": "object" });
        let closed = json!({ "type": "object", "additionalProperties": false });
        assert_judged(
            open.clone(),
            closed.clone(),
            &["no longer accepts additional fields"],
            &[],
        );
        assert_judged(closed, open, &[], &[]);
    }

    #[test]
    fn a_new_format_narrows_requests_and_a_removed_one_widens_responses() {
        let (text, time) = (
            json!({ "type": "string" }),
            json!({ "type": "string", "format": "date-time" }),
        );
        assert_judged(
            text.clone(),
            time.clone(),
            &["must now have the format \"date-time\""],
            &[],
        );
        assert_judged(time, text, &[], &["no longer has the format \"date-time\""]);
    }

    #[test]
    fn a_change_that_cannot_be_judged_is_incomplete() {
        let pattern = |pattern: &str| json!({ "type": "string", "pattern": pattern });
        assert!(!judge(&pattern("a"), &pattern("b"), Direction::Request, true).is_complete);
        // clients do not check patterns
        assert!(judge(&pattern("a"), &pattern("b"), Direction::Response, true).is_complete);
        let choice = |of: &str| json!({ "anyOf": [{ "type": of }, { "type": "boolean" }] });
        assert!(
            !judge(
                &choice("string"),
                &choice("integer"),
                Direction::Request,
                true
            )
            .is_complete
        );
        assert!(
            !judge(
                &choice("string"),
                &choice("integer"),
                Direction::Response,
                true
            )
            .is_complete
        );
    }
}
