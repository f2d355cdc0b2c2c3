//! A bucket in memory that keeps S3's rules, counts its calls and fails when told.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use numo_app::port::bucket::{Bucket, BucketError, BucketLinks, PieceTag, UploadId};

use crate::{faulty_table::Fault, lock::lock, outage::Outage};

/// Objects under their keys.
#[derive(Debug, Default)]
pub struct MemoryBucket {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    objects: BTreeMap<String, Vec<u8>>,
    uploads: BTreeMap<String, (String, BTreeMap<usize, Vec<u8>>)>,
    largest: usize,
    calls: u64,
    crash: Option<(u64, Fault)>,
}

/// The least that a piece has which is not the last one (S3).
const LEAST: usize = 5 << 20;

impl MemoryBucket {
    /// An empty one.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Everything that is in it.
    pub fn objects(&self) -> BTreeMap<String, Vec<u8>> {
        lock(&self.state).objects.clone()
    }

    /// Puts an object there.
    pub fn place(&self, key: &str, bytes: &[u8]) {
        lock(&self.state).objects.insert(key.to_owned(), bytes.to_vec());
    }

    /// The longest piece that it was ever given.
    pub fn largest_piece(&self) -> usize {
        lock(&self.state).largest
    }

    /// Fails at a call, counted from 1, and at all after it; with none it works again.
    pub fn crash_at(&self, crash: Option<(u64, Fault)>) {
        let mut state = lock(&self.state);
        (state.calls, state.crash) = (0, crash);
    }

    /// How many calls were made since then.
    pub fn calls(&self) -> u64 {
        lock(&self.state).calls
    }

    fn call<T>(&self, effect: impl FnOnce(&mut State) -> Result<T, BucketError>) -> Result<T, BucketError> {
        let mut state = lock(&self.state);
        state.calls += 1;
        match state.crash {
            Some((call, Fault::After)) if state.calls == call => {
                effect(&mut state)?;
                Err(failure("the bucket was told to fail"))
            }
            Some((call, _)) if state.calls >= call => Err(failure("the bucket was told to fail")),
            Some(_) | None => effect(&mut state),
        }
    }
}

#[async_trait]
impl Bucket for MemoryBucket {
    async fn begin(&self, key: &str) -> Result<UploadId, BucketError> {
        self.call(|state| {
            let id = format!("upload-{}", state.uploads.len() + 1);
            state.uploads.insert(id.clone(), (key.to_owned(), BTreeMap::new()));
            Ok(UploadId(id))
        })
    }

    async fn put(&self, key: &str, upload: &UploadId, number: usize, piece: Vec<u8>) -> Result<PieceTag, BucketError> {
        self.call(|state| {
            state.largest = state.largest.max(piece.len());
            let (begun, pieces) = state.uploads.get_mut(&upload.0).ok_or_else(|| failure("no such upload"))?;
            if begun != key || !(1..=10_000).contains(&number) {
                return Err(failure("another key, or a number out of range"));
            }
            pieces.insert(number, piece);
            Ok(PieceTag(format!("tag-{number}")))
        })
    }

    async fn complete(&self, key: &str, upload: &UploadId, tags: &[PieceTag]) -> Result<(), BucketError> {
        self.call(|state| {
            let (_, pieces) = state.uploads.get(&upload.0).ok_or_else(|| failure("no such upload"))?;
            let expected: Vec<PieceTag> = pieces.keys().map(|number| PieceTag(format!("tag-{number}"))).collect();
            let short = pieces.values().rev().skip(1).any(|piece| piece.len() < LEAST);
            if tags != expected || tags.is_empty() || short {
                return Err(failure("pieces are missing or too short"));
            }
            state.objects.insert(key.to_owned(), pieces.values().flatten().copied().collect());
            state.uploads.remove(&upload.0);
            Ok(())
        })
    }

    async fn keys(&self, prefix: &str) -> Result<Vec<String>, BucketError> {
        self.call(|state| Ok(state.objects.keys().filter(|key| key.starts_with(prefix)).take(1_000).cloned().collect()))
    }

    async fn delete(&self, key: &str) -> Result<(), BucketError> {
        self.call(|state| {
            state.objects.remove(key);
            Ok(())
        })
    }
}

impl BucketLinks for MemoryBucket {
    fn link(&self, key: &str, file: &str, lives: SignedDuration, now: Timestamp) -> Result<String, BucketError> {
        Ok(format!("https://bucket.example/{key}?file={file}&from={now}&seconds={}", lives.as_secs()))
    }
}

fn failure(why: &str) -> BucketError {
    BucketError(Outage::because(why))
}
