//! JSON pointers (RFC 6901).

use std::borrow::Cow;

/// Returns the pointer to `key` of the object at `parent`.
pub fn child(parent: &str, key: &str) -> String {
    let mut pointer = String::with_capacity(parent.len() + key.len() + 1);
    pointer.push_str(parent);
    push(&mut pointer, key);
    pointer
}

/// Appends `key` to the pointer.
pub fn push(pointer: &mut String, key: &str) {
    pointer.push('/');
    for c in key.chars() {
        match c {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            c => pointer.push(c),
        }
    }
}

/// Returns the pointer to an item of the array at `parent`.
pub fn index(parent: &str, index: usize) -> String {
    format!("{parent}/{index}")
}

/// Returns the segments of a pointer, unescaped.
pub fn segments(pointer: &str) -> Vec<Cow<'_, str>> {
    pointer.split('/').skip(1).map(unescape).collect()
}

/// Unescapes a segment of a pointer.
pub fn unescape(segment: &str) -> Cow<'_, str> {
    if segment.contains('~') {
        Cow::Owned(segment.replace("~1", "/").replace("~0", "~"))
    } else {
        Cow::Borrowed(segment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slashes_and_tildes_in_keys_are_escaped() {
        let pointer = child(&child("/paths", "/a~b"), "get");
        assert_eq!(pointer, "/paths/~1a~0b/get");
        assert_eq!(segments(&pointer), ["paths", "/a~b", "get"]);
    }

    #[test]
    fn a_tilde_followed_by_a_one_is_not_an_escape() {
        assert_eq!(child("", "~1"), "/~01");
        assert_eq!(segments("/~01"), ["~1"]);
    }

    #[test]
    fn the_empty_pointer_has_no_segments() {
        assert!(segments("").is_empty());
    }
}
