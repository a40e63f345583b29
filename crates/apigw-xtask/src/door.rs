//! How the command line was started: as `cargo apigw`, or as an xtask.

use std::ffi::OsString;
use std::path::Path;
use std::sync::LazyLock;

/// `apigw`, or the name of the xtask's binary.
static NAME: LazyLock<String> = LazyLock::new(|| {
    let program = std::env::args_os().next().unwrap_or_default();
    let stem = Path::new(&program).file_stem().unwrap_or_default();
    let stem = stem.to_string_lossy();
    let name = stem.strip_prefix("cargo-").unwrap_or(&stem);
    match name.is_empty() {
        true => "apigw".to_owned(),
        false => name.to_owned(),
    }
});

static COMMAND: LazyLock<String> = LazyLock::new(|| format!("cargo {}", *NAME));

/// Returns the name after `cargo`, for example `apigw` or `xtask`.
pub(crate) fn name() -> &'static str {
    &NAME
}

/// Returns what people type, for example `cargo xtask`.
pub(crate) fn command() -> &'static str {
    &COMMAND
}

/// Returns the arguments. Cargo passes the name of an external subcommand as the first one,
/// which is removed (The Cargo Book, "Custom subcommands").
pub(crate) fn arguments() -> Vec<OsString> {
    let mut arguments: Vec<OsString> = std::env::args_os().collect();
    let program = arguments.first().map(Path::new);
    let is_subcommand = program
        .and_then(Path::file_stem)
        .is_some_and(|stem| stem.to_string_lossy().starts_with("cargo-"));
    if is_subcommand && arguments.get(1).is_some_and(|first| *first == *name()) {
        arguments.remove(1);
    }
    arguments
}
