//! Adds an API: its spec and its table in `apis.toml`.

use std::path::{Path, PathBuf};

use crate::workspace::Workspace;
use crate::workspace::apis::is_crate_name;
use crate::workspace::no_operations;
use apigw_spec::api::Api;
use apigw_spec::diagnostic::Diagnostic;
use apigw_spec::report::Report;
use apigw_spec::spec::{Spec, Syntax};
use apigw_spec::write;

/// The header of a new `apis.toml`.
const HEADER: &str =
    "# The APIs that clients are generated for, one table each: `cargo xtask regen`.\n";

impl Workspace {
    /// Adds an API: writes its spec to `specs/` unchanged, and adds a table to `apis.toml`.
    ///
    /// `source` is the file or URL the bytes came from. A file that is already in `specs/` is used
    /// in place. Returns the path of the spec. To generate the client, use [`Plan`](crate::Plan).
    ///
    /// # Errors
    ///
    /// Returns an error if the name is taken or is not a valid crate name, if the spec is invalid,
    /// or if a file can't be written. Nothing is changed in that case.
    pub fn add(&self, name: &str, source: &str, bytes: &[u8]) -> Result<PathBuf, Diagnostic> {
        if !is_crate_name(name) {
            return Err(Diagnostic::new(format!("{name} is not a valid crate name"))
                .help("use lowercase letters, digits, - and _, starting with a letter"));
        }
        let list = self.list();
        if list.exists() && self.apis()?.tables.contains_key(name) {
            return Err(
                Diagnostic::new(format!("there is already an API called {name}"))
                    .in_file(self.name_of(&list))
                    .help("choose another name, or replace its spec and run `regen`"),
            );
        }
        let spec = Spec::parse(source, bytes)?;
        if Api::read(&spec, &mut Report::new()).operations.is_empty() {
            return Err(no_operations(&spec));
        }
        let (path, is_new) = self.place(name, source, &spec)?;
        let inside = path.strip_prefix(self.specs()).unwrap_or(&path);
        let text = with_table(&list, name, &inside.display().to_string())
            .map_err(|error| self.unwritable(&list, error))?;
        if is_new {
            write::file(&path, bytes).map_err(|error| self.unwritable(&path, error))?;
        }
        if let Err(error) = write::file(&list, &text) {
            if is_new {
                // so that the next attempt can start over
                let _ = fs_err::remove_file(&path);
            }
            return Err(self.unwritable(&list, error));
        }
        Ok(path)
    }

    /// Returns the path for the spec, and whether it has to be written.
    fn place(&self, name: &str, source: &str, spec: &Spec) -> Result<(PathBuf, bool), Diagnostic> {
        let specs = self.specs().canonicalize().ok();
        let present = Path::new(source).canonicalize().ok();
        if let (Some(specs), Some(present)) = (specs, present)
            && let Ok(inside) = present.strip_prefix(&specs)
        {
            return Ok((self.specs().join(inside), false));
        }
        let extension = match spec.syntax() {
            Syntax::Json => "json",
            Syntax::Yaml => "yaml",
        };
        let path = self.specs().join(format!("{name}.{extension}"));
        if path.exists() {
            return Err(Diagnostic::new("this file already exists")
                .in_file(self.name_of(&path))
                .help("choose another name, or pass this file to --from"));
        }
        Ok((path, true))
    }

    fn unwritable(&self, path: &Path, error: std::io::Error) -> Diagnostic {
        Diagnostic::new("cannot write this file")
            .in_file(self.name_of(path))
            .help("make the folder writable")
            .caused_by(error)
    }
}

/// Returns the list with one more table at the end, and the rest unchanged.
fn with_table(list: &Path, name: &str, spec: &str) -> std::io::Result<String> {
    let mut text = match list.exists() {
        true => fs_err::read_to_string(list)?,
        false => HEADER.to_owned(),
    };
    if !text.ends_with('\n') && !text.is_empty() {
        text.push('\n');
    }
    let spec = toml::Value::String(spec.to_owned());
    text.push_str(&format!("\n[{name}]\nspec = {spec}\n"));
    Ok(text)
}
