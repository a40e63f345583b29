//! Tests of what is one for the whole process: the environment, the interest of tracing's call sites.

use std::process::Command;

/// Runs `body` in a process with these variables and no others; `test` is the path of the test that calls this.
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
