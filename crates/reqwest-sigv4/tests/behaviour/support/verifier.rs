//! Verifies signatures of received requests, with its own canonical form and key derivation.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use super::server::Received;

/// Checks that the request is signed with this secret. The error says what is wrong.
pub(crate) fn verify(request: &Received, secret: &str) -> Result<(), String> {
    let claim = Claim::of(request)?;
    let canonical = canonical_request(request, &claim)?;
    let scope = claim.credential.split_once('/').ok_or("no scope")?.1;
    let string_to_sign = format!(
        "AWS4-HMAC-SHA256\n{}\n{scope}\n{}",
        claim.date,
        hex(&Sha256::digest(canonical.as_bytes()))
    );
    let mut key = format!("AWS4{secret}").into_bytes();
    for part in scope.split('/') {
        key = hmac(&key, part.as_bytes());
    }
    let expected = hex(&hmac(&key, string_to_sign.as_bytes()));
    if expected == claim.signature {
        Ok(())
    } else {
        Err(format!("the server reads\n{canonical}"))
    }
}

/// The parts of a request's signature.
struct Claim {
    credential: String,
    signed_headers: String,
    signature: String,
    date: String,
    /// The query without the signature.
    query: String,
}

impl Claim {
    fn of(request: &Received) -> Result<Self, String> {
        match request.header("authorization") {
            Some(authorization) => Self::of_header(request, &authorization),
            None => Self::of_query(request),
        }
    }

    fn of_header(request: &Received, authorization: &str) -> Result<Self, String> {
        let fields = authorization
            .strip_prefix("AWS4-HMAC-SHA256 ")
            .ok_or("another algorithm")?;
        let field = |name: &str| {
            let mut fields = fields.split(", ");
            let value = fields.find_map(|field| field.strip_prefix(name)?.strip_prefix('='));
            value.map(str::to_owned).ok_or(format!("no {name}"))
        };
        Ok(Self {
            credential: field("Credential")?,
            signed_headers: field("SignedHeaders")?,
            signature: field("Signature")?,
            date: request.header("x-amz-date").ok_or("no date")?,
            query: request.query().to_owned(),
        })
    }

    fn of_query(request: &Received) -> Result<Self, String> {
        let (signature, rest): (Vec<&str>, Vec<&str>) = request
            .query()
            .split('&')
            .partition(|pair| pair.starts_with("X-Amz-Signature="));
        let parameter = |name: &str| {
            let value = rest
                .iter()
                .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
            value.map(decoded).ok_or(format!("no {name}"))
        };
        Ok(Self {
            credential: parameter("X-Amz-Credential")?,
            signed_headers: parameter("X-Amz-SignedHeaders")?,
            date: parameter("X-Amz-Date")?,
            signature: signature.first().ok_or("no signature")?["X-Amz-Signature=".len()..]
                .to_owned(),
            query: rest.join("&"),
        })
    }
}

fn canonical_request(request: &Received, claim: &Claim) -> Result<String, String> {
    let path = request.target.split('?').next().unwrap_or_default();
    let mut pairs = Vec::new();
    for pair in claim.query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').ok_or(format!("{pair} has no ="))?;
        for text in [key, value] {
            if encoded(decoded(text).as_bytes()) != text {
                return Err(format!("{text} has another reading"));
            }
        }
        pairs.push((key, value));
    }
    pairs.sort_unstable();
    let query: Vec<String> = pairs
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();

    let mut headers = String::new();
    for name in claim.signed_headers.split(';') {
        let values: Vec<String> = request
            .all(name)
            .iter()
            .map(|value| value.split_ascii_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        if values.is_empty() {
            return Err(format!("{name} is signed and has not arrived"));
        }
        headers.push_str(&format!("{name}:{}\n", values.join(",")));
    }
    let payload_hash = match request.header("x-amz-content-sha256") {
        Some(claimed) if claimed == "UNSIGNED-PAYLOAD" => claimed,
        _ => hex(&Sha256::digest(&request.body)),
    };
    Ok(format!(
        "{}\n{}\n{}\n{headers}\n{}\n{payload_hash}",
        request.method,
        escaped_path(path),
        query.join("&"),
        claim.signed_headers
    ))
}

/// The path without dot segments and empty segments, escaped again.
fn escaped_path(path: &str) -> String {
    let mut stack: Vec<&str> = Vec::new();
    for segment in path
        .split('/')
        .filter(|segment| !segment.is_empty() && *segment != ".")
    {
        if segment == ".." {
            stack.pop();
        } else {
            stack.push(segment);
        }
    }
    let escaped: Vec<String> = stack
        .iter()
        .map(|segment| encoded(segment.as_bytes()))
        .collect();
    let ends = ["/", "/.", "/.."].iter().any(|end| path.ends_with(end));
    let slash = if ends && !stack.is_empty() { "/" } else { "" };
    format!("/{}{slash}", escaped.join("/"))
}

fn encoded(bytes: &[u8]) -> String {
    let mut text = String::new();
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let escape = (bytes[at] == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten();
        match escape.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn hmac(key: &[u8], data: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(data);
    mac.finalize().into_bytes().to_vec()
}
