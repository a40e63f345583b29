//! The generator tried on a folder of specs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Serialize;
use serde_json::Value;

use apigw_codegen::inspect::{Inspection, Settings};
use apigw_codegen::{Files, RuntimeSource, Target, generate};
use apigw_spec::{Api, Spec};

/// The result for one spec.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Trial {
    /// The file name.
    pub(crate) spec: String,
    /// Operations in the spec, without `OPTIONS`.
    pub(crate) expected: usize,
    /// Operations that have a method in the client.
    pub(crate) generated: usize,
    /// Fixes in the report.
    pub(crate) fixes: usize,
    /// Schemas that allow any JSON because the spec says no more.
    pub(crate) open: usize,
    /// Schemas that allow any JSON although the spec says more.
    pub(crate) lost: usize,
    /// Whether the crate compiles; `None` if it was not compiled.
    pub(crate) compiles: Option<bool>,
    /// The first problem, on one line.
    pub(crate) problem: Option<String>,
}

impl Trial {
    /// Returns `true` if every operation has a method and the crate compiles, if it was compiled.
    #[must_use]
    pub(crate) fn is_usable(&self) -> bool {
        self.problem.is_none() && self.generated == self.expected && self.compiles != Some(false)
    }
}

/// Tries every spec. If `workspace` is given, writes the crates to that folder and compiles them.
///
/// # Errors
///
/// Returns an error if the crates can't be written or cargo can't be started.
pub(crate) fn run(
    specs: &[PathBuf],
    runtime: &Path,
    workspace: Option<&Path>,
) -> std::io::Result<Vec<Trial>> {
    let mut trials = Vec::new();
    let mut crates = BTreeMap::new();
    let mut tables: BTreeMap<&Path, Option<Expected>> = BTreeMap::new();
    for (index, path) in specs.iter().enumerate() {
        let package = format!("corpus-{index:03}");
        let folder = path.parent().unwrap_or(Path::new(""));
        let table = tables
            .entry(folder)
            .or_insert_with(|| expected_operations(folder));
        let expected = table.as_ref().and_then(|table| table.get(&file_name(path)));
        let (trial, files) = generate_one(path, expected, &package, runtime);
        if let Some(files) = files {
            crates.insert(package, (trials.len(), files));
        }
        trials.push(trial);
    }
    if let Some(workspace) = workspace {
        compile(&crates, workspace, runtime, &mut trials)?;
    }
    Ok(trials)
}

fn generate_one(
    path: &Path,
    expected: Option<&Vec<String>>,
    package: &str,
    runtime: &Path,
) -> (Trial, Option<Files>) {
    let mut trial = Trial {
        spec: file_name(path),
        expected: 0,
        generated: 0,
        fixes: 0,
        open: 0,
        lost: 0,
        compiles: None,
        problem: None,
    };
    let spec = match Spec::read(path) {
        Ok(spec) => spec,
        Err(error) => {
            trial.problem = Some(first_line(&error.to_string()));
            return (trial, None);
        }
    };
    let expected = expected
        .cloned()
        .unwrap_or_else(|| operations_in(spec.value()));
    trial.expected = expected.len();

    let mut report = spec.report().clone();
    let api = Api::read(&spec, &mut report);
    let target = Target {
        api: "corpus".to_owned(),
        package: package.to_owned(),
        spec: trial.spec.clone(),
        runtime: RuntimeSource::Path(runtime.to_owned()),
    };
    let files = match generate(&api, &target, &apigw_spec::Choices::default(), &mut report) {
        Ok(files) => files,
        Err(error) => {
            trial.problem = Some(first_line(&error.to_string()));
            return (trial, None);
        }
    };
    trial.fixes = report.fixes().len();
    if let Ok(inspection) = Inspection::new(&spec, &Settings::default()) {
        trial.open = inspection.census.open;
        trial.lost = inspection.census.lost;
    }
    let client = files
        .get(Path::new("src/client.rs"))
        .map_or("", String::as_str);
    let made: BTreeSet<String> = api
        .operations
        .iter()
        .filter(|operation| client.contains(&format!("pub fn {}(", operation.name)))
        .map(|operation| operation.route())
        .collect();
    let missing: Vec<&String> = expected
        .iter()
        .filter(|route| !made.contains(&called(route)))
        .collect();
    trial.generated = expected.len() - missing.len();
    if let Some(first) = missing.first() {
        trial.problem = Some(format!("no method for {first}"));
    }
    (trial, Some(files))
}

/// Returns the route that the client uses for an operation.
fn called(route: &str) -> String {
    match route.split_once(' ') {
        Some((method, "/$default" | "$default")) => format!("{method} /{{path+}}"),
        Some((method, path)) if !path.starts_with('/') => format!("{method} /{path}"),
        _ => route.to_owned(),
    }
}

/// The routes of each spec in a folder, by file name.
type Expected = BTreeMap<String, Vec<String>>;

/// Reads a table with `file`, `method` and `path` per line.
fn expected_operations(folder: &Path) -> Option<Expected> {
    let table = fs_err::read_to_string(folder.join("EXPECTED.tsv")).ok()?;
    let mut expected = Expected::new();
    for line in table.lines().skip(1) {
        let mut columns = line.split('\t');
        if let (Some(file), Some(method), Some(path)) =
            (columns.next(), columns.next(), columns.next())
        {
            let routes = expected.entry(file.to_owned()).or_default();
            routes.push(format!("{method} {path}"));
        }
    }
    Some(expected)
}

/// Reads the operations without the generator's own reader.
fn operations_in(root: &Value) -> Vec<String> {
    let mut routes = Vec::new();
    for (path, item) in root
        .get("paths")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        // extensions are among the paths
        let item = item.as_object().filter(|_| !path.starts_with("x-"));
        for key in item.into_iter().flat_map(|item| item.keys()) {
            let method = match key.as_str() {
                "x-amazon-apigateway-any-method" => "ANY".to_owned(),
                "get" | "put" | "post" | "delete" | "head" | "patch" | "trace" => {
                    key.to_uppercase()
                }
                _ => continue,
            };
            routes.push(format!("{method} {path}"));
        }
    }
    routes
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

fn compile(
    crates: &BTreeMap<String, (usize, Files)>,
    workspace: &Path,
    runtime: &Path,
    trials: &mut [Trial],
) -> std::io::Result<()> {
    if workspace.exists() {
        fs_err::remove_dir_all(workspace)?;
    }
    apigw_spec::write::file(
        &workspace.join("Cargo.toml"),
        "[workspace]\nresolver = \"3\"\nmembers = [\"crates/*\"]\n\n\
         [profile.dev]\ndebug = \"line-tables-only\"\n\n[profile.dev.package.\"*\"]\ndebug = false\n",
    )?;
    for (package, (_, files)) in crates {
        for (path, text) in files {
            apigw_spec::write::file(&workspace.join("crates").join(package).join(path), text)?;
        }
    }
    // use the versions that the runtime is tested with
    if let Some(lock) = runtime
        .ancestors()
        .map(|up| up.join("Cargo.lock"))
        .find(|f| f.is_file())
    {
        apigw_spec::write::file(
            &workspace.join("Cargo.lock"),
            &fs_err::read_to_string(lock)?,
        )?;
    }
    // one crate that fails must not hide the others
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args([
            "check",
            "--quiet",
            "--workspace",
            "--keep-going",
            "--message-format=json",
        ])
        .arg("--target-dir")
        .arg(workspace.parent().unwrap_or(workspace))
        .current_dir(workspace)
        .stderr(std::process::Stdio::piped())
        .output()?;
    let mut failed: BTreeMap<String, String> = BTreeMap::new();
    let mut built: BTreeSet<String> = BTreeSet::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let Ok(message) = serde_json::from_str::<Value>(line) else {
            continue;
        };
        let package = message
            .get("package_id")
            .and_then(Value::as_str)
            .and_then(|id| id.split("corpus-").nth(1))
            .map(|rest| format!("corpus-{}", rest.chars().take(3).collect::<String>()));
        let Some(package) = package else { continue };
        match message.get("reason").and_then(Value::as_str) {
            Some("compiler-artifact") => {
                built.insert(package);
            }
            Some("compiler-message") if message["message"]["level"] == "error" => {
                let rendered = message["message"]["rendered"].as_str().unwrap_or_default();
                let text: Vec<&str> = rendered.lines().take(2).map(str::trim).collect();
                failed.entry(package).or_insert_with(|| text.join(" "));
            }
            _ => {}
        }
    }
    if built.is_empty() && failed.is_empty() && !crates.is_empty() {
        return Err(std::io::Error::other(format!(
            "cargo check did not run: {}",
            first_line(String::from_utf8_lossy(&output.stderr).trim())
        )));
    }
    for (package, (index, _)) in crates {
        let Some(trial) = trials.get_mut(*index) else {
            continue;
        };
        let error = failed.remove(package);
        trial.compiles = Some(error.is_none() && built.contains(package));
        if trial.problem.is_none() {
            trial.problem = error;
        }
    }
    Ok(())
}
