//! The `User-Agent` header.

use http::HeaderValue;

use crate::BuildError;
use crate::api::Api;
use crate::client::environment::Environment;

const APP_ID: &str = "AWS_SDK_UA_APP_ID";

/// Returns the header, for example `shop/1.2 orders-client/0.1.0 app/checkout`. The most significant product comes first
/// (RFC 9110 §10.1.5).
pub(crate) fn header(
    api: &Api,
    product: Option<&str>,
    environment: &Environment,
) -> Result<HeaderValue, BuildError> {
    let mut products = Vec::new();
    if let Some(product) = product {
        check(product, "`ClientBuilder::user_agent`", |c| {
            c == ' ' || c.is_ascii_graphic()
        })?;
        products.push(product.to_owned());
    }
    products.push(api.user_agent.to_owned());
    if let Some(id) = environment.get(APP_ID) {
        check(&id, "the environment variable AWS_SDK_UA_APP_ID", |c| {
            c.is_ascii_graphic()
        })?;
        products.push(format!("app/{id}"));
    }
    HeaderValue::from_str(&products.join(" ")).map_err(|_| BuildError::InvalidUserAgent {
        origin: "the generated client",
    })
}

fn check(
    text: &str,
    origin: &'static str,
    allowed: impl Fn(char) -> bool,
) -> Result<(), BuildError> {
    match text.chars().all(allowed) {
        true => Ok(()),
        false => Err(BuildError::InvalidUserAgent { origin }),
    }
}
