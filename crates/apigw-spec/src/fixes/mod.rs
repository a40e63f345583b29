//! Fixes, by name, of what real specs get wrong.
//!
//! One ordered list. Each fix is a small function that changes the spec in
//! place and records every change; after the last one, [`Api::read`](crate::Api::read)
//! finds only what it understands. A fix that does nothing records nothing, so
//! applying the list twice gives the same spec and an empty second report.

mod bodies;
mod log;
mod operations;
mod parameters;
mod references;
mod root;
mod schemas;
pub(crate) mod walk;

pub(crate) use parameters::{API_KEY_HEADER, identity, template_names};
pub(crate) use references::target;

use serde_json::Value;

use log::Log;

use crate::report::Report;

type Apply = fn(&mut Value, &mut Log<'_>);

/// Every fix, in the order they run: the spec's frame first, then
/// operations, then what operations hold, then schemas, which occur everywhere.
const FIXES: &[(&str, Apply)] = &[
    ("info", root::info),
    ("intrinsic-text", root::intrinsic_text),
    ("components", root::components),
    ("missing-paths", root::missing_paths),
    ("path-item", root::path_item),
    ("path-item-key", root::path_item_key),
    ("path-without-slash", root::path_without_slash),
    ("operation-not-a-map", operations::not_a_map),
    ("default-route", operations::default_route),
    ("operation-reference", operations::reference),
    ("operation-id", operations::operation_id),
    ("cors-preflight", operations::cors_preflight),
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
    ("pattern-properties", schemas::pattern_properties),
    ("const", schemas::const_value),
    ("enum", schemas::enumeration),
    ("unsupported-keyword", schemas::unsupported_keyword),
    ("missing-type", schemas::missing_type),
    ("missing-items", schemas::missing_items),
    (
        "alternatives-beside-fields",
        schemas::alternatives_beside_fields,
    ),
];

/// Rounds after which a spec is taken as it is; real ones need two at most.
const MAX_ROUNDS: usize = 8;

/// Applies every fix to an OpenAPI 3 spec, again while there is anything to fix:
/// what a reference brings in was not there for the first fixes to see.
pub fn normalise(root: &mut Value, report: &mut Report) {
    // a copy is dear, and only a reported change makes it old
    let mut whole = root.clone();
    let mut copied_at = report.fixes().len();
    for _ in 0..MAX_ROUNDS {
        let before = report.fixes().len();
        for (rule, apply) in FIXES {
            if report.fixes().len() != copied_at {
                whole.clone_from(root);
                copied_at = report.fixes().len();
            }
            let mut log = Log {
                rule,
                report,
                whole: &whole,
            };
            apply(root, &mut log);
        }
        if report.fixes().len() == before {
            return;
        }
    }
}

/// The names of all fixes, in the order they run.
#[must_use]
pub fn names() -> Vec<&'static str> {
    FIXES.iter().map(|(rule, _)| *rule).collect()
}
