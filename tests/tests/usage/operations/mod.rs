//! Calls every operation of every generated client, and compares the requests on the wire.

mod events;
mod inventory;
mod orders;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use apigw_local::{LocalGateway, Request};

/// The generated crates called here.
const CALLED: [&str; 3] = ["events", "inventory", "orders"];

/// A value with characters that are special in URLs: space, slash, plus, percent, non-ASCII, `@:=`.
const AWKWARD: &str = "a b/c+50%é@:=";
/// The value as one segment (RFC 3986 §2.1: all reserved characters are escaped).
const AS_SEGMENT: &str = "a%20b%2Fc%2B50%25%C3%A9%40%3A%3D";
/// The value in a greedy parameter, in which a slash separates segments.
const AS_SEGMENTS: &str = "a%20b/c%2B50%25%C3%A9%40%3A%3D";

/// How a request was authorized.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Auth {
    /// Signed, and accepted by the gateway.
    Signed,
    SignedWithApiKey,
    Open,
}

/// The parts of a request that these tests compare.
#[derive(Debug, PartialEq, Eq)]
struct Arrived {
    operation: String,
    /// Method and request target.
    line: String,
    auth: Auth,
    /// Content type and body.
    body: Option<(String, String)>,
}

impl Arrived {
    fn expected(operation: &str, auth: Auth, line: &str) -> Self {
        Self {
            operation: operation.to_owned(),
            line: line.to_owned(),
            auth,
            body: None,
        }
    }

    fn json(self, body: &str) -> Self {
        self.body("application/json", body)
    }

    fn body(mut self, content_type: &str, body: &str) -> Self {
        self.body = Some((content_type.to_owned(), body.to_owned()));
        self
    }
}

impl From<&Request> for Arrived {
    fn from(request: &Request) -> Self {
        let key = request.header("x-api-key");
        let auth = match (&request.caller, key) {
            (Some(caller), _) if caller.access_key != support::ACCESS_KEY => {
                panic!("signed by another caller: {caller:?}")
            }
            (Some(_), None) => Auth::Signed,
            (Some(_), Some(support::API_KEY)) => Auth::SignedWithApiKey,
            (None, None) => {
                for header in ["authorization", "x-amz-date", "x-amz-security-token"] {
                    assert_eq!(
                        request.header(header),
                        None,
                        "{header} of an open operation"
                    );
                }
                Auth::Open
            }
            (_, Some(_)) => panic!("an unexpected API key"),
        };
        let content_type = request.header("content-type");
        let body = String::from_utf8(request.body.to_vec()).unwrap();
        Self {
            operation: request
                .operation
                .clone()
                .expect("an operation with this path"),
            line: format!("{} {}", request.method, request.target),
            auth,
            body: content_type.map(|content_type| (content_type.to_owned(), body)),
        }
    }
}

/// Compares the requests, in order, and asserts that no operation of the client is missing.
fn assert_arrived(api: &str, gateway: &LocalGateway, expected: &[Arrived]) {
    let requests = gateway.requests();
    let arrived: Vec<Arrived> = requests.iter().map(Arrived::from).collect();
    for (arrived, expected) in arrived.iter().zip(expected) {
        assert_eq!(arrived, expected);
    }
    assert_eq!(arrived.len(), expected.len());

    let called: BTreeSet<String> = arrived
        .into_iter()
        .map(|arrived| arrived.operation)
        .collect();
    let generated: BTreeSet<String> = generated(api).into_values().collect();
    assert_eq!(
        called, generated,
        "operations of {api} called, and generated"
    );
}

/// Returns the operations that a generated crate lists: method names by route.
pub(crate) fn generated(api: &str) -> BTreeMap<String, String> {
    let manifest = support::file("crates/generated")
        .join(api)
        .join("Cargo.toml");
    let manifest: toml::Table = fs::read_to_string(manifest).unwrap().parse().unwrap();
    manifest["package"]["metadata"]["apigw"]["operations"]
        .as_table()
        .unwrap()
        .iter()
        .map(|(route, name)| (route.clone(), name.as_str().unwrap().to_owned()))
        .collect()
}

#[test]
fn every_generated_client_has_a_test() {
    let mut clients: Vec<String> = fs::read_dir(support::file("crates/generated"))
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().unwrap().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    clients.sort();
    assert_eq!(clients, CALLED);
}
