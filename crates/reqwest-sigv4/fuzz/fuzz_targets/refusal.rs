//! ```text
//! cargo +nightly fuzz run refusal -- -max_total_time=600
//! ```

#![no_main]

#[path = "../bodies/refusal.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    body::refusal(bytes);
});
