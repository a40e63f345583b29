//! Finds operations and parameters by name.

use apigw_spec::api::{Api, Method, Operation};

use super::CallError;

/// The minimum similarity of a suggestion, from 0 to 1.
const MIN_SIMILARITY: f64 = 0.75;

/// Finds an operation by the name of the client's method (`get_orders`), by its `operationId`, or
/// by its method and path (`GET /orders`).
///
/// # Errors
///
/// Returns [`CallError::UnknownOperation`], with a suggestion, if there is no such operation.
pub fn operation<'a>(api: &'a Api, name: &str) -> Result<&'a Operation, CallError> {
    let exact = |operation: &&Operation| {
        operation.name == name || operation.operation_id.as_deref() == Some(name)
    };
    // an `ANY` operation also matches a specific method
    let (method, path) = name.split_once(' ').unwrap_or(("", name));
    let routed = |operation: &&Operation| {
        operation.path == path
            && match &operation.method {
                Method::One(own) => own.eq_ignore_ascii_case(method),
                Method::Any => !method.is_empty(),
            }
    };
    let mut operations = api.operations.iter();
    operations
        .clone()
        .find(exact)
        .or_else(|| operations.find(routed))
        .ok_or_else(|| {
            let routes: Vec<String> = api.operations.iter().map(Operation::route).collect();
            let names = api
                .operations
                .iter()
                .map(|operation| operation.name.as_str());
            let known = names.chain(routes.iter().map(String::as_str));
            let remedy = match nearest(name, known) {
                Some(nearest) => format!("did you mean `{nearest}`?"),
                None => "run `cargo xtask inspect` to list the operations".to_owned(),
            };
            CallError::UnknownOperation {
                name: name.to_owned(),
                remedy,
            }
        })
}

/// Returns the HTTP method for a request to the operation.
pub(super) fn method(
    operation: &Operation,
    given: Option<http::Method>,
) -> Result<http::Method, CallError> {
    match (&operation.method, given) {
        (Method::Any, Some(given)) => Ok(given),
        (Method::Any, None) => Err(CallError::Method {
            problem: format!("{} accepts any method", operation.route()),
            remedy: "specify one with --method".to_owned(),
        }),
        (Method::One(own), given) => {
            if let Some(given) = given.filter(|given| given.as_str() != own) {
                return Err(CallError::Method {
                    problem: format!("{} does not accept the method {given}", operation.route()),
                    remedy: "omit --method".to_owned(),
                });
            }
            http::Method::from_bytes(own.as_bytes()).map_err(|_| CallError::Method {
                problem: format!("{own:?} is not an HTTP method"),
                remedy: "fix the spec".to_owned(),
            })
        }
    }
}

/// Returns the most similar name, if any is similar enough.
pub(super) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|known| {
            (
                strsim::jaro_winkler(&name.to_lowercase(), &known.to_lowercase()),
                known,
            )
        })
        .filter(|(similarity, _)| *similarity > MIN_SIMILARITY)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, known)| known)
}
