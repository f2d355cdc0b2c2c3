//! A mail service that keeps what is sent, and answers as told.

use std::{collections::VecDeque, sync::Mutex};

use async_trait::async_trait;
use numo_app::port::mail::{Letter, Mail, MailError};

use crate::{lock::lock, outage::Outage};

/// How a call ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailAnswer {
    /// It is taken.
    Taken,
    /// It is refused, and not sent.
    NotSent,
    /// It is sent, and the answer is lost.
    SentUnclearly,
    /// It is not sent, and nobody knows.
    LostUnclearly,
}

/// Keeps every letter that went out; calls that nobody told anything about are taken.
#[derive(Debug, Default)]
pub struct RecordingMail {
    letters: Mutex<Vec<Letter>>,
    calls: Mutex<usize>,
    answers: Mutex<VecDeque<MailAnswer>>,
}

impl RecordingMail {
    /// A service that takes everything.
    pub fn new() -> Self {
        Self::default()
    }

    /// How the next calls end.
    pub fn answer(&self, answers: impl IntoIterator<Item = MailAnswer>) {
        *lock(&self.answers) = answers.into_iter().collect();
    }

    /// Everything that went out, in the order of calls.
    pub fn letters(&self) -> Vec<Letter> {
        lock(&self.letters).clone()
    }

    /// Everything that went out, leaving nothing.
    pub fn take(&self) -> Vec<Letter> {
        std::mem::take(&mut *lock(&self.letters))
    }

    /// How often it was called.
    pub fn n_calls(&self) -> usize {
        *lock(&self.calls)
    }
}

#[async_trait]
impl Mail for RecordingMail {
    async fn send(&self, letter: &Letter) -> Result<(), MailError> {
        *lock(&self.calls) += 1;
        let answer = lock(&self.answers).pop_front().unwrap_or(MailAnswer::Taken);
        if matches!(answer, MailAnswer::Taken | MailAnswer::SentUnclearly) {
            lock(&self.letters).push(letter.clone());
        }
        let because = "the mail service was told to fail";
        match answer {
            MailAnswer::Taken => Ok(()),
            MailAnswer::NotSent => Err(MailError::NotSent(Outage::because(because))),
            MailAnswer::SentUnclearly | MailAnswer::LostUnclearly => Err(MailError::Unclear(Outage::because(because))),
        }
    }
}
