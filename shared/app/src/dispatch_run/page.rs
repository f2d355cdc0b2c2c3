//! A page of messages and what they rest on: who is left, the number that writes, the ledger's present word.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use numo_domain::{
    connection::Connection,
    contact::ContactRef,
    plan::reason::{Reason, SkipCode},
    sender::SenderStatus,
};

use crate::{
    dispatch_run::{
        Day, End, Planned,
        able_sender::able_sender,
        ready::{fresh, senders},
        send_unit::Look,
    },
    error::AppError,
    messaging_gate::turn_of,
    situation::frame,
    store::{
        due::{dispatch_work, sync_work},
        plan::{CancelEvidence, Cancelled},
    },
};

/// What came of preparing a page.
pub(super) struct Prepared<'a> {
    /// The claim on the run, which every page renews.
    pub claim: Timestamp,
    /// How many calls the ledger was asked with.
    pub n_calls: Option<usize>,
    /// What is to be done.
    pub found: Result<Found<'a>, AppError>,
}

/// What a page holds.
pub(super) enum Found<'a> {
    /// Messages that are left, with what they rest on.
    Page(Box<Look<'a>>, Vec<&'a Planned>),
    /// Nothing that can be sent; it is explained, or was sent before.
    Nothing,
    /// No number can write for this ledger now.
    NoNumber,
    /// No further page in this invocation.
    Ends(End),
}

/// Time that one page may need; with less left the run goes on in the next invocation.
const PAGE_TIME: SignedDuration = SignedDuration::from_secs(45);

/// A day that has not begun in the organisation's new zone is looked at again after this.
const AFTER_MOVE: SignedDuration = SignedDuration::from_hours(1);

/// Gets a page ready to be sent.
pub(super) async fn prepare<'a>(
    day: &'a Day<'a>,
    connection: &'a Connection,
    claim: Timestamp,
    page: &'a [&'a Planned],
) -> Prepared<'a> {
    let mut prepared = Prepared { claim, n_calls: None, found: Ok(Found::Nothing) };
    let found = day.page(connection, page, &mut prepared).await;
    Prepared { found, ..prepared }
}

impl<'a> Day<'a> {
    async fn page(
        &'a self,
        connection: &'a Connection,
        page: &[&'a Planned],
        prepared: &mut Prepared<'a>,
    ) -> Result<Found<'a>, AppError> {
        let waiting = self.not_yet_claimed(page).await?;
        if waiting.is_empty() {
            return Ok(Found::Nothing);
        }
        let (store, now) = (&self.ports.waker.store, self.ports.clock.now());
        let today = store.organisation(self.org).await?.zone.date(now);
        if today > self.date {
            self.explain_what_is_left(connection, &waiting).await?;
            return Ok(Found::Nothing);
        }
        if today < self.date {
            // The organisation moved to another zone: its day comes again.
            return Ok(Found::Ends(End::Later { again: now.saturating_add(AFTER_MOVE).unwrap_or(now) }));
        }
        if let Some(again) = self.gate.closed_until(store, now).await? {
            return Ok(Found::Ends(End::Later { again: turn_of(self.org, again) }));
        }
        if self.deadline.duration_since(now) < PAGE_TIME {
            return Ok(Found::Ends(End::More));
        }
        let renewed = store.renew_claim(self.org, &dispatch_work(self.date), prepared.claim, now).await?;
        let Some(renewed) = renewed else { return Ok(Found::Ends(End::Lost)) };
        prepared.claim = renewed;
        let Some(sender) = able_sender(self.ports, self.org, connection, &self.looks).await? else {
            return Ok(Found::NoNumber);
        };
        if self.brakes.holds(&sender.0.phone_number_id) {
            return Ok(Found::Nothing);
        }
        let customers: BTreeSet<ContactRef> = waiting.iter().map(|planned| planned.unit.contact.clone()).collect();
        let fresh = match fresh(self.ports, self.org, connection, &customers).await {
            Ok(fresh) => fresh,
            Err(AppError::ReauthRequired) => {
                // The sync finds the same, marks the connection and tells the owner.
                self.cancel_all(&waiting, SkipCode::ReconnectNeeded).await?;
                let now = self.ports.clock.now();
                store.mark_due(self.org, &sync_work(connection.id), now, now).await?;
                return Ok(Found::Nothing);
            }
            Err(error) => return Err(error),
        };
        prepared.n_calls = Some(fresh.request_ids.len());
        let is_erased = |planned: &&Planned| fresh.erased.contains(&planned.unit.contact);
        let (erased, waiting): (Vec<_>, Vec<_>) = waiting.into_iter().partition(is_erased);
        self.cancel_all(&erased, SkipCode::OptedOut).await?;
        let is_unreadable = |planned: &&Planned| fresh.unreadable.contains(&planned.unit.contact);
        let (unreadable, readable): (Vec<_>, Vec<_>) = waiting.into_iter().partition(is_unreadable);
        self.cancel_all(&unreadable, SkipCode::LedgerUnreadable).await?;
        let frame = frame(store, self.org, self.ports.clock.now()).await?;
        let (org, date, deadline) = (self.org, self.date, self.deadline);
        let (brakes, gate) = (&self.brakes, &self.gate);
        let look = Look { org, date, deadline, connection, sender, fresh, frame, brakes, gate };
        Ok(Found::Page(Box::new(look), readable))
    }

    /// The day is over: what was not sent never will be, and says why.
    async fn explain_what_is_left(&self, connection: &Connection, waiting: &[&Planned]) -> Result<(), AppError> {
        let can_send =
            senders(self.ports, self.org, connection).await?.iter().any(|sender| sender.status == SenderStatus::Ready);
        let is_stopped = self.ports.waker.store.messaging_gate().await?.stop.is_some();
        let code = match (is_stopped, can_send) {
            (true, _) => SkipCode::OperatorPause,
            (false, true) => SkipCode::LedgerUnreadable,
            (false, false) => SkipCode::SenderBlocked,
        };
        self.cancel_all(waiting, code).await
    }

    /// Planned units of the page that were not sent on this day, nor may have been.
    pub(super) async fn not_yet_claimed<'p>(&self, page: &[&'p Planned]) -> Result<Vec<&'p Planned>, AppError> {
        let keys: Vec<_> = page.iter().map(|planned| planned.key()).collect();
        let claimed = self.ports.waker.store.reminders_by_key(self.org, &keys).await?;
        let is_claimed = |planned: &Planned| {
            let key = planned.key();
            claimed.iter().any(|reminder| {
                reminder.key == key && reminder.date == self.date && !reminder.state.may_be_claimed_again()
            })
        };
        Ok(page.iter().copied().filter(|planned| !is_claimed(planned)).collect())
    }

    async fn cancel_all(&self, waiting: &[&Planned], code: SkipCode) -> Result<(), AppError> {
        for planned in waiting {
            self.cancel(planned, vec![Reason::of(code)], None).await?;
        }
        Ok(())
    }

    /// Takes a planned unit back, with its reasons.
    pub(super) async fn cancel(
        &self,
        planned: &Planned,
        reasons: Vec<Reason>,
        evidence: Option<CancelEvidence>,
    ) -> Result<(), AppError> {
        let (unit, at) = (planned.unit.clone(), self.ports.clock.now());
        let cancelled = Cancelled { unit, at, reasons, evidence };
        self.ports.waker.store.cancel_planned(self.org, self.date, &cancelled).await
    }
}
