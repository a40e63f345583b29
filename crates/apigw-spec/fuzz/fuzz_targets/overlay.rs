//! ```text
//! cargo +nightly fuzz run overlay -- -max_total_time=600
//! ```

#![no_main]

#[path = "../bodies/overlay.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    body::overlay(bytes);
});
