//! reqwest-sigv4
