//! Resolves and validates the endpoint, and joins paths to it.

use std::fmt;

use url::Url;

use crate::BuildError;
use crate::api::Api;
use crate::client::environment::Environment;

/// The source of an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    Argument,
    Variable(String),
    Spec,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Argument => f.write_str("`ClientBuilder::endpoint`"),
            Self::Variable(name) => write!(f, "the environment variable {name}"),
            Self::Spec => f.write_str("the spec that the client was generated from"),
        }
    }
}

/// Returns the endpoint of the argument, the environment variable or the spec, in this order.
pub(crate) fn resolve(
    api: &Api,
    argument: Option<&str>,
    environment: &Environment,
) -> Result<Url, BuildError> {
    if let Some(endpoint) = argument {
        return parse(endpoint, Origin::Argument);
    }
    let variable = api.endpoint_variable;
    if let Some(endpoint) = environment.get(variable) {
        return parse(&endpoint, Origin::Variable(variable.to_owned()));
    }
    match api.endpoint {
        Some(endpoint) => parse(endpoint, Origin::Spec),
        None => Err(BuildError::MissingEndpoint {
            variable: variable.to_owned(),
        }),
    }
}

fn parse(endpoint: &str, origin: Origin) -> Result<Url, BuildError> {
    let invalid = |problem| BuildError::InvalidEndpoint {
        origin: origin.to_string(),
        problem,
    };
    let url = Url::parse(endpoint).map_err(|_| invalid("is not an absolute URL"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(invalid("does not start with https:// or http://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(invalid("contains a user name or password"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(invalid("contains a query or fragment"));
    }
    if endpoint.contains(['{', '}']) {
        return Err(invalid("contains a variable in braces"));
    }
    Ok(url)
}

/// Joins `path` (encoded, without the stage) to `endpoint`, with exactly one slash between them.
pub(crate) fn join(endpoint: &Url, path: &str, query: &str) -> Url {
    let mut url = endpoint.clone();
    let stage = endpoint.path().trim_end_matches('/');
    url.set_path(&format!(
        "{stage}/{}",
        path.strip_prefix('/').unwrap_or(path)
    ));
    url.set_query((!query.is_empty()).then_some(query));
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoint_and_path_are_joined_with_one_slash() {
        for (endpoint, path, expected) in [
            ("https://h", "/orders", "https://h/orders"),
            ("https://h/", "/orders", "https://h/orders"),
            ("https://h/prod", "/orders", "https://h/prod/orders"),
            ("https://h/prod/", "/orders", "https://h/prod/orders"),
            ("https://h/prod//", "orders", "https://h/prod/orders"),
            ("https://h/prod", "/orders/", "https://h/prod/orders/"),
            ("https://h/prod", "/", "https://h/prod/"),
            ("https://h", "/", "https://h/"),
            ("https://h/a/b", "/a%2Fb", "https://h/a/b/a%2Fb"),
        ] {
            let endpoint = parse(endpoint, Origin::Argument).unwrap();
            assert_eq!(join(&endpoint, path, "").as_str(), expected);
        }
    }

    #[test]
    fn an_invalid_endpoint_is_rejected_without_printing_it() {
        for (endpoint, problem) in [
            ("", "absolute URL"),
            (
                "abc123.execute-api.eu-west-2.amazonaws.com/prod",
                "absolute URL",
            ),
            ("/prod", "absolute URL"),
            ("ftp://h/prod", "https://"),
            ("https://user:hunter2@h/prod", "user name or password"),
            ("https://h/prod?stage=hunter2", "query"),
            ("https://h/prod#x", "fragment"),
            ("https://h/{basePath}", "braces"),
        ] {
            let error =
                parse(endpoint, Origin::Variable("ORDERS_ENDPOINT_URL".into())).unwrap_err();
            let text = error.to_string();
            assert!(text.contains(problem), "{endpoint}: {text}");
            assert!(text.contains("ORDERS_ENDPOINT_URL"), "{endpoint}: {text}");
            assert!(!text.contains("hunter2"), "{endpoint}: {text}");
        }
    }
}
