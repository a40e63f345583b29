//! ```text
//! cargo +nightly fuzz run document -- -max_total_time=600
//! ```

#![no_main]

#[path = "../bodies/document.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    body::document(bytes);
});
