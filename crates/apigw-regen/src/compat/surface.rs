//! The public surface of a generated crate, read from its sources.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use quote::ToTokens;
use syn::{
    Attribute, Fields, FnArg, ImplItem, Item, ItemEnum, ItemImpl, ItemStruct, Meta, Pat,
    ReturnType, Type, UseTree, Visibility,
};

use apigw_codegen::Files;

/// Every public item, by path: `types::Order`, `types::Order.total`,
/// `types::OrderStatus::Paid`, `operations::GetOrders::limit()`, `Default for types::Order`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Surface {
    pub(crate) items: BTreeMap<String, Public>,
}

/// One public item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Public {
    /// A struct or an enum; `closed` if adding a field or variant breaks callers, who may
    /// build it with a literal or match it exhaustively.
    Type { closed: bool },
    /// A field, with its type.
    Field(String),
    /// A variant, with its fields.
    Variant(String),
    /// A function or method.
    Function(Signature),
    /// A trait implementation, with its associated types.
    Implementation(String),
    /// Any other named item, such as a re-export or a constant, with its definition.
    Name(String),
}

/// The signature of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Signature {
    /// `self`, `&self` or nothing.
    pub(crate) receiver: String,
    /// Names and types.
    pub(crate) arguments: Vec<(String, String)>,
    pub(crate) output: String,
}

impl Public {
    /// Applies `replace` to every type.
    pub(crate) fn map(self, replace: impl Fn(&str) -> String) -> Self {
        match self {
            Self::Type { closed } => Self::Type { closed },
            Self::Field(of) => Self::Field(replace(&of)),
            Self::Variant(of) => Self::Variant(replace(&of)),
            Self::Implementation(of) => Self::Implementation(replace(&of)),
            Self::Name(of) => Self::Name(replace(&of)),
            Self::Function(signature) => Self::Function(Signature {
                receiver: signature.receiver,
                arguments: signature
                    .arguments
                    .iter()
                    .map(|(name, of)| (name.clone(), replace(of)))
                    .collect(),
                output: replace(&signature.output),
            }),
        }
    }

    /// Returns `true` if code written for `before` compiles with this item.
    pub(crate) fn serves_as(&self, before: &Self) -> bool {
        match (before, self) {
            (Self::Type { closed: before }, Self::Type { closed: after }) => !before || *after,
            (Self::Function(before), Self::Function(after)) => {
                before.receiver == after.receiver
                    && after.accepts(before)
                    && before.output == after.output
                    && after.mistaken(before).is_empty()
            }
            (before, after) => before == after,
        }
    }
}

impl fmt::Display for Public {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Type { .. } => f.write_str("a type"),
            Self::Variant(of) | Self::Implementation(of) if of.is_empty() => f.write_str("empty"),
            Self::Field(of) | Self::Name(of) | Self::Implementation(of) | Self::Variant(of) => {
                f.write_str(of)
            }
            Self::Function(signature) => {
                write!(f, "fn{} -> {}", signature.written(), signature.output)
            }
        }
    }
}

/// Returns `true` if an argument of the type accepts every value of the old type: a body that got
/// more media types, or lost its schema.
fn is_wider(after: &str, before: &str) -> bool {
    let plain = |of: &str| of.replace([' ', '\n'], "");
    let (after, before) = (plain(after), plain(before));
    let either = after
        .strip_prefix("implInto<apigw_runtime::EitherBody<'a,")
        .or_else(|| after.strip_prefix("implInto<EitherBody<'a,"))
        .and_then(|rest| rest.strip_suffix(">>"));
    let borrowed = before.strip_prefix('&');
    after == before
        || (either.is_some() && either == borrowed)
        || (borrowed.is_some() && after == "&(implserde::Serialize+?Sized)")
}

impl Signature {
    pub(crate) fn types(&self) -> Vec<&str> {
        self.arguments.iter().map(|(_, of)| of.as_str()).collect()
    }

    /// Returns `true` if every argument accepts what the old one, in the same place, accepted.
    pub(crate) fn accepts(&self, before: &Self) -> bool {
        let (types, before) = (self.types(), before.types());
        let mut pairs = types.iter().zip(&before);
        types.len() == before.len() && pairs.all(|(after, before)| is_wider(after, before))
    }

    pub(crate) fn takes(&self, argument: &str) -> bool {
        self.arguments.iter().any(|(name, _)| name == argument)
    }

    /// Returns the arguments that old calls, which give no names, would pass as another one: pairs
    /// of the old and the new name. Empty if the compiler finds the change anyway.
    pub(crate) fn mistaken<'a>(&'a self, before: &'a Self) -> Vec<(&'a str, &'a str)> {
        if self.types() != before.types() {
            return Vec::new();
        }
        let names = self.arguments.iter().zip(&before.arguments);
        names
            .map(|((now, _), (was, _))| (was.as_str(), now.as_str()))
            .filter(|(was, now)| was != now)
            .collect()
    }

    /// Says how the arguments differ from those of `before`.
    pub(crate) fn arguments_changed(&self, before: &Self) -> String {
        let mistaken = self.mistaken(before);
        if !mistaken.is_empty() {
            let passed = mistaken
                .iter()
                .map(|(was, now)| format!("`{was}` as `{now}`"))
                .collect::<Vec<_>>();
            return format!("compiles, but passes {}", passed.join(", "));
        }
        let only_in = |these: &Self, those: &Self| -> Vec<String> {
            let these = these.arguments.iter();
            let missing = these.filter(|(name, _)| !those.takes(name));
            missing
                .map(|(name, of)| format!("`{name}: {of}`"))
                .collect()
        };
        let shared = |these: &Self, those: &Self| -> Vec<(String, String)> {
            let these = these.arguments.iter();
            these
                .filter(|(name, _)| those.takes(name))
                .cloned()
                .collect()
        };
        let (added, removed) = (only_in(self, before), only_in(before, self));
        let is_same = shared(self, before) == shared(before, self);
        match (added.as_slice(), removed.as_slice()) {
            ([_, ..], []) if is_same => format!("now requires {}", added.join(", ")),
            ([], [_, ..]) if is_same => format!("no longer takes {}", removed.join(", ")),
            _ => format!(
                "now takes `{}` instead of `{}`",
                self.written(),
                before.written()
            ),
        }
    }

    fn written(&self) -> String {
        let arguments: Vec<String> = self
            .arguments
            .iter()
            .map(|(name, of)| format!("{name}: {of}"))
            .collect();
        format!("({})", arguments.join(", "))
    }
}

impl Surface {
    /// Reads the sources of a crate; `None` if they are not valid Rust.
    pub(crate) fn read(files: &Files) -> Option<Self> {
        let mut surface = Self::default();
        surface.module(files, Path::new("src"), "lib", "")?;
        Some(surface)
    }

    /// Reads a module and its submodules; `prefix` is its path, with `::` at the end.
    fn module(&mut self, files: &Files, folder: &Path, name: &str, prefix: &str) -> Option<()> {
        let (text, inside) = source(files, folder, name)?;
        let file = syn::parse_file(text).ok()?;
        for item in &file.items {
            match item {
                Item::Mod(module) if module.content.is_none() => {
                    let name = module.ident.to_string();
                    // items of a private module are re-exported by lib.rs
                    let path = match is_public(&module.vis) {
                        true => format!("{prefix}{name}::"),
                        false => prefix.to_owned(),
                    };
                    self.module(files, &inside, &name, &path)?;
                }
                item => self.item(item, prefix),
            }
        }
        Some(())
    }

    fn item(&mut self, item: &Item, prefix: &str) {
        match item {
            Item::Struct(item) if is_public(&item.vis) => self.structure(item, prefix),
            Item::Enum(item) if is_public(&item.vis) => {
                self.enumeration(item, prefix, is_open(&item.attrs));
            }
            // constructors of responses, for tests: a required field that is added is no break
            Item::Impl(item) if is_for_tests(&item.attrs) => {}
            Item::Impl(item) => self.implementation(item, prefix),
            Item::Fn(item) if is_public(&item.vis) => {
                let key = format!("{prefix}{}()", item.sig.ident);
                self.add(key, Public::Function(signature(&item.sig)));
            }
            Item::Const(item) if is_public(&item.vis) => {
                let of = text(&item.ty);
                self.add(format!("{prefix}{}", item.ident), Public::Name(of));
            }
            Item::Static(item) if is_public(&item.vis) => {
                let of = text(&item.ty);
                self.add(format!("{prefix}{}", item.ident), Public::Name(of));
            }
            Item::Type(item) if is_public(&item.vis) => {
                let of = text(&item.ty);
                self.add(format!("{prefix}{}", item.ident), Public::Name(of));
            }
            Item::Use(item) if is_public(&item.vis) => self.reexport(&item.tree, "", prefix),
            Item::Macro(item) => self.macro_call(item, prefix),
            _ => {}
        }
    }

    fn add(&mut self, key: String, item: Public) {
        self.items.insert(key, item);
    }

    fn structure(&mut self, item: &ItemStruct, prefix: &str) {
        let key = format!("{prefix}{}", item.ident);
        self.derives(&item.attrs, &key);
        let mut all_public = true;
        for (index, field) in item.fields.iter().enumerate() {
            if !is_public(&field.vis) {
                all_public = false;
                continue;
            }
            let name = match &field.ident {
                Some(ident) => ident.to_string(),
                None => index.to_string(),
            };
            self.add(format!("{key}.{name}"), Public::Field(text(&field.ty)));
        }
        let closed = all_public && !is_open(&item.attrs) && !matches!(item.fields, Fields::Unit);
        self.add(key, Public::Type { closed });
    }

    fn enumeration(&mut self, item: &ItemEnum, prefix: &str, open: bool) {
        let key = format!("{prefix}{}", item.ident);
        self.derives(&item.attrs, &key);
        for variant in &item.variants {
            let name = format!("{key}::{}", variant.ident);
            self.add(name, Public::Variant(text(&variant.fields)));
        }
        self.add(key, Public::Type { closed: !open });
    }

    fn derives(&mut self, attributes: &[Attribute], key: &str) {
        for attribute in attributes {
            let Meta::List(list) = &attribute.meta else {
                continue;
            };
            if !list.path.is_ident("derive") {
                continue;
            }
            for derived in text(&list.tokens).split(',') {
                let implemented = format!("{} for {key}", derived.trim());
                self.add(implemented, Public::Implementation(String::new()));
            }
        }
    }

    fn implementation(&mut self, item: &ItemImpl, prefix: &str) {
        let owner = format!("{prefix}{}", text(&item.self_ty));
        if let Some((path, _)) = &item.trait_ {
            let types: Vec<String> = item
                .items
                .iter()
                .filter_map(|inner| match inner {
                    // callers see the output, not the future type
                    ImplItem::Type(inner) if inner.ident == "IntoFuture" => None,
                    ImplItem::Type(inner) => Some(format!("{} = {}", inner.ident, text(&inner.ty))),
                    _ => None,
                })
                .collect();
            let key = format!("{} for {owner}", text(path));
            self.add(key, Public::Implementation(types.join(", ")));
            return;
        }
        for inner in &item.items {
            match inner {
                ImplItem::Fn(inner) if is_public(&inner.vis) => {
                    let key = format!("{owner}::{}()", inner.sig.ident);
                    self.add(key, Public::Function(signature(&inner.sig)));
                }
                ImplItem::Const(inner) if is_public(&inner.vis) => {
                    let key = format!("{owner}::{}", inner.ident);
                    self.add(key, Public::Name(text(&inner.ty)));
                }
                _ => {}
            }
        }
    }

    /// Adds re-exported names.
    fn reexport(&mut self, tree: &UseTree, from: &str, prefix: &str) {
        let (name, source) = match tree {
            UseTree::Path(path) => {
                let from = format!("{from}{}::", path.ident);
                return self.reexport(&path.tree, &from, prefix);
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.reexport(tree, from, prefix);
                }
                return;
            }
            UseTree::Name(name) => (name.ident.to_string(), format!("{from}{}", name.ident)),
            UseTree::Rename(name) => (name.rename.to_string(), format!("{from}{}", name.ident)),
            UseTree::Glob(_) => (format!("{from}*"), format!("{from}*")),
        };
        // types of the crate itself are already in the surface
        if source.starts_with("apigw_runtime") {
            self.add(format!("{prefix}{name}"), Public::Name(source));
        }
    }

    /// Adds the items that macros of the runtime expand to.
    fn macro_call(&mut self, item: &syn::ItemMacro, prefix: &str) {
        let Some(name) = item.mac.path.segments.last() else {
            return;
        };
        if name.ident == "open_enum" {
            if let Ok(item) = syn::parse2::<ItemEnum>(item.mac.tokens.clone()) {
                self.enumeration(&item, prefix, true);
                let unknown = format!("{prefix}{}::Unknown", item.ident);
                self.add(unknown, Public::Variant("(String)".to_owned()));
            }
            return;
        }
        if name.ident == "operation"
            && let Ok(operation) = syn::parse2::<OperationMacro>(item.mac.tokens.clone())
        {
            self.operation(&operation, prefix);
            return;
        }
        let arguments = text(&item.mac.tokens);
        let owner = arguments.split(',').next().unwrap_or_default();
        self.options(&format!("{prefix}{owner}"));
    }

    /// Adds the items that the macro `operation!` expands to.
    fn operation(&mut self, operation: &OperationMacro, prefix: &str) {
        let owner = format!("{prefix}{}", operation.builder);
        let success = match &operation.success {
            Type::Path(path) if path.path.is_ident("stream") => {
                "apigw_runtime::ByteStream".to_owned()
            }
            success => text(success),
        };
        let error = match &operation.error {
            Some(error) => format!("Error<{}>", text(error)),
            None => "Error".to_owned(),
        };
        let output = format!("Result<ResponseValue<{success}>, {error}>");
        let send = Signature {
            receiver: "self".to_owned(),
            arguments: Vec::new(),
            output: format!("async {output}"),
        };
        self.add(format!("{owner}::send()"), Public::Function(send));
        self.add(
            format!("IntoFuture for {owner}"),
            Public::Implementation(format!("Output = {output}")),
        );
        self.options(&owner);
    }

    /// The setters that every builder has.
    fn options(&mut self, owner: &str) {
        let key = format!("options for {owner}");
        self.add(key, Public::Implementation(String::new()));
    }
}

/// Returns whether an item exists only with the feature `test`.
fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) => {
            list.path.is_ident("cfg") && text(&list.tokens).replace(' ', "") == "feature=\"test\""
        }
        _ => false,
    })
}

/// The arguments of the runtime's macro `operation!`: `Builder, CONSTANT => Success, Error`.
struct OperationMacro {
    builder: syn::Ident,
    success: Type,
    error: Option<Type>,
}

impl syn::parse::Parse for OperationMacro {
    fn parse(input: syn::parse::ParseStream<'_>) -> syn::Result<Self> {
        let builder = input.parse()?;
        input.parse::<syn::Token![,]>()?;
        input.parse::<syn::Ident>()?;
        input.parse::<syn::Token![=>]>()?;
        let success = success(input)?;
        let error = match input.is_empty() {
            true => None,
            false => {
                input.parse::<syn::Token![,]>()?;
                Some(input.parse()?)
            }
        };
        Ok(Self {
            builder,
            success,
            error,
        })
    }
}

/// Reads the success type: a type, or a stream of items.
fn success(input: syn::parse::ParseStream<'_>) -> syn::Result<Type> {
    let ahead = input.fork();
    let word: Option<syn::Ident> = ahead.parse().ok();
    let is_alone = ahead.is_empty() || ahead.peek(syn::Token![,]);
    let is_path = ahead.peek(syn::Token![::]) || ahead.peek(syn::Token![<]);
    match word.map(|word| word.to_string()).as_deref() {
        Some("text_events") if is_alone => {
            input.parse::<syn::Ident>()?;
            syn::parse_str("apigw_runtime::EventStream<String>")
        }
        Some(kind @ ("events" | "lines")) if !is_alone && !is_path => {
            input.parse::<syn::Ident>()?;
            let item: Type = input.parse()?;
            let stream = match kind {
                "events" => "EventStream",
                _ => "JsonLines",
            };
            syn::parse_str(&format!(
                "apigw_runtime::{stream}<{}>",
                item.to_token_stream()
            ))
        }
        _ => input.parse(),
    }
}

/// The text of a module, and the folder of the modules inside it.
fn source<'a>(files: &'a Files, folder: &Path, name: &str) -> Option<(&'a str, PathBuf)> {
    if name == "lib" {
        let text = files.get(&folder.join("lib.rs"))?;
        return Some((text, folder.to_owned()));
    }
    let inside = folder.join(name);
    let text = files
        .get(&folder.join(format!("{name}.rs")))
        .or_else(|| files.get(&inside.join("mod.rs")))?;
    Some((text, inside))
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

fn is_open(attributes: &[Attribute]) -> bool {
    attributes
        .iter()
        .any(|attribute| attribute.path().is_ident("non_exhaustive"))
}

fn signature(signature: &syn::Signature) -> Signature {
    let mut receiver = String::new();
    let mut arguments = Vec::new();
    for input in &signature.inputs {
        match input {
            FnArg::Receiver(given) => {
                // whether it is `mut` is the function's own affair
                receiver = text(given).trim_start_matches("mut ").to_owned();
            }
            FnArg::Typed(given) => {
                let name = match given.pat.as_ref() {
                    Pat::Ident(pattern) => pattern.ident.to_string(),
                    _ => "_".to_owned(),
                };
                arguments.push((name, text(&given.ty)));
            }
        }
    }
    let output = match &signature.output {
        ReturnType::Default => "()".to_owned(),
        ReturnType::Type(_, of) => text::<Type>(of),
    };
    let asynchronous = match signature.asyncness {
        Some(_) => "async ",
        None => "",
    };
    Signature {
        receiver,
        arguments,
        output: format!("{asynchronous}{output}"),
    }
}

/// Code as people write it: `Option<Vec<types::Order>>`.
fn text<T: ToTokens>(code: &T) -> String {
    let spaced = code.to_token_stream().to_string();
    let mut text = String::new();
    let mut words = spaced.split(' ').peekable();
    while let Some(word) = words.next() {
        text.push_str(word);
        let Some(next) = words.peek() else { break };
        let ends = ["<", "::", "&", "(", "[", "!"]
            .iter()
            .any(|end| word.ends_with(end));
        let begins = ["<", ">", "::", ",", ")", "]", ";", "(", "!"]
            .iter()
            .any(|begin| next.starts_with(begin));
        if !ends && !begins {
            text.push(' ');
        }
    }
    // written over several lines, a list ends in a comma
    text.replace(",>", ">")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(files: &[(&str, &str)]) -> Vec<String> {
        let files = files
            .iter()
            .map(|(path, text)| ((*path).into(), (*text).to_owned()));
        let surface = Surface::read(&files.collect()).unwrap();
        let items = surface.items.iter();
        items.map(|(key, item)| format!("{key} {item:?}")).collect()
    }

    #[test]
    fn what_callers_can_name_is_read_and_nothing_else() {
        let lib = "mod client; pub mod types; mod inner; pub use apigw_runtime::{Error, Text as Words}; pub use client::A;";
        let client = "pub struct A { client: Client } impl A { pub async fn go(mut self, to: &[String]) -> Result<B, C> {} fn own() {} pub(crate) fn ours() {} }";
        let types = "#[derive(Debug, Clone)] #[non_exhaustive] pub struct B { pub a: Option<Vec<String>>, b: u8 } \
                     pub struct W(pub i64); struct Hidden; impl From<i64> for W { fn from(a: i64) -> Self {} } \
                     apigw_runtime::open_enum! { /// Doc.\n pub enum E { A = \"a\" } }";
        let inner = "fn nothing() {}";
        assert_eq!(
            read(&[
                ("src/lib.rs", lib),
                ("src/client.rs", client),
                ("src/types/mod.rs", types),
                ("src/inner.rs", inner)
            ]),
            [
                r#"A Type { closed: false }"#,
                r#"A::go() Function(Signature { receiver: "self", arguments: [("to", "&[String]")], output: "async Result<B, C>" })"#,
                r#"Clone for types::B Implementation("")"#,
                r#"Debug for types::B Implementation("")"#,
                r#"Error Name("apigw_runtime::Error")"#,
                r#"From<i64> for types::W Implementation("")"#,
                r#"Words Name("apigw_runtime::Text")"#,
                r#"types::B Type { closed: false }"#,
                r#"types::B.a Field("Option<Vec<String>>")"#,
                r#"types::E Type { closed: false }"#,
                r#"types::E::A Variant("")"#,
                r#"types::E::Unknown Variant("(String)")"#,
                r#"types::W Type { closed: true }"#,
                r#"types::W.0 Field("i64")"#,
            ]
        );
    }

    #[test]
    fn how_code_is_broken_into_lines_makes_no_difference() {
        let one = "pub fn f(a: impl Into<String>, b: &str) -> Result<Vec<u8>, Error<types::A>> {}";
        let many = "pub fn f(\n    a: impl Into<String>,\n    b: &str,\n) -> Result<\n    Vec<u8>,\n    Error<types::A>,\n> {\n}";
        assert_eq!(read(&[("src/lib.rs", one)]), read(&[("src/lib.rs", many)]));
    }

    #[test]
    fn what_is_no_rust_has_no_surface() {
        let files = |text: &str| Files::from([("src/lib.rs".into(), text.to_owned())]);
        assert!(Surface::read(&files("pub fn")).is_none());
        assert!(Surface::read(&files("pub mod gone;")).is_none());
        assert!(Surface::read(&Files::new()).is_none());
    }
}
