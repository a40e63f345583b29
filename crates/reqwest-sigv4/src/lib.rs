// the README's examples need the `aws-config` feature
#![cfg_attr(feature = "aws-config", doc = include_str!("../README.md"))]
#![cfg_attr(
    not(feature = "aws-config"),
    doc = "Signs reqwest requests with AWS Signature Version 4, as reqwest-middleware."
)]

mod client;
mod clock;
mod config;
mod credentials;
mod endpoint;
mod error;
mod middleware;
mod refusal;
mod response_headers;
mod retry;
mod sign;
mod signer;

#[doc(no_inline)]
pub use aws_credential_types::Credentials;
#[doc(no_inline)]
pub use aws_credential_types::provider::ProvideCredentials;

pub use client::{client_builder, http_client};
pub use clock::{Clock, SystemClock};
#[cfg(feature = "aws-config")]
#[doc(hidden)] // for apigw-runtime
pub use config::load_sdk_config;
pub use config::{
    ExistingAuthorization, HeaderPolicy, Payload, ServiceProfile, SignOptions, SignerBuilder,
};
#[cfg(feature = "aws-config")]
pub use credentials::AssumeRole;
pub use credentials::{CachedCredentials, CredentialsFailure};
pub use endpoint::Endpoint;
pub use error::Error;
pub use middleware::SignatureGuard;
pub use refusal::{CanonicalPart, Difference, Explain, Refusal, RefusalReason};
pub use response_headers::{error_type, request_id};
#[cfg(feature = "retry")]
pub use retry::SigV4RetryStrategy;
pub use retry::Transience;
pub use sign::{Signed, is_secret_header, redact};
pub use signer::Signer;
