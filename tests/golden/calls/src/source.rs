//! A generated client as its source declares it: methods, setters and types.

use std::collections::BTreeMap;

use syn::{
    Expr, FnArg, ImplItem, ImplItemFn, Item, ItemEnum, ItemImpl, ItemStruct, Lit, ReturnType, Token,
};

use super::Error;
use super::rust_type::RustType;

/// A generated client.
#[derive(Debug)]
pub(super) struct Source {
    /// The name of its type.
    pub(super) client: String,
    pub(super) methods: Vec<Method>,
    pub(super) types: Types,
    /// The enums of `operations.rs`, for operations whose result depends on the status.
    pub(super) by_status: BTreeMap<String, Variants>,
}

/// Variants of an enum with the types that they contain.
pub(super) type Variants = BTreeMap<String, Option<RustType>>;

/// A method of the client and the builder that it returns.
#[derive(Debug)]
pub(super) struct Method {
    pub(super) name: String,
    pub(super) arguments: Vec<Argument>,
    pub(super) setters: Vec<Setter>,
    /// Whether the builder also has `pages` and `stream`.
    pub(super) pages: bool,
    pub(super) output: RustType,
    pub(super) error: Option<RustType>,
    /// The route, as the generated constant declares it.
    pub(super) method: String,
    pub(super) path: String,
}

#[derive(Debug, Clone)]
pub(super) struct Argument {
    pub(super) name: String,
    pub(super) of: RustType,
}

#[derive(Debug, Clone)]
pub(super) struct Setter {
    pub(super) name: String,
    pub(super) arguments: Vec<RustType>,
}

/// The types of `types.rs`.
#[derive(Debug, Default)]
pub(super) struct Types {
    pub(super) structs: BTreeMap<String, Struct>,
    /// Variants by value on the wire.
    pub(super) texts: BTreeMap<String, BTreeMap<String, String>>,
    pub(super) unions: BTreeMap<String, Variants>,
}

#[derive(Debug, Default)]
pub(super) struct Struct {
    /// Names in Rust by name on the wire.
    pub(super) fields: BTreeMap<String, String>,
    /// The name in Rust of the field for all other properties.
    pub(super) rest: Option<String>,
    pub(super) new: Option<Vec<Argument>>,
    /// Values of the fields that the constructor sets by itself, by their names in Rust.
    pub(super) preset: BTreeMap<String, String>,
    pub(super) setters: Vec<Setter>,
}

/// Methods of every client.
pub(super) const OF_EVERY_CLIENT: [&str; 3] = ["builder", "from_env", "request"];

impl Source {
    pub(super) fn read(client: &str, operations: &str, types: &str) -> Result<Self, Error> {
        let [client, operations, types] = [client, operations, types].map(syn::parse_file);
        let (client, operations) = (client?.items, Operations::read(operations?.items)?);
        let of_client = client.iter().find_map(|item| match item {
            Item::Impl(of) if of.trait_.is_none() => Some(of),
            _ => None,
        });
        let of_client = of_client.ok_or("no client in client.rs")?;
        let mut methods = Vec::new();
        for method in public(of_client) {
            if !OF_EVERY_CLIENT.contains(&&*name(method)) {
                let read = operations.method(method);
                methods.push(read.map_err(|error| format!("{}: {error}", name(method)))?);
            }
        }
        Ok(Self {
            client: RustType::read(&of_client.self_ty)?.to_string(),
            methods,
            types: Types::read(types?.items)?,
            by_status: operations.by_status,
        })
    }
}

/// The arguments of the runtime's macro: `Builder, CONSTANT => Success, Error`.
struct Operation {
    builder: syn::Ident,
    constant: syn::Ident,
    success: syn::Type,
    error: Option<syn::Type>,
}

impl syn::parse::Parse for Operation {
    fn parse(input: syn::parse::ParseStream<'_>) -> syn::Result<Self> {
        let builder = input.parse()?;
        input.parse::<Token![,]>()?;
        let constant = input.parse()?;
        input.parse::<Token![=>]>()?;
        let success = success(input)?;
        let error = match input.parse::<Option<Token![,]>>()? {
            Some(_) => Some(input.parse()?),
            None => None,
        };
        Ok(Self {
            builder,
            constant,
            success,
            error,
        })
    }
}

/// Reads a type, or `events T` and `lines T` as if they were generic types.
fn success(input: syn::parse::ParseStream<'_>) -> syn::Result<syn::Type> {
    let ahead = input.fork();
    let word = ahead.parse::<syn::Ident>().map(|word| word.to_string());
    let word = word.unwrap_or_default();
    let is_more = !ahead.is_empty() && !ahead.peek(Token![,]) && !ahead.peek(Token![::]);
    match ["events", "lines"].contains(&word.as_str()) && is_more {
        true => {
            input.parse::<syn::Ident>()?;
            let item: syn::Type = input.parse()?;
            let word = syn::Ident::new(&word, proc_macro2::Span::call_site());
            Ok(syn::parse_quote!(#word<#item>))
        }
        false => input.parse(),
    }
}

/// The content of `operations.rs`.
#[derive(Default)]
struct Operations {
    builders: BTreeMap<String, ItemImpl>,
    /// Method and path by constant.
    routes: BTreeMap<String, (String, String)>,
    /// What the macro of the runtime says, by builder.
    operations: BTreeMap<String, Operation>,
    by_status: BTreeMap<String, Variants>,
}

impl Operations {
    fn read(items: Vec<Item>) -> Result<Self, Error> {
        let mut read = Self::default();
        for item in items {
            match item {
                Item::Static(item) => {
                    let Expr::Struct(operation) = *item.expr else {
                        continue;
                    };
                    let field = |name: &str| {
                        let mut fields = operation.fields.iter();
                        let is_it = |f: &&syn::FieldValue| matches!(&f.member, syn::Member::Named(n) if n == name);
                        fields.find(is_it).map(|field| &field.expr)
                    };
                    if let (Some(Expr::Path(method)), Some(Expr::Lit(path))) =
                        (field("method"), field("path"))
                        && let (Some(method), Lit::Str(path)) =
                            (method.path.segments.last(), &path.lit)
                    {
                        let route = (method.ident.to_string(), path.value());
                        read.routes.insert(item.ident.to_string(), route);
                    }
                }
                Item::Macro(item)
                    if item
                        .mac
                        .path
                        .segments
                        .last()
                        .is_some_and(|s| s.ident == "operation") =>
                {
                    let operation: Operation = item.mac.parse_body()?;
                    read.operations
                        .insert(operation.builder.to_string(), operation);
                }
                Item::Enum(item) => {
                    let variants = variants(&item)?;
                    read.by_status.insert(item.ident.to_string(), variants);
                }
                Item::Impl(item) if item.trait_.is_none() => {
                    let builder = RustType::read(&item.self_ty)?.to_string();
                    read.builders.insert(builder, item);
                }
                _ => {}
            }
        }
        Ok(read)
    }

    fn method(&self, method: &ImplItemFn) -> Result<Method, Error> {
        let ReturnType::Type(_, builder) = &method.sig.output else {
            return Err("no builder is returned".into());
        };
        let builder = RustType::read(builder)?.to_string();
        let builder = builder.trim_start_matches("operations::");
        let operation = self.operations.get(builder);
        let operation = operation.ok_or("the builder has no operation")?;
        let route = self.routes.get(&operation.constant.to_string());
        let (verb, path) = route.ok_or("the operation has no route")?.clone();
        let arguments = arguments(method)?;
        let is_any = arguments.iter().any(|argument| argument.of.is("Method"));

        let mut setters = Vec::new();
        let mut paged = Vec::new();
        for of_builder in public(&self.builders[builder]) {
            match (name(of_builder).as_str(), returned_by(of_builder)?) {
                ("pages", RustType::Path(of, _)) if of == "Pages" => paged.push(of),
                ("stream", RustType::Path(of, _)) if of == "Items" => paged.push(of),
                _ => setters.push(setter(of_builder)?),
            }
        }
        if paged.len() == 1 {
            return Err("pages without stream, or stream without pages".into());
        }
        Ok(Method {
            name: name(method),
            arguments,
            setters,
            pages: !paged.is_empty(),
            output: RustType::read(&operation.success)?,
            error: operation.error.as_ref().map(RustType::read).transpose()?,
            method: if is_any { "ANY".to_owned() } else { verb },
            path,
        })
    }
}

impl Types {
    fn read(items: Vec<Item>) -> Result<Self, Error> {
        let mut read = Self::default();
        for item in &items {
            match item {
                Item::Struct(item) => {
                    let fields = fields(item)?;
                    let rest = item.fields.iter().find(|field| is_flat(&field.attrs));
                    let of = Struct {
                        fields,
                        rest: rest.and_then(|field| Some(field.ident.as_ref()?.to_string())),
                        ..Struct::default()
                    };
                    read.structs.insert(item.ident.to_string(), of);
                }
                Item::Enum(item) => {
                    let name = item.ident.to_string();
                    read.unions.insert(name, variants(item)?);
                }
                Item::Macro(item)
                    if item
                        .mac
                        .path
                        .segments
                        .last()
                        .is_some_and(|s| s.ident == "open_enum") =>
                {
                    let (name, texts) = open_enum(item.mac.tokens.clone())?;
                    read.texts.insert(name, texts);
                }
                _ => {}
            }
        }
        for item in &items {
            if let Item::Impl(item) = item
                && item.trait_.is_none()
                && let Some(of) = read
                    .structs
                    .get_mut(&RustType::read(&item.self_ty)?.to_string())
            {
                for method in public(item) {
                    match method.sig.receiver() {
                        None => {
                            of.new = Some(arguments(method)?);
                            of.preset = preset(method);
                        }
                        Some(_) => of.setters.push(setter(method)?),
                    }
                }
            }
        }
        Ok(read)
    }
}

fn public(of: &ItemImpl) -> impl Iterator<Item = &ImplItemFn> {
    of.items.iter().filter_map(|item| match item {
        ImplItem::Fn(item) if matches!(item.vis, syn::Visibility::Public(_)) => Some(item),
        _ => None,
    })
}

fn name(of: &ImplItemFn) -> String {
    of.sig.ident.to_string()
}

fn arguments(of: &ImplItemFn) -> Result<Vec<Argument>, Error> {
    let typed = of.sig.inputs.iter().filter_map(|argument| match argument {
        FnArg::Typed(typed) => Some(typed),
        FnArg::Receiver(_) => None,
    });
    typed
        .map(|argument| {
            let syn::Pat::Ident(name) = &*argument.pat else {
                return Err("an argument without a name".into());
            };
            Ok(Argument {
                name: name.ident.to_string(),
                of: RustType::read(&argument.ty)?,
            })
        })
        .collect()
}

/// Reads a method that takes the builder and returns it.
fn setter(of: &ImplItemFn) -> Result<Setter, Error> {
    let by_value = of
        .sig
        .receiver()
        .is_some_and(|r| matches!(r.kind, syn::ReceiverKind::Value));
    if !by_value || of.sig.asyncness.is_some() || !returned_by(of)?.is("Self") {
        return Err(format!("{} is a kind of method that no test calls", name(of)).into());
    }
    let arguments = arguments(of)?.into_iter().map(|argument| argument.of);
    Ok(Setter {
        name: name(of),
        arguments: arguments.collect(),
    })
}

/// Reads fields that a constructor sets to a literal, as in `field: "text".into()` or `Some("text".into())`.
fn preset(of: &ImplItemFn) -> BTreeMap<String, String> {
    let Some(syn::Stmt::Expr(Expr::Struct(made), _)) = of.block.stmts.last() else {
        return BTreeMap::new();
    };
    let texts = made.fields.iter().filter_map(|field| {
        let syn::Member::Named(name) = &field.member else {
            return None;
        };
        Some((name.to_string(), text_in(&field.expr)?))
    });
    texts.collect()
}

fn text_in(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        Expr::MethodCall(call) => text_in(&call.receiver),
        Expr::Call(call) => text_in(call.args.first()?),
        _ => None,
    }
}

fn returned_by(of: &ImplItemFn) -> Result<RustType, Error> {
    match &of.sig.output {
        ReturnType::Type(_, of) => RustType::read(of),
        ReturnType::Default => Err("nothing is returned".into()),
    }
}

fn variants(of: &ItemEnum) -> Result<Variants, Error> {
    let variants = of.variants.iter().map(|variant| {
        let held = variant.fields.iter().next();
        let held = held.map(|field| RustType::read(&field.ty)).transpose()?;
        Ok((variant.ident.to_string(), held))
    });
    variants.collect()
}

/// Returns names in Rust by name on the wire, from the attributes for serde.
fn fields(of: &ItemStruct) -> Result<BTreeMap<String, String>, Error> {
    let mut fields = BTreeMap::new();
    for field in &of.fields {
        let Some(rust) = field.ident.as_ref().filter(|_| !is_flat(&field.attrs)) else {
            continue;
        };
        let unchanged = || rust.to_string().trim_start_matches("r#").to_owned();
        let wire = serde(&field.attrs, "rename")?.unwrap_or_else(unchanged);
        fields.insert(wire, rust.to_string());
    }
    Ok(fields)
}

/// Returns whether a field collects all properties without a field of their own.
fn is_flat(attributes: &[syn::Attribute]) -> bool {
    let written = attributes.iter().map(|attribute| match &attribute.meta {
        syn::Meta::List(list) => list.tokens.to_string(),
        _ => String::new(),
    });
    written.into_iter().any(|written| written == "flatten")
}

/// Returns the value of an attribute for serde.
fn serde(attributes: &[syn::Attribute], name: &str) -> Result<Option<String>, Error> {
    let mut found = None;
    for attribute in attributes.iter().filter(|a| a.path().is_ident("serde")) {
        attribute.parse_nested_meta(|meta| {
            let value = meta.value().and_then(|value| value.parse::<syn::LitStr>());
            if meta.path.is_ident(name) {
                found = Some(value?.value());
            }
            Ok(())
        })?;
    }
    Ok(found)
}

/// Returns the name, and the variants by their values on the wire.
fn open_enum(
    tokens: proc_macro2::TokenStream,
) -> Result<(String, BTreeMap<String, String>), Error> {
    // the macro has the values as discriminants, and so parses as an enum
    let item: ItemEnum = syn::parse2(tokens)?;
    let texts = item
        .variants
        .iter()
        .map(|variant| match &variant.discriminant {
            Some((_, Expr::Lit(text))) => match &text.lit {
                Lit::Str(text) => Ok((text.value(), variant.ident.to_string())),
                _ => Err(Error::from("a variant whose value is not a string")),
            },
            _ => Err("a variant without a value".into()),
        });
    Ok((item.ident.to_string(), texts.collect::<Result<_, _>>()?))
}

impl RustType {
    fn is(&self, wanted: &str) -> bool {
        matches!(self, Self::Path(name, _) if name == wanted)
    }
}
