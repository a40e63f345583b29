//! Detects binary bodies that arrive as base64 text.
//!
//! A REST API returns a binary body as base64 text unless the first media type of `Accept` is in the API's `binaryMediaTypes`
//! ("Content type conversions in API Gateway", developer guide). The status and the content type do not show it.

/// The minimum length. Binary formats start with bytes outside the base64 alphabet, so they do not match.
const MIN_LENGTH: usize = 16;

/// Returns whether a body, or its first chunk, is base64 text.
pub(crate) fn is_base64_text(bytes: &[u8]) -> bool {
    let text = bytes.trim_ascii_end();
    let padding = text.iter().rev().take_while(|&&byte| byte == b'=').count();
    let in_alphabet = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    padding <= 2 && text.len() >= MIN_LENGTH && text[..text.len() - padding].iter().all(in_alphabet)
}

/// Returns whether bodies of this media type are binary.
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
    fn base64_text_is_distinguished_from_binary_formats() {
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
    fn text_media_types_are_not_binary() {
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
