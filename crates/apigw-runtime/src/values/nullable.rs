//! A field that may be missing, `null`, or a value.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A field that may be missing, `null`, or a value.
///
/// The type of fields that are optional and nullable in the spec (`nullable` in OpenAPI 3.0,
/// `type: [string, "null"]` in OpenAPI 3.1). The difference matters where a missing field means
/// "unchanged" and `null` means "cleared", as in a JSON merge patch (RFC 7396). What was received is
/// sent back unchanged.
///
/// To read the value, use [`as_ref`](Self::as_ref), [`as_deref`](Self::as_deref) or
/// [`into_option`](Self::into_option), which do not tell missing from `null`. Setters of generated
/// types accept a value, or `None` for `null`.
///
/// ```
/// use apigw_runtime::Nullable;
///
/// let mut note: Nullable<String> = "leave at the door".into();
/// assert_eq!(note.as_deref(), Some("leave at the door"));
///
/// note = Nullable::Null; // clears the note
/// assert_eq!(note.as_deref(), None);
/// assert!(note.is_null() && !note.is_absent());
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Nullable<T> {
    /// The field is missing. The default.
    #[default]
    Absent,
    /// The field is `null`.
    Null,
    /// The field has a value.
    Value(T),
}

impl<T> Nullable<T> {
    /// Returns whether the field is missing.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// Returns whether the field is `null`.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Returns a reference to the value, or `None` if the field is missing or `null`.
    pub fn as_ref(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    /// Returns a reference to what the value dereferences to, for example `&str` for a `String`, or
    /// `None` if the field is missing or `null`.
    pub fn as_deref(&self) -> Option<&T::Target>
    where
        T: std::ops::Deref,
    {
        self.as_ref().map(T::deref)
    }

    /// Converts the field into its value, or `None` if it is missing or `null`.
    pub fn into_option(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }
}

impl<T> From<T> for Nullable<T> {
    fn from(value: T) -> Self {
        Self::Value(value)
    }
}

/// `None` becomes [`Nullable::Null`].
impl<T> From<Option<T>> for Nullable<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Self::Value)
    }
}

impl From<&str> for Nullable<String> {
    fn from(value: &str) -> Self {
        Self::Value(value.to_owned())
    }
}

impl<T> From<T> for Nullable<Box<T>> {
    fn from(value: T) -> Self {
        Self::Value(Box::new(value))
    }
}

#[cfg(feature = "chrono")]
impl<Tz: chrono::TimeZone> From<chrono::DateTime<Tz>> for Nullable<crate::DateTime> {
    fn from(value: chrono::DateTime<Tz>) -> Self {
        Self::Value(value.into())
    }
}

/// Serializes a missing field as `null`. Generated types skip missing fields.
impl<T: Serialize> Serialize for Nullable<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.as_ref().serialize(to)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Nullable<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Option::deserialize(from).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Patch {
        #[serde(default, skip_serializing_if = "Nullable::is_absent")]
        note: Nullable<String>,
        #[serde(default, skip_serializing_if = "Nullable::is_absent")]
        pieces: Nullable<Vec<i64>>,
    }

    #[test]
    fn missing_null_and_value_are_sent_as_they_were_received() {
        for json in [
            r#"{}"#,
            r#"{"note":null}"#,
            r#"{"note":"a","pieces":null}"#,
            r#"{"note":null,"pieces":[]}"#,
        ] {
            let patch: Patch = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&patch).unwrap(), json);
        }
    }

    #[test]
    fn setters_accept_values_and_none() {
        fn set<T>(value: impl Into<Nullable<T>>) -> Nullable<T> {
            value.into()
        }
        assert_eq!(set::<String>("a"), Nullable::Value("a".to_owned()));
        assert_eq!(set::<String>(None), Nullable::Null);
        assert_eq!(set::<i64>(5), Nullable::Value(5));
        assert_eq!(set::<i64>(Nullable::Absent), Nullable::Absent);
        assert_eq!(set::<Box<bool>>(true), Nullable::Value(Box::new(true)));
    }
}
