//! A developer's desk: a temporary workspace and the real binary.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// A workspace in a temporary folder.
pub(crate) struct Desk {
    folder: tempfile::TempDir,
    /// Values that differ between runs, and the names that snapshots show for them.
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

    /// Replaces a value that differs between runs with a name.
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

    /// Returns the command with an empty environment.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-apigw"));
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

    /// Runs the command and compares its output with `snapshots/<name>.txt`.
    pub(crate) async fn shows(&self, snapshot: &str, arguments: &[&str]) {
        self.shows_with(snapshot, arguments, "").await;
    }

    /// Like [`shows`](Self::shows), with input on stdin.
    pub(crate) async fn shows_with(&self, snapshot: &str, arguments: &[&str], input: &str) {
        let mut child = self.command(arguments).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // a command that does not read its input may have exited
        let _ = stdin.write_all(input.as_bytes()).await;
        drop(stdin);
        let output = child.wait_with_output().await.unwrap();
        self.compare(snapshot, arguments, &output);
    }

    fn compare(&self, snapshot: &str, arguments: &[&str], output: &Output) {
        let arguments: Vec<String> = arguments.iter().map(|text| quoted(text)).collect();
        let mut shown = format!("$ cargo apigw {}\n", arguments.join(" "));
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
        self.is(snapshot, &shown);
    }

    /// Compares a text with `snapshots/<name>.txt`.
    pub(crate) fn is(&self, snapshot: &str, shown: &str) {
        let mut shown = without_times(shown);
        // refused and in use, on Linux and on macOS
        for number in [111, 98, 61, 48] {
            shown = shown.replace(&format!(" (os error {number})"), "");
        }
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

/// Replaces the times of signatures with zeros, and the hashes at the end of strings to sign.
fn without_times(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let zeros = [("00000000T000000Z", 16), ("00000000/", 9)]
            .into_iter()
            .find(|(zeros, length)| {
                let found = rest.as_bytes().get(..*length);
                found.is_some_and(|found| has_shape(found, zeros.as_bytes()))
            });
        let scope_ends = ["aws4_request\n", "aws4_request\\n"].iter().find(|end| {
            let hash = rest.strip_prefix(**end).and_then(|rest| rest.get(..64));
            hash.is_some_and(|hash| hash.bytes().all(|b| b.is_ascii_hexdigit()))
        });
        if let Some((zeros, length)) = zeros {
            out += zeros;
            rest = &rest[length..];
        } else if let Some(end) = scope_ends {
            out += &format!("{end}{}", "0".repeat(64));
            rest = &rest[end.len() + 64..];
        } else {
            out.push(next);
            rest = &rest[next.len_utf8()..];
        }
    }
    out
}

/// Returns `true` if the text equals the shape, with any digit in place of a zero.
fn has_shape(text: &[u8], shape: &[u8]) -> bool {
    text.iter().zip(shape).all(|(found, wanted)| match wanted {
        b'0' => found.is_ascii_digit(),
        wanted => found == wanted,
    })
}

fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@".contains(c);
    match !text.is_empty() && text.chars().all(plain) {
        true => text.to_owned(),
        false => format!("'{text}'"),
    }
}
