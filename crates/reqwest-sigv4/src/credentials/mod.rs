//! Credentials: cached, refreshed and assumed from roles.

#[cfg(feature = "aws-config")]
mod assume_role;
mod cache;
mod failure;
mod loaded;

#[cfg(feature = "aws-config")]
pub use assume_role::AssumeRole;
#[cfg(feature = "aws-config")]
pub(crate) use assume_role::AssumedRole;
pub use cache::CachedCredentials;
pub use failure::CredentialsFailure;
pub(crate) use loaded::Loaded;
