//! The queues: they only wake; what is to be done stands in the table.

use async_trait::async_trait;

use crate::job::Job;

/// Puts jobs on the queue of their kind.
#[async_trait]
pub trait Queue: Send + Sync {
    /// Sends one job; a repeat is harmless.
    async fn send(&self, job: &Job) -> Result<(), QueueError>;
}

/// A queue failed.
#[derive(Debug, thiserror::Error)]
#[error("the queue is unavailable")]
pub struct QueueError(#[source] pub Box<dyn std::error::Error + Send + Sync>);
