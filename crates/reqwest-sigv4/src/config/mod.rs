//! How a signer is set up, and what one request may choose for itself.

pub(crate) mod allowed_hosts;
pub(crate) mod builder;
pub(crate) mod endpoint;
pub(crate) mod options;
pub(crate) mod region;
#[cfg(feature = "aws-config")]
pub(crate) mod sdk_config;
pub(crate) mod service;
pub(crate) mod settings;
