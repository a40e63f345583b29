//! Writing a file whole or not at all.

use std::io::{self, Write};
use std::path::Path;

/// Writes a file through a temporary one beside it, so that a stop in the middle leaves
/// either the old text or the new one.
///
/// # Errors
///
/// As the file system says; the old file is then as it was.
pub fn file(path: &Path, text: impl AsRef<[u8]>) -> io::Result<()> {
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    fs_err::create_dir_all(folder)?;
    let mut temporary = readable().tempfile_in(folder)?;
    temporary.write_all(text.as_ref())?;
    temporary.persist(path)?;
    Ok(())
}

/// Temporary files that others may read, as far as the user's umask says so; by default
/// nobody else may.
fn readable() -> tempfile::Builder<'static, 'static> {
    #[allow(unused_mut, reason = "permissions are set where there are any")]
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
    fn a_file_is_replaced_and_nothing_stays_beside_it() {
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
    fn a_file_has_the_permissions_of_any_other_new_file() {
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
