//! Credentials and the signing keys derived from them.

use std::fmt;
use std::sync::{PoisonError, RwLock};
use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::sign::v4::generate_signing_key;

use crate::sign::timestamp::Timestamp;

/// How many signing keys are kept. A client rarely signs for more than one Region and service.
const KEYS: usize = 8;

/// Credentials with the signing keys derived from them, so that keys are dropped together with their secret.
pub(crate) struct Loaded {
    credentials: Credentials,
    keys: RwLock<Vec<(KeyScope, SigningKey)>>,
}

pub(crate) type SigningKey = [u8; 32];

#[derive(PartialEq)]
struct KeyScope {
    day: String,
    region: String,
    service: String,
}

impl Loaded {
    pub(crate) fn new(credentials: Credentials) -> Self {
        Self {
            credentials,
            keys: RwLock::default(),
        }
    }

    pub(crate) fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// Returns whether both are the same credentials: they have the same access key and session token.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let (one, other) = (&self.credentials, &other.credentials);
        one.access_key_id() == other.access_key_id()
            && one.secret_access_key() == other.secret_access_key()
            && one.session_token() == other.session_token()
    }

    /// Returns the signing key of a day, Region and service. Deriving it takes four HMACs, so it is cached.
    pub(crate) fn signing_key(
        &self,
        time: SystemTime,
        stamp: &Timestamp,
        region: &str,
        service: &str,
    ) -> SigningKey {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let known = keys.iter().find(|(scope, _)| {
            scope.day == stamp.day() && scope.region == region && scope.service == service
        });
        if let Some((_, key)) = known {
            return *key;
        }
        drop(keys);

        let secret = self.credentials.secret_access_key();
        let derived = generate_signing_key(secret, time, region, service);
        let mut key = SigningKey::default();
        for (to, from) in key.iter_mut().zip(derived.as_ref()) {
            *to = *from;
        }
        let scope = KeyScope {
            day: stamp.day().to_owned(),
            region: region.to_owned(),
            service: service.to_owned(),
        };
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        if keys.len() == KEYS {
            keys.remove(0);
        }
        keys.push((scope, key));
        key
    }
}

impl fmt::Debug for Loaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loaded").finish_non_exhaustive()
    }
}
