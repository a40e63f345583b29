//! From what somebody types to an operation or a name of the document.

use apigw_spec::api::{Api, Method, Operation};

use super::CallError;

/// How alike two names must be for one to be taken for a slip of the other, from 0 to 1.
const ALIKE: f64 = 0.75;

/// The operation of this name: the client's (`get_orders`), the document's `operationId`, or
/// method and path (`GET /orders`).
///
/// # Errors
///
/// [`CallError::UnknownOperation`] with the nearest one there is.
pub fn operation<'a>(api: &'a Api, name: &str) -> Result<&'a Operation, CallError> {
    let exact = |operation: &&Operation| {
        operation.name == name || operation.operation_id.as_deref() == Some(name)
    };
    // `GET /x` is also what an operation of any method answers
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
                None => "`cargo xtask inspect` lists those that there are".to_owned(),
            };
            CallError::UnknownOperation {
                name: name.to_owned(),
                remedy,
            }
        })
}

/// The method to call an operation with.
pub(super) fn method(
    operation: &Operation,
    given: Option<http::Method>,
) -> Result<http::Method, CallError> {
    match (&operation.method, given) {
        (Method::Any, Some(given)) => Ok(given),
        (Method::Any, None) => Err(CallError::Method {
            problem: format!("{} takes any method", operation.route()),
            remedy: "choose one with --method".to_owned(),
        }),
        (Method::One(own), given) => {
            if let Some(given) = given.filter(|given| given.as_str() != own) {
                return Err(CallError::Method {
                    problem: format!("{} is not called with {given}", operation.route()),
                    remedy: "leave --method out".to_owned(),
                });
            }
            http::Method::from_bytes(own.as_bytes()).map_err(|_| CallError::Method {
                problem: format!("{own} is no method"),
                remedy: "correct the document".to_owned(),
            })
        }
    }
}

/// The name that is most alike, if one is.
pub(super) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|known| {
            (
                strsim::jaro_winkler(&name.to_lowercase(), &known.to_lowercase()),
                known,
            )
        })
        .filter(|(likeness, _)| *likeness > ALIKE)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, known)| known)
}
