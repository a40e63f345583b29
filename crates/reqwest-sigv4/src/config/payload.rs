//! How bodies are signed.

/// How the payload of a request is signed.
///
/// Bytes in memory are hashed as they are sent. A streaming body needs a choice, because its hash is not known before its end. A multipart form is a stream too.
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
    /// Reads a stream into memory, up to [`SignerBuilder::body_limit`](crate::SignerBuilder::body_limit), hashes it and sends it with its length. The default.
    #[default]
    Buffered,
    /// Rejects a stream with [`Error::BodyIsStream`](crate::Error::BodyIsStream).
    BytesOnly,
    /// Does not hash the body, and sends `x-amz-content-sha256: UNSIGNED-PAYLOAD`. Few services accept this; API Gateway does not document that it does.
    Unsigned,
    /// Uses this SHA-256 of the bytes that will be sent, computed by the caller.
    Precomputed([u8; 32]),
}
