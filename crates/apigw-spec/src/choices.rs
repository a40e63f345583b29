//! Settings for a client that override the spec.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use crate::api::{Api, Auth, Paging, PagingRule};
use crate::order;

/// Settings for a client that override the spec, usually from `apis.toml`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choices {
    /// Names of operations, by route: `"GET /orders"` is `list_orders`. They override all others.
    pub names: BTreeMap<String, String>,
    /// Names in the previously generated client, by route. They keep names stable when operations
    /// are added.
    pub recorded_names: BTreeMap<String, String>,
    /// The spec recorded in the previously generated client, `openapi.json`. What it has keeps its
    /// order, and the rest is sorted by name, so that arguments never change places because a spec
    /// lists them in another order. Without it, the order is that of the spec.
    pub recorded_spec: Option<Value>,
    /// Names of types, by schema name. A path (`rust_decimal::Decimal`) or a type of Rust's prelude
    /// (`String`) is an existing type, which is used instead of a generated one.
    pub types: BTreeMap<String, String>,
    /// Existing types, by format: `"date-time"` is `String`.
    pub formats: BTreeMap<String, String>,
    /// The dependencies that provide existing types: the crate's name, and its entry in `Cargo.toml`
    /// as TOML.
    pub dependencies: BTreeMap<String, String>,
    /// The authorization of operations, by route, or by `"*"` for all others.
    pub auth: BTreeMap<String, AuthRule>,
    /// The paging of operations, by route.
    pub paging: BTreeMap<String, PagingChoice>,
    /// The routes of operations that can safely run twice, although their methods are not idempotent.
    pub idempotent: BTreeSet<String>,
}

impl Choices {
    /// Sets the authorization, paging and idempotency of operations, and the order of everything.
    pub(crate) fn apply(&self, api: &mut Api) {
        if let Some(recorded) = &self.recorded_spec {
            order::keep(api, recorded);
        }
        for operation in &mut api.operations {
            let route = operation.route();
            if let Some(rule) = self.auth.get(&route).or_else(|| self.auth.get("*")) {
                operation.auth = (*rule).into();
            }
            if let Some(paging) = self.paging.get(&route) {
                operation.paging = paging.clone().into();
            }
            operation.idempotent |= self.idempotent.contains(&route);
        }
    }
}

/// The authorization that an operation requires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AuthRule {
    /// A signature.
    Iam,
    /// A signature and an API key.
    IamAndApiKey,
    /// An API key.
    ApiKey,
    /// Nothing.
    None,
}

impl From<AuthRule> for Auth {
    fn from(rule: AuthRule) -> Self {
        Self {
            iam: matches!(rule, AuthRule::Iam | AuthRule::IamAndApiKey),
            api_key: matches!(rule, AuthRule::ApiKey | AuthRule::IamAndApiKey),
            authorizer: None,
        }
    }
}

/// How the results of an operation are paged.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum PagingChoice {
    /// `false` disables paging; `true` detects it by names, as by default.
    Recognise(bool),
    /// Paging by this rule.
    Rule(PagingRule),
}

impl From<PagingChoice> for Paging {
    fn from(choice: PagingChoice) -> Self {
        match choice {
            PagingChoice::Recognise(true) => Self::Recognised,
            PagingChoice::Recognise(false) => Self::Off,
            PagingChoice::Rule(rule) => Self::Given(rule),
        }
    }
}
