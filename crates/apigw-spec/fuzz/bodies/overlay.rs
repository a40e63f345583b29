//! No overlay makes the reader panic: the spec it changes is an API, or there is a diagnostic.

use apigw_spec::overlay::Overlay;
use apigw_spec::{Api, Report, Spec};

const SPEC: &[u8] = include_bytes!("../../../../specs/orders.json");

/// Applies an overlay to a spec. Returns whether it can be applied.
pub fn overlay(bytes: &[u8]) -> bool {
    let Ok(overlay) = Overlay::parse("a.overlay.yaml", bytes) else {
        return false;
    };
    let spec = Spec::parse("orders.json", SPEC).unwrap();
    match spec.overlaid(&overlay) {
        Ok(spec) => {
            let api = Api::read(&spec, &mut Report::new());
            let _ = format!("{api:?}");
            true
        }
        Err(diagnostic) => {
            assert!(!diagnostic.to_string().is_empty());
            false
        }
    }
}
