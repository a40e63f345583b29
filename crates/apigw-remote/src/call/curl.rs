//! curl commands.

use http::header::{ACCEPT, CONTENT_TYPE};

use super::{API_KEY, Call};

/// Returns a command line for a POSIX shell that sends the same request with curl 7.75 or later.
///
/// The command contains no secrets. It reads them from environment variables: the credentials from
/// `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and, if set, `AWS_SESSION_TOKEN`; the API key from
/// the variable named by `api_key`; and other secret headers from variables with their names, such
/// as `AUTHORIZATION`. A body that is not text is read from stdin. The query is sorted, since curl
/// signs it in the order in which it is written.
///
/// ```
/// use apigw_remote::call::{Arguments, Call, curl};
///
/// let url = "https://abc123.execute-api.eu-west-2.amazonaws.com/prod/orders?q=it's".parse()?;
/// let line = curl(&Call::to(&url, &Arguments::default()), "eu-west-2", "ORDERS_API_KEY");
/// assert!(line.ends_with("'https://abc123.execute-api.eu-west-2.amazonaws.com/prod/orders?q=it%27s'"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn curl(call: &Call, region: &str, api_key: &str) -> String {
    let mut words = vec!["curl --silent --show-error --include".to_owned()];
    words.push(format!("--request {}", call.method));
    if call.signed {
        let scope = format!("aws:amz:{region}:execute-api");
        words.push(format!("--aws-sigv4 {}", quoted(&scope)));
        words.push("--user \"$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY\"".to_owned());
        words.push(
            "${AWS_SESSION_TOKEN:+-H\"x-amz-security-token: $AWS_SESSION_TOKEN\"}".to_owned(),
        );
    }
    for (name, value) in &call.headers {
        if *name == API_KEY {
            words.push(format!("--header \"x-api-key: ${api_key}\""));
            continue;
        }
        if value.is_sensitive() {
            let variable = name.as_str().to_uppercase().replace('-', "_");
            words.push(format!("--header \"{name}: ${variable}\""));
            continue;
        }
        // curl signs every header, so omit those without effect
        if *name == ACCEPT && value == "*/*" {
            continue;
        }
        let value = String::from_utf8_lossy(value.as_bytes());
        words.push(format!("--header {}", quoted(&format!("{name}: {value}"))));
    }
    if let Some(body) = &call.body {
        if !call.headers.contains_key(CONTENT_TYPE) {
            words.push("--header 'content-type:'".to_owned()); // prevents the default, which is a form
        }
        match std::str::from_utf8(body) {
            Ok(text) if !text.contains('\0') => words.push(format!("--data-raw {}", quoted(text))),
            _ => words.push("--data-binary @-".to_owned()),
        }
    }
    words.push(quoted(sorted(call).as_str()));
    words.join(" \\\n  ")
}

/// Returns the URL with the query in the order of the canonical request.
fn sorted(call: &Call) -> reqwest::Url {
    let mut url = call.url.clone();
    if let Some(query) = call.url.query() {
        let mut pairs: Vec<&str> = query.split('&').collect();
        pairs.sort_by_key(|pair| pair.split_once('=').unwrap_or((pair, "")));
        url.set_query(Some(&pairs.join("&")));
    }
    url
}

/// Quotes a word for a POSIX shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
