//! Names that generated code uses, and which nothing from a spec may get.

/// Names that `operations.rs` may import from the runtime.
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

/// Names that `operations.rs` may import from `apigw_runtime::codegen`.
pub(crate) const OPERATION_NAMES_OF_CODEGEN: &[&str] = &["Auth", "Operation", "Token"];

/// Names that could be confused with those of the runtime.
pub(crate) const NAMES_OF_THE_RUNTIME: &[&str] =
    &["Error", "IntoFuture", "Pending", "ResponseValue"];

/// Methods that every builder has.
pub(crate) const BUILDER_METHODS: [&str; 23] = [
    "accept",
    "body",
    "body_as",
    "clone",
    "form",
    "header",
    "idempotency_key",
    "idle_timeout",
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

    /// The runtime implements setters for every builder. A builder's own setter with the same name
    /// would not compile, so every name must be listed here.
    #[test]
    fn every_setter_of_the_runtime_is_reserved() {
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
