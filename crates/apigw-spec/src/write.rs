//! Atomic file writes.

use std::io::{self, Write};
use std::path::Path;

/// Writes a file atomically, through a temporary file in the same folder.
///
/// Missing parent folders are created.
///
/// # Errors
///
/// Returns an error if the file cannot be written. An existing file is then unchanged.
pub fn file(path: &Path, text: impl AsRef<[u8]>) -> io::Result<()> {
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    fs_err::create_dir_all(folder)?;
    let mut temporary = readable().tempfile_in(folder)?;
    temporary.write_all(text.as_ref())?;
    temporary.persist(path)?;
    Ok(())
}

/// Returns a builder for temporary files with the permissions of ordinary files, which depend on
/// the umask. By default, only the owner can read temporary files.
fn readable() -> tempfile::Builder<'static, 'static> {
    #[allow(unused_mut, reason = "only changed on Unix")]
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_and_the_temporary_one_is_removed() {
        let disk = tempfile::tempdir().unwrap();
        let path = disk.path().join("inner/a.txt");
        file(&path, "one").unwrap();
        file(&path, "two").unwrap();
        assert_eq!(fs_err::read_to_string(&path).unwrap(), "two");
        assert_eq!(
            fs_err::read_dir(disk.path().join("inner")).unwrap().count(),
            1
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_file_has_the_permissions_of_other_new_files() {
        use std::os::unix::fs::PermissionsExt;
        let disk = tempfile::tempdir().unwrap();
        file(&disk.path().join("ours"), "").unwrap();
        fs_err::File::create(disk.path().join("usual")).unwrap();
        let mode = |name: &str| {
            let metadata = fs_err::metadata(disk.path().join(name)).unwrap();
            metadata.permissions().mode()
        };
        assert_eq!(mode("ours"), mode("usual"));
    }
}
