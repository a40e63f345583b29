//! Writes the tests that call every method of every golden client; `tests/calls` includes them.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use golden_calls::{Client, Error};

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=specs");
    println!("cargo::rerun-if-changed=src");
    match write_calls() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            for line in error.to_string().lines() {
                println!("cargo::error={line}");
            }
            ExitCode::FAILURE
        }
    }
}

fn write_calls() -> Result<(), Error> {
    let variable = |name: &str| std::env::var_os(name).ok_or(format!("no {name}: run by cargo"));
    let package = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let (mut tests, mut uncalled) = (String::new(), Vec::new());
    for client in Client::read_all(&package)? {
        match client.tests() {
            Ok(module) => tests.push_str(&module),
            Err(error) => uncalled.push(format!("no call for {}: {error}", client.name)),
        }
    }
    if !uncalled.is_empty() {
        return Err(uncalled.join("\n").into());
    }
    fs_err::write(Path::new(&variable("OUT_DIR")?).join("calls.rs"), tests)?;
    Ok(())
}
