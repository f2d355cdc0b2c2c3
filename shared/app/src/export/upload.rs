//! An archive on its way into the bucket: packed as it is written, sent piece by piece.

use aws_lc_rs::digest::{Context, SHA256};
use jiff::Timestamp;

use crate::{
    error::AppError,
    export::zip::Zip,
    number_key::hex,
    port::bucket::{Bucket, PieceTag, UploadId},
    store::export::Archive,
};

/// Bytes that are sent together: more than the least that the bucket takes, and little enough to be held in memory.
pub(super) const PIECE: usize = 8 << 20;

/// An archive under way.
pub(super) struct Upload<'a> {
    bucket: &'a dyn Bucket,
    key: String,
    id: UploadId,
    pieces: Vec<PieceTag>,
    zip: Zip,
    size: u64,
    digest: Context,
}

impl<'a> Upload<'a> {
    pub(super) async fn begin(bucket: &'a dyn Bucket, key: String, now: Timestamp) -> Result<Self, AppError> {
        let id = bucket.begin(&key).await?;
        let (zip, digest) = (Zip::new(now), Context::new(&SHA256));
        Ok(Self { bucket, key, id, pieces: Vec::new(), zip, size: 0, digest })
    }

    /// Begins a file, after the one before it.
    pub(super) fn file(&mut self, name: &str) -> Result<(), AppError> {
        self.zip.begin(name).map_err(|error| AppError::Internal(error.to_string()))
    }

    /// Adds to the file, and sends what makes a piece.
    pub(super) async fn write(&mut self, bytes: &[u8]) -> Result<(), AppError> {
        self.zip.write(bytes).map_err(|error| AppError::Internal(error.to_string()))?;
        if self.zip.waiting() >= PIECE { self.send().await } else { Ok(()) }
    }

    /// Whether the archive should end.
    pub(super) const fn is_full(&self) -> bool {
        self.zip.is_full()
    }

    /// Ends the archive: from now on it is there.
    pub(super) async fn complete(mut self) -> Result<Archive, AppError> {
        self.zip.finish().map_err(|error| AppError::Internal(error.to_string()))?;
        self.send().await?;
        self.bucket.complete(&self.key, &self.id, &self.pieces).await?;
        Ok(Archive { size: self.size, sha256: hex(self.digest.finish().as_ref()) })
    }

    async fn send(&mut self) -> Result<(), AppError> {
        let piece = self.zip.take();
        self.digest.update(&piece);
        self.size += u64::try_from(piece.len()).unwrap_or_default();
        let tag = self.bucket.put(&self.key, &self.id, self.pieces.len() + 1, piece).await?;
        self.pieces.push(tag);
        Ok(())
    }
}

/// Deletes every archive whose key begins with a text.
pub(crate) async fn delete_archives(bucket: &dyn Bucket, prefix: &str) -> Result<(), AppError> {
    loop {
        let keys = bucket.keys(prefix).await?;
        if keys.is_empty() {
            return Ok(());
        }
        for key in keys {
            bucket.delete(&key).await?;
        }
    }
}
