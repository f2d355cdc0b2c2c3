//! Pay pages and PDFs.

use numo_app::port::ledger::{LedgerError, documents::LedgerDocuments};
use numo_domain::id::ExternalId;
use serde_json::{Value, json};

use crate::bench::Bench;

async fn invoice(bench: &Bench, status: &str) -> ExternalId {
    let rows = bench.shown("xero/documents?tenant=demo").await;
    let wanted = |row: &&Value| row["Type"] == "ACCREC" && row["Status"] == status;
    rows.as_array().unwrap().iter().find(wanted).unwrap()["InvoiceID"].as_str().unwrap().parse().unwrap()
}

fn gone() -> ExternalId {
    "018f0000-0000-7000-8000-000000000001".parse().unwrap()
}

#[tokio::test]
async fn an_approved_invoice_has_a_pay_page_and_no_other_has() {
    let bench = Bench::start().await;
    let access = bench.ledger("demo").await;
    let reader = bench.xero_reader();
    let link = reader.pay_link(&access, &invoice(&bench, "AUTHORISED").await).await.unwrap().unwrap();
    assert!(link.url.starts_with("https://in.xero.com/") && link.expires_at.is_none());
    for status in ["DRAFT", "PAID", "VOIDED"] {
        assert_eq!(reader.pay_link(&access, &invoice(&bench, status).await).await.unwrap(), None, "{status}");
    }
    assert_eq!(reader.pay_link(&access, &gone()).await.unwrap(), None);
    bench.fault("xero", json!({ "kind": "status", "status": 503 })).await;
    assert!(matches!(reader.pay_link(&access, &gone()).await, Err(LedgerError::Unavailable(_))));
}

#[tokio::test]
async fn an_invoice_comes_as_pdf() {
    let bench = Bench::start().await;
    let access = bench.ledger("demo").await;
    let reader = bench.xero_reader();
    let id = invoice(&bench, "AUTHORISED").await;
    assert!(reader.pdf(&access, &id).await.unwrap().starts_with(b"%PDF-1."));
    assert!(matches!(reader.pdf(&access, &gone()).await, Err(LedgerError::NotFound)));
    bench.fault("xero", json!({ "kind": "truncate" })).await;
    assert!(matches!(reader.pdf(&access, &id).await, Err(LedgerError::Unavailable(_))));
}
