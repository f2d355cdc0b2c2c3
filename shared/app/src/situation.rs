//! What a plan looks at, read from the table.

pub mod of_customer;

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use jiff::{SignedDuration, Timestamp, civil::Date};
use numo_domain::{
    connection::{Connection, ConnectionStatus},
    contact::{ContactRef, Payers},
    credit::{Bill, Credit},
    fuse::FusedSend,
    id::{AttemptId, ConnectionId, OrgId, PhoneNumberId, WabaId},
    invoice::Invoice,
    library::entry::LIBRARY_PREFIX,
    organisation::Organisation,
    plan::{
        Channel, ChannelState, History, Ledger, LedgerState, Line, OpenInvoice, SentReminder, decide_one,
        decision::{Decision, Plan, Unit},
        manual::{ManualDecision, decide_manual},
        owner::{OwnerTasks, owner_tasks},
        plan, undecided,
    },
    policy::audience::Policies,
    reminder::{ReminderKey, ReminderState, TemplateRef},
    sender::{Sender, SenderStatus, senders_for},
    template::{Variant, every_text},
};
use uuid::Uuid;

use crate::{
    dispatch_run::Planned,
    error::AppError,
    store::{Store, reminder::grounds::Grounds},
};

/// Everything that the planner takes, except the time.
#[derive(Debug, Clone)]
pub struct Situation {
    /// The organisation.
    pub organisation: Organisation,
    /// Customers and open invoices.
    pub ledger: Ledger,
    /// Its policies.
    pub policies: Policies,
    /// What happened before.
    pub history: History,
    /// When each ledger was last read completely.
    pub ledgers_read_at: BTreeMap<ConnectionId, Timestamp>,
    /// When the latest of the ledgers that were read was connected.
    pub latest_ledger_at: Option<Timestamp>,
    /// The WhatsApp accounts of its numbers.
    pub accounts: BTreeSet<WabaId>,
}

impl Situation {
    /// The plan at an instant.
    pub fn plan(&self, now: Timestamp) -> Plan {
        plan(&self.organisation, &self.ledger, &self.policies, &self.history, now)
    }

    /// Lets the day pass, for a look at the next one: what goes out today has gone out by then.
    pub(crate) fn pass(&mut self, date: Date, goes_out: &[Decision]) {
        let channel = &mut self.history.channel;
        (channel.sends_before, channel.first_times_today) = (0, BTreeMap::new());
        if date.last_of_month() == date {
            channel.spent_this_month = 0;
        }
        for (unit, send) in goes_out.iter().filter_map(|decision| Some((&decision.unit, decision.send()?))) {
            // Without a number that writes it stays where it is.
            let line = self.history.channel.line_for(unit.contact.connection);
            let Some(sender) = line.sender.clone() else { continue };
            let fused = FusedSend { date, at: send.at, attempt: AttemptId::new(Uuid::nil()) };
            let fuse = self.history.fuses.entry(send.recipient.clone()).or_default();
            *fuse = std::mem::take(fuse).with(fused);
            self.history.channel.written_to.insert(send.recipient.clone(), send.at);
            let sent = SentReminder {
                key: send.reminder_key(unit),
                state: ReminderState::Accepted,
                again_from: None,
                times_expired: 0,
                recipient: send.recipient.clone(),
                sender,
                sent_on: date,
                tone: send.tone,
                counted_from: send.counted_from,
                listed: send.lines.iter().map(|line| line.invoice.clone()).collect(),
                manual: false,
            };
            self.history.remember(unit.contact.clone(), sent);
            if let Some(charge) = send.charge.filter(|_| date.last_of_month() != date) {
                let spent = &mut self.history.channel.spent_this_month;
                *spent = spent.saturating_add(charge.cost.millionths);
            }
        }
    }

    /// Old invoices about which nobody decided yet, with their due dates, the oldest first.
    pub fn undecided(&self, now: Timestamp) -> Vec<(Date, OpenInvoice)> {
        undecided(&self.organisation, &self.ledger, &self.policies, &self.history, now)
    }

    /// The decision about one unit at an instant.
    pub(crate) fn decide_one(&self, unit: &Unit, now: Timestamp) -> Option<Decision> {
        decide_one(&self.organisation, &self.ledger, &self.policies, &self.history, (unit, now))
    }

    /// Counts what the plan of a day has still to send as sent already.
    pub(crate) fn reserve(&mut self, date: Date, planned: &[Decision]) {
        let today = self.history.reminders.values().flatten().filter(|past| past.sent_on == date);
        let claimed: BTreeSet<&ReminderKey> = today.map(|past| &past.key).collect();
        let channel = &mut self.history.channel;
        for (unit, send) in planned.iter().filter_map(|decision| Some((&decision.unit, decision.send()?))) {
            if claimed.contains(&send.reminder_key(unit)) {
                continue;
            }
            channel.sends_before = channel.sends_before.saturating_add(1);
            if let (Some(sender), Some(_)) = (&send.turn.sender, send.turn.first_times_before) {
                *channel.first_times_today.entry(sender.clone()).or_default() += 1;
            }
            let cost = send.charge.map_or(0, |charge| charge.cost.millionths);
            channel.spent_this_month = channel.spent_this_month.saturating_add(cost);
        }
    }

    /// What a person gets who asks for a reminder to a unit at an instant.
    pub fn decide_manual(&self, unit: &Unit, now: Timestamp) -> Option<ManualDecision> {
        decide_manual(&self.organisation, &self.ledger, &self.policies, &self.history, (unit, now))
    }

    /// What a plan leaves to the owner.
    pub fn owner_tasks(&self, plan: &Plan) -> OwnerTasks {
        owner_tasks(&self.organisation, &self.ledger, &self.policies, &self.history, plan)
    }
}

/// Numbers and invoices that were not read for this long are not believed any more.
const BELIEVED_FOR: SignedDuration = SignedDuration::from_hours(12);

/// The situation of all customers of an organisation.
pub async fn situation(store: &Store, org: &OrgId, now: Timestamp) -> Result<Situation, AppError> {
    fill(store, org, frame(store, org, now).await?, now).await
}

/// Puts all customers of an organisation into what holds for every one of them.
pub(crate) async fn fill(
    store: &Store,
    org: &OrgId,
    mut frame: Situation,
    now: Timestamp,
) -> Result<Situation, AppError> {
    let contacts = store.contacts(org).await?;
    let payers = Payers::of(&contacts);
    let pays = |contact: &ContactRef| payers.payer_of(contact);
    frame.ledger.contacts = contacts.iter().map(|contact| (contact.at.clone(), contact.clone())).collect();
    frame.ledger.invoices = store.chased_invoices(org).await?.into_iter().map(|open| owed_by(open, &payers)).collect();
    let credits = store.open_credits(org).await?.into_iter();
    frame.ledger.credits = credits.map(|credit| Credit { contact: pays(&credit.contact), ..credit }).collect();
    let bills = store.open_bills(org).await?.into_iter();
    frame.ledger.bills = bills.map(|bill| Bill { contact: pays(&bill.contact), ..bill }).collect();
    for (unit, receipts) in store.receipts(org).await? {
        let unit = Unit { contact: pays(&unit.contact), currency: unit.currency };
        match frame.ledger.receipts.entry(unit) {
            Entry::Vacant(first) => drop(first.insert(receipts)),
            Entry::Occupied(mut other) => other.get_mut().absorb(&receipts),
        }
    }
    // A customer's own file goes before those of contacts that were merged into it.
    let files = store.customer_files(org).await?.into_iter();
    let (own, merged): (Vec<_>, Vec<_>) = files.partition(|(contact, _)| pays(contact) == *contact);
    for (contact, file) in own.into_iter().chain(merged) {
        frame.history.files.entry(pays(&contact)).or_default().absorb(&file);
    }
    frame.history.consents = store.consents(org).await?;
    frame.history.fuses = store.fuses(org).await?.into_iter().collect();
    let reminders = store.reminders(org).await?;
    let today = frame.organisation.zone.date(now);
    let bills = store.account_bills(org).await?;
    frame.history.channel.count(&reminders, &bills, today, frame.organisation.rate_card().as_ref());
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
    pub(crate) fn narrow(&mut self, grounds: &Grounds, planned: &Planned, payers: &Payers) {
        let Planned { unit, policy, send, .. } = planned;
        self.organisation = grounds.organisation.clone();
        self.policies.renew(policy, grounds.policy.clone());
        self.ledger.contacts = grounds.contact.iter().map(|contact| (contact.at.clone(), contact.clone())).collect();
        self.ledger.receipts = grounds.receipts.iter().map(|receipts| (unit.clone(), receipts.clone())).collect();
        self.history = History {
            consents: grounds.basis.consents(),
            files: BTreeMap::from([(unit.contact.clone(), grounds.file.clone())]),
            fuses: grounds.basis.fuse().into_iter().collect(),
            channel: self.history.channel.clone(),
            lost_until: self.history.lost_until,
            ..History::default()
        };
        for reminder in &grounds.reminders {
            self.history.remember(payers.payer_of(&reminder.key.contact), reminder.into());
        }
        // The caps may have been lowered since the plan was made.
        let channel = &mut self.history.channel;
        let sender = channel.line_for(unit.contact.connection).sender.clone();
        channel.spent_this_month = send.charge.map_or(0, |charge| charge.spent_before);
        channel.sends_before = send.turn.sends_before;
        // A number that took over since counts with the next plan; until then it writes to nobody new.
        let is_other = send.turn.sender.is_some() && send.turn.sender != sender;
        let first_times = if is_other { Some(u32::MAX) } else { send.turn.first_times_before };
        channel.first_times_today = sender.clone().zip(first_times).into_iter().collect();
        // Messages about what is settled are not read again; they reached the number all the same.
        self.history.delivered.insert(send.recipient.clone(), send.delivered_before);
        if let (None, Some(sender)) = (first_times, sender) {
            self.history.known_numbers.entry(sender).or_default().insert(send.recipient.clone());
        }
    }
}

/// What holds for every customer: profile, policies, connections, channel.
pub async fn frame(store: &Store, org: &OrgId, now: Timestamp) -> Result<Situation, AppError> {
    let organisation = store.organisation(org).await?;
    let policies = store.policies(org).await?;
    let connections = store.connections(org).await?;
    let senders = store.senders(org).await?;
    let channel = channel(store, org, &connections, &senders).await?;
    let ledger = Ledger {
        connections: connections.iter().map(|connection| (connection.id, ledger_state(connection, now))).collect(),
        payments_recorded: connections.iter().map(|connection| (connection.id, connection.last_payment_on)).collect(),
        ..Ledger::default()
    };
    let read_at = connections.iter().filter_map(|connection| Some((connection.id, connection.last_synced_at?)));
    let were_read = connections.iter().filter(|connection| connection.last_synced_at.is_some());
    let latest_ledger_at = were_read.map(|connection| connection.connected_at).max();
    let lost = store.messaging_gate().await?.lost.map(|lost| organisation.zone.date(lost.to));
    let history = History { channel, lost_until: lost, ..History::default() };
    let (ledgers_read_at, accounts) = (read_at.collect(), senders.into_iter().map(|sender| sender.waba).collect());
    Ok(Situation { organisation, ledger, policies, history, ledgers_read_at, latest_ledger_at, accounts })
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

/// What writes for each ledger, and what all of it together may.
async fn channel(store: &Store, org: &OrgId, ledgers: &[Connection], senders: &[Sender]) -> Result<Channel, AppError> {
    let accounts: BTreeSet<&WabaId> = senders.iter().map(|sender| &sender.waba).collect();
    let mut said: BTreeMap<&WabaId, Line> = BTreeMap::new();
    for account in accounts {
        said.insert(account, texts(store, org, account).await?);
    }
    let line_of = |own: Option<&PhoneNumberId>| line(&senders_for(own, ledgers, senders), &said);
    let own = ledgers.iter().filter(|ledger| ledger.sender.is_some());
    let ready = senders.iter().filter(|sender| sender.status == SenderStatus::Ready);
    Ok(Channel {
        line: line_of(None),
        own_lines: own.map(|ledger| (ledger.id, line_of(ledger.sender.as_ref()))).collect(),
        own_numbers: senders.iter().map(|sender| sender.number.matching_form()).collect(),
        // The numbers of a business share one limit; the smallest was read last or is the safest.
        daily_limit: ready.filter_map(|sender| sender.daily_limit).min(),
        ..Channel::default()
    })
}

/// What some numbers can do together: the first one that is ready writes.
fn line(senders: &[&Sender], said: &BTreeMap<&WabaId, Line>) -> Line {
    let first = |status| senders.iter().find(|sender| sender.status == status);
    let state = match (first(SenderStatus::Ready), first(SenderStatus::Blocked)) {
        (Some(_), _) => ChannelState::Ready,
        (None, Some(_)) => ChannelState::Blocked,
        (None, None) => ChannelState::ReconnectNeeded,
    };
    let writes = first(SenderStatus::Ready).or(senders.first());
    let said = writes.and_then(|sender| said.get(&sender.waba)).cloned().unwrap_or_default();
    Line { state, sender: writes.map(|sender| sender.phone_number_id.clone()), ..said }
}

/// What an account can say: its approved texts of the pack, and those of Meta's library that were chosen for it.
async fn texts(store: &Store, org: &OrgId, account: &WabaId) -> Result<Line, AppError> {
    let templates = store.templates_of(org, account).await?;
    let known: BTreeSet<&TemplateRef> =
        templates.iter().filter(|known| known.is_approved()).map(|known| &known.template).collect();
    let said = texts_of_pack(&known);
    // Most accounts have none, and are not asked for them.
    if !known.iter().any(|template| template.name.starts_with(LIBRARY_PREFIX)) {
        return Ok(said);
    }
    let choices = store.library_choices(org).await?.into_iter();
    let usable = choices.filter(|choice| choice.waba == *account && known.contains(&choice.text.template));
    let library = usable.map(|choice| ((choice.text.language, choice.purpose), choice.text)).collect();
    Ok(Line { library, ..said })
}

/// What the approved texts of the pack say whatever a message lists, and which variants of them there are.
fn texts_of_pack(known: &BTreeSet<&TemplateRef>) -> Line {
    let mut said = Line::default();
    for text in every_text().filter(|text| known.contains(&text.reference())) {
        // One invoice does not fit every message: without another text of the purpose it says nothing.
        if !text.variant.is_about_one_invoice() {
            said.approved.insert((text.language, text.purpose));
        }
        if text.variant != Variant::Plain {
            said.variants.insert((text.language, text.purpose, text.variant));
        }
    }
    said
}

#[cfg(test)]
mod tests {
    use numo_domain::{
        language::Language,
        plan::Around,
        template::{AccountTemplate, Purpose, WhyUnusable, template_for},
    };

    use super::*;

    /// What goes out of some approved variants of one text: with one invoice where a pay button is wanted, where a PDF is
    /// wanted as well, and with several.
    fn goes_out(variants: &[Variant]) -> [Option<Variant>; 3] {
        let (purpose, language) = (Purpose::OverdueFirm, Language::English);
        let template =
            |variant: &Variant| AccountTemplate::approved(template_for(purpose, language, *variant).reference());
        let mut templates: Vec<AccountTemplate> = variants.iter().map(template).collect();
        templates.extend(Variant::ALL.iter().map(|variant| {
            let template = template_for(Purpose::Upcoming, language, *variant).reference();
            AccountTemplate::unusable(template, WhyUnusable::Marketing)
        }));
        let known = templates.iter().filter(|known| known.is_approved()).map(|known| &known.template);
        let line = texts_of_pack(&known.collect());
        assert_eq!(line.text(&[Purpose::Upcoming], [language; 2]), None);
        let said = line.text(&[purpose], [language; 2]);
        [(true, false), (true, true), (false, false)].map(|(pay_button, pdf)| {
            said.map(|said| line.variant(said.purpose, said.language, Around { pdf, pay_button }))
        })
    }

    #[test]
    fn case_45_no_variant_goes_out_that_is_not_approved() {
        use Variant::{PayPage, PdfPayPage, PdfReplies, Plain, Replies};
        let all = |variant| [Some(variant); 3];
        assert_eq!(goes_out(&[]), [None; 3]);
        assert_eq!(goes_out(&[Plain]), all(Plain));
        assert_eq!(goes_out(&[Replies]), all(Replies));
        assert_eq!(goes_out(&[PayPage, PdfReplies, PdfPayPage]), [None; 3]);
        assert_eq!(goes_out(&[Plain, Replies]), all(Replies));
        let several = |others: [Variant; 2], one| [others[0], others[1], one].map(Some);
        assert_eq!(goes_out(&[Plain, PayPage]), several([PayPage, PayPage], Plain));
        assert_eq!(goes_out(&[Replies, PayPage]), several([PayPage, PayPage], Replies));
        assert_eq!(goes_out(&[Plain, PdfReplies]), several([Plain, PdfReplies], Plain));
        assert_eq!(goes_out(&Variant::ALL), several([PayPage, PdfPayPage], Replies));
    }
}
