//! Runs a network command from an xtask that was built without the feature `network`.
//!
//! Building the HTTP stack takes a minute, so that `regen` should not wait for it. Cargo builds
//! the xtask again with the feature, and that binary replaces this process.

use std::io::{BufRead, BufReader, IsTerminal, Write};
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// The feature of the xtask's dependency.
const FEATURE: &str = "apigw-xtask/network";

pub(super) fn run() -> Result<ExitCode> {
    let program = build()?;
    let mut command = Command::new(program);
    command.args(std::env::args_os().skip(1));
    replace_process(command)
}

/// Builds the xtask with the feature, and returns its path.
fn build() -> Result<PathBuf> {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR").context(
        "this command has to be built first, which needs cargo: start it with `cargo run`",
    )?;
    let own = std::env::current_exe().context("cannot find the path of this program")?;
    let name = own.file_stem().unwrap_or_default().to_owned();
    let color = match std::io::stderr().is_terminal() {
        true => "always",
        false => "never",
    };
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .args(["build", "--features", FEATURE, "--color", color])
        .args(["--message-format", "json-render-diagnostics"])
        .arg("--manifest-path")
        .arg(PathBuf::from(manifest).join("Cargo.toml"))
        .arg("--bin")
        .arg(&name);
    if own.components().any(|part| part.as_os_str() == "release") {
        cargo.arg("--release");
    }
    let mut cargo = cargo
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("failed to start cargo")?;
    let messages = cargo.stderr.take();
    let forward = std::thread::spawn(move || messages.map(forward));
    let mut program = None;
    for line in cargo.stdout.take().into_iter().flat_map(lines) {
        let Ok(message) = serde_json::from_str::<Value>(&line) else {
            continue;
        };
        if let Some(path) = message.get("executable").and_then(Value::as_str) {
            program = Some(PathBuf::from(path));
        }
    }
    let _ = forward.join();
    if !cargo.wait().context("failed to wait for cargo")?.success() {
        bail!(
            "cargo could not build the network commands; see above. The xtask needs a dependency \
             called `apigw-xtask`"
        );
    }
    program.context("cargo built no program")
}

fn lines(from: impl std::io::Read) -> impl Iterator<Item = String> {
    BufReader::new(from).lines().map_while(Result::ok)
}

/// Shows what cargo compiles, but not that nothing was to be done.
fn forward(messages: impl std::io::Read) {
    for line in lines(messages) {
        if !line.contains("Finished") {
            let _ = writeln!(std::io::stderr().lock(), "{line}");
        }
    }
}

/// Replaces this process, so that Ctrl-C reaches the command directly.
#[cfg(unix)]
fn replace_process(mut command: Command) -> Result<ExitCode> {
    use std::os::unix::process::CommandExt;
    Err(command.exec()).context("failed to start the network commands")
}

#[cfg(not(unix))]
fn replace_process(mut command: Command) -> Result<ExitCode> {
    let status = command.status();
    let code = status
        .context("failed to start the network commands")?
        .code();
    let code = code.and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}
