//! Fixes for common mistakes and unsupported features in real specs.
//!
//! The fixes are an ordered list of named functions. Each changes the spec in place and adds every
//! change to the report. The result contains only what [`Api::read`](crate::Api::read) supports.
//! Applying the list again changes and reports nothing.

mod bodies;
mod log;
mod operations;
mod parameters;
mod references;
mod root;
mod schemas;
pub(crate) mod walk;

pub(crate) use parameters::{ANY_QUERY, API_KEY_HEADER, identity, json_content, template_names};
pub(crate) use references::target;

use serde_json::Value;

use log::Log;

use crate::report::Report;

type Apply = fn(&mut Value, &mut Log<'_>);

/// All fixes, in the order in which they run: top level, operations, parameters and bodies,
/// references, schemas.
const FIXES: &[(&str, Apply)] = &[
    ("info", root::info),
    ("intrinsic-text", root::intrinsic_text),
    ("components", root::components),
    ("missing-paths", root::missing_paths),
    ("path-item", root::path_item),
    ("path-item-key", root::path_item_key),
    ("path-without-slash", root::path_without_slash),
    ("operation-not-a-map", operations::not_a_map),
    ("operation-reference", operations::reference),
    ("operation-id", operations::operation_id),
    ("cors-preflight", operations::cors_preflight),
    // adds operation IDs, so it follows the preflights
    ("default-route", operations::default_route),
    ("service-calls", operations::service_calls),
    ("own-servers", operations::own_servers),
    ("security", operations::security),
    ("parameter-reference", parameters::reference),
    ("malformed-parameter", parameters::malformed),
    ("body-parameter", parameters::body_parameter),
    ("greedy-parameter", parameters::greedy),
    ("duplicate-parameter", parameters::duplicate),
    ("surplus-path-parameter", parameters::surplus_path),
    ("undeclared-path-parameter", parameters::undeclared_path),
    ("optional-path-parameter", parameters::optional_path),
    ("owned-header", parameters::owned_header),
    ("parameter-place", parameters::unknown_place),
    ("parameter-schema", parameters::schema),
    ("object-in-query", parameters::object_in_query),
    ("parameter-style", parameters::style),
    ("nested-parameter", parameters::nested),
    ("body-reference", bodies::request_reference),
    ("request-body", bodies::request_body),
    ("missing-responses", bodies::missing_responses),
    ("response-reference", bodies::response_reference),
    ("response-status", bodies::response_status),
    ("response", bodies::response),
    ("media-type", bodies::media_type),
    ("model-url", references::model_url),
    ("reference-path", references::reference_path),
    ("inner-reference", references::inner_reference),
    ("dangling-reference", references::dangling),
    ("reference-siblings", references::siblings),
    ("not-a-schema", schemas::not_a_schema),
    ("required-flag", schemas::required_flag),
    ("schema-keyword", schemas::malformed_keyword),
    ("null-alternative", schemas::null_alternative),
    ("type-list", schemas::type_list),
    ("unknown-type", schemas::unknown_type),
    ("tuple", schemas::tuple),
    ("pattern-properties", schemas::pattern_properties),
    ("const", schemas::const_value),
    ("enum-value", schemas::enum_value),
    ("enum", schemas::enumeration),
    ("unsupported-keyword", schemas::unsupported_keyword),
    ("missing-type", schemas::missing_type),
    ("missing-items", schemas::missing_items),
    (
        "alternatives-beside-fields",
        schemas::alternatives_beside_fields,
    ),
];

/// Maximum number of rounds. Real specs need at most two.
const MAX_ROUNDS: usize = 8;

/// Applies all fixes to an OpenAPI 3 spec, in place, and adds the changes to the report.
///
/// Repeats them until nothing changes, because resolving a reference can add content that earlier
/// fixes have not seen.
pub fn normalise(root: &mut Value, report: &mut Report) {
    // copying is expensive, and the copy is current until a change is reported
    let mut spec = root.clone();
    let mut copied_at = report.fixes().len();
    for _ in 0..MAX_ROUNDS {
        let before = report.fixes().len();
        for (rule, apply) in FIXES {
            if report.fixes().len() != copied_at {
                spec.clone_from(root);
                copied_at = report.fixes().len();
            }
            let mut log = Log {
                rule,
                report,
                spec: &spec,
            };
            apply(root, &mut log);
        }
        if report.fixes().len() == before {
            return;
        }
    }
}

/// Returns the names of all fixes, in the order in which they run.
#[must_use]
pub fn names() -> Vec<&'static str> {
    FIXES.iter().map(|(rule, _)| *rule).collect()
}
