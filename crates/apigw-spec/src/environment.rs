//! Names of the environment variables of an API.

/// Returns the variable that contains the endpoint of an API: `ORDERS_ENDPOINT_URL` for `orders`.
///
/// Generated clients read it.
#[must_use]
pub fn endpoint_variable(api: &str) -> String {
    format!("{}_ENDPOINT_URL", prefix(api))
}

/// Returns the variable that contains the API key of an API: `ORDERS_API_KEY` for `orders`.
///
/// `call` reads it.
#[must_use]
pub fn api_key_variable(api: &str) -> String {
    format!("{}_API_KEY", prefix(api))
}

/// Returns the prefix of an API's variables. Characters are replaced one by one, so that names
/// with different letters or digits never share a variable.
fn prefix(api: &str) -> String {
    api.replace(|c: char| !c.is_ascii_alphanumeric(), "_")
        .to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_start_with_the_name_in_upper_case() {
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
