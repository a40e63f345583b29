// the README's examples start from the environment
#![cfg_attr(feature = "aws-config", doc = include_str!("../README.md"))]
#![cfg_attr(
    not(feature = "aws-config"),
    doc = "Signs reqwest requests with AWS Signature Version 4, as reqwest-middleware."
)]

mod client;
mod clock;
mod config;
mod credentials;
mod error;
mod refusal;
mod secrets;
mod sign;
mod signer;
mod transience;

#[doc(no_inline)]
pub use aws_credential_types::Credentials;
#[doc(no_inline)]
pub use aws_credential_types::provider::ProvideCredentials;

pub use client::guard::SignatureGuard;
#[cfg(feature = "retry")]
pub use client::retry::SigV4RetryStrategy;
pub use client::{client_builder, http_client};
pub use clock::{Clock, SystemClock};
pub use config::builder::SignerBuilder;
pub use config::endpoint::Endpoint;
pub use config::options::SignOptions;
#[cfg(feature = "aws-config")]
pub use config::sdk_config::load_sdk_config;
pub use config::service::ServiceProfile;
#[cfg(feature = "aws-config")]
pub use credentials::AssumeRole;
pub use credentials::{CachedCredentials, CredentialsFailure};
pub use error::Error;
pub use refusal::difference::{CanonicalPart, Difference};
pub use refusal::explain::Explain;
pub use refusal::{Refusal, RefusalReason, request_id};
pub use secrets::{is_secret_header, redact};
pub use sign::headers::{ExistingAuthorization, HeaderPolicy};
pub use sign::payload::Payload;
pub use sign::signed::Signed;
pub use signer::Signer;
pub use transience::{Transience, is_idempotent};
