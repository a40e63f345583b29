//! Each source of credentials that the AWS CLI has, read from real files and over its real protocol, through [`Signer::from_env`].

#![expect(
    clippy::disallowed_methods,
    reason = "files of a test may be written in place"
)]

use std::path::Path;

use reqwest_sigv4::{Error, Signer};
use tempfile::TempDir;

use crate::support::server::sts_answer;
use crate::support::verifier::verify;
use crate::support::{Answer, Received, Server, client, process};

const TARGET: &str = "REQWEST_SIGV4_TEST_CHAIN";

type Source = fn() -> Answer;

/// The key that every source here hands out.
const KEY: &str = "chain secret";

/// A home folder, and the variables of a process that lives in it.
struct Home {
    folder: TempDir,
    variables: Vec<(&'static str, String)>,
}

impl Home {
    fn new(config: &str) -> Self {
        let home = Self {
            folder: tempfile::tempdir().unwrap(),
            variables: Vec::new(),
        };
        home.file(".aws/config", config);
        home
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn file(&self, name: &str, content: &str) {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    fn set(mut self, variable: &'static str, value: impl Into<String>) -> Self {
        self.variables.push((variable, value.into()));
        self
    }

    /// Sends one request to `target`, in a process that has only this home and these variables.
    fn call(&self, target: &str) -> String {
        let own = [
            ("PATH", "/usr/bin:/bin".to_owned()),
            ("HOME", self.path().display().to_string()),
            ("AWS_REGION", "eu-west-2".to_owned()),
            (TARGET, target.to_owned()),
        ];
        let variables = own.into_iter().chain(self.variables.iter().cloned());
        let output = process::run("credentials::chains::child", variables);
        process::printed("outcome", &output)
    }

    /// Calls an API, and returns the request that arrived there with a valid signature of `KEY`.
    async fn calls_with_its_key(&self) -> Received {
        let api = Server::start().await;
        assert_eq!(self.call(&api.url("/o")), "200");
        let received = api.only();
        verify(&received, KEY).unwrap();
        received
    }
}

#[tokio::test]
async fn child() {
    let Ok(target) = std::env::var(TARGET) else {
        return;
    };
    let http = client(Signer::from_env().await.unwrap());
    match http.get(target).send().await {
        Ok(response) => println!("outcome: {}", response.status().as_u16()),
        Err(error) => {
            let error = Error::find(&error).unwrap();
            println!("outcome: {} {error}", error.is_transient());
        }
    }
}

/// Credentials in JSON, as containers and instance metadata return them.
fn json_credentials() -> Answer {
    let credentials = format!(
        r#"{{"Code": "Success", "Type": "AWS-HMAC", "LastUpdated": "2026-01-01T00:00:00Z", "AccessKeyId": "ASIACHAIN",
            "SecretAccessKey": "{KEY}", "Token": "chain token", "Expiration": "2999-01-01T00:00:00Z"}}"#
    );
    Answer::new(200, credentials).header("content-type", "application/json")
}

/// An STS that returns the credentials for this action.
async fn sts(action: &'static str) -> Server {
    Server::answering(move |request, _| {
        assert!(
            request.text().contains(&format!("Action={action}&")),
            "{}",
            request.text()
        );
        sts_answer(
            action,
            "ASIACHAIN",
            KEY,
            "chain token",
            "2999-01-01T00:00:00Z",
        )
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_assumes_a_role_with_the_keys_of_its_source_profile() {
    let sts = sts("AssumeRole").await;
    let home = Home::new(
        "[default]\nrole_arn = arn:aws:iam::111122223333:role/caller\nsource_profile = base\n\
         [profile base]\naws_access_key_id = AKIDBASE\naws_secret_access_key = base secret\n",
    )
    .set("AWS_ENDPOINT_URL_STS", sts.url(""));
    let received = home.calls_with_its_key().await;
    assert_eq!(
        received.header("x-amz-security-token").unwrap(),
        "chain token"
    );
    let authorization = sts.only().header("authorization").unwrap();
    assert!(
        authorization.contains("Credential=AKIDBASE/"),
        "{authorization}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_assumes_a_role_with_the_keys_of_the_environment() {
    let sts = sts("AssumeRole").await;
    let home = Home::new(
        "[profile ci]\nrole_arn = arn:aws:iam::111122223333:role/caller\ncredential_source = EcsContainer\n",
    );
    let container = Server::answering(|_, _| json_credentials()).await;
    let home = home
        .set("AWS_PROFILE", "ci")
        .set("AWS_CONTAINER_CREDENTIALS_FULL_URI", container.url("/role"))
        .set("AWS_ENDPOINT_URL_STS", sts.url(""));
    home.calls_with_its_key().await;
    let authorization = sts.only().header("authorization").unwrap();
    assert!(
        authorization.contains("Credential=ASIACHAIN/"),
        "{authorization}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_runs_its_credential_process() {
    let home = Home::new("");
    let program = home.path().join("issue");
    home.file(
        "issue",
        &format!(
            "echo '{{\"Version\": 1, \"AccessKeyId\": \"ASIACHAIN\", \"SecretAccessKey\": \"{KEY}\", \
             \"SessionToken\": \"chain token\", \"Expiration\": \"2999-01-01T00:00:00Z\"}}'\n"
        ),
    );
    home.file(
        ".aws/config",
        &format!("[default]\ncredential_process = sh {}\n", program.display()),
    );
    home.calls_with_its_key().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_web_identity_token_is_exchanged_for_credentials() {
    let sts = sts("AssumeRoleWithWebIdentity").await;
    let home = Home::new("");
    home.file("token", "an.oidc.token");
    let token = home.path().join("token").display().to_string();
    let home = home
        .set("AWS_WEB_IDENTITY_TOKEN_FILE", token)
        .set("AWS_ROLE_ARN", "arn:aws:iam::111122223333:role/pod")
        .set("AWS_ENDPOINT_URL_STS", sts.url(""));
    home.calls_with_its_key().await;
    assert!(sts.only().text().contains("WebIdentityToken=an.oidc.token"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pod_sends_the_token_of_its_file_to_the_container_endpoint() {
    let container = Server::answering(|_, _| json_credentials()).await;
    let home = Home::new("");
    home.file("pod-token", "a pod's token");
    let token = home.path().join("pod-token").display().to_string();
    let home = home
        .set(
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            container.url("/v1/credentials"),
        )
        .set("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", token);
    home.calls_with_its_key().await;
    let asked = container.only();
    assert_eq!(asked.target, "/v1/credentials");
    assert_eq!(asked.header("authorization").unwrap(), "a pod's token");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_asks_its_metadata_service_with_a_session_token() {
    let metadata = Server::answering(|request, _| {
        if request.method == "PUT" {
            return Answer::new(200, "imds token")
                .header("x-aws-ec2-metadata-token-ttl-seconds", "21600");
        }
        if request.header("x-aws-ec2-metadata-token").as_deref() != Some("imds token") {
            return Answer::new(401, "");
        }
        match request.target.trim_end_matches('/').rsplit('/').next() {
            Some("security-credentials") => Answer::new(200, "caller"),
            Some("caller") => json_credentials(),
            _ => Answer::new(404, ""),
        }
    })
    .await;
    let home = Home::new("")
        .set("AWS_EC2_METADATA_DISABLED", "false")
        .set("AWS_EC2_METADATA_SERVICE_ENDPOINT", metadata.url(""));
    home.calls_with_its_key().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_of_aws_login_uses_its_cached_session() {
    let session = "arn:aws:iam::111122223333:user/dev";
    let home = Home::new(&format!("[default]\nlogin_session = {session}\n"));
    let name: String = {
        use sha2::Digest as _;
        let digest = sha2::Sha256::digest(session);
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    };
    home.file(
        &format!(".aws/login/cache/{name}.json"),
        &format!(
            r#"{{"accessToken": {{"accessKeyId": "ASIACHAIN", "secretAccessKey": "{KEY}", "sessionToken": "chain token",
                "accountId": "111122223333", "expiresAt": "2999-01-01T00:00:00Z"}}, "tokenType": "aws_sigv4",
                "refreshToken": "a refresh token", "clientId": "arn:aws:signin:::devtools/same-device", "dpopKey": "unused"}}"#
        ),
    );
    home.calls_with_its_key().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_fails_is_a_typed_error_and_nothing_is_sent() {
    let answers: [(&str, Source); 3] = [
        ("500", || Answer::new(500, "down")),
        ("garbage", || {
            Answer::new(200, "<html>").header("content-type", "application/json")
        }),
        ("empty", || Answer::new(200, "")),
    ];
    for (name, answer) in answers {
        let (container, api) = (
            Server::answering(move |_, _| answer()).await,
            Server::start().await,
        );
        let home = Home::new("").set("AWS_CONTAINER_CREDENTIALS_FULL_URI", container.url("/role"));
        let outcome = home.call(&api.url("/o"));
        assert!(outcome.contains("credentials"), "{name}: {outcome}");
        assert!(api.received().is_empty(), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_any_source_the_error_is_final() {
    let api = Server::start().await;
    let outcome = Home::new("").call(&api.url("/o"));
    assert!(outcome.starts_with("false "), "{outcome}");
    assert!(api.received().is_empty());
}
