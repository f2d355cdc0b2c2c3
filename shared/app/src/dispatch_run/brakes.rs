//! What is found out while messages are under way, and stops those that are not claimed yet.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use numo_domain::{
    id::{PhoneNumberId, WabaId},
    reminder::TemplateRef,
    sender::SenderStatus,
};

/// Shared by everything that is under way in a run, and looked at right before each claim.
#[derive(Debug, Default)]
pub(crate) struct Brakes(Mutex<Stopped>);

#[derive(Debug, Default)]
struct Stopped {
    is_over: bool,
    /// Numbers that claim nothing more, and what Meta says of them if it does.
    numbers: BTreeMap<PhoneNumberId, Option<SenderStatus>>,
    texts: Vec<(WabaId, TemplateRef)>,
    /// Texts that did not fit a message.
    misfits: Vec<(WabaId, TemplateRef)>,
    /// How many calls in a row had no clear answer.
    unclear: BTreeMap<PhoneNumberId, u32>,
}

/// After so many calls in a row without a clear answer a number waits: whatever goes on then is in doubt as well.
const UNCLEAR_IN_A_ROW: u32 = 3;

impl Brakes {
    /// Nothing more is claimed in this run; whether this is news.
    pub(super) fn stop_all(&self) -> bool {
        !std::mem::replace(&mut self.stopped().is_over, true)
    }

    /// Nothing more is claimed for a number in this run, for what Meta says of it or for a while; others go on.
    ///
    /// Whether this is news: of many calls that are told the same at once, one writes it down.
    pub(super) fn stop_number(&self, number: &PhoneNumberId, status: Option<SenderStatus>) -> bool {
        let mut stopped = self.stopped();
        let known = stopped.numbers.entry(number.clone()).or_default();
        let is_news = known.is_none() && status.is_some();
        *known = known.or(status);
        is_news
    }

    /// Nothing more is claimed with a text of an account; whether this is news.
    pub(super) fn stop_text(&self, waba: &WabaId, text: &TemplateRef) -> bool {
        let is_news = !self.holds_text(waba, text);
        self.stopped().texts.push((waba.clone(), text.clone()));
        is_news
    }

    /// Notes that a text did not fit a message; whether it did not fit one before.
    pub(super) fn is_misfit(&self, waba: &WabaId, text: &TemplateRef) -> bool {
        let (text, mut stopped) = ((waba.clone(), text.clone()), self.stopped());
        let is_known = stopped.misfits.contains(&text);
        stopped.misfits.push(text);
        is_known
    }

    /// Notes whether a call of a number had a clear answer; whether the number is to wait.
    pub(super) fn is_in_doubt(&self, number: &PhoneNumberId, is_clear: bool) -> bool {
        let mut stopped = self.stopped();
        let in_a_row = stopped.unclear.entry(number.clone()).or_default();
        *in_a_row = if is_clear { 0 } else { *in_a_row + 1 };
        *in_a_row >= UNCLEAR_IN_A_ROW
    }

    /// Whether a number may claim nothing more.
    pub(super) fn holds(&self, number: &PhoneNumberId) -> bool {
        let stopped = self.stopped();
        stopped.is_over || stopped.numbers.contains_key(number)
    }

    /// Whether a text was found unusable.
    pub(super) fn holds_text(&self, waba: &WabaId, text: &TemplateRef) -> bool {
        self.stopped().texts.iter().any(|(account, stopped)| account == waba && stopped == text)
    }

    fn stopped(&self) -> MutexGuard<'_, Stopped> {
        // Nothing that holds the lock can panic half way through a change.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
