//! Whether one schema takes less than another, keyword by keyword.

use std::collections::BTreeSet;

use serde_json::Value;

/// Which way a value goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    /// Old clients send what the old schema allows: the new one has to take it.
    Request,
    /// The service sends what the new schema allows: old clients have to take it.
    Response,
}

impl Direction {
    /// What happens to programs that were built before.
    pub(crate) fn consequence(self) -> &'static str {
        match self {
            Self::Request => "requests of programs built before may be refused",
            Self::Response => "programs built before may not read it",
        }
    }
}

/// What is known of a change.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Judgement {
    /// How the schema takes less than what may come.
    pub(crate) narrowed: Vec<String>,
    /// Whether that is all that could.
    pub(crate) is_complete: bool,
}

impl Judgement {
    /// Nothing is known.
    pub(crate) fn open() -> Self {
        Self {
            narrowed: Vec::new(),
            is_complete: false,
        }
    }
}

/// Lower limits, of which a higher one takes less.
const MINIMA: [&str; 4] = ["minLength", "minimum", "minItems", "minProperties"];
/// Upper limits, of which a lower one takes less.
const MAXIMA: [&str; 4] = ["maxLength", "maximum", "maxItems", "maxProperties"];
/// What a schema may say without a value's being refused for it, or what is judged elsewhere:
/// drift walks `type`, `items` and the fields that both have.
const HARMLESS: [&str; 6] = [
    "type",
    "default",
    "deprecated",
    "readOnly",
    "writeOnly",
    "x-nullable",
];

/// Judges one schema against another; `demanded` says whether an object must have it.
pub(crate) fn judge(old: &Value, new: &Value, direction: Direction, demanded: bool) -> Judgement {
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
            Direction::Response => match response(key, before, after, demanded) {
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

/// What a request may not do any more; `None` when the keyword is not judged.
fn request(key: &str, old: Option<&Value>, new: Option<&Value>) -> Option<Vec<String>> {
    Some(match key {
        "required" => missing(new, old)
            .map(|field| format!("`{field}` is demanded now"))
            .collect(),
        "properties" => missing_keys(old, new)
            .map(|field| format!("`{field}` is not known any more"))
            .collect(),
        "enum" => match (old, new) {
            (_, None) => Vec::new(),
            (None, Some(_)) => vec!["only certain values are taken now".to_owned()],
            (Some(_), Some(_)) => missing(old, new)
                .map(|value| format!("{value} is not taken any more"))
                .collect(),
        },
        "nullable" => match new == Some(&Value::Bool(true)) {
            true => Vec::new(),
            false => vec!["null is not taken any more".to_owned()],
        },
        "format" => match new {
            Some(format) => vec![format!("only {format} is taken now")],
            None => Vec::new(),
        },
        "pattern" if new.is_none() => Vec::new(),
        "uniqueItems" => match new == Some(&Value::Bool(true)) {
            true => vec!["no item may come twice now".to_owned()],
            false => Vec::new(),
        },
        "additionalProperties" => match (old, new) {
            (_, None | Some(Value::Bool(true))) => Vec::new(),
            (_, Some(Value::Bool(false))) => vec!["no other fields are taken now".to_owned()],
            _ => return None,
        },
        limit if MINIMA.contains(&limit) => above(new, old)
            .map(|to| format!("{limit} is {to} now"))
            .into_iter()
            .collect(),
        limit if MAXIMA.contains(&limit) => below(new, old)
            .map(|to| format!("{limit} is {to} now"))
            .into_iter()
            .collect(),
        "exclusiveMinimum" | "exclusiveMaximum" => match new == Some(&Value::Bool(true)) {
            true => vec![format!("{key} holds now")],
            false => Vec::new(),
        },
        _ => return None,
    })
}

/// What a response may be now that it was not; `None` when the keyword is not judged.
///
/// Generated clients check no limits and no patterns, read every text as an open enum's
/// value, and leave fields aside that they do not know.
fn response(
    key: &str,
    old: Option<&Value>,
    new: Option<&Value>,
    demanded: bool,
) -> Option<Vec<String>> {
    Some(match key {
        "required" => missing(old, new)
            .map(|field| format!("`{field}` may be missing now"))
            .collect(),
        "nullable" => match demanded && new == Some(&Value::Bool(true)) {
            true => vec!["it may be null now".to_owned()],
            false => Vec::new(),
        },
        "format" => match old {
            Some(format) => vec![format!("it was {format} and may be another now")],
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

/// What one list has and the other lacks.
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

/// The new limit, when it is higher than the old one.
fn above(new: Option<&Value>, old: Option<&Value>) -> Option<f64> {
    let new = new?.as_f64()?;
    let old = old.and_then(Value::as_f64).unwrap_or(f64::NEG_INFINITY);
    (new > old).then_some(new)
}

/// The new limit, when it is lower than the old one.
fn below(new: Option<&Value>, old: Option<&Value>) -> Option<f64> {
    let new = new?.as_f64()?;
    let old = old.and_then(Value::as_f64).unwrap_or(f64::INFINITY);
    (new < old).then_some(new)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// What is narrowed between two schemas, in requests and in responses.
    #[track_caller]
    fn assert_judged(old: Value, new: Value, request: &[&str], response: &[&str]) {
        let judged = |direction| judge(&old, &new, direction, true);
        let (sent, read) = (judged(Direction::Request), judged(Direction::Response));
        assert_eq!(sent.narrowed, request, "request: {old} {new}");
        assert_eq!(read.narrowed, response, "response: {old} {new}");
        assert!(sent.is_complete && read.is_complete, "{old} {new}");
    }

    #[test]
    fn fields_that_come_are_demanded_and_fields_that_go_may_be_missing() {
        let with = |required: &[&str]| json!({ "type": "object", "required": required });
        assert_judged(
            with(&["a"]),
            with(&["a", "b"]),
            &["`b` is demanded now"],
            &[],
        );
        assert_judged(
            with(&["a", "b"]),
            with(&["a"]),
            &[],
            &["`b` may be missing now"],
        );
        let holds = |properties: Value| json!({ "type": "object", "properties": properties });
        let (one, two) = (
            holds(json!({ "a": {} })),
            holds(json!({ "a": {}, "b": {} })),
        );
        assert_judged(
            two.clone(),
            one.clone(),
            &["`b` is not known any more"],
            &[],
        );
        assert_judged(one, two, &[], &[]);
    }

    #[test]
    fn values_of_enums_only_narrow_requests_because_clients_read_any() {
        let text = |values: &[&str]| json!({ "type": "string", "enum": values });
        assert_judged(
            text(&["A", "B"]),
            text(&["A"]),
            &["B is not taken any more"],
            &[],
        );
        assert_judged(text(&["A"]), text(&["A", "B"]), &[], &[]);
        let any = json!({ "type": "string" });
        assert_judged(
            any.clone(),
            text(&["A"]),
            &["only certain values are taken now"],
            &[],
        );
        assert_judged(text(&["A"]), any, &[], &[]);
    }

    #[test]
    fn null_is_refused_in_requests_and_new_in_responses() {
        let (no, yes) = (
            json!({ "type": "string" }),
            json!({ "type": "string", "nullable": true }),
        );
        assert_judged(
            yes.clone(),
            no.clone(),
            &["null is not taken any more"],
            &[],
        );
        assert_judged(no.clone(), yes.clone(), &[], &["it may be null now"]);
        // what may be missing may be null for every client
        let optional = judge(&no, &yes, Direction::Response, false);
        assert_eq!(optional.narrowed, [""; 0]);
    }

    #[test]
    fn limits_narrow_requests_where_they_get_tighter() {
        let text = |key: &str, limit: u32| json!({ "type": "string", key: limit });
        let any = json!({ "type": "string" });
        for (key, loose, tight) in [("minLength", 1, 2), ("maxLength", 9, 8)] {
            let narrowed = [format!("{key} is {tight} now")];
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
            &["no other fields are taken now"],
            &[],
        );
        assert_judged(closed, open, &[], &[]);
    }

    #[test]
    fn a_format_narrows_what_is_sent_and_its_loss_what_is_read() {
        let (text, time) = (
            json!({ "type": "string" }),
            json!({ "type": "string", "format": "date-time" }),
        );
        assert_judged(
            text.clone(),
            time.clone(),
            &["only \"date-time\" is taken now"],
            &[],
        );
        assert_judged(
            time,
            text,
            &[],
            &["it was \"date-time\" and may be another now"],
        );
    }

    #[test]
    fn what_cannot_be_judged_is_said_to_be_open() {
        let pattern = |pattern: &str| json!({ "type": "string", "pattern": pattern });
        assert!(!judge(&pattern("a"), &pattern("b"), Direction::Request, true).is_complete);
        // no client checks what it reads
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
