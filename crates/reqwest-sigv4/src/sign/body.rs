//! Hashing the body.

use sha2::{Digest, Sha256};

use super::SignableRequest;
use crate::{Error, Payload};

/// The SHA-256 of an empty body, which most requests have (FIPS 180-4).
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// Replaces the hash if the payload is not signed.
pub(crate) const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";

/// Returns the payload hash for the canonical request. A streaming body of up to `limit` bytes may be read and replaced by its bytes.
pub(super) async fn hash<R: SignableRequest>(
    request: &mut R,
    payload: Payload,
    limit: usize,
) -> Result<String, Error> {
    match payload {
        Payload::Unsigned => return Ok(UNSIGNED_PAYLOAD.to_owned()),
        Payload::Precomputed(hash) => return Ok(hex(&hash)),
        Payload::BytesOnly => request.buffer_body(None).await?,
        Payload::Buffered => request.buffer_body(Some(limit)).await?,
    }
    Ok(match request.body() {
        [] => EMPTY.to_owned(),
        bytes => sha256(bytes),
    })
}

/// Returns the SHA-256 of bytes, in hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Returns bytes in lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = vec![0; 2 * bytes.len()];
    for (byte, digits) in bytes.iter().zip(text.chunks_exact_mut(2)) {
        digits[0] = DIGITS[usize::from(byte >> 4)];
        digits[1] = DIGITS[usize::from(byte & 15)];
    }
    String::from_utf8(text).unwrap_or_default() // one UTF-8 check is faster than pushing chars
}

#[cfg(test)]
mod tests {
    use reqwest::{Body, Request};

    use super::*;

    // FIPS 180-4, "abc"
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn the_hash_of_an_empty_body_is_the_computed_one() {
        assert_eq!(sha256(b""), EMPTY);
    }

    async fn hash_of(body: Option<Body>, payload: Payload, limit: usize) -> Result<String, Error> {
        let mut request = Request::new(http::Method::POST, "http://localhost".parse().unwrap());
        *request.body_mut() = body;
        hash(&mut request, payload, limit).await
    }

    fn stream() -> Option<Body> {
        Some(Body::wrap(http_body_util::Full::new(
            bytes::Bytes::from_static(b"abc"),
        )))
    }

    #[tokio::test]
    async fn bytes_are_hashed_and_a_missing_body_is_empty() {
        for payload in [Payload::Buffered, Payload::BytesOnly] {
            assert_eq!(hash_of(Some("abc".into()), payload, 0).await.unwrap(), ABC);
            assert_eq!(hash_of(None, payload, 0).await.unwrap(), EMPTY);
        }
    }

    #[tokio::test]
    async fn a_stream_is_never_hashed_as_empty() {
        assert_eq!(hash_of(stream(), Payload::Buffered, 3).await.unwrap(), ABC);
        let refused = hash_of(stream(), Payload::BytesOnly, 3).await;
        assert!(matches!(refused, Err(Error::BodyIsStream)));
        let too_large = hash_of(stream(), Payload::Buffered, 2).await;
        assert!(matches!(too_large, Err(Error::BodyTooLarge { limit: 2 })));
    }

    #[tokio::test]
    async fn unsigned_and_precomputed_payloads_are_not_hashed() {
        let unsigned = hash_of(stream(), Payload::Unsigned, 0).await.unwrap();
        assert_eq!(unsigned, "UNSIGNED-PAYLOAD");
        let precomputed = Payload::Precomputed(Sha256::digest(b"abc").into());
        assert_eq!(hash_of(stream(), precomputed, 0).await.unwrap(), ABC);
    }
}
