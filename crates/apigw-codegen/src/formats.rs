//! OpenAPI formats that map to a dedicated Rust type.

/// Formats that map to a dedicated Rust type.
pub(crate) const FORMATS: [&str; 9] = [
    "int32",
    "int64",
    "uint32",
    "uint64",
    "float",
    "double",
    "date",
    "date-time",
    "uuid",
];
