// the README's examples start from the environment
#![cfg_attr(feature = "aws-config", doc = include_str!("../README.md"))]
#![cfg_attr(
    not(feature = "aws-config"),
    doc = "Signs reqwest requests with AWS Signature Version 4, as reqwest-middleware."
)]

mod address;
mod body;
mod builder;
mod canonical;
mod client;
mod clock;
mod credentials;
mod difference;
mod endpoint;
mod error;
mod explain;
mod guard;
mod headers;
mod hosts;
mod http_request;
mod middleware;
mod options;
mod plan;
mod presign;
mod query;
mod redirect;
mod refusal;
mod region;
#[cfg(feature = "retry")]
mod retry;
#[cfg(feature = "aws-config")]
mod sdk_config;
mod service;
mod settings;
mod signed;
mod signer;
mod sigv4;
mod skew;
mod timestamp;

#[doc(no_inline)]
pub use aws_credential_types::Credentials;
#[doc(no_inline)]
pub use aws_credential_types::provider::ProvideCredentials;

pub use body::Payload;
pub use builder::SignerBuilder;
pub use client::{client_builder, http_client};
pub use clock::{Clock, SystemClock};
#[cfg(feature = "aws-config")]
pub use credentials::AssumeRole;
pub use credentials::{CachedCredentials, CredentialsFailure};
pub use difference::{CanonicalPart, Difference};
pub use endpoint::Endpoint;
pub use error::Error;
pub use explain::Explain;
pub use guard::SignatureGuard;
pub use headers::{ExistingAuthorization, HeaderPolicy};
pub use options::SignOptions;
pub use refusal::{Refusal, RefusalReason};
#[cfg(feature = "retry")]
pub use retry::SigV4RetryStrategy;
#[cfg(feature = "aws-config")]
pub use sdk_config::load_sdk_config;
pub use service::ServiceProfile;
pub use signed::Signed;
pub use signer::Signer;
