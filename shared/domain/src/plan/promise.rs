//! Rule 11: promises that hold a unit, and those that were not kept.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::{id::ExternalId, plan::scene::UnitScene};

/// A promise is missed when it is unpaid at the end of this many business days after its date.
const PATIENCE_DAYS: usize = 2;

/// The number of the date that is noted in the ledger.
pub(super) const LEDGERS: u32 = 0;

/// A promise about something that is still open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StandingPromise {
    /// Its number in the customer's file.
    pub number: u32,
    /// The oldest open invoice that it covers: the anchor of the word about it.
    pub anchor: ExternalId,
    /// Whether it still holds.
    pub state: PromiseState,
}

/// Whether a promise still holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PromiseState {
    /// Its date, and the time a payment needs, have not passed.
    Open {
        /// The first day on which it would be missed.
        until: Date,
    },
    /// Nothing came.
    Missed {
        /// The first day on which that was so.
        since: Date,
    },
}

impl StandingPromise {
    /// Later days rank higher; of one day the later promise.
    const fn rank(&self) -> (Date, u32) {
        match self.state {
            PromiseState::Open { until: ends } | PromiseState::Missed { since: ends } => (ends, self.number),
        }
    }
}

impl UnitScene<'_> {
    /// The promises that concern what is open now; a kept one is about nothing open any more.
    pub(super) fn standing_promises(&self) -> Vec<StandingPromise> {
        let standing = self.file.promises.iter().filter(|promise| !promise.is_withdrawn);
        let made = standing.filter_map(|promise| self.standing(promise.number, promise.date, &promise.invoices));
        // A date that was noted in the ledger counts as a promise about that invoice.
        let noted = self.open.iter().filter_map(|open| {
            let covers = BTreeSet::from([open.invoice.id.clone()]);
            self.standing(LEDGERS, open.invoice.expected_payment?, &covers)
        });
        let all: Vec<StandingPromise> = made.chain(noted).collect();
        // Who promises again about the same invoice is held to the later day alone.
        let is_renewed =
            |old: &StandingPromise| all.iter().any(|new| new.anchor == old.anchor && new.rank() > old.rank());
        all.iter().filter(|promise| !is_renewed(promise)).cloned().collect()
    }

    fn standing(&self, number: u32, date: Date, covers: &BTreeSet<ExternalId>) -> Option<StandingPromise> {
        let covered = self.open.iter().filter(|open| covers.contains(&open.invoice.id));
        let anchor = covered.min_by(|one, other| {
            let (invoice, than) = (&one.invoice, &other.invoice);
            (invoice.due, &invoice.id).cmp(&(than.due, &than.id))
        })?;
        let ends = self.policy.calendar.day_after(date, PATIENCE_DAYS)?;
        let state =
            if self.today < ends { PromiseState::Open { until: ends } } else { PromiseState::Missed { since: ends } };
        Some(StandingPromise { number, anchor: anchor.invoice.id.clone(), state })
    }
}
