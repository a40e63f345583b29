//! JSON for readers.

use serde::de::IgnoredAny;

/// JSON with a line a value, indented by two; `None` for what is no JSON.
///
/// Only white space changes: numbers and escapes stay as they were spelt, and so does the order.
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
    let mut in_text = false;
    let mut escaped = false;
    let mut opened = false;
    for c in text.chars() {
        if in_text {
            out.push(c);
            in_text = c != '"' || escaped;
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
            // the first value of a map or list, or the end of one that holds any
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
                in_text = c == '"';
            }
        }
    }
    Some(out)
}

fn newline(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth));
}
