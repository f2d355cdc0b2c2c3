//! The fresh read right before messages go out: four queries for forty customers, four times in one call.

use async_trait::async_trait;
use numo_app::port::ledger::{
    LedgerAccess, LedgerError,
    check::{CONTACTS_PER_CHECK, CheckLimits, Checked, LedgerCheck, Unreadable},
    reader::Batch,
};
use numo_domain::id::ExternalId;

use crate::quickbooks::{
    answer::{BatchAnswer, QueryAnswer, stamped, whole},
    client::QuickbooksClient,
    entity::Entity,
    plan::OVERLAP,
    query::{Filter, PAGE_SIZE, Query},
    records,
};

/// A batch has room for thirty queries (Intuit: batch requests), and four make a question.
///
/// More questions would be answered with more than is read of one answer.
const QUESTIONS: usize = 4;

/// Intuit takes 40 batches a minute from one company.
const CALLS_PER_MINUTE: usize = 35;

/// More pages of forty customers than these are an error rather than an endless loop.
const MAX_PAGES: usize = 20;

#[async_trait]
impl LedgerCheck for QuickbooksClient {
    fn limits(&self) -> CheckLimits {
        CheckLimits { contacts: QUESTIONS * CONTACTS_PER_CHECK, calls_per_minute: CALLS_PER_MINUTE }
    }

    async fn check(&self, access: &LedgerAccess, contacts: &[ExternalId]) -> Result<Checked, LedgerError> {
        if contacts.is_empty() || contacts.len() > self.limits().contacts {
            // The language has no empty list, and a batch an end.
            return Err(LedgerError::Rejected(400));
        }
        let of_some = |customers| queries(customers, self.paid_since());
        let queries: Vec<Query> = contacts.chunks(CONTACTS_PER_CHECK).flat_map(of_some).collect();
        let texts: Vec<String> = queries.iter().map(Query::to_string).collect();
        let answer = self.queries(access, "check", &texts).await?;
        let read: BatchAnswer<'_> = whole(&answer)?;
        let mut found = Found::new(stamped(&answer, read.time.as_ref())?);
        let mut full = Vec::new();
        for (query, block) in queries.into_iter().zip(read.blocks(&answer, texts.len())?) {
            records::add(&mut found.batch, &block);
            if block.n_rows() >= PAGE_SIZE {
                full.push(query);
            }
        }
        for query in full {
            self.read_on(access, query, &mut found).await?;
        }
        Ok(found.checked())
    }
}

impl QuickbooksClient {
    /// The pages of a query after its first.
    async fn read_on(&self, access: &LedgerAccess, query: Query, found: &mut Found) -> Result<(), LedgerError> {
        let mut start = query.start();
        for _ in 1..MAX_PAGES {
            start += PAGE_SIZE - OVERLAP;
            let answer = self.query(access, "check_page", &query.clone().starting_at(start)).await?;
            let read: QueryAnswer<'_> = whole(&answer)?;
            found.request_ids.extend(stamped(&answer, read.time.as_ref())?.request_id);
            records::add(&mut found.batch, &read.rows);
            if read.rows.n_rows() < PAGE_SIZE {
                return Ok(());
            }
        }
        Err(LedgerError::Malformed(format!("more than {MAX_PAGES} pages of one check")))
    }
}

/// Everything that decides about some customers.
fn queries(customers: &[ExternalId], paid_since: jiff::civil::Date) -> [Query; 4] {
    let of_customers = |entity| Query::all(entity).with(Filter::of_customers(customers));
    [
        Query::all(Entity::Customer).with(Filter::ids(customers)),
        of_customers(Entity::Invoice).with(Filter::open()),
        of_customers(Entity::CreditMemo).with(Filter::open()),
        of_customers(Entity::Payment).with(Filter::dated_since(paid_since)),
    ]
}

/// What was found so far.
struct Found {
    batch: Batch,
    request_ids: Vec<String>,
}

impl Found {
    fn new(mut batch: Batch) -> Self {
        let request_ids = batch.request_id.take().into_iter().collect();
        Self { batch, request_ids }
    }

    /// Neighbouring pages share rows, so every record is taken once.
    fn checked(self) -> Checked {
        let mut unreadable = Unreadable::Of(Vec::new());
        self.batch.skipped.into_iter().for_each(|row| unreadable.add(row.contact));
        let mut invoices = self.batch.invoices;
        invoices.sort_by(|a, b| a.id.cmp(&b.id));
        invoices.dedup_by(|a, b| a.id == b.id);
        let mut credits = self.batch.credits;
        credits.retain(|credit| credit.remaining.is_positive());
        credits.sort_by(|a, b| (a.kind, &a.id).cmp(&(b.kind, &b.id)));
        credits.dedup_by(|a, b| (a.kind, &a.id) == (b.kind, &b.id));
        Checked {
            contacts: self.batch.contacts,
            invoices,
            credits,
            // Customers and vendors are kept apart here, and nothing says that two are one.
            bills: Vec::new(),
            unreadable,
            read_at: self.batch.read_at,
            request_ids: self.request_ids,
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn one_call_asks_for_customers_open_invoices_credit_memos_and_payments() {
        let customers = ["1", "22"].map(|id| id.parse().unwrap());
        let page = "ORDERBY Id STARTPOSITION 1 MAXRESULTS 1000";
        let expected = [
            format!("SELECT * FROM Customer WHERE Active IN (true, false) AND Id IN ('1', '22') {page}"),
            format!("SELECT * FROM Invoice WHERE CustomerRef IN ('1', '22') AND Balance > '0' {page}"),
            format!("SELECT * FROM CreditMemo WHERE CustomerRef IN ('1', '22') AND Balance > '0' {page}"),
            format!("SELECT * FROM Payment WHERE CustomerRef IN ('1', '22') AND TxnDate >= '2024-11-26' {page}"),
        ];
        assert_eq!(queries(&customers, date(2024, 11, 26)).map(|query| query.to_string()), expected);
    }
}
