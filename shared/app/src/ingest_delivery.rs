//! Taking in what Meta's webhooks tell: statuses, and customers' words.

mod account_news;
mod days;
mod inbound;
mod later;
mod mismatch;
mod proof;
mod status;

use std::{collections::BTreeSet, fmt, sync::Arc};

use numo_domain::{
    customer_file::CustomerFile,
    id::{NumberKey, OrgId, WabaId, WhatsappUserId},
    phone::PhoneNumber,
    template::{AccountTemplate, TemplateStatus},
};

use crate::{
    delivery::{AccountChange, Delivery, Echo, MarketingUpdate, Update},
    error::AppError,
    ingest_delivery::{
        account_news::{senders_of, take_news},
        inbound::take_inbound,
        later::take_back,
        mismatch::{is_mismatch, note_mismatches},
        status::apply_status,
    },
    job::Work,
    keep_text::keep_text,
    number_key::NumberKeys,
    port::{clock::Clock, events::Events},
    store::{Store, route::AccountOwner},
};

/// What ingestion needs.
#[derive(Clone)]
pub struct IngestPorts {
    /// The table.
    pub store: Store,
    /// Facts for outsiders.
    pub events: Arc<dyn Events>,
    /// Keys of numbers.
    pub number_keys: NumberKeys,
    /// Time.
    pub clock: Arc<dyn Clock>,
}

impl fmt::Debug for IngestPorts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IngestPorts")
    }
}

/// What became of a delivery's updates.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct IngestReport {
    /// Statuses of our messages.
    pub statuses: usize,
    /// Messages from customers that were new, and what they took back.
    pub inbound: usize,
    /// Messages of the business itself to customers of ours.
    pub echoes: usize,
    /// Decisions about templates of ours that changed something.
    pub templates: usize,
    /// Accounts of which something changed.
    pub accounts: usize,
    /// What was new about an account and had to be heeded or known.
    pub news: usize,
    /// Choices of customers of ours about marketing.
    pub choices: usize,
    /// Updates whose account and number belong to two organisations.
    pub mismatched: usize,
    /// Updates that were here before, or are not ours.
    pub ignored: usize,
}

/// Applies every update of a delivery; applying it again changes nothing.
///
/// An account that no organisation owns is ignored: the tenant is looked up by the account alone.
/// An update of whose number another organisation is the owner changes nothing, and is told.
pub async fn ingest_delivery(ports: &IngestPorts, delivery: &Delivery) -> Result<IngestReport, AppError> {
    let mut report = IngestReport::default();
    let phones = delivery.updates.iter().filter_map(Update::phone_number_id).cloned().collect();
    let owner = ports.store.owner_of_waba(&delivery.waba, phones).await?;
    if let Some(owner) = &owner {
        report.mismatched = note_mismatches(ports, delivery, owner).await?;
    }
    let updates: Vec<&Update> = delivery.updates.iter().filter(|update| !is_mismatch(owner.as_ref(), update)).collect();
    take_changes(ports, &updates, &mut report).await?;
    let is_other = |update: &&&Update| !matches!(update, Update::Account(_) | Update::News(_));
    let others = updates.iter().filter(is_other);
    let Some(owner) = owner else {
        report.ignored = others.count();
        return Ok(report);
    };
    let (org, is_ours) = (&owner.org, |number| owner.has(number));
    for update in others {
        let (taken, count) = match update {
            Update::Status(status) if is_ours(&status.phone_number_id) => {
                (apply_status(ports, org, &delivery.waba, status).await?, &mut report.statuses)
            }
            Update::Inbound(message) if is_ours(&message.phone_number_id) => {
                (take_inbound(ports, (org, &delivery.waba), message).await?, &mut report.inbound)
            }
            Update::Revoked(revoked) if is_ours(&revoked.phone_number_id) => {
                (take_back(ports, org, revoked).await?, &mut report.inbound)
            }
            Update::Echo(echo) if is_ours(&echo.phone_number_id) => {
                (take_echo(ports, org, echo).await?, &mut report.echoes)
            }
            Update::Marketing(update) if is_ours(&update.phone_number_id) => {
                (take_choice(ports, org, update).await?, &mut report.choices)
            }
            Update::Template(template) => (decide(ports, org, &delivery.waba, template).await?, &mut report.templates),
            Update::Status(_)
            | Update::Inbound(_)
            | Update::Revoked(_)
            | Update::Echo(_)
            | Update::Marketing(_)
            | Update::Account(_)
            | Update::News(_) => (false, &mut report.ignored),
        };
        *if taken { count } else { &mut report.ignored } += 1;
    }
    Ok(report)
}

/// Takes in what is about accounts, and has them looked at where that has to be asked.
async fn take_changes(ports: &IngestPorts, updates: &[&Update], report: &mut IngestReport) -> Result<(), AppError> {
    // Before the looks that follow from it: a look in between would find nothing to let go on.
    for update in updates {
        if let Update::News(news) = update {
            report.news += usize::from(take_news(ports, news).await?);
        }
    }
    let mut looked_at = BTreeSet::new();
    for change in updates.iter().filter_map(|update| update.account()).collect::<BTreeSet<&AccountChange>>() {
        if !looked_at.contains(&change.waba) && look_now(ports, change).await? {
            looked_at.insert(&change.waba);
        }
    }
    report.accounts = looked_at.len();
    Ok(())
}

/// Has an account of ours looked at; one that nobody owns is left alone, as is one of whose other numbers it tells.
async fn look_now(ports: &IngestPorts, AccountChange { waba, number }: &AccountChange) -> Result<bool, AppError> {
    let (store, now) = (&ports.store, ports.clock.now());
    let Some(AccountOwner { org, .. }) = store.owner_of_waba(waba, BTreeSet::new()).await? else { return Ok(false) };
    if number.is_some() && senders_of(store, &org, (waba, number.as_ref())).await?.is_empty() {
        return Ok(false);
    }
    store.mark_due_after_claim(&org, &Work::CheckAccount { waba: waba.clone() }, now, now).await?;
    Ok(true)
}

/// Notes what Meta decided about a text of the pack, and has the day planned anew.
async fn decide(ports: &IngestPorts, org: &OrgId, waba: &WabaId, decided: &AccountTemplate) -> Result<bool, AppError> {
    let (store, now) = (&ports.store, ports.clock.now());
    let known = store.templates_of(org, waba).await?;
    // Other templates of the account are the business's own affair.
    let Some(known) = known.iter().find(|known| known.template == decided.template) else { return Ok(false) };
    // What stops is believed at once; what lets a text go out that was stopped may be older than the stop.
    let is_older = known.status == TemplateStatus::Unusable && decided.status != TemplateStatus::Unusable;
    let changes = !is_older && keep_text(store, org, waba, Some(known), decided, now).await?;
    // Updates come in any order: what Meta decided last is asked for.
    store.mark_due_after_claim(org, &Work::CheckAccount { waba: waba.clone() }, now, now).await?;
    Ok(changes)
}

/// Whoever wrote to a customer has read what the customer wrote before, and the product is silent for a while.
///
/// A claim to have paid stays: an answer does not settle it.
async fn take_echo(ports: &IngestPorts, org: &OrgId, echo: &Echo) -> Result<bool, AppError> {
    let (store, now) = (&ports.store, ports.clock.now());
    let Some(to) = number_of(ports, org, (echo.to.as_ref(), echo.user.as_ref())).await? else { return Ok(false) };
    let contacts = store.contacts_of_number(org, &to).await?;
    for contact in &contacts {
        let note = |file: &mut CustomerFile| file.owner_answered(echo.at);
        store.change_customer_file(org, contact, now, note).await?;
        store.mark_read(org, contact, echo.at, now).await?;
    }
    Ok(!contacts.is_empty())
}

/// Notes what a customer chose about marketing; no consent follows from it, and no wish to hear nothing.
async fn take_choice(ports: &IngestPorts, org: &OrgId, update: &MarketingUpdate) -> Result<bool, AppError> {
    let (store, now) = (&ports.store, ports.clock.now());
    let whose = (update.number.as_ref(), update.user.as_ref());
    let Some(number) = number_of(ports, org, whose).await? else { return Ok(false) };
    let contacts = store.contacts_of_number(org, &number).await?;
    for contact in &contacts {
        // The latest counts, and of two at once the one that is wanted less often to be wrong.
        let note = |file: &mut CustomerFile| file.marketing = file.marketing.max(Some(update.choice));
        store.change_customer_file(org, contact, now, note).await?;
    }
    Ok(!contacts.is_empty())
}

/// The key of a number, told or known from before by whose it is.
async fn number_of(
    ports: &IngestPorts,
    org: &OrgId,
    (number, user): (Option<&PhoneNumber>, Option<&WhatsappUserId>),
) -> Result<Option<NumberKey>, AppError> {
    match (number, user) {
        (Some(number), _) => ports.number_keys.key(org, number).map(Some),
        (None, Some(user)) => ports.store.number_of_user(org, &ports.number_keys.key_of_user(org, user)?).await,
        (None, None) => Ok(None),
    }
}

async fn link(ports: &IngestPorts, org: &OrgId, user: &WhatsappUserId, number: &NumberKey) -> Result<(), AppError> {
    let user = ports.number_keys.key_of_user(org, user)?;
    ports.store.link_user(org, &user, number, ports.clock.now()).await
}
