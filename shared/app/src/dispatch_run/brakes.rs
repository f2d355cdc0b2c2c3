//! What is found out while messages are under way, and stops those that are not claimed yet.

use std::{
    collections::BTreeSet,
    sync::{Mutex, MutexGuard, PoisonError},
};

use numo_domain::{
    id::{PhoneNumberId, WabaId},
    reminder::TemplateRef,
};

/// Shared by everything that is under way in a run, and looked at right before each claim.
#[derive(Debug, Default)]
pub(crate) struct Brakes(Mutex<Stopped>);

#[derive(Debug, Default)]
struct Stopped {
    is_over: bool,
    numbers: BTreeSet<PhoneNumberId>,
    texts: Vec<(WabaId, TemplateRef)>,
}

impl Brakes {
    /// Nothing more is claimed in this run.
    pub(super) fn stop_all(&self) {
        self.stopped().is_over = true;
    }

    /// Nothing more is claimed for a number in this run; others go on.
    pub(super) fn stop_number(&self, number: &PhoneNumberId) {
        self.stopped().numbers.insert(number.clone());
    }

    /// Nothing more is claimed with a text of an account.
    pub(super) fn stop_text(&self, waba: &WabaId, text: &TemplateRef) {
        self.stopped().texts.push((waba.clone(), text.clone()));
    }

    /// Whether a number may claim nothing more.
    pub(super) fn holds(&self, number: &PhoneNumberId) -> bool {
        let stopped = self.stopped();
        stopped.is_over || stopped.numbers.contains(number)
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
