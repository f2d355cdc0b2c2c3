//! The planner's rules and acceptance cases, by name.

mod audiences;
mod backlog;
mod brakes;
mod channel;
mod choices;
mod conservation;
mod content;
mod cost;
mod entries;
mod holds;
mod library;
mod manual;
mod money;
mod owner;
mod pace;
mod part_payments;
mod promises;
mod properties;
mod reasons;
mod rechecks;
mod recipients;
mod releases;
mod repeats;
mod restored;
mod steps;
mod stopping;
mod thanks;
mod timing;
mod variants;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, ToSpan, civil::date};
use uuid::Uuid;

use super::*;
use crate::{
    calendar::{SendCalendar, Window},
    contact::{Contact, ContactNumber, ContactRef, ContactStatus},
    credit::{Bill, Credit, Receipts},
    customer_file::{BacklogChoice, CustomerFile, Start},
    fuse::{Fuse, FusedSend},
    id::{AttemptId, ConnectionId, NumberKey, PhoneNumberId},
    invoice::{Invoice, InvoiceStatus, Marked},
    language::Language,
    money::Money,
    organisation::{Attestation, Pause, PausedBy},
    phone::{PhoneError, PhoneNumber},
    plan::recheck::{Recheck, recheck},
    policy::{Policy, PolicyState, StepId, Tone},
    reminder::{Occasion, ReminderKey, ReminderState},
};

fn connection() -> ConnectionId {
    ConnectionId::new(Uuid::from_u128(1))
}

fn contact_ref(id: &str) -> ContactRef {
    ContactRef { connection: connection(), contact: id.parse().unwrap() }
}

fn key(number: &str) -> NumberKey {
    number.replace('+', "k").parse().unwrap()
}

fn contact(id: &str, number: &str) -> Contact {
    Contact {
        at: contact_ref(id),
        name: format!("Customer {id}"),
        status: ContactStatus::Active,
        number: ContactNumber::usable(number.parse().unwrap(), key(number)),
        first_key: Some(key(number)),
        typed: None,
        typed_before: None,
        payer: None,
        groups: Vec::new(),
        updated_at: Timestamp::UNIX_EPOCH,
    }
}

/// An invoice that was known long before it was due.
fn invoice(id: &str, contact: &str, due: Date, remaining: &str) -> OpenInvoice {
    let (code, amount) = remaining.split_once(' ').unwrap();
    let remaining = Money::parse_decimal(amount, code.parse().unwrap()).unwrap();
    let invoice = Invoice {
        id: id.parse().unwrap(),
        contact: contact_ref(contact),
        number: format!("INV-{id}"),
        status: InvoiceStatus::Open,
        issued: Some(due.saturating_sub(jiff::Span::new().days(30))),
        due: Some(due),
        total: remaining,
        remaining,
        marked: Marked::Sent,
        expected_payment: None,
        paid: None,
        updated_at: Timestamp::UNIX_EPOCH,
    };
    OpenInvoice { invoice, first_seen: Timestamp::UNIX_EPOCH, cycle: 1 }
}

fn sender(id: &str) -> PhoneNumberId {
    id.parse().unwrap()
}

/// Every purpose has an approved text in a language.
fn approved_in(language: Language) -> BTreeSet<(Language, Purpose)> {
    Purpose::ALL.map(|purpose| (language, purpose)).into()
}

impl History {
    /// Notes that one of our own numbers wrote to another one before.
    fn knows(&mut self, from: &str, number: &str) {
        self.known_numbers.entry(sender(from)).or_default().insert(key(number));
    }
}

fn ten_o_clock(day: Date) -> Timestamp {
    jiff::tz::TimeZone::UTC.to_timestamp(day.at(6, 0, 0, 0)).unwrap()
}

fn fused(day: Date) -> FusedSend {
    FusedSend { date: day, at: ten_o_clock(day), attempt: AttemptId::new(Uuid::nil()) }
}

#[derive(Debug, Clone)]
struct Case {
    organisation: Organisation,
    ledger: Ledger,
    policies: Policies,
    history: History,
    now: Timestamp,
}

/// Monday 23 November 2026, 10:00 in Dubai; one customer, ten days overdue with AED 400.
fn case() -> Case {
    let mut organisation = Organisation::new("org_a".parse().unwrap());
    organisation.zone = "Asia/Dubai".parse().unwrap();
    organisation.attestation = Some(Attestation {
        version: 1,
        by: "user_a".parse().unwrap(),
        at: Timestamp::UNIX_EPOCH,
        authorised_by: String::new(),
    });
    let mut policy = Policy::standard(Timestamp::UNIX_EPOCH);
    policy.state = PolicyState::Active;
    let mut ledger = Ledger::default();
    ledger.connections.insert(connection(), LedgerState::Readable);
    ledger.contacts.insert(contact_ref("c1"), contact("c1", "+971501234567"));
    ledger.invoices.push(invoice("1", "c1", date(2026, 11, 13), "AED 400"));
    let line = Line { state: ChannelState::Ready, approved: approved_in(Language::English), ..Line::default() };
    let line = Line { sender: Some(sender("201")), ..line };
    let channel = Channel { line, ..Channel::default() };
    let mut history = History { channel, ..History::default() };
    // Two messages reached the number before, so that every tone is allowed.
    history.delivered.insert(key("+971501234567"), 2);
    history.knows("201", "+971501234567");
    Case {
        organisation,
        ledger,
        policies: Policies { organisation_default: policy, others: Vec::new() },
        history,
        now: "2026-11-23T06:00:00Z".parse().unwrap(),
    }
}

impl Case {
    fn plan(&self) -> Plan {
        plan(&self.organisation, &self.ledger, &self.policies, &self.history, self.now)
    }

    /// `S3 AED 400.00` for a send, the codes for a skip; one entry per unit.
    fn told(&self) -> Vec<String> {
        self.plan()
            .decisions
            .iter()
            .map(|decision| match &decision.outcome {
                Outcome::Send(send) => format!("{} {}", send.occasion, send.total),
                Outcome::Skip { reasons } => reasons.iter().map(|r| r.code.code()).collect::<Vec<_>>().join(" "),
            })
            .collect()
    }

    /// Moves to ten o'clock of a day and tells what is decided.
    fn on(&mut self, day: Date) -> Vec<String> {
        self.now = ten_o_clock(day);
        self.told()
    }

    /// The reasons for the first unit's silence, with the day on which each ends.
    fn held(&self) -> Vec<(&'static str, Option<Date>)> {
        self.plan().decisions[0].reasons().iter().map(|reason| (reason.code.code(), reason.until)).collect()
    }

    /// Plans every day at ten o'clock and delivers what goes out; tells the days and the messages.
    fn run(&mut self, from: Date, to: Date) -> Vec<String> {
        let mut story = Vec::new();
        for day in from.series(1.day()).take_while(|day| *day <= to) {
            self.now = ten_o_clock(day);
            for decision in self.plan().decisions {
                let Some(send) = decision.send() else { continue };
                story.push(format!("{day} {} {} {}", decision.unit.contact.contact, send.occasion, send.total));
                self.deliver(&decision.unit, send, day);
            }
        }
        story
    }

    /// Puts a planned message into the history, as delivered.
    fn deliver(&mut self, unit: &Unit, send: &PlannedSend, day: Date) {
        let fuse = self.history.fuses.entry(send.recipient.clone()).or_default();
        *fuse = fuse.clone().with(fused(day));
        let sent = SentReminder {
            key: send.reminder_key(unit),
            state: ReminderState::Delivered,
            again_from: None,
            times_expired: 0,
            recipient: send.recipient.clone(),
            sender: sender("201"),
            sent_on: day,
            tone: send.tone,
            counted_from: send.counted_from,
            listed: send.lines.iter().map(|line| line.invoice.clone()).collect(),
            manual: false,
        };
        self.history.remember(unit.contact.clone(), sent);
    }

    fn policy(&mut self) -> &mut Policy {
        &mut self.policies.organisation_default
    }

    fn file(&mut self) -> &mut CustomerFile {
        self.history.files.entry(contact_ref("c1")).or_default()
    }

    fn first_invoice(&mut self) -> &mut OpenInvoice {
        &mut self.ledger.invoices[0]
    }

    fn choose(&mut self, invoice: &str, start: Start, on: Date) {
        self.file().backlog.insert(invoice.parse().unwrap(), BacklogChoice { start, on });
    }

    fn recheck(&self, planned: &PlannedSend) -> Recheck {
        let is_open = self
            .ledger
            .invoices
            .iter()
            .any(|invoice| invoice.invoice.id == planned.anchor && invoice.invoice.is_open());
        recheck(planned, self.plan().decisions.pop(), is_open)
    }

    /// Puts in a reminder of a step about invoice 1.
    fn sent(&mut self, step: u16, state: ReminderState, times_expired: usize) {
        self.reminded(Occasion::Step(StepId(step)), state, times_expired, date(2026, 11, 16));
    }

    fn reminded(&mut self, occasion: Occasion, state: ReminderState, times_expired: usize, sent_on: Date) {
        self.history.reminders.entry(contact_ref("c1")).or_default().push(SentReminder {
            key: ReminderKey {
                contact: contact_ref("c1"),
                currency: "AED".parse().unwrap(),
                anchor: "1".parse().unwrap(),
                cycle: 1,
                occasion,
            },
            again_from: state.may_be_claimed_again().then_some(Timestamp::MIN),
            state,
            times_expired,
            recipient: key("+971501234567"),
            sender: sender("201"),
            sent_on,
            tone: Tone::Gentle,
            counted_from: None,
            listed: vec!["1".parse().unwrap()],
            manual: false,
        });
    }
}
