//! Roles are assumed once and can be chained. Profiles are read like in the AWS CLI.

use std::time::Duration;

use aws_types::SdkConfig;
use aws_types::region::Region;
use reqwest_sigv4::{AssumeRole, Error, SignerBuilder};

use crate::support::server::sts_answer;
use crate::support::verifier::verify;
use crate::support::{Received, Server, builder, client, keys, process};

/// An STS that returns `ASIA-1`, `ASIA-2` … for an hour from noon.
async fn sts() -> Server {
    Server::answering(|_, before| {
        let number = before + 1;
        sts_answer(
            "AssumeRole",
            &format!("ASIA-{number}"),
            &format!("secret-{number}"),
            &format!("token-{number}"),
            "2026-11-22T13:00:00Z",
        )
    })
    .await
}

/// A configuration built by hand, without the parts that the SDK's loader adds.
fn config(sts: &Server) -> SdkConfig {
    SdkConfig::builder()
        .region(Region::from_static("eu-west-1"))
        .endpoint_url(sts.url(""))
        .build()
}

fn with_roles(sts: &Server) -> SignerBuilder {
    builder().sdk_config(&config(sts)).credentials(keys())
}

fn parameters(request: &Received) -> Vec<(String, String)> {
    let url = reqwest::Url::parse(&format!("http://sts/?{}", request.text())).unwrap();
    url.query_pairs().into_owned().collect()
}

#[tokio::test]
async fn a_role_is_assumed_once_with_all_its_settings() {
    let (sts, api) = (sts().await, Server::start().await);
    let role = AssumeRole::new("arn:aws:iam::111122223333:role/caller")
        .session_name("batch")
        .external_id("agreed")
        .duration(Duration::from_secs(1800));
    let http = client(with_roles(&sts).assume_role(role).build().unwrap());
    for _ in 0..3 {
        http.get(api.url("/o")).send().await.unwrap();
    }
    let asked = sts.only();
    assert!(
        asked
            .header("authorization")
            .unwrap()
            .contains("Credential=AKIDEXAMPLE/")
    );
    let parameters = parameters(&asked);
    for (key, value) in [
        ("Action", "AssumeRole"),
        ("RoleArn", "arn:aws:iam::111122223333:role/caller"),
        ("RoleSessionName", "batch"),
        ("ExternalId", "agreed"),
        ("DurationSeconds", "1800"),
    ] {
        assert!(
            parameters.contains(&(key.to_owned(), value.to_owned())),
            "{key} in {parameters:?}"
        );
    }
    for received in api.received() {
        assert_eq!(received.header("x-amz-security-token").unwrap(), "token-1");
        verify(&received, "secret-1").unwrap();
    }
}

#[tokio::test]
async fn a_role_can_be_assumed_with_the_credentials_of_another() {
    let (sts, api) = (sts().await, Server::start().await);
    let signer = with_roles(&sts)
        .assume_role("arn:aws:iam::111122223333:role/hub")
        .assume_role("arn:aws:iam::444455556666:role/caller")
        .build()
        .unwrap();
    client(signer).get(api.url("/o")).send().await.unwrap();
    let asked = sts.received();
    assert_eq!(asked.len(), 2);
    let role = |request| {
        let parameters = parameters(request);
        parameters
            .into_iter()
            .find(|(key, _)| key == "RoleArn")
            .unwrap()
            .1
    };
    assert_eq!(role(&asked[0]), "arn:aws:iam::111122223333:role/hub");
    assert_eq!(role(&asked[1]), "arn:aws:iam::444455556666:role/caller");
    assert!(
        asked[1]
            .header("authorization")
            .unwrap()
            .contains("Credential=ASIA-1/")
    );
    verify(&api.only(), "secret-2").unwrap();
}

#[tokio::test]
async fn a_missing_sts_region_is_an_error_that_says_what_to_set() {
    let config = SdkConfig::builder().build();
    let signer = builder()
        .sdk_config(&config)
        .credentials(keys())
        .assume_role("arn:aws:iam::1:role/r");
    let error = client(signer.build().unwrap())
        .get("http://127.0.0.1:9/")
        .send()
        .await
        .unwrap_err();
    let error = Error::find(&error).unwrap();
    let Error::Credentials(failure) = error else {
        panic!("{error}");
    };
    let cause = std::error::Error::source(failure).unwrap();
    assert!(cause.to_string().contains("AssumeRole::region"), "{cause}");
}

/// Tests of environment variables, each in its own process.
mod environment {
    use super::*;
    use reqwest_sigv4::{Signed, Signer};

    const TARGET: &str = "REQWEST_SIGV4_TEST_TARGET";

    /// Runs [`child`] with these variables and returns its output.
    fn run(variables: &[(&str, &str)], target: &str) -> String {
        let own = [
            ("AWS_CONFIG_FILE", "/dev/null"),
            ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
            (TARGET, target),
        ];
        process::run(
            "credentials::roles::environment::child",
            own.into_iter().chain(variables.iter().copied()),
        )
    }

    #[tokio::test]
    async fn child() {
        let Ok(target) = std::env::var(TARGET) else {
            return;
        };
        let signer = match std::env::var("USE_PROFILE") {
            Ok(profile) => Signer::builder().profile(profile).load().await,
            Err(_) => Signer::from_env().await,
        };
        let outcome = match signer {
            Ok(signer) => client(signer).get(target).send().await,
            Err(error) => Err(error.into()),
        };
        match outcome {
            Ok(response) => println!(
                "signed for {}",
                Signed::of(&response).unwrap().credential_scope()
            ),
            Err(error) => println!("failed: {error}"),
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn keys_and_region_are_read_from_environment_variables() {
        let api = Server::start().await;
        let output = run(
            &[
                ("AWS_ACCESS_KEY_ID", "AKIDENV"),
                ("AWS_SECRET_ACCESS_KEY", "env secret"),
                ("AWS_SESSION_TOKEN", "env token"),
                ("AWS_REGION", "eu-north-1"),
            ],
            &api.url("/o"),
        );
        assert!(
            output.contains("/eu-north-1/execute-api/aws4_request"),
            "{output}"
        );
        let received = api.only();
        assert_eq!(
            received.header("x-amz-security-token").unwrap(),
            "env token"
        );
        verify(&received, "env secret").unwrap();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_profile_is_read_by_its_name() {
        let api = Server::start().await;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config");
        let text = "[default]\nregion = us-east-1\n[profile dev]\nregion = eu-south-1\naws_access_key_id = AKIDDEV\naws_secret_access_key = dev secret\n";
        std::io::Write::write_all(&mut std::fs::File::create(&file).unwrap(), text.as_bytes())
            .unwrap();
        let file = file.to_str().unwrap();
        for chosen in [("USE_PROFILE", "dev"), ("AWS_PROFILE", "dev")] {
            let output = run(&[("AWS_CONFIG_FILE", file), chosen], &api.url("/o"));
            assert!(
                output.contains("/eu-south-1/execute-api/aws4_request"),
                "{output}"
            );
            verify(&api.received().pop().unwrap(), "dev secret").unwrap();
        }
    }

    #[test]
    fn an_invalid_retry_setting_is_an_error_not_a_panic() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config");
        let text = "[default]\nregion = eu-west-1\n[profile none]\nmax_attempts = 0\n[profile old]\nretry_mode = legacy\n";
        std::io::Write::write_all(&mut std::fs::File::create(&file).unwrap(), text.as_bytes())
            .unwrap();
        let file = ("AWS_CONFIG_FILE", file.to_str().unwrap());
        for (setting, name) in [
            (("AWS_MAX_ATTEMPTS", "0"), "AWS_MAX_ATTEMPTS"),
            (("AWS_MAX_ATTEMPTS", "three"), "AWS_MAX_ATTEMPTS"),
            (("AWS_MAX_ATTEMPTS", ""), "AWS_MAX_ATTEMPTS"),
            (("AWS_RETRY_MODE", "legacy"), "AWS_RETRY_MODE"),
            (("AWS_PROFILE", "none"), "max_attempts"),
            (("USE_PROFILE", "old"), "retry_mode"),
        ] {
            let output = run(&[file, setting], "http://127.0.0.1:9/");
            let expected = format!("failed: the AWS setting {name} must be ");
            assert!(output.contains(&expected), "{output}");
        }
        // an environment variable overrides the profile
        let covered = [file, ("AWS_PROFILE", "none"), ("AWS_MAX_ATTEMPTS", "2")];
        let output = run(&covered, "http://127.0.0.1:9/");
        assert!(output.contains("failed: no Region for host"), "{output}");
    }

    #[test]
    fn errors_about_the_environment_say_what_to_check() {
        let output = run(&[("AWS_REGION", "eu-west-1")], "http://127.0.0.1:9/");
        assert!(
            output.contains("failed: the credentials provider failed: check AWS_PROFILE"),
            "{output}"
        );
        let output = run(&[("AWS_REGION", "ireland")], "http://127.0.0.1:9/");
        assert!(
            output.contains("failed: \"ireland\" is not a Region name"),
            "{output}"
        );
    }
}
