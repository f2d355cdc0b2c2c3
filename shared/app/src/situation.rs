//! What a plan looks at, read from the table.

use std::collections::BTreeSet;

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
    store::{Store, consent::ConsentOf},
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
    let reminders = store.reminders(org).await?;
    frame.history.reminders = reminders.iter().map(|reminder| sent_to_payer(reminder, &payers)).collect();
    Ok(frame)
}

/// A reminder of a contact that was merged since counts for whoever owes its invoices now.
fn sent_to_payer(reminder: &Reminder, payers: &Payers) -> SentReminder {
    let mut sent = SentReminder::from(reminder);
    sent.key.contact = payers.payer_of(&sent.key.contact);
    sent
}

/// Fills a frame with what is known of one customer; his invoices are for the caller to fill in.
pub(crate) async fn fill_customer(
    store: &Store,
    org: &OrgId,
    frame: &mut Situation,
    contact: &ContactRef,
    payers: &Payers,
) -> Result<(), AppError> {
    frame.ledger.contacts.clear();
    frame.history.fuses.clear();
    let mut asked = vec![ConsentOf::Contact(contact.clone())];
    for stored in store.contacts_by_ref(org, std::slice::from_ref(contact)).await? {
        if let Some(number) = stored.value.number.key() {
            asked.push(ConsentOf::Number(number.clone()));
            frame.history.fuses = store.fuses_of(org, std::slice::from_ref(number)).await?.into_iter().collect();
        }
        frame.ledger.contacts.insert(stored.value.at.clone(), stored.value);
    }
    frame.history.consents = store.consents_of(org, &asked).await?;
    frame.history.reminders.clear();
    for billed in payers.billed_to(&BTreeSet::from([contact.clone()])) {
        let reminders = store.reminders_of(org, &billed).await?;
        frame.history.reminders.extend(reminders.iter().map(|reminder| sent_to_payer(reminder, payers)));
    }
    Ok(())
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
