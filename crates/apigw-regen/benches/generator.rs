//! Compares this generator with plain progenitor on a synthetic spec.
//!
//! ```sh
//! cargo bench -p apigw-regen --bench generator              # 500 operations, 500 schemas
//! cargo bench -p apigw-regen --bench generator -- 100 3     # 100 of each, 3 rounds
//! cargo bench -p apigw-regen --bench generator -- generate  # without cargo check
//! cargo bench -p apigw-regen --bench generator -- scale     # 500 to 4,000 operations
//! ```
//!
//! Prints three ratios, each the median of interleaved rounds: the time to generate, the time of a
//! `regen` without changes compared with one that generates, and the time of `cargo check` on the
//! generated code with prebuilt dependencies. progenitor uses its positional style, which generates
//! less code.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use apigw_codegen::{RuntimeSource, Target, generate};
use apigw_regen::{Plan, Workspace};
use apigw_spec::{Api, Choices, Report, Spec};
use serde_json::{Map, Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    let mut numbers = std::env::args().filter_map(|argument| argument.parse::<usize>().ok());
    let size = numbers.next().unwrap_or(500);
    let rounds = numbers.next().unwrap_or(7);
    if std::env::args().any(|argument| argument == "scale") {
        return scale(rounds.min(3));
    }
    let spec = synthetic(size);
    let text = serde_json::to_string_pretty(&spec)?;

    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let (time, _) = timed(|| generate_ours(&text))?;
        ours.push(time);
        let (time, _) = timed(|| generate_theirs(&text))?;
        theirs.push(time);
    }
    report("generate", ["ours", "progenitor"], &mut ours, &mut theirs);
    regen(&text, rounds)?;
    if std::env::args().any(|argument| argument == "generate") {
        return Ok(());
    }

    let workspace = root().join("target").join("bench-generator");
    let lines = write(&workspace, &generate_ours(&text)?, &generate_theirs(&text)?)?;
    println!("lines      ours {}, progenitor {}", lines.0, lines.1);
    check(&workspace, "ours")?;
    check(&workspace, "theirs")?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        for (name, times) in [("ours", &mut ours), ("theirs", &mut theirs)] {
            // touching a source file makes cargo check only this crate again
            let main = workspace.join(name).join("src/lib.rs");
            let source = fs_err::read(&main)?;
            fs_err::write(&main, source)?;
            times.push(check(&workspace, name)?);
        }
    }
    report("check", ["ours", "progenitor"], &mut ours, &mut theirs);
    Ok(())
}

/// Prints the time per operation for specs of growing size, for a first client and for a later one,
/// which keeps the order of the first. It is constant if generation is linear.
fn scale(rounds: usize) -> Result<(), Box<dyn Error>> {
    let mut least: Option<[f64; 2]> = None;
    for size in [500, 1000, 2000, 4000] {
        let text = serde_json::to_string_pretty(&synthetic(size))?;
        let (mut first, mut later) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            let (time, files) = timed(|| generate_ours(&text))?;
            first.push(time);
            let recorded = files
                .get(Path::new("openapi.json"))
                .ok_or("no recorded spec")?;
            let choices = Choices {
                recorded_spec: Some(serde_json::from_str(recorded)?),
                ..Choices::default()
            };
            let (time, again) = timed(|| generate_with(&text, &choices))?;
            later.push(time);
            if again != files {
                return Err("the later client differs from the first".into());
            }
        }
        let each = [&mut first, &mut later].map(|times| {
            times.sort();
            times[times.len() / 2].as_secs_f64() / size as f64
        });
        let [first, later] = *least.get_or_insert(each);
        println!(
            "scale      {size:>4} operations: {:.3} s, per operation {:.2} times that of 500; later {:.3} s, {:.2} times",
            each[0] * size as f64,
            each[0] / first,
            each[1] * size as f64,
            each[1] / later,
        );
    }
    Ok(())
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn timed<T>(
    work: impl FnOnce() -> Result<T, Box<dyn Error>>,
) -> Result<(Duration, T), Box<dyn Error>> {
    let start = Instant::now();
    let result = work()?;
    Ok((start.elapsed(), result))
}

/// Times a regen without changes, and one that generates identical files.
fn regen(text: &str, rounds: usize) -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let specs = folder.path().join("specs");
    fs_err::create_dir(&specs)?;
    fs_err::write(specs.join("apis.toml"), "[bench]\nspec = \"bench.json\"\n")?;
    fs_err::write(specs.join("bench.json"), text)?;
    let workspace = Workspace::new(folder.path());
    let plan_and_apply = || -> Result<bool, Box<dyn Error>> {
        let lock = workspace.lock(|| {})?;
        let plan = Plan::new(&workspace, &[])?;
        plan.apply(&lock)?;
        Ok(plan.is_fresh())
    };
    plan_and_apply()?;
    let (mut idle, mut generating) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let (time, is_fresh) = timed(plan_and_apply)?;
        idle.push(time);
        fs_err::remove_dir_all(folder.path().join("specs/.apigw/fresh"))?;
        let (time, is_same) = timed(plan_and_apply)?;
        generating.push(time);
        if !is_fresh || !is_same {
            return Err("an unchanged client is not up to date".into());
        }
    }
    report("regen", ["idle", "generating"], &mut idle, &mut generating);
    Ok(())
}

fn report(what: &str, names: [&str; 2], ours: &mut [Duration], theirs: &mut [Duration]) {
    ours.sort();
    theirs.sort();
    let (ours, theirs) = (ours[ours.len() / 2], theirs[theirs.len() / 2]);
    println!(
        "{what:<10} {} {:.3} s, {} {:.3} s, ratio {:.3}",
        names[0],
        ours.as_secs_f64(),
        names[1],
        theirs.as_secs_f64(),
        ours.as_secs_f64() / theirs.as_secs_f64()
    );
}

fn generate_ours(text: &str) -> Result<BTreeMap<PathBuf, String>, Box<dyn Error>> {
    generate_with(text, &Choices::default())
}

fn generate_with(
    text: &str,
    choices: &Choices,
) -> Result<BTreeMap<PathBuf, String>, Box<dyn Error>> {
    let spec = Spec::parse("synthetic.json", text.as_bytes())?;
    let mut report = Report::new();
    let api = Api::read_with(&spec, choices, &mut report);
    let target = Target {
        api: "bench".to_owned(),
        package: "ours".to_owned(),
        spec: "synthetic.json".to_owned(),
        runtime: RuntimeSource::Path(root().join("crates/apigw-runtime").canonicalize()?),
    };
    Ok(generate(&api, &target, choices, &mut report)?)
}

fn generate_theirs(text: &str) -> Result<String, Box<dyn Error>> {
    let spec: openapiv3::OpenAPI = serde_json::from_str(text)?;
    let mut generator = progenitor::Generator::default();
    let tokens = generator.generate_tokens(&spec)?;
    Ok(prettyplease::unparse(&syn::parse2(tokens)?))
}

fn write(
    workspace: &Path,
    ours: &BTreeMap<PathBuf, String>,
    theirs: &str,
) -> Result<(usize, usize), Box<dyn Error>> {
    let put = |path: PathBuf, text: &str| {
        fs_err::create_dir_all(path.parent().unwrap_or(&path))?;
        fs_err::write(path, text)
    };
    put(
        workspace.join("Cargo.toml"),
        "[workspace]\nresolver = \"3\"\nmembers = [\"ours\", \"theirs\"]\n",
    )?;
    put(
        workspace.join("Cargo.lock"),
        &fs_err::read_to_string(root().join("Cargo.lock"))?,
    )?;
    let mut lines = 0;
    for (path, text) in ours {
        lines += text.lines().count();
        put(workspace.join("ours").join(path), text)?;
    }
    put(workspace.join("theirs/src/lib.rs"), theirs)?;
    put(
        workspace.join("theirs/Cargo.toml"),
        "[package]\nname = \"theirs\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n\
         chrono = { version = \"0.4\", default-features = false, features = [\"serde\"] }\n\
         progenitor-client = \"=0.15.1\"\nreqwest = { version = \"0.13\", default-features = false, \
         features = [\"json\", \"query\", \"stream\"] }\nserde = { version = \"1\", features = [\"derive\"] }\n\
         serde_json = \"1\"\nuuid = { version = \"1\", features = [\"serde\"] }\n",
    )?;
    Ok((lines, theirs.lines().count()))
}

fn check(workspace: &Path, package: &str) -> Result<Duration, Box<dyn Error>> {
    let start = Instant::now();
    let status = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["check", "--quiet", "--package", package])
        .current_dir(workspace)
        .env("CARGO_INCREMENTAL", "0")
        .stderr(Stdio::inherit())
        .status()?;
    if !status.success() {
        return Err(format!("{package} does not compile").into());
    }
    Ok(start.elapsed())
}

/// Returns a spec with groups of five operations (list, create, get, update, delete), typed 403 and
/// 500 responses, and schemas of ten fields that refer to one another.
fn synthetic(size: usize) -> Value {
    let mut paths = Map::new();
    for index in 0..size.div_ceil(5) {
        let model = json!({ "$ref": format!("#/components/schemas/Model{}", index * 5 % size) });
        let json = |schema: &Value| json!({ "application/json": { "schema": schema } });
        let problem = json(&json!({ "$ref": "#/components/schemas/Problem" }));
        let with = |status: &str, content: Option<Value>| {
            let mut responses = Map::new();
            let body = match content {
                Some(content) => json!({ "description": "ok", "content": content }),
                None => json!({ "description": "done" }),
            };
            responses.insert(status.to_owned(), body);
            for code in ["403", "500"] {
                responses.insert(
                    code.to_owned(),
                    json!({ "description": "no", "content": problem }),
                );
            }
            Value::Object(responses)
        };
        let query = |name: &str, kind: &str| json!({ "name": name, "in": "query", "schema": { "type": kind } });
        let id =
            json!({ "name": "id", "in": "path", "required": true, "schema": { "type": "string" } });
        let list = json!({ "type": "array", "items": model });
        paths.insert(
            format!("/things{index}"),
            json!({
                "get": { "operationId": format!("list_things{index}"),
                         "parameters": [query("limit", "integer"), query("token", "string"), query("sort", "string")],
                         "responses": with("200", Some(json(&list))) },
                "post": { "operationId": format!("create_thing{index}"),
                          "requestBody": { "required": true, "content": json(&model) },
                          "responses": with("201", Some(json(&model))) },
            }),
        );
        paths.insert(
            format!("/things{index}/{{id}}"),
            json!({
                "get": { "operationId": format!("get_thing{index}"), "parameters": [id],
                         "responses": with("200", Some(json(&model))) },
                "put": { "operationId": format!("update_thing{index}"), "parameters": [id],
                         "requestBody": { "required": true, "content": json(&model) },
                         "responses": with("200", Some(json(&model))) },
                "delete": { "operationId": format!("delete_thing{index}"), "parameters": [id],
                            "responses": with("204", None) },
            }),
        );
    }
    let mut schemas = Map::new();
    schemas.insert(
        "Problem".to_owned(),
        json!({ "type": "object", "required": ["message"],
                "properties": { "message": { "type": "string" }, "code": { "type": "integer" } } }),
    );
    for index in 0..size {
        let mut properties = json!({
            "id": { "type": "string" },
            "name": { "type": "string" },
            "count": { "type": "integer", "format": "int64" },
            "price": { "type": "number" },
            "active": { "type": "boolean" },
            "state": { "type": "string", "enum": ["open", "held", "done"] },
            "createdAt": { "type": "string", "format": "date-time" },
            "labels": { "type": "object", "additionalProperties": { "type": "string" } },
            "tags": { "type": "array", "items": { "type": "string" } },
        });
        // chains of at most five schemas
        if index % 5 != 4 && index + 1 < size {
            properties["next"] =
                json!({ "$ref": format!("#/components/schemas/Model{}", index + 1) });
        }
        schemas.insert(
            format!("Model{index}"),
            json!({ "type": "object", "required": ["id", "name"], "properties": properties }),
        );
    }
    json!({
        "openapi": "3.0.3",
        "info": { "title": "Synthetic", "version": "1" },
        "paths": paths,
        "components": { "schemas": schemas },
    })
}
