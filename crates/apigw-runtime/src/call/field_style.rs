//! Styles of form fields.

/// How a list or an object is encoded in a form (`application/x-www-form-urlencoded`), if not by default: lists as repeated
/// fields, and objects as JSON.
///
/// See "Encoding Object" and "Style Values" in the OpenAPI Specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FieldStyle {
    /// One field with all values of a list, separated by this character (`explode: false`): `tag=a%2Cb`.
    Joined(char),
    /// One field for each property of an object (`deepObject`): `size[width]=2`, with the brackets percent-encoded.
    Deep,
}
