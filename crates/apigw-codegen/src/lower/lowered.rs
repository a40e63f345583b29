//! Types as progenitor and the renderer need them.

use indexmap::IndexMap;
use serde_json::Value;

/// A place in the API that needs a Rust type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slot(pub(crate) usize);

/// Everything progenitor and the renderer need to know about types.
#[derive(Debug, Default)]
pub(crate) struct Lowered {
    pub(crate) structs: IndexMap<String, Struct>,
    pub(crate) enums: IndexMap<String, Enum>,
    pub(crate) unions: IndexMap<String, Union>,
    /// One plain schema per slot, each only once.
    pub(crate) slots: Vec<Value>,
}

/// An object with known fields.
#[derive(Debug)]
pub(crate) struct Struct {
    /// What progenitor gets.
    pub(crate) schema: Value,
    pub(crate) fields: Vec<Field>,
    pub(crate) docs: Option<String>,
}

/// A field of an object.
#[derive(Debug)]
pub(crate) struct Field {
    /// The name progenitor gets: unique in its struct after casing.
    pub(crate) key: String,
    /// The name on the wire.
    pub(crate) wire: String,
    pub(crate) required: bool,
    pub(crate) docs: Option<String>,
    /// The one value by which a union tells this struct from others.
    pub(crate) tag: Option<String>,
    /// What the service demands beyond the type.
    pub(crate) limits: Option<String>,
}

/// An enum of texts: variant name and value on the wire.
#[derive(Debug)]
pub(crate) struct Enum {
    pub(crate) variants: Vec<(String, String)>,
    pub(crate) docs: Option<String>,
}

/// One of several types.
#[derive(Debug)]
pub(crate) struct Union {
    /// Variant name, its type, and the values of the tag that select it.
    pub(crate) variants: Vec<(String, Slot, Vec<String>)>,
    pub(crate) distinction: Distinction,
    pub(crate) docs: Option<String>,
}

/// How a reader knows which of several types a value is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Distinction {
    /// By the texts that this property holds: `discriminator.propertyName`, or found out.
    Tag(String),
    /// By its shape: the first that fits is the only one.
    Shape,
    /// By nothing: several may fit, and the one that holds most of the value is it.
    Fit,
}
