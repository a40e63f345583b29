//! Compiles the types of many clients, and puts values through them.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The types of one client.
pub(crate) struct Types {
    /// The file `types.rs`.
    pub(crate) source: String,
    /// The types to put values through, as written beside the module `types`.
    pub(crate) of: Vec<String>,
}

/// A value to put through a type.
#[derive(Debug, Serialize)]
pub(crate) struct Value1<'a> {
    pub(crate) client: usize,
    pub(crate) of: usize,
    pub(crate) json: &'a str,
}

/// What came out.
#[derive(Debug, Deserialize)]
pub(crate) struct Trip {
    /// The value written after it was read; `None` if it could not be read.
    pub(crate) first: Option<String>,
    /// The same once more.
    pub(crate) second: Option<String>,
    pub(crate) error: Option<String>,
}

/// Puts values through the types of clients, in order.
pub(crate) fn run(root: &Path, clients: &[Types], values: &[Value1<'_>]) -> Result<Vec<Trip>> {
    let folder = root.join("target/values");
    let source = folder.join("src");
    if source.exists() {
        fs_err::remove_dir_all(&source)?;
    }
    fs_err::create_dir_all(&source)?;
    let runtime = root.join("crates/apigw-runtime");
    fs_err::write(
        folder.join("Cargo.toml"),
        format!(
            "[package]\nname = \"trips\"\nedition = \"2024\"\n\n[workspace]\n\n[features]\ntest = []\n\n[dependencies]\n\
             apigw-runtime = {{ path = {runtime:?}, default-features = false, features = [\"chrono\", \"uuid\"] }}\n\n\
             [profile.dev]\ndebug = false\n"
        ),
    )?;
    fs_err::copy(root.join("Cargo.lock"), folder.join("Cargo.lock"))?;
    let mut main = String::from(MAIN);
    let mut arms = String::new();
    for (index, client) in clients.iter().enumerate() {
        fs_err::create_dir_all(source.join(format!("c{index}")))?;
        fs_err::write(source.join(format!("c{index}/types.rs")), &client.source)?;
        let mut module = String::from(
            "#![allow(unused_imports, unused_variables)]\nuse apigw_runtime::codegen::{chrono, serde_json, uuid};\n\
             pub mod types;\n\npub(crate) fn trip(of: usize, json: &str) -> crate::Trip {\n    match of {\n",
        );
        for (of, written) in client.of.iter().enumerate() {
            writeln!(module, "        {of} => crate::trip::<{written}>(json),")?;
        }
        module.push_str("        _ => unreachable!(),\n    }\n}\n");
        fs_err::write(source.join(format!("c{index}/mod.rs")), module)?;
        writeln!(main, "mod c{index};")?;
        writeln!(arms, "        {index} => c{index}::trip(of, json),")?;
    }
    write!(
        main,
        "\nfn go(client: usize, of: usize, json: &str) -> Trip {{\n    match client {{\n{arms}        _ => unreachable!(),\n    }}\n}}\n"
    )?;
    fs_err::write(source.join("main.rs"), main)?;
    let mut child = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["run", "--quiet", "--offline", "--target-dir"])
        .arg(root.join("target"))
        .current_dir(&folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot run cargo")?;
    let mut input = child.stdin.take().context("no input")?;
    let lines: Vec<String> = values
        .iter()
        .map(serde_json::to_string)
        .collect::<Result<_, _>>()?;
    let writer = std::thread::spawn(move || -> std::io::Result<()> {
        for line in lines {
            writeln!(input, "{line}")?;
        }
        Ok(())
    });
    let output = child.wait_with_output()?;
    let _ = writer.join();
    if !output.status.success() {
        bail!("the program with the types of all clients failed");
    }
    let lines = String::from_utf8(output.stdout)?;
    let trips: Vec<Trip> = lines
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()?;
    if trips.len() != values.len() {
        bail!("{} values, {} results", values.len(), trips.len());
    }
    Ok(trips)
}

/// Reads JSON that may be missing.
pub(crate) fn parsed(json: Option<&String>) -> Option<Value> {
    serde_json::from_str(json?).ok()
}

const MAIN: &str = r#"#![allow(dead_code, deprecated)]
use apigw_runtime::codegen::{serde, serde_json};

pub(crate) struct Trip {
    first: Option<String>,
    second: Option<String>,
    error: Option<String>,
}

pub(crate) fn trip<T: serde::Serialize + serde::de::DeserializeOwned>(json: &str) -> Trip {
    let once = |json: &str| -> Result<String, serde_json::Error> {
        serde_json::to_string(&serde_json::from_str::<T>(json)?)
    };
    match once(json) {
        Err(error) => Trip { first: None, second: None, error: Some(error.to_string()) },
        Ok(first) => match once(&first) {
            Err(error) => Trip { first: Some(first), second: None, error: Some(error.to_string()) },
            Ok(second) => Trip { first: Some(first), second: Some(second), error: None },
        },
    }
}

fn main() {
    for line in std::io::stdin().lines() {
        let line: serde_json::Value = serde_json::from_str(&line.unwrap()).unwrap();
        let number = |key: &str| line[key].as_u64().unwrap() as usize;
        let trip = go(number("client"), number("of"), line["json"].as_str().unwrap());
        println!("{}", serde_json::json!({ "first": trip.first, "second": trip.second, "error": trip.error }));
    }
}

"#;
