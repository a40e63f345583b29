//! Names that generated code uses itself, so that nothing from a spec may have them.

/// What `operations.rs` may import from the runtime.
pub(crate) const OPERATION_NAMES: &[&str] = &[
    "Call",
    "Client",
    "DecodeError",
    "FromResponse",
    "Items",
    "Method",
    "Pages",
    "RawResponse",
];

/// What `operations.rs` may import from the runtime's module for generated code.
pub(crate) const OPERATION_NAMES_OF_CODEGEN: &[&str] = &["Auth", "Operation", "Token"];

/// Names that a reader would take for the runtime's.
pub(crate) const NAMES_OF_THE_RUNTIME: &[&str] =
    &["Error", "IntoFuture", "Pending", "ResponseValue"];

/// Methods that every builder has.
pub(crate) const BUILDER_METHODS: [&str; 21] = [
    "body",
    "body_as",
    "clone",
    "form",
    "header",
    "idempotency_key",
    "into_future",
    "items",
    "json",
    "multipart",
    "new",
    "pages",
    "query",
    "response_limit",
    "retry",
    "send",
    "sign_options",
    "stream",
    "timeout",
    "total_timeout",
    "unsigned",
];

#[cfg(test)]
mod tests {
    use super::*;

    /// The setters of every builder are written in the runtime, and what a builder may call
    /// its own is listed here: a name in one place alone gives a crate that does not compile.
    #[test]
    fn no_setter_takes_the_name_of_one_that_every_builder_has() {
        let runtime = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../apigw-runtime/src/operation.rs");
        let source = fs_err::read_to_string(runtime).unwrap();
        let methods: Vec<&str> = source
            .lines()
            .filter_map(|line| line.trim_start().strip_prefix("pub fn ")?.split('(').next())
            .collect();
        assert!(methods.contains(&"total_timeout"), "{methods:?}");
        let missing: Vec<&&str> = methods
            .iter()
            .filter(|method| !BUILDER_METHODS.contains(method))
            .collect();
        assert!(missing.is_empty(), "not in BUILDER_METHODS: {missing:?}");
    }
}
