//! A business that lives through its days: what is planned in the morning happens, and is known the day after.

use std::{collections::BTreeMap, mem};

use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date};
use numo_domain::{
    calendar::Minute,
    contact::ContactRef,
    fuse::FusedSend,
    id::{AttemptId, ExternalId, NumberKey},
    invoice::{Invoice, InvoiceStatus, Marked},
    money::Money,
    plan::{
        ChannelState, History, Ledger, LedgerState, OpenInvoice, SentReminder,
        decision::{Plan, PlannedSend, Unit},
        plan,
    },
    reminder::{ReminderKey, ReminderState},
    template::Purpose,
};
use uuid::Uuid;

use crate::{
    business::{Business, CONNECTION, NewInvoice, contact, customer_ref},
    dice::Dice,
    habits::{Planned, future},
};

/// Everything there is to know about a business on a day.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) business: Business,
    pub(crate) ledger: Ledger,
    pub(crate) history: History,
    pub(crate) today: Date,
    pub(crate) now: Timestamp,
    /// What happened, in words.
    pub(crate) notes: Vec<(Date, ContactRef, String)>,
    /// Every message that Meta took: to whom, when.
    pub(crate) taken: Vec<(NumberKey, Date)>,
    pub(crate) calendar: BTreeMap<Date, Vec<Planned>>,
    pub(crate) dice: Dice,
}

/// How a message in doubt ends.
#[derive(Debug, Clone)]
pub(crate) struct Fate {
    key: ReminderKey,
    state: ReminderState,
}

/// Of quiet days one in so many is planned all the same.
const LOOK_ANYWAY: i16 = 30;

impl World {
    pub(crate) fn new(business: Business, seed: u64) -> Self {
        let mut ledger = Ledger::default();
        ledger.connections.insert(CONNECTION, LedgerState::Readable);
        for (place, customer) in business.customers.iter().enumerate() {
            ledger.contacts.insert(customer_ref(place), contact(place, customer));
        }
        let mut history = History::default();
        history.channel.line.state = ChannelState::Ready;
        history.channel.line.sender = "201".parse().ok();
        history.channel.line.approved =
            Purpose::ALL.map(|purpose| (numo_domain::language::Language::English, purpose)).into();
        history.channel.line.variants =
            numo_domain::template::every_text().map(|text| (text.language, text.purpose, text.variant)).collect();
        let mut calendar: BTreeMap<Date, Vec<Planned>> = BTreeMap::new();
        for new in &business.invoices {
            calendar.entry(new.day).or_default().push(Planned::Invoice(*new));
        }
        Self {
            business,
            ledger,
            history,
            today: Date::ZERO,
            now: Timestamp::UNIX_EPOCH,
            notes: Vec::new(),
            taken: Vec::new(),
            calendar,
            dice: Dice::new(seed),
        }
    }

    /// Lives from one day to another, planning once a day at a time of it, and shows each plan before it happens.
    ///
    /// Whoever watches names the next day on which something may go out. Until then days without an event pass
    /// unplanned, but for one now and then, which shows that nothing would have gone out.
    pub(crate) fn live(&mut self, from: Date, to: Date, time: Minute, mut watch: impl FnMut(&Self, &Plan) -> Date) {
        let mut next = from;
        for day in from.series(1.day()).take_while(|day| *day <= to) {
            self.today = day;
            self.now = self.business.organisation.zone.instant(day, time).unwrap();
            let planned = self.calendar.remove(&day).unwrap_or_default();
            let is_quiet = planned.is_empty() && day < next && !self.may_thank();
            if is_quiet && day.day_of_year() % LOOK_ANYWAY != 0 {
                continue;
            }
            for planned in planned {
                self.happens(planned);
            }
            self.history.channel.spent_this_month = self.spent();
            let Business { organisation, policies, .. } = &self.business;
            let plan = plan(organisation, &self.ledger, policies, &self.history, self.now);
            assert!(!is_quiet || plan.sends() == 0, "{day}: a message goes out before {next}: {plan:#?}");
            next = watch(self, &plan);
            for decision in &plan.decisions {
                if let Some(send) = decision.send() {
                    self.send(&decision.unit, send);
                }
            }
        }
    }

    /// What the messages of the month cost up to now, in millionths.
    fn spent(&self) -> u64 {
        let Some(cap) = &self.business.organisation.cost_cap else { return 0 };
        let past = self.history.reminders.values().flatten();
        let of_month = past.filter(|past| past.sent_on.first_of_month() == self.today.first_of_month());
        let billed = of_month.filter(|past| past.state.is_billed());
        billed.map(|_| cap.card().cost_to(None).millionths).sum()
    }

    fn happens(&mut self, planned: Planned) {
        match planned {
            Planned::Invoice(new) => self.invoice(new),
            Planned::Event { invoice, event } => self.event(&invoice, event),
            Planned::Fate(fate) => self.ends(&fate),
        }
    }

    fn invoice(&mut self, NewInvoice { customer: place, due, currency, .. }: NewInvoice) {
        let habit = self.business.customers.get(place).unwrap().habit;
        let number = self.ledger.invoices.len() + 1;
        let total = Money::new(self.dice.between(3_000, 900_000), currency);
        let id: ExternalId = format!("i{number}").parse().unwrap();
        let invoice = Invoice {
            id: id.clone(),
            contact: customer_ref(place),
            number: format!("INV-{number:03}"),
            status: InvoiceStatus::Open,
            issued: Some(self.today),
            due: Some(due),
            total,
            remaining: total,
            marked: Marked::Sent,
            expected_payment: None,
            paid: None,
            updated_at: self.now,
        };
        self.note(&invoice.contact.clone(), format!("{} over {total} is issued, due {due}.", invoice.number));
        self.ledger.invoices.push(OpenInvoice { invoice, first_seen: self.now, cycle: 1 });
        let starts = self.today.saturating_add(2.days());
        let mut events = future(habit, due, &mut self.dice);
        events.push((starts, crate::habits::Event::Starts));
        for (day, event) in events.into_iter().filter(|(day, _)| *day > self.today) {
            self.calendar.entry(day).or_default().push(Planned::Event { invoice: id.clone(), event });
        }
    }

    pub(crate) fn note(&mut self, who: &ContactRef, what: String) {
        self.notes.push((self.today, who.clone(), what));
    }

    /// The message goes to Meta, and mostly arrives.
    fn send(&mut self, unit: &Unit, send: &PlannedSend) {
        let key = send.reminder_key(unit);
        let (state, later) = match self.dice.between(1, 1000) {
            1..=880 => (ReminderState::Delivered, None),
            881..=930 => (ReminderState::Accepted, Some(ReminderState::Expired)),
            931..=950 => (ReminderState::Unknown, Some(ReminderState::Read)),
            951..=970 => (ReminderState::Sent, Some(ReminderState::Delivered)),
            971..=985 => (ReminderState::Failed { code: 131_049 }, None),
            986..=988 => (ReminderState::Failed { code: 131_026 }, None),
            989..=990 => (ReminderState::Failed { code: 131_042 }, None),
            _ => (ReminderState::NotSent { code: 130_429 }, None),
        };
        if !matches!(state, ReminderState::NotSent { .. }) {
            let sent = FusedSend { date: self.today, at: send.at, attempt: AttemptId::new(Uuid::nil()) };
            let fuse = self.history.fuses.entry(send.recipient.clone()).or_default();
            *fuse = mem::take(fuse).with(sent);
            self.taken.push((send.recipient.clone(), self.today));
        }
        if let Some(state) = later {
            let day = self.today.saturating_add(self.dice.between(1, 3).days());
            self.calendar.entry(day).or_default().push(Planned::Fate(Fate { key: key.clone(), state }));
        }
        let past = self.history.reminders.entry(unit.contact.clone()).or_default();
        let before = past.iter().position(|past| past.key == key).map(|place| past.remove(place));
        let is_refused_anew = before.as_ref().is_some_and(|before| before.again_from.is_some());
        let after_a_day = send.at.checked_add(SignedDuration::from_hours(24)).ok();
        let again_from = match state == (ReminderState::Failed { code: 131_049 }) {
            true => after_a_day.filter(|_| !is_refused_anew),
            false => state.may_be_claimed_again().then_some(Timestamp::MIN),
        };
        past.push(SentReminder {
            key,
            state,
            again_from,
            times_expired: before.filter(|b| b.recipient == send.recipient).map_or(0, |before| before.times_expired),
            recipient: send.recipient.clone(),
            sender: self.history.channel.line_for(unit.contact.connection).sender.clone().unwrap(),
            sent_on: self.today,
            tone: send.tone,
            counted_from: send.counted_from,
            listed: send.lines.iter().map(|line| line.invoice.clone()).collect(),
            manual: false,
        });
        self.count_again();
    }

    /// Whether money came in lately for which a policy thanks, on whichever of the next days.
    fn may_thank(&self) -> bool {
        let policies = &self.business.policies;
        let thanks = policies.organisation_default.thank_you || policies.others.iter().any(|other| other.thank_you);
        let mut recent = self.ledger.receipts.values().filter_map(|receipts| receipts.recent.last());
        thanks && recent.any(|receipt| self.now.duration_since(receipt.seen_at) < SignedDuration::from_hours(14 * 24))
    }

    fn ends(&mut self, Fate { key, state }: &Fate) {
        let past = self.history.reminders.get_mut(&key.contact).unwrap();
        let reminder = past.iter_mut().find(|past| past.key == *key).unwrap();
        reminder.state = state.clone();
        reminder.again_from = state.may_be_claimed_again().then_some(Timestamp::MIN);
        if *state == ReminderState::Expired {
            reminder.times_expired += 1;
            self.note(&key.contact, "The message was not delivered in time.".to_owned());
        }
        self.count_again();
    }

    /// Tells the history anew what reached whom.
    fn count_again(&mut self) {
        self.history.delivered.clear();
        self.history.known_numbers.clear();
        for (customer, reminders) in mem::take(&mut self.history.reminders) {
            for past in reminders {
                self.history.remember(customer.clone(), past);
            }
        }
    }
}
