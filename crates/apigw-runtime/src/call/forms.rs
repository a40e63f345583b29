//! Sets the parts of forms, and bodies that are uploads.

use http::HeaderValue;
use serde::Serialize;

use crate::Call;
use crate::call::field_style::FieldStyle;
use crate::call::invalid::{Place, Problem};
use crate::call::json;
use crate::call::multipart::Form;
use crate::call::param;
use crate::call::part::Part;
use crate::call::request_body::RequestBody;

/// The type of data of unknown type (RFC 7578 §4.4).
const BINARY: &str = "application/octet-stream";

impl Call {
    /// Sets the body to bytes, a file or a stream. See [`Part`].
    ///
    /// `content_type` applies unless the part has its own.
    pub fn upload(self, body: impl Into<Part>, content_type: &str) -> Self {
        let part = body.into();
        let own = part.content_type.clone();
        let body = match part.in_memory() {
            Some(bytes) => RequestBody::Bytes(bytes.clone()),
            None => RequestBody::Part(part),
        };
        self.with_body(own.as_deref().unwrap_or(content_type), body)
    }

    /// Starts a form with files (`multipart/form-data`) without parts. The setters of parts do this themselves.
    ///
    /// Replaces a body that is not such a form.
    pub fn parts(mut self) -> Self {
        self.change_form(|_| {});
        self
    }

    /// Appends a string, number or boolean to the form (`multipart/form-data`). Replaces a body that is not such a form.
    pub fn part(mut self, name: &str, value: impl Serialize) -> Self {
        match param::text(value) {
            Ok(text) => self.push_part(name, Part::bytes(text), None),
            Err(problem) => self.reject(Place::Part(name.to_owned()), problem),
        }
        self
    }

    /// Appends a [part](Self::part) with the same name for each value.
    pub fn part_each(mut self, name: &str, values: impl IntoIterator<Item: Serialize>) -> Self {
        for value in values {
            self = self.part(name, value);
        }
        self
    }

    /// Appends a [part](Self::part) with all values, separated by `separator`.
    ///
    /// A value that contains the separator is an error, because the service would read it as two values.
    pub fn part_joined(
        mut self,
        name: &str,
        values: impl IntoIterator<Item: Serialize>,
        separator: char,
    ) -> Self {
        match param::separated(separator, values) {
            Ok(text) => self.push_part(name, Part::bytes(text), None),
            Err(problem) => self.reject(Place::Part(name.to_owned()), problem),
        }
        self
    }

    /// Appends a [part](Self::part) that is serialized as JSON, with the content type `application/json`.
    pub fn part_json<T: Serialize + ?Sized>(mut self, name: &str, value: &T) -> Self {
        match json::to_vec(value) {
            Ok(json) => self.push_part(name, Part::bytes(json), Some("application/json")),
            Err(error) => self.reject(Place::Part(name.to_owned()), error.into()),
        }
        self
    }

    /// Appends a [part in JSON](Self::part_json) with the same name for each value.
    pub fn part_json_each(
        mut self,
        name: &str,
        values: impl IntoIterator<Item: Serialize>,
    ) -> Self {
        for value in values {
            self = self.part_json(name, &value);
        }
        self
    }

    /// Appends a file to the form (`multipart/form-data`). Replaces a body that is not such a form.
    pub fn part_file(mut self, name: &str, file: impl Into<Part>) -> Self {
        let mut part = file.into();
        part.file_name.get_or_insert_with(|| name.to_owned());
        let is_header = |text: &String| HeaderValue::from_str(text).is_ok();
        match part.content_type.as_ref().is_none_or(is_header) {
            true => self.push_part(name, part, Some(BINARY)),
            false => self.reject(Place::PartType(name.to_owned()), Problem::NotHeader),
        }
        self
    }

    /// Appends a [file](Self::part_file) with the same name for each part.
    pub fn part_files(mut self, name: &str, files: impl IntoIterator<Item: Into<Part>>) -> Self {
        for file in files {
            self = self.part_file(name, file);
        }
        self
    }

    /// Sets the content type of the parts with this name, unless they have [their own](Part::content_type).
    pub fn part_type(mut self, name: &str, content_type: &str) -> Self {
        match HeaderValue::from_str(content_type) {
            Ok(_) => self.change_form(|form| form.set_type(name, content_type)),
            Err(_) => self.reject(Place::PartType(name.to_owned()), Problem::NotHeader),
        }
        self
    }

    /// Sets the body to a [form](Self::form), with some fields encoded in another style.
    pub fn form_styled<T: Serialize + ?Sized>(
        mut self,
        body: &T,
        styles: &[(&str, FieldStyle)],
    ) -> Self {
        match param::form(body, styles) {
            Ok(form) => self.set_body("application/x-www-form-urlencoded", form.into()),
            Err(problem) => self.reject(Place::Body, problem),
        }
        self
    }

    fn push_part(&mut self, name: &str, part: Part, default_type: Option<&str>) {
        self.change_form(|form| form.push(name, part, default_type));
    }

    /// Changes the form, which replaces any other body.
    fn change_form(&mut self, change: impl FnOnce(&mut Form)) {
        let mut form = match self.body.take() {
            Some((_, RequestBody::Form(form))) => form,
            _ => Form::new(),
        };
        change(&mut form);
        match HeaderValue::try_from(form.content_type()) {
            Ok(content_type) => self.body = Some((content_type, RequestBody::Form(form))),
            Err(_) => self.reject(Place::Body, Problem::NotHeader),
        }
    }
}
