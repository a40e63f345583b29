//! `pull`: downloads exports from AWS.

use std::pin::pin;
use std::process::ExitCode;

use super::Pull;
use crate::door;
use crate::voice;
use anyhow::{Result, bail};
use apigw_regen::Apis;
use apigw_regen::Workspace;
use apigw_remote::pull::{self, Access, Adopted, Options, Pace, Puller, Wanted, inventory};
use apigw_spec::write;
use futures_util::StreamExt;

/// Pulls the named APIs, or all; a failure does not stop the others.
pub(crate) async fn run(args: Pull) -> Result<ExitCode> {
    let workspace = crate::workspace()?;
    let apis = workspace.apis()?;
    let options = Options {
        keep_integrations: args.keep_integrations,
    };
    let puller = Puller::new(Pace::default(), args.endpoint_url.clone(), options);
    let mut entries = match args.all {
        true => missing(&args, &puller, &apis).await?,
        false => Vec::new(),
    };
    let mut wanted = wanted(&workspace, &apis, &args.apis)?;
    wanted.extend(entries.iter().map(|entry| Wanted {
        name: entry.name.clone(),
        origin: entry.origin.clone(),
        file: workspace.specs().join(&entry.spec),
    }));
    if wanted.is_empty() {
        bail!(
            "no API in specs/apis.toml has `aws`: add \
             `aws = {{ id = \"…\", stage = \"…\", region = \"…\" }}` to its table, or run `{} pull --all`",
            door::command()
        );
    }
    let names: Vec<&str> = wanted.iter().map(|wanted| wanted.name.as_str()).collect();
    voice::status("Pulling", names.join(", "));
    let (mut updated, mut unchanged, mut failed) = (0, 0, Vec::new());
    let mut pulls = pin!(puller.pull(wanted));
    while let Some((wanted, pulled)) = pulls.next().await {
        let name = &wanted.name;
        match pulled {
            Ok(pulled) if pulled.is_change() => {
                updated += 1;
                voice::status("Pulled", format!("{name}, {pulled}"));
                if voice::is_verbose() {
                    for part in &pulled.cut {
                        voice::status("Removed", part);
                    }
                }
            }
            Ok(_) => {
                unchanged += 1;
                voice::status("Unchanged", name);
            }
            Err(error) => {
                let error = anyhow::Error::from(error);
                voice::line("Failed", format!("{name}: {error:#}"));
                failed.push(wanted.name);
            }
        }
    }
    // an entry without a spec would fail the next `regen`
    entries.retain(|entry| !failed.contains(&entry.name));
    add(&workspace, &entries)?;
    let failures = match failed.len() {
        0 => String::new(),
        count => format!(", {count} failed"),
    };
    voice::status(
        "Finished",
        format!("{updated} pulled, {unchanged} unchanged{failures}"),
    );
    if updated > 0 {
        voice::status("Run", format!("{} regen", door::command()));
    }
    Ok(match failed.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

/// Returns the named APIs, or all that have `aws`.
fn wanted(workspace: &Workspace, apis: &Apis, names: &[String]) -> Result<Vec<Wanted>> {
    for name in names {
        if apis.table(name)?.aws.is_none() {
            return Err(apis
                .diagnostic(
                    &[name],
                    format!("[{name}] has no `aws`, so its origin is unknown"),
                )
                .help("add aws = { id = \"…\", stage = \"…\", region = \"…\" }")
                .into());
        }
    }
    let mut wanted = Vec::new();
    for (name, config) in &apis.tables {
        let is_named = names.is_empty() || names.contains(name);
        match &config.aws {
            Some(origin) if is_named => wanted.push(Wanted {
                name: name.clone(),
                origin: origin.clone(),
                file: workspace.specs().join(&config.spec),
            }),
            None if names.is_empty() => {
                voice::status("Skipped", format!("{name}: no `aws` in specs/apis.toml"));
            }
            _ => {}
        }
    }
    Ok(wanted)
}

/// Lists the APIs of the account, and makes entries for the missing ones.
async fn missing(args: &Pull, puller: &Puller, apis: &Apis) -> Result<Vec<Adopted>> {
    let access = Access {
        region: args.region.clone(),
        profile: args.profile.clone(),
        role: args.role.clone(),
    };
    let plane = puller.plane(&access).await?;
    voice::status("Listing", format!("the APIs of {}", plane.region()));
    let deployed = inventory(&plane).await?;
    for api in &deployed {
        let stages = match api.stages.is_empty() {
            true => "not deployed".to_owned(),
            false => api.stages.join(", "),
        };
        voice::status(
            api.kind.title(),
            format!("{} {}: {stages}", api.id, api.name),
        );
    }
    let access = Access {
        // so that the entry does not depend on the environment
        region: Some(plane.region().to_owned()),
        ..access
    };
    Ok(pull::entries(&deployed, &apis.origins(), &access))
}

fn add(workspace: &Workspace, entries: &[Adopted]) -> Result<()> {
    if entries.is_empty() {
        return Ok(());
    }
    let list = workspace.list();
    let text = pull::adopt(&fs_err::read_to_string(&list)?, entries)?;
    write::file(&list, &text)?;
    for entry in entries {
        voice::status("Added", format!("[{}] to specs/apis.toml", entry.name));
    }
    Ok(())
}
