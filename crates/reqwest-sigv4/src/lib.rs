//! Signs reqwest requests with AWS Signature Version 4, as reqwest-middleware.

mod body;
mod builder;
mod client;
mod clock;
mod endpoint;
mod error;
mod headers;
mod middleware;
mod options;
mod query;
mod refusal;
mod region;
mod signer;
mod sigv4;

#[doc(no_inline)]
pub use aws_credential_types::Credentials;
#[doc(no_inline)]
pub use aws_credential_types::provider::ProvideCredentials;
pub use builder::SignerBuilder;
pub use client::{client_builder, http_client};
pub use clock::{Clock, SystemClock};
pub use endpoint::Endpoint;
pub use error::Error;
pub use headers::{ExistingAuthorization, HeaderPolicy};
pub use options::SignOptions;
pub use refusal::{Refusal, RefusalReason};
pub use signer::Signer;
