//! Pretty-printing of JSON.

use serde::de::IgnoredAny;

/// Formats JSON with one value per line, indented by two spaces. Returns `None` if it is not JSON.
///
/// Only white space changes: numbers, escapes and the order of members stay the same.
///
/// ```
/// use apigw_remote::call::pretty;
///
/// let text = pretty(br#"{"total":10.50,"lines":[1,2],"note":{}}"#).unwrap();
/// assert_eq!(text, r#"{
///   "total": 10.50,
///   "lines": [
///     1,
///     2
///   ],
///   "note": {}
/// }"#);
/// ```
#[must_use]
pub fn pretty(json: &[u8]) -> Option<String> {
    serde_json::from_slice::<IgnoredAny>(json).ok()?;
    let text = std::str::from_utf8(json).ok()?;
    let mut out = String::with_capacity(text.len() * 2);
    let mut depth = 0_usize;
    let mut in_string = false;
    let mut escaped = false;
    let mut opened = false;
    for c in text.chars() {
        if in_string {
            out.push(c);
            in_string = c != '"' || escaped;
            escaped = c == '\\' && !escaped;
            continue;
        }
        if c.is_ascii_whitespace() {
            continue;
        }
        let closes = matches!(c, '}' | ']');
        if closes {
            depth = depth.saturating_sub(1);
        }
        if opened != closes {
            // before the first value, or before the end of a value that is not empty
            newline(&mut out, depth);
        }
        opened = false;
        match c {
            '{' | '[' => {
                out.push(c);
                depth += 1;
                opened = true;
            }
            ',' => {
                out.push(c);
                newline(&mut out, depth);
            }
            ':' => out.push_str(": "),
            _ => {
                out.push(c);
                in_string = c == '"';
            }
        }
    }
    Some(out)
}

fn newline(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth));
}
