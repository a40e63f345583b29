//! Typical edits of an API: what `regen` reports for each, and whether callers really break.
//!
//! The expected reports are written by hand. The second test asks the compiler:
//! `verdict/caller.rs`, which uses as much of the client as it can, is compiled against every
//! client, and again with the change that the report asks for.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail the test"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use apigw_regen::{Effect, Plan, State, Workspace};
use apigw_xtask::show::plan::{self as show, Options};
use tempfile::TempDir;

/// Returns what `regen` prints.
fn printed(plan: &Plan) -> String {
    show::plan(plan, &Options::default())
}

const SHOP: &str = include_str!("verdict/shop.yaml");
const CALLER: &str = include_str!("verdict/caller.rs");

/// One edit of the spec.
struct Edit {
    name: &'static str,
    /// Replacements in the spec.
    spec: &'static [(&'static str, &'static str)],
    /// The output between the name of the API and the files.
    verdict: &'static str,
    version: &'static str,
    /// How callers are updated; empty if their build does not break, or if it only should.
    caller: &'static [(&'static str, &'static str)],
}

const EDITS: &[Edit] = &[
    Edit {
        name: "required body in another media type",
        spec: &[(
            "content: { application/json: { schema: { $ref: \"#/components/schemas/NewOrder\" } } } }",
            "content: { application/json: { schema: { $ref: \"#/components/schemas/NewOrder\" } }, text/csv: {} } }",
        )],
        verdict: "
             + POST /orders: the request body can now be text/csv
",
        version: "0.1.1",
        caller: &[],
    },
    Edit {
        name: "required body without schema",
        spec: &[(
            "content: { application/json: { schema: { $ref: \"#/components/schemas/NewOrder\" } } } }",
            "content: { application/json: {} } }",
        )],
        verdict: "1 type removed
Breaks build types::NewOrder: removed
             ~ POST /orders: the request body no longer has a schema
",
        version: "0.2.0 (breaking)",
        caller: &[
            ("types::{Health, NewOrder, Order,", "types::{Health, Order,"),
            (
                "    let order = NewOrder::new(\"Ada\").note(\"by hand\");\n    let _: &Option<String> = &order.note;\n    client.create_order(&order).await\n",
                "    client.create_order(\"any JSON\").await\n",
            ),
        ],
    },
    Edit {
        name: "cookie added and others deprecated",
        spec: &[
            (
                "      - { name: limit, in: query, schema: { type: integer } }\n",
                "      - { name: limit, in: query, deprecated: true, schema: { type: integer } }\n      - { name: sid, in: cookie, schema: { type: string } }\n",
            ),
            ("        note: { type: string }\n", "        note: { type: string, deprecated: true }\n"),
        ],
        verdict: "
             + GET /orders: `list_orders().sid()`
             ~ GET /orders `limit`: is now deprecated
             ~ schema NewOrder.note: is now deprecated
",
        version: "0.1.1",
        caller: &[],
    },
    Edit {
        name: "parameter in JSON",
        spec: &[(
            "name: limit, in: query, schema: { type: integer }",
            "name: limit, in: query, content: { application/json: { schema: { type: integer } } }",
        )],
        verdict: "
 Breaks wire GET /orders `limit`: must now be sent as JSON instead of a single value; existing clients may be rejected
",
        version: "0.2.0 (breaking)",
        caller: &[],
    },
    Edit {
        name: "operation added",
        spec: &[(
            "  /health:\n",
            "  /stock:\n    get:\n      operationId: GetStock\n      responses:\n        200: { description: ok }\n      security: [ { sigv4: [] } ]\n  /health:\n",
        )],
        verdict: "1 operation added
             + GET /stock: `get_stock()`
",
        version: "0.1.1",
        caller: &[],
    },
    Edit {
        name: "operation removed",
        spec: &[(
            "  /orders/{orderId}:\n    delete:\n      operationId: DeleteOrder\n      parameters:\n      - { name: orderId, in: path, required: true, schema: { type: string } }\n      responses:\n        204: { description: gone }\n      security: [ { sigv4: [] } ]\n",
            "",
        )],
        verdict: "1 operation removed
Breaks build DELETE /orders/{orderId}: `delete_order()` was removed
 Breaks wire DELETE /orders/{orderId}: removed; existing clients get an error
",
        version: "0.2.0 (breaking)",
        caller: &[(
            "/// Deletes an order.\npub async fn delete(client: &ShopClient) -> Result<ResponseValue<()>, Error> {\n    client.delete_order(\"o-1\").await\n}\n",
            "",
        )],
    },
    Edit {
        name: "operation renamed",
        spec: &[("DeleteOrder", "CancelOrder")],
        verdict: "1 operation renamed
Breaks build DELETE /orders/{orderId}: `delete_order()` was renamed to `cancel_order()`
",
        version: "0.2.0 (breaking)",
        caller: &[("delete_order", "cancel_order")],
    },
    Edit {
        name: "operation moved",
        spec: &[("/orders/{orderId}:", "/v2/orders/{orderId}:")],
        verdict: "1 operation moved
 Breaks wire DELETE /orders/{orderId}: removed; existing clients get an error
             ~ DELETE /v2/orders/{orderId}: `delete_order()`, moved from DELETE /orders/{orderId}
",
        version: "0.2.0 (breaking)",
        caller: &[],
    },
    Edit {
        name: "optional parameter added",
        spec: &[(
            "      - { name: limit,",
            "      - { name: since, in: query, schema: { type: string } }\n      - { name: limit,",
        )],
        verdict: "
             + GET /orders: `list_orders().since()`
",
        version: "0.1.1",
        caller: &[],
    },
    Edit {
        name: "parameter made required",
        spec: &[(
            "{ name: limit, in: query,",
            "{ name: limit, in: query, required: true,",
        )],
        verdict: "
Breaks build GET /orders: `list_orders()` now requires `limit: i64`
 Breaks wire GET /orders `limit`: the parameter 'limit' was optional and is now required; existing clients may be rejected
",
        version: "0.2.0 (breaking)",
        caller: &[("list_orders().limit(10)", "list_orders(10)")],
    },
    Edit {
        name: "required part added",
        spec: &[(
            "required: [photo], properties: { photo",
            "required: [photo, sku], properties: { sku: { type: string }, photo",
        )],
        verdict: "
Breaks build POST /photos: `add_photo()` now requires `sku: impl Into<String>`
 Breaks wire POST /photos: `sku` is now required; existing clients may be rejected
",
        version: "0.2.0 (breaking)",
        caller: &[("add_photo(vec![7])", "add_photo(vec![7], \"o-1\")")],
    },
    Edit {
        name: "optional part added",
        spec: &[(
            "note: { type: string } } } } } }",
            "note: { type: string }, alt: { type: string } } } } } }",
        )],
        verdict: "
             + POST /photos: `add_photo().alt()`
",
        version: "0.1.1",
        caller: &[],
    },
    Edit {
        name: "part removed",
        spec: &[(", note: { type: string } } } } } }", " } } } } }")],
        verdict: "
Breaks build POST /photos: `add_photo().note()` was removed
 Breaks wire POST /photos: `note` was removed; existing clients may be rejected
",
        version: "0.2.0 (breaking)",
        caller: &[(".note(\"blurred\")", "")],
    },
    Edit {
        name: "parameter changes its type",
        spec: &[(
            "{ name: limit, in: query, schema: { type: integer } }",
            "{ name: limit, in: query, schema: { type: string } }",
        )],
        verdict: "
Breaks build GET /orders: `list_orders().limit()` now takes `(limit: impl Into<String>)` instead of `(limit: i64)`
 Breaks wire GET /orders `limit`: changed from integer to string; existing clients may be rejected
",
        version: "0.2.0 (breaking)",
        caller: &[("limit(10)", "limit(\"10\")")],
    },
    Edit {
        name: "parameter removed",
        spec: &[(
            "      - { name: limit, in: query, schema: { type: integer } }\n",
            "",
        )],
        verdict: "
Breaks build GET /orders: `list_orders().limit()` was removed
 Breaks wire GET /orders: the parameter 'limit' was removed; existing clients may be rejected
",
        version: "0.2.0 (breaking)",
        caller: &[(".limit(10)", "")],
    },
    Edit {
        name: "path parameter renamed",
        spec: &[
            ("/orders/{orderId}:", "/orders/{id}:"),
            ("name: orderId", "name: id"),
        ],
        verdict: "1 operation moved
             ~ DELETE /orders/{id}: `delete_order()`, moved from DELETE /orders/{orderId}
",
        version: "0.1.1",
        caller: &[],
    },
    Edit {
        name: "enum value added",
        spec: &[("[OPEN, PAID]", "[OPEN, PAID, SENT]")],
        verdict: "1 type changed
             + types::Status::Sent
",
        version: "0.1.1",
        caller: &[],
    },
    Edit {
        name: "enum value removed",
        spec: &[("[OPEN, PAID]", "[OPEN]")],
        verdict: "1 type changed
Breaks build types::Status::Paid: removed; match `Unknown(_)` instead
 Breaks wire schema Status: no longer accepts `PAID`; existing clients may be rejected
",
        version: "0.2.0 (breaking)",
        caller: &[("        Status::Paid => \"paid\",\n", "")],
    },
    Edit {
        name: "response field added",
        spec: &[(
            "        reference: { type: string }",
            "        reference: { type: string }\n        shipped: { type: boolean }",
        )],
        verdict: "1 type changed
             + types::Order.shipped: `Option<bool>`
",
        version: "0.1.1",
        caller: &[],
    },
    Edit {
        name: "response field removed",
        spec: &[("        reference: { type: string }\n", "")],
        verdict: "1 type changed
Breaks build types::Order.reference: removed
",
        version: "0.2.0 (breaking)",
        caller: &[
            ("(String, f64, Option<String>)", "(String, f64)"),
            ("total, reference, ..", "total, .."),
            ("(id, total, reference)", "(id, total)"),
        ],
    },
    Edit {
        name: "response field changes its type",
        spec: &[("total: { type: number }", "total: { type: string }")],
        verdict: "1 type changed
Breaks build types::Order.total: changed from `f64` to `String`
 Breaks wire schema Order.total: changed from number to string; existing clients may fail to read it
",
        version: "0.2.0 (breaking)",
        caller: &[("(String, f64, Option", "(String, String, Option")],
    },
    Edit {
        name: "response field may be missing",
        spec: &[("required: [id, status, total]", "required: [id, status]")],
        verdict: "1 type changed
Breaks build types::Order.total: changed from `f64` to `Option<f64>`
 Breaks wire schema Order: `total` can now be missing; existing clients may fail to read it
",
        version: "0.2.0 (breaking)",
        caller: &[("(String, f64, Option", "(String, Option<f64>, Option")],
    },
    Edit {
        name: "response field always there",
        spec: &[(
            "      type: object\n      properties:\n        up:",
            "      type: object\n      required: [up]\n      properties:\n        up:",
        )],
        verdict: "1 type changed
Breaks build Default for types::Health: removed
Breaks build types::Health.up: changed from `Option<bool>` to `bool`
",
        version: "0.2.0 (breaking)",
        caller: &[
            ("up == Some(true)", "up"),
            (
                "/// What is known before asking.\npub fn unknown() -> Health {\n    Health::default()\n}\n",
                "",
            ),
        ],
    },
    Edit {
        name: "request field added",
        spec: &[(
            "        note: { type: string }",
            "        note: { type: string }\n        gift: { type: boolean }",
        )],
        verdict: "1 type changed
             + types::NewOrder.gift: `Option<bool>`
",
        version: "0.1.1",
        caller: &[],
    },
    Edit {
        name: "request field made required",
        spec: &[("required: [customer]", "required: [customer, note]")],
        verdict: "1 type changed
Breaks build types::NewOrder.note: changed from `Option<String>` to `String`
Breaks build types::NewOrder::new(): now requires `note: impl Into<String>`
 Breaks wire schema NewOrder: `note` is now required; existing clients may be rejected
",
        version: "0.2.0 (breaking)",
        caller: &[
            (
                "NewOrder::new(\"Ada\").note(\"by hand\")",
                "NewOrder::new(\"Ada\", \"by hand\")",
            ),
            ("&Option<String> = &order.note", "&String = &order.note"),
        ],
    },
    Edit {
        name: "error status added",
        spec: &[(
            "        400: { description: not an order, content",
            "        409: { description: twice, content: { application/json: { schema: { $ref: \"#/components/schemas/Problem\" } } } }\n        400: { description: not an order, content",
        )],
        verdict: "
             + POST /orders: can now return 409
",
        version: "0.1.1",
        caller: &[],
    },
    Edit {
        name: "error status with a new body",
        spec: &[(
            "        400: { description: not an order, content",
            "        409: { description: twice, content: { application/json: { schema: { $ref: \"#/components/schemas/Order\" } } } }\n        400: { description: not an order, content",
        )],
        verdict: "
Breaks build POST /orders: `create_order()` now fails with `CreateOrderError` instead of `types::Problem`
             + POST /orders: can now return 409
",
        version: "0.2.0 (breaking)",
        caller: &[
            (
                "Error<Problem>",
                "Error<shop::operations::CreateOrderError>",
            ),
            ("Order, Problem, Status", "Order, Status"),
        ],
    },
    Edit {
        name: "success status added",
        spec: &[(
            "        204: { description: gone }",
            "        200: { description: gone, content: { application/json: { schema: { $ref: \"#/components/schemas/Order\" } } } }\n        204: { description: gone }",
        )],
        verdict: "
Breaks build DELETE /orders/{orderId}: `delete_order()` now returns `DeleteOrderResponse` instead of `()`
 Breaks wire DELETE /orders/{orderId}: can now return 200, which existing clients don't handle
",
        version: "0.2.0 (breaking)",
        caller: &[("Result<ResponseValue<()>, Error>", "Result<ResponseValue<shop::operations::DeleteOrderResponse>, Error>")],
    },
    Edit {
        name: "signature required",
        spec: &[(
            "schema: { $ref: \"#/components/schemas/Health\" } } } }\n",
            "schema: { $ref: \"#/components/schemas/Health\" } } } }\n      security: [ { sigv4: [] } ]\n",
        )],
        verdict: "
 Breaks wire GET /health: now requires a signature; configure credentials and allow execute-api:Invoke
",
        version: "0.2.0 (breaking)",
        caller: &[],
    },
    Edit {
        name: "text changed",
        spec: &[(
            "operationId: ListOrders",
            "operationId: ListOrders\n      summary: All orders",
        )],
        verdict: "
",
        version: "0.1.1",
        caller: &[],
    },
    Edit {
        name: "required property gives way to another of its type",
        spec: &[
            ("required: [street, zip]", "required: [street, place]"),
            ("        zip: { type: string }\n", "        place: { type: string }\n"),
        ],
        verdict: "1 type changed
Breaks build types::Address.zip: removed
Breaks build types::Address::new(): compiles, but passes `zip` as `place`
 Breaks wire schema Address: `place` is now required; existing clients may be rejected
 Breaks wire schema Address: `zip` was removed; existing clients may be rejected
             + types::Address.place: `String`
",
        version: "0.2.0 (breaking)",
        caller: &[],
    },
    Edit {
        name: "property made required instead of another",
        spec: &[("required: [street, zip]", "required: [street, floor]")],
        verdict: "1 type changed
Breaks build types::Address.floor: changed from `Option<String>` to `String`
Breaks build types::Address.zip: changed from `String` to `Option<String>`
Breaks build types::Address::new(): compiles, but passes `zip` as `floor`
 Breaks wire schema Address: `floor` is now required; existing clients may be rejected
",
        version: "0.2.0 (breaking)",
        caller: &[("Address::new(\"1 Main St\", \"D01\").floor(\"2\")", "Address::new(\"1 Main St\", \"2\").zip(\"D01\")")],
    },
    Edit {
        name: "required parameter renamed",
        spec: &[("name: until,", "name: to,")],
        verdict: "
Breaks build PUT /addresses/{country}/{city}: `put_address()` compiles, but passes `until` as `to`
 Breaks wire PUT /addresses/{country}/{city}: the parameter 'until' was removed; existing clients may be rejected
 Breaks wire PUT /addresses/{country}/{city} `to`: a new, required parameter 'to' was added; existing clients may be rejected
",
        version: "0.2.0 (breaking)",
        caller: &[],
    },
    Edit {
        name: "path parameters change places",
        spec: &[
            ("/addresses/{country}/{city}:", "/addresses/{city}/{country}:"),
        ],
        verdict: "1 operation moved
 Breaks wire PUT /addresses/{city}/{country}: the path has `city` in place of `country`; existing clients still send `country` there
 Breaks wire PUT /addresses/{city}/{country}: the path has `country` in place of `city`; existing clients still send `city` there
             ~ PUT /addresses/{city}/{country}: `put_address()`, moved from PUT /addresses/{country}/{city}
",
        version: "0.2.0 (breaking)",
        caller: &[],
    },
    Edit {
        name: "path parameters of a moved operation change places",
        spec: &[
            ("/addresses/{country}/{city}:", "/cities/{city}/{country}:"),
        ],
        verdict: "1 operation moved
 Breaks wire PUT /addresses/{country}/{city}: removed; existing clients get an error
             ~ PUT /cities/{city}/{country}: `put_address()`, moved from PUT /addresses/{country}/{city}
",
        version: "0.2.0 (breaking)",
        caller: &[],
    },
    Edit {
        name: "default stage changed",
        spec: &[(
            "paths:\n",
            "servers: [ { url: \"https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/v2\" } ]\npaths:\n",
        )],
        verdict: "
             ~ endpoint: changed from none to https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/v2
",
        version: "0.1.1",
        caller: &[],
    },
    Edit {
        name: "response field may be null",
        spec: &[("reference: { type: string }", "reference: { type: string, nullable: true }")],
        verdict: "1 type changed
Breaks build types::Order.reference: changed from `Option<String>` to `apigw_runtime::Nullable<String>`
",
        version: "0.2.0 (breaking)",
        caller: &[("(id, total, reference)", "(id, total, reference.into_option())")],
    },
    Edit {
        name: "request field may be null",
        spec: &[("        note: { type: string }", "        note: { type: string, nullable: true }")],
        verdict: "1 type changed
Breaks build types::NewOrder.note: changed from `Option<String>` to `apigw_runtime::Nullable<String>`
",
        version: "0.2.0 (breaking)",
        caller: &[("&Option<String> = &order.note", "Option<&String> = order.note.as_ref()")],
    },
    Edit {
        name: "request field becomes readOnly",
        spec: &[("        floor: { type: string }", "        floor: { type: string, readOnly: true }")],
        verdict: "1 type changed
Breaks build types::Address.floor: removed
",
        version: "0.2.0 (breaking)",
        caller: &[(".floor(\"2\")", "")],
    },
    Edit {
        name: "response field becomes writeOnly",
        spec: &[("        total: { type: number }", "        total: { type: number, writeOnly: true }")],
        verdict: "1 type changed
Breaks build types::Order.total: changed from `f64` to `Option<f64>`
 Breaks wire schema Order.total: can now be missing; existing clients may fail to read it
",
        version: "0.2.0 (breaking)",
        caller: &[("(String, f64, Option<String>)", "(String, Option<f64>, Option<String>)")],
    },
    Edit {
        name: "response gains a media type",
        spec: &[(
            "schema: { $ref: \"#/components/schemas/Health\" } }",
            "schema: { $ref: \"#/components/schemas/Health\" } }, text/plain: { schema: { type: string } }",
        )],
        verdict: "
Breaks build GET /health: `get_health()` now returns `GetHealthResponseBody` instead of `types::Health`
             + GET /health: `get_health().accept()`
             + GET /health: the 200 response can now be text/plain
             + operations::GetHealthResponseBody
",
        version: "0.2.0 (breaking)",
        caller: &[("let Health { up, .. } = client.get_health().await?.into_inner();", "let shop::operations::GetHealthResponseBody::Json(Health { up, .. }) =\n        client.get_health().await?.into_inner()\n    else {\n        return Ok(false);\n    };")],
    },
    Edit {
        name: "number becomes a float",
        spec: &[("total: { type: number }", "total: { type: number, format: float }")],
        verdict: "
",
        version: "0.1.1",
        caller: &[],
    },
];

/// A workspace with the client of one spec.
struct Site {
    folder: TempDir,
}

impl Site {
    fn new() -> Self {
        let site = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        fs_err::create_dir(site.path("specs")).unwrap();
        fs_err::write(
            site.path("specs/apis.toml"),
            "[shop]\nspec = \"shop.yaml\"\n",
        )
        .unwrap();
        site.apply(&site.give(SHOP));
        site
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// Plans for this spec.
    fn give(&self, spec: &str) -> Plan {
        fs_err::write(self.path("specs/shop.yaml"), spec).unwrap();
        Plan::new(&Workspace::new(self.folder.path()), &[]).unwrap()
    }

    fn apply(&self, plan: &Plan) {
        let lock = Workspace::new(self.folder.path()).lock(|| panic!("no other process runs"));
        plan.apply(&lock.unwrap()).unwrap();
    }

    /// The client's files, by path inside it.
    fn client(&self) -> BTreeMap<PathBuf, String> {
        let folder = self.path("crates/generated/shop");
        let names = [
            "Cargo.toml",
            "README.md",
            "src/client.rs",
            "src/lib.rs",
            "src/operations.rs",
            "src/types.rs",
        ];
        let read = |name: &str| fs_err::read_to_string(folder.join(name)).unwrap();
        names.iter().map(|name| (name.into(), read(name))).collect()
    }
}

/// Replaces strings that occur exactly once.
#[track_caller]
fn replaced(text: &str, replacements: &[(&str, &str)]) -> String {
    let mut text = text.to_owned();
    for (before, after) in replacements {
        assert_eq!(text.matches(before).count(), 1, "{before} in {text}");
        text = text.replace(before, after);
    }
    text
}

#[test]
fn the_report_names_each_change_and_its_effect() {
    let mut wrong = String::new();
    for edit in EDITS {
        let plan = Site::new().give(&replaced(SHOP, edit.spec));
        let printed = printed(&plan);
        let parts = || {
            let (_, told) = printed.split_once("shop (")?.1.split_once(')')?;
            let (told, rest) = told.split_once("       Files ")?;
            let (_, version) = rest.split_once("Version 0.1.0 -> ")?;
            Some((told, version))
        };
        let (told, version) = parts().unwrap_or_else(|| panic!("{}: {printed}", edit.name));
        if (told.trim_start_matches(": "), version.trim_end()) != (edit.verdict, edit.version) {
            writeln!(wrong, "{}\n{told}{version}", edit.name).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
#[ignore = "compiles a client and two callers for each edit"]
fn changes_reported_as_breaking_are_those_that_fail_to_compile() {
    let compiled = compile(&EDITS.iter().map(packages).collect::<Vec<_>>().concat());
    let mut wrong = String::new();
    assert!(compiled["before-caller"], "the caller of the unchanged API");
    for edit in EDITS {
        let site = Site::new();
        let plan = site.give(&replaced(SHOP, edit.spec));
        let State::Stale(changes) = &plan.apis()[0].state else {
            panic!("{}", printed(&plan));
        };
        let reported = changes
            .changes
            .iter()
            .any(|change| change.effect == Effect::BreaksBuild);
        let name = edit.name.replace(' ', "-");
        let is_broken = !compiled[&format!("{name}-caller")];
        let is_fixed = compiled[&format!("{name}-updated")];
        // a call that compiles and means something else is reported as breaking, too
        let misleads = changes
            .changes
            .iter()
            .any(|change| change.text.contains("compiles, but passes"));
        if (reported != is_broken && !misleads) || !is_fixed {
            writeln!(
                wrong,
                "{name}: reported {reported}, breaks {is_broken}, fixed {is_fixed}"
            )
            .unwrap();
        }
        println!(
            "{:<34} build {:<7} reported {:<7} wire {}",
            edit.name,
            if is_broken { "breaks" } else { "works" },
            if reported { "breaks" } else { "works" },
            if changes
                .changes
                .iter()
                .any(|change| change.effect == Effect::BreaksWire)
            {
                "breaks"
            } else {
                "works"
            }
        );
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// A package: its name and its files.
type Package = (String, BTreeMap<PathBuf, String>);

/// The client after an edit, an unchanged caller, and an updated one.
fn packages(edit: &Edit) -> Vec<Package> {
    let name = edit.name.replace(' ', "-");
    let site = Site::new();
    let before = site.client();
    site.apply(&site.give(&replaced(SHOP, edit.spec)));
    let updated = replaced(CALLER, edit.caller);
    vec![
        client("before", before),
        caller("before", "caller", CALLER),
        client(&name, site.client()),
        caller(&name, "caller", CALLER),
        caller(&name, "updated", &updated),
    ]
}

fn client(name: &str, mut files: BTreeMap<PathBuf, String>) -> Package {
    let manifest = files.get_mut(Path::new("Cargo.toml")).unwrap();
    *manifest = replaced(
        manifest,
        &[(
            "name = \"shop-client\"",
            &format!("name = \"{name}-client\""),
        )],
    );
    (format!("{name}-client"), files)
}

fn caller(of: &str, name: &str, source: &str) -> Package {
    let manifest = format!(
        "[package]\nname = \"{of}-{name}\"\nedition = \"2024\"\n\n[dependencies]\n\
         shop = {{ package = \"{of}-client\", path = \"../{of}-client\" }}\n"
    );
    let files = [("Cargo.toml", manifest), ("src/lib.rs", source.to_owned())];
    let files = files.map(|(path, text)| (path.into(), text));
    (format!("{of}-{name}"), files.into())
}

/// Checks all packages with one run of cargo, and returns which ones compile.
fn compile(packages: &[Package]) -> BTreeMap<String, bool> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let target = root.join("target");
    let workspace = target.join("verdict");
    if workspace.exists() {
        fs_err::remove_dir_all(&workspace).unwrap();
    }
    let put = |path: PathBuf, text: &str| {
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    };
    put(
        workspace.join("Cargo.toml"),
        &format!(
            "[workspace]\nresolver = \"3\"\nmembers = [\"*\"]\n\n[workspace.dependencies]\n\
             apigw-runtime = {{ path = {:?}, default-features = false }}\n",
            root.join("crates/apigw-runtime"),
        ),
    );
    // the versions that everything else here is tested with
    fs_err::copy(root.join("Cargo.lock"), workspace.join("Cargo.lock")).unwrap();
    let names: BTreeSet<&String> = packages.iter().map(|(name, _)| name).collect();
    for (name, files) in packages {
        for (path, text) in files {
            put(workspace.join(name).join(path), text);
        }
    }
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args([
            "check",
            "--offline",
            "--workspace",
            "--keep-going",
            "--message-format=json",
        ])
        .arg("--target-dir")
        .arg(&target)
        .current_dir(&workspace)
        .output()
        .unwrap();
    let mut compiled: BTreeSet<String> = BTreeSet::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let message: serde_json::Value = serde_json::from_str(line).unwrap();
        if message["reason"] == "compiler-artifact" {
            let manifest = Path::new(message["manifest_path"].as_str().unwrap());
            let folder = manifest.parent().unwrap().file_name().unwrap();
            compiled.insert(folder.to_string_lossy().into_owned());
        }
    }
    for name in &names {
        if name.ends_with("-client") {
            let errors = String::from_utf8_lossy(&output.stderr);
            assert!(
                compiled.contains(*name),
                "{name} does not compile:\n{errors}"
            );
        }
    }
    names
        .into_iter()
        .map(|name| (name.clone(), compiled.contains(name)))
        .collect()
}

#[test]
fn an_order_of_its_own_is_not_a_change() {
    let site = Site::new();
    for (name, edit) in [
        (
            "properties",
            (
                "        street: { type: string }\n        zip: { type: string }\n",
                "        zip: { type: string }\n        street: { type: string }\n",
            ),
        ),
        ("required", ("[street, zip]", "[zip, street]")),
        (
            "parameters",
            (
                "      - { name: from, in: query, required: true, schema: { type: string, format: date } }\n      - { name: until, in: query, required: true, schema: { type: string, format: date } }\n",
                "      - { name: until, in: query, required: true, schema: { type: string, format: date } }\n      - { name: from, in: query, required: true, schema: { type: string, format: date } }\n",
            ),
        ),
    ] {
        let plan = site.give(&replaced(SHOP, &[edit]));
        assert!(
            matches!(plan.apis()[0].state, State::Fresh),
            "{name}: {}",
            printed(&plan)
        );
    }
}
