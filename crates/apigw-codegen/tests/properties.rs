//! Properties that hold for every spec, tested on randomly changed fixtures and specs.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use apigw_codegen::{Files, RuntimeSource, Target, generate};
use apigw_spec::api::Method;
use apigw_spec::{Api, Choices, Report, Spec, fixes, names};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

static SPECS: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let fixtures = files(&folder.join("../apigw-spec/tests/fixes"))
        .into_iter()
        .map(|path| {
            let text = fs_err::read_to_string(path).unwrap();
            let mut fixture: Value = serde_saphyr::from_str(&text).unwrap();
            fixture["spec"].take()
        });
    let specs = files(&folder.join("../../specs"));
    let specs = specs
        .into_iter()
        .filter(|path| !path.to_string_lossy().ends_with(".overlay.yaml"))
        .filter(|path| !path.ends_with("apis.toml"))
        .map(|path| Spec::read(path).unwrap().value().clone());
    fixtures.chain(specs).collect()
});

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs_err::read_dir(folder).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.is_file());
    files.sort();
    files
}

/// A random change to a spec.
#[derive(Debug, Clone)]
enum Change {
    Delete(Index),
    Replace(Index, Value),
    /// Copies the value at the second place to the first.
    Copy(Index, Index),
    /// Makes the first place a reference to the second.
    Refer(Index, Index),
    /// Adds the value under another key of the same map.
    Name(Index, &'static str),
}

fn change() -> impl Strategy<Value = Change> {
    let value = prop::sample::select(vec![
        json!(null),
        json!(true),
        json!(7),
        json!("text"),
        json!(""),
        json!([]),
        json!([null, "a"]),
        json!({}),
        json!({ "Fn::Sub": "${A}" }),
    ]);
    let key = prop::sample::select(vec![
        "$ref",
        "type",
        "properties",
        "oneOf",
        "allOf",
        "items",
        "enum",
        "get",
        "POST",
        "options",
        "x-amazon-apigateway-any-method",
        "/a/{b+}",
        "/$default",
        "c",
        "",
        "é",
        "self",
        "200",
        "nullable",
        "additionalProperties",
        "parameters",
        "required",
        "discriminator",
        "MODEL1a2b3c",
    ]);
    let place = any::<Index>;
    prop_oneof![
        place().prop_map(Change::Delete),
        (place(), value).prop_map(|(at, value)| Change::Replace(at, value)),
        (place(), place()).prop_map(|(at, from)| Change::Copy(at, from)),
        (place(), place()).prop_map(|(at, to)| Change::Refer(at, to)),
        (place(), key).prop_map(|(at, key)| Change::Name(at, key)),
    ]
}

/// Specs without contradictions: those of this repository, of the golden clients, and any in the
/// folders that the environment variable `SPECS` names.
static ORDINARY: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let more = std::env::var_os("SPECS").unwrap_or_default();
    let folders = std::env::split_paths(&more)
        .filter(|folder| !folder.as_os_str().is_empty())
        .chain([root.join("specs"), root.join("tests/golden/specs")]);
    let read = |path: PathBuf| Some(Spec::read(&path).ok()?.value().clone());
    let readable = |spec: &Value| Spec::parse("s.json", spec.to_string().as_bytes()).is_ok();
    let specs = folders.flat_map(|folder| files(&folder)).filter_map(read);
    specs.filter(readable).collect()
});

/// Shuffles everything whose order has no meaning: keys, parameters and lists of names.
fn shuffle(value: &mut Value, key: &str, seed: &mut u64) {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<(String, Value)> = std::mem::take(map).into_iter().collect();
            shuffled(&mut entries, seed);
            for (key, mut value) in entries {
                shuffle(&mut value, &key, seed);
                map.insert(key, value);
            }
        }
        Value::Array(list) => {
            let of_names = ["required", "enum"].contains(&key) && list.iter().all(Value::is_string);
            // several bodies are in the order of their media types
            let bodies = list.iter().filter(|parameter| parameter["in"] == "body");
            let of_parameters = key == "parameters" && bodies.count() < 2;
            if of_names || of_parameters {
                shuffled(list, seed);
            }
            for value in list {
                shuffle(value, "", seed);
            }
        }
        _ => {}
    }
}

fn shuffled<T>(list: &mut [T], seed: &mut u64) {
    for end in (1..list.len()).rev() {
        *seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        list.swap(end, usize::try_from(*seed >> 33).unwrap() % (end + 1));
    }
}

/// What `regen` records of a client and gives to the next run.
fn recorded(api: &Api, files: &Files) -> Choices {
    let operations = api.operations.iter();
    Choices {
        recorded_names: operations
            .map(|operation| (operation.route(), operation.name.clone()))
            .collect(),
        recorded_spec: serde_json::from_str(&files[Path::new("openapi.json")]).ok(),
        ..Choices::default()
    }
}

/// Generates readable specs with up to eight changes.
fn corrupted() -> impl Strategy<Value = Spec> {
    let changes = prop::collection::vec(change(), 0..8);
    (any::<Index>(), changes).prop_filter_map("no OpenAPI spec", |(index, changes)| {
        let mut spec = index.get(&SPECS).clone();
        for change in changes {
            corrupt(&mut spec, change);
        }
        let text = spec.to_string();
        (text.len() < 200_000)
            .then(|| Spec::parse("corrupted.json", text.as_bytes()).ok())
            .flatten()
    })
}

fn corrupt(spec: &mut Value, change: Change) {
    let mut places = Vec::new();
    collect(spec, String::new(), &mut places);
    let place = |index: Index| index.get(&places).as_str();
    let (at, value) = match change {
        Change::Delete(at) => return remove(spec, place(at)),
        Change::Replace(at, value) => (place(at), value),
        Change::Copy(at, from) => (place(at), spec.pointer(place(from)).cloned().unwrap()),
        Change::Refer(at, to) => (place(at), json!({ "$ref": format!("#{}", place(to)) })),
        Change::Name(at, key) => {
            let value = spec.pointer(place(at)).cloned().unwrap();
            let around = place(at).rsplit_once('/').map_or("", |(around, _)| around);
            if let Some(Value::Object(map)) = spec.pointer_mut(around) {
                map.insert(key.to_owned(), value);
            }
            return;
        }
    };
    if let Some(found) = spec.pointer_mut(at) {
        *found = value;
    }
}

fn collect(value: &Value, at: String, places: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                let key = key.replace('~', "~0").replace('/', "~1");
                collect(inner, format!("{at}/{key}"), places);
            }
        }
        Value::Array(list) => {
            for (index, inner) in list.iter().enumerate() {
                collect(inner, format!("{at}/{index}"), places);
            }
        }
        _ => {}
    }
    places.push(at);
}

fn remove(spec: &mut Value, at: &str) {
    let Some((around, last)) = at.rsplit_once('/') else {
        return;
    };
    match spec.pointer_mut(around) {
        Some(Value::Object(map)) => {
            map.shift_remove(&last.replace("~1", "/").replace("~0", "~"));
        }
        Some(Value::Array(list)) => {
            list.remove(last.parse().unwrap());
        }
        _ => {}
    }
}

fn crate_of(api: &Api) -> Files {
    let target = Target {
        api: "orders".to_owned(),
        package: "orders-client".to_owned(),
        spec: "specs/orders.json".to_owned(),
        runtime: RuntimeSource::Workspace,
    };
    generate(
        api,
        &target,
        &apigw_spec::Choices::default(),
        &mut Report::new(),
    )
    .unwrap()
}

/// Returns the operations in the spec by method and path, without CORS preflights.
fn routes_in(spec: &Value) -> BTreeSet<(String, String)> {
    let mut routes = BTreeSet::new();
    let paths = spec["paths"].as_object();
    for (path, item) in paths.into_iter().flatten() {
        if path.starts_with("x-") || path == "$ref" {
            continue;
        }
        for (key, operation) in item.as_object().into_iter().flatten() {
            let method = match key.to_ascii_lowercase().as_str() {
                "x-amazon-apigateway-any-method" => "ANY".to_owned(),
                "options" if is_preflight(operation) => continue,
                method @ ("get" | "put" | "post" | "delete" | "head" | "patch" | "trace"
                | "options") => method.to_ascii_uppercase(),
                _ => continue,
            };
            routes.insert((method, path.clone()));
        }
    }
    routes
}

fn is_preflight(operation: &Value) -> bool {
    let id = operation["operationId"].as_str().unwrap_or_default();
    match operation["x-amazon-apigateway-integration"]["type"].as_str() {
        Some(kind) => kind.eq_ignore_ascii_case("mock"),
        None => id.trim().is_empty(),
    }
}

fn same(one: &Files, other: &Files) -> Result<(), TestCaseError> {
    for (path, text) in one {
        let mut lines = text.lines().zip(other[path].lines());
        let different = lines.find(|(one, other)| one != other);
        prop_assert_eq!(different, None, "{}", path.display());
        prop_assert_eq!(text.len(), other[path].len(), "{}", path.display());
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn generation_succeeds_and_is_deterministic(spec in corrupted()) {
        let read = || {
            let mut report = Report::new();
            let api = Api::read(&spec, &mut report);
            (crate_of(&api), api, report)
        };
        let (files, api, report) = read();
        let (again, api_again, report_again) = read();
        prop_assert_eq!(files, again);
        prop_assert_eq!(api, api_again);
        prop_assert_eq!(report, report_again);
    }

    #[test]
    fn once_a_client_exists_the_order_of_the_spec_makes_no_difference(
        spec in any::<Index>(), mut seed in any::<u64>(),
    ) {
        let mut spec = spec.get(&ORDINARY).clone();
        let read = |spec: &Value, choices: &Choices| {
            let spec = Spec::parse("spec.json", spec.to_string().as_bytes()).unwrap();
            let api = Api::read_with(&spec, choices, &mut Report::new());
            (crate_of(&api), api)
        };
        let (first, api) = read(&spec, &Choices::default());
        let choices = recorded(&api, &first);
        let (again, _) = read(&spec, &choices);
        same(&first, &again)?;
        shuffle(&mut spec, "", &mut seed);
        let (shuffled, _) = read(&spec, &choices);
        same(&first, &shuffled)?;
    }

    #[test]
    fn every_operation_in_the_spec_is_read(spec in corrupted()) {
        let api = Api::read(&spec, &mut Report::new());
        let read: HashSet<(String, &str)> = api.operations.iter().map(|operation| {
            let method = match &operation.method {
                Method::One(method) => method.clone(),
                Method::Any => "ANY".to_owned(),
            };
            (method, operation.path.as_str())
        }).collect();
        for (method, path) in routes_in(spec.value()) {
            let path = format!("/{}", path.strip_prefix('/').unwrap_or(&path));
            let known = match path.as_str() {
                "/$default" => ["/{path+}", "/{default_path+}"]
                    .iter()
                    .any(|route| read.contains(&(method.clone(), route))),
                path => read.contains(&(method.clone(), path)),
            };
            prop_assert!(known, "{} {}: {:?}", method, path, read);
        }
    }

    #[test]
    fn operation_names_are_unique_identifiers(spec in corrupted()) {
        let api = Api::read(&spec, &mut Report::new());
        let mut seen = HashSet::new();
        for operation in &api.operations {
            let name = &operation.name;
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            prop_assert!(name.chars().all(plain) && !name.is_empty(), "{}", name);
            prop_assert!(!name.starts_with(|c: char| c.is_ascii_digit()), "{}", name);
            prop_assert!(name != "_" && !names::is_keyword(name), "{}", name);
            prop_assert!(seen.insert(name), "{} twice", name);
        }
    }

    #[test]
    fn normalising_is_idempotent(spec in corrupted()) {
        let mut once = spec.value().clone();
        fixes::normalise(&mut once, &mut Report::new());
        let mut twice = once.clone();
        let mut report = Report::new();
        fixes::normalise(&mut twice, &mut report);
        let fixes: Vec<String> = report.fixes().iter().map(ToString::to_string).collect();
        prop_assert_eq!(fixes, Vec::<String>::new());
        prop_assert_eq!(twice, once);
    }
}
