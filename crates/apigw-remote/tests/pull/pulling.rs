use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use apigw_regen::Apis;
use apigw_remote::pull::{
    self, Access, Change, ControlPlane, Error, Options, Pace, Pulled, Puller, Timer, Wanted,
    inventory,
};
use apigw_spec::aws::{Origin, OriginKind};
use async_trait::async_trait;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_types::SdkConfig;
use aws_types::region::Region;
use futures_util::StreamExt;

use crate::double::{ACCESS_KEY, Api, Double, Export, Protocol, REGION, SECRET_KEY, Trouble};

fn spec(name: &str) -> Vec<u8> {
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs");
    fs_err::read(specs.join(name)).unwrap()
}

/// The account of these tests: two pages of each kind.
async fn account() -> Double {
    let orders = || Export::json(spec("orders.json"));
    let events = || Export::yaml(spec("events.yaml"));
    Double::start([
        Api::new(
            Protocol::Rest,
            "a1b2c3d4e5",
            "orders",
            [("prod", orders()), ("dev", orders())],
        ),
        Api::new(Protocol::Rest, "twin1", "twin", [("prod", orders())]),
        Api::new(
            Protocol::Rest,
            "single",
            "single stage",
            [("live", orders())],
        ),
        Api::new(Protocol::Http, "twin2", "twin", [("$default", events())]),
        Api::new(Protocol::WebSocket, "socket", "chat", [("prod", orders())]),
        Api::new(
            Protocol::Http,
            "k1l2m3n4o5",
            "events",
            [("$default", events())],
        ),
        Api::new(Protocol::Http, "fresh", "fresh", []),
    ])
    .await
}

/// A timer in which nothing takes long: a pause ends at once, and only the clock knows.
#[derive(Debug, Clone)]
struct Hasty(Arc<Mutex<(Instant, Vec<Duration>)>>);

impl Hasty {
    fn new() -> Self {
        Self(Arc::new(Mutex::new((Instant::now(), Vec::new()))))
    }

    fn pauses(&self) -> Vec<Duration> {
        self.0.lock().unwrap().1.clone()
    }
}

#[async_trait]
impl Timer for Hasty {
    fn now(&self) -> Instant {
        self.0.lock().unwrap().0
    }

    async fn sleep(&self, pause: Duration) {
        let mut state = self.0.lock().unwrap();
        state.0 += pause;
        state.1.push(pause);
    }
}

fn config(double: &Double, secret: &str) -> SdkConfig {
    let credentials = Credentials::new(ACCESS_KEY, secret, None, None, "test");
    SdkConfig::builder()
        .region(Region::new(REGION))
        .endpoint_url(double.endpoint())
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .build()
}

fn plane(double: &Double, timer: &Hasty) -> ControlPlane {
    let pace = Pace::new(timer.clone());
    ControlPlane::new(&config(double, SECRET_KEY), &Access::default(), pace).unwrap()
}

fn id(id: &str, stage: &str) -> Origin {
    Origin {
        id: Some(id.to_owned()),
        stage: Some(stage.to_owned()),
        ..Origin::default()
    }
}

fn name(name: &str) -> Origin {
    Origin {
        name: Some(name.to_owned()),
        ..Origin::default()
    }
}

/// One pull into a folder of its own.
struct Desk {
    double: Double,
    timer: Hasty,
    folder: tempfile::TempDir,
}

impl Desk {
    async fn new() -> Self {
        Self {
            double: account().await,
            timer: Hasty::new(),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    async fn pull(&self, origin: &Origin, file: &str) -> Result<Pulled, Error> {
        let plane = plane(&self.double, &self.timer);
        pull::one(&plane, origin, &self.file(file), &Options::default()).await
    }

    /// Why there is nothing to pull.
    async fn refusal(&self, origin: &Origin) -> String {
        self.pull(origin, "x.json").await.unwrap_err().to_string()
    }
}

#[tokio::test]
async fn a_rest_api_is_pulled_by_id_and_stage_with_one_request() {
    let desk = Desk::new().await;
    let pulled = desk
        .pull(&id("a1b2c3d4e5", "prod"), "orders.json")
        .await
        .unwrap();
    assert_eq!(pulled.change, Change::New { operations: 8 });
    assert_eq!(
        desk.double.log(),
        ["GET /restapis/a1b2c3d4e5/stages/prod/exports/oas30?extensions=apigateway 200"]
    );
    assert_eq!(desk.double.accepts(), ["application/json"]);
}

#[tokio::test]
async fn an_http_api_is_pulled_as_yaml_where_its_file_is_yaml() {
    let desk = Desk::new().await;
    let origin = Origin {
        kind: Some(OriginKind::Http),
        ..id("k1l2m3n4o5", "$default")
    };
    desk.pull(&origin, "events.yaml").await.unwrap();
    assert_eq!(
        desk.double.log(),
        [
            "GET /v2/apis/k1l2m3n4o5/exports/OAS30?outputType=YAML&stageName=%24default&includeExtensions=true 200"
        ]
    );
}

#[tokio::test]
async fn pulling_twice_changes_nothing() {
    let desk = Desk::new().await;
    let origin = id("a1b2c3d4e5", "prod");
    desk.pull(&origin, "orders.json").await.unwrap();
    let file = desk.file("orders.json");
    let (text, written) = (
        fs_err::read(&file).unwrap(),
        fs_err::metadata(&file).unwrap().modified().unwrap(),
    );
    // deployed again, without a change: the time in it is another one
    let export = String::from_utf8(spec("orders.json")).unwrap();
    let later = export.replacen("2025-03-14T09:26:53Z", "2026-11-22T17:05:00Z", 1);
    assert_ne!(export, later);
    desk.double
        .deploy("a1b2c3d4e5", "prod", Export::json(later));
    assert!(!desk.pull(&origin, "orders.json").await.unwrap().is_change());
    assert_eq!(fs_err::read(&file).unwrap(), text);
    assert_eq!(
        fs_err::metadata(&file).unwrap().modified().unwrap(),
        written
    );
}

#[tokio::test]
async fn a_change_is_told_by_its_routes() {
    let desk = Desk::new().await;
    let origin = id("a1b2c3d4e5", "prod");
    let document = |path: &str| {
        Export::json(format!(
            r#"{{"openapi":"3.0.1","info":{{"title":"o","version":"1"}},"paths":{{"{path}":{{"get":{{"responses":{{}}}}}}}}}}"#
        ))
    };
    desk.double.deploy("a1b2c3d4e5", "prod", document("/old"));
    desk.pull(&origin, "orders.json").await.unwrap();
    desk.double.deploy("a1b2c3d4e5", "prod", document("/new"));
    let pulled = desk.pull(&origin, "orders.json").await.unwrap();
    assert_eq!(pulled.to_string(), "updated, + GET /new, - GET /old");
}

#[tokio::test]
async fn an_api_is_found_by_its_name_on_any_page() {
    let desk = Desk::new().await;
    desk.pull(&name("events"), "events.yaml").await.unwrap();
    assert_eq!(
        desk.double.log(),
        [
            "GET /restapis?limit=500 200",
            "GET /restapis?limit=500&position=at%2F2 200",
            "GET /v2/apis?maxResults=500 200",
            "GET /v2/apis?maxResults=500&nextToken=at%2F2 200",
            "GET /v2/apis/k1l2m3n4o5/stages?maxResults=500 200",
            "GET /v2/apis/k1l2m3n4o5/exports/OAS30?outputType=YAML&stageName=%24default&includeExtensions=true 200",
        ]
    );
}

#[tokio::test]
async fn a_name_that_two_apis_have_is_refused_with_their_ids() {
    let desk = Desk::new().await;
    assert_eq!(
        desk.refusal(&name("twin")).await,
        "2 APIs in eu-west-1 are named \"twin\": give `id` in place of `name`: twin (REST API, twin1), twin (HTTP API, twin2)"
    );
    let rest = Origin {
        kind: Some(OriginKind::Rest),
        ..name("twin")
    };
    desk.pull(&rest, "twin.json").await.unwrap();
}

#[tokio::test]
async fn a_name_that_no_api_has_is_refused_with_the_names_there_are() {
    let desk = Desk::new().await;
    assert_eq!(
        desk.refusal(&name("order")).await,
        "no API in eu-west-1 is named \"order\": there are orders (REST API, a1b2c3d4e5), twin (REST API, twin1), \
         single stage (REST API, single), twin (HTTP API, twin2), events (HTTP API, k1l2m3n4o5), fresh (HTTP API, fresh)"
    );
}

#[tokio::test]
async fn the_stage_may_be_left_out_where_there_is_only_one() {
    let desk = Desk::new().await;
    desk.pull(&name("single stage"), "single.json")
        .await
        .unwrap();
    assert_eq!(
        desk.refusal(&name("orders")).await,
        "the API a1b2c3d4e5 has several stages: add `stage` to `aws`: one of dev, prod"
    );
    assert_eq!(
        desk.refusal(&name("fresh")).await,
        "the API fresh is not deployed: deploy it to a stage first"
    );
}

#[tokio::test]
async fn a_wrong_stage_is_refused_with_the_stages_there_are() {
    let desk = Desk::new().await;
    assert_eq!(
        desk.refusal(&id("a1b2c3d4e5", "production")).await,
        "the REST API a1b2c3d4e5 has no stage \"production\": there are dev, prod"
    );
}

#[tokio::test]
async fn a_wrong_id_is_refused_with_the_apis_there_are() {
    let desk = Desk::new().await;
    let origin = Origin {
        kind: Some(OriginKind::Http),
        ..id("nothing", "prod")
    };
    assert_eq!(
        desk.refusal(&origin).await,
        "there is no API nothing in eu-west-1: there are twin (HTTP API, twin2), events (HTTP API, k1l2m3n4o5), fresh (HTTP API, fresh)"
    );
}

#[tokio::test]
async fn whoever_may_not_read_gets_the_statement_that_allows_it() {
    let desk = Desk::new().await;
    desk.double.trouble(Trouble {
        denied: Some(""),
        ..Trouble::default()
    });
    let origin = Origin {
        kind: Some(OriginKind::Rest),
        ..id("a1b2c3d4e5", "prod")
    };
    let error = desk.pull(&origin, "orders.json").await.unwrap_err();
    assert!(error.is_denied());
    let text = error.to_string();
    let (_, statement) = text.split_once('\n').unwrap();
    assert_eq!(
        statement,
        r#"{
  "Effect": "Allow",
  "Action": "apigateway:GET",
  "Resource": [
    "arn:aws:apigateway:eu-west-1::/restapis/a1b2c3d4e5/stages/prod/exports/*"
  ]
}"#
    );
    let Error::Denied { resources } = desk.pull(&name("orders"), "orders.json").await.unwrap_err()
    else {
        panic!("denied");
    };
    assert_eq!(
        resources,
        [
            "arn:aws:apigateway:eu-west-1::/restapis",
            "arn:aws:apigateway:eu-west-1::/restapis/*/stages",
            "arn:aws:apigateway:eu-west-1::/restapis/*/stages/*/exports/*",
            "arn:aws:apigateway:eu-west-1::/apis",
            "arn:aws:apigateway:eu-west-1::/apis/*/stages",
            "arn:aws:apigateway:eu-west-1::/apis/*/exports/*",
        ]
    );
}

#[tokio::test]
async fn a_throttled_pull_waits_as_long_as_it_is_told_and_goes_on() {
    let desk = Desk::new().await;
    desk.double.trouble(Trouble {
        throttles: 2,
        retry_after: Some(7),
        ..Trouble::default()
    });
    desk.pull(&id("a1b2c3d4e5", "prod"), "orders.json")
        .await
        .unwrap();
    let seconds: Vec<u64> = desk.timer.pauses().iter().map(Duration::as_secs).collect();
    assert_eq!(seconds, [7, 7]);
    assert_eq!(desk.double.log().len(), 3);
}

#[tokio::test]
async fn a_throttled_pull_backs_off_where_it_is_told_nothing_and_gives_up_in_the_end() {
    let desk = Desk::new().await;
    desk.double.trouble(Trouble {
        throttles: usize::MAX,
        ..Trouble::default()
    });
    let error = desk
        .pull(&id("a1b2c3d4e5", "prod"), "orders.json")
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "API Gateway answered 429 to 6 attempts: try again in a minute"
    );
    for (pause, longest) in desk.timer.pauses().into_iter().zip([1, 2, 4, 8, 16]) {
        let longest = Duration::from_secs(longest);
        assert!(longest / 2 <= pause && pause <= longest, "{pause:?}");
    }
    assert_eq!(desk.timer.pauses().len(), 5);
}

#[tokio::test]
async fn ten_requests_go_out_a_second() {
    let desk = Desk::new().await;
    let plane = plane(&desk.double, &desk.timer);
    inventory(&plane).await.unwrap();
    let requests = u32::try_from(desk.double.log().len()).unwrap();
    assert!(requests > 5);
    let waited: Duration = desk.timer.pauses().iter().sum();
    assert_eq!(waited, Duration::from_millis(100) * (requests - 1));
}

#[tokio::test]
async fn several_apis_are_pulled_at_once_and_still_no_faster_than_allowed() {
    let desk = Desk::new().await;
    let pace = Pace::new(desk.timer.clone());
    let config = config(&desk.double, SECRET_KEY);
    let plane = ControlPlane::new(&config, &Access::default(), pace.clone()).unwrap();
    let puller = Puller::new(pace, None, Options::default()).with_plane(Access::default(), plane);
    let wanted = |index: usize| Wanted {
        name: format!("api-{index}"),
        origin: id("a1b2c3d4e5", "prod"),
        file: desk.file(&format!("api-{index}.json")),
    };
    // an export comes only when four are wanted at the same time: one after the other would never end
    desk.double.meet(4);
    let pulls = puller
        .pull((0..8).map(wanted).collect())
        .collect::<Vec<_>>();
    let pulled = tokio::time::timeout(Duration::from_secs(60), pulls)
        .await
        .unwrap();
    let names: Vec<&str> = pulled
        .iter()
        .map(|(wanted, _)| wanted.name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "api-0", "api-1", "api-2", "api-3", "api-4", "api-5", "api-6", "api-7"
        ]
    );
    assert!(pulled.iter().all(|(_, pulled)| pulled.is_ok()));
    let requests = u32::try_from(desk.double.log().len()).unwrap();
    let waited: Duration = desk.timer.pauses().iter().sum();
    assert_eq!(waited, Duration::from_millis(100) * (requests - 1));
}

#[tokio::test]
async fn a_wrong_secret_is_refused_by_the_verifier() {
    let desk = Desk::new().await;
    let pace = Pace::new(desk.timer.clone());
    let config = config(&desk.double, "another secret");
    let plane = ControlPlane::new(&config, &Access::default(), pace).unwrap();
    let file = desk.file("orders.json");
    let origin = id("a1b2c3d4e5", "prod");
    let error = pull::one(&plane, &origin, &file, &Options::default())
        .await
        .unwrap_err();
    let text = error.to_string();
    assert!(text.contains("AWS_SECRET_ACCESS_KEY"), "{text}");
    assert!(!text.contains("another secret"), "{text}");
    assert!(!file.exists());
}

#[tokio::test]
async fn an_export_that_cannot_be_read_leaves_the_file_as_it_was() {
    let desk = Desk::new().await;
    let origin = id("a1b2c3d4e5", "prod");
    desk.pull(&origin, "orders.json").await.unwrap();
    let before = fs_err::read(desk.file("orders.json")).unwrap();
    desk.double.trouble(Trouble {
        cut: true,
        ..Trouble::default()
    });
    let error = desk.pull(&origin, "orders.json").await.unwrap_err();
    assert!(matches!(error, Error::Document(_)), "{error}");
    assert_eq!(fs_err::read(desk.file("orders.json")).unwrap(), before);
    assert_eq!(fs_err::read_dir(desk.folder.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn what_an_account_has_becomes_entries_and_what_is_written_stays() {
    let desk = Desk::new().await;
    let list = "# our APIs\n\n[orders] # the shop\nspec = \"orders.json\"\naws = { id = \"a1b2c3d4e5\", stage = \"prod\" }\n";
    let path = desk.file("apis.toml");
    fs_err::write(&path, list).unwrap();
    let apis = Apis::read(&path, "apis.toml").unwrap();
    let deployed = inventory(&plane(&desk.double, &desk.timer)).await.unwrap();
    let access = Access {
        region: Some("eu-west-1".to_owned()),
        ..Access::default()
    };
    let entries = pull::entries(&deployed, &apis.origins(), &access);
    let extended = pull::adopt(list, &entries).unwrap();
    assert_eq!(
        extended,
        format!(
            "{list}\n\
             [twin]\nspec = \"twin.json\"\n\
             aws = {{ id = \"twin1\", kind = \"rest\", stage = \"prod\", region = \"eu-west-1\" }}\n\n\
             [single-stage]\nspec = \"single-stage.json\"\n\
             aws = {{ id = \"single\", kind = \"rest\", stage = \"live\", region = \"eu-west-1\" }}\n\n\
             [twin-twin2]\nspec = \"twin-twin2.json\"\n\
             aws = {{ id = \"twin2\", kind = \"http\", stage = \"$default\", region = \"eu-west-1\" }}\n\n\
             [events]\nspec = \"events.json\"\n\
             aws = {{ id = \"k1l2m3n4o5\", kind = \"http\", stage = \"$default\", region = \"eu-west-1\" }}\n"
        )
    );
    fs_err::write(&path, &extended).unwrap();
    let apis = Apis::read(&path, "apis.toml").unwrap();
    assert_eq!(pull::entries(&deployed, &apis.origins(), &access), []);
}
