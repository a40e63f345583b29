//! Authorization of operations.

use serde_json::{Map, Value};

use crate::api::Auth;
use crate::pointer::child;
use crate::report::Report;

/// Returns the authorization of an operation, which defaults to that of the API.
///
/// IAM is recognised by `x-amazon-apigateway-authtype: awsSigv4` in a scheme of any name, and by
/// `x-amazon-apigateway-auth: {type: AWS_IAM}` in any case (API Gateway Developer Guide, "OpenAPI
/// extensions for API Gateway").
pub(crate) fn read(
    root: &Value,
    operation: &Map<String, Value>,
    pointer: &str,
    report: &mut Report,
) -> Auth {
    let mut auth = Auth::default();
    let own = operation.get("security").and_then(Value::as_array);
    let shared = root.get("security").and_then(Value::as_array);
    let place = match own {
        Some(_) => child(pointer, "security"),
        None => "/security".to_owned(),
    };
    for alternative in own.or(shared).into_iter().flatten() {
        for name in alternative.as_object().into_iter().flat_map(Map::keys) {
            scheme(root, name, &mut auth, &place, report);
        }
    }
    let extension = operation
        .get("x-amazon-apigateway-auth")
        .and_then(|auth| auth.get("type"))
        .and_then(Value::as_str);
    match extension {
        Some(kind) if kind.eq_ignore_ascii_case("AWS_IAM") => auth.iam = true,
        Some(kind) if kind.eq_ignore_ascii_case("NONE") => {
            auth.iam = false;
            auth.authorizer = None;
        }
        Some(kind) if auth.authorizer.is_none() => auth.authorizer = Some(kind.to_owned()),
        _ => {}
    }
    auth
}

fn scheme(root: &Value, name: &str, auth: &mut Auth, place: &str, report: &mut Report) {
    let scheme = root
        .get("components")
        .and_then(|components| components.get("securitySchemes"))
        .and_then(|schemes| schemes.get(name));
    let Some(scheme) = scheme else {
        // names that AWS uses
        let action = if ["sigv4", "aws_iam", "awssigv4", "aws.auth.sigv4"]
            .contains(&name.to_ascii_lowercase().as_str())
        {
            auth.iam = true;
            "treated as IAM"
        } else if ["api_key", "apikey", "x-api-key"].contains(&name.to_ascii_lowercase().as_str()) {
            auth.api_key = true;
            "treated as an API key"
        } else {
            auth.authorizer.get_or_insert_with(|| name.to_owned());
            "treated as an authorizer (the caller sets its header)"
        };
        report.add(
            "undefined-security-scheme",
            place,
            format!("undefined security scheme `{name}`"),
            action,
        );
        return;
    };
    let member = |key: &str| scheme.get(key).and_then(Value::as_str).unwrap_or_default();
    let authtype = member("x-amazon-apigateway-authtype");
    let own_authorizer = scheme.get("x-amazon-apigateway-authorizer").is_some();
    if authtype.to_ascii_lowercase().starts_with("aws") {
        auth.iam = true;
    } else if member("type").eq_ignore_ascii_case("apiKey")
        && member("name").eq_ignore_ascii_case("x-api-key")
        && !own_authorizer
    {
        auth.api_key = true;
    } else {
        auth.authorizer.get_or_insert_with(|| name.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn auth(root: Value, operation: Value) -> Auth {
        let Value::Object(operation) = operation else {
            panic!("the operation is not an object")
        };
        read(&root, &operation, "/paths/x", &mut Report::new())
    }

    fn schemes() -> Value {
        json!({ "components": { "securitySchemes": {
            "whatever": { "type": "apiKey", "name": "Authorization", "in": "header",
                          "x-amazon-apigateway-authtype": "awsSigv4" },
            "key": { "type": "apiKey", "name": "x-api-key", "in": "header" },
            "pool": { "type": "apiKey", "name": "Authorization", "in": "header",
                      "x-amazon-apigateway-authtype": "cognito_user_pools" },
        } } })
    }

    #[test]
    fn iam_is_recognised_by_authtype_not_by_name() {
        let found = auth(schemes(), json!({ "security": [{ "whatever": [] }] }));
        assert_eq!(
            found,
            Auth {
                iam: true,
                ..Auth::default()
            }
        );
    }

    #[test]
    fn signature_and_api_key_can_both_be_required() {
        let found = auth(
            schemes(),
            json!({ "security": [{ "whatever": [] }, { "key": [] }] }),
        );
        assert!(found.iam && found.api_key);
    }

    #[test]
    fn the_operation_extension_is_case_insensitive() {
        for kind in ["AWS_IAM", "aws_iam"] {
            let found = auth(
                json!({}),
                json!({ "x-amazon-apigateway-auth": { "type": kind } }),
            );
            assert!(found.iam, "{kind}");
        }
        for scheme in ["whatever", "pool"] {
            let operation = json!({
                "security": [{ scheme: [] }], "x-amazon-apigateway-auth": { "type": "none" },
            });
            assert_eq!(auth(schemes(), operation), Auth::default());
        }
    }

    #[test]
    fn other_authorizers_have_the_name_of_their_scheme() {
        let found = auth(schemes(), json!({ "security": [{ "pool": [] }] }));
        assert_eq!(found.authorizer.as_deref(), Some("pool"));
        assert!(!found.iam);
    }
}
