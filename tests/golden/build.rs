//! Writes the tests that call every method of every golden client, see `tests/calls`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use golden_calls::{Client, Trouble};

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=documents");
    println!("cargo::rerun-if-changed=src");
    match write_calls() {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            for line in trouble.to_string().lines() {
                println!("cargo::error={line}");
            }
            ExitCode::FAILURE
        }
    }
}

fn write_calls() -> Result<(), Trouble> {
    let variable = |name: &str| std::env::var_os(name).ok_or(format!("no {name}: run by cargo"));
    let package = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let (mut tests, mut uncalled) = (String::new(), Vec::new());
    for client in Client::read_all(&package)? {
        match client.tests() {
            Ok(module) => tests.push_str(&module),
            Err(trouble) => uncalled.push(format!("no call for {}: {trouble}", client.name)),
        }
    }
    if !uncalled.is_empty() {
        return Err(uncalled.join("\n").into());
    }
    fs_err::write(Path::new(&variable("OUT_DIR")?).join("calls.rs"), tests)?;
    Ok(())
}
