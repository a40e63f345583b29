//! Runs tests of process-wide state (environment variables, callsites of tracing) in their own process.

use std::process::Command;

/// Runs `body` in a separate process with only these environment variables. `test` is the path of the calling test.
pub(crate) async fn alone(test: &str, variables: &[(&str, &str)], body: impl Future<Output = ()>) {
    if std::env::var_os("ALONE").is_some() {
        return body.await;
    }
    let mut child = Command::new(std::env::current_exe().unwrap());
    child
        .args(["--exact", test])
        .env_clear()
        .env("ALONE", "1")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
        .env("AWS_CONFIG_FILE", "/nonexistent")
        .envs(variables.iter().copied());
    let output = tokio::task::spawn_blocking(move || child.output())
        .await
        .unwrap()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}"
    );
}
