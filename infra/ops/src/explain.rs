//! Why somebody was, is or is not reminded.
//!
//! What is told has ids, dates, states and codes: no name, number, text or amount.

use clap::Args;
use jiff::{Timestamp, civil::Date};
use numo_app::{
    error::AppError,
    explain_day::{Decided, Explained},
    operator::explain::{About, ExplainedCustomer, Explanation, explain as explain_to},
};
use numo_domain::{
    consent::{Consent, ConsentSource, ConsentState},
    id::OrgId,
    organisation::PausedBy,
    phone::PhoneNumber,
    plan::{decision::Decision, reason::Reason},
    reminder::{Reminder, ReminderState},
};
use serde::Serialize;

use crate::{
    command::Signed,
    means::{Means, Need},
};

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The organisation, by its id
    #[arg(long, value_name = "ORG")]
    organisation: OrgId,
    /// Whoever owes this invoice, by its id or its printed number
    #[arg(long, value_name = "ID", required_unless_present = "number", conflicts_with = "number")]
    invoice: Option<String>,
    /// Whoever has a telephone number, which is asked for: as an argument it would be in lists of processes
    #[arg(long)]
    number: bool,
    /// The day, by the organisation's date; today unless given
    #[arg(long, value_name = "YYYY-MM-DD")]
    on: Option<Date>,
    #[command(flatten)]
    signed: Signed,
}

impl Explain {
    pub(crate) fn question(&self) -> Option<String> {
        self.number.then(|| "Telephone number, with + and country code: ".to_owned())
    }

    pub(crate) fn needs(&self) -> &'static [Need] {
        if self.number { &[Need::NumberKeys] } else { &[] }
    }
}

pub(crate) async fn explain(means: &Means, asked: &Explain, typed: &str, now: Timestamp) -> Result<String, AppError> {
    let org = &asked.organisation;
    let about = match &asked.invoice {
        Some(invoice) => About::Invoice(invoice.clone()),
        None => {
            let wrong = "a whole number with + and country code is needed; nothing was looked up";
            let number = typed.trim().parse::<PhoneNumber>().or(Err(AppError::invalid("number", wrong)))?;
            About::Number(means.number_keys()?.key(org, &number)?)
        }
    };
    let told = explain_to(&means.operator, org, asked.signed.both(), (&about, asked.on), now).await?;
    let lines = gates(org, &told, now).into_iter().chain(number(&about, &told));
    Ok(lines.chain(told.customers.iter().flat_map(|one| customer(one, told.day))).collect::<Vec<_>>().join("\n"))
}

fn gates(org: &OrgId, told: &Explanation, now: Timestamp) -> Vec<String> {
    let mut lines = vec![format!("{org} on {}", told.day)];
    if told.is_restored {
        lines.push("everybody: the table was restored and not taken over, nothing goes out".to_owned());
    }
    if let Some(stop) = &told.gate.stop {
        lines.push(format!("everybody: stopped since {}", stop.since));
    }
    if let Some(until) = told.gate.parked_until.filter(|until| *until > now) {
        lines.push(format!("everybody: Meta wants no message before {until}"));
    }
    lines.push(match &told.pause {
        None => "organisation: not paused".to_owned(),
        Some(pause) => {
            let by = match pause.by {
                PausedBy::Member(_) => "its own people",
                PausedBy::Operator => "operators",
            };
            let until = pause.until.map(|until| format!(" until {until}")).unwrap_or_default();
            format!("organisation: paused by {by} since {}{until}", pause.since)
        }
    });
    lines.extend(told.connections.iter().map(|connection| {
        let read = connection.last_synced_at.map_or("never read".to_owned(), |at| format!("read at {at}"));
        format!("ledger {}: {} {}, {read}", connection.id, connection.provider.as_str(), name(&connection.status))
    }));
    lines
}

fn number(about: &About, told: &Explanation) -> Vec<String> {
    let mut lines = Vec::new();
    match about {
        About::Number(_) => {
            lines.extend(told.number.iter().map(|consent| format!("the number said: {}", said(consent))));
            if told.customers.is_empty() {
                lines.push("no customer has this number".to_owned());
            }
        }
        About::Invoice(_) if told.customers.is_empty() => lines.push("no such invoice".to_owned()),
        About::Invoice(_) => {}
    }
    lines
}

fn customer(told: &ExplainedCustomer, day: Date) -> Vec<String> {
    let mut lines = vec![format!("customer {}/{}", told.contact.connection, told.contact.contact)];
    lines.extend(told.invoices.iter().map(|known| {
        let (invoice, due) =
            (&known.invoice, known.invoice.due.map_or("no due date".to_owned(), |due| due.to_string()));
        let (status, read_at) = (name(&invoice.status), known.read_at);
        format!("  invoice {}: {status}, due {due}, first seen {}, read {read_at}", invoice.id, known.first_seen)
    }));
    lines.push(format!("  consent: {}", told.answer.as_str()));
    lines.extend(told.said.iter().map(|consent| format!("    {}", said(consent))));
    lines.extend(decided(&told.explained, day).into_iter().map(|line| format!("  {line}")));
    lines.extend(told.reminders.iter().map(|sent| format!("  {}", reminder(sent))));
    lines
}

fn said(consent: &Consent) -> String {
    let state = match consent.state {
        ConsentState::OptedOut => "opted_out",
        ConsentState::OptedIn => "opted_in",
    };
    let by = consent.history.last().map_or("unknown", |change| match change.by {
        ConsentSource::Message => "message",
        ConsentSource::Button => "button",
        ConsentSource::Admin => "admin",
        ConsentSource::Import { .. } => "import",
    });
    format!("{state} since {}, by {by}", consent.changed_at)
}

fn decided(explained: &Explained, day: Date) -> Vec<String> {
    match explained {
        Explained::Decided(Decided { decisions, is_approved }) => {
            let approved = if *is_approved { "approved" } else { "not approved" };
            let decisions = decisions.iter().map(|(decision, cancelled)| match cancelled {
                None => shown(decision),
                Some(why) => {
                    format!("  {}: taken back at {}: {}", decision.unit.currency, why.at, reasons(&why.reasons))
                }
            });
            std::iter::once(format!("plan of {day}, {approved}")).chain(decisions).collect()
        }
        Explained::Ahead(decisions) => {
            let ahead = format!("no plan of {day} yet; as it looks now");
            std::iter::once(ahead).chain(decisions.iter().map(shown)).collect()
        }
        Explained::NothingOpen => vec![format!("{day}: nothing was open")],
        Explained::NotPlanned => vec![format!("{day}: no plan was made")],
        Explained::UnknownUntil(since) => vec![format!("{day}: not known before {since}")],
        Explained::TooFarAway(last) => vec![format!("{day}: a look ahead goes until {last}")],
    }
}

fn shown(decision: &Decision) -> String {
    let currency = decision.unit.currency;
    match decision.send() {
        Some(send) => format!("  {currency}: send {} about {} at {}", send.occasion, send.anchor, send.at),
        None => format!("  {currency}: silence: {}", reasons(decision.reasons())),
    }
}

fn reasons(reasons: &[Reason]) -> String {
    let told = reasons.iter().map(|reason| match reason.until {
        Some(until) => format!("{} until {until}", reason.code.code()),
        None => reason.code.code().to_owned(),
    });
    told.collect::<Vec<_>>().join(", ")
}

fn reminder(sent: &Reminder) -> String {
    let known = sent.history.iter().map(|change| format!("{} {}", state(&change.state), change.at));
    let states: Vec<String> = std::iter::once(format!("claimed {}", sent.claimed_at)).chain(known).collect();
    let (key, by) = (&sent.key, if sent.asked_by.is_some() { ", asked for by a member" } else { "" });
    format!(
        "reminder {} about {} in {} of {}, attempt {}{by}: {}",
        key.occasion,
        key.anchor,
        key.currency,
        sent.date,
        sent.attempt_number,
        states.join(", ")
    )
}

fn state(state: &ReminderState) -> String {
    state.code().map_or(state.name().to_owned(), |code| format!("{} {code}", state.name()))
}

/// The word for a value of a closed list, as the API and the table have it.
fn name(value: &impl Serialize) -> String {
    let word = serde_json::to_value(value).ok();
    word.as_ref().and_then(serde_json::Value::as_str).unwrap_or("unknown").to_owned()
}

#[cfg(test)]
mod tests {
    use numo_domain::{
        connection::{Connection, ConnectionStatus, LedgerProvider},
        contact::{Contact, ContactNumber, ContactRef, ContactStatus},
        id::ConnectionId,
        invoice::{Invoice, InvoiceStatus, Marked},
        money::Money,
    };

    use super::*;
    use crate::{
        command::{
            carry_out,
            tests::{command, is_refused, now, says, says_to},
        },
        means::tests::Stage,
    };

    const NUMBER: &str = "+971501234567";

    fn contact() -> ContactRef {
        let connection: ConnectionId = "018f0000-0000-7000-8000-000000000002".parse().unwrap();
        ContactRef { connection, contact: "c-1".parse().unwrap() }
    }

    /// A business with a customer who owes, and whom nobody may write to yet.
    async fn business() -> Stage {
        let (means, org): (Stage, OrgId) = (Stage::new(), "org_a".parse().unwrap());
        let (store, since) = (&means.operator.store, "2026-10-01T08:00:00Z".parse().unwrap());
        store.change_organisation(&org, since, |profile| profile.name = "Harbour Lane".to_owned()).await.unwrap();
        let ledger = Connection {
            id: contact().connection,
            provider: LedgerProvider::Xero,
            tenant: "tenant-a".parse().unwrap(),
            provider_connection: "link-a".parse().unwrap(),
            holder: "holder-a".parse().unwrap(),
            name: "Harbour Lane".to_owned(),
            status: ConnectionStatus::ReauthRequired,
            is_demo_company: false,
            connected_at: since,
            last_synced_at: Some("2026-11-24T05:30:00Z".parse().unwrap()),
            consent_ends_at: None,
            own_reminders: None,
            sender: None,
            last_payment_on: None,
        };
        store.save_connection(&org, &ledger, since).await.unwrap();
        let number = NUMBER.parse().unwrap();
        let key = means.number_keys().unwrap().key(&org, &number).unwrap();
        let customer = Contact {
            at: contact(),
            name: "Acme Trading".to_owned(),
            status: ContactStatus::Active,
            number: ContactNumber::usable(number, key.clone()),
            first_key: Some(key),
            typed: None,
            typed_before: None,
            payer: None,
            groups: vec!["Slow payers".to_owned()],
            updated_at: Timestamp::UNIX_EPOCH,
        };
        store.upsert_contact(&org, None, &customer, since).await.unwrap();
        let owed = Money::new(43_217, "AED".parse().unwrap());
        let invoice = Invoice {
            id: "i-1".parse().unwrap(),
            contact: contact(),
            number: "INV-1".to_owned(),
            status: InvoiceStatus::Open,
            issued: "2026-10-21".parse().ok(),
            due: "2026-11-21".parse().ok(),
            total: owed,
            remaining: owed,
            marked: Marked::Sent,
            expected_payment: None,
            paid: None,
            updated_at: Timestamp::UNIX_EPOCH,
        };
        store.upsert_invoice(&org, None, &invoice, since, since).await.unwrap();
        means
    }

    const ASKED: &str = "explain --organisation org_a --by ann --reason ticket-4711";

    const TOLD: &str = "\
org_a on 2026-11-24
organisation: not paused
ledger 018f0000-0000-7000-8000-000000000002: xero reauth_required, read at 2026-11-24T05:30:00Z
customer 018f0000-0000-7000-8000-000000000002/c-1
  invoice i-1: open, due 2026-11-21, first seen 2026-10-01T08:00:00Z, read 2026-10-01T08:00:00Z
  consent: none
  no plan of 2026-11-24 yet; as it looks now
    AED: silence: policy_inactive, no_consent_basis, reconnect_needed, template_unusable";

    #[tokio::test]
    async fn a_silence_is_explained_by_ids_dates_and_codes_alone() {
        let means = business().await;
        assert_eq!(says(&means, &format!("{ASKED} --invoice INV-1")).await, TOLD);
        let by_number = says_to(&means, &format!("{ASKED} --number"), &format!("{NUMBER}\n")).await;
        let without_invoice = TOLD.lines().filter(|line| !line.contains("invoice")).collect::<Vec<_>>().join("\n");
        assert_eq!(by_number, without_invoice);
        for personal in ["Acme", "Harbour", "Slow", "1234567", "432", "INV-1"] {
            assert!(!TOLD.contains(personal) && !by_number.contains(personal), "{personal}");
        }
    }

    #[tokio::test]
    async fn what_holds_up_everybody_is_told_first() {
        let means = business().await;
        says(&means, "stop --everybody --by ann --reason outage").await;
        says(&means, "stop --organisation org_a --until 2026-12-01 --by ann --reason complaint").await;
        let told = says(&means, &format!("{ASKED} --invoice i-1 --on 2026-11-25")).await;
        let gates: Vec<&str> = told.lines().take(3).collect();
        let expected = [
            "org_a on 2026-11-25",
            "everybody: stopped since 2026-11-24T06:00:00Z",
            "organisation: paused by operators since 2026-11-24T06:00:00Z until 2026-12-01",
        ];
        assert_eq!(gates, expected);
    }

    #[tokio::test]
    async fn a_number_is_typed_and_a_wrong_one_looks_up_nothing() {
        let asked = format!("{ASKED} --number");
        let question = "Telephone number, with + and country code: ";
        assert_eq!(command(&asked).question().as_deref(), Some(question));
        assert_eq!(command(&asked).needs(), [Need::NumberKeys]);
        assert_eq!(command(&format!("{ASKED} --invoice i-1")).question(), None);
        let means = business().await;
        let refused = carry_out(&means, command(&asked), "0501234567", now()).await.unwrap_err();
        let message = "number: a whole number with + and country code is needed; nothing was looked up";
        assert_eq!(refused.to_string(), message);
        let nobody = says_to(&means, &asked, "+971501234599").await;
        assert_eq!(nobody.lines().last(), Some("no customer has this number"));
        let nothing = says(&means, &format!("{ASKED} --invoice i-9")).await;
        assert_eq!(nothing.lines().last(), Some("no such invoice"));
        for words in [ASKED.to_owned(), format!("{ASKED} --invoice i-1 --number"), format!("{ASKED} --number +971501")]
        {
            assert!(is_refused(&words), "{words}");
        }
    }

    #[test]
    fn a_reminder_is_told_with_every_state_it_had() {
        let at: Timestamp = "2026-11-24T09:00:00Z".parse().unwrap();
        let change = |state, second: i64| numo_domain::reminder::state_change::StateChange {
            state,
            at: Timestamp::from_second(at.as_second() + second).unwrap(),
        };
        let sent = Reminder {
            key: numo_domain::reminder::ReminderKey {
                contact: contact(),
                currency: "AED".parse().unwrap(),
                anchor: "i-1".parse().unwrap(),
                cycle: 1,
                occasion: numo_domain::reminder::Occasion::Step(numo_domain::policy::StepId(3)),
            },
            date: "2026-11-24".parse().unwrap(),
            attempt: "018f0000-0000-7000-8000-000000000003".parse().unwrap(),
            attempt_number: 1,
            claimed_at: at,
            state: ReminderState::Failed { code: 131_026 },
            history: vec![change(ReminderState::Accepted, 1), change(ReminderState::Failed { code: 131_026 }, 9)],
            message: None,
            recipient: "key-1".parse().unwrap(),
            sender: "200".parse().unwrap(),
            tone: numo_domain::policy::Tone::Friendly,
            counted_from: None,
            listed: vec!["i-1".parse().unwrap()],
            asked_by: None,
            cost: None,
            report: numo_domain::delivery_report::DeliveryReport::default(),
            earlier: std::collections::BTreeMap::new(),
            expired_before: 0,
        };
        let told = "reminder S3 about i-1 in AED of 2026-11-24, attempt 1: claimed 2026-11-24T09:00:00Z, \
                    accepted 2026-11-24T09:00:01Z, failed 131026 2026-11-24T09:00:09Z";
        assert_eq!(reminder(&sent), told);
    }
}
