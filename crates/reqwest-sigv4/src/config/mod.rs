//! How a signer is set up, and what one request can override.

mod allowed_hosts;
mod builder;
mod header_policy;
mod options;
mod payload;
pub(crate) mod region;
#[cfg(feature = "aws-config")]
mod sdk_config;
pub(crate) mod service;
pub(crate) mod settings;

pub use builder::SignerBuilder;
pub use header_policy::{ExistingAuthorization, HeaderPolicy};
pub use options::SignOptions;
pub use payload::Payload;
#[cfg(feature = "aws-config")]
pub use sdk_config::load_sdk_config;
pub use service::ServiceProfile;
