//! Generated clients in production: what happens when something goes wrong on the way, and what they carry.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "helpers of tests fail the test"
)]

mod site;

mod credentials;
mod faults;
mod paging;
mod retries;
mod stock;
mod testing;
mod transfers;
