//! A Rust type as generated code writes it.

use std::fmt;

use syn::{GenericArgument, PathArguments, Type};

/// A path and its arguments: `Vec<types::Order>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RustType {
    path: String,
    arguments: Vec<RustType>,
}

/// Types that every Rust file knows.
const PLAIN: [&str; 18] = [
    "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "usize",
    "String", "Vec", "Option", "Box", "()",
];

impl RustType {
    /// Any JSON value.
    pub(crate) fn any() -> Self {
        Self {
            path: "serde_json::Value".to_owned(),
            arguments: Vec::new(),
        }
    }

    /// Reads a type that progenitor wrote, with the absolute paths that macros need.
    pub(crate) fn read(written: &Type) -> Self {
        let Type::Path(written) = written else {
            return Self::any();
        };
        let names: Vec<String> = written
            .path
            .segments
            .iter()
            .map(|segment| segment.ident.to_string())
            .collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let path = match names.as_slice() {
            ["std", "string" | "option" | "vec" | "boxed", name] => (*name).to_owned(),
            ["chrono", .., name] => format!("chrono::{name}"),
            [.., "types", name] | ["super" | "self", name] => format!("types::{name}"),
            [name] if !PLAIN.contains(name) => format!("types::{name}"),
            names => names.join("::"),
        };
        let mut arguments: Vec<Self> =
            match written.path.segments.last().map(|last| &last.arguments) {
                Some(PathArguments::AngleBracketed(given)) => given
                    .args
                    .iter()
                    .filter_map(|argument| match argument {
                        GenericArgument::Type(inner) => Some(Self::read(inner)),
                        _ => None,
                    })
                    .collect(),
                _ => Vec::new(),
            };
        if let ("Box", [inner]) = (path.as_str(), arguments.as_mut_slice())
            && inner.path == "Option"
        {
            // the other way round, serde knows that the field may be missing
            "Box".clone_into(&mut inner.path);
            return Self {
                path: "Option".to_owned(),
                arguments,
            };
        }
        Self { path, arguments }
    }

    /// The type's path without its arguments.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// The only argument of `Option`, `Vec` or `Box`.
    pub(crate) fn inside(&self, holder: &str) -> Option<&Self> {
        self.arguments.first().filter(|_| self.path == holder)
    }

    /// The name of a type of this API.
    pub(crate) fn own_name(&self) -> Option<&str> {
        self.path.strip_prefix("types::")
    }

    pub(crate) fn is_string(&self) -> bool {
        self.path == "String"
    }

    /// As code in `types.rs` itself writes it.
    pub(crate) fn in_types(&self) -> String {
        self.to_string().replace("types::", "")
    }
}

impl fmt::Display for RustType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        for (index, argument) in self.arguments.iter().enumerate() {
            write!(f, "{}{argument}", if index == 0 { "<" } else { ", " })?;
        }
        if !self.arguments.is_empty() {
            f.write_str(">")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_written_as_people_write_them() {
        for (written, plain) in [
            ("::std::string::String", "String"),
            (
                "::std::option::Option<::std::vec::Vec<types::Order>>",
                "Option<Vec<types::Order>>",
            ),
            (
                "::chrono::DateTime<::chrono::offset::Utc>",
                "chrono::DateTime<chrono::Utc>",
            ),
            ("::chrono::naive::NaiveDate", "chrono::NaiveDate"),
            (
                "::std::boxed::Box<::std::option::Option<types::Node>>",
                "Option<Box<types::Node>>",
            ),
            (
                "::std::collections::BTreeMap<::std::string::String, i64>",
                "std::collections::BTreeMap<String, i64>",
            ),
            ("Order", "types::Order"),
            ("::uuid::Uuid", "uuid::Uuid"),
        ] {
            let read = RustType::read(&syn::parse_str(written).unwrap());
            assert_eq!(read.to_string(), plain, "{written}");
        }
    }
}
