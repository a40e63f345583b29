//! Reads `specs/apis.toml`, the list of clients to generate.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Component, Path, PathBuf};

use apigw_codegen::RuntimeSource;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use toml::de::DeTable;

use crate::disk::Recorded;
use apigw_spec::aws::Origin;
use apigw_spec::choices::{AuthRule, Choices, PagingChoice};
use apigw_spec::diagnostic::{Diagnostic, Position};

/// One table of `apis.toml`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiConfig {
    /// The path of the spec, relative to `apis.toml`.
    pub spec: String,
    /// The package name. Defaults to the API's name with `-client` appended.
    pub package: Option<String>,
    /// Operation names by route, for example `"GET /orders" = "list_orders"`.
    #[serde(default)]
    pub names: BTreeMap<String, String>,
    /// Type names by schema name, for example `"MODEL1a2b3c" = "Order"`; or existing types, for
    /// example `"Money" = "rust_decimal::Decimal"`.
    #[serde(default)]
    pub types: BTreeMap<String, String>,
    /// Existing types by format, for example `"date-time" = "String"`.
    #[serde(default)]
    pub formats: BTreeMap<String, String>,
    /// Dependencies of the client that provide existing types, as in its `Cargo.toml`.
    #[serde(default, deserialize_with = "dependencies")]
    pub dependencies: BTreeMap<String, String>,
    /// Authorization by route, or `"*"` for all other routes, where the spec does not specify it.
    ///
    /// Exports without extensions do not include IAM authorization.
    #[serde(default)]
    pub auth: BTreeMap<String, AuthRule>,
    /// Paging by route, where it is not detected from the names of parameters and fields. `false`
    /// turns it off.
    #[serde(default)]
    pub paging: BTreeMap<String, PagingChoice>,
    /// Routes of operations that can safely run twice, so that they are retried like a `PUT`.
    #[serde(default)]
    pub idempotent: BTreeSet<String>,
    /// The API in AWS that `pull` exports the spec from.
    pub aws: Option<Origin>,
}

impl ApiConfig {
    /// Returns the package name; `api` is the name of the table.
    pub(crate) fn package_of(&self, api: &str) -> String {
        let package = self.package.clone();
        package.unwrap_or_else(|| format!("{api}-client"))
    }

    /// Returns the choices in this table, together with what the client on disk records.
    pub(crate) fn choices(&self, recorded: Recorded) -> Choices {
        Choices {
            names: self.names.clone(),
            recorded_names: recorded.names,
            recorded_spec: recorded.spec,
            types: self.types.clone(),
            formats: self.formats.clone(),
            dependencies: self.dependencies.clone(),
            auth: self.auth.clone(),
            paging: self.paging.clone(),
            idempotent: self.idempotent.clone(),
        }
    }
}

/// The list of APIs in `apis.toml`.
#[derive(Debug, Clone)]
pub struct Apis {
    file: String,
    text: String,
    /// The tables by API name.
    pub tables: BTreeMap<String, ApiConfig>,
    /// Where generated crates get `apigw-runtime` from.
    pub runtime: RuntimeSource,
    /// The folder of the generated crates, relative to the root of the workspace.
    pub clients: PathBuf,
}

/// The default folder of the generated crates.
pub(super) const CLIENTS: &str = "crates/generated";

/// The file: settings for all APIs, and a table per API.
#[derive(Default)]
struct Parsed {
    runtime: Option<RuntimeSource>,
    clients: Option<PathBuf>,
    tables: BTreeMap<String, ApiConfig>,
}

// by hand, because `#[serde(flatten)]` would lose the positions of errors
impl<'de> Deserialize<'de> for Parsed {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Keys;

        impl<'de> Visitor<'de> for Keys {
            type Value = Parsed;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table per API")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Parsed, A::Error> {
                let mut parsed = Parsed::default();
                while let Some(key) = map.next_key::<String>()? {
                    match key.as_str() {
                        "runtime" => parsed.runtime = Some(map.next_value()?),
                        "clients" => parsed.clients = Some(map.next_value()?),
                        _ => {
                            parsed.tables.insert(key, map.next_value()?);
                        }
                    }
                }
                Ok(parsed)
            }
        }

        from.deserialize_map(Keys)
    }
}

impl Apis {
    /// Reads `apis.toml`; `file` is the file name used in messages.
    ///
    /// # Errors
    ///
    /// Returns an error if the file can't be read, is not valid TOML or has unknown keys, or if the
    /// name of an API is not a valid crate name.
    pub fn read(path: &Path, file: impl Into<String>) -> Result<Self, Diagnostic> {
        let file = file.into();
        let text = fs_err::read_to_string(path).map_err(|error| {
            Diagnostic::new("cannot read the list of APIs")
                .in_file(&file)
                .help("create it, with a table per API: [orders] spec = \"orders.json\"")
                .caused_by(error)
        })?;
        let parsed: Parsed = toml::from_str(&text).map_err(|error| {
            let diagnostic = Diagnostic::new(error.message().trim().to_owned())
                .help("each table requires `spec`, and can have `package`, `names`, `types`, `formats`, `dependencies`, `auth`, `paging`, `idempotent` and `aws`");
            match error.span() {
                Some(span) => diagnostic.at(&file, &text, position(&text, span.start)),
                None => diagnostic.in_file(&file),
            }
        })?;
        let apis = Self {
            file,
            text,
            tables: parsed.tables,
            runtime: parsed.runtime.unwrap_or_default(),
            clients: parsed.clients.unwrap_or_else(|| PathBuf::from(CLIENTS)),
        };
        apis.check_clients()?;
        apis.check_origins()?;
        match apis.tables.keys().find(|name| !is_crate_name(name)) {
            None => Ok(apis),
            Some(name) => Err(apis
                .diagnostic(&[name], format!("[{name}] is not a valid crate name"))
                .help("use lowercase letters, digits, - and _, starting with a letter")),
        }
    }

    /// Nothing is written outside the workspace.
    fn check_clients(&self) -> Result<(), Diagnostic> {
        let is_inside = |part| matches!(part, Component::Normal(_));
        if self.clients.components().all(is_inside) && self.clients.components().next().is_some() {
            return Ok(());
        }
        let problem = format!(
            "`clients` is not a folder inside the workspace: {}",
            self.clients.display()
        );
        Err(self
            .diagnostic(&["clients"], problem)
            .help("use a path without `..`, relative to the root of the workspace"))
    }

    fn check_origins(&self) -> Result<(), Diagnostic> {
        for (name, config) in &self.tables {
            let problem = match &config.aws {
                Some(Origin {
                    id: None,
                    name: None,
                    ..
                }) => "has neither `id` nor `name`",
                Some(Origin {
                    id: Some(_),
                    name: Some(_),
                    ..
                }) => "has both `id` and `name`",
                _ => continue,
            };
            return Err(self
                .diagnostic(&[name, "aws"], format!("`aws` of [{name}] {problem}"))
                .help("set `id`, or `name` if it is unique in the account"));
        }
        Ok(())
    }

    /// Returns the `aws` setting of each API.
    #[must_use]
    pub fn origins(&self) -> BTreeMap<String, Option<Origin>> {
        let origins = self.tables.iter();
        origins
            .map(|(name, table)| (name.clone(), table.aws.clone()))
            .collect()
    }

    /// Returns the table of an API.
    ///
    /// # Errors
    ///
    /// Returns an error that lists the known APIs if there is no such table.
    pub fn table(&self, api: &str) -> Result<&ApiConfig, Diagnostic> {
        self.tables.get(api).ok_or_else(|| {
            let known: Vec<&str> = self.tables.keys().map(String::as_str).collect();
            Diagnostic::new(format!("unknown API {api}"))
                .in_file(&self.file)
                .help(format!("known APIs: {}", known.join(", ")))
        })
    }

    /// Creates a diagnostic at the key with this path.
    #[must_use]
    pub fn diagnostic(&self, keys: &[&str], problem: impl Into<String>) -> Diagnostic {
        let diagnostic = Diagnostic::new(problem);
        match self.offset(keys) {
            Some(offset) => diagnostic.at(&self.file, &self.text, position(&self.text, offset)),
            None => diagnostic.in_file(&self.file),
        }
    }

    /// Returns the byte offset of the key with this path.
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

/// Reads dependencies as TOML.
fn dependencies<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, String>, D::Error> {
    let dependencies = BTreeMap::<String, toml::Value>::deserialize(from)?;
    let dependencies = dependencies.into_iter();
    Ok(dependencies
        .map(|(name, value)| (name, value.to_string()))
        .collect())
}

/// Returns whether a name is valid for a crate and its folder.
pub(crate) fn is_crate_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c))
}

/// Returns the line and column of a byte offset, starting at 1.
fn position(text: &str, offset: usize) -> Position {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.rsplit('\n').next().unwrap_or_default();
    Position {
        line: before.matches('\n').count() + 1,
        column: line.chars().count() + 1,
    }
}
