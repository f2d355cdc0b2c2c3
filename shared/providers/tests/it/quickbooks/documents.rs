//! Pay pages and PDFs.

use numo_app::port::ledger::{LedgerError, documents::LedgerDocuments};
use numo_domain::id::ExternalId;
use serde_json::{Value, json};

use crate::quickbooks::books::Books;

async fn invoice(books: &Books, row: Value) -> ExternalId {
    books.row("Invoice", row).await["id"].as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn an_invoice_that_can_be_paid_online_has_a_page() {
    let books = Books::of("demo").await;
    let mut row = json!({ "AllowOnlineACHPayment": true, "BillEmail": { "Address": "a@customer.example" } });
    let id = invoice(&books, row.clone()).await;
    let link = books.client.pay_link(&books.access, &id).await.unwrap().unwrap();
    assert!(link.url.starts_with("https://") && link.expires_at.is_none(), "{link:?}");
    row["InvoiceLinkExpiryDate"] = json!("2027-01-01T00:00:00-08:00");
    let id = invoice(&books, row).await;
    let link = books.client.pay_link(&books.access, &id).await.unwrap().unwrap();
    assert_eq!(link.expires_at, "2027-01-01T08:00:00Z".parse().ok());
}

#[tokio::test]
async fn an_invoice_without_a_page_has_none_and_a_missing_one_is_not_found() {
    let books = Books::of("demo").await;
    let offline = json!({ "AllowOnlineACHPayment": false, "AllowOnlineCreditCardPayment": false });
    let id = invoice(&books, offline).await;
    assert_eq!(books.client.pay_link(&books.access, &id).await.unwrap(), None);
    let missing: ExternalId = "999999".parse().unwrap();
    assert!(matches!(books.client.pay_link(&books.access, &missing).await, Err(LedgerError::NotFound)));
    assert!(matches!(books.client.pdf(&books.access, &missing).await, Err(LedgerError::NotFound)));
}

#[tokio::test]
async fn a_pdf_is_a_pdf_or_an_error() {
    let books = Books::of("demo").await;
    let id = invoice(&books, json!({})).await;
    assert!(books.client.pdf(&books.access, &id).await.unwrap().starts_with(b"%PDF"));
    books.bench.fault("intuit", json!({ "kind": "html", "status": 200 })).await;
    assert!(matches!(books.client.pdf(&books.access, &id).await, Err(LedgerError::Unavailable(_))));
}
