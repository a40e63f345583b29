//! The payload: what is hashed is what is sent.

use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use reqwest::{Body, Request};
use sha2::{Digest, Sha256};

use crate::Error;

/// API Gateway's own limit for a request body, in bytes.
pub(crate) const DEFAULT_BODY_LIMIT: usize = 10 * 1024 * 1024;

/// The SHA-256 of nothing, which most requests have for a body (FIPS 180-4).
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// What stands in place of a hash when the payload is not signed.
pub(crate) const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";

/// How the payload of a request is signed.
///
/// Bytes are always hashed as they are sent. The choice is about streams, whose hash is not known before they end; a multipart form is a stream too.
///
/// ```
/// use reqwest_sigv4::{Payload, SignOptions};
///
/// // SHA-256 of "abc", computed while the file was written
/// let hash = [
///     0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23,
///     0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad,
/// ];
/// let options = SignOptions::new().payload(Payload::Precomputed(hash));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Payload {
    /// A stream is read into memory, up to the limit of
    /// [`SignerBuilder::body_limit`](crate::SignerBuilder::body_limit), hashed and sent with its length. The default.
    #[default]
    Buffered,
    /// A stream is refused, with [`Error::BodyIsStream`].
    BytesOnly,
    /// Nothing is hashed, and `x-amz-content-sha256: UNSIGNED-PAYLOAD` says so. Few services accept it; that API Gateway does is not documented.
    Unsigned,
    /// The SHA-256 that the caller has computed, of the bytes that will be sent.
    Precomputed([u8; 32]),
}

/// The payload hash of bytes in memory.
pub(crate) fn hash_bytes(body: &[u8], payload: Payload) -> String {
    match payload {
        Payload::Unsigned => UNSIGNED_PAYLOAD.to_owned(),
        Payload::Precomputed(hash) => hex(&hash),
        Payload::Buffered | Payload::BytesOnly => sha256(body),
    }
}

/// The hash of the payload as the canonical request holds it. A stream may be replaced by its bytes on the way.
pub(crate) async fn hash(
    request: &mut Request,
    payload: Payload,
    limit: usize,
) -> Result<String, Error> {
    match payload {
        Payload::Unsigned => return Ok(UNSIGNED_PAYLOAD.to_owned()),
        Payload::Precomputed(hash) => return Ok(hex(&hash)),
        Payload::BytesOnly if is_stream(request) => return Err(Error::BodyIsStream),
        Payload::Buffered if is_stream(request) => {
            buffer(request.body_mut(), limit).await?;
            // the client writes the length of the bytes; what was said about the stream is void
            request.headers_mut().remove(CONTENT_LENGTH);
            request.headers_mut().remove(TRANSFER_ENCODING);
        }
        Payload::Buffered | Payload::BytesOnly => {}
    }
    Ok(match request.body().and_then(Body::as_bytes) {
        None | Some([]) => EMPTY.to_owned(),
        Some(bytes) => sha256(bytes),
    })
}

/// The SHA-256 of bytes, in hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn is_stream(request: &Request) -> bool {
    request.body().is_some_and(|body| body.as_bytes().is_none())
}

async fn buffer(body: &mut Option<Body>, limit: usize) -> Result<(), Error> {
    let Some(stream) = body.take() else {
        return Ok(());
    };
    let collected = Limited::new(stream, limit).collect().await;
    let bytes = collected.map_err(|error| {
        if error.is::<LengthLimitError>() {
            Error::BodyTooLarge { limit }
        } else {
            Error::Body(error)
        }
    })?;
    *body = Some(Body::from(bytes.to_bytes()));
    Ok(())
}

/// Bytes in hexadecimal, lower case.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = vec![0; 2 * bytes.len()];
    for (byte, digits) in bytes.iter().zip(text.chunks_exact_mut(2)) {
        digits[0] = DIGITS[usize::from(byte >> 4)];
        digits[1] = DIGITS[usize::from(byte & 15)];
    }
    String::from_utf8(text).unwrap_or_default() // checked once, which is faster than digit by digit
}

#[cfg(test)]
mod tests {
    use super::*;

    // FIPS 180-4, "abc"
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn the_hash_of_nothing_is_the_one_that_is_computed() {
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
    async fn bytes_are_hashed_and_no_body_is_the_empty_one() {
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
    async fn choices_are_taken_as_they_are() {
        let unsigned = hash_of(stream(), Payload::Unsigned, 0).await.unwrap();
        assert_eq!(unsigned, "UNSIGNED-PAYLOAD");
        let precomputed = Payload::Precomputed(Sha256::digest(b"abc").into());
        assert_eq!(hash_of(stream(), precomputed, 0).await.unwrap(), ABC);
    }
}
