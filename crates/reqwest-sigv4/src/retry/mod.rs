//! Which failures are worth a retry.

#[cfg(feature = "retry")]
mod strategy;
mod transience;

#[cfg(feature = "retry")]
pub use strategy::SigV4RetryStrategy;
pub use transience::Transience;
