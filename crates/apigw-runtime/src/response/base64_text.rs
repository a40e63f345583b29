//! Binary that arrives as text.
//!
//! A REST API hands a binary body out as base64 text unless the first media type of `Accept` is one of the API's `binaryMediaTypes`
//! ("Content type conversions in API Gateway", developer guide). Status and content type do not tell.

/// So much text in base64's alphabet is no accident in a binary format: they all begin with bytes outside it.
const SHORTEST: usize = 16;

/// Whether a body, or its beginning, consists of base64 text alone.
pub(crate) fn is_base64_text(bytes: &[u8]) -> bool {
    let text = bytes.trim_ascii_end();
    let padding = text.iter().rev().take_while(|&&byte| byte == b'=').count();
    let in_alphabet = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    padding <= 2 && text.len() >= SHORTEST && text[..text.len() - padding].iter().all(in_alphabet)
}

/// Whether bodies of this media type are bytes and not text.
pub(crate) fn is_binary(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    let is = |prefix: &str| {
        essence
            .get(..prefix.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    };
    ["image/", "audio/", "video/", "font/"].into_iter().any(is)
        || ["pdf", "zip", "gzip", "octet-stream"]
            .into_iter()
            .any(|kind| essence.eq_ignore_ascii_case(&format!("application/{kind}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_told_from_the_beginnings_of_binary_formats() {
        for text in [
            "JVBERi0xLjcKJcOkw7zDtsOf",
            "iVBORw0KGgoAAAANSUhEUg==",
            "UEsDBBQAAAAIAAAAIQA=\r\n",
        ] {
            assert!(is_base64_text(text.as_bytes()), "{text}");
        }
        for bytes in [
            &b"%PDF-1.7 and so on and on"[..],
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
            b"PK\x03\x04aaaaaaaaaaaaaaaaaaaaaa",
            b"short",
            b"",
            b"====================",
        ] {
            assert!(!is_base64_text(bytes), "{bytes:?}");
        }
    }

    #[test]
    fn media_types_of_text_are_not_binary() {
        for binary in [
            "application/pdf",
            "IMAGE/PNG",
            "application/octet-stream; x=y",
        ] {
            assert!(is_binary(binary), "{binary}");
        }
        for text in ["application/json", "text/csv", "", "image"] {
            assert!(!is_binary(text), "{text}");
        }
    }
}
