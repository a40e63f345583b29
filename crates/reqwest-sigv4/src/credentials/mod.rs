//! Credentials: cached, refreshed and assumed from roles.

#[cfg(feature = "aws-config")]
mod assume_role;
mod cache;
#[cfg(feature = "aws-config")]
mod chain;
mod failure;
mod loaded;
mod profile_files;

#[cfg(feature = "aws-config")]
pub use assume_role::AssumeRole;
#[cfg(feature = "aws-config")]
pub(crate) use assume_role::AssumedRole;
pub use cache::CachedCredentials;
#[cfg(feature = "aws-config")]
pub(crate) use chain::CredentialsChain;
pub use failure::CredentialsFailure;
pub(crate) use loaded::Loaded;
