//! The read right before a page of messages, and what of it is kept.

use std::collections::BTreeSet;

use jiff::Timestamp;
use numo_domain::{
    connection::Connection,
    contact::{ContactRef, Payers},
    credit::{Bill, Credit},
    id::{ExternalId, OrgId},
    plan::{Ledger, OpenInvoice},
};

use crate::{
    dispatch_run::DispatchPorts,
    error::AppError,
    keep_records::Keeper,
    ledger_session::LedgerSession,
    port::ledger::{LedgerError, check::Checked},
    rate_gate,
    situation::owed_by,
    store::{erasure::KeptOut, keys},
};

/// What the ledger said for a page.
pub(crate) struct FreshRead {
    /// When it was asked, by our clock.
    pub read_at: Timestamp,
    /// The ledger's ids of the calls.
    pub request_ids: Vec<String>,
    /// Open sales invoices of the customers and of those whose invoices they owe.
    pub invoices: Vec<OpenInvoice>,
    /// Their money that no invoice took up.
    pub credits: Vec<Credit>,
    /// What we owe to them.
    pub bills: Vec<Bill>,
    /// Who owes whose invoices.
    pub payers: Payers,
    /// Customers of whom something could not be read: nothing is known well enough about them.
    pub unreadable: BTreeSet<ContactRef>,
    /// Customers who were erased since it was planned.
    pub erased: BTreeSet<ContactRef>,
}

impl FreshRead {
    /// What the ledger says of one customer, under the customer's own reference.
    pub(crate) fn fill(&self, ledger: &mut Ledger, customer: &ContactRef) {
        let pays = |contact: &ContactRef| self.payers.payer_of(contact) == *customer;
        let owed = self.invoices.iter().filter(|open| pays(&open.invoice.contact));
        ledger.invoices = owed.map(|open| owed_by(open.clone(), &self.payers)).collect();
        let credits = self.credits.iter().filter(|credit| pays(&credit.contact));
        ledger.credits = credits.map(|credit| Credit { contact: customer.clone(), ..credit.clone() }).collect();
        let bills = self.bills.iter().filter(|bill| pays(&bill.contact));
        ledger.bills = bills.map(|bill| Bill { contact: customer.clone(), ..bill.clone() }).collect();
    }
}

/// Asks the ledger for everything that decides about some customers.
pub(super) async fn read_ledger(
    ports: &DispatchPorts,
    org: &OrgId,
    connection: &Connection,
    customers: &BTreeSet<ContactRef>,
) -> Result<FreshRead, AppError> {
    let (store, read_at) = (&ports.waker.store, ports.clock.now());
    if let Some(gate) = rate_gate::parked(store, org, connection, read_at).await? {
        return Err(AppError::RateLimited { retry_after: Some(gate.parked_until.duration_since(read_at)) });
    }
    let mut session = LedgerSession::open(&ports.vault, ports.clock.clone(), org, connection).await?;
    let payers = store.payers(org, connection.id).await?;
    let billed: Vec<ContactRef> = payers.billed_to(customers).into_iter().collect();
    let organisation = store.organisation(org).await?;
    let keeper = Keeper {
        store,
        number_keys: &ports.number_keys,
        events: ports.events.as_ref(),
        clock: ports.clock.as_ref(),
        org,
        connection: connection.id,
        country: organisation.country,
    };
    let mut read = FreshRead {
        read_at,
        request_ids: Vec::new(),
        invoices: Vec::new(),
        credits: Vec::new(),
        bills: Vec::new(),
        payers,
        unreadable: BTreeSet::new(),
        erased: BTreeSet::new(),
    };
    let kept_out = KeptOut::read(store, &ports.number_keys, org).await?;
    for contact in &billed {
        if kept_out.includes(contact)? {
            read.erased.insert(contact.clone());
        }
    }
    // Nothing is asked about them, so that nothing of them is kept.
    let billed: Vec<ContactRef> = billed.into_iter().filter(|contact| !read.erased.contains(contact)).collect();
    let at_once = ports.checks.of(connection.provider).limits().contacts.max(1);
    for some in billed.chunks(at_once) {
        let checked = check(ports, org, connection, &mut session, some).await?;
        keep(&keeper, some, &checked).await?;
        read.credits.extend(checked.credits.iter().map(|record| keeper.credit(record)));
        read.bills.extend(checked.bills.iter().map(|record| keeper.bill(record)));
        read.invoices.extend(keeper.known_open(&checked.invoices).await?);
        read.add(some, checked);
    }
    // Who owes whose invoices may have changed with the contacts that were just read.
    read.payers = store.payers(org, connection.id).await?;
    Ok(read)
}

async fn check(
    ports: &DispatchPorts,
    org: &OrgId,
    connection: &Connection,
    session: &mut LedgerSession<'_>,
    contacts: &[ContactRef],
) -> Result<Checked, AppError> {
    let check = ports.checks.of(connection.provider);
    let ids: Vec<ExternalId> = contacts.iter().map(|contact| contact.contact.clone()).collect();
    let mut answer = check.check(session.access(), &ids).await;
    if session.renews(&answer).await? {
        answer = check.check(session.access(), &ids).await;
    }
    let error = match answer {
        Ok(checked) => return Ok(checked),
        Err(error) => session.explain(error).await,
    };
    // A list is never missing; whatever this was, it is no reason to send.
    if matches!(error, LedgerError::NotFound) {
        return Err(AppError::Unavailable(Box::new(error)));
    }
    Err(rate_gate::classed(&ports.waker.store, org, connection, error, ports.clock.now()).await)
}

/// What the check learnt is kept; unchanged records write nothing.
async fn keep(keeper: &Keeper<'_>, asked: &[ContactRef], checked: &Checked) -> Result<(), AppError> {
    keeper.contacts(&checked.contacts).await?;
    keeper.invoices(&checked.invoices, checked.read_at).await?;
    keeper.credits(&checked.credits).await?;
    keeper.bills(&checked.bills).await?;
    let (store, org, connection) = (keeper.store, keeper.org, keeper.connection);
    let credits = store.open_of_connection::<Credit>(keys::open_credits_partition(org), connection).await?;
    let is_spent = |credit: &Credit| {
        let is_there = checked.credits.iter().any(|found| found.id == credit.id && found.kind == credit.kind);
        asked.contains(&credit.contact) && !is_there
    };
    keeper.spent_credits(&credits.into_iter().filter(is_spent).collect::<Vec<_>>(), checked.read_at).await?;
    let bills = store.open_of_connection::<Bill>(keys::open_bills_partition(org), connection).await?;
    let is_settled =
        |bill: &Bill| asked.contains(&bill.contact) && !checked.bills.iter().any(|found| found.id == bill.id);
    keeper.settled_bills(&bills.into_iter().filter(is_settled).collect::<Vec<_>>(), checked.read_at).await?;
    Ok(())
}

impl FreshRead {
    fn add(&mut self, asked: &[ContactRef], checked: Checked) {
        let is_known = |contact: &ContactRef| {
            let is_there = checked.contacts.iter().any(|record| record.id == contact.contact);
            is_there && !checked.unreadable.includes(&contact.contact)
        };
        // Whoever owes the invoices of a contact of which nothing is known is not known well enough either.
        let unknown = asked.iter().filter(|contact| !is_known(contact));
        let unreadable: Vec<ContactRef> =
            unknown.flat_map(|contact| [contact.clone(), self.payers.payer_of(contact)]).collect();
        self.unreadable.extend(unreadable);
        self.request_ids.extend(checked.request_ids);
    }
}
