//! Encodes forms with files (RFC 7578).

use std::collections::hash_map::RandomState;
use std::fmt::Write as _;
use std::hash::{BuildHasher as _, Hasher as _};

use bytes::{Bytes, BytesMut};
use futures_util::stream::{self, StreamExt as _};
use reqwest::Body;

use crate::call::chunks::{self, BoxError, Chunks};
use crate::call::invalid::Problem;
use crate::call::part::Part;

/// A form with files. Every attempt sends the same bytes.
#[derive(Clone)]
pub(crate) struct Form {
    boundary: String,
    parts: Vec<Named>,
}

#[derive(Clone)]
struct Named {
    name: String,
    part: Part,
    /// The content type, unless the part has one.
    default_type: Option<String>,
}

impl Form {
    pub(crate) fn new() -> Self {
        // unpredictable, so that no content can contain it on purpose: the keys are from the operating system
        let random = || RandomState::new().build_hasher().finish();
        Self {
            boundary: format!("{:016x}{:016x}", random(), random()),
            parts: Vec::new(),
        }
    }

    pub(crate) fn push(&mut self, name: &str, part: Part, default_type: Option<&str>) {
        self.parts.push(Named {
            name: name.to_owned(),
            part,
            default_type: default_type.map(str::to_owned),
        });
    }

    /// Sets the default content type of all parts with this name.
    pub(crate) fn set_type(&mut self, name: &str, content_type: &str) {
        for named in self.parts.iter_mut().filter(|named| named.name == name) {
            named.default_type = Some(content_type.to_owned());
        }
    }

    pub(crate) fn content_type(&self) -> String {
        format!("multipart/form-data; boundary={}", self.boundary)
    }

    pub(crate) fn is_replayable(&self) -> bool {
        self.parts.iter().all(|named| named.part.is_replayable())
    }

    pub(crate) fn body(&self) -> Result<Body, Problem> {
        // bytes need no buffer to be signed, and can be sent again after clock skew
        if let Some(bytes) = self.in_memory() {
            return Ok(bytes.into());
        }
        let mut all: Vec<Chunks> = Vec::new();
        for named in &self.parts {
            all.push(one(self.head(named)));
            all.push(named.part.chunks()?);
            all.push(one("\r\n".to_owned()));
        }
        all.push(one(self.end()));
        let all = Box::pin(stream::iter(all).flatten());
        Ok(chunks::body(all, self.length()))
    }

    fn in_memory(&self) -> Option<Bytes> {
        let mut bytes = BytesMut::new();
        for named in &self.parts {
            bytes.extend_from_slice(self.head(named).as_bytes());
            bytes.extend_from_slice(named.part.in_memory()?);
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(self.end().as_bytes());
        Some(bytes.freeze())
    }

    fn length(&self) -> Option<u64> {
        let mut length = self.end().len() as u64;
        for named in &self.parts {
            let head = self.head(named).len() as u64;
            length += head + named.part.content_length()? + 2;
        }
        Some(length)
    }

    /// Returns the delimiter and the headers of a part.
    fn head(&self, named: &Named) -> String {
        let mut head = format!(
            "--{}\r\nContent-Disposition: form-data; name=\"{}\"",
            self.boundary,
            escaped(&named.name)
        );
        if let Some(file_name) = &named.part.file_name {
            let _ = write!(head, "; filename=\"{}\"", escaped(file_name));
        }
        let content_type = named.part.content_type.as_ref();
        if let Some(content_type) = content_type.or(named.default_type.as_ref()) {
            let _ = write!(head, "\r\nContent-Type: {content_type}");
        }
        head + "\r\n\r\n"
    }

    fn end(&self) -> String {
        format!("--{}--\r\n", self.boundary)
    }
}

fn one(text: String) -> Chunks {
    Box::pin(stream::iter([Ok::<_, BoxError>(Bytes::from(text))]))
}

/// Escapes a name as browsers do (HTML Standard, "multipart/form-data encoding algorithm"). Other characters are sent as UTF-8,
/// because `name*` and `filename*` are not allowed (RFC 7578 §4.2).
fn escaped(name: &str) -> String {
    name.replace('\r', "%0D")
        .replace('\n', "%0A")
        .replace('"', "%22")
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use proptest::prelude::*;

    use super::*;

    async fn decoded(form: &Form) -> multer::Result<Vec<(String, Option<String>, Bytes)>> {
        let body = form.in_memory().unwrap();
        let body = stream::iter([Ok::<_, std::io::Error>(body)]);
        let boundary = multer::parse_boundary(form.content_type())?;
        let mut decoder = multer::Multipart::new(body, boundary);
        let mut parts = Vec::new();
        while let Some(part) = decoder.next_field().await? {
            let name = part.name().unwrap_or_default().to_owned();
            let file_name = part.file_name().map(str::to_owned);
            parts.push((name, file_name, part.bytes().await?));
        }
        Ok(parts)
    }

    /// Names with everything that could end a quoted string or a header.
    fn names() -> impl Strategy<Value = String> {
        "[a-zü\"\r\n;=%: -]{1,12}"
    }

    /// Content with everything that could end a part, but for the boundary itself.
    fn content() -> impl Strategy<Value = Vec<u8>> {
        let pieces = prop_oneof![
            Just(b"\r\n--".to_vec()),
            Just(b"--\r\n".to_vec()),
            Just(b"\r\nContent-Type: a/b\r\n\r\n".to_vec()),
            proptest::collection::vec(any::<u8>(), 0..9),
        ];
        proptest::collection::vec(pieces, 0..6).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn no_name_and_no_content_breaks_out_of_its_part(
            parts in proptest::collection::vec((names(), proptest::option::of(names()), content()), 1..5)
        ) {
            let mut form = Form::new();
            for (name, file_name, content) in &parts {
                let part = Part::bytes(content.clone());
                let part = match file_name {
                    Some(file_name) => part.file_name(file_name),
                    None => part,
                };
                form.push(name, part, None);
            }
            let on_the_wire = |name: &String| -> String {
                name.chars().map(|c| match c {
                    '"' => "%22".to_owned(),
                    '\r' => "%0D".to_owned(),
                    '\n' => "%0A".to_owned(),
                    c => c.to_string(),
                }).collect()
            };
            let expected: Vec<_> = parts.iter().map(|(name, file_name, content)| {
                let file_name = file_name.as_ref().map(on_the_wire);
                (on_the_wire(name), file_name, Bytes::from(content.clone()))
            }).collect();
            let decoded = decoded(&form).now_or_never();
            prop_assert_eq!(decoded.unwrap().unwrap(), expected);
            let length = form.in_memory().unwrap().len() as u64;
            prop_assert_eq!(form.length(), Some(length));
        }
    }

    #[test]
    fn boundaries_differ_and_are_valid() {
        let all: std::collections::HashSet<String> =
            (0..1000).map(|_| Form::new().boundary).collect();
        assert_eq!(all.len(), 1000);
        // RFC 2046 §5.1.1
        assert!(all.iter().all(|boundary| boundary.len() == 32));
    }
}
