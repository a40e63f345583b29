//! The URL of a request.
//!
//! All characters except the unreserved ones are escaped in paths and queries, so that the signer
//! and API Gateway interpret them in the same way.

use apigw_spec::api::{Operation, Place};
use percent_encoding::utf8_percent_encode;
use reqwest::Url;

use super::CallError;
use super::arguments::EncodedParameters;
use crate::encode::STRICT;

/// Returns the URL of an operation with its path parameters and query.
pub(super) fn url(
    endpoint: &Url,
    operation: &Operation,
    parameters: &EncodedParameters,
) -> Result<Url, CallError> {
    let mut url = endpoint.clone();
    let base = endpoint.path().trim_end_matches('/');
    url.set_path(&format!("{base}{}", path(operation, parameters)?));
    append_query(&mut url, parameters.query());
    Ok(url)
}

/// Appends pairs to the query of a URL.
pub(super) fn append_query<'a>(url: &mut Url, pairs: impl Iterator<Item = (&'a str, &'a str)>) {
    let pairs = pairs.map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    let query: Vec<String> = url
        .query()
        .map(str::to_owned)
        .into_iter()
        .chain(pairs)
        .collect();
    url.set_query((!query.is_empty()).then(|| query.join("&")).as_deref());
}

/// Returns the path of the operation, with each `{name}` replaced by its value.
fn path(operation: &Operation, parameters: &EncodedParameters) -> Result<String, CallError> {
    let mut path = String::new();
    let mut rest = operation.path.as_str();
    while let Some((literal, after)) = rest.split_once('{') {
        let (name, tail) = after.split_once('}').unwrap_or((after, ""));
        let name = name.trim_end_matches('+');
        let value = parameters.path(name).unwrap_or_default();
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
