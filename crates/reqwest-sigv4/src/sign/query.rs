//! The query string, rewritten to a form that every service parses in the same way.
//!
//! Services disagree about `+`, about reserved characters that RFC 3986 allows unescaped, and about keys without a value. So the query
//! of the request itself is rewritten and then signed: it is sent in canonical encoding, but in the caller's order.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::Error;

/// All characters except RFC 3986's unreserved ones (section 2.3).
pub(crate) const STRICT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Query parameters of an earlier signature, which signing again replaces.
const SIGNATURE_PARAMETERS: [&str; 8] = [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-Region-Set",
    "X-Amz-Security-Token",
    "X-Amz-Signature",
    "X-Amz-SignedHeaders",
];

/// Returns the same parameters in the same order, strictly encoded: `+` becomes `%20`, and every key gets a `=`. Empty pairs and an earlier
/// signature are removed.
///
/// Returns `None` if no parameters remain.
pub(crate) fn rewrite(query: &str) -> Result<Option<String>, Error> {
    let mut out = String::with_capacity(query.len() + 8);
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let key = decode(key)?;
        if SIGNATURE_PARAMETERS
            .iter()
            .any(|name| name.eq_ignore_ascii_case(&key))
        {
            continue;
        }
        push(&mut out, &key, &decode(value)?);
    }
    Ok((!out.is_empty()).then_some(out))
}

/// Appends a strictly encoded parameter.
pub(crate) fn push(query: &mut String, key: &str, value: &str) {
    if !query.is_empty() {
        query.push('&');
    }
    query.extend(utf8_percent_encode(key, STRICT));
    query.push('=');
    query.extend(utf8_percent_encode(value, STRICT));
}

/// Decodes a key or value. Returns an error if it is ambiguous.
fn decode(text: &str) -> Result<Cow<'_, str>, Error> {
    if let Some(at) = bad_escape(text) {
        return Err(Error::QueryEscape {
            part: excerpt(&text[at..]),
        });
    }
    let spaced: Cow<'_, str> = if text.contains('+') {
        Cow::Owned(text.replace('+', " "))
    } else {
        Cow::Borrowed(text)
    };
    match spaced {
        Cow::Borrowed(text) => percent_decode_str(text).decode_utf8(),
        Cow::Owned(ref text) => percent_decode_str(text)
            .decode_utf8()
            .map(|text| Cow::Owned(text.into_owned())),
    }
    .map_err(|_| Error::QueryNotUtf8 {
        part: excerpt(text),
    })
}

/// Returns the position of a `%` without two hexadecimal digits after it.
fn bad_escape(text: &str) -> Option<usize> {
    text.match_indices('%').map(|(at, _)| at).find(|&at| {
        let digits = text.as_bytes().get(at + 1..at + 3);
        !digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    })
}

/// Returns the first few characters: enough to find the place, too few to show a secret.
fn excerpt(text: &str) -> String {
    text.chars().take(12).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn becomes(query: &str, expected: &str) {
        assert_eq!(
            rewrite(query).unwrap().as_deref().unwrap_or(""),
            expected,
            "{query}"
        );
    }

    #[test]
    fn a_space_becomes_percent_20() {
        becomes("q=a+b&r=a%20b&s=a%2Bb", "q=a%20b&r=a%20b&s=a%2Bb");
    }

    #[test]
    fn reserved_characters_are_escaped_and_unreserved_ones_are_not() {
        becomes(
            "q=*!'();:@/?,$[]|{}",
            "q=%2A%21%27%28%29%3B%3A%40%2F%3F%2C%24%5B%5D%7C%7B%7D",
        );
        becomes("q=%2D%2E%5F%7E%41", "q=-._~A");
        becomes("q=%c3%bc", "q=%C3%BC");
        becomes("q=ü", "q=%C3%BC");
    }

    #[test]
    fn order_and_repetition_are_kept() {
        becomes("b=2&a=3&a=1", "b=2&a=3&a=1");
    }

    #[test]
    fn every_key_gets_an_equals_sign_and_empty_pairs_are_removed() {
        becomes("k", "k=");
        becomes("a&&b=&=x&", "a=&b=&=x");
        becomes("tok=abc==", "tok=abc%3D%3D");
        becomes("", "");
        becomes("&&", "");
    }

    #[test]
    fn an_earlier_signature_is_removed_and_similar_names_are_kept() {
        becomes(
            "a=1&X-Amz-Signature=0&X-Amz-Foo=1&X-Amz-Date=x&x-amz-security-token=t&X%2DAmz-Credential=c",
            "a=1&X-Amz-Foo=1",
        );
    }

    #[test]
    fn ambiguous_encoding_is_an_error_that_names_the_place() {
        for (query, part) in [("q=100%", "%"), ("q=%zz", "%zz"), ("%4=1", "%4")] {
            let error = rewrite(query).unwrap_err();
            assert!(
                matches!(&error, Error::QueryEscape { part: p } if p == part),
                "{error:?}"
            );
        }
        let error = rewrite("q=%FF").unwrap_err();
        assert!(matches!(error, Error::QueryNotUtf8 { part } if part == "%FF"));
    }
}
