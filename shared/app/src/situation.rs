//! What a plan looks at, read from the table.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use numo_domain::{
    connection::{Connection, ConnectionStatus},
    contact::{ContactRef, Payers},
    credit::{Bill, Credit},
    id::OrgId,
    invoice::Invoice,
    organisation::Organisation,
    plan::{
        Channel, ChannelState, History, Ledger, LedgerState, OpenInvoice,
        decision::{Plan, PlannedSend, Unit},
        plan,
    },
    policy::audience::Policies,
    sender::{Sender, SenderStatus},
    template::{AccountTemplate, PACK, TemplateStatus},
};

use crate::{
    error::AppError,
    store::{Store, reminder::grounds::Grounds},
};

/// Everything that the planner takes, except the time.
#[derive(Debug)]
pub struct Situation {
    /// The organisation.
    pub organisation: Organisation,
    /// Customers and open invoices.
    pub ledger: Ledger,
    /// Its policies.
    pub policies: Policies,
    /// What happened before.
    pub history: History,
}

impl Situation {
    /// The plan at an instant.
    pub fn plan(&self, now: Timestamp) -> Plan {
        plan(&self.organisation, &self.ledger, &self.policies, &self.history, now)
    }
}

/// Numbers and invoices that were not read for this long are not believed any more.
const BELIEVED_FOR: SignedDuration = SignedDuration::from_hours(12);

/// The situation of all customers of an organisation.
pub async fn situation(store: &Store, org: &OrgId, now: Timestamp) -> Result<Situation, AppError> {
    let mut frame = frame(store, org, now).await?;
    let contacts = store.contacts(org).await?;
    let payers = Payers::of(&contacts);
    let pays = |contact: &ContactRef| payers.payer_of(contact);
    frame.ledger.contacts = contacts.iter().map(|contact| (contact.at.clone(), contact.clone())).collect();
    frame.ledger.invoices = store.chased_invoices(org).await?.into_iter().map(|open| owed_by(open, &payers)).collect();
    let credits = store.open_credits(org).await?.into_iter();
    frame.ledger.credits = credits.map(|credit| Credit { contact: pays(&credit.contact), ..credit }).collect();
    let bills = store.open_bills(org).await?.into_iter();
    frame.ledger.bills = bills.map(|bill| Bill { contact: pays(&bill.contact), ..bill }).collect();
    for (unit, on) in store.last_payments(org).await? {
        let unit = Unit { contact: pays(&unit.contact), currency: unit.currency };
        let latest = frame.ledger.last_paid_on.entry(unit).or_insert(on);
        *latest = on.max(*latest);
    }
    for (contact, file) in store.customer_files(org).await? {
        frame.history.files.entry(pays(&contact)).or_default().absorb(&file);
    }
    frame.history.consents = store.consents(org).await?;
    frame.history.fuses = store.fuses(org).await?.into_iter().collect();
    let reminders = store.reminders(org).await?;
    let today = frame.organisation.zone.date(now);
    frame.history.channel.count_today(&reminders, today);
    for reminder in &reminders {
        frame.history.remember(pays(&reminder.key.contact), reminder.into());
    }
    Ok(frame)
}

/// An invoice under whoever owes it today: those of a contact that was merged are its payer's.
pub(crate) fn owed_by(open: OpenInvoice, payers: &Payers) -> OpenInvoice {
    let contact = payers.payer_of(&open.invoice.contact);
    OpenInvoice { invoice: Invoice { contact, ..open.invoice }, ..open }
}

impl Situation {
    /// Puts in what one planned send rests on; what the ledger says is for the caller to fill in.
    pub(crate) fn narrow(&mut self, grounds: &Grounds, (unit, planned): (&Unit, &PlannedSend), payers: &Payers) {
        self.organisation = grounds.organisation.clone();
        self.policies = grounds.policies.clone();
        self.ledger.contacts = grounds.contact.iter().map(|contact| (contact.at.clone(), contact.clone())).collect();
        self.ledger.last_paid_on = grounds.last_paid_on.iter().map(|on| (unit.clone(), *on)).collect();
        self.history = History {
            consents: grounds.basis.consents(),
            files: BTreeMap::from([(unit.contact.clone(), grounds.file.clone())]),
            fuses: grounds.basis.fuse().into_iter().collect(),
            channel: self.history.channel.clone(),
            ..History::default()
        };
        for reminder in &grounds.reminders {
            self.history.remember(payers.payer_of(&reminder.key.contact), reminder.into());
        }
        // Messages about what is settled are not read again; they reached the number all the same.
        self.history.delivered.insert(planned.recipient.clone(), planned.delivered_before);
    }
}

/// What holds for every customer: profile, policies, connections, channel.
pub async fn frame(store: &Store, org: &OrgId, now: Timestamp) -> Result<Situation, AppError> {
    let organisation = store.organisation(org).await?;
    let policies = store.policies(org).await?;
    let connections = store.connections(org).await?;
    let channel = channel(&store.senders(org).await?, &store.templates(org).await?);
    let ledger = Ledger {
        connections: connections.iter().map(|connection| (connection.id, ledger_state(connection, now))).collect(),
        payments_recorded: connections.iter().map(|connection| (connection.id, connection.last_payment_on)).collect(),
        ..Ledger::default()
    };
    Ok(Situation { organisation, ledger, policies, history: History { channel, ..History::default() } })
}

fn ledger_state(connection: &Connection, now: Timestamp) -> LedgerState {
    let is_recent = |synced: Timestamp| now.duration_since(synced) <= BELIEVED_FOR;
    match connection.status {
        ConnectionStatus::ReauthRequired | ConnectionStatus::Disconnected => LedgerState::ReconnectNeeded,
        ConnectionStatus::Suspended => LedgerState::Unreadable,
        ConnectionStatus::Active if connection.is_demo_company => LedgerState::DemoCompany,
        // Before the first complete sync, and long after the last one, nothing is known well enough.
        ConnectionStatus::Active if connection.last_synced_at.is_none() => LedgerState::Unreadable,
        ConnectionStatus::Active if !connection.last_synced_at.is_some_and(is_recent) => LedgerState::Stale,
        ConnectionStatus::Active => LedgerState::Readable,
    }
}

fn channel(senders: &[Sender], templates: &[AccountTemplate]) -> Channel {
    let any = |status| senders.iter().any(|sender| sender.status == status);
    let sender = if any(SenderStatus::Ready) {
        ChannelState::Ready
    } else if any(SenderStatus::Blocked) {
        ChannelState::Blocked
    } else {
        ChannelState::ReconnectNeeded
    };
    let is_approved = |name: &str, language: &str| {
        templates.iter().any(|known| {
            known.status == TemplateStatus::Approved
                && known.template.name == name
                && known.template.language == language
        })
    };
    let approved: BTreeSet<_> =
        PACK.iter().filter(|text| is_approved(text.name, text.language)).map(|text| text.purpose).collect();
    Channel { sender, approved, ..Channel::default() }
}
