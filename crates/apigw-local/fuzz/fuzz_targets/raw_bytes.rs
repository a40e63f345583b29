//! ```text
//! cargo +nightly fuzz run raw_bytes -- -max_total_time=600
//! ```

#![no_main]

#[path = "../bodies/raw_bytes.rs"]
#[allow(dead_code, reason = "the test uses more of it")]
mod body;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    body::raw_bytes(bytes);
});
