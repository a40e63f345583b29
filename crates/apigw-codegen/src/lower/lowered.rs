//! The types of a client, as used by progenitor and the renderer.

use indexmap::IndexMap;
use serde_json::Value;

/// A use of a schema that needs a Rust type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slot(pub(crate) usize);

/// All types of a client.
#[derive(Debug, Default)]
pub(crate) struct Lowered {
    pub(crate) structs: IndexMap<String, Struct>,
    pub(crate) enums: IndexMap<String, Enum>,
    pub(crate) unions: IndexMap<String, Union>,
    /// Existing types, with the names that stand for them in schemas.
    pub(crate) externals: IndexMap<String, String>,
    pub(crate) census: Census,
    /// One simple schema per slot, without duplicates.
    pub(crate) slots: Vec<Value>,
}

/// How many schemas allow any JSON in the client.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Census {
    /// Because the spec says no more.
    pub(crate) open: usize,
    /// Although the spec says more, which is in the report.
    pub(crate) lost: usize,
}

/// An object with known fields.
#[derive(Debug)]
pub(crate) struct Struct {
    /// The schema passed to progenitor.
    pub(crate) schema: Value,
    pub(crate) fields: Vec<Field>,
    /// Whether properties that the schema does not name are kept, as any JSON.
    pub(crate) is_open: bool,
    pub(crate) docs: Option<String>,
}

/// A field of an object.
#[derive(Debug)]
pub(crate) struct Field {
    /// The name passed to progenitor, which is unique in its struct after case conversion.
    pub(crate) key: String,
    /// The name on the wire.
    pub(crate) wire: String,
    pub(crate) required: bool,
    /// Whether the value may be `null`.
    pub(crate) nullable: bool,
    pub(crate) docs: Option<String>,
    /// The discriminator value that identifies this struct in a union.
    pub(crate) tag: Option<String>,
    /// A description of the constraints.
    pub(crate) limits: Option<String>,
    pub(crate) deprecated: bool,
}

/// An enum of strings: variant names and values on the wire.
#[derive(Debug)]
pub(crate) struct Enum {
    pub(crate) variants: Vec<(String, String)>,
    pub(crate) docs: Option<String>,
    pub(crate) deprecated: bool,
}

/// One of several types.
#[derive(Debug)]
pub(crate) struct Union {
    /// The variant name, its type, and the tag values that select it.
    pub(crate) variants: Vec<(String, Slot, Vec<String>)>,
    pub(crate) distinction: Distinction,
    pub(crate) docs: Option<String>,
}

/// How the variant of a union is determined when decoding.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Distinction {
    /// By the string in this property: `discriminator.propertyName`, or a property inferred from the
    /// variants.
    Tag(String),
    /// By its shape: at most one variant fits, so the first match is used.
    Shape,
    /// By the best fit: several variants may match, and the one that keeps most of the value is used.
    Fit,
}
