use crate::desk::Desk;
use crate::double::{ACCESS_KEY, Api, Double, Export, Protocol, ROLE_KEY, SECRET_KEY, Trouble};

const ORDERS: &str = include_str!("../../../../specs/orders.json");
const EVENTS: &str = include_str!("../../../../specs/events.yaml");

const APIS: &str = "\
# the APIs of the shop
[orders] # the first
spec = \"orders.json\"
aws = { id = \"a1b2c3d4e5\", stage = \"prod\", region = \"eu-west-1\" }

[events]
spec = \"events.yaml\"
aws = { name = \"events\", kind = \"http\", region = \"eu-west-1\" }

[by-hand]
spec = \"by-hand.json\"
";

async fn account() -> Double {
    let orders = || Export::json(ORDERS);
    let events = Export {
        json: br#"{"openapi":"3.0.1","info":{"title":"events","version":"1"},"paths":{}}"#.to_vec(),
        yaml: EVENTS.into(),
    };
    Double::start([
        Api::new(
            Protocol::Rest,
            "a1b2c3d4e5",
            "orders",
            [("prod", orders()), ("dev", orders())],
        ),
        Api::new(
            Protocol::Rest,
            "b2c3d4e5f6",
            "Price List",
            [("dev", orders()), ("prod", orders())],
        ),
        Api::new(
            Protocol::Http,
            "k1l2m3n4o5",
            "events",
            [("$default", events)],
        ),
        Api::new(Protocol::Http, "l2m3n4o5p6", "draft", []),
    ])
    .await
}

fn desk(double: &Double, apis: &str) -> Desk {
    Desk::new(&[("specs/apis.toml", apis)])
        .set("AWS_ACCESS_KEY_ID", ACCESS_KEY)
        .set("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
        .set("AWS_ENDPOINT_URL", double.endpoint())
        .name(double.endpoint(), "ENDPOINT")
        .name(double.endpoint().trim_start_matches("http://"), "HOST")
}

#[tokio::test]
async fn pulling_twice_changes_nothing() {
    let double = account().await;
    let desk = desk(&double, APIS);
    desk.shows("pull", &["pull"]).await;
    let orders = desk.read("specs/orders.json");
    assert!(orders.contains("/orders/{orderId}") && !orders.contains("arn:aws:lambda"));
    desk.shows("pull-again", &["pull"]).await;
    assert_eq!(desk.read("specs/orders.json"), orders);
    assert_eq!(desk.read("specs/apis.toml"), APIS);
    let changed = ORDERS.replacen("\"/health\"", "\"/status\"", 1);
    double.deploy("a1b2c3d4e5", "prod", Export::json(changed));
    desk.shows("pull-changed", &["pull", "orders"]).await;
}

#[tokio::test]
async fn pulling_every_api_of_the_account() {
    let double = account().await;
    let desk = desk(&double, APIS);
    desk.shows("pull-all", &["pull", "--all", "--region", "eu-west-1"])
        .await;
    let apis = desk.read("specs/apis.toml");
    let added = apis.strip_prefix(APIS).unwrap();
    assert_eq!(
        added,
        "\n[price-list] # other stages: prod\nspec = \"price-list.json\"\n\
         aws = { id = \"b2c3d4e5f6\", kind = \"rest\", stage = \"dev\", region = \"eu-west-1\" }\n"
    );
    desk.shows(
        "pull-all-again",
        &["pull", "--all", "--region", "eu-west-1"],
    )
    .await;
    assert_eq!(desk.read("specs/apis.toml"), apis);
}

#[tokio::test]
async fn verbose_lists_what_is_removed() {
    let double = account().await;
    desk(&double, APIS)
        .shows("pull-verbose", &["pull", "events", "--verbose"])
        .await;
}

#[tokio::test]
async fn keeping_integrations() {
    let double = account().await;
    let desk = desk(&double, APIS);
    desk.shows("pull-keep", &["pull", "orders", "--keep-integrations"])
        .await;
    let kept = ORDERS.replacen("2025-03-14T09:26:53Z", "as deployed", 1);
    assert_eq!(desk.read("specs/orders.json"), kept);
}

#[tokio::test]
async fn a_failure_does_not_stop_other_pulls() {
    let double = account().await;
    let apis = APIS.replace("stage = \"prod\"", "stage = \"production\"");
    let desk = desk(&double, &apis);
    desk.shows("pull-wrong-stage", &["pull"]).await;
    assert!(desk.path("specs/events.yaml").exists());
    assert!(!desk.path("specs/orders.json").exists());
}

#[tokio::test]
async fn the_role_of_an_api_is_assumed() {
    let double = account().await;
    let role = "arn:aws:iam::123456789012:role/reader";
    let with_role = format!("region = \"eu-west-1\", role = \"{role}\" }}\n\n[events]");
    let desk = desk(
        &double,
        &APIS.replace("region = \"eu-west-1\" }\n\n[events]", &with_role),
    );
    let output = desk.command(&["pull"]).output().await.unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(double.log().contains(&format!("AssumeRole {role}")));
    // one API with its role, the other with the default credentials
    let callers = double.callers();
    assert!(callers.contains(&ROLE_KEY.to_owned()) && callers.contains(&ACCESS_KEY.to_owned()));
}

#[tokio::test]
async fn a_truncated_export() {
    let double = account().await;
    double.trouble(Trouble {
        cut: true,
        ..Trouble::default()
    });
    let desk = desk(&double, APIS);
    desk.shows("pull-broken-export", &["pull", "orders"]).await;
    assert!(!desk.path("specs/orders.json").exists());
}

#[tokio::test]
async fn a_missing_permission() {
    let double = account().await;
    double.trouble(Trouble {
        denied: Some("/restapis/a1b2c3d4e5"),
        ..Trouble::default()
    });
    let desk = desk(
        &double,
        &APIS.replace(
            "id = \"a1b2c3d4e5\",",
            "id = \"a1b2c3d4e5\", kind = \"rest\",",
        ),
    );
    desk.shows("pull-denied", &["pull", "orders"]).await;
}

#[tokio::test]
async fn missing_or_wrong_credentials() {
    let double = account().await;
    let without = Desk::new(&[("specs/apis.toml", APIS)])
        .set("AWS_ENDPOINT_URL", double.endpoint())
        .name(double.endpoint(), "ENDPOINT");
    without
        .shows("pull-no-credentials", &["pull", "orders"])
        .await;
    let wrong = desk(&double, APIS).set("AWS_SECRET_ACCESS_KEY", "another");
    wrong.shows("pull-wrong-secret", &["pull", "orders"]).await;
}

#[tokio::test]
async fn invalid_entries_in_apis_toml() {
    let double = account().await;
    let unknown = desk(&double, APIS);
    unknown.shows("pull-unknown", &["pull", "invoices"]).await;
    unknown
        .shows("pull-not-deployed", &["pull", "by-hand"])
        .await;
    let nowhere = desk(&double, "[by-hand]\nspec = \"by-hand.json\"\n");
    nowhere.shows("pull-nothing", &["pull"]).await;
    let both = desk(&double, &APIS.replace("id = ", "name = \"orders\", id = "));
    both.shows("pull-id-and-name", &["pull"]).await;
    let misspelt = desk(&double, &APIS.replace("stage", "sage"));
    misspelt.shows("pull-unknown-key", &["pull"]).await;
    let region = desk(
        &double,
        &APIS.replace(", region = \"eu-west-1\" }\n\n[events]", " }\n\n[events]"),
    );
    region.shows("pull-no-region", &["pull", "orders"]).await;
    let name = desk(
        &double,
        &APIS.replace("name = \"events\"", "name = \"event\""),
    );
    name.shows("pull-unknown-name", &["pull", "events"]).await;
}

#[tokio::test]
async fn an_unreachable_endpoint() {
    let double = account().await;
    let desk = desk(&double, APIS);
    drop(double);
    desk.shows(
        "pull-unreachable",
        &["pull", "orders", "--endpoint-url", "http://127.0.0.1:1"],
    )
    .await;
}

#[tokio::test]
async fn each_kind_of_api_has_its_own_endpoint_variable() {
    let double = account().await;
    let nowhere = "http://127.0.0.1:1";
    let desk = desk(&double, APIS)
        .set("AWS_ENDPOINT_URL", nowhere)
        .set("AWS_ENDPOINT_URL_API_GATEWAY", double.endpoint())
        .set("AWS_ENDPOINT_URL_APIGATEWAYV2", double.endpoint());
    let output = desk.command(&["pull"]).output().await.unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(desk.path("specs/orders.json").exists() && desk.path("specs/events.yaml").exists());
}

#[tokio::test]
async fn help() {
    let desk = Desk::new(&[]);
    desk.shows("pull-help", &["pull", "--help"]).await;
}
