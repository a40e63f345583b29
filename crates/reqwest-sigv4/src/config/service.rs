//! Services and how they expect the payload to be signed.

use std::borrow::Cow;

use crate::Error;

/// A service to sign for: its name in the credential scope, and how the payload is signed.
///
/// For the services below, the signing name is enough. Other services may need a custom profile.
///
/// | service | name | payload |
/// | --- | --- | --- |
/// | API Gateway | `execute-api` | hashed |
/// | Lambda function URL | `lambda` | hashed |
/// | AppSync | `appsync` | hashed |
/// | Bedrock | `bedrock` | hashed |
/// | Bedrock Mantle | `bedrock-mantle` | hashed |
/// | Bedrock AgentCore and its gateways | `bedrock-agentcore` | hashed |
/// | OpenSearch | `es` | hashed |
/// | Neptune | `neptune-db` | hashed |
/// | IoT data | `iotdata` | hashed |
/// | Managed Prometheus | `aps` | hashed |
/// | OpenSearch Serverless | `aoss` | hashed, and the hash sent as `x-amz-content-sha256` |
/// | VPC Lattice | `vpc-lattice-svcs` | not hashed, `x-amz-content-sha256: UNSIGNED-PAYLOAD` |
///
/// Amazon S3 is not supported, because it signs paths differently; use the AWS SDK for it.
///
/// ```
/// use reqwest_sigv4::{ServiceProfile, Signer};
///
/// let lattice = Signer::builder().service(ServiceProfile::VPC_LATTICE);
/// let same = Signer::builder().service("vpc-lattice-svcs");
/// let custom = Signer::builder().service(ServiceProfile::new("my-service").sending_hash());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceProfile {
    name: Cow<'static, str>,
    payload: PayloadRule,
}

/// How a service expects the payload to be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PayloadRule {
    Hashed,
    HashedAndSent,
    Unsigned,
}

impl ServiceProfile {
    /// API Gateway.
    pub const EXECUTE_API: Self = Self::named("execute-api", PayloadRule::Hashed);
    /// Lambda function URLs.
    pub const LAMBDA: Self = Self::named("lambda", PayloadRule::Hashed);
    /// AppSync.
    pub const APPSYNC: Self = Self::named("appsync", PayloadRule::Hashed);
    /// Bedrock, its runtime and its agents.
    pub const BEDROCK: Self = Self::named("bedrock", PayloadRule::Hashed);
    /// OpenSearch domains.
    pub const OPENSEARCH: Self = Self::named("es", PayloadRule::Hashed);
    /// OpenSearch Serverless collections, which require the payload hash as a header.
    pub const OPENSEARCH_SERVERLESS: Self = Self::named("aoss", PayloadRule::HashedAndSent);
    /// VPC Lattice services, which do not support signed payloads.
    pub const VPC_LATTICE: Self = Self::named("vpc-lattice-svcs", PayloadRule::Unsigned);

    const KNOWN: [Self; 7] = [
        Self::EXECUTE_API,
        Self::LAMBDA,
        Self::APPSYNC,
        Self::BEDROCK,
        Self::OPENSEARCH,
        Self::OPENSEARCH_SERVERLESS,
        Self::VPC_LATTICE,
    ];

    /// Creates a profile for the service with this signing name. For names that are not in the table above, the payload is hashed.
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        let name = name.into();
        let payload = Self::KNOWN
            .iter()
            .find(|known| known.name == name)
            .map_or(PayloadRule::Hashed, |known| known.payload);
        Self { name, payload }
    }

    /// Also sends the payload hash as `x-amz-content-sha256`.
    #[must_use]
    pub fn sending_hash(mut self) -> Self {
        self.payload = PayloadRule::HashedAndSent;
        self
    }

    /// Does not hash the payload, and sends `x-amz-content-sha256: UNSIGNED-PAYLOAD`.
    #[must_use]
    pub fn unsigned_payload(mut self) -> Self {
        self.payload = PayloadRule::Unsigned;
        self
    }

    /// Returns the signing name, which is part of the credential scope.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn payload(&self) -> PayloadRule {
        self.payload
    }

    /// Checks that the name can be part of a credential scope: lower-case letters, digits and dashes.
    pub(crate) fn checked(self) -> Result<Self, Error> {
        if is_signing_name(&self.name) {
            Ok(self)
        } else {
            Err(Error::InvalidService {
                service: self.name.into_owned(),
            })
        }
    }

    const fn named(name: &'static str, payload: PayloadRule) -> Self {
        Self {
            name: Cow::Borrowed(name),
            payload,
        }
    }
}

/// Returns whether a name consists of lower-case letters, digits and dashes.
pub(crate) fn is_signing_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

impl From<&str> for ServiceProfile {
    fn from(name: &str) -> Self {
        Self::new(name.to_owned())
    }
}

impl From<String> for ServiceProfile {
    fn from(name: String) -> Self {
        Self::new(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_name_selects_its_payload_rule() {
        assert_eq!(
            ServiceProfile::from("aoss"),
            ServiceProfile::OPENSEARCH_SERVERLESS
        );
        assert_eq!(
            ServiceProfile::from("vpc-lattice-svcs").payload(),
            PayloadRule::Unsigned
        );
        assert_eq!(
            ServiceProfile::from("anything").payload(),
            PayloadRule::Hashed
        );
    }

    #[test]
    fn a_name_that_cannot_be_in_a_scope_is_an_error() {
        for name in ["", "Execute-API", "execute/api", "execute api"] {
            let error = ServiceProfile::from(name).checked().unwrap_err();
            assert!(matches!(error, Error::InvalidService { service } if service == name));
        }
    }
}
