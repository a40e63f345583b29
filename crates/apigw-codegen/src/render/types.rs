//! `types.rs`: what requests and responses hold.

use std::collections::{BTreeMap, HashMap, HashSet};

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use serde_json::Value;
use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, Fields, GenericArgument, ItemStruct, PathArguments, Type, TypePath};

use super::docs;
use crate::engine::Types;
use crate::lower::{Enum, Field, Lowered, Slot, Struct, Union};

/// Names of methods that every type has.
const TAKEN: [&str; 3] = ["clone", "default", "new"];

/// All objects and unions, by name: a new one moves none of the others.
pub(crate) fn render(lowered: &Lowered, types: &Types, sent: &HashSet<String>) -> TokenStream {
    let made: HashMap<String, &ItemStruct> = types
        .structs
        .iter()
        .map(|item| (item.ident.to_string(), item))
        .collect();
    let structs = lowered.structs.iter().filter_map(|(name, found)| {
        let item = made.get(name)?;
        Some((name, structure(name, found, item, sent.contains(name))))
    });
    let unions = lowered
        .unions
        .iter()
        .map(|(name, found)| (name, union(name, found, types)));
    let sorted: BTreeMap<&String, TokenStream> = structs.chain(unions).collect();
    let items = sorted.values();
    quote! { #(#items)* }
}

/// All enums of texts, by name. As text: formatters leave the inside of a macro alone.
pub(crate) fn render_enums(lowered: &Lowered) -> String {
    let sorted: BTreeMap<&String, &Enum> = lowered.enums.iter().collect();
    let mut text = String::new();
    for (name, found) in sorted {
        text.push_str("\napigw_runtime::open_enum! {\n");
        match &found.docs {
            Some(docs) => {
                for line in docs.lines() {
                    text.push_str(format!("    /// {}", docs::escape(line)).trim_end());
                    text.push('\n');
                }
            }
            None => text.push_str(&format!("    /// `{name}` of the API's models.\n")),
        }
        text.push_str(&format!("    pub enum {name} {{\n"));
        for (variant, wire) in &found.variants {
            text.push_str(&format!("        {variant} = {wire:?},\n"));
        }
        text.push_str("    }\n}\n");
    }
    text
}

/// The types that requests hold, directly or inside others: these need constructors.
pub(crate) fn reachable(lowered: &Lowered, from: impl IntoIterator<Item = Slot>) -> HashSet<String> {
    let mut reached = HashSet::new();
    let mut waiting: Vec<Value> = from
        .into_iter()
        .filter_map(|slot| lowered.slots.get(slot.0).cloned())
        .collect();
    while let Some(schema) = waiting.pop() {
        match schema {
            Value::Object(map) => {
                if let Some(name) = map.get("$ref").and_then(Value::as_str) {
                    let name = name.rsplit('/').next().unwrap_or_default().to_owned();
                    if reached.insert(name.clone()) {
                        waiting.extend(lowered.structs.get(&name).map(|f| f.schema.clone()));
                        let variants = lowered.unions.get(&name).map(|union| &union.variants);
                        waiting.extend(
                            variants
                                .into_iter()
                                .flatten()
                                .filter_map(|(_, slot, _)| lowered.slots.get(slot.0).cloned()),
                        );
                    }
                } else {
                    waiting.extend(map.into_values());
                }
            }
            Value::Array(list) => waiting.extend(list),
            _ => {}
        }
    }
    reached
}

/// A type as the generated code writes it: without the paths that macros need.
pub(crate) fn plain(of: &Type, inside_types: bool) -> Type {
    let mut plain = of.clone();
    Plain { inside_types }.visit_type_mut(&mut plain);
    plain
}

struct Plain {
    inside_types: bool,
}

impl VisitMut for Plain {
    fn visit_type_path_mut(&mut self, path: &mut TypePath) {
        visit_mut::visit_type_path_mut(self, path);
        let names: Vec<String> = path
            .path
            .segments
            .iter()
            .map(|segment| segment.ident.to_string())
            .collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let keep = match names.as_slice() {
            ["std", "string" | "option" | "vec" | "boxed", _] => 1,
            ["chrono", "offset", "Utc"] => {
                path.path = syn::parse_quote!(chrono::Utc);
                return;
            }
            ["chrono", "naive", _] => 2,
            ["types", _] | ["super", _] if self.inside_types => 1,
            ["super", "types", _] | ["crate", "types", _] if self.inside_types => 1,
            all => all.len(),
        };
        path.path.leading_colon = None;
        let segments: Vec<_> = path.path.segments.iter().cloned().collect();
        if names.first() == Some(&"chrono") && keep == 2 {
            let last = segments.last();
            path.path.segments = segments.iter().take(1).chain(last).cloned().collect();
        } else {
            path.path.segments = segments.iter().skip(segments.len() - keep).cloned().collect();
        }
    }
}

/// `T` of `Option<T>`.
pub(crate) fn optional(of: &Type) -> Option<&Type> {
    argument(of, "Option")
}

/// `T` of `Vec<T>`.
pub(crate) fn listed(of: &Type) -> Option<&Type> {
    argument(of, "Vec")
}

fn argument<'a>(of: &'a Type, name: &str) -> Option<&'a Type> {
    let Type::Path(path) = of else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == name)?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(found) => Some(found),
        _ => None,
    })
}

pub(crate) fn is_string(of: &Type) -> bool {
    matches!(of, Type::Path(path) if path.path.segments.len() == 1 && path.path.is_ident("String"))
}

fn is_boxed(of: &Type) -> bool {
    argument(of, "Box").is_some()
}

/// How a function takes a value of the type, and how it makes the value of what it took.
fn taken(of: &Type, name: &Ident) -> (TokenStream, TokenStream) {
    if is_string(of) || is_boxed(of) {
        (quote! { impl Into<#of> }, quote! { #name.into() })
    } else {
        (quote! { #of }, quote! { #name })
    }
}

pub(crate) fn ident(name: &str) -> Ident {
    Ident::new(name, Span::call_site())
}

fn structure(name: &str, found: &Struct, item: &ItemStruct, sent: bool) -> TokenStream {
    let type_name = ident(name);
    let Fields::Named(named) = &item.fields else {
        // progenitor wraps what is no object; the wrapped type says all
        let inner = item.fields.iter().map(|field| plain(&field.ty, true));
        return quote! {
            #[doc = " Any JSON value."]
            #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
            #[serde(transparent)]
            pub struct #type_name(#(pub #inner),*);
        };
    };
    let by_key: HashMap<&str, &Field> = found
        .fields
        .iter()
        .map(|field| (field.key.as_str(), field))
        .collect();
    let mut fields: Vec<StructField<'_>> = named
        .named
        .iter()
        .filter_map(|made| {
            let rust = made.ident.clone()?;
            let key = renamed(&made.attrs).unwrap_or_else(|| rust.to_string());
            Some(StructField {
                known: by_key.get(key.as_str()).copied(),
                rust,
                made: plain(&made.ty, true),
                attrs: &made.attrs,
            })
        })
        .collect();
    // progenitor sorts by name; people wrote them in an order
    fields.sort_by_key(|field| {
        let key = field.known.map(|known| known.key.as_str());
        found
            .fields
            .iter()
            .position(|known| Some(known.key.as_str()) == key)
            .unwrap_or(usize::MAX)
    });
    let all_optional = fields.iter().all(|field| !field.is_required());
    let derive_default = all_optional.then(|| quote! { Default, });
    let docs = match &found.docs {
        Some(text) => docs::from_text(text),
        None => docs::lines([format!("`{name}` of the API's models.")]),
    };
    let members = fields.iter().map(StructField::member);
    let constructors = sent.then(|| constructors(&type_name, &fields));
    quote! {
        #docs
        #[derive(Debug, Clone, #derive_default PartialEq, Serialize, Deserialize)]
        #[non_exhaustive]
        pub struct #type_name { #(#members)* }
        #constructors
    }
}

struct StructField<'a> {
    known: Option<&'a Field>,
    rust: Ident,
    made: Type,
    attrs: &'a [Attribute],
}

impl StructField<'_> {
    fn is_required(&self) -> bool {
        self.known.is_some_and(|known| known.required)
    }

    fn member(&self) -> TokenStream {
        let (rust, made) = (&self.rust, &self.made);
        let docs = match self.known.and_then(|known| known.docs.as_deref()) {
            Some(text) => docs::from_text(text),
            None => {
                let wire = self.known.map_or("", |known| known.wire.as_str());
                let line = match wire {
                    "" => "Everything else.".to_owned(),
                    wire => format!("`{}`", wire.replace('`', "'")),
                };
                docs::lines([line])
            }
        };
        let serde = match self.known {
            Some(known) => {
                let rename = (*rust != known.wire).then(|| {
                    let wire = &known.wire;
                    quote! { rename = #wire }
                });
                let absent = (!known.required && optional(made).is_some())
                    .then(|| quote! { default, skip_serializing_if = "Option::is_none" });
                let parts: Vec<_> = rename.into_iter().chain(absent).collect();
                (!parts.is_empty()).then(|| quote! { #[serde(#(#parts),*)] })
            }
            None => {
                let kept = self.attrs.iter().filter(|attr| attr.path().is_ident("serde"));
                Some(quote! { #(#kept)* })
            }
        };
        quote! { #docs #serde pub #rust: #made, }
    }
}

/// `new` with what the service demands, and a setter for all the rest.
fn constructors(name: &Ident, fields: &[StructField<'_>]) -> TokenStream {
    let mut arguments = Vec::new();
    let mut values = Vec::new();
    let mut setters = Vec::new();
    for field in fields {
        let (rust, made) = (&field.rust, &field.made);
        if field.is_required() {
            let (takes, gives) = taken(made, rust);
            arguments.push(quote! { #rust: #takes });
            // the shorthand where the argument is the value
            values.push(match *rust == gives.to_string() {
                true => quote! { #rust },
                false => quote! { #rust: #gives },
            });
            continue;
        }
        values.push(match optional(made) {
            Some(_) => quote! { #rust: None },
            None => quote! { #rust: Default::default() },
        });
        let setter = match TAKEN.contains(&rust.to_string().as_str()) {
            true => ident(&format!("set_{rust}")),
            false => rust.clone(),
        };
        let docs = docs::lines([format!("Sets `{}`.", rust)]);
        let (takes, gives) = match optional(made) {
            Some(inner) => {
                let (takes, gives) = taken(inner, rust);
                (takes, quote! { Some(#gives) })
            }
            None => taken(made, rust),
        };
        setters.push(quote! {
            #docs
            #[must_use]
            pub fn #setter(mut self, #rust: #takes) -> Self {
                self.#rust = #gives;
                self
            }
        });
    }
    let many = (arguments.len() > 7).then(|| {
        quote! { #[expect(clippy::too_many_arguments, reason = "the service demands each")] }
    });
    let docs = docs::lines([match (arguments.is_empty(), setters.is_empty()) {
        (true, _) => "With nothing set.",
        (false, true) => "With what the service demands.",
        (false, false) => "With what the service demands; set the rest afterwards.",
    }]);
    quote! {
        impl #name {
            #docs
            #many
            #[must_use]
            pub fn new(#(#arguments),*) -> Self {
                Self { #(#values),* }
            }
            #(#setters)*
        }
    }
}

/// The value of `#[serde(rename = "…")]`.
fn renamed(attrs: &[Attribute]) -> Option<String> {
    let mut found = None;
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("serde")) {
        let _ = attr.parse_nested_meta(|meta| {
            if meta.path.is_ident("rename") {
                found = Some(meta.value()?.parse::<syn::LitStr>()?.value());
            } else if let Ok(value) = meta.value() {
                value.parse::<syn::Lit>()?;
            }
            Ok(())
        });
    }
    found
}

fn union(name: &str, found: &Union, types: &Types) -> TokenStream {
    let type_name = ident(name);
    let docs = match &found.docs {
        Some(text) => docs::from_text(text),
        None => docs::lines([format!("`{name}` of the API's models.")]),
    };
    let variants: Vec<(Ident, Type, bool, &[String])> = found
        .variants
        .iter()
        .filter_map(|(variant, slot, tags)| {
            let made = plain(types.slots.get(slot.0)?, true);
            // the compiler needs a fixed size, and clippy variants of one size
            let boxed = matches!(&made, Type::Path(path) if path.path.segments.len() == 1
                && !["String", "bool", "i64", "f64", "i32", "f32"]
                    .iter()
                    .any(|small| path.path.is_ident(small)));
            Some((ident(variant), made, boxed, tags.as_slice()))
        })
        .collect();
    let members = variants.iter().map(|(variant, made, boxed, _)| {
        let docs = docs::lines([format!("`{variant}`")]);
        if *boxed {
            quote! { #docs #variant(Box<#made>), }
        } else {
            quote! { #docs #variant(#made), }
        }
    });
    let from = variants.iter().map(|(variant, made, boxed, _)| {
        let value = if *boxed {
            quote! { Box::new(value) }
        } else {
            quote! { value }
        };
        (made, quote! { Self::#variant(#value) })
    });
    let mut seen = HashSet::new();
    let from = from
        .filter(|(made, _)| seen.insert(quote!(#made).to_string()))
        .map(|(made, value)| {
            quote! {
                impl From<#made> for #type_name {
                    fn from(value: #made) -> Self { #value }
                }
            }
        })
        .collect::<Vec<_>>();
    let (derive, decode) = match &found.tag {
        None => (quote! { , Deserialize }, None),
        Some(tag) => {
            let arms = variants.iter().map(|(variant, _, _, tags)| {
                quote! { Some(#(#tags)|*) => serde_json::from_value(value).map(Self::#variant), }
            });
            let decode = quote! {
                impl<'de> Deserialize<'de> for #type_name {
                    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                        let value = serde_json::Value::deserialize(from)?;
                        match value.get(#tag).and_then(serde_json::Value::as_str) {
                            #(#arms)*
                            _ => Ok(Self::Unknown(value)),
                        }
                        .map_err(serde::de::Error::custom)
                    }
                }
            };
            (quote! {}, Some(decode))
        }
    };
    let unknown = docs::lines(["What no other variant takes."]);
    quote! {
        #docs
        #[derive(Debug, Clone, PartialEq, Serialize #derive)]
        #[serde(untagged)]
        #[non_exhaustive]
        pub enum #type_name {
            #(#members)*
            #unknown
            Unknown(serde_json::Value),
        }
        #decode
        #(#from)*
    }
}
