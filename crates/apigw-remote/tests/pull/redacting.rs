use std::path::Path;

use apigw_remote::pull::{Redacted, redact};
use apigw_spec::{Api, Report, Spec};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn redacted(name: &str, text: &str) -> Redacted {
    redact(name, text.as_bytes(), false).unwrap()
}

/// Returns the API of a spec, without the version, which is not part of the comparison.
fn api(name: &str, text: &[u8]) -> Api {
    let spec = Spec::parse(name, text).unwrap();
    Api {
        version: String::new(),
        ..Api::read(&spec, &mut Report::new())
    }
}

#[test]
fn a_redacted_spec_has_the_same_api() {
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs");
    for name in ["orders.json", "inventory.json", "events.yaml"] {
        let export = fs_err::read(specs.join(name)).unwrap();
        let text = redact(name, &export, false).unwrap().text;
        assert_eq!(api(name, text.as_bytes()), api(name, &export), "{name}");
        for secret in [
            "123456789012",
            "arn:aws:lambda",
            "arn:aws:iam",
            "authorizerUri",
            "policy\"",
        ] {
            assert!(!text.contains(secret), "{name}: {secret}");
        }
    }
}

#[test]
fn remaining_lines_are_unchanged_and_in_order() {
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs");
    for name in ["orders.json", "inventory.json", "events.yaml"] {
        let export = fs_err::read_to_string(specs.join(name)).unwrap();
        let text = redact(name, export.as_bytes(), false).unwrap().text;
        let mut lines = export.lines();
        for line in text.lines().filter(|line| !line.contains("as deployed")) {
            // a line loses its comma if no member follows
            assert!(
                lines.any(|old| old == line || old.strip_suffix(',') == Some(line)),
                "{name}: {line}"
            );
        }
        assert_eq!(text.ends_with('\n'), export.ends_with('\n'));
    }
}

const JSON: &str = r##"{
  "openapi" : "3.0.1",
  "info" : {
    "title" : "odd",
    "version" : "2016-11-22T22:39:14Z"
  },
  "paths" : {
    "/a~b" : {
      "get" : {
        "description" : "calls arn:aws:sqs:eu-west-1:123456789012:queue, 1234567890123 times",
        "x-limit" : 1.50e+3,
        "responses" : { },
        "x-amazon-apigateway-auth" : { "type" : "AWS_IAM" },
        "x-amazon-apigateway-integration" : {
          "uri" : "http://internal/\"a\",}",
          "responseTransferMode" : "STREAM",
          "type" : "http_proxy",
          "credentials" : "arn:aws:iam::123456789012:role/x",
          "responses" : { "default" : { "statusCode" : "200" } }
        }
      },
      "options" : {
        "responses" : { },
        "x-amazon-apigateway-integration" : { "requestTemplates" : { "application/json" : "{}" }, "type" : "mock" }
      }
    }
  },
  "components" : {
    "securitySchemes" : {
      "token" : {
        "type" : "apiKey",
        "name" : "x-token",
        "in" : "header",
        "x-amazon-apigateway-authtype" : "custom",
        "x-amazon-apigateway-authorizer" : {
          "authorizerUri" : "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:123456789012:function:f/invocations",
          "authorizerCredentials" : "arn:aws:iam::123456789012:role/y"
        }
      }
    }
  },
  "x-amazon-apigateway-api-key-source" : "HEADER",
  "x-amazon-apigateway-policy" : {
    "Statement" : [ { "Condition" : { "StringEquals" : { "aws:SourceAccount" : "999988887777" } } } ]
  }
}"##;

#[test]
fn only_implementation_details_are_removed_from_json() {
    let redacted = redacted("odd.json", JSON);
    assert_eq!(
        redacted.text,
        r##"{
  "openapi" : "3.0.1",
  "info" : {
    "title" : "odd",
    "version" : "as deployed"
  },
  "paths" : {
    "/a~b" : {
      "get" : {
        "description" : "calls arn:aws:sqs:eu-west-1:111122223333:queue, 1234567890123 times",
        "x-limit" : 1.50e+3,
        "responses" : { },
        "x-amazon-apigateway-auth" : { "type" : "AWS_IAM" },
        "x-amazon-apigateway-integration" : {
          "responseTransferMode" : "STREAM",
          "type" : "http_proxy"
        }
      },
      "options" : {
        "responses" : { },
        "x-amazon-apigateway-integration" : { "type" : "mock" }
      }
    }
  },
  "components" : {
    "securitySchemes" : {
      "token" : {
        "type" : "apiKey",
        "name" : "x-token",
        "in" : "header",
        "x-amazon-apigateway-authtype" : "custom",
        "x-amazon-apigateway-authorizer" : {
        }
      }
    }
  },
  "x-amazon-apigateway-api-key-source" : "HEADER"
}"##
    );
    assert_eq!(
        redacted.cut.first().map(String::as_str),
        Some(
            "/components/securitySchemes/token/x-amazon-apigateway-authorizer/authorizerCredentials"
        )
    );
}

#[test]
fn only_implementation_details_are_removed_from_yaml() {
    let text = "\
openapi: '3.0.1'
info:
  title: odd
  version: 2025-02-20 11:07:42UTC
paths:
  /a:
    get:
      responses: {}
      x-amazon-apigateway-integration:
        uri: \"https://internal/
          folded\"
        type: http_proxy # stays
        requestParameters:
        - one
        - two
        timeoutInMillis: 29000
    parameters:
    - name: limit
components:
  securitySchemes:
    token:
      type: apiKey
      x-amazon-apigateway-authorizer:
        authorizerUri: arn:aws:lambda:eu-west-1:123456789012:function:f
x-amazon-apigateway-policy:
  Version: 2012-10-17
";
    assert_eq!(
        redacted("odd.yaml", text).text,
        "\
openapi: '3.0.1'
info:
  title: odd
  version: as deployed
paths:
  /a:
    get:
      responses: {}
      x-amazon-apigateway-integration:
        type: http_proxy # stays
        timeoutInMillis: 29000
    parameters:
    - name: limit
components:
  securitySchemes:
    token:
      type: apiKey
      x-amazon-apigateway-authorizer: {}
"
    );
}

#[test]
fn a_version_that_is_not_a_time_stays() {
    let text = r#"{"openapi":"3.0.1","info":{"title":"o","version":"2.1"},"paths":{}}"#;
    assert_eq!(redacted("o.json", text).text, text);
}

#[test]
fn line_ends_do_not_change() {
    let text = "{\r\n\t\"openapi\": \"3.0.1\",\r\n\t\"x-amazon-apigateway-policy\": {},\r\n\t\"paths\": {}\r\n}";
    assert_eq!(
        redacted("o.json", text).text,
        "{\r\n\t\"openapi\": \"3.0.1\",\r\n\t\"paths\": {}\r\n}"
    );
}

#[test]
fn with_kept_integrations_only_the_time_changes() {
    let text = redact("odd.json", JSON.as_bytes(), true).unwrap().text;
    assert_eq!(text, JSON.replace("2016-11-22T22:39:14Z", "as deployed"));
}

#[test]
fn unsupported_yaml_is_an_error() {
    let text = "openapi: 3.0.1\npaths: {}\nx-a: {x-amazon-apigateway-policy: {a: 1}}\n";
    let error = redact("o.yaml", text.as_bytes(), false).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("/x-a/x-amazon-apigateway-policy"),
        "{error}"
    );
}

proptest! {
    /// Implementation details are removed from any place in any JSON, and nothing else is.
    #[test]
    fn json_can_always_be_redacted(value in json_with_secrets(), compact in any::<bool>()) {
        let document = json!({ "openapi": "3.0.1", "paths": {}, "x-any": value });
        let text = match compact {
            true => serde_json::to_string(&document).unwrap(),
            false => serde_json::to_string_pretty(&document).unwrap(),
        };
        let redacted = redact("any.json", text.as_bytes(), false).unwrap();
        let left: Value = serde_json::from_str(&redacted.text).unwrap();
        prop_assert_eq!(left, without(document));
        prop_assert!(!redacted.text.contains("secret"));
        let again = redact("any.json", redacted.text.as_bytes(), false).unwrap();
        prop_assert_eq!(again.text, redacted.text);
    }
}

/// Applies the same rules to a value.
fn without(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(without).collect(),
        Value::Object(map) => {
            let kept = map
                .into_iter()
                .filter(|(key, _)| key != "x-amazon-apigateway-policy");
            kept.map(|(key, value)| match key.as_str() {
                "x-amazon-apigateway-integration" => {
                    let kept = value
                        .as_object()
                        .unwrap()
                        .clone()
                        .into_iter()
                        .filter(|(key, _)| key == "type");
                    (key, Value::Object(kept.collect()))
                }
                _ => (key, without(value)),
            })
            .collect::<Map<_, _>>()
            .into()
        }
        value => value,
    }
}

fn json_with_secrets() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i32>().prop_map(Into::into),
        "[a-m{}\\[\\]\\\\\",: \n]{0,8}".prop_map(Into::into),
    ];
    leaf.prop_recursive(5, 48, 5, |inner| {
        let policy = Just(json!({ "Statement": ["secret", {}, "a\\\"}"] }));
        let integration = prop_oneof![
            Just(json!({ "uri": "secret" })),
            Just(json!({ "type": "mock", "uri": "secret", "credentials": "secret" })),
            Just(json!({ "uri": "secret", "type": "aws" })),
        ];
        let member = prop_oneof![
            6 => ("[a-d~/\"]{1,2}", inner.clone()),
            1 => (Just("x-amazon-apigateway-policy".to_owned()), policy),
            1 => (Just("x-amazon-apigateway-integration".to_owned()), integration),
        ];
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Into::into),
            prop::collection::vec(member, 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}
