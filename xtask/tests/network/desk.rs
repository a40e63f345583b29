//! A developer's desk: a workspace of its own, the real binary, and what it prints.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// A workspace in a folder of its own.
pub(crate) struct Desk {
    folder: tempfile::TempDir,
    /// Values that differ from run to run, and what snapshots show for them.
    names: Vec<(String, &'static str)>,
    environment: Vec<(&'static str, String)>,
}

impl Desk {
    /// A desk with these files.
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let desk = Self {
            folder: tempfile::tempdir().unwrap(),
            names: Vec::new(),
            environment: Vec::new(),
        };
        for (name, text) in files {
            let path = desk.path(name);
            fs_err::create_dir_all(path.parent().unwrap()).unwrap();
            fs_err::write(path, text).unwrap();
        }
        desk
    }

    /// Shows a value that differs from run to run by a name.
    pub(crate) fn name(mut self, value: impl Into<String>, name: &'static str) -> Self {
        self.names.push((value.into(), name));
        self
    }

    /// Sets a variable.
    pub(crate) fn set(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.environment.push((name, value.into()));
        self
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs_err::read_to_string(self.path(name)).unwrap()
    }

    /// The command with nothing of this machine's environment.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask-network"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("HOME", self.folder.path())
            .env("NO_COLOR", "1")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    /// Runs the command and compares all that it shows with `snapshots/<name>.txt`.
    pub(crate) async fn shows(&self, snapshot: &str, arguments: &[&str]) {
        self.shows_with(snapshot, arguments, "").await;
    }

    /// [`shows`](Self::shows), with something on stdin.
    pub(crate) async fn shows_with(&self, snapshot: &str, arguments: &[&str], input: &str) {
        let mut child = self.command(arguments).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // a command that does not read its input may be gone by now
        let _ = stdin.write_all(input.as_bytes()).await;
        drop(stdin);
        let output = child.wait_with_output().await.unwrap();
        self.compare(snapshot, arguments, &output);
    }

    pub(crate) fn compare(&self, snapshot: &str, arguments: &[&str], output: &Output) {
        let arguments: Vec<String> = arguments.iter().map(|text| quoted(text)).collect();
        let mut shown = format!("$ cargo xtask {}\n", arguments.join(" "));
        for (name, bytes) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
            if !bytes.is_empty() {
                let text = String::from_utf8_lossy(bytes);
                let end = if text.ends_with('\n') {
                    ""
                } else {
                    "(no line end)\n"
                };
                shown += &format!("--- {name}\n{text}{end}");
            }
        }
        shown += &format!("--- exit {}\n", output.status.code().unwrap());
        for (value, name) in &self.names {
            shown = shown.replace(value, name);
        }
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/network/snapshots")
            .join(format!("{snapshot}.txt"));
        if std::env::var_os("BLESS").is_some() {
            fs_err::write(&path, &shown).unwrap();
        }
        let expected = fs_err::read_to_string(&path).unwrap_or_default();
        assert!(
            shown == expected,
            "{snapshot}.txt is not what is shown; BLESS=1 makes it so:\n{shown}"
        );
    }
}

fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@".contains(c);
    match !text.is_empty() && text.chars().all(plain) {
        true => text.to_owned(),
        false => format!("'{text}'"),
    }
}
