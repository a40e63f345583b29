//! The request that a call has to send.

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::spec::{Parameter, Place};

/// All characters except the unreserved ones of RFC 3986 §2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// All characters that are no `cookie-octet` of RFC 6265 §4.1.1, and the percent sign.
const NOT_IN_COOKIES: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b',')
    .add(b';')
    .add(b'\\')
    .add(b'%');

/// A request as the spec describes it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sent {
    method: String,
    path: String,
    query: Vec<String>,
    /// `name: value`, names in lower case.
    pub(super) headers: Vec<String>,
    pub(super) body: Payload,
}

/// The body of a request.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Payload {
    Nothing,
    Json(Value),
    Bytes(String),
    Form(Vec<(String, String)>),
    Parts(Vec<SentPart>),
}

/// A part of a multipart form.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SentPart {
    pub(super) name: String,
    pub(super) file_name: Option<String>,
    pub(super) content_type: Option<String>,
    pub(super) text: String,
}

impl SentPart {
    /// Creates a part that is text without a content type.
    pub(super) fn text(name: &str, text: &str) -> Self {
        Self {
            name: in_quotes(name),
            file_name: None,
            content_type: None,
            text: text.to_owned(),
        }
    }
}

/// Returns a name as it is written in `Content-Disposition` (HTML, "multipart/form-data encoding algorithm").
pub(super) fn in_quotes(name: &str) -> String {
    name.replace('"', "%22")
}

impl Sent {
    /// Creates the request of an operation without arguments.
    pub(super) fn new(method: &str, path: &str, accept: &str) -> Self {
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            query: Vec::new(),
            headers: vec![format!("accept: {accept}")],
            body: Payload::Nothing,
        }
    }

    /// Returns method and target.
    pub(super) fn line(&self) -> String {
        let mark = if self.query.is_empty() { "" } else { "?" };
        format!(
            "{} {}{mark}{}",
            self.method,
            self.path,
            self.query.join("&")
        )
    }

    /// Sets a parameter.
    pub(super) fn set(&mut self, parameter: &Parameter, value: &Value) {
        let texts: Vec<String> = match value {
            value if parameter.json => vec![ascii(&value.to_string())],
            Value::Array(values) => values.iter().map(text_of).collect(),
            value => vec![text_of(value)],
        };
        let separator = parameter.separator.to_string();
        let (name, all) = (&parameter.name, texts.join(&separator));
        match parameter.place {
            Place::Query if parameter.joined => self.query(name, &all),
            Place::Query => texts.iter().for_each(|text| self.query(name, text)),
            Place::Header => self.header(&name.to_lowercase(), &all),
            Place::Cookie => self.cookie(name, &all),
            Place::Path => {
                let segments: Vec<String> = all.split('/').map(encoded).collect();
                let path = self.path.replace(&format!("{{{name}}}"), &encoded(&all));
                // a greedy parameter can have several segments
                self.path = path.replace(&format!("{{{name}+}}"), &segments.join("/"));
            }
        }
    }

    /// Sets a header.
    pub(super) fn header(&mut self, name: &str, value: &str) {
        let start = format!("{name}: ");
        self.headers.retain(|header| !header.starts_with(&start));
        self.headers.push(format!("{start}{value}"));
    }

    /// Appends a cookie. Several are in one header, separated by `; ` (RFC 6265 §4.2.1).
    fn cookie(&mut self, name: &str, value: &str) {
        let cookie = format!("{name}={}", utf8_percent_encode(value, NOT_IN_COOKIES));
        let header = self.headers.iter_mut();
        match header
            .into_iter()
            .find(|header| header.starts_with("cookie: "))
        {
            Some(header) => header.push_str(&format!("; {cookie}")),
            None => self.headers.push(format!("cookie: {cookie}")),
        }
    }

    /// Appends a query parameter.
    pub(super) fn query(&mut self, name: &str, value: &str) {
        self.query
            .push(format!("{}={}", encoded(name), encoded(value)));
    }

    /// Returns the same request with one more query parameter.
    pub(super) fn and(&self, name: &str, value: &str) -> Self {
        let mut more = self.clone();
        more.query(name, value);
        more
    }

    /// Returns the same request with what `with_options!` of the package `golden` adds.
    pub(super) fn with_options(&self) -> Self {
        let mut more = self.clone();
        more.header("x-more", "a/b +");
        more.header("idempotency-key", "key 1");
        more
    }

    /// Sets the body.
    pub(super) fn carry(&mut self, media_type: &str, body: Payload) {
        self.header("content-type", media_type);
        self.body = body;
    }

    /// Appends parts to the form.
    pub(super) fn append(&mut self, more: Vec<SentPart>) {
        let mut parts = match std::mem::replace(&mut self.body, Payload::Nothing) {
            Payload::Parts(parts) => parts,
            _ => Vec::new(),
        };
        parts.extend(more);
        self.carry("multipart/form-data", Payload::Parts(parts));
    }
}

/// Returns a value as it is written in a path, a query, a header or a form.
pub(super) fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// Returns JSON with other characters than ASCII escaped (RFC 8259 §7), as in headers.
fn ascii(json: &str) -> String {
    let escaped = |c: char| match c.is_ascii() {
        true => c.to_string(),
        false => {
            let mut units = [0; 2];
            let units = c.encode_utf16(&mut units).iter();
            units.map(|unit| format!("\\u{unit:04x}")).collect()
        }
    };
    json.chars().map(escaped).collect()
}
