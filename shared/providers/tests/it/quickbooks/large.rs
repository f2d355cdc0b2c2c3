//! A large company is read in few calls.

use std::collections::BTreeSet;

use jiff::civil::date;
use numo_app::port::ledger::reader::{LedgerReader, Pull};
use serde_json::json;

use crate::{bench::Bench, quickbooks::books::Books};

#[tokio::test]
async fn ten_thousand_invoices_take_eighteen_calls_and_an_unchanged_company_one() {
    let size = json!({ "invoices": 10_000, "customers": 2_000, "credit_memos": 100, "payments": 300, "bills": 50 });
    let books = Books::large(Bench::start().await, size).await;
    let n_before = books.n_calls().await;
    books.client.organisation(&books.access).await.unwrap();
    let whole = books.pulled(&Pull::Everything { dated_since: date(2000, 1, 1) }).await;
    let n_calls = books.n_calls().await - n_before;
    assert!(n_calls <= 18, "{n_calls}");
    let invoices: BTreeSet<&str> = whole.invoices.iter().map(|invoice| invoice.id.as_str()).collect();
    let contacts: BTreeSet<&str> = whole.contacts.iter().map(|contact| contact.id.as_str()).collect();
    assert_eq!((invoices.len(), contacts.len(), whole.payments.len()), (10_000, 2_000, 300));
    assert_eq!((whole.credits.len(), whole.skipped.len()), (100, 0));
    books.bench.sim.handle.advance_seconds(60);
    let since = whole.read_at.checked_add(jiff::SignedDuration::from_secs(30)).unwrap();
    let n_before = books.n_calls().await;
    let changes = books.pulled(&Pull::Changes { since }).await;
    assert_eq!((books.n_calls().await - n_before, changes.invoices.len()), (1, 0));
}
