//! Where a call goes. Everything but unreserved characters is escaped in paths and queries, so that
//! the signer and API Gateway read the same.

use apigw_spec::api::{Operation, Place};
use percent_encoding::utf8_percent_encode;
use reqwest::Url;

use super::CallError;
use super::arguments::Wire;
use crate::encode::STRICT;

/// The endpoint with the operation's path, filled in, and its query.
pub(super) fn of(endpoint: &Url, operation: &Operation, wire: &Wire) -> Result<Url, CallError> {
    let mut url = endpoint.clone();
    let base = endpoint.path().trim_end_matches('/');
    url.set_path(&format!("{base}{}", path(operation, wire)?));
    extend(&mut url, wire.query());
    Ok(url)
}

/// The URL with pairs at the end of its query.
pub(super) fn extend<'a>(url: &mut Url, pairs: impl Iterator<Item = (&'a str, &'a str)>) {
    let pairs = pairs.map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    let query: Vec<String> = url
        .query()
        .map(str::to_owned)
        .into_iter()
        .chain(pairs)
        .collect();
    url.set_query((!query.is_empty()).then(|| query.join("&")).as_deref());
}

/// The operation's path with a value in each `{name}`.
fn path(operation: &Operation, wire: &Wire) -> Result<String, CallError> {
    let mut path = String::new();
    let mut rest = operation.path.as_str();
    while let Some((literal, after)) = rest.split_once('{') {
        let (name, tail) = after.split_once('}').unwrap_or((after, ""));
        let name = name.trim_end_matches('+');
        let value = wire.path(name).unwrap_or_default();
        let is_greedy = operation.parameters.iter().any(|parameter| {
            parameter.name == name && parameter.place == Place::Path { greedy: true }
        });
        let value = match is_greedy {
            true => value.split('/').map(encode).collect::<Vec<_>>().join("/"),
            false => encode(value),
        };
        let mut segments = value.split('/');
        if segments.any(|segment| matches!(segment, "" | "." | "..")) {
            return Err(CallError::OtherPath {
                name: name.to_owned(),
            });
        }
        path += literal;
        path += &value;
        rest = tail;
    }
    Ok(path + rest)
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, STRICT).to_string()
}
