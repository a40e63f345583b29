//! `init`: prepares a workspace for generated clients.

mod source;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use apigw_spec::write;
use similar::TextDiff;
use source::Source;
use toml_edit::{DocumentMut, Item, Table};

use crate::manifest::Manifest;
use crate::workspace::{find, shown};
use crate::{door, voice};

/// The list of APIs, without any.
const APIS: &str = include_str!("apis.toml");

const MAIN: &str = "\
fn main() -> std::process::ExitCode {
    apigw_xtask::main()
}
";

const ALIAS: &str = "run --package xtask --";

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Don't add an xtask; use `cargo apigw` instead
    #[arg(long)]
    no_xtask: bool,
    /// Print the changes as a diff, and write nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    source: source::Args,
    /// The commit, with --git
    #[arg(long, requires = "git")]
    rev: Option<String>,
}

/// A file to write.
struct Edit {
    path: PathBuf,
    before: String,
    after: String,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let current = std::env::current_dir().context("cannot read the current folder")?;
    let current = current.canonicalize().unwrap_or(current);
    let found = Manifest::find(&current)?;
    let root = match (find(&current), &found) {
        (Some(workspace), _) => workspace.root().to_owned(),
        (None, Some(manifest)) => manifest.folder().to_owned(),
        (None, None) => current,
    };
    let mut by_hand = Vec::new();
    let edits = plan(args, &root, found, &mut by_hand)?;
    if args.dry_run {
        for edit in &edits {
            let name = shown(&edit.path);
            let diff = TextDiff::from_lines(&edit.before, &edit.after);
            voice::print(&diff.unified_diff().header(&name, &name).to_string());
        }
    } else {
        for edit in &edits {
            write::file(&edit.path, &edit.after)
                .with_context(|| format!("cannot write {}", shown(&edit.path)))?;
            let verb = if edit.before.is_empty() {
                "Created"
            } else {
                "Changed"
            };
            voice::status(verb, shown(&edit.path));
        }
    }
    for step in by_hand {
        voice::status("Note", step);
    }
    if edits.is_empty() {
        voice::status("Unchanged", "the workspace is ready");
    }
    let command = match args.no_xtask {
        true => door::command().to_owned(),
        false => "cargo xtask".to_owned(),
    };
    if !args.dry_run {
        voice::status("Run", format!("{command} new NAME --from SPEC"));
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns the files that differ from what they should be.
fn plan(
    args: &Args,
    root: &Path,
    found: Option<Manifest>,
    by_hand: &mut Vec<String>,
) -> Result<Vec<Edit>> {
    let mut manifest = found.unwrap_or_else(|| Manifest::new(root));
    let mut wanted = Vec::new();
    let list = root.join("specs/apis.toml");
    if !list.exists() {
        wanted.push((list, APIS.to_owned()));
    }
    let xtask = manifest.folder().join("xtask");
    let needs_source =
        !manifest.has_dependency("apigw-runtime") || !(args.no_xtask || xtask.exists());
    if needs_source {
        let source = Source::of(&args.source, args.rev.as_ref())?;
        let runtime = source.dependency("apigw-runtime", manifest.folder());
        manifest.add_dependency("apigw-runtime", runtime)?;
        if !args.no_xtask && !xtask.exists() {
            let dependency = source.dependency("apigw-xtask", &xtask);
            wanted.push((
                xtask.join("Cargo.toml"),
                format!(
                    "[package]\nname = \"xtask\"\nedition = \"2024\"\npublish = false\n\n\
                     [dependencies]\napigw-xtask = {dependency}\n"
                ),
            ));
            wanted.push((xtask.join("src/main.rs"), MAIN.to_owned()));
        }
    }
    if !args.no_xtask {
        let text = fs_err::read_to_string(xtask.join("Cargo.toml")).unwrap_or_default();
        if xtask.exists() && !text.contains("apigw-xtask") {
            by_hand.push(
                "xtask exists: add the dependency `apigw-xtask`, and run `apigw_xtask::main_with` \
                 with your commands"
                    .to_owned(),
            );
        }
        manifest.add_member("xtask", Path::new("xtask"))?;
        let config = manifest.folder().join(".cargo/config.toml");
        wanted.push((config.clone(), with_alias(&config)?));
    }
    wanted.push((manifest.path.clone(), manifest.text()));
    let edits = wanted.into_iter().map(|(path, after)| {
        let before = fs_err::read_to_string(&path).unwrap_or_default();
        Edit {
            path,
            before,
            after,
        }
    });
    Ok(edits.filter(|edit| edit.before != edit.after).collect())
}

/// Returns the config with an alias for the xtask, unless it has one.
fn with_alias(config: &Path) -> Result<String> {
    let text = fs_err::read_to_string(config).unwrap_or_default();
    let mut document: DocumentMut = text
        .parse()
        .with_context(|| format!("{} is not valid TOML", config.display()))?;
    let alias = document
        .entry("alias")
        .or_insert_with(|| Item::Table(Table::new()))
        .as_table_like_mut()
        .context("`alias` is not a table")?;
    if alias.get("xtask").is_none() {
        alias.insert("xtask", toml_edit::value(ALIAS));
    }
    Ok(document.to_string())
}
