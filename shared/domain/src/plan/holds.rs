//! Everything that keeps a customer silent whatever the steps say.

use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date};

use crate::{
    consent::Consents,
    contact::{Contact, ContactNumber, ContactStatus},
    credit::CreditKind,
    customer_file::PaidClaim,
    fuse::FuseRefusal,
    organisation::{Organisation, PausedBy},
    plan::{
        ChannelState, History, Ledger, LedgerState, OpenInvoice, SentReminder,
        chase::{Chase, smallest},
        promise::PromiseState,
        reason::{Reason, SkipCode},
        scene::{Scene, UnitScene},
    },
    policy::PolicyState,
    reminder::ReminderState,
};

/// The code of "this number is not on WhatsApp" (Cloud API error codes).
const NOT_ON_WHATSAPP: u32 = 131_026;

/// A relationship is proved by an invoice of the last 24 months.
const RELATIONSHIP_MONTHS: i64 = 24;

/// After the owner wrote to a customer the product is silent for this long.
const AFTER_OWNER_WROTE: SignedDuration = SignedDuration::from_hours(24);

impl UnitScene<'_> {
    /// What holds for every customer of a policy.
    pub(super) fn standing_holds(&self, organisation: &Organisation, history: &History) -> Vec<Reason> {
        let pause = organisation.pause_on(self.date).map(|pause| {
            let code = match pause.by {
                PausedBy::Operator => SkipCode::OperatorPause,
                PausedBy::Member(_) => SkipCode::OrganisationPaused,
            };
            Reason::until(code, pause.until)
        });
        // Nobody knows what went out last: the gap between two messages is kept from the last day on which one may have.
        let gap = i64::from(self.policy.caps.gap_days.max(1));
        let restored =
            history.lost_until.map(|lost| lost.saturating_add(gap.days())).filter(|until| self.date < *until);
        let restored = restored.map(|until| Reason::until(SkipCode::OperatorPause, Some(until)));
        let is_ours = pause.as_ref().is_some_and(|pause| pause.code == SkipCode::OperatorPause);
        let pause = if is_ours { pause } else { restored.or(pause) };
        let inactive = (self.policy.state != PolicyState::Active).then_some(SkipCode::PolicyInactive);
        let channel = match history.channel.line_for(self.unit.contact.connection).state {
            ChannelState::Ready => None,
            ChannelState::Blocked => Some(SkipCode::SenderBlocked),
            ChannelState::ReconnectNeeded => Some(SkipCode::ReconnectNeeded),
        };
        let others = [inactive, channel].into_iter().flatten().map(Reason::of);
        pause.into_iter().chain(others).collect()
    }

    /// Whether the ledger can be believed.
    pub(super) fn ledger_hold(&self, ledger: &Ledger) -> Option<Reason> {
        let state = ledger.connections.get(&self.unit.contact.connection).copied();
        match state.unwrap_or(LedgerState::Unreadable) {
            LedgerState::Readable => None,
            LedgerState::Unreadable => Some(SkipCode::LedgerUnreadable.into()),
            LedgerState::Stale => Some(SkipCode::LedgerStale.into()),
            LedgerState::ReconnectNeeded => Some(SkipCode::ReconnectNeeded.into()),
            LedgerState::DemoCompany => Some(SkipCode::DemoCompany.into()),
        }
    }

    /// Whether the customer may be written to at all.
    pub(super) fn contact_holds(
        &self,
        organisation: &Organisation,
        scene: &Scene<'_>,
        history: &History,
    ) -> Vec<Reason> {
        let Some(contact) = self.contact else { return vec![SkipCode::NoNumber.into()] };
        let mut reasons: Vec<Reason> = Vec::new();
        if contact.status == ContactStatus::GdprRequest || self.file.exclusion.is_some() {
            reasons.push(SkipCode::Excluded.into());
        }
        reasons.extend(self.consent_hold(organisation, contact, &history.consents));
        match &contact.number {
            ContactNumber::Missing => reasons.push(SkipCode::NoNumber.into()),
            ContactNumber::Unusable { .. } | ContactNumber::Unread => reasons.push(SkipCode::NumberUnusable.into()),
            ContactNumber::Usable { number, key, .. } => {
                if self.file.unlinked.contains(key) {
                    reasons.push(SkipCode::NumberUnusable.into());
                }
                let is_ours = || history.channel.own_numbers.contains(&number.matching_form());
                if scene.is_shared(key) || (!history.channel.own_numbers.is_empty() && is_ours()) {
                    reasons.push(SkipCode::NumberShared.into());
                }
            }
        }
        reasons
    }

    fn consent_hold(&self, organisation: &Organisation, contact: &Contact, consents: &Consents) -> Vec<Reason> {
        let mut reasons = Vec::new();
        if consents.is_opted_out(contact) {
            reasons.push(SkipCode::OptedOut.into());
        }
        if !consents.has_basis(organisation, contact, self.has_relationship()) {
            reasons.push(SkipCode::NoConsentBasis.into());
        }
        reasons
    }

    fn has_relationship(&self) -> bool {
        let since = self.today.saturating_sub(jiff::Span::new().months(RELATIONSHIP_MONTHS));
        let is_recent = |open: &&OpenInvoice| open.invoice.issued.is_some_and(|issued| issued >= since);
        // Who paid these days and owes nothing may be thanked; what is still open has to prove it by its own date.
        let has_paid_all = self.open.is_empty() && self.receipts.is_some_and(|receipts| !receipts.recent.is_empty());
        has_paid_all || self.open.iter().any(is_recent)
    }

    /// What people decided and what the customer said.
    pub(super) fn file_holds(&self) -> Vec<Reason> {
        let file = self.file;
        let mut reasons: Vec<Reason> = Vec::new();
        // The plan's day is the organisation's, whatever date it is where the message arrives.
        let moved_to = file.moved_to.filter(|to| *to > self.date);
        if file.held_on == Some(self.date) || moved_to.is_some() {
            reasons.push(Reason::until(SkipCode::HeldByHand, moved_to));
        }
        let replies = self.replies().map(|(code, said_at)| Reason::until(code, self.released_on(said_at)));
        reasons.extend(replies.filter(|reason| reason.until.is_none_or(|until| until > self.today)));
        let open_until = self.promises.iter().filter_map(|promise| match promise.state {
            PromiseState::Open { until } => Some(until),
            PromiseState::Missed { .. } => None,
        });
        reasons.extend(open_until.max().map(|until| Reason::until(SkipCode::PromiseOpen, Some(until))));
        let owner_wrote = file.owner_wrote_at.filter(|at| self.now.duration_since(*at) < AFTER_OWNER_WROTE);
        let after_owner = owner_wrote.map(|at| self.zone.date(at).saturating_add(1.day()));
        let snoozed = file.snoozed_until.filter(|until| *until > self.today);
        let put_off = after_owner.into_iter().chain(snoozed).max();
        reasons.extend(put_off.map(|until| Reason::until(SkipCode::Snoozed, Some(until))));
        reasons
    }

    /// What the customer said that nobody looked at, and the ledger did not settle: as which hold, and when said last.
    pub(super) fn replies(&self) -> impl Iterator<Item = (SkipCode, Timestamp)> {
        let is_open = |claim: &&PaidClaim| self.open.iter().any(|open| claim.invoices.contains(&open.invoice.id));
        let claimed = self.file.paid_claim.as_ref().filter(is_open);
        let unread = self.file.last_unread().map(|at| (SkipCode::InboundUnread, at));
        unread.into_iter().chain(claimed.map(|claim| (SkipCode::PaidClaimed, claim.at)))
    }

    /// The first day on which what was said holds no more by itself, where the policy lets it.
    pub(super) fn released_on(&self, said_at: Timestamp) -> Option<Date> {
        let business_days = self.policy.release_holds_after?;
        self.policy.calendar.day_after(self.zone.date(said_at), business_days.into())
    }

    /// Rule 9: money that nobody allocated, what we owe, and the days after a payment.
    pub(super) fn money_holds(&self, chase: Option<&Chase<'_>>) -> Vec<Reason> {
        let mut reasons: Vec<Reason> = Vec::new();
        let counts = |credit: &&&crate::credit::Credit| {
            credit.remaining.minor >= smallest(credit.remaining.currency) && !self.file.has_released(credit)
        };
        for credit in self.credits.iter().filter(counts) {
            reasons.push(match credit.kind {
                CreditKind::CreditNote => SkipCode::CreditOpen.into(),
                CreditKind::Prepayment | CreditKind::Overpayment | CreditKind::Payment => {
                    SkipCode::MoneyUnallocated.into()
                }
            });
        }
        if let Some(chase) = chase.filter(|_| self.policy.hold_when_we_owe) {
            let ours = self.bills.iter().filter(|bill| bill.remaining.currency == self.currency);
            let we_owe = ours.fold(0_i64, |sum, bill| sum.saturating_add(bill.remaining.minor));
            if we_owe >= chase.total() {
                reasons.push(SkipCode::WeOweThem.into());
            }
        }
        let grace = self.grace_ends().filter(|ends| *ends > self.today);
        reasons.extend(grace.map(|ends| Reason::until(SkipCode::PaymentGrace, Some(ends))));
        reasons
    }

    /// Whether what became of a message stops the next one: nobody had the number tried again since.
    pub(super) fn still_counts(&self, past: &SentReminder) -> bool {
        self.file.tried_again_on.is_none_or(|on| past.sent_on > on)
    }

    /// Whether the same may be said again, to the customer's present number.
    pub(super) fn may_be_tried_again(&self, past: &SentReminder) -> bool {
        past.may_be_tried_again(self.recipient, self.file.tried_again_on, self.goes_out_at())
    }

    /// What earlier messages say.
    pub(super) fn history_holds(&self, history: &History) -> Vec<Reason> {
        let mut reasons = Vec::new();
        if self.past.iter().any(|past| past.state.is_uncertain()) {
            reasons.push(SkipCode::OutcomeUnknown.into());
        }
        let Some(recipient) = self.recipient else { return reasons };
        let is_unreachable = |past: &SentReminder| past.recipient == *recipient && is_not_on_whatsapp(&past.state);
        if self.past.iter().any(|past| is_unreachable(past) && self.still_counts(past)) {
            reasons.push(SkipCode::NotOnWhatsapp.into());
        }
        let date = self.date;
        let refusal = history.fuses.get(recipient).and_then(|fuse| fuse.check(date, self.policy.caps).err());
        reasons.extend(refusal.map(|refusal| match refusal {
            FuseRefusal::Daily => Reason::until(SkipCode::NumberDailyCap, date.tomorrow().ok()),
            FuseRefusal::Gap { until } => Reason::until(SkipCode::Gap, Some(until)),
            FuseRefusal::SevenDays { until } => Reason::until(SkipCode::SevenDayCap, Some(until)),
        }));
        reasons
    }
}

const fn is_not_on_whatsapp(state: &ReminderState) -> bool {
    matches!(state, ReminderState::Failed { code: NOT_ON_WHATSAPP } | ReminderState::NotSent { code: NOT_ON_WHATSAPP })
}
