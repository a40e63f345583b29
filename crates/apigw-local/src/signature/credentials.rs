//! The credentials of callers, and the signing keys derived from them.

use std::collections::HashMap;
use std::fmt;
use std::sync::{PoisonError, RwLock};
use std::time::SystemTime;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// The credentials of a caller.
///
/// `Debug` never shows the secret access key or the session token.
///
/// ```
/// use apigw_local::Credentials;
///
/// let key = Credentials::temporary("ASIAEXAMPLE", "secret", "token");
/// assert!(!format!("{key:?}").contains("secret"));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    access_key: String,
    secret_key: String,
    session_token: Option<String>,
    expires_at: Option<SystemTime>,
    principal: Option<String>,
}

impl Credentials {
    /// Creates long-term credentials: an access key ID and a secret access key.
    pub fn new(access_key: impl Into<String>, secret_key: impl Into<String>) -> Self {
        Self {
            access_key: access_key.into(),
            secret_key: secret_key.into(),
            session_token: None,
            expires_at: None,
            principal: None,
        }
    }

    /// Creates temporary credentials. Every request must also send the session token, and sign it.
    pub fn temporary(
        access_key: impl Into<String>,
        secret_key: impl Into<String>,
        session_token: impl Into<String>,
    ) -> Self {
        Self {
            session_token: Some(session_token.into()),
            ..Self::new(access_key, secret_key)
        }
    }

    /// Returns the example credentials of the AWS documentation. A gateway accepts them if no others are set.
    #[must_use]
    pub fn example() -> Self {
        Self::new(
            "AKIAIOSFODNN7EXAMPLE",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        )
    }

    /// Sets when the credentials expire, by the clock of the gateway.
    ///
    /// From then on, requests are refused with `ExpiredTokenException`.
    #[must_use]
    pub fn expires_at(mut self, time: SystemTime) -> Self {
        self.expires_at = Some(time);
        self
    }

    /// Sets the ARN of the caller, for policies: a user, or the session of an assumed role
    /// (`arn:aws:sts::123456789012:assumed-role/shop/session`).
    ///
    /// The default is a user or a session called `local` in the account `123456789012`.
    #[must_use]
    pub fn principal(mut self, arn: impl Into<String>) -> Self {
        self.principal = Some(arn.into());
        self
    }

    pub(crate) fn principal_arn(&self) -> &str {
        match (&self.principal, &self.session_token) {
            (Some(arn), _) => arn,
            (None, None) => "arn:aws:iam::123456789012:user/local",
            (None, Some(_)) => "arn:aws:sts::123456789012:assumed-role/local/local",
        }
    }

    /// Returns the access key ID.
    #[must_use]
    pub fn access_key(&self) -> &str {
        &self.access_key
    }

    /// Returns the secret access key, for the client under test.
    #[must_use]
    pub fn secret_key(&self) -> &str {
        &self.secret_key
    }

    /// Returns the session token of temporary credentials.
    #[must_use]
    pub fn session_token(&self) -> Option<&str> {
        self.session_token.as_deref()
    }

    pub(crate) fn has_expired(&self, now: SystemTime) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }

    /// Derives the signing key for a day, Region and service.
    ///
    /// See "Create a signed AWS API request" in the IAM User Guide.
    pub(crate) fn signing_key(&self, day: &str, region: &str, service: &str) -> [u8; 32] {
        let secret = format!("AWS4{}", self.secret_key);
        let key = hmac_sha256(secret.as_bytes(), day);
        let key = hmac_sha256(&key, region);
        let key = hmac_sha256(&key, service);
        hmac_sha256(&key, "aws4_request")
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("access_key", &self.access_key)
            .field("temporary", &self.session_token.is_some())
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// The accepted credentials by access key ID. They can change while the gateway runs.
#[derive(Debug, Default)]
pub(crate) struct CredentialsStore(RwLock<HashMap<String, Credentials>>);

impl CredentialsStore {
    pub(crate) fn add(&self, credentials: Credentials) {
        self.0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(credentials.access_key.clone(), credentials);
    }

    pub(crate) fn find(&self, access_key: &str) -> Option<Credentials> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(access_key)
            .cloned()
    }
}

/// Returns the HMAC-SHA256 for a key of any length.
///
/// The key is extended to the block size here (RFC 2104, section 2), since only the constructor for such a key can't fail.
pub(crate) fn hmac_sha256(key: &[u8], message: &str) -> [u8; 32] {
    let mut block = [0_u8; 64];
    if key.len() > block.len() {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let mut mac = Hmac::<Sha256>::new(&block.into());
    mac.update(message.as_bytes());
    mac.finalize().into_bytes().into()
}

/// Encodes bytes in lowercase hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hmac_matches_the_test_vectors_of_rfc_4231() {
        let short = hmac_sha256(b"Jefe", "what do ya want for nothing?");
        assert_eq!(
            hex(&short),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        let longer_than_a_block = hmac_sha256(
            &[0xaa; 131],
            "Test Using Larger Than Block-Size Key - Hash Key First",
        );
        assert_eq!(
            hex(&longer_than_a_block),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        );
    }

    #[test]
    fn the_signing_key_matches_the_aws_documentation() {
        // AWS General Reference, "Examples of how to derive a signing key"
        let key = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
        assert_eq!(
            hex(&key.signing_key("20120215", "us-east-1", "iam")),
            "f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d"
        );
    }

    #[test]
    fn debug_shows_neither_secret_nor_token() {
        let shown = format!("{:?}", Credentials::temporary("ASIA", "s3cr3t", "t0k3n"));
        assert!(shown.contains("ASIA") && !shown.contains("s3cr3t") && !shown.contains("t0k3n"));
    }
}
