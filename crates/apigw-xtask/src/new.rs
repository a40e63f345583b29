//! `new`: adds an API.

use std::process::ExitCode;

use anyhow::{Context, Result};
use apigw_regen::{Plan, State};

use crate::workspace::shown;
use crate::{members, regen, voice};

/// The arguments of `new`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The name of the API, for example `orders`
    pub(crate) name: String,
    /// The spec: a file, or a URL that starts with http:// or https://
    #[arg(long, value_name = "FILE|URL")]
    pub(crate) from: String,
}

impl Args {
    /// Returns `true` if the spec has to be downloaded.
    #[must_use]
    pub(crate) fn is_remote(&self) -> bool {
        self.from.starts_with("https://") || self.from.starts_with("http://")
    }
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let bytes = fs_err::read(&args.from).context("cannot read the spec after --from")?;
    add(args, &bytes)
}

/// Adds the API, generates its client and prints how to use it.
///
/// # Errors
///
/// Returns an error if the name or the spec is invalid, or if a file can't be written.
pub(crate) fn add(args: &Args, spec: &[u8]) -> Result<ExitCode> {
    let workspace = crate::workspace()?;
    members::check(&workspace)?;
    let path = workspace.add(&args.name, &args.from, spec)?;
    let list = shown(&workspace.list());
    let added = format!("{} and [{}] in {list}", shown(&path), args.name);
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
        let folder = workspace.client(&api.name);
        let readme = fs_err::read_to_string(folder.join("README.md"))?;
        let folder = folder.strip_prefix(workspace.root()).unwrap_or(&folder);
        voice::status("Use", "it with these dependencies and this code:");
        crate::show(&format!(
            "# path relative to the workspace root\n\
             {} = {{ path = \"{}\" }}\n\
             tokio = {{ version = \"1\", features = [\"macros\", \"rt-multi-thread\"] }}\n\n{}",
            api.package,
            folder.display(),
            first_example(&readme)
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns the first Rust code block, without the lines that rustdoc hides.
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
