//! Puts values of the schemas of specs through the generated types, and compares what comes out.
//!
//! ```sh
//! cargo xtask corpus specs --values 3
//! ```
//!
//! The values come from the document as it is written, and the `jsonschema` crate checks them: of the
//! generator, only the types are used, and which of them is for which schema.

mod document;
mod judge;
mod sample;
mod trips;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use apigw_codegen::typed::Typed;
use apigw_codegen::{RuntimeSource, Target, generate};
use apigw_spec::{Api, Choices, Spec};
use document::Document;
use jsonschema::{Draft, Validator};
use sample::{Fill, Sampler};
use serde_json::Value;
use trips::{Types, Value1};

/// A schema, its type, and the values to try.
struct Case {
    spec: String,
    /// The schema's name, or the route and status of a response.
    subject: String,
    of: usize,
    values: Vec<Value>,
    validator: Option<Validator>,
    /// Why there are no values.
    skipped: Option<String>,
}

fn main() -> Result<ExitCode> {
    let mut arguments = std::env::args().skip(1);
    let count: usize = arguments.next().context("no number")?.parse()?;
    let paths: Vec<PathBuf> = arguments.map(PathBuf::from).collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()?;

    let mut clients = Vec::new();
    let mut cases: Vec<(usize, Case)> = Vec::new();
    for path in &paths {
        match read(path, count) {
            Ok((types, found)) => {
                let client = clients.len();
                clients.push(types);
                cases.extend(found.into_iter().map(|case| (client, case)));
            }
            Err(error) => println!("{}: {error:#}", path.display()),
        }
    }
    let texts: Vec<Vec<String>> = cases
        .iter()
        .map(|(_, case)| case.values.iter().map(Value::to_string).collect())
        .collect();
    let values: Vec<Value1<'_>> = cases
        .iter()
        .zip(&texts)
        .flat_map(|((client, case), texts)| {
            texts.iter().map(|json| Value1 {
                client: *client,
                of: case.of,
                json,
            })
        })
        .collect();
    let trips = trips::run(&root, &clients, &values)?;
    let mut trips = trips.into_iter();

    let mut totals: BTreeMap<&str, usize> = BTreeMap::new();
    let mut tried = 0;
    for (_, case) in &cases {
        let mut verdict = match &case.skipped {
            Some(why) => ("not sampled", why.clone()),
            None => ("kept", String::new()),
        };
        for value in &case.values {
            tried += 1;
            let trip = trips.next().context("too few results")?;
            if verdict.0 == "kept" {
                verdict = judged(value, &trip, case.validator.as_ref());
            }
        }
        *totals.entry(verdict.0).or_default() += 1;
        if verdict.0 != "kept" {
            println!(
                "{:>12} {} {}: {}",
                verdict.0, case.spec, case.subject, verdict.1
            );
        }
    }
    let of = |what: &str| totals.get(what).copied().unwrap_or_default();
    println!(
        "{} schemas of {} specs, {tried} values: {} kept, {} changed, {} not decoded, {} not sampled",
        cases.len(),
        clients.len(),
        of("kept"),
        of("changed"),
        of("not decoded"),
        of("not sampled"),
    );
    Ok(match of("changed") + of("not decoded") {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}

fn judged(
    value: &Value,
    trip: &trips::Trip,
    validator: Option<&Validator>,
) -> (&'static str, String) {
    let Some(first) = trips::parsed(trip.first.as_ref()) else {
        let error = trip.error.clone().unwrap_or_default();
        return ("not decoded", format!("{error} in {value}"));
    };
    if let Some(difference) = judge::difference(value, &first) {
        return ("changed", difference);
    }
    let Some(second) = trips::parsed(trip.second.as_ref()) else {
        return ("not decoded", "the second time".to_owned());
    };
    if let Some(difference) = judge::difference(&first, &second) {
        return ("changed", format!("the second time, {difference}"));
    }
    let is_valid = validator.is_none_or(|validator| validator.is_valid(&first));
    match is_valid {
        true => ("kept", String::new()),
        false => ("changed", "is not valid any more".to_owned()),
    }
}

/// Generates the types of a spec, and the values of its schemas.
fn read(path: &Path, count: usize) -> Result<(Types, Vec<Case>)> {
    let name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let spec = Spec::read(path).map_err(|error| anyhow::anyhow!("{error}"))?;
    let choices = Choices::default();
    let mut report = spec.report().clone();
    let api = Api::read(&spec, &mut report);
    let target = Target {
        api: "values".to_owned(),
        package: "values".to_owned(),
        spec: name.clone(),
        runtime: RuntimeSource::Workspace,
    };
    let mut files = generate(&api, &target, &choices, &mut report)?;
    let source = files.remove(Path::new("src/types.rs")).unwrap_or_default();
    let typed = Typed::of(&spec, &choices)?;
    let document = Document::parse(&fs_err::read_to_string(path)?)?;
    let mut types: Vec<String> = Vec::new();
    let mut cases = Vec::new();
    let schemas = typed.schemas.into_iter().map(|(schema, of)| {
        let pointer = document.named(&schema);
        (schema, of, Some(pointer))
    });
    let responses = typed.responses.into_iter().map(|(route, status, of)| {
        let pointer = document.response(&route, &status);
        (format!("{route} {status}"), of, pointer)
    });
    for (subject, of, pointer) in schemas.chain(responses) {
        // some schemas are only parts of others
        if !has_types(&source, &of) {
            continue;
        }
        let index = types
            .iter()
            .position(|known| *known == of)
            .unwrap_or_else(|| {
                types.push(of.clone());
                types.len() - 1
            });
        let mut case = Case {
            spec: name.clone(),
            subject,
            of: index,
            values: Vec::new(),
            validator: None,
            skipped: None,
        };
        if let Err(error) = sampled(&document, pointer.as_deref(), count, &mut case) {
            case.skipped = Some(error.to_string());
        }
        cases.push(case);
    }
    Ok((Types { source, of: types }, cases))
}

/// Returns whether the sources define all types that a type mentions.
fn has_types(source: &str, of: &str) -> bool {
    let mut names = of.split("types::").skip(1);
    names.all(|rest| {
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
        let name = &rest[..end.unwrap_or(rest.len())];
        ["struct", "enum"].iter().any(|kind| {
            let head = format!("pub {kind} {name}");
            source.match_indices(&head).any(|(at, _)| {
                !source[at + head.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_')
            })
        })
    })
}

/// Adds valid values of the schema to a case.
fn sampled(
    document: &Document,
    pointer: Option<&str>,
    count: usize,
    case: &mut Case,
) -> Result<()> {
    let pointer = pointer.context("not in the document by this name")?;
    let schema = document
        .root
        .pointer(pointer)
        .context("not in the document by this name")?;
    let draft = match document.is_31 {
        true => Draft::Draft202012,
        false => Draft::Draft7,
    };
    let validator = jsonschema::options()
        .with_draft(draft)
        .should_validate_formats(false)
        .build(&document.validating(pointer))
        .map_err(|error| anyhow::anyhow!("the validator rejects the schema: {error}"))?;
    let mut why = None;
    for turn in 0..count {
        for fill in [Fill::All, Fill::Least, Fill::Nulls] {
            let sampler = Sampler {
                document,
                fill,
                turn,
                is_part: false,
            };
            let value = match sampler.value(schema) {
                Ok(value) => value,
                Err(error) => {
                    why.get_or_insert(error.to_string());
                    continue;
                }
            };
            if let Some(error) = validator.iter_errors(&value).next() {
                why.get_or_insert(format!("no valid value: {error} in {value}"));
                continue;
            }
            if !case.values.contains(&value) {
                case.values.push(value);
            }
        }
    }
    if case.values.is_empty() {
        anyhow::bail!("{}", why.unwrap_or_default());
    }
    case.validator = Some(validator);
    Ok(())
}
