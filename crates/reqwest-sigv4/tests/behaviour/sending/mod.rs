//! The signer as middleware.

mod clock_skew;
mod execute;
mod redirects;
mod retries;
