//! Queues that keep what is sent.

use std::sync::{
    Mutex,
    atomic::{AtomicBool, Ordering},
};

use async_trait::async_trait;
use numo_app::{
    job::Job,
    port::queue::{Queue, QueueError},
};

use crate::{lock::lock, outage::Outage};

/// Keeps every job in the order of sending.
#[derive(Debug, Default)]
pub struct RecordingQueue {
    jobs: Mutex<Vec<Job>>,
    failing: AtomicBool,
}

impl RecordingQueue {
    /// An empty queue that works.
    pub fn new() -> Self {
        Self::default()
    }

    /// Everything that was sent and not taken.
    pub fn jobs(&self) -> Vec<Job> {
        lock(&self.jobs).clone()
    }

    /// Everything that was sent, leaving nothing.
    pub fn take(&self) -> Vec<Job> {
        std::mem::take(&mut *lock(&self.jobs))
    }

    /// Every later send fails and keeps nothing.
    pub fn fail(&self) {
        self.failing.store(true, Ordering::SeqCst);
    }

    /// Sends work again.
    pub fn recover(&self) {
        self.failing.store(false, Ordering::SeqCst);
    }
}

#[async_trait]
impl Queue for RecordingQueue {
    async fn send(&self, job: &Job) -> Result<(), QueueError> {
        if self.failing.load(Ordering::SeqCst) {
            return Err(QueueError(Outage::because("the queue was told to fail")));
        }
        lock(&self.jobs).push(job.clone());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn jobs_are_kept_in_order_and_a_failing_queue_keeps_none() {
        let json = r#"{"id":"018f0000-0000-7000-8000-000000000001","org":"org_a","at":"2026-11-23T06:00:00Z",
            "cause":"due","claim":null,"type":"plan_day.v1","data":{}}"#;
        let job: Job = serde_json::from_str(json).unwrap();
        let queue = RecordingQueue::new();
        queue.send(&job).await.unwrap();
        queue.fail();
        assert!(queue.send(&job).await.is_err());
        queue.recover();
        queue.send(&job).await.unwrap();
        assert_eq!(queue.jobs(), [job.clone(), job.clone()]);
        assert_eq!(queue.take().len(), 2);
        assert_eq!(queue.jobs(), []);
    }
}
