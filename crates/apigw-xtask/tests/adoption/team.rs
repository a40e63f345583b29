//! A team with a workspace of its own.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// The program that a team writes: one typed call.
pub(crate) const PROGRAM: &str = r#"
#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = things_client::ThingsClient::from_env().await?;
    for thing in client.list_things().await?.iter() {
        println!("{} {} {}", thing.id, thing.made.timestamp(), thing.size);
    }
    Ok(())
}
"#;

/// How the command line is started.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Door {
    /// `cargo xtask`, built by the workspace.
    Xtask,
    /// `cargo apigw`, installed.
    Apigw,
}

pub(crate) struct Team {
    folder: TempDir,
}

pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

/// A dependency on a crate of this repository.
pub(crate) fn dependency(krate: &str) -> String {
    let path = repository().join("crates").join(krate);
    format!("{{ path = {path:?}, default-features = false }}")
}

/// A folder on a file system other than that of temporary folders.
pub(crate) fn other_file_system() -> Option<TempDir> {
    tempfile::tempdir_in("/dev/shm").ok()
}

impl Team {
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let team = Self { folder };
        // only these versions are in the cache
        fs_err::copy(repository().join("Cargo.lock"), team.path("Cargo.lock")).unwrap();
        for (path, text) in files {
            team.write(path, text);
        }
        team
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub(crate) fn exists(&self, path: &str) -> bool {
        self.path(path).exists()
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs_err::read_to_string(self.path(path)).unwrap()
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    }

    #[cfg(unix)]
    pub(crate) fn links(&self, path: &str, to: &Path) {
        std::os::unix::fs::symlink(to, self.path(path)).unwrap();
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.folder.path())
            .env("CARGO_NET_OFFLINE", "true")
            .env_remove("AWS_PROFILE");
        if !self.exists("target") {
            command.env("CARGO_TARGET_DIR", repository().join("target/adoption"));
        }
        command
    }

    pub(crate) fn cargo(&self, arguments: &[&str]) -> Output {
        let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
        succeeds(self.command(&cargo).args(arguments))
    }

    fn door(&self, door: Door) -> Command {
        match door {
            Door::Apigw => {
                let mut command = self.command(env!("CARGO_BIN_EXE_cargo-apigw"));
                command.arg("apigw");
                command
            }
            Door::Xtask => {
                let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
                let mut command = self.command(&cargo);
                command.arg("xtask");
                command
            }
        }
    }

    #[track_caller]
    pub(crate) fn run(&self, door: Door, arguments: &[&str]) -> Output {
        succeeds(self.door(door).args(arguments))
    }

    /// `init` and three times `new`, a program, a signed call, and a changed spec.
    #[track_caller]
    pub(crate) fn adopts(&self, door: Door, program: &str) {
        self.initializes(door);
        self.generates(door);
        self.cargo(&["build", "--quiet", "--package", program]);
        let printed = "67e55044-10b1-426f-9247-bb680e5fe0c8 1767323045 7\n";
        self.calls(door, "things", program, printed);
        self.follows_a_change(door);
    }

    #[track_caller]
    pub(crate) fn initializes(&self, door: Door) {
        let repository = repository();
        let mut init = vec!["init", "--path", repository.to_str().unwrap()];
        if door == Door::Apigw {
            init.push("--no-xtask");
        }
        // the program depends on a client that does not exist yet, so no xtask can be built
        self.run(Door::Apigw, &init);
        let again = self.run(Door::Apigw, &init);
        let again = String::from_utf8_lossy(&again.stderr).into_owned();
        assert!(again.contains("Unchanged"), "{again}");
    }

    /// Generates three clients, and checks that cargo loads the workspace.
    #[track_caller]
    pub(crate) fn generates(&self, _: Door) {
        let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/adoption");
        for (name, file) in [
            ("things", "things.yaml"),
            ("stock", "stock.json"),
            ("news", "news.yaml"),
        ] {
            let spec = specs.join(file);
            self.run(
                Door::Apigw,
                &["new", name, "--from", spec.to_str().unwrap()],
            );
        }
        self.cargo(&["metadata", "--no-deps", "--format-version", "1"]);
        let manifest = self.read("crates/generated/things/Cargo.toml");
        let (_, dependencies) = manifest.split_once("[dependencies]\n").unwrap();
        assert_eq!(
            dependencies,
            "apigw-runtime = { workspace = true, features = [\"chrono\", \"uuid\"] }\n"
        );
    }

    /// Serves an API, runs the program against it, and compares what it prints.
    #[track_caller]
    pub(crate) fn calls(&self, door: Door, api: &str, program: &str, expected: &str) {
        let mut serving = self.door(door);
        let serving = serving.args(["serve", api]).stdout(Stdio::piped());
        let mut serving = serving.spawn().unwrap();
        let printed = BufReader::new(serving.stdout.take().unwrap()).lines();
        let mut exports = Vec::new();
        for line in printed.map_while(Result::ok) {
            let export = line.strip_prefix("export ");
            if let Some((name, value)) = export.and_then(|line| line.split_once('=')) {
                exports.push((name.to_owned(), value.to_owned()));
            }
            if line.starts_with("unset ") {
                break;
            }
        }
        let called = self
            .command(&std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()))
            .args(["run", "--quiet", "--package", program])
            .envs(exports)
            .output();
        serving.kill().unwrap();
        serving.wait().unwrap();
        let called = called.unwrap();
        assert_eq!(
            String::from_utf8_lossy(&called.stdout),
            expected,
            "{}",
            String::from_utf8_lossy(&called.stderr)
        );
    }

    /// Changes a type in the spec, and checks the verdict.
    #[track_caller]
    pub(crate) fn follows_a_change(&self, door: Door) {
        let spec = self.read("specs/things.yaml");
        let spec = spec.replace("size: { type: integer }", "size: { type: string }");
        self.write("specs/things.yaml", &spec);
        let regenerated = self.run(door, &["regen"]);
        let printed = String::from_utf8_lossy(&regenerated.stderr).into_owned();
        let verdict = "Breaks build types::Thing.size: changed from `i64` to `String`";
        assert!(printed.contains(verdict), "{printed}");
        assert!(printed.contains("Version 0.1.0 -> 0.2.0"), "{printed}");
    }
}

#[track_caller]
fn succeeds(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{command:?}\n{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}
