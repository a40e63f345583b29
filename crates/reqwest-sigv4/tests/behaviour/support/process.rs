//! Tests in a process of their own, because they need environment variables.

use std::ffi::OsStr;
use std::process::Command;

/// Runs one test of this binary with these variables, and returns its output.
///
/// It has no other variables, and no instance metadata unless they enable it.
pub(crate) fn run<N: AsRef<OsStr>, V: AsRef<OsStr>>(
    test: &str,
    variables: impl IntoIterator<Item = (N, V)>,
) -> String {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env_clear()
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .envs(variables)
        .output()
        .unwrap();
    format!(
        "{}{}",
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap()
    )
}

/// Returns what follows `label: ` in the output.
pub(crate) fn printed(label: &str, output: &str) -> String {
    let label = format!("{label}: ");
    let found = output.lines().find_map(|line| line.split_once(&label));
    found.unwrap_or_else(|| panic!("{output}")).1.to_owned()
}
