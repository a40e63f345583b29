//! The base URL of an API.

use serde_json::Value;

use crate::aws::ExecuteApiHost;
use crate::report::Report;

const RULE: &str = "endpoint";

/// The base URL with the stage and without a trailing slash, and the Region in its host name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Endpoint {
    pub(crate) url: Option<String>,
    pub(crate) region: Option<String>,
}

/// Returns the first server with a usable URL.
pub(crate) fn read(root: &Value, report: &mut Report) -> Endpoint {
    let servers: Vec<&Value> = match root.get("servers") {
        Some(Value::Array(list)) => list.iter().collect(),
        Some(one @ Value::Object(_)) => vec![one],
        _ => Vec::new(),
    };
    let mut found: Option<(String, &Value)> = None;
    let mut region_hint = None;
    for (index, server) in servers.into_iter().enumerate() {
        let Some(url) = server.get("url").and_then(Value::as_str) else {
            continue;
        };
        let url = collapse(&substitute(url, server.get("variables")));
        let pointer = format!("/servers/{index}");
        if !host(&url).is_some_and(is_real) {
            region_hint = region_hint.or_else(|| region_in_template(&url));
            report.add(
                RULE,
                pointer,
                format!("server URL `{url}` is incomplete or a template"),
                "skipped (without another server, set the endpoint when building the client)",
            );
            continue;
        }
        match &found {
            None => found = Some((url, server)),
            // Swagger 2.0 is converted to one server per scheme
            Some((first, _)) if host(first) == host(&url) => {}
            Some((first, _)) => report.add(
                RULE,
                pointer,
                "more than one server",
                format!("using `{first}` by default"),
            ),
        }
    }
    let Some((url, server)) = found else {
        return Endpoint {
            url: None,
            region: region_hint,
        };
    };
    let region = host(&url).and_then(region);
    if region.is_some() && (is_disabled(server) || is_disabled(root)) {
        report.add(
            RULE,
            "/servers",
            "the default endpoint is disabled",
            "skipped (set the custom domain as the endpoint)",
        );
        return Endpoint { url: None, region };
    }
    Endpoint {
        url: Some(url),
        region,
    }
}

/// Replaces variables such as `{basePath}` by their defaults.
fn substitute(url: &str, variables: Option<&Value>) -> String {
    let mut url = url.to_owned();
    if let Some(variables) = variables.and_then(Value::as_object) {
        for (name, variable) in variables {
            if let Some(default) = variable.get("default").and_then(Value::as_str) {
                url = url.replace(&format!("{{{name}}}"), default);
            }
        }
    }
    url
}

/// Removes double and trailing slashes. `/{basePath}` with the default `/prod` is `//prod`, which
/// would change the canonical path of every request.
fn collapse(url: &str) -> String {
    let (scheme, rest) = match url.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None => (String::new(), url),
    };
    let parts: Vec<&str> = rest.split('/').filter(|part| !part.is_empty()).collect();
    format!("{scheme}{}", parts.join("/"))
}

fn host(url: &str) -> Option<&str> {
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"))?;
    let host = rest.split('/').next()?;
    // a path with braces or spaces is also a template
    let plain = |c: char| c.is_ascii_graphic() && !"{}<>$\"`|\\^?#@".contains(c);
    rest.chars().all(plain).then_some(host)
}

/// Returns whether a host name is not a placeholder: `<api-id>`, `XXXXXXXXX`, `*.execute-api…`.
fn is_real(host: &str) -> bool {
    let (name, port) = host.split_once(':').unwrap_or((host, "443"));
    let label = |label: &str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    port.parse::<u16>().is_ok()
        && name.split('.').all(label)
        && !name
            .split('.')
            .any(|label| label.len() > 3 && label.bytes().all(|b| b == b'x'))
}

fn region(host: &str) -> Option<String> {
    ExecuteApiHost::parse(host).map(|host| host.region.to_owned())
}

/// Returns the Region in a URL whose API id is a placeholder.
fn region_in_template(url: &str) -> Option<String> {
    let (_, rest) = url.split_once(".execute-api.")?;
    let (region, suffix) = rest.split_once('.')?;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let is_region = suffix.starts_with("amazonaws.") && region.contains('-');
    (is_region && region.chars().all(plain)).then(|| region.to_owned())
}

fn is_disabled(holder: &Value) -> bool {
    holder
        .get("x-amazon-apigateway-endpoint-configuration")
        .and_then(|configuration| configuration.get("disableExecuteApiEndpoint"))
        .is_some_and(|flag| flag == true || flag == "true")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn endpoint(server: Value) -> Endpoint {
        read(&json!({ "servers": [server] }), &mut Report::new())
    }

    #[test]
    fn double_slashes_are_removed() {
        let found = endpoint(json!({
            "url": "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/{basePath}",
            "variables": { "basePath": { "default": "/prod" } },
        }));
        assert_eq!(
            found.url.as_deref(),
            Some("https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod")
        );
        assert_eq!(found.region.as_deref(), Some("eu-west-1"));
    }

    #[test]
    fn placeholders_are_not_endpoints() {
        for url in [
            "https://XXXXXXXXX.execute-api.eu-west-1.amazonaws.com/prod",
            "https://<api-id>.execute-api.eu-west-1.amazonaws.com/prod",
            "https://*.execute-api.eu-west-1.amazonaws.com",
            "https://${ApiId}.execute-api.${AWS::Region}.amazonaws.com",
            "https://{id}.execute-api.eu-west-1.amazonaws.com",
            "/prod",
            "{basePath}",
            "",
        ] {
            assert_eq!(endpoint(json!({ "url": url })).url, None, "{url}");
        }
    }

    #[test]
    fn urls_with_a_placeholder_for_the_id_have_a_region() {
        for (url, region) in [
            (
                "https://YOUR_API_ID.execute-api.us-east-1.amazonaws.com/prod",
                Some("us-east-1"),
            ),
            (
                "https://{{api-id}}.execute-api.eu-west-2.amazonaws.com",
                Some("eu-west-2"),
            ),
            ("https://x.execute-api.${AWS::Region}.amazonaws.com", None),
            ("https://<id>.execute-api.REGION.amazonaws.com", None),
        ] {
            let found = endpoint(json!({ "url": url }));
            assert_eq!(
                (found.url, found.region.as_deref()),
                (None, region),
                "{url}"
            );
        }
    }

    #[test]
    fn a_disabled_default_endpoint_is_skipped() {
        let found = endpoint(json!({
            "url": "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod",
            "x-amazon-apigateway-endpoint-configuration": { "disableExecuteApiEndpoint": true },
        }));
        assert_eq!(found.url, None);
        assert_eq!(found.region.as_deref(), Some("eu-west-1"));
    }

    #[test]
    fn a_custom_domain_has_no_region() {
        let found = endpoint(json!({ "url": "https://api.example.com/v1/" }));
        assert_eq!(found.url.as_deref(), Some("https://api.example.com/v1"));
        assert_eq!(found.region, None);
    }
}
