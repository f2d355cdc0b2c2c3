//! What planning a day costs, and how that grows with the number of customers.

use std::{slice, time::Instant};

use jiff::{Timestamp, ToSpan, civil::Date};
use numo_domain::{
    contact::{Contact, ContactNumber, ContactRef, ContactStatus},
    id::{ConnectionId, NumberKey},
    invoice::{Invoice, InvoiceStatus, Marked},
    money::Money,
    organisation::{Attestation, Organisation},
    phone::CountryCode,
    plan::{
        Channel, ChannelState, History, Ledger, LedgerState, Line, OpenInvoice, SentReminder, decision::Plan, plan,
    },
    policy::{Policy, PolicyState, StepId, Tone, WhoseClock, audience::Policies, presets::Preset},
    reminder::{Occasion, ReminderKey, ReminderState},
    template::every_text,
};
use uuid::Uuid;

use crate::{Failure, row::Row};

/// How often everything is measured; the medians count.
const ROUNDS: usize = 9;

/// Customers of the business whose day is planned.
const CUSTOMERS: i64 = 10_000;

/// How many times larger the large business is, and how many of the others it is compared with: both plan as many
/// customers, and neither finds the memory of its last plan in the caches.
const TIMES: i64 = 10;

const INVOICES_EACH: i64 = 5;

/// A business whose numbers and amounts follow from the place of the customer.
struct Business {
    organisation: Organisation,
    ledger: Ledger,
    policies: Policies,
    history: History,
    now: Timestamp,
}

pub(crate) fn measure() -> Result<Vec<Row>, Failure> {
    let mut rows = Vec::new();
    for (clock, name) in [(WhoseClock::Organisation, "organisations_clock"), (WhoseClock::Customer, "customers_clock")]
    {
        let large = business(CUSTOMERS * TIMES, clock)?;
        let others = (0..TIMES).map(|_| business(CUSTOMERS, clock)).collect::<Result<Vec<_>, _>>()?;
        let (mut each_us, mut growths) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            // Side by side, since other work on the machine slows both.
            let (large_us, others_us) = (time_us(slice::from_ref(&large))?, time_us(&others)?);
            each_us.push(others_us / TIMES.unsigned_abs());
            growths.push(large_us * 100 * TIMES.unsigned_abs() / others_us.max(1));
        }
        rows.push(Row::new(format!("planner_us.{name}"), median(each_us), "us", 150_000));
        rows.push(Row::new(format!("planner_growth.{name}"), median(growths), "% for ten times the customers", 1_100));
    }
    Ok(rows)
}

/// How long planning these businesses takes, in microseconds.
///
/// The plans are kept until the end, so that ten of them need as much new memory as a large one.
fn time_us(businesses: &[Business]) -> Result<u64, Failure> {
    let start = Instant::now();
    let plans: Vec<Plan> = businesses.iter().map(Business::plan).collect();
    let took = start.elapsed();
    if plans.iter().any(|plan| plan.sends() == 0) {
        return Err("a plan without a message measures nothing".into());
    }
    Ok(u64::try_from(took.as_micros())?)
}

fn median(mut times: Vec<u64>) -> u64 {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn business(customers: i64, clock: WhoseClock) -> Result<Business, Failure> {
    let now: Timestamp = "2026-11-25T10:00:00Z".parse()?;
    let mut organisation = Organisation::new("org_bench".parse()?);
    organisation.zone = "Europe/London".parse()?;
    organisation.attestation = Some(Attestation {
        version: 1,
        by: "user_bench".parse()?,
        at: Timestamp::UNIX_EPOCH,
        authorised_by: String::new(),
    });
    let home: CountryCode = "GB".parse()?;
    let policy =
        Policy { state: PolicyState::Active, clock, ..Preset::Standard.policy(Some(home), Timestamp::UNIX_EPOCH) };
    let line = Line {
        state: ChannelState::Ready,
        sender: Some("201".parse()?),
        approved: every_text().map(|text| (text.language, text.purpose)).collect(),
        variants: every_text().map(|text| (text.language, text.purpose, text.variant)).collect(),
        ..Line::default()
    };
    let channel = Channel { line, ..Channel::default() };
    let mut business = Business {
        organisation,
        ledger: Ledger::default(),
        policies: Policies { organisation_default: policy, others: Vec::new() },
        history: History { channel, ..History::default() },
        now,
    };
    let connection = ConnectionId::new(Uuid::from_u128(1));
    business.ledger.connections.insert(connection, LedgerState::Readable);
    for place in 0..customers {
        business.add(place, connection)?;
    }
    Ok(business)
}

impl Business {
    fn plan(&self) -> Plan {
        plan(&self.organisation, &self.ledger, &self.policies, &self.history, self.now)
    }

    fn add(&mut self, place: i64, connection: ConnectionId) -> Result<(), Failure> {
        let at = ContactRef { connection, contact: uuid(place).to_string().parse()? };
        let number = format!("+44792{:07}", place);
        let key: NumberKey = format!("key-{place:032}").parse()?;
        self.ledger.contacts.insert(
            at.clone(),
            Contact {
                at: at.clone(),
                name: format!("Customer {place}"),
                status: ContactStatus::Active,
                number: ContactNumber::usable(number.parse()?, key.clone()),
                first_key: Some(key.clone()),
                typed: None,
                typed_before: None,
                payer: None,
                groups: Vec::new(),
                updated_at: Timestamp::UNIX_EPOCH,
            },
        );
        for count in 0..INVOICES_EACH {
            self.ledger.invoices.push(invoice(place * INVOICES_EACH + count, &at)?);
        }
        // Every other customer was written to about the oldest invoice.
        if place % 2 == 0 {
            let anchor: numo_domain::id::ExternalId = uuid(place * INVOICES_EACH).to_string().parse()?;
            let listed = vec![anchor.clone()];
            let sent = SentReminder {
                key: ReminderKey {
                    contact: at.clone(),
                    currency: "GBP".parse()?,
                    anchor,
                    cycle: 1,
                    occasion: Occasion::Step(StepId(2)),
                },
                state: ReminderState::Read,
                again_from: None,
                times_expired: 0,
                recipient: key,
                sender: "201".parse()?,
                sent_on: Date::new(2026, 11, 10)?,
                tone: Tone::Gentle,
                counted_from: None,
                listed,
                manual: false,
            };
            self.history.remember(at, sent);
        }
        Ok(())
    }
}

/// Due between two months ago and one month ahead.
fn invoice(place: i64, at: &ContactRef) -> Result<OpenInvoice, Failure> {
    let due = Date::new(2026, 9, 25)?.checked_add((place * 7 % 90).days())?;
    let owed = Money::new(10_000 + place % 1_000, "GBP".parse()?);
    let invoice = Invoice {
        id: uuid(place).to_string().parse()?,
        contact: at.clone(),
        number: format!("INV-{place:06}"),
        status: InvoiceStatus::Open,
        issued: Some(due.checked_sub(30.days())?),
        due: Some(due),
        total: owed,
        remaining: owed,
        marked: Marked::Sent,
        expected_payment: None,
        paid: None,
        updated_at: Timestamp::UNIX_EPOCH,
    };
    Ok(OpenInvoice { invoice, first_seen: "2026-01-05T09:00:00Z".parse()?, cycle: 1 })
}

/// Ids of a ledger; the table lists customers and their invoices in the order of the customers' ids.
fn uuid(place: i64) -> Uuid {
    Uuid::from_u128(u128::from(place.unsigned_abs()) << 64)
}
