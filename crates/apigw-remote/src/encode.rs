//! Encoding of paths, queries and cookies.

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// All characters except the unreserved ones of RFC 3986, section 2.3.
pub(crate) const STRICT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// All characters that a cookie's value can't contain (RFC 6265, section 4.1.1), and `%`.
const NOT_IN_COOKIES: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'%')
    .add(b',')
    .add(b';')
    .add(b'\\');

/// Returns `name=value` for the header `Cookie`.
pub(crate) fn cookie(name: &str, value: &str) -> String {
    let name = utf8_percent_encode(name, STRICT);
    format!("{name}={}", utf8_percent_encode(value, NOT_IN_COOKIES))
}

/// Returns a value as JSON in ASCII, as headers require.
pub(crate) fn ascii_json(value: &Value) -> String {
    let mut ascii = String::new();
    for c in value.to_string().chars() {
        match c {
            '\u{7f}'.. => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    ascii.push_str(&format!("\\u{unit:04x}"));
                }
            }
            c => ascii.push(c),
        }
    }
    ascii
}
