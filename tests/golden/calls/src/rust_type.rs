//! Types in signatures, and expressions of these types.

use std::fmt;

use serde_json::Value;
use syn::{GenericArgument, PathArguments, Type, TypeParamBound};

use super::Error;
use super::source::{Setter, Struct, Types};

/// The body of an operation with several media types.
const EITHER_BODY: &str = "apigw_runtime::EitherBody";

/// A type in a signature.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum RustType {
    /// `a::B<C, D>`
    Path(String, Vec<RustType>),
    Reference(Box<RustType>),
    Slice(Box<RustType>),
    /// `impl Into<T>`
    Into(Box<RustType>),
    /// `impl AsRef<str> + …`
    AsText,
    /// `impl Serialize`
    Serializable,
    /// `impl IntoIterator<Item: Into<apigw_runtime::Part>>`
    Files,
    Unit,
}

impl RustType {
    pub(super) fn read(of: &Type) -> Result<Self, Error> {
        Ok(match of {
            Type::Path(path) => Self::path(&path.path)?,
            Type::Reference(reference) => Self::Reference(Self::read(&reference.elem)?.into()),
            Type::Slice(slice) => Self::Slice(Self::read(&slice.elem)?.into()),
            Type::Paren(inner) => Self::read(&inner.elem)?,
            Type::Tuple(unit) if unit.elems.is_empty() => Self::Unit,
            Type::ImplTrait(of) => {
                let mut bounds = of.bounds.iter().filter_map(|bound| match bound {
                    TypeParamBound::Trait(bound) => Some(Self::path(&bound.path)),
                    _ => None,
                });
                match bounds.next().ok_or("an `impl` without a trait")?? {
                    Self::Path(name, mut of) if name == "Into" && of.len() == 1 => {
                        Self::Into(of.remove(0).into())
                    }
                    Self::Path(name, _) if name == "AsRef" => Self::AsText,
                    Self::Path(name, _) if name == "serde::Serialize" => Self::Serializable,
                    Self::Path(name, _) if name == "IntoIterator" => Self::Files,
                    other => return Err(format!("impl {other}").into()),
                }
            }
            _ => return Err("an unexpected kind of type".into()),
        })
    }

    fn path(path: &syn::Path) -> Result<Self, Error> {
        let names = path
            .segments
            .iter()
            .map(|segment| segment.ident.to_string());
        let name = names.collect::<Vec<_>>().join("::");
        let arguments = match path.segments.last().map(|last| &last.arguments) {
            Some(PathArguments::AngleBracketed(of)) => of.args.iter().collect(),
            _ => Vec::new(),
        };
        let arguments = arguments.into_iter().filter_map(|argument| match argument {
            GenericArgument::Type(of) => Some(Self::read(of)),
            GenericArgument::Lifetime(_) | GenericArgument::Constraint(_) => None,
            _ => Some(Err("a generic argument that is not a type".into())),
        });
        Ok(Self::Path(name, arguments.collect::<Result<_, _>>()?))
    }
}

impl RustType {
    /// Whether it is `impl Into<EitherBody<…>>`.
    pub(super) fn is_either_body(&self) -> bool {
        matches!(self, Self::Into(of) if matches!(&**of, Self::Path(name, _) if name == EITHER_BODY))
    }
}

impl fmt::Display for RustType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(name, arguments) if arguments.is_empty() => f.write_str(name),
            Self::Path(name, arguments) => {
                let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
                write!(f, "{name}<{}>", arguments.join(", "))
            }
            Self::Reference(of) => write!(f, "&{of}"),
            Self::Slice(of) => write!(f, "[{of}]"),
            Self::Into(of) => write!(f, "impl Into<{of}>"),
            Self::AsText => f.write_str("impl AsRef<str>"),
            Self::Serializable => f.write_str("impl Serialize"),
            Self::Files => f.write_str("impl IntoIterator"),
            Self::Unit => f.write_str("()"),
        }
    }
}

/// The type of fields that may be missing or `null`.
const NULLABLE: &str = "apigw_runtime::Nullable";

/// Returns an expression of the type for a value on the wire, as a caller would write it: with constructors, setters
/// and variants.
pub(super) fn expression(types: &Types, of: &RustType, value: &Value) -> Result<String, Error> {
    let unfit = || Error::from(format!("no way to write {value} as {of}"));
    let write = |of: &RustType, value: &Value| expression(types, of, value);
    Ok(match of {
        RustType::Reference(of) => match (&**of, value) {
            (RustType::Path(name, _), Value::String(text)) if name == "str" => literal(text),
            (of, value) => format!("&{}", write(of, value)?),
        },
        RustType::Slice(of) => format!("[{}]", each(types, of, value).ok_or_else(unfit)??),
        RustType::Into(of) => match (&**of, value) {
            (RustType::Path(name, _), Value::String(text)) if name == "String" => literal(text),
            (RustType::Path(name, _), Value::String(text))
                if ["apigw_runtime::Bytes", "apigw_runtime::Part"].contains(&&**name) =>
            {
                format!("{}.as_bytes()", literal(text))
            }
            (RustType::Path(name, of), value) if name == "Box" => write(&of[0], value)?,
            (RustType::Path(name, of), value) if name == NULLABLE => match value {
                Value::Null => "None".to_owned(),
                value => write(&RustType::Into(Box::new(of[0].clone())), value)?,
            },
            (RustType::Path(name, of), value) if name == EITHER_BODY => match (&of[0], value) {
                (RustType::Path(name, _), Value::String(text)) if name == "str" => literal(text),
                (RustType::Slice(of), Value::String(text))
                    if **of == RustType::Path("u8".to_owned(), Vec::new()) =>
                {
                    format!("{}.as_bytes()", literal(text))
                }
                (of, value) => format!("&{}", write(of, value)?),
            },
            (of, value) => write(of, value)?,
        },
        RustType::AsText => literal(value.as_str().ok_or_else(unfit)?),
        RustType::Serializable => format!("serde_json::json!({value})"),
        RustType::Path(name, of) => match (name.as_str(), value) {
            ("String", Value::String(text)) => format!("{}.to_owned()", literal(text)),
            ("f64", Value::Number(number)) if !number.is_f64() => format!("{number}.0"),
            ("i32" | "i64" | "u32" | "u64" | "f64", Value::Number(number)) => number.to_string(),
            ("bool", Value::Bool(is)) => is.to_string(),
            ("uuid::Uuid" | "chrono::NaiveDate", Value::String(text)) => parsed(text),
            ("apigw_runtime::DateTime", Value::String(text)) => {
                format!("{}.parse::<{name}>().unwrap()", literal(text))
            }
            ("serde_json::Value", value) => format!("serde_json::json!({value})"),
            ("Option", Value::Null) => "None".to_owned(),
            ("Option", value) => format!("Some({})", write(&of[0], value)?),
            ("Box", value) => format!("Box::new({})", write(&of[0], value)?),
            ("Vec", value) => {
                format!("vec![{}]", each(types, &of[0], value).ok_or_else(unfit)??)
            }
            ("std::collections::BTreeMap", Value::Object(map)) => {
                let pairs = map.iter().map(|(key, value)| {
                    Ok(format!(
                        "({}.to_owned(), {})",
                        literal(key),
                        write(&of[1], value)?
                    ))
                });
                let pairs = pairs.collect::<Result<Vec<_>, Error>>()?.join(", ");
                format!("std::collections::BTreeMap::from([{pairs}])")
            }
            (name, value) => {
                let name = name.trim_start_matches("types::");
                modelled(types, name, value)?.ok_or_else(unfit)?
            }
        },
        RustType::Files => {
            let files = value.as_array().into_iter().flatten();
            let files: Option<Vec<&str>> = files.map(Value::as_str).collect();
            let files = files.ok_or_else(unfit)?.into_iter();
            let files: Vec<String> = files
                .map(|text| format!("{}.as_bytes()", literal(text)))
                .collect();
            format!("[{}]", files.join(", "))
        }
        RustType::Unit => return Err(unfit()),
    })
}

fn each(types: &Types, of: &RustType, values: &Value) -> Option<Result<String, Error>> {
    let items = values.as_array()?.iter();
    let items = items.map(|item| expression(types, of, item));
    let items = items.collect::<Result<Vec<_>, _>>();
    Some(items.map(|items| items.join(", ")))
}

/// Returns an expression of one of the types in `types.rs`.
fn modelled(types: &Types, name: &str, value: &Value) -> Result<Option<String>, Error> {
    if let (Some(texts), Value::String(text)) = (types.texts.get(name), value) {
        return Ok(texts
            .get(text)
            .map(|variant| format!("types::{name}::{variant}")));
    }
    if let (Some(of), Value::Object(value)) = (types.structs.get(name), value) {
        return built(types, name, of, value).map(Some);
    }
    let Some(variants) = types.unions.get(name) else {
        return Ok(None);
    };
    let known = variants.iter().filter(|(variant, _)| *variant != "Unknown");
    // `From` is implemented for the content of a box
    let held = known.filter_map(|(_, held)| match held.as_ref()? {
        RustType::Path(name, of) if name == "Box" => of.first(),
        held => Some(held),
    });
    let held: Vec<&RustType> = held.collect();
    let fitting = |value: &Value| {
        held.iter()
            .find_map(|held| expression(types, held, value).ok())
    };
    // the union sets the discriminator of variants that do not declare it
    let without_one = || {
        let fields = value
            .as_object()
            .into_iter()
            .flat_map(serde_json::Map::keys);
        let mut others = fields.map(|field| {
            let mut others = value.clone();
            others.as_object_mut()?.shift_remove(field);
            fitting(&others)
        });
        others.find_map(|made| made)
    };
    let made = fitting(value).or_else(without_one);
    Ok(made.map(|made| format!("types::{name}::from({made})")))
}

fn built(
    types: &Types,
    name: &str,
    of: &Struct,
    value: &serde_json::Map<String, Value>,
) -> Result<String, Error> {
    let mut left: Vec<(&String, &String, &Value)> = Vec::new();
    let is_more = |wire: &String| of.rest.is_some() && !of.fields.contains_key(wire);
    let more: serde_json::Map<String, Value> = value
        .iter()
        .filter(|(wire, _)| is_more(wire))
        .map(|(wire, value)| (wire.clone(), value.clone()))
        .collect();
    let more = Value::Object(more);
    if let Some(rest) = &of.rest {
        left.push((rest, rest, &more));
    }
    for (wire, value) in value.iter().filter(|(wire, _)| !is_more(wire)) {
        let rust = of.fields.get(wire);
        let rust = rust.ok_or_else(|| format!("types::{name} has no field for {wire}"))?;
        match of.preset.get(rust) {
            Some(preset) if value == preset => {}
            Some(preset) => return Err(format!("types::{name} is {preset}, not {value}").into()),
            None => left.push((wire, rust, value)),
        }
    }
    let arguments = of.new.as_ref();
    let arguments = arguments.ok_or_else(|| format!("types::{name} has no constructor"))?;
    let mut given = Vec::new();
    for argument in arguments {
        let found = left.iter().position(|(_, rust, _)| **rust == argument.name);
        let found = found.ok_or_else(|| format!("types::{name} requires {}", argument.name))?;
        given.push(expression(types, &argument.of, left.remove(found).2)?);
    }
    let mut text = format!("types::{name}::new({})", given.join(", "));
    for (wire, rust, value) in left {
        let is_it = |setter: &&Setter| [rust.clone(), format!("set_{rust}")].contains(&setter.name);
        let setter = of.setters.iter().find(is_it);
        let setter = setter.ok_or_else(|| format!("types::{name} has no setter for {wire}"))?;
        let [argument] = setter.arguments.as_slice() else {
            return Err(format!("types::{name}::{} has several arguments", setter.name).into());
        };
        let value = expression(types, argument, value)?;
        text.push_str(&format!(".{}({value})", setter.name));
    }
    Ok(text)
}

fn parsed(text: &str) -> String {
    format!("{}.parse().unwrap()", literal(text))
}

/// Returns a string literal, raw if it contains quotes or backslashes.
pub(super) fn literal(text: &str) -> String {
    match text.contains(['"', '\\']) && !text.contains("\"#") {
        true => format!("r#\"{text}\"#"),
        false => format!("{text:?}"),
    }
}
