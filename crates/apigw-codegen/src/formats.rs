//! OpenAPI formats that map to a dedicated Rust type.

/// Formats that map to a dedicated Rust type.
pub(crate) const FORMATS: [&str; 7] = [
    "int32",
    "int64",
    "float",
    "double",
    "date",
    "date-time",
    "uuid",
];
