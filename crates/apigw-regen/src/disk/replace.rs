//! Replaces crates atomically: if a run is interrupted, each crate is either the old or the new one.
//!
//! A new crate is prepared in `specs/.apigw`, on the same file system and where cargo does not see it. On Linux and macOS, one
//! system call exchanges it with the old one. On other systems, the old crate is moved aside first;
//! if a run is interrupted between the two moves, the next run restores it.
//!
//! A lock on `specs/.apigw/lock` prevents concurrent runs. The operating system releases it when the
//! process ends for any reason.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use apigw_codegen::Files;

/// An exclusive lock for writing the clients of a workspace, released on drop.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// Subfolder of the staging folder for the new crate.
const NEW: &str = "new";
/// Subfolder for the old crate that was moved aside.
const OLD: &str = "old";
/// Subfolder for a crate that is being deleted.
const REMOVED: &str = "removed";

impl Lock {
    /// Acquires the lock, calling `waiting` before it blocks, and cleans up after interrupted runs.
    pub(crate) fn take(regen: &Path, crates: &Path, waiting: impl FnOnce()) -> io::Result<Self> {
        fs_err::create_dir_all(regen)?;
        // nothing in this folder is for the repository
        let ignore = regen.join(".gitignore");
        if !ignore.exists() {
            fs_err::write(ignore, "*\n")?;
        }
        let path = regen.join("lock");
        let file = fs_err::OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(false)
            .open(&path)?
            .into_parts()
            .0;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                waiting();
                file.lock()?;
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
        recover(&staging(regen), crates)?;
        Ok(Self { _file: file })
    }
}

fn staging(regen: &Path) -> PathBuf {
    regen.join("staging")
}

/// Restores crates that an interrupted run moved aside, and removes its leftover files.
fn recover(staging: &Path, crates: &Path) -> io::Result<()> {
    let Ok(entries) = fs_err::read_dir(staging) else {
        return Ok(());
    };
    for entry in entries {
        let entry = entry?;
        let (old, place) = (entry.path().join(OLD), crates.join(entry.file_name()));
        if old.exists() && !place.exists() {
            fs_err::rename(old, place)?;
        }
    }
    fs_err::remove_dir_all(staging)
}

/// Replaces crates one at a time.
pub(crate) struct Replacer<'a> {
    staging: PathBuf,
    crates: PathBuf,
    exchange: Exchange,
    /// Called before every change to the disk, so that tests can interrupt a run.
    before_step: &'a mut dyn FnMut(),
}

/// Exchanges two folders; returns `Unsupported` if the system does not support it.
type Exchange = fn(&Path, &Path) -> io::Result<()>;

impl<'a> Replacer<'a> {
    /// Creates a replacer; `crates` is the folder that contains the crates.
    pub(crate) fn new(
        _lock: &'a Lock,
        regen: &Path,
        crates: &Path,
        before_step: &'a mut dyn FnMut(),
    ) -> Self {
        Self {
            staging: staging(regen),
            crates: crates.to_owned(),
            exchange,
            before_step,
        }
    }

    fn step<T>(&mut self, work: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        (self.before_step)();
        work()
    }

    /// Replaces the crate of an API with these files.
    pub(crate) fn replace(&mut self, name: &str, files: &Files) -> io::Result<()> {
        let (place, staging) = (self.crates.join(name), self.staging.join(name));
        let new = staging.join(NEW);
        for (path, text) in files {
            let path = new.join(path);
            self.step(|| {
                fs_err::create_dir_all(path.parent().unwrap_or(&new))?;
                // a partial file is harmless here, since the staging folder is cleaned up
                fs_err::write(&path, text)
            })?;
        }
        self.step(|| fs_err::create_dir_all(place.parent().unwrap_or(&place)))?;
        if !place.exists() {
            self.step(|| fs_err::rename(&new, &place))?;
        } else {
            let exchange = self.exchange;
            match self.step(|| exchange(&new, &place)) {
                Err(error) if error.kind() == io::ErrorKind::Unsupported => {
                    let old = staging.join(OLD);
                    self.step(|| fs_err::rename(&place, &old))?;
                    self.step(|| fs_err::rename(&new, &place))?;
                }
                exchanged => exchanged?,
            }
        }
        self.step(|| fs_err::remove_dir_all(&staging))
    }

    /// Removes the crate of an API.
    pub(crate) fn remove(&mut self, name: &str) -> io::Result<()> {
        let (place, staging) = (self.crates.join(name), self.staging.join(name));
        self.step(|| fs_err::create_dir_all(&staging))?;
        self.step(|| fs_err::rename(&place, staging.join(REMOVED)))?;
        self.step(|| fs_err::remove_dir_all(&staging))
    }
}

#[cfg(any(target_os = "linux", target_vendor = "apple"))]
fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    match renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE) {
        // not supported by the kernel or the file system
        Err(Errno::NOSYS | Errno::INVAL | Errno::NOTSUP) => Err(io::ErrorKind::Unsupported.into()),
        exchanged => Ok(exchanged?),
    }
}

#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
fn exchange(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::process::{Command, Stdio};
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    /// Creates one crate to be replaced and one to be removed.
    fn set_up(disk: &Path) {
        for name in ["kept", "gone"] {
            fs_err::create_dir_all(disk.join("crates").join(name).join("src")).unwrap();
            fs_err::write(disk.join("crates").join(name).join("src/lib.rs"), "old").unwrap();
            fs_err::write(disk.join("crates").join(name).join("only-before"), "").unwrap();
        }
    }

    fn new_files() -> Files {
        let files = [
            ("Cargo.toml", "new"),
            ("src/lib.rs", "new"),
            ("src/types.rs", "new"),
        ];
        files
            .map(|(path, text)| (path.into(), text.to_owned()))
            .into()
    }

    /// Replaces one crate, removes one and adds one, calling `before_step` before each step.
    fn run(disk: &Path, exchange: Exchange, before_step: &mut dyn FnMut()) -> io::Result<()> {
        let (regen, crates) = (disk.join("regen"), disk.join("crates"));
        let lock = Lock::take(&regen, &crates, || {})?;
        let mut replacer = Replacer::new(&lock, &regen, &crates, before_step);
        replacer.exchange = exchange;
        replacer.replace("kept", &new_files())?;
        replacer.remove("gone")?;
        replacer.replace("come", &new_files())
    }

    fn unsupported(_: &Path, _: &Path) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Returns the files of a crate; `None` if it does not exist.
    fn files(disk: &Path, name: &str) -> Option<BTreeMap<PathBuf, String>> {
        let folder = disk.join("crates").join(name);
        folder
            .exists()
            .then(|| crate::disk::files(&folder).unwrap())
    }

    fn old() -> BTreeMap<PathBuf, String> {
        [("only-before", ""), ("src/lib.rs", "old")]
            .map(|(path, text)| (path.into(), text.to_owned()))
            .into()
    }

    /// Asserts that each crate is either the old or the new one.
    fn assert_old_or_new(disk: &Path, when: &str) {
        let (before, after) = (Some(old()), Some(new_files()));
        let kept = files(disk, "kept");
        assert!(kept == before || kept == after, "{when}: {kept:?}");
        let gone = files(disk, "gone");
        assert!(gone == before || gone.is_none(), "{when}: {gone:?}");
        let come = files(disk, "come");
        assert!(come.is_none() || come == after, "{when}: {come:?}");
    }

    #[track_caller]
    fn assert_done(disk: &Path, when: &str) {
        assert_eq!(files(disk, "kept"), Some(new_files()), "{when}");
        assert_eq!(files(disk, "gone"), None, "{when}");
        assert_eq!(files(disk, "come"), Some(new_files()), "{when}");
        let left: Vec<_> = fs_err::read_dir(disk.join("regen/staging"))
            .unwrap()
            .collect();
        assert!(left.is_empty(), "{when}: {left:?}");
    }

    // set for the process to be aborted: the folder, the step, and whether to avoid the exchange
    const DISK: &str = "APIGW_TEST_DISK";
    const STEP: &str = "APIGW_TEST_STEP";
    const PLAIN: &str = "APIGW_TEST_WITHOUT_EXCHANGE";

    /// Run by the following tests in a separate process; does nothing otherwise.
    #[test]
    fn aborted_run() {
        let (Some(disk), Ok(step)) = (std::env::var_os(DISK), std::env::var(STEP)) else {
            return;
        };
        let exchange = match std::env::var_os(PLAIN) {
            Some(_) => unsupported,
            None => exchange as Exchange,
        };
        let mut left: usize = step.parse().unwrap();
        run(Path::new(&disk), exchange, &mut || {
            if left == 0 {
                // runs no destructors, like a killed process
                std::process::abort();
            }
            left -= 1;
        })
        .unwrap();
    }

    /// Runs in a separate process that aborts before a step; returns whether it got there.
    fn aborts_at(disk: &Path, step: usize, plain: bool) -> bool {
        let test = concat!(module_path!(), "::aborted_run");
        // test names do not include the crate name
        let test = test.split_once("::").map_or(test, |(_, test)| test);
        let mut process = Command::new(std::env::current_exe().unwrap());
        process
            .args(["--exact", test])
            .env(DISK, disk)
            .env(STEP, step.to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        if plain {
            process.env(PLAIN, "1");
        }
        !process.status().unwrap().success()
    }

    #[cfg(any(target_os = "linux", target_vendor = "apple"))]
    #[test]
    fn a_run_killed_at_any_step_leaves_every_crate_old_or_new() {
        for step in 0.. {
            let disk = tempfile::tempdir().unwrap();
            set_up(disk.path());
            let aborted = aborts_at(disk.path(), step, false);
            let when = format!("killed before step {step}");
            assert_old_or_new(disk.path(), &when);
            if !aborted {
                assert!(step > 10, "the run has more than {step} steps");
                assert_done(disk.path(), "not killed");
                return;
            }
            if files(disk.path(), "gone").is_none() {
                restore_removed(disk.path());
            }
            run(disk.path(), exchange, &mut || {}).unwrap();
            assert_done(disk.path(), &when);
        }
    }

    #[test]
    fn without_exchange_the_next_run_recovers_from_a_killed_one() {
        let mut found_missing = false;
        for step in 0.. {
            let disk = tempfile::tempdir().unwrap();
            set_up(disk.path());
            let aborted = aborts_at(disk.path(), step, true);
            found_missing |= files(disk.path(), "kept").is_none();
            let when = format!("killed before step {step}");
            // recovery happens when the lock is acquired
            drop(
                Lock::take(
                    &disk.path().join("regen"),
                    &disk.path().join("crates"),
                    || {},
                )
                .unwrap(),
            );
            assert_old_or_new(disk.path(), &when);
            if !aborted {
                assert!(found_missing, "a run was killed between the two moves");
                return;
            }
        }
    }

    /// Restores the crate that `run` removes.
    fn restore_removed(disk: &Path) {
        fs_err::create_dir_all(disk.join("crates/gone")).unwrap();
    }

    #[test]
    fn a_second_run_reports_that_it_waits_for_the_first() {
        let disk = tempfile::tempdir().unwrap();
        let (regen, crates) = (disk.path().join("regen"), disk.path().join("crates"));
        let first = Lock::take(&regen, &crates, || panic!("the lock is free")).unwrap();
        let (events, seen) = mpsc::channel();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let waits = || events.send("waits").unwrap();
                let _second = Lock::take(&regen, &crates, waits).unwrap();
                events.send("has the lock").unwrap();
            });
            assert_eq!(seen.recv(), Ok("waits"));
            // the second run must not acquire the lock yet
            assert_eq!(
                seen.recv_timeout(Duration::from_millis(20)),
                Err(mpsc::RecvTimeoutError::Timeout)
            );
            drop(first);
            assert_eq!(seen.recv(), Ok("has the lock"));
        });
    }
}
