//! Formats of OpenAPI that have a Rust type of their own.

/// Formats that have a Rust type of their own.
pub(crate) const FORMATS: [&str; 7] = [
    "int32",
    "int64",
    "float",
    "double",
    "date",
    "date-time",
    "uuid",
];
