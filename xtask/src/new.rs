//! `cargo xtask new`.

use std::process::ExitCode;

use anyhow::{Context, Result};
use apigw_regen::{Plan, State, Workspace};

use crate::{regen, voice};

/// The arguments of `new`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The API's name, for example `orders`: its table in specs/apis.toml and its crate
    pub name: String,
    /// The spec: a file, or an http:// or https:// URL
    #[arg(long, value_name = "FILE|URL")]
    pub from: String,
}

impl Args {
    /// Whether the spec has to be fetched.
    #[must_use]
    pub fn is_remote(&self) -> bool {
        self.from.starts_with("https://") || self.from.starts_with("http://")
    }
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let bytes = fs_err::read(&args.from).context("give a spec after --from")?;
    add(args, &bytes)
}

/// Adds the API, generates its client and shows how to begin with it.
///
/// # Errors
///
/// When the name or the spec cannot be used, or something cannot be written.
pub fn add(args: &Args, spec: &[u8]) -> Result<ExitCode> {
    let workspace = Workspace::new(crate::root());
    let path = workspace.add(&args.name, &args.from, spec)?;
    let path = path.strip_prefix(crate::root()).unwrap_or(&path);
    let added = format!("{} and [{}] in specs/apis.toml", path.display(), args.name);
    voice::status("Added", added);
    let done = regen::run(&regen::Args::of(&args.name))?;
    if done != ExitCode::SUCCESS {
        return Ok(done);
    }
    let plan = Plan::new(&workspace, std::slice::from_ref(&args.name))?;
    for api in plan
        .apis()
        .iter()
        .filter(|api| matches!(api.state, State::Fresh))
    {
        let folder = format!("crates/generated/{}", api.name);
        let readme = fs_err::read_to_string(crate::root().join(&folder).join("README.md"))?;
        voice::status("Begin", "with this in a Cargo.toml and in a program:");
        crate::show(&format!(
            "# the path is from the root of the workspace\n\
             {} = {{ path = \"{folder}\" }}\n\
             tokio = {{ version = \"1\", features = [\"macros\", \"rt-multi-thread\"] }}\n\n{}",
            api.package,
            first_example(&readme)
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The lines of the first block of Rust, without those that rustdoc hides.
fn first_example(readme: &str) -> String {
    let lines = readme
        .lines()
        .skip_while(|line| !line.starts_with("```rust"));
    let lines = lines.skip(1).take_while(|line| !line.starts_with("```"));
    lines
        .filter(|line| *line != "#" && !line.starts_with("# "))
        .map(|line| format!("{line}\n"))
        .collect()
}
