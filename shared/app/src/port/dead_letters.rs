//! What queues gave up, waiting for an operator.

use async_trait::async_trait;
use jiff::Timestamp;

use crate::port::queue::QueueError;

/// A queue whose dead letters are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DeadLetterQueue {
    /// Of ledger reads.
    Sync,
    /// Of planning.
    Plan,
    /// Of sending.
    Dispatch,
    /// Of erasures and exports.
    Erasure,
    /// Of Meta's deliveries.
    Meta,
}

impl DeadLetterQueue {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Sync, Self::Plan, Self::Dispatch, Self::Erasure, Self::Meta];

    /// The name of the queue that gave up.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sync => "sync",
            Self::Plan => "plan",
            Self::Dispatch => "dispatch",
            Self::Erasure => "erasure",
            Self::Meta => "meta",
        }
    }

    /// The queue by its name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|queue| queue.name() == name)
    }
}

/// A message that a queue gave up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// The queue's id of it.
    pub id: String,
    /// What it says.
    pub body: String,
    /// Whose turn it is in the queue: an organisation, or an account of Meta's.
    pub group: Option<String>,
    /// When it was put on its queue first.
    pub sent_at: Timestamp,
    /// How often it was handed out, looks of operators included.
    pub received: u32,
    /// What it is given back or removed by; another one each time that it is handed out.
    pub handle: String,
}

/// Dead letters of all queues.
#[async_trait]
pub trait DeadLetters: Send + Sync {
    /// Takes some, at most ten, out of sight for five minutes; none where none is left that is in sight.
    ///
    /// Whoever dies with them loses none: they come back by themselves.
    async fn take(&self, queue: DeadLetterQueue) -> Result<Vec<DeadLetter>, QueueError>;

    /// Puts one back in sight.
    async fn give_back(&self, queue: DeadLetterQueue, letter: &DeadLetter) -> Result<(), QueueError>;

    /// Puts a copy on the queue that it came from; the letter stays.
    async fn send_again(&self, queue: DeadLetterQueue, letter: &DeadLetter) -> Result<(), QueueError>;

    /// Removes one for good.
    async fn remove(&self, queue: DeadLetterQueue, letter: &DeadLetter) -> Result<(), QueueError>;
}
