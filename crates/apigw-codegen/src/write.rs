//! Writing whole or not at all.

use std::io::{self, Write};
use std::path::Path;

#[cfg(feature = "generate")]
use crate::render::Files;

/// Writes a file through a temporary one beside it, so that a stop in the middle leaves
/// either the old text or the new one.
///
/// # Errors
///
/// As the file system says; the old file is then as it was.
pub fn file(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    fs_err::create_dir_all(folder)?;
    let mut temporary = tempfile::NamedTempFile::new_in(folder)?;
    temporary.write_all(text.as_bytes())?;
    temporary.persist(path)?;
    Ok(())
}

/// Replaces a folder by one with these files, prepared in `staging` on the same disk.
///
/// The new folder takes the old one's place by renaming; until then the old one stays as
/// it is. Preparing elsewhere matters: cargo refuses to work while a member of the
/// workspace has no manifest.
#[cfg(feature = "generate")]
pub(crate) fn folder(path: &Path, files: &Files, staging: &Path) -> io::Result<()> {
    fs_err::create_dir_all(staging)?;
    let prepared = tempfile::TempDir::new_in(staging)?;
    let new = prepared.path().join("new");
    for (name, text) in files {
        file(&new.join(name), text)?;
    }
    if let Some(parent) = path.parent() {
        fs_err::create_dir_all(parent)?;
    }
    let old = prepared.path().join("old");
    if path.exists() {
        fs_err::rename(path, &old)?;
    }
    if let Err(error) = fs_err::rename(&new, path) {
        // put back what was there
        if old.exists() {
            fs_err::rename(&old, path)?;
        }
        return Err(error);
    }
    Ok(())
}

/// Removes a folder at one blow.
#[cfg(feature = "generate")]
pub(crate) fn remove(path: &Path, staging: &Path) -> io::Result<()> {
    fs_err::create_dir_all(staging)?;
    let prepared = tempfile::TempDir::new_in(staging)?;
    fs_err::rename(path, prepared.path().join("old"))
}

#[cfg(all(test, feature = "generate"))]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_replaced_with_everything_in_it() {
        let disk = tempfile::tempdir().unwrap();
        let path = disk.path().join("crate");
        let staging = disk.path().join("staging");
        let files = |text: &str| Files::from([("src/lib.rs".into(), text.to_owned())]);
        folder(&path, &files("one"), &staging).unwrap();
        fs_err::create_dir_all(path.join("src/old")).unwrap();
        folder(&path, &files("two"), &staging).unwrap();
        assert_eq!(
            fs_err::read_to_string(path.join("src/lib.rs")).unwrap(),
            "two"
        );
        assert!(!path.join("src/old").exists());
        assert_eq!(fs_err::read_dir(&staging).unwrap().count(), 0);
    }
}
