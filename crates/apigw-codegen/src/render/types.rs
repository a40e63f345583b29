//! `types.rs`: what requests and responses hold.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::Value;

use super::Names;
use super::code::Code;
use crate::lower::{Distinction, Enum, Field, Lowered, Slot, Struct, Union};
use crate::types::engine::{Made, MadeField, Types};
use crate::types::rust_type::RustType;

pub(super) const NAMES: Names = Names {
    items: &[("serde", &["Deserialize", "Serialize"])],
    modules: &[],
};

/// Names of methods that every type has.
const TAKEN: [&str; 3] = ["clone", "default", "new"];

/// All types, by name: a new one moves none of the others.
///
/// `sent` are the types that requests hold: these need constructors.
pub(crate) fn render(lowered: &Lowered, types: &Types, sent: &HashSet<String>) -> Code {
    enum Item<'a> {
        Struct(&'a Struct, &'a Made),
        Enum(&'a Enum),
        Union(&'a Union),
    }
    let structs = lowered
        .structs
        .iter()
        .filter_map(|(name, found)| Some((name, Item::Struct(found, types.structs.get(name)?))));
    let enums = lowered
        .enums
        .iter()
        .map(|(name, found)| (name, Item::Enum(found)));
    let unions = lowered
        .unions
        .iter()
        .map(|(name, found)| (name, Item::Union(found)));
    let sorted: BTreeMap<&String, Item<'_>> = structs.chain(enums).chain(unions).collect();

    let mut code = Code::default();
    for (name, item) in sorted {
        code.space();
        match item {
            Item::Struct(found, Made::Fields(made)) => {
                let fields = fields(found, made);
                structure(&mut code, name, found, &fields);
                if sent.contains(name) {
                    constructors(&mut code, name, &fields);
                }
            }
            Item::Struct(found, Made::Wrapper(inner)) => wrapper(&mut code, name, found, inner),
            Item::Enum(found) => enumeration(&mut code, name, found),
            Item::Union(found) => union(&mut code, name, found, lowered, types),
        }
    }
    code
}

/// The types that can be reached from slots, directly or inside others.
pub(crate) fn reachable(
    lowered: &Lowered,
    from: impl IntoIterator<Item = Slot>,
) -> HashSet<String> {
    let schema_of = |slot: Slot| lowered.slots.get(slot.0);
    let mut reached = HashSet::new();
    let mut waiting: Vec<&Value> = from.into_iter().filter_map(schema_of).collect();
    while let Some(schema) = waiting.pop() {
        match schema {
            Value::Object(map) => {
                let Some(name) = map.get("$ref").and_then(Value::as_str) else {
                    waiting.extend(map.values());
                    continue;
                };
                let name = name.rsplit('/').next().unwrap_or_default();
                if !reached.insert(name.to_owned()) {
                    continue;
                }
                waiting.extend(lowered.structs.get(name).map(|found| &found.schema));
                let variants = lowered.unions.get(name).map(|union| &union.variants);
                let slots = variants.into_iter().flatten().map(|(_, slot, _)| *slot);
                waiting.extend(slots.filter_map(schema_of));
            }
            Value::Array(list) => waiting.extend(list),
            _ => {}
        }
    }
    reached
}

/// A field with what the document and what progenitor say of it.
struct StructField<'a> {
    known: Option<&'a Field>,
    made: &'a MadeField,
}

impl StructField<'_> {
    fn is_required(&self) -> bool {
        self.known.is_some_and(|known| known.required)
    }

    /// The value that a union knows the struct by.
    fn tag(&self) -> Option<&str> {
        self.known?.tag.as_deref()
    }
}

/// The fields in the document's order; progenitor sorts them by name.
fn fields<'a>(found: &'a Struct, made: &'a [MadeField]) -> Vec<StructField<'a>> {
    let places: HashMap<&str, usize> = found
        .fields
        .iter()
        .enumerate()
        .map(|(place, field)| (field.key.as_str(), place))
        .collect();
    let place = |made: &MadeField| places.get(made.key.as_str()).copied();
    let mut fields: Vec<StructField<'_>> = made
        .iter()
        .map(|made| StructField {
            known: place(made).and_then(|place| found.fields.get(place)),
            made,
        })
        .collect();
    fields.sort_by_key(|field| place(field.made).unwrap_or(usize::MAX));
    fields
}

fn structure(code: &mut Code, name: &str, found: &Struct, fields: &[StructField<'_>]) {
    // a tag has a value from the start, which `new` gives
    let is_empty = |field: &StructField<'_>| !field.is_required() && field.tag().is_none();
    let default = match fields.iter().all(is_empty) {
        true => "Default, ",
        false => "",
    };
    code.described(found.docs.as_deref(), None);
    code.line(format!(
        "#[derive(Debug, Clone, {default}PartialEq, Serialize, Deserialize)]"
    ));
    code.line("#[non_exhaustive]");
    code.block(format!("pub struct {name}"), |code| {
        for field in fields {
            member(code, field);
        }
    });
}

fn member(code: &mut Code, field: &StructField<'_>) {
    let MadeField { ident, of, .. } = field.made;
    let Some(known) = field.known else {
        // what `additionalProperties` allows beside the named fields
        code.docs(["All other properties."]);
        code.line("#[serde(flatten)]");
        code.line(format!("pub {ident}: {},", of.in_types()));
        return;
    };
    code.described(known.docs.as_deref(), known.limits.as_deref());
    let mut serde = Vec::new();
    if known.wire != *ident {
        serde.push(format!("rename = {:?}", known.wire));
    }
    if !known.required && of.inside("Option").is_some() {
        serde.push("default".to_owned());
        serde.push("skip_serializing_if = \"Option::is_none\"".to_owned());
    }
    if !serde.is_empty() {
        code.attribute("serde", &serde);
    }
    code.line(format!("pub {ident}: {},", of.in_types()));
}

/// `new` with what the service demands, and a setter for all the rest.
fn constructors(code: &mut Code, name: &str, fields: &[StructField<'_>]) {
    let (required, rest): (Vec<_>, Vec<_>) = fields
        .iter()
        .filter(|field| field.tag().is_none())
        .partition(|field| field.is_required());
    code.space();
    code.block(format!("impl {name}"), |code| {
        code.docs([match (required.is_empty(), rest.is_empty()) {
            (true, _) => format!("Creates {} `{name}` without any fields set.", article(name)),
            (false, _) => format!(
                "Creates {} `{name}` from its required fields.",
                article(name)
            ),
        }]);
        if required.len() > 7 {
            code.line("#[expect(clippy::too_many_arguments, reason = \"each is required\")]");
        }
        code.line("#[must_use]");
        let arguments: Vec<String> = required
            .iter()
            .map(|field| format!("{}: {}", field.made.ident, taken(&field.made.of).0))
            .collect();
        code.function("pub fn new", &arguments, " -> Self", |code| {
            let values: Vec<String> = fields.iter().map(initial).collect();
            code.literal("Self", &values);
        });
        for field in rest {
            setter(code, field.made);
        }
    });
    let has_tag = fields.iter().any(|field| field.tag().is_some());
    if required.is_empty() && has_tag {
        code.space();
        code.block(format!("impl Default for {name}"), |code| {
            code.block("fn default() -> Self", |code| code.line("Self::new()"));
        });
    }
}

/// What `new` gives a field.
fn initial(field: &StructField<'_>) -> String {
    let MadeField { ident, of, .. } = field.made;
    let is_optional = of.inside("Option").is_some();
    match (field.tag(), is_optional) {
        (Some(tag), true) => return format!("{ident}: Some({tag:?}.into())"),
        (Some(tag), false) => return format!("{ident}: {tag:?}.into()"),
        (None, _) => {}
    }
    match (field.is_required(), taken(of).1) {
        (true, true) => format!("{ident}: {ident}.into()"),
        (true, false) => ident.clone(),
        (false, _) if is_optional => format!("{ident}: None"),
        (false, _) => format!("{ident}: Default::default()"),
    }
}

fn setter(code: &mut Code, field: &MadeField) {
    let MadeField { ident, of, .. } = field;
    let name = match TAKEN.contains(&ident.as_str()) {
        true => format!("set_{ident}"),
        false => ident.clone(),
    };
    let inner = of.inside("Option");
    let (takes, converts) = taken(inner.unwrap_or(of));
    let value = match converts {
        true => format!("{ident}.into()"),
        false => ident.clone(),
    };
    let value = match inner {
        Some(_) => format!("Some({value})"),
        None => value,
    };
    code.space();
    code.docs([format!("Sets `{ident}`.")]);
    code.line("#[must_use]");
    let arguments = ["mut self".to_owned(), format!("{ident}: {takes}")];
    code.function(&format!("pub fn {name}"), &arguments, " -> Self", |code| {
        code.line(format!("self.{ident} = {value};"));
        code.line("self");
    });
}

/// Returns the indefinite article of a type.
fn article(name: &str) -> &'static str {
    match name.starts_with(['A', 'E', 'I', 'O', 'U']) {
        true => "an",
        false => "a",
    }
}

/// How a function takes a value of the type, and whether it has to convert what it took.
fn taken(of: &RustType) -> (String, bool) {
    let converts = of.is_string() || of.path() == "Box";
    match converts {
        true => (format!("impl Into<{}>", of.in_types()), true),
        false => (of.in_types(), false),
    }
}

fn wrapper(code: &mut Code, name: &str, found: &Struct, inner: &RustType) {
    code.described(found.docs.as_deref(), None);
    code.line("#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]");
    code.line("#[serde(transparent)]");
    code.line(format!("pub struct {name}(pub {});", inner.in_types()));
}

fn enumeration(code: &mut Code, name: &str, found: &Enum) {
    code.block("apigw_runtime::open_enum!", |code| {
        code.described(found.docs.as_deref(), None);
        code.block(format!("pub enum {name}"), |code| {
            for (variant, wire) in &found.variants {
                code.line(format!("{variant} = {wire:?},"));
            }
        });
    });
}

fn union(code: &mut Code, name: &str, found: &Union, lowered: &Lowered, types: &Types) {
    let variants: Vec<(&str, RustType, &[String])> = found
        .variants
        .iter()
        .map(|(variant, slot, tags)| (variant.as_str(), types.slot(*slot), tags.as_slice()))
        .collect();
    // the compiler needs a fixed size, and variants of one size read the same
    let is_boxed = |of: &RustType| of.own_name().is_some();
    code.described(found.docs.as_deref(), None);
    let tag = match &found.distinction {
        Distinction::Tag(tag) => Some(tag.as_str()),
        Distinction::Shape | Distinction::Fit => None,
    };
    // a field that the alternatives lack is for the enum to write
    let lacks_tag = |of: &RustType| tag.is_some_and(|tag| lacks(of, tag, lowered, types));
    let writes_tag = variants.iter().any(|(_, of, _)| lacks_tag(of));
    let mut derived = vec!["Debug", "Clone", "PartialEq"];
    if !writes_tag {
        derived.push("Serialize");
    }
    if found.distinction == Distinction::Shape {
        derived.push("Deserialize");
    }
    code.line(format!("#[derive({})]", derived.join(", ")));
    if !writes_tag {
        code.line("#[serde(untagged)]");
    }
    code.line("#[non_exhaustive]");
    code.block(format!("pub enum {name}"), |code| {
        for (variant, of, _) in &variants {
            let of = match is_boxed(of) {
                true => format!("Box<{}>", of.in_types()),
                false => of.in_types(),
            };
            code.line(format!("{variant}({of}),"));
        }
        code.docs(["Any other value."]);
        code.line("Unknown(serde_json::Value),");
    });
    if let Some(tag) = tag.filter(|_| writes_tag) {
        encode_with_tag(code, name, tag, &variants, lacks_tag);
    }
    match &found.distinction {
        Distinction::Tag(tag) => decode_by_tag(code, name, tag, &variants),
        Distinction::Shape => {}
        Distinction::Fit => decode_by_fit(code, name, &variants),
    }
    let mut seen = HashSet::new();
    for (variant, of, _) in &variants {
        let written = of.in_types();
        if !seen.insert(written.clone()) || written == "serde_json::Value" {
            continue;
        }
        let value = match is_boxed(of) {
            true => "Box::new(value)",
            false => "value",
        };
        code.space();
        code.block(format!("impl From<{written}> for {name}"), |code| {
            code.block(format!("fn from(value: {written}) -> Self"), |code| {
                code.line(format!("Self::{variant}({value})"));
            });
        });
    }
}

/// Whether a type is a struct without a field for the discriminator, so that the enum has to write it.
fn lacks(of: &RustType, tag: &str, lowered: &Lowered, types: &Types) -> bool {
    let known = of.own_name().and_then(|name| {
        let made = types.structs.get(name)?;
        Some((&lowered.structs.get(name)?.fields, made))
    });
    match known {
        // one field more holds everything else, the discriminator included
        Some((fields, Made::Fields(made))) => {
            made.len() == fields.len() && fields.iter().all(|field| field.wire != tag)
        }
        _ => false,
    }
}

/// `Serialize` that adds the discriminator where a variant has no field for it.
fn encode_with_tag(
    code: &mut Code,
    name: &str,
    tag: &str,
    variants: &[(&str, RustType, &[String])],
    lacks_tag: impl Fn(&RustType) -> bool,
) {
    code.space();
    code.block(format!("impl Serialize for {name}"), |code| {
        let head = "fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error>";
        code.block(head, |code| {
            code.block("match self", |code| {
                for (variant, of, values) in variants {
                    let value = values.first().filter(|_| lacks_tag(of));
                    let written = match value {
                        Some(value) => {
                            format!("apigw_runtime::codegen::tagged({tag:?}, {value:?}, value, to)")
                        }
                        None => "value.serialize(to)".to_owned(),
                    };
                    code.line(format!("Self::{variant}(value) => {written},"));
                }
                code.line("Self::Unknown(value) => value.serialize(to),");
            });
        });
    });
}

/// `Deserialize` that looks at the discriminator first.
fn decode_by_tag(code: &mut Code, name: &str, tag: &str, variants: &[(&str, RustType, &[String])]) {
    decode(code, name, |code| {
        code.line(format!(
            "match value.get({tag:?}).and_then(serde_json::Value::as_str) {{"
        ));
        for (variant, _, tags) in variants {
            let tags: Vec<String> = tags.iter().map(|tag| format!("{tag:?}")).collect();
            let tags = tags.join(" | ");
            code.line(format!(
                "    Some({tags}) => serde_json::from_value(value).map(Self::{variant}),"
            ));
        }
        code.line("    _ => Ok(Self::Unknown(value)),");
        code.line("}");
        code.line(".map_err(serde::de::Error::custom)");
    });
}

/// `Deserialize` that looks at what each variant would hold of the value.
fn decode_by_fit(code: &mut Code, name: &str, variants: &[(&str, RustType, &[String])]) {
    decode(code, name, |code| {
        code.line("let found = apigw_runtime::codegen::best_fit(");
        code.line("    &value,");
        code.line("    &[");
        for (variant, ..) in variants {
            code.line(format!(
                "        |value| serde_json::from_value(value).map(Self::{variant}),"
            ));
        }
        code.line("    ],");
        code.line(");");
        code.line("Ok(found.unwrap_or(Self::Unknown(value)))");
    });
}

fn decode(code: &mut Code, name: &str, body: impl FnOnce(&mut Code)) {
    code.space();
    code.block(format!("impl<'de> Deserialize<'de> for {name}"), |code| {
        let head = "fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error>";
        code.block(head, |code| {
            code.line("let value = serde_json::Value::deserialize(from)?;");
            body(code);
        });
    });
}
