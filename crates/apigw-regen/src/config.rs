//! `specs/apis.toml`: which clients are generated, and from what.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use toml::de::DeTable;

#[cfg(feature = "generate")]
use crate::api::Api;
use crate::api::{Auth, Paging, PagingRule};
use crate::diagnostic::Diagnostic;
use crate::document::Position;

/// One table of `apis.toml`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiConfig {
    /// The document, relative to `apis.toml`.
    pub spec: String,
    /// The package's name; the API's name with `-client` if left out.
    pub package: Option<String>,
    /// Names for operations, by route: `"GET /orders" = "list_orders"`.
    #[serde(default)]
    pub names: BTreeMap<String, String>,
    /// Names for types, by the name of the schema: `"MODEL1a2b3c" = "Order"`.
    #[serde(default)]
    pub types: BTreeMap<String, String>,
    /// Who may call an operation, by route or `"*"` for all others, where the document does
    /// not tell: an export without extensions leaves IAM out.
    #[serde(default)]
    pub auth: BTreeMap<String, AuthRule>,
    /// How operations hand out their results in pages, by route, where the names of
    /// parameters and fields do not tell: `false` for not at all.
    #[serde(default)]
    pub paging: BTreeMap<String, PagingConfig>,
    /// Where `pull` gets the document.
    pub aws: Option<Origin>,
}

/// Where on AWS an API is deployed: `aws = { id = "a1b2c3d4e5", stage = "prod", region = "eu-west-1" }`.
///
/// It has either `id` or `name`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// The API's id, the first part of its default host name.
    pub id: Option<String>,
    /// The API's name, where only one API of the account and region has it.
    pub name: Option<String>,
    /// Whether it is a REST API or an HTTP API; looked up if left out.
    pub kind: Option<OriginKind>,
    /// The stage; may be left out where there is only one.
    pub stage: Option<String>,
    /// The region; the profile's or the environment's if left out.
    pub region: Option<String>,
    /// The profile of `~/.aws/config`; the environment's credentials if left out.
    pub profile: Option<String>,
    /// The ARN of a role to assume, for an API in another account.
    pub role: Option<String>,
}

/// The product of API Gateway that an API belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OriginKind {
    /// A REST API.
    Rest,
    /// An HTTP API.
    Http,
}

impl OriginKind {
    /// As AWS writes it: `REST API`, `HTTP API`.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Rest => "REST API",
            Self::Http => "HTTP API",
        }
    }
}

/// One entry of `paging` in `apis.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum PagingConfig {
    /// `false`: no pages, whatever the names tell; `true`: as the names tell.
    Recognise(bool),
    /// By these names.
    Rule(PagingRule),
}

impl From<PagingConfig> for Paging {
    fn from(config: PagingConfig) -> Self {
        match config {
            PagingConfig::Recognise(true) => Self::Recognised,
            PagingConfig::Recognise(false) => Self::Off,
            PagingConfig::Rule(rule) => Self::Given(rule),
        }
    }
}

impl ApiConfig {
    /// The package's name; `api` is the table's.
    #[cfg(feature = "generate")]
    pub(crate) fn package_of(&self, api: &str) -> String {
        let package = self.package.clone();
        package.unwrap_or_else(|| format!("{api}-client"))
    }

    /// Sets who may call and how results come in pages, where the table says so.
    #[cfg(feature = "generate")]
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

/// The variable that a client takes its endpoint from: `ORDERS_ENDPOINT_URL` for `orders`.
#[must_use]
pub fn endpoint_variable(api: &str) -> String {
    format!("{}_ENDPOINT_URL", prefix(api))
}

/// The variable that `cargo xtask call` takes an API's key from: `ORDERS_API_KEY` for `orders`.
#[must_use]
pub fn api_key_variable(api: &str) -> String {
    format!("{}_API_KEY", prefix(api))
}

/// An API's name as variables begin with it, spelled as the runtime spells it: sign by sign,
/// so that no two names that differ in more than `-` and `_` share a variable.
fn prefix(api: &str) -> String {
    api.replace(|c: char| !c.is_ascii_alphanumeric(), "_")
        .to_ascii_uppercase()
}

/// What a caller has to bring, as `apis.toml` says it.
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

/// The list of APIs, as `apis.toml` has it.
#[derive(Debug, Clone)]
pub struct Apis {
    file: String,
    text: String,
    /// A table per API, by name.
    pub tables: BTreeMap<String, ApiConfig>,
}

impl Apis {
    /// Reads `apis.toml`; `file` is its name in messages.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, is no TOML, has unknown keys, or an API's name cannot
    /// name a folder and a crate.
    pub fn read(path: &Path, file: impl Into<String>) -> Result<Self, Diagnostic> {
        let file = file.into();
        let text = fs_err::read_to_string(path).map_err(|error| {
            Diagnostic::new("the list of APIs cannot be read")
                .in_file(&file)
                .help("create it with one table per API: [orders] spec = \"orders.json\"")
                .caused_by(error)
        })?;
        let tables = toml::from_str(&text).map_err(|error| {
            let diagnostic = Diagnostic::new(error.message().trim().to_owned())
                .help("each table has `spec`, and may have `package`, `names`, `types`, `auth`, `paging` and `aws`");
            match error.span() {
                Some(span) => diagnostic.at(&file, &text, position(&text, span.start)),
                None => diagnostic.in_file(&file),
            }
        })?;
        let apis = Self { file, text, tables };
        apis.check_origins()?;
        match apis.tables.keys().find(|name| !names_a_crate(name)) {
            None => Ok(apis),
            Some(name) => Err(apis
                .diagnostic(&[name], format!("[{name}] cannot name a crate"))
                .help("use lower-case letters, digits, - and _, and begin with a letter")),
        }
    }

    fn check_origins(&self) -> Result<(), Diagnostic> {
        for (name, config) in &self.tables {
            let problem = match &config.aws {
                Some(Origin {
                    id: None,
                    name: None,
                    ..
                }) => "does not say which API it is",
                Some(Origin {
                    id: Some(_),
                    name: Some(_),
                    ..
                }) => "has both `id` and `name`",
                _ => continue,
            };
            return Err(self
                .diagnostic(&[name, "aws"], format!("`aws` of [{name}] {problem}"))
                .help("give `id`, or `name` where only one API of the account has that name"));
        }
        Ok(())
    }

    /// The table of one API.
    ///
    /// # Errors
    ///
    /// When there is none; the message lists those that there are.
    pub fn table(&self, api: &str) -> Result<&ApiConfig, Diagnostic> {
        self.tables.get(api).ok_or_else(|| {
            let known: Vec<&str> = self.tables.keys().map(String::as_str).collect();
            Diagnostic::new(format!("there is no API called {api}"))
                .in_file(&self.file)
                .help(format!("there are: {}", known.join(", ")))
        })
    }

    /// A message about the key that these keys lead to.
    #[must_use]
    pub fn diagnostic(&self, keys: &[&str], problem: impl Into<String>) -> Diagnostic {
        let diagnostic = Diagnostic::new(problem);
        match self.offset(keys) {
            Some(offset) => diagnostic.at(&self.file, &self.text, position(&self.text, offset)),
            None => diagnostic.in_file(&self.file),
        }
    }

    /// Where in the text the key begins.
    fn offset(&self, keys: &[&str]) -> Option<usize> {
        let whole = DeTable::parse(&self.text).ok()?;
        let mut table = Some(whole.get_ref());
        let mut offset = None;
        for wanted in keys {
            let (key, value) = table?.iter().find(|(key, _)| key.get_ref() == wanted)?;
            offset = Some(key.span().start);
            table = value.get_ref().as_table();
        }
        offset
    }
}

/// Whether a table's name can be that of a folder and of a crate.
pub(crate) fn names_a_crate(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c))
}

/// Line and column, from 1, of a byte in a text.
fn position(text: &str, offset: usize) -> Position {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.rsplit('\n').next().unwrap_or_default();
    Position {
        line: before.matches('\n').count() + 1,
        column: line.chars().count() + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variables_are_those_that_a_client_reads() {
        for (api, variable) in [
            ("orders", "ORDERS_ENDPOINT_URL"),
            ("my-api", "MY_API_ENDPOINT_URL"),
            ("a--b", "A__B_ENDPOINT_URL"),
            ("orders_", "ORDERS__ENDPOINT_URL"),
            ("v2x", "V2X_ENDPOINT_URL"),
        ] {
            assert_eq!(endpoint_variable(api), variable);
        }
        assert_eq!(api_key_variable("a--b"), "A__B_API_KEY");
    }
}
