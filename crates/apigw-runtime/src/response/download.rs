//! Saves a streaming body.

use std::io;
use std::path::Path;

use tokio::fs::{self, File};
use tokio::io::AsyncWriteExt as _;

use crate::ByteStream;

impl ByteStream {
    /// Writes the whole body to a file, chunk by chunk, and returns its length. Replaces an existing file.
    ///
    /// The data is first written to `<path>.part`, so that `path` never contains an incomplete body.
    ///
    /// ```
    /// # async fn example(invoice: apigw_runtime::ByteStream) -> std::io::Result<()> {
    /// let total = invoice.content_length();
    /// let invoice = invoice.on_progress(move |received| println!("{received} of {total:?} bytes"));
    /// invoice.save_to("invoice.pdf").await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the file can't be written, or if the body is incomplete: the latter has an [`Error`](crate::Error) as
    /// its [`get_ref`](io::Error::get_ref).
    pub async fn save_to(self, path: impl AsRef<Path>) -> io::Result<u64> {
        let path = path.as_ref();
        let mut unfinished = path.as_os_str().to_owned();
        unfinished.push(".part");
        let written = self.write_to(Path::new(&unfinished)).await;
        match written {
            Ok(length) => fs::rename(&unfinished, path).await.map(|()| length),
            Err(error) => {
                // the first error is the one to report
                let _ = fs::remove_file(&unfinished).await;
                Err(error)
            }
        }
    }

    async fn write_to(mut self, path: &Path) -> io::Result<u64> {
        let mut file = File::create(path).await?;
        let mut length = 0;
        while let Some(chunk) = self.chunk().await {
            let chunk = chunk.map_err(io::Error::other)?;
            file.write_all(&chunk).await?;
            length += chunk.len() as u64;
        }
        file.flush().await?;
        Ok(length)
    }
}
