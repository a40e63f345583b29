//! Where credentials come from, and how they are cached.

pub(crate) mod cache;
#[cfg(all(unix, feature = "aws-config"))]
mod chains;
#[cfg(feature = "aws-config")]
mod roles;
#[cfg(all(unix, feature = "aws-config"))]
mod rotation;
