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

/// Starts a control plane with two pages of APIs of each kind.
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

/// A timer whose pauses end immediately, but advance its time.
#[derive(Debug, Clone)]
struct FakeTimer(Arc<Mutex<(Instant, Vec<Duration>)>>);

impl FakeTimer {
    fn new() -> Self {
        Self(Arc::new(Mutex::new((Instant::now(), Vec::new()))))
    }

    fn pauses(&self) -> Vec<Duration> {
        self.0.lock().unwrap().1.clone()
    }
}

#[async_trait]
impl Timer for FakeTimer {
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

fn plane(double: &Double, timer: &FakeTimer) -> ControlPlane {
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

/// A control plane, a timer, and a folder to pull into.
struct Setup {
    double: Double,
    timer: FakeTimer,
    folder: tempfile::TempDir,
}

impl Setup {
    async fn new() -> Self {
        Self {
            double: account().await,
            timer: FakeTimer::new(),
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

    /// Pulls an API, and returns the error message.
    async fn error(&self, origin: &Origin) -> String {
        self.pull(origin, "x.json").await.unwrap_err().to_string()
    }
}

#[tokio::test]
async fn a_rest_api_is_pulled_by_id_and_stage_with_one_request() {
    let setup = Setup::new().await;
    let pulled = setup
        .pull(&id("a1b2c3d4e5", "prod"), "orders.json")
        .await
        .unwrap();
    assert_eq!(pulled.change, Change::New { operations: 8 });
    assert_eq!(
        setup.double.log(),
        ["GET /restapis/a1b2c3d4e5/stages/prod/exports/oas30?extensions=apigateway 200"]
    );
    assert_eq!(setup.double.accepts(), ["application/json"]);
}

#[tokio::test]
async fn an_http_api_is_pulled_as_yaml_if_the_file_is_yaml() {
    let setup = Setup::new().await;
    let origin = Origin {
        kind: Some(OriginKind::Http),
        ..id("k1l2m3n4o5", "$default")
    };
    setup.pull(&origin, "events.yaml").await.unwrap();
    assert_eq!(
        setup.double.log(),
        [
            "GET /v2/apis/k1l2m3n4o5/exports/OAS30?outputType=YAML&stageName=%24default&includeExtensions=true 200"
        ]
    );
}

#[tokio::test]
async fn pulling_twice_changes_nothing() {
    let setup = Setup::new().await;
    let origin = id("a1b2c3d4e5", "prod");
    setup.pull(&origin, "orders.json").await.unwrap();
    let file = setup.file("orders.json");
    let (text, written) = (
        fs_err::read(&file).unwrap(),
        fs_err::metadata(&file).unwrap().modified().unwrap(),
    );
    // deployed again without a change, so only the time differs
    let export = String::from_utf8(spec("orders.json")).unwrap();
    let later = export.replacen("2025-03-14T09:26:53Z", "2026-11-22T17:05:00Z", 1);
    assert_ne!(export, later);
    setup
        .double
        .deploy("a1b2c3d4e5", "prod", Export::json(later));
    assert!(
        !setup
            .pull(&origin, "orders.json")
            .await
            .unwrap()
            .is_change()
    );
    assert_eq!(fs_err::read(&file).unwrap(), text);
    assert_eq!(
        fs_err::metadata(&file).unwrap().modified().unwrap(),
        written
    );
}

#[tokio::test]
async fn added_and_removed_routes_are_reported() {
    let setup = Setup::new().await;
    let origin = id("a1b2c3d4e5", "prod");
    let spec = |path: &str| {
        Export::json(format!(
            r#"{{"openapi":"3.0.1","info":{{"title":"o","version":"1"}},"paths":{{"{path}":{{"get":{{"responses":{{}}}}}}}}}}"#
        ))
    };
    setup.double.deploy("a1b2c3d4e5", "prod", spec("/old"));
    setup.pull(&origin, "orders.json").await.unwrap();
    setup.double.deploy("a1b2c3d4e5", "prod", spec("/new"));
    let pulled = setup.pull(&origin, "orders.json").await.unwrap();
    assert_eq!(pulled.to_string(), "updated, + GET /new, - GET /old");
}

#[tokio::test]
async fn an_api_is_found_by_its_name_on_any_page() {
    let setup = Setup::new().await;
    setup.pull(&name("events"), "events.yaml").await.unwrap();
    assert_eq!(
        setup.double.log(),
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
async fn an_ambiguous_name_is_an_error_with_the_ids() {
    let setup = Setup::new().await;
    assert_eq!(
        setup.error(&name("twin")).await,
        "2 APIs named \"twin\" in eu-west-1: use `id` instead of `name`: twin (REST API, twin1), twin (HTTP API, twin2)"
    );
    let rest = Origin {
        kind: Some(OriginKind::Rest),
        ..name("twin")
    };
    setup.pull(&rest, "twin.json").await.unwrap();
}

#[tokio::test]
async fn an_unknown_name_is_an_error_with_the_known_names() {
    let setup = Setup::new().await;
    assert_eq!(
        setup.error(&name("order")).await,
        "no API named \"order\" in eu-west-1: the APIs are orders (REST API, a1b2c3d4e5), twin (REST API, twin1), \
         single stage (REST API, single), twin (HTTP API, twin2), events (HTTP API, k1l2m3n4o5), fresh (HTTP API, fresh)"
    );
}

#[tokio::test]
async fn the_stage_is_optional_if_there_is_only_one() {
    let setup = Setup::new().await;
    setup
        .pull(&name("single stage"), "single.json")
        .await
        .unwrap();
    assert_eq!(
        setup.error(&name("orders")).await,
        "the API a1b2c3d4e5 has several stages: add `stage` to `aws`: one of dev, prod"
    );
    assert_eq!(
        setup.error(&name("fresh")).await,
        "the API fresh is not deployed: deploy it to a stage first"
    );
}

#[tokio::test]
async fn an_unknown_stage_is_an_error_with_the_known_stages() {
    let setup = Setup::new().await;
    assert_eq!(
        setup.error(&id("a1b2c3d4e5", "production")).await,
        "the REST API a1b2c3d4e5 has no stage \"production\": the stages are dev, prod"
    );
}

#[tokio::test]
async fn an_unknown_id_is_an_error_with_the_known_apis() {
    let setup = Setup::new().await;
    let origin = Origin {
        kind: Some(OriginKind::Http),
        ..id("nothing", "prod")
    };
    assert_eq!(
        setup.error(&origin).await,
        "no API with the ID nothing in eu-west-1: the APIs are twin (HTTP API, twin2), events (HTTP API, k1l2m3n4o5), fresh (HTTP API, fresh)"
    );
}

#[tokio::test]
async fn missing_permissions_are_an_error_with_the_iam_statement() {
    let setup = Setup::new().await;
    setup.double.trouble(Trouble {
        denied: Some(""),
        ..Trouble::default()
    });
    let origin = Origin {
        kind: Some(OriginKind::Rest),
        ..id("a1b2c3d4e5", "prod")
    };
    let error = setup.pull(&origin, "orders.json").await.unwrap_err();
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
    let Error::Denied { resources } = setup
        .pull(&name("orders"), "orders.json")
        .await
        .unwrap_err()
    else {
        panic!("expected Error::Denied");
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
async fn a_throttled_pull_waits_for_retry_after() {
    let setup = Setup::new().await;
    setup.double.trouble(Trouble {
        throttles: 2,
        retry_after: Some(7),
        ..Trouble::default()
    });
    setup
        .pull(&id("a1b2c3d4e5", "prod"), "orders.json")
        .await
        .unwrap();
    let seconds: Vec<u64> = setup.timer.pauses().iter().map(Duration::as_secs).collect();
    assert_eq!(seconds, [7, 7]);
    assert_eq!(setup.double.log().len(), 3);
}

#[tokio::test]
async fn a_throttled_pull_backs_off_and_gives_up_after_six_attempts() {
    let setup = Setup::new().await;
    setup.double.trouble(Trouble {
        throttles: usize::MAX,
        ..Trouble::default()
    });
    let error = setup
        .pull(&id("a1b2c3d4e5", "prod"), "orders.json")
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "API Gateway returned 429 for all 6 attempts: try again in a minute"
    );
    for (pause, max) in setup.timer.pauses().into_iter().zip([1, 2, 4, 8, 16]) {
        let max = Duration::from_secs(max);
        assert!(max / 2 <= pause && pause <= max, "{pause:?}");
    }
    assert_eq!(setup.timer.pauses().len(), 5);
}

#[tokio::test]
async fn ten_requests_are_sent_per_second() {
    let setup = Setup::new().await;
    let plane = plane(&setup.double, &setup.timer);
    inventory(&plane).await.unwrap();
    let requests = u32::try_from(setup.double.log().len()).unwrap();
    assert!(requests > 5);
    let waited: Duration = setup.timer.pauses().iter().sum();
    assert_eq!(waited, Duration::from_millis(100) * (requests - 1));
}

#[tokio::test]
async fn apis_are_pulled_concurrently_within_the_rate_limit() {
    let setup = Setup::new().await;
    let pace = Pace::new(setup.timer.clone());
    let config = config(&setup.double, SECRET_KEY);
    let plane = ControlPlane::new(&config, &Access::default(), pace.clone()).unwrap();
    let puller = Puller::new(pace, None, Options::default()).with_plane(Access::default(), plane);
    let wanted = |index: usize| Wanted {
        name: format!("api-{index}"),
        origin: id("a1b2c3d4e5", "prod"),
        file: setup.file(&format!("api-{index}.json")),
    };
    // an export is returned only when four are requested concurrently
    setup.double.meet(4);
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
    let requests = u32::try_from(setup.double.log().len()).unwrap();
    let waited: Duration = setup.timer.pauses().iter().sum();
    assert_eq!(waited, Duration::from_millis(100) * (requests - 1));
}

#[tokio::test]
async fn a_wrong_secret_is_refused() {
    let setup = Setup::new().await;
    let pace = Pace::new(setup.timer.clone());
    let config = config(&setup.double, "another secret");
    let plane = ControlPlane::new(&config, &Access::default(), pace).unwrap();
    let file = setup.file("orders.json");
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
async fn an_invalid_export_does_not_change_the_file() {
    let setup = Setup::new().await;
    let origin = id("a1b2c3d4e5", "prod");
    setup.pull(&origin, "orders.json").await.unwrap();
    let before = fs_err::read(setup.file("orders.json")).unwrap();
    setup.double.trouble(Trouble {
        cut: true,
        ..Trouble::default()
    });
    let error = setup.pull(&origin, "orders.json").await.unwrap_err();
    assert!(matches!(error, Error::Document(_)), "{error}");
    assert_eq!(fs_err::read(setup.file("orders.json")).unwrap(), before);
    assert_eq!(fs_err::read_dir(setup.folder.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn new_apis_are_appended_to_the_list_without_other_changes() {
    let setup = Setup::new().await;
    let list = "# our APIs\n\n[orders] # the shop\nspec = \"orders.json\"\naws = { id = \"a1b2c3d4e5\", stage = \"prod\" }\n";
    let path = setup.file("apis.toml");
    fs_err::write(&path, list).unwrap();
    let apis = Apis::read(&path, "apis.toml").unwrap();
    let deployed = inventory(&plane(&setup.double, &setup.timer))
        .await
        .unwrap();
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
