//! What a plan looks at, read from the table.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use numo_domain::{
    connection::{Connection, ConnectionStatus},
    contact::{ContactRef, Payers},
    id::OrgId,
    invoice::Invoice,
    organisation::Organisation,
    plan::{Channel, ChannelState, History, Ledger, LedgerState, SentReminder, decision::Plan, plan},
    policy::Policies,
    reminder::Reminder,
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
    frame.ledger.contacts = contacts.into_iter().map(|contact| (contact.at.clone(), contact)).collect();
    let owed_by_payer = |invoice: Invoice| Invoice { contact: payers.payer_of(&invoice.contact), ..invoice };
    frame.ledger.invoices = store.open_invoices(org).await?.into_iter().map(owed_by_payer).collect();
    frame.history.consents = store.consents(org).await?;
    frame.history.fuses = store.fuses(org).await?.into_iter().collect();
    frame.history.reminders = by_payer(&store.reminders(org).await?, &payers);
    Ok(frame)
}

/// Past reminders by who owes the invoices today: those of a contact that was merged since count for its payer.
fn by_payer(reminders: &[Reminder], payers: &Payers) -> BTreeMap<ContactRef, Vec<SentReminder>> {
    let mut by_payer: BTreeMap<ContactRef, Vec<SentReminder>> = BTreeMap::new();
    for reminder in reminders {
        by_payer.entry(payers.payer_of(&reminder.key.contact)).or_default().push(reminder.into());
    }
    by_payer
}

impl Situation {
    /// Puts in what one send rests on; the customer's invoices are for the caller to fill in.
    pub(crate) fn narrow(&mut self, grounds: &Grounds, payers: &Payers) {
        self.organisation = grounds.organisation.clone();
        self.policies = grounds.policies.clone();
        self.ledger.contacts = grounds.contact.iter().map(|contact| (contact.at.clone(), contact.clone())).collect();
        self.history.fuses = grounds.basis.fuse().into_iter().collect();
        self.history.consents = grounds.basis.consents();
        self.history.reminders = by_payer(&grounds.reminders, payers);
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
        ConnectionStatus::Active if !connection.last_synced_at.is_some_and(is_recent) => LedgerState::Unreadable,
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
    Channel { sender, approved }
}
