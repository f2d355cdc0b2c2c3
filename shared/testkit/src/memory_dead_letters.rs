//! Dead letters in memory, out of sight for whoever took them.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use async_trait::async_trait;
use jiff::Timestamp;
use numo_app::port::{
    dead_letters::{DeadLetter, DeadLetterQueue, DeadLetters},
    queue::QueueError,
};

use crate::{lock::lock, outage::Outage};

/// The dead letters of five queues, and what was sent to the queues again.
#[derive(Debug, Default)]
pub struct MemoryDeadLetters {
    state: Mutex<State>,
    failing: AtomicBool,
}

#[derive(Debug, Default)]
struct State {
    letters: BTreeMap<(DeadLetterQueue, String), (DeadLetter, bool)>,
    sent: Vec<(DeadLetterQueue, String)>,
    placed: u32,
}

impl MemoryDeadLetters {
    /// None.
    pub fn new() -> Self {
        Self::default()
    }

    /// A queue gives a message up; its id.
    pub fn place(&self, queue: DeadLetterQueue, body: &str, sent_at: Timestamp) -> String {
        let mut state = lock(&self.state);
        state.placed += 1;
        let id = format!("letter-{}", state.placed);
        let (body, handle) = (body.to_owned(), String::new());
        let letter = DeadLetter { id: id.clone(), body, group: Some("group".to_owned()), sent_at, received: 5, handle };
        state.letters.insert((queue, id.clone()), (letter, true));
        id
    }

    /// What is in sight of an operator who looks now, by queue and id.
    pub fn in_sight(&self) -> Vec<(DeadLetterQueue, String)> {
        let state = lock(&self.state);
        state.letters.iter().filter(|(_, (_, is_in_sight))| *is_in_sight).map(|(place, _)| place.clone()).collect()
    }

    /// What was put on queues again, in order.
    pub fn sent_again(&self) -> Vec<(DeadLetterQueue, String)> {
        lock(&self.state).sent.clone()
    }

    /// Everything that is sent again fails from now on, or works again.
    pub fn fail_to_send(&self, fails: bool) {
        self.failing.store(fails, Ordering::SeqCst);
    }

    /// The letter that somebody took last, and with the handle that they got.
    fn held(
        &self,
        queue: DeadLetterQueue,
        letter: &DeadLetter,
        then: impl FnOnce(&mut State),
    ) -> Result<(), QueueError> {
        let mut state = lock(&self.state);
        let held = state.letters.get(&(queue, letter.id.clone()));
        if held.is_some_and(|(held, is_in_sight)| held.handle == letter.handle && !is_in_sight) {
            then(&mut state);
            return Ok(());
        }
        Err(QueueError(Outage::because("the letter is in other hands")))
    }
}

#[async_trait]
impl DeadLetters for MemoryDeadLetters {
    async fn take(&self, queue: DeadLetterQueue) -> Result<Vec<DeadLetter>, QueueError> {
        let mut state = lock(&self.state);
        let in_sight = state.letters.iter_mut().filter(|((of, _), (_, is_in_sight))| *of == queue && *is_in_sight);
        let taken = in_sight.take(10).map(|(_, (letter, is_in_sight))| {
            *is_in_sight = false;
            letter.received += 1;
            letter.handle = format!("{}-{}", letter.id, letter.received);
            letter.clone()
        });
        Ok(taken.collect())
    }

    async fn give_back(&self, queue: DeadLetterQueue, letter: &DeadLetter) -> Result<(), QueueError> {
        self.held(queue, letter, |state| {
            if let Some((_, is_in_sight)) = state.letters.get_mut(&(queue, letter.id.clone())) {
                *is_in_sight = true;
            }
        })
    }

    async fn send_again(&self, queue: DeadLetterQueue, letter: &DeadLetter) -> Result<(), QueueError> {
        if self.failing.load(Ordering::SeqCst) {
            return Err(QueueError(Outage::because("the queue was told to fail")));
        }
        lock(&self.state).sent.push((queue, letter.body.clone()));
        Ok(())
    }

    async fn remove(&self, queue: DeadLetterQueue, letter: &DeadLetter) -> Result<(), QueueError> {
        self.held(queue, letter, |state| drop(state.letters.remove(&(queue, letter.id.clone()))))
    }
}
