//! No response makes reading a refusal panic, and what it shows is one line.

use std::sync::OnceLock;

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use reqwest_sigv4::{Credentials, Refusal, SignOptions, Signed, Signer};

/// Reads the bytes as status, headers, an empty line and a body. Returns whether they are a refusal.
pub fn refusal(bytes: &[u8]) -> bool {
    let end = bytes.windows(2).position(|two| two == b"\n\n");
    let (head, body) = bytes.split_at(end.map_or(bytes.len(), |end| end + 2));
    let mut lines = head.split(|byte| *byte == b'\n');
    let status = lines.next().unwrap_or_default();
    let status = StatusCode::from_bytes(status).unwrap_or(StatusCode::FORBIDDEN);
    let mut headers = HeaderMap::new();
    for line in lines {
        let colon = line
            .iter()
            .position(|byte| *byte == b':')
            .unwrap_or(line.len());
        let (name, value) = line.split_at(colon);
        let value = value.get(1..).unwrap_or_default();
        if let (Ok(name), Ok(value)) =
            (HeaderName::from_bytes(name), HeaderValue::from_bytes(value))
        {
            headers.append(name, value);
        }
    }
    if let Ok(text) = std::str::from_utf8(body) {
        let redacted = reqwest_sigv4::redact(text).into_owned();
        assert_eq!(reqwest_sigv4::redact(&redacted), redacted, "redacted twice");
    }
    let Some(refusal) = Refusal::from_parts(status, &headers, body) else {
        return false;
    };
    for refusal in [refusal.clone(), refusal.compared_with(signed())] {
        let shown = refusal.to_string();
        assert!(!shown.contains(char::is_control), "{shown:?}");
        assert!(!refusal.hint().is_empty());
        let _ = format!(
            "{refusal:?} {:?} {:?}",
            refusal.difference(),
            refusal.possible_causes()
        );
    }
    true
}

/// The record of `GET /prod/o?a=1`, signed at noon.
fn signed() -> &'static Signed {
    static SIGNED: OnceLock<Signed> = OnceLock::new();
    SIGNED.get_or_init(|| {
        let noon =
            || std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_795_348_800);
        let signer = Signer::builder()
            .credentials(Credentials::new(
                "AKIDEXAMPLE",
                "a secret",
                None,
                None,
                "fuzz",
            ))
            .clock(noon)
            .build()
            .unwrap();
        let url = "https://abc123.execute-api.eu-west-1.amazonaws.com/prod/o?a=1";
        let mut request = http::Request::get(url)
            .header("x-api-key", "k")
            .body("")
            .unwrap();
        let options = SignOptions::new();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime
            .block_on(signer.sign_http(&mut request, &options))
            .unwrap()
            .unwrap()
    })
}
