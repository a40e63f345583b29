//! Names of types, and existing types to use instead of generated ones.

use std::collections::BTreeMap;

use apigw_spec::Choices;

use super::rust_type::PLAIN;

/// What `apis.toml` says about types.
#[derive(Debug, Clone, Default)]
pub(crate) struct TypeChoices {
    /// Names of generated types, by schema name.
    pub(crate) names: BTreeMap<String, String>,
    /// Existing types, by schema name.
    pub(crate) schemas: BTreeMap<String, String>,
    /// Existing types, by format.
    pub(crate) formats: BTreeMap<String, String>,
}

/// An existing type that can't be used.
#[derive(Debug, thiserror::Error)]
#[error("the type of `{key}`: {problem}")]
pub(crate) struct InvalidType {
    /// The table in `apis.toml`: `types` or `formats`.
    pub(crate) table: &'static str,
    pub(crate) key: String,
    problem: String,
}

/// Crates that generated code can use without a dependency.
const KNOWN: [&str; 8] = [
    "alloc",
    "apigw_runtime",
    "chrono",
    "core",
    "crate",
    "serde_json",
    "std",
    "uuid",
];

impl TypeChoices {
    /// Returns the choices.
    pub(crate) fn of(choices: &Choices) -> Result<Self, InvalidType> {
        let is_existing = |name: &str| name.contains("::") || PLAIN.contains(&name);
        let (schemas, names): (BTreeMap<_, _>, BTreeMap<_, _>) = choices
            .types
            .clone()
            .into_iter()
            .partition(|(_, name)| is_existing(name));
        let formats = choices.formats.clone();
        for (table, types) in [("types", &schemas), ("formats", &formats)] {
            for (key, path) in types {
                check(path, choices).map_err(|problem| InvalidType {
                    table,
                    key: key.clone(),
                    problem,
                })?;
            }
        }
        Ok(Self {
            names,
            schemas,
            formats,
        })
    }
}

fn check(path: &str, choices: &Choices) -> Result<(), String> {
    let parsed = syn::parse_str::<syn::TypePath>(path);
    let first = parsed
        .ok()
        .and_then(|parsed| Some(parsed.path.segments.first()?.ident.to_string()));
    let Some(first) = first else {
        return Err(format!("`{path}` is not the path of a Rust type"));
    };
    let mut dependencies = choices.dependencies.keys();
    let is_known = KNOWN.contains(&first.as_str())
        || PLAIN.contains(&path)
        || dependencies.any(|name| name.replace('-', "_") == first);
    match is_known {
        true => Ok(()),
        false => Err(format!(
            "the crate of `{path}` is not in `dependencies`; add {first} = \"…\" with its version"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choices(formats: &[(&str, &str)], dependencies: &[&str]) -> Choices {
        let text = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
        Choices {
            formats: formats.iter().map(text).collect(),
            dependencies: dependencies
                .iter()
                .map(|name| ((*name).to_owned(), "\"1\"".to_owned()))
                .collect(),
            ..Choices::default()
        }
    }

    #[test]
    fn a_type_needs_its_crate() {
        let message = |path, dependencies: &[&str]| {
            let choices = choices(&[("decimal", path)], dependencies);
            TypeChoices::of(&choices)
                .err()
                .map(|error| error.to_string())
        };
        assert_eq!(message("String", &[]), None);
        assert_eq!(message("chrono::NaiveDateTime", &[]), None);
        assert_eq!(message("rust_decimal::Decimal", &["rust-decimal"]), None);
        assert_eq!(
            message("rust_decimal::Decimal", &[]).unwrap(),
            "the type of `decimal`: the crate of `rust_decimal::Decimal` is not in `dependencies`; \
             add rust_decimal = \"…\" with its version"
        );
        assert_eq!(
            message("not a type", &[]).unwrap(),
            "the type of `decimal`: `not a type` is not the path of a Rust type"
        );
    }
}
