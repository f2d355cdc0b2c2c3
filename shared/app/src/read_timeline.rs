//! Everything that happened with one customer, in one list by time.
//!
//! What was said and done is read part by part, as it lies in the order of time. Reminders, invoices and consents of one
//! customer are few, lie by what they are about, and are read whole for each part.

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::Date};
use numo_domain::{
    attempt::Attempt,
    calendar::Zone,
    consent::ConsentChange,
    contact::{Contact, ContactRef},
    conversation::{self, Said},
    credit::Receipt,
    id::{ExternalId, NumberKey, OrgId, PhoneNumberId},
    invoice::Invoice,
    reminder::Reminder,
};

use crate::{
    connect_ledger::sha256_hex,
    error::AppError,
    store::{
        Store,
        activity::Line,
        consent,
        invoice::KnownInvoice,
        part::{Part, Parted},
    },
};

/// Something that happened with a customer.
#[derive(Debug, Clone)]
pub struct Moment {
    /// When; what has a date alone stands at the beginning of its day.
    pub at: Timestamp,
    /// What.
    pub what: Happened,
}

/// What happened.
#[derive(Debug, Clone)]
pub enum Happened {
    /// An invoice was issued.
    Issued(Invoice),
    /// An invoice is owed no more, whatever the reason.
    Ended(Invoice),
    /// Money arrived; known for two weeks, and by the end of what it paid after that.
    Paid(Receipt),
    /// A reminder was begun, with what it said.
    Reminded(Box<Reminder>, Option<Attempt>),
    /// Something was written, by the customer or by the business.
    Said(conversation::Line),
    /// It was said whether messages are welcome.
    Consented(ConsentChange),
    /// Somebody did or decided something.
    Done(Line),
}

/// What lies by what it is about, and is read whole.
#[derive(Debug)]
pub struct Whole {
    /// The customer.
    pub contact: Contact,
    /// The customer's open invoices.
    pub open: Vec<KnownInvoice>,
    /// The reminders to the customer.
    pub reminders: Vec<Reminder>,
    /// What was said about messages.
    pub consents: consent::said::Said,
}

impl Whole {
    /// Reads it; none where there is no such customer.
    pub async fn read(store: &Store, org: &OrgId, contact: &ContactRef) -> Result<Option<Self>, AppError> {
        let Some(known) = store.contact(org, contact).await? else { return Ok(None) };
        let (open, reminders) =
            (store.known_open_invoices(org, contact).await?, store.reminders_of(org, contact).await?);
        let consents = store.said_about_writing(org, (known.value.number.key(), contact)).await?;
        Ok(Some(Self { contact: known.value, open, reminders, consents }))
    }
}

/// The timeline of a customer, newest first.
pub async fn read_timeline(
    store: &Store,
    org: &OrgId,
    (Whole { contact, open, reminders, consents }, zone): (Whole, &Zone),
    part: &Part,
) -> Result<Parted<Moment>, AppError> {
    let contact = &contact;
    let until = part.after.as_deref().and_then(instant_of);
    let wanted = (until, part.limit + AT_ONE_INSTANT);
    let mut moments = invoices(store, org, (&contact.at, zone), (open, &reminders)).await?;
    moments.extend(consented(&consents));
    let (said, more_is_said) = said(store, org, (contact, &reminders), wanted).await?;
    let (done, more_is_done) = store.activity_about(org, (&contact.at, until), wanted.1).await?;
    moments.extend(said.into_iter().map(|line| Moment { at: line.at, what: Happened::Said(line) }));
    moments.extend(
        done.into_iter().filter(is_told_here).map(|line| Moment { at: line.activity.at, what: Happened::Done(line) }),
    );
    moments.extend(
        reminders
            .into_iter()
            .map(|reminder| Moment { at: reminder.claimed_at, what: Happened::Reminded(Box::new(reminder), None) }),
    );
    let mut shown = part.of(moments, Moment::place);
    if shown.next.is_none() && (more_is_said || more_is_done) {
        shown.next = shown.values.last().map(Moment::place);
    }
    tell_what_reminders_said(store, org, &mut shown.values).await?;
    Ok(shown)
}

/// More of one kind than that never happens to one customer within a thousandth of a second.
const AT_ONE_INSTANT: usize = 20;

/// What the consent itself tells, with its proof, is not told again.
fn is_told_here(line: &Line) -> bool {
    line.activity.action != "consent.recorded"
}

/// Invoices that are open, and those that a reminder or a payment was about.
async fn invoices(
    store: &Store,
    org: &OrgId,
    (contact, zone): (&ContactRef, &Zone),
    (mut known, reminders): (Vec<KnownInvoice>, &[Reminder]),
) -> Result<Vec<Moment>, AppError> {
    let receipts: Vec<Receipt> =
        store.receipts_of(org, contact).await?.into_values().flat_map(|receipts| receipts.recent).collect();
    let mut named: BTreeSet<&ExternalId> = receipts.iter().flat_map(|receipt| &receipt.invoices).collect();
    named.extend(reminders.iter().flat_map(|reminder| reminder.listed.iter().chain([&reminder.key.anchor])));
    let is_open = |id: &ExternalId| known.iter().any(|open| open.invoice.id == *id);
    let others: Vec<ExternalId> = named.into_iter().filter(|id| !is_open(id)).cloned().collect();
    let others = store.invoices_by_id(org, contact.connection, &others).await?;
    known.extend(others.into_iter().map(|stored| stored.value));
    let begins = |date: Date| zone.instant(date, "00:00".parse().ok()?);
    let mut moments = Vec::new();
    for KnownInvoice { invoice, first_seen, .. } in known {
        let issued = invoice.issued.and_then(begins).unwrap_or(first_seen);
        if !invoice.is_open() && !invoice.is_unapproved() {
            moments.push(Moment { at: invoice.updated_at, what: Happened::Ended(invoice.clone()) });
        }
        moments.push(Moment { at: issued, what: Happened::Issued(invoice) });
    }
    moments.extend(
        receipts
            .into_iter()
            .filter_map(|receipt| Some(Moment { at: begins(receipt.on)?, what: Happened::Paid(receipt) })),
    );
    Ok(moments)
}

/// What was said about messages; number and customer mostly said it together.
fn consented(said: &consent::said::Said) -> impl Iterator<Item = Moment> {
    let both = [said.of_number(), said.of_contact()];
    let mut changes: Vec<ConsentChange> = both.into_iter().flatten().flat_map(|of| of.history.clone()).collect();
    changes.sort_by_key(|change| change.at);
    changes.dedup();
    changes.into_iter().map(|change| Moment { at: change.at, what: Happened::Consented(change) })
}

/// What was written, at the numbers that the customer has or was reminded at.
async fn said(
    store: &Store,
    org: &OrgId,
    (contact, reminders): (&Contact, &[Reminder]),
    wanted: (Option<Timestamp>, usize),
) -> Result<(Vec<conversation::Line>, bool), AppError> {
    let numbers: BTreeSet<&NumberKey> =
        [contact.number.key(), contact.number_in_ledger().key(), contact.first_key.as_ref()]
            .into_iter()
            .flatten()
            .collect();
    let senders = store.senders(org).await?;
    let now = numbers
        .iter()
        .flat_map(|number| senders.iter().map(|sender| ((*number).clone(), sender.phone_number_id.clone())));
    let then = reminders.iter().map(|reminder| (reminder.recipient.clone(), reminder.sender.clone()));
    let between: BTreeSet<(NumberKey, PhoneNumberId)> = now.chain(then).collect();
    let (mut lines, mut has_more) = (Vec::new(), false);
    for talk in store.conversations_of(org, &contact.at, between).await? {
        let (of_talk, more) = store.lines_until(org, &talk, wanted).await?;
        lines.extend(of_talk);
        has_more |= more;
    }
    Ok((lines, has_more))
}

/// The texts of the reminders of one part.
async fn tell_what_reminders_said(store: &Store, org: &OrgId, moments: &mut [Moment]) -> Result<(), AppError> {
    let reminders = moments.iter().filter_map(|moment| match &moment.what {
        Happened::Reminded(reminder, _) => Some(reminder.as_ref().clone()),
        Happened::Issued(_)
        | Happened::Ended(_)
        | Happened::Paid(_)
        | Happened::Said(_)
        | Happened::Consented(_)
        | Happened::Done(_) => None,
    });
    let reminders: Vec<Reminder> = reminders.collect();
    if reminders.is_empty() {
        return Ok(());
    }
    let mut texts = store.said(org, &reminders).await?;
    for moment in moments {
        if let Happened::Reminded(reminder, said) = &mut moment.what {
            *said = texts.remove(&reminder.attempt);
        }
    }
    Ok(())
}

/// Later than every instant that a place can have.
const LAST: i64 = 999_999_999_999_999;

/// The instant of a place: everything up to it may follow.
fn instant_of(place: &str) -> Option<Timestamp> {
    let before_last: i64 = place.split('#').next()?.parse().ok()?;
    Timestamp::from_millisecond(LAST.saturating_sub(before_last)).ok()
}

impl Moment {
    /// Its place in the list, the newest first; an address carries it, so that it tells nothing but the time.
    fn place(&self) -> String {
        let (kind, id) = match &self.what {
            Happened::Done(line) => ('a', format!("{}{}", line.activity.action, line.activity.detail)),
            Happened::Consented(change) => ('b', format!("{:?}{}", change.state, change.note)),
            Happened::Said(line) => match &line.said {
                Said::Customer(heard) => ('c', heard.message.to_string()),
                Said::Business(answer) => ('c', answer.attempt.to_string()),
            },
            Happened::Reminded(reminder, _) => ('d', reminder.attempt.to_string()),
            Happened::Paid(receipt) => ('e', receipt.payment.to_string()),
            Happened::Ended(invoice) => ('f', invoice.id.to_string()),
            Happened::Issued(invoice) => ('g', invoice.id.to_string()),
        };
        let id: String = sha256_hex(&id).chars().take(16).collect();
        format!("{:015}#{kind}{id}", LAST.saturating_sub(self.at.as_millisecond()))
    }
}
