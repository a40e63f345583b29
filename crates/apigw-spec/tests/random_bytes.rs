//! The bodies of the fuzz targets, with the same random bytes in every run.

#![allow(
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a failed step should fail the test; the bodies are public for the fuzz targets"
)]

#[path = "../fuzz/bodies/document.rs"]
mod document;
#[path = "../fuzz/bodies/overlay.rs"]
mod overlay;
#[path = "../../../tests/support/random.rs"]
mod random;

use random::Random;

const WORDS: [&[u8]; 24] = [
    b"{}",
    b"[]",
    b"null",
    b"true",
    b"-1",
    b"1e999",
    b"\"\"",
    b"\"$ref\": \"#/components/schemas/A\"",
    b"{$ref: \"#/paths\"}",
    b"{$ref: \"#\"}",
    b"type: object",
    b"[null]",
    b"object",
    b"{proxy+}",
    b"/",
    b"~1",
    b"*a",
    b"&a ",
    b"\n",
    b"\n  ",
    b"\xff",
    b"\0",
    "ü".as_bytes(),
    b": ",
];

#[test]
fn no_document_makes_the_reader_panic() {
    let mut samples = fixtures();
    for spec in ["orders.json", "inventory.json", "events.yaml"] {
        let path = format!("{}/../../specs/{spec}", env!("CARGO_MANIFEST_DIR"));
        samples.push(std::fs::read(path).unwrap());
    }
    let samples: Vec<&[u8]> = samples.iter().map(Vec::as_slice).collect();
    let mut random = Random::new(3);
    let specs = (0..3_000)
        .filter(|_| document::document(&random.variant(&samples, &WORDS)))
        .count();
    assert!(specs > 500, "only {specs} were specs");
}

#[test]
fn deep_and_cyclic_documents_do_not_overflow_the_stack() {
    for text in [
        "[".repeat(100_000),
        "{\"a\":".repeat(100_000),
        "- ".repeat(100_000),
        "a: ".repeat(100_000),
        format!("openapi: 3.0.1\npaths: {}", "{a: ".repeat(5_000)),
        format!(
            "openapi: 3.0.1\ncomponents: {{schemas: {{A: {}{}}}}}",
            "{items: ".repeat(100),
            "}".repeat(100)
        ),
        // each alias doubles the size
        (1..40).fold("a0: &a0 [x, x]\n".to_owned(), |text, n| {
            format!("{text}a{n}: &a{n} [*a{0}, *a{0}]\n", n - 1)
        }),
        "openapi: 3.0.1\ninfo: {title: a, version: \"1\"}\npaths: {/a: {get: {parameters: [{$ref: \"#/components/parameters/A\"}]}}}\n\
         components: {parameters: {A: {$ref: \"#/components/parameters/B\"}, B: {$ref: \"#/components/parameters/A\"}}, \
         schemas: {A: {allOf: [{$ref: \"#/components/schemas/A\"}]}, B: {$ref: \"#/components/schemas/B\"}}}\n"
            .to_owned(),
    ] {
        document::document(text.as_bytes());
        overlay::overlay(text.as_bytes());
    }
}

#[test]
fn no_overlay_makes_the_reader_panic() {
    let events = format!(
        "{}/../../specs/events.overlay.yaml",
        env!("CARGO_MANIFEST_DIR")
    );
    let events = std::fs::read(events).unwrap();
    let samples: [&[u8]; 4] = [
        b"overlay: 1.0.0\ninfo: {title: a, version: 1.0.0}\nactions:\n  - target: $.paths['/orders'].get\n    update: {operationId: listOrders}\n",
        b"overlay: 1.0.0\ninfo: {title: a, version: 1.0.0}\nactions:\n  - target: $..schema\n    remove: true\n  - target: $\n    update: {components: {schemas: {A: {type: object}}}}\n",
        b"overlay: 1.0.0\ninfo: {title: a, version: 1.0.0}\nactions:\n  - {target: \"$.paths[*][?@.operationId]\", update: {parameters: [{name: a, in: query}]}}\n",
        &events,
    ];
    let words: [&[u8]; 14] = [
        b"$",
        b"$.*",
        b"$..*",
        b"[*]",
        b"[?@.a]",
        b"[-1]",
        b"[::2]",
        b"remove: true",
        b"update: 1",
        b"update: []",
        b".paths",
        b"'",
        b"\n",
        b"{}",
    ];
    let mut random = Random::new(4);
    let applied = (0..1_500)
        .filter(|_| overlay::overlay(&random.variant(&samples, &words)))
        .count();
    assert!(applied > 150, "only {applied} were applied");
}

/// The specs of `tests/fixes`, without what is expected of them.
fn fixtures() -> Vec<Vec<u8>> {
    let folder = format!("{}/tests/fixes", env!("CARGO_MANIFEST_DIR"));
    let files = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    let read = |path| {
        let text = std::fs::read_to_string(path).unwrap();
        let lines = text.lines().skip_while(|line| *line != "spec:").skip(1);
        let lines = lines.map_while(|line| line.strip_prefix("  "));
        lines.collect::<Vec<_>>().join("\n").into_bytes()
    };
    files.into_iter().map(read).collect()
}
