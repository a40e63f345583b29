//! Environment variables of an API. A generated client carries the name of its own.

/// The variable that a client takes its endpoint from: `ORDERS_ENDPOINT_URL` for `orders`.
#[must_use]
pub fn endpoint_variable(api: &str) -> String {
    format!("{}_ENDPOINT_URL", prefix(api))
}

/// The variable that `cargo xtask call` takes an API's key from: `ORDERS_API_KEY` for `orders`.
#[must_use]
pub fn api_key_variable(api: &str) -> String {
    format!("{}_API_KEY", prefix(api))
}

/// An API's name as its variables begin with it: character by character, so that names that
/// differ in a letter or digit never share a variable.
fn prefix(api: &str) -> String {
    api.replace(|c: char| !c.is_ascii_alphanumeric(), "_")
        .to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_begin_with_the_name_in_capitals() {
        for (api, variable) in [
            ("orders", "ORDERS_ENDPOINT_URL"),
            ("my-api", "MY_API_ENDPOINT_URL"),
            ("a--b", "A__B_ENDPOINT_URL"),
            ("orders_", "ORDERS__ENDPOINT_URL"),
            ("v2x", "V2X_ENDPOINT_URL"),
        ] {
            assert_eq!(endpoint_variable(api), variable);
        }
        assert_eq!(api_key_variable("a--b"), "A__B_API_KEY");
    }
}
