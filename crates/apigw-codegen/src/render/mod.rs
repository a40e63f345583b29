//! Renders shapes and types as the files of a crate.

mod client;
mod code;
mod docs;
mod manifest;
pub mod openapi;
mod operations;
mod types;

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;

use code::Code;

use crate::lower::{Lowered, Slot};
use crate::paging::Pages;
use crate::parts::Part;
use crate::runtime_source::RuntimeSource;
use crate::shape::{RequestShape, Shape};
use crate::types::engine::Types;
use crate::types::rust_type::RustType;
use apigw_spec::api::Api;

/// The names of the crate to generate, and where it gets its dependencies from.
#[derive(Debug, Clone)]
pub struct Target {
    /// The API's name in `apis.toml`, for example `orders`.
    pub api: String,
    /// The package's name, for example `orders-client`.
    pub package: String,
    /// The path of the spec relative to the workspace, as written into generated files.
    pub spec: String,
    /// Where the generated crate gets `apigw-runtime` from.
    pub runtime: RuntimeSource,
}

/// The files of a crate, by path inside it.
pub type Files = BTreeMap<PathBuf, String>;

/// Context for rendering one crate.
pub(crate) struct Scope<'a> {
    /// The client's type name.
    pub(crate) client: String,
    pub(crate) types: &'a Types,
    lowered: &'a Lowered,
}

impl Scope<'_> {
    /// Returns whether a value of the type is a single string on the wire, so that it can be part of
    /// a URL.
    pub(crate) fn is_scalar(&self, of: &RustType) -> bool {
        match of.own_name() {
            Some(name) => self.lowered.enums.contains_key(name),
            None => {
                self.lowered.externals.contains_key(&of.to_string())
                    || of.path().starts_with("chrono::")
                    || matches!(
                        of.path(),
                        "String"
                            | "bool"
                            | "i64"
                            | "i32"
                            | "u64"
                            | "u32"
                            | "f64"
                            | "f32"
                            | "uuid::Uuid"
                            | "apigw_runtime::DateTime"
                    )
            }
        }
    }
}

/// Renders all files of a crate.
pub(crate) fn render(
    api: &Api,
    target: &Target,
    dependencies: &BTreeMap<String, String>,
    shapes: &[Shape<'_>],
    pages: &[Option<Pages>],
    lowered: &Lowered,
    made: &Types,
) -> Files {
    let scope = Scope {
        client: format!("{}Client", apigw_spec::names::pascal(&target.api, "Api")),
        types: made,
        lowered,
    };
    let sent = types::reachable(lowered, shapes.iter().flat_map(sent_slots));
    let deprecated: HashSet<&str> = lowered
        .enums
        .iter()
        .filter(|(_, found)| found.deprecated)
        .map(|(name, _)| name.as_str())
        .collect();
    let file = |about: &str, names: &Names, code: Code| {
        let code = code.into_text();
        let mut about = about.to_owned();
        if uses(&code, &deprecated) {
            about.push_str(if about.contains("#![") { "\n" } else { "\n\n" });
            about.push_str(
                "#![allow(deprecated, reason = \"the spec uses types that it deprecates\")]",
            );
        }
        file(target, &about, names, &code)
    };
    let types = types::render(lowered, made, &sent);
    let about = "Request and response types.\n\n\
        #![allow(missing_docs, reason = \"the spec describes only some of them\")]";
    let types = file(about, &types::NAMES, types);
    let operations = operations::render(shapes, pages, &scope);
    let operations = file(
        "Request builders, one per operation.",
        &operations::NAMES,
        operations,
    );
    let client = client::render(api, &target.api, shapes, &scope);
    let client = file("The client.", &client::NAMES, client);
    let code = [&types, &operations, &client];
    let mut files = Files::new();
    files.insert(
        "Cargo.toml".into(),
        manifest::cargo_toml(api, target, dependencies, &code),
    );
    files.insert(
        "README.md".into(),
        manifest::readme(api, target, shapes, pages, &scope),
    );
    files.insert("openapi.json".into(), openapi::openapi_json(api, target));
    files.insert("src/lib.rs".into(), manifest::lib_rs(target, &scope));
    files.insert("src/client.rs".into(), client);
    files.insert("src/operations.rs".into(), operations);
    files.insert("src/types.rs".into(), types);
    files
}

/// Assembles a source file: header, module docs, imports and code.
fn file(target: &Target, about: &str, names: &Names, code: &str) -> String {
    let imports = imports(names, code);
    let text = format!("{}\n//! {about}\n\n{imports}{code}", header(target));
    text.trim_end().to_owned() + "\n"
}

/// Returns whether code uses one of the types, apart from defining it.
fn uses(code: &str, types: &HashSet<&str>) -> bool {
    let is_code = |line: &&str| !line.trim_start().starts_with("//");
    code.lines().filter(is_code).any(|line| {
        let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
        let is_definition = line.trim_start().starts_with("pub enum ");
        !is_definition && words.any(|word| types.contains(word))
    })
}

/// Returns the title of an API, followed by "API" unless it ends with that.
fn api_name(title: &str) -> String {
    match title.trim_end().to_ascii_lowercase().ends_with("api") {
        true => title.to_owned(),
        false => format!("{title} API"),
    }
}

/// The first line of every generated source file.
fn header(target: &Target) -> String {
    format!("// {}\n", header_text(target))
}

fn header_text(target: &Target) -> String {
    format!(
        "@generated by apigw-codegen from {}. Do not edit; changes are overwritten.",
        target.spec
    )
}

/// Returns the slots of the values that callers create: bodies, parts of forms, and parameters in
/// JSON.
fn sent_slots(shape: &Shape<'_>) -> Vec<Slot> {
    let body = match &shape.body {
        RequestShape::Json { slot, .. } | RequestShape::Form { slot, .. } => Some(*slot),
        _ => None,
    };
    let parameters = shape.arguments.iter().chain(&shape.setters);
    let parameters = parameters.filter(|argument| argument.parameter.json);
    let parts = shape.part_arguments.iter().chain(&shape.part_setters);
    body.into_iter()
        .chain(parameters.map(|argument| argument.slot))
        .chain(parts.filter_map(Part::slot))
        .collect()
}

/// Names that a generated file may use without a path.
pub(crate) struct Names {
    /// Paths and the items imported from them, all sorted.
    pub(crate) items: &'static [(&'static str, &'static [&'static str])],
    /// Modules of the generated crate.
    pub(crate) modules: &'static [&'static str],
}

/// The module of the runtime for generated code.
const CODEGEN: &str = "apigw_runtime::codegen";

/// Crates that the runtime re-exports, so that a generated crate has no other dependency.
const CRATES: [&str; 4] = ["chrono", "serde", "serde_json", "uuid"];

/// Returns imports of the names that the code uses.
fn imports(names: &Names, code: &str) -> String {
    let words: HashSet<&str> = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(free_words)
        .collect();
    let paths: HashSet<&str> = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(path_roots)
        .collect();
    let used = |all: &[&'static str]| -> Vec<&'static str> {
        all.iter()
            .copied()
            .filter(|name| words.contains(name))
            .collect()
    };
    let list = |source: &str, names: &[&'static str]| match names {
        [] => String::new(),
        [one] => format!("use {source}::{one};\n"),
        several => import_list(source, several),
    };
    let mut lines: Vec<String> = names
        .items
        .iter()
        .map(|(source, items)| {
            let mut names = used(items);
            if *source == CODEGEN {
                names.extend(CRATES.iter().filter(|name| paths.contains(*name)));
            }
            list(source, &names)
        })
        .collect();
    // in rustfmt's order: a crate may come before or after `codegen::serde`
    let of_codegen = lines.partition_point(|line| line.is_empty() || line.contains(CODEGEN));
    if let Some(lines) = lines.get_mut(..of_codegen) {
        lines.sort();
    }
    let mut text = lines.concat();
    if !text.is_empty() {
        text.push('\n');
    }
    for module in used(names.modules) {
        text.push_str(&format!("use super::{module};\n"));
    }
    if text.ends_with(";\n") && !text.ends_with("\n\n") {
        text.push('\n');
    }
    text
}

/// Returns `use source::{…};`, broken at 100 columns like rustfmt does.
fn import_list(source: &str, names: &[&str]) -> String {
    let line = format!("use {source}::{{{}}};", names.join(", "));
    if line.len() <= 100 {
        return format!("{line}\n");
    }
    let mut text = format!("use {source}::{{\n");
    let mut line = "   ".to_owned();
    for name in names {
        if line.len() + name.len() + 2 > 100 {
            text.push_str(&line);
            text.push('\n');
            line = "   ".to_owned();
        }
        line.push_str(&format!(" {name},"));
    }
    text.push_str(&line);
    text.push_str("\n};\n");
    text
}

/// Returns the first segments of the paths in a line of code, outside of string literals.
fn path_roots(line: &str) -> impl Iterator<Item = &str> {
    line.split('"').step_by(2).flat_map(|part| {
        part.split(|c: char| !c.is_alphanumeric() && c != '_' && c != ':')
            .filter_map(|word| word.split_once("::"))
            .map(|(root, _)| root)
    })
}

/// Returns the unqualified identifiers in a line of code, outside of string literals.
fn free_words(line: &str) -> impl Iterator<Item = &str> {
    line.split('"').step_by(2).flat_map(|part| {
        part.split(|c: char| !c.is_alphanumeric() && c != '_' && c != ':')
            .filter(|word| !word.starts_with("::"))
            .filter_map(|word| word.split("::").next())
            .map(|word| word.trim_end_matches(':'))
            .filter(|word| !word.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crates_are_imported_from_the_runtime_where_a_path_begins_with_them() {
        let code = "#[serde(rename = \"uuid::a\")]\nfn a() -> chrono::DateTime<chrono::Utc> {}\n";
        let names = Names {
            items: &[(CODEGEN, &[])],
            modules: &[],
        };
        let imported = "use apigw_runtime::codegen::chrono;\n\n";
        assert_eq!(imports(&names, code), imported);
    }

    #[test]
    fn only_names_without_a_path_are_imported() {
        let code = "fn a(b: types::X) -> Error { other::Call::new(\"Method\", Api) }\n/// Client\n";
        let names = Names {
            items: &[
                ("apigw_runtime::codegen", &["Api"]),
                ("apigw_runtime", &["Call", "Client", "Error", "Method"]),
            ],
            modules: &["operations", "types"],
        };
        assert_eq!(
            imports(&names, code),
            "use apigw_runtime::codegen::Api;\nuse apigw_runtime::Error;\n\nuse super::types;\n\n"
        );
    }
}
