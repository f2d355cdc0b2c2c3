//! Where archives lie until they are fetched: objects that are written in pieces, and links to them.

use std::error::Error;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};

/// Writes and deletes objects.
#[async_trait]
pub trait Bucket: Send + Sync {
    /// Begins an object; until it is completed nobody sees anything of it.
    async fn begin(&self, key: &str) -> Result<UploadId, BucketError>;

    /// Adds a piece of it, the first one being 1; every one but the last has five mebibytes at least (S3).
    async fn put(&self, key: &str, upload: &UploadId, number: usize, piece: Vec<u8>) -> Result<PieceTag, BucketError>;

    /// Puts its pieces together, over whatever is under the key.
    async fn complete(&self, key: &str, upload: &UploadId, pieces: &[PieceTag]) -> Result<(), BucketError>;

    /// The keys that begin with a text, up to a thousand of them.
    async fn keys(&self, prefix: &str) -> Result<Vec<String>, BucketError>;

    /// Deletes an object, if there is one.
    async fn delete(&self, key: &str) -> Result<(), BucketError>;
}

/// Makes links to objects.
pub trait BucketLinks: Send + Sync {
    /// An address under which anybody who has it gets an object as a file of this name, for so long.
    fn link(&self, key: &str, file: &str, lives: SignedDuration, now: Timestamp) -> Result<String, BucketError>;
}

/// What the bucket calls an object under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadId(pub String);

/// What the bucket calls a piece that it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PieceTag(pub String);

/// The bucket failed; whether it did what it was asked is open.
#[derive(Debug, thiserror::Error)]
#[error("the bucket is unavailable")]
pub struct BucketError(#[source] pub Box<dyn Error + Send + Sync>);
