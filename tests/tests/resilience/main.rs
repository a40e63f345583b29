//! What generated clients do about faults: throttling, failing services, broken connections, wrong clocks, expired
//! credentials and bodies that are too large. Usage without faults is in `usage`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "helpers of tests fail the test"
)]

mod orders;

mod credentials;
mod faults;
mod paging;
mod retries;
mod transfers;
