//! No document makes the reader panic: it is an API, or there is a diagnostic.

use apigw_spec::{Api, Spec};

/// Reads a document as JSON or YAML. Returns whether it is a spec.
pub fn document(bytes: &[u8]) -> bool {
    let mut is_spec = false;
    for name in ["a.yaml", "a.json"] {
        match Spec::parse(name, bytes) {
            Ok(spec) => {
                let mut report = spec.report().clone();
                let api = Api::read(&spec, &mut report);
                let _ = format!("{api:?} {report:?}");
                is_spec = true;
            }
            Err(diagnostic) => assert!(!diagnostic.to_string().is_empty()),
        }
    }
    is_spec
}
