//! What a decision looks at: the whole ledger once, then one unit at a time.

use std::collections::BTreeMap;

use jiff::{Timestamp, ToSpan, civil::Date};

use crate::{
    calendar::{Zone, clock::SendClock},
    contact::{Contact, ContactNumber, ContactRef},
    credit::{Bill, Credit},
    customer_file::CustomerFile,
    id::NumberKey,
    money::Currency,
    plan::{History, Ledger, OpenInvoice, SentReminder, decision::Unit, entry::GRACE_DAYS, promise::PromiseState},
    policy::{
        Policy, WhoseClock,
        audience::{Balances, Policies},
    },
};

/// Everything that a plan looks at, in the order in which it is asked for.
pub(super) struct Scene<'a> {
    pub units: BTreeMap<Unit, Vec<&'a OpenInvoice>>,
    balances: BTreeMap<&'a ContactRef, Balances>,
    sharers: BTreeMap<&'a NumberKey, usize>,
    credits: BTreeMap<&'a ContactRef, Vec<&'a Credit>>,
    bills: BTreeMap<&'a ContactRef, Vec<&'a Bill>>,
    empty_file: CustomerFile,
    no_balances: Balances,
}

impl<'a> Scene<'a> {
    pub(super) fn of(ledger: &'a Ledger) -> Self {
        let mut units: BTreeMap<Unit, Vec<&OpenInvoice>> = BTreeMap::new();
        let mut balances: BTreeMap<&ContactRef, Balances> = BTreeMap::new();
        for open in ledger.invoices.iter().filter(|open| open.invoice.is_open()) {
            let (contact, remaining) = (&open.invoice.contact, open.invoice.remaining);
            let unit = Unit { contact: contact.clone(), currency: remaining.currency };
            units.entry(unit).or_default().push(open);
            let owed = balances.entry(contact).or_default().entry(remaining.currency).or_default();
            *owed = owed.saturating_add(remaining.minor);
        }
        let mut sharers: BTreeMap<&NumberKey, usize> = BTreeMap::new();
        for key in ledger.contacts.values().filter_map(|contact| contact.number.key()) {
            *sharers.entry(key).or_default() += 1;
        }
        Self {
            units,
            balances,
            sharers,
            credits: grouped(&ledger.credits, |credit| &credit.contact),
            bills: grouped(&ledger.bills, |bill| &bill.contact),
            empty_file: CustomerFile::default(),
            no_balances: Balances::new(),
        }
    }

    /// How many customers have a number.
    pub(super) fn sharers(&self, key: &NumberKey) -> usize {
        self.sharers.get(key).copied().unwrap_or_default()
    }

    /// One unit with all that concerns it.
    pub(super) fn unit(
        &'a self,
        (unit, open): (&'a Unit, &[&'a OpenInvoice]),
        (ledger, policies, history): (&'a Ledger, &'a Policies, &'a History),
        (zone, date, now): (&'a Zone, Date, Timestamp),
    ) -> UnitScene<'a> {
        let contact = ledger.contacts.get(&unit.contact);
        let balances = self.balances.get(&unit.contact).unwrap_or(&self.no_balances);
        let policy = match contact {
            Some(contact) => policies.for_contact(contact, balances),
            None => &policies.organisation_default,
        };
        let file = history.files.get(&unit.contact).unwrap_or(&self.empty_file);
        let recipient = contact.and_then(|contact| contact.number.key());
        let clock = clock_of(policy, contact, zone);
        let slot = policy.calendar.slot_by(&clock, date, zone, now);
        let mut scene = UnitScene {
            unit,
            slot: slot.map(|slot| slot.at),
            clock,
            contact,
            recipient,
            currency: unit.currency,
            open: open.to_vec(),
            credits: self.credits.get(&unit.contact).map_or(&[], Vec::as_slice),
            bills: self.bills.get(&unit.contact).map_or(&[], Vec::as_slice),
            last_paid_on: ledger.last_paid_on.get(unit).copied(),
            policy,
            file,
            past: history.reminders.get(&unit.contact).map_or(&[], Vec::as_slice),
            delivered: recipient.and_then(|key| history.delivered.get(key)).copied().unwrap_or_default(),
            zone,
            today: slot.map_or(date, |slot| slot.date),
            now,
            silent_until: None,
        };
        scene.silent_until = scene.silence_ends();
        scene
    }
}

/// Everything that a decision about one unit looks at.
pub(super) struct UnitScene<'a> {
    pub unit: &'a Unit,
    pub contact: Option<&'a Contact>,
    pub recipient: Option<&'a NumberKey>,
    pub currency: Currency,
    /// Its open invoices, whether chased or not.
    pub open: Vec<&'a OpenInvoice>,
    pub credits: &'a [&'a Credit],
    pub bills: &'a [&'a Bill],
    pub last_paid_on: Option<Date>,
    pub policy: &'a Policy,
    pub file: &'a CustomerFile,
    /// The customer's past reminders.
    pub past: &'a [SentReminder],
    /// How many messages reached the number, over all customers that have it.
    pub delivered: u8,
    /// The first instant of the organisation's day at which a message may go out.
    pub slot: Option<Timestamp>,
    /// Whose hours count.
    pub clock: SendClock,
    /// The organisation's zone.
    pub zone: &'a Zone,
    /// The recipient's date at the slot; without a slot the organisation's.
    pub today: Date,
    pub now: Timestamp,
    /// The first day after the last silence that ends by itself: a payment's, a snooze's or a promise's.
    pub silent_until: Option<Date>,
}

impl UnitScene<'_> {
    /// The first day after the grace of the last payment.
    pub(super) fn grace_ends(&self) -> Option<Date> {
        self.day_after(self.last_paid_on?, GRACE_DAYS)
    }

    /// The first allowed sending day after so many business days behind a date.
    pub(super) fn day_after(&self, date: Date, business_days: usize) -> Option<Date> {
        let calendar = &self.policy.calendar;
        (0..=business_days).try_fold(date, |day, _| calendar.next_allowed(day.saturating_add(1.day())))
    }

    fn silence_ends(&self) -> Option<Date> {
        let promises = self.promises();
        let promised = promises.iter().map(|promise| match promise.state {
            PromiseState::Missed { since: ends } | PromiseState::Open { until: ends } => ends,
        });
        let released = self.file.released_at.map(|at| self.zone.date(at));
        self.grace_ends().into_iter().chain(self.file.snoozed_until).chain(released).chain(promised).max()
    }
}

/// The clock of the number's country where the policy wants it and the country is known, else the organisation's.
fn clock_of(policy: &Policy, contact: Option<&Contact>, zone: &Zone) -> SendClock {
    let country = contact.and_then(|contact| match (&contact.number, policy.clock) {
        (ContactNumber::Usable { number, .. }, WhoseClock::Customer) => number.country(),
        (ContactNumber::Usable { .. } | ContactNumber::Unusable { .. } | ContactNumber::Missing, _) => None,
    });
    country.and_then(SendClock::of_country).unwrap_or_else(|| SendClock::of_zone(zone))
}

fn grouped<'a, T>(all: &'a [T], contact: impl Fn(&'a T) -> &'a ContactRef) -> BTreeMap<&'a ContactRef, Vec<&'a T>> {
    let mut groups: BTreeMap<&ContactRef, Vec<&T>> = BTreeMap::new();
    for one in all {
        groups.entry(contact(one)).or_default().push(one);
    }
    groups
}
