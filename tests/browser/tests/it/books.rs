//! A business with customers, invoices, a number, policies, a conversation and a plan that waits for its approval.

use jiff::{SignedDuration, Timestamp, ToSpan as _, civil::Date};
use numo_app::{
    count_receivables::count_receivables,
    situation::situation,
    store::{
        Store,
        figures::{CurrencyFigures, Figures},
        plan::{Made, PlanApproval},
        task::TaskAbout,
    },
};
use numo_domain::{
    calendar::{SendCalendar, Window},
    connection::{Connection, ConnectionStatus, LedgerProvider},
    contact::{Contact, ContactNumber, ContactRef, ContactStatus},
    figures::Responses,
    id::{ConnectionId, OrgId, PolicyId},
    invoice::{Invoice, InvoiceStatus, Marked},
    language::Language,
    money::Money,
    organisation::Attestation,
    phone::PhoneError,
    policy::{
        Policy, PolicyState, Step, StepId, Tone,
        audience::{Audience, Membership},
    },
    sender::{Sender, SenderStatus, Throughput},
    template::{AccountTemplate, texts_in},
};
use uuid::Uuid;

use crate::talk::talk;

/// The connection of its ledger.
pub(crate) const LEDGER: &str = "018f0000-0000-7000-8000-0000000000a1";

/// A policy for a group, which is a draft.
const GROUP: &str = "018f0000-0000-7000-8000-0000000000f1";

/// A name that would be markup, if anything let it be.
pub(crate) const MARKUP: &str = "<img src=x onerror=\"document.body.dataset.broken=1\"> Ltd";

/// Customers with what is overdue: name, number, minor units of dirhams, days since the due date.
const CUSTOMERS: [(&str, Number, i64, i64); 7] = [
    ("Acme Trading", Number::Usable("+971501234501"), 137_622, 3),
    ("Blue Crane Fit-out", Number::Usable("+971501234502"), 1_250_000, 21),
    ("Corniche Cafe", Number::Missing, 84_000, 12),
    ("Desert Rose Interiors", Number::Landline, 2_310_050, 75),
    (MARKUP, Number::Usable("+971501234505"), 50_000, 120),
    ("Falcon Logistics", Number::Usable("+971501234506"), 990_000, -12),
    // Overdue before reminders could begin.
    ("Gulf Stone Works", Number::Usable("+971501234507"), 3_300_000, 240),
];

enum Number {
    Usable(&'static str),
    Landline,
    Missing,
}

/// Fills the table for an organisation, as of now.
pub(crate) async fn fill(store: &Store, org: &OrgId, now: Timestamp) {
    let long_ago = now.checked_sub(SignedDuration::from_hours(24 * 200)).unwrap();
    let change = |profile: &mut numo_domain::organisation::Organisation| {
        profile.name = "Harbour Lane Trading".to_owned();
        profile.zone = "Asia/Dubai".parse().unwrap();
        profile.country = "AE".parse().ok();
        profile.base_currency = "AED".parse().ok();
        let by = "user_owner".parse().unwrap();
        profile.attestation = Some(Attestation { version: 2, by, at: long_ago, authorised_by: String::new() });
    };
    store.change_organisation(org, now, change).await.unwrap();
    store.save_connection(org, &ledger(long_ago, now), now).await.unwrap();
    store.save_sender(org, &sender(), now).await.unwrap();
    for text in texts_in(Language::English) {
        let template = AccountTemplate::approved(text.reference());
        store.save_template(org, &"100".parse().unwrap(), &template, now).await.unwrap();
    }
    // Whatever day and hour it is, something goes out.
    let calendar = SendCalendar { week: [Some(Window::whole_day()); 7], ..SendCalendar::office_hours() };
    let policy = Policy { state: PolicyState::Active, calendar, ..Policy::standard(long_ago) };
    store.save_policy(org, (&PolicyId::organisation_default(), 1), policy, long_ago).await.unwrap();
    let group = Policy {
        name: "Contractors".to_owned(),
        audience: Audience::Group { priority: 1, members: vec![Membership::LedgerGroup("Contractors".to_owned())] },
        steps: vec![Step { id: StepId::NEW, offset_days: 5, tone: Tone::Gentle, text: None }],
        ..Policy::standard(long_ago)
    };
    store.save_policy(org, (&GROUP.parse().unwrap(), 0), group, long_ago).await.unwrap();
    let zone: numo_domain::calendar::Zone = "Asia/Dubai".parse().unwrap();
    for (place, (name, number, minor, days)) in CUSTOMERS.iter().enumerate() {
        let contact = contact(place, name, number, long_ago);
        store.upsert_contact(org, None, &contact, now).await.unwrap();
        let due = zone.date(now).saturating_sub(days.days());
        let owed = invoice(place, &contact, *minor, due);
        store.upsert_invoice(org, None, &owed, now, long_ago).await.unwrap();
        if place == 1 {
            talk(store, org, (&contact, &owed), now).await;
        }
    }
    count_receivables(store, org, now).await.unwrap();
    store.keep_figures(org, &figures(zone.date(now), now)).await.unwrap();
    store.open_task(org, TaskAbout::ConsentEnds(ledger_id()), now).await.unwrap();
    let situation = situation(store, org, now).await.unwrap();
    let made = Made {
        making: Uuid::nil(),
        plan: &situation.plan(now),
        old_invoices: situation.undecided(now).len(),
        ledgers_read_at: &situation.ledgers_read_at,
        brakes: Vec::new(),
        approval: PlanApproval::Awaited,
    };
    store.save_plan(org, None, made, now).await.unwrap().unwrap();
}

fn ledger_id() -> ConnectionId {
    LEDGER.parse().unwrap()
}

fn ledger(connected_at: Timestamp, read_at: Timestamp) -> Connection {
    Connection {
        id: ledger_id(),
        provider: LedgerProvider::Xero,
        tenant: "tenant-1".parse().unwrap(),
        provider_connection: "link-1".parse().unwrap(),
        holder: "user-1".parse().unwrap(),
        name: "Harbour Lane Trading LLC".to_owned(),
        status: ConnectionStatus::Active,
        is_demo_company: false,
        connected_at,
        last_synced_at: Some(read_at),
        consent_ends_at: None,
        own_reminders: Some(true),
        sender: None,
        last_payment_on: None,
    }
}

fn sender() -> Sender {
    Sender {
        phone_number_id: "200".parse().unwrap(),
        waba: "100".parse().unwrap(),
        number: "+971509990000".parse().unwrap(),
        verified_name: "Harbour Lane Trading".to_owned(),
        status: SenderStatus::Ready,
        daily_limit: None,
        is_on_biz_app: false,
        throughput: Throughput::Standard,
        stopped_at: None,
        restriction: None,
        stopped_for: None,
        looked_at: None,
        heard_up_to: None,
    }
}

fn contact(place: usize, name: &str, number: &Number, updated_at: Timestamp) -> Contact {
    let number = match number {
        Number::Usable(number) => {
            ContactNumber::usable(number.parse().unwrap(), format!("key-{place}").parse().unwrap())
        }
        Number::Landline => ContactNumber::Unusable { why: PhoneError::NotMobile },
        Number::Missing => ContactNumber::Missing,
    };
    Contact {
        at: ContactRef { connection: ledger_id(), contact: format!("c-{place}").parse().unwrap() },
        name: name.to_owned(),
        status: ContactStatus::Active,
        number,
        first_key: None,
        typed: None,
        typed_before: None,
        payer: None,
        groups: Vec::new(),
        updated_at,
    }
}

fn invoice(place: usize, contact: &Contact, minor: i64, due: Date) -> Invoice {
    let amount = Money::new(minor, "AED".parse().unwrap());
    Invoice {
        id: format!("i-{place}").parse().unwrap(),
        contact: contact.at.clone(),
        number: format!("INV-10{place}"),
        status: InvoiceStatus::Open,
        issued: Some(due.saturating_sub(30.days())),
        due: Some(due),
        total: amount,
        remaining: amount,
        marked: Marked::Sent,
        expected_payment: None,
        paid: None,
        updated_at: contact.updated_at,
    }
}

/// Numbers of a year in which reminders brought more from month to month.
fn figures(today: Date, now: Timestamp) -> Figures {
    let first = today.first_of_month().saturating_sub(11.months());
    let months = |minor: i64| first.series(1.month()).take(12).zip((1..).map(move |n| n * minor)).collect();
    Figures {
        date: today,
        counted_at: now,
        sales_since: Some(first),
        has_too_many_invoices: false,
        currencies: vec![CurrencyFigures {
            currency: "AED".parse().unwrap(),
            owed: 4_821_672,
            days_sales_outstanding: Some(43),
            sales: months(410_000),
            collected: months(95_050),
        }],
        responses: vec![
            Responses { days: 30, sent: 64, delivered: 61, read: 48, replied: 22, paid: 29 },
            Responses { days: 90, sent: 170, delivered: 165, read: 131, replied: 57, paid: 92 },
        ],
        spent: None,
    }
}
