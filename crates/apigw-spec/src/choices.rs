//! What the owner of a client chose where the spec leaves a choice.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::api::{Api, Auth, Paging, PagingRule};

/// What the owner of a client chose where the spec leaves a choice, usually in `apis.toml`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choices {
    /// Names for operations, by route: `"GET /orders"` is `list_orders`. They override all others.
    pub names: BTreeMap<String, String>,
    /// Names that the last generation used, by route: they keep unrelated names stable.
    pub recorded_names: BTreeMap<String, String>,
    /// Names for types, by the name of the schema.
    pub types: BTreeMap<String, String>,
    /// What a caller of an operation needs, by route, or by `"*"` for all others.
    pub auth: BTreeMap<String, AuthRule>,
    /// How operations return their results in pages, by route.
    pub paging: BTreeMap<String, PagingChoice>,
}

impl Choices {
    /// Sets authorization and paging of the operations that a rule names.
    pub(crate) fn apply(&self, api: &mut Api) {
        for operation in &mut api.operations {
            let route = operation.route();
            if let Some(rule) = self.auth.get(&route).or_else(|| self.auth.get("*")) {
                operation.auth = (*rule).into();
            }
            if let Some(paging) = self.paging.get(&route) {
                operation.paging = paging.clone().into();
            }
        }
    }
}

/// What a caller needs.
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

/// How an operation returns its results in pages.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum PagingChoice {
    /// `false`: no pages, whatever the names suggest; `true`: as the names suggest.
    Recognise(bool),
    /// By these names.
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
