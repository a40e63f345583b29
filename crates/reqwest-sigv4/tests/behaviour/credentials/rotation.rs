//! Profiles that another program rewrites are read again.

#![expect(
    clippy::disallowed_methods,
    reason = "files of a test may be written in place"
)]

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use reqwest_sigv4::Signer;

use crate::support::verifier::verify;
use crate::support::{Answer, Server, builder, client, keys, process};

const TARGET: &str = "REQWEST_SIGV4_TEST_ROTATION";

/// Writes the credentials of a number: `AKID1`, `secret-1`, `token-1`.
fn write(file: &Path, number: usize) {
    let profile = format!(
        "[default]\naws_access_key_id = AKID{number}\naws_secret_access_key = secret-{number}\n\
         aws_session_token = token-{number}\n"
    );
    std::fs::write(file, profile).unwrap();
}

/// Runs [`child`] with this credentials file and returns the statuses of its requests.
fn run(file: &Path, target: &str) -> String {
    let variables = [
        ("AWS_REGION", OsStr::new("eu-west-2")),
        ("AWS_CONFIG_FILE", OsStr::new("/dev/null")),
        ("AWS_SHARED_CREDENTIALS_FILE", file.as_os_str()),
        (TARGET, OsStr::new(target)),
    ];
    let output = process::run("credentials::rotation::child", variables);
    process::printed("statuses", &output)
}

/// Sends three requests with the credentials of the environment, in a process of its own.
#[tokio::test]
async fn child() {
    let Ok(target) = std::env::var(TARGET) else {
        return;
    };
    let http = client(Signer::from_env().await.unwrap());
    let mut statuses = Vec::new();
    for _ in 0..3 {
        let response = http.post(&target).body("x").send().await.unwrap();
        statuses.push(response.status().as_u16().to_string());
    }
    println!("statuses: {}", statuses.join(" "));
}

fn credentials_file() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("credentials");
    write(&file, 1);
    (folder, file)
}

/// A service that refuses the first token, by which time the file has the second one.
async fn rotated(file: &Path, refusal: fn() -> Answer) -> Server {
    let file = file.to_owned();
    Server::answering(
        move |request, _| match request.header("x-amz-security-token").as_deref() {
            Some("token-1") => {
                write(&file, 2);
                refusal()
            }
            _ => Answer::ok(),
        },
    )
    .await
}

fn forbidden() -> Answer {
    Answer::new(403, "{\"message\":\"Forbidden\"}").header("content-type", "application/json")
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_credentials_of_a_profile_are_read_again_and_the_request_is_sent_again() {
    let refusals: [fn() -> Answer; 4] = [
        || Answer::refusal("ExpiredTokenException", "expired"),
        || Answer::refusal("InvalidClientTokenId", "unknown"),
        || Answer::refusal("UnrecognizedClientException", "unknown"),
        forbidden,
    ];
    for refusal in refusals {
        let (_folder, file) = credentials_file();
        let api = rotated(&file, refusal).await;
        assert_eq!(run(&file, &api.url("/o")), "200 200 200");
        let received = api.received();
        assert_eq!(received.len(), 4);
        verify(&received[0], "secret-1").unwrap();
        for request in &received[1..] {
            verify(request, "secret-2").unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bare_forbidden_is_final_while_the_profile_is_the_same() {
    let (_folder, file) = credentials_file();
    let api = Server::answering(|_, _| forbidden()).await;
    assert_eq!(run(&file, &api.url("/o")), "403 403 403");
    assert_eq!(api.received().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_that_is_rewritten_without_need_costs_one_more_request() {
    let (_folder, file) = credentials_file();
    let written = file.clone();
    let api = Server::answering(move |_, before| {
        write(&written, before + 2);
        match before {
            0..3 => forbidden(),
            _ => Answer::ok(),
        }
    })
    .await;
    // the second request is refused with new credentials, too
    assert_eq!(run(&file, &api.url("/o")), "403 200 200");
    assert_eq!(api.received().len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_of_the_application_is_final_even_if_the_profile_has_changed() {
    let (_folder, file) = credentials_file();
    let api = rotated(&file, || {
        Answer::new(403, "{\"message\":\"not your order\"}")
    })
    .await;
    // the new profile is read when the next request needs credentials, not before
    assert_eq!(run(&file, &api.url("/o")), "403 403 403");
    assert_eq!(api.received().len(), 3);
}

#[tokio::test]
async fn unknown_keys_that_cannot_change_are_sent_once() {
    let api = Server::answering(|_, _| Answer::refusal("UnrecognizedClientException", "no")).await;
    let http = client(builder().credentials(keys()).build().unwrap());
    for _ in 0..2 {
        let response = http.get(api.url("/o")).send().await.unwrap();
        assert_eq!(response.status(), 403);
    }
    assert_eq!(api.received().len(), 2);
}
