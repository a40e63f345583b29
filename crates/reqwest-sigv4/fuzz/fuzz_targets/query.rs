//! ```text
//! cargo +nightly fuzz run query -- -max_total_time=600
//! ```

#![no_main]

#[path = "../bodies/query.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    body::query(bytes);
});
