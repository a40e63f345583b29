//! The profile files of AWS, and whether they have changed.

use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

/// The profile files: each variable that says where one is, and its default in the home folder
/// (<https://docs.aws.amazon.com/sdkref/latest/guide/file-location.html>).
const FILES: [(&str, &str); 2] = [
    ("AWS_CONFIG_FILE", ".aws/config"),
    ("AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials"),
];

/// A digest of the profile files as they were at one time. Times of modification are too coarse for files that are rewritten twice in a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ProfileFiles([u8; 32]);

impl ProfileFiles {
    /// Reads the files. One that can't be read is like an empty one, as for the AWS SDKs.
    pub(crate) fn now() -> Self {
        let mut digest = Sha256::new();
        for (variable, default) in FILES {
            let content = path(variable, default).and_then(|path| std::fs::read(path).ok());
            let content = content.unwrap_or_default();
            digest.update(content.len().to_le_bytes());
            digest.update(content);
        }
        Self(digest.finalize().into())
    }
}

fn path(variable: &str, default: &str) -> Option<PathBuf> {
    let Some(set) = std::env::var_os(variable).filter(|set| !set.is_empty()) else {
        return Some(std::env::home_dir()?.join(default));
    };
    match Path::new(&set).strip_prefix("~") {
        Ok(rest) => Some(std::env::home_dir()?.join(rest)),
        Err(_) => Some(set.into()),
    }
}
