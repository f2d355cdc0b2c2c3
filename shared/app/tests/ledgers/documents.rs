//! Pay pages and PDFs: fetched once, when they are needed.

use jiff::SignedDuration;
use numo_app::{
    error::AppError,
    invoice_documents::{pay_link, pdf},
    port::{
        clock::Clock,
        ledger::{LedgerError, Limit, documents::PayLink},
    },
};
use numo_domain::{
    connection::LedgerProvider,
    invoice::{Invoice, InvoiceStatus},
};

use crate::world::{World, connection_id, org, tokens};

async fn first_invoice(world: &World) -> Invoice {
    let known = world.store.invoices_by_id(&org(), connection_id(), &["i1".parse().unwrap()]).await.unwrap();
    known[0].value.invoice.clone()
}

async fn link(world: &World, invoice: &Invoice) -> Option<String> {
    pay_link(&world.document_ports(), &org(), &world.connection().await, invoice).await.unwrap()
}

#[tokio::test]
async fn a_pay_page_is_asked_for_once_while_it_is_good() {
    let world = World::synced(LedgerProvider::Quickbooks).await;
    let invoice = first_invoice(&world).await;
    let expires_at = world.clock.now().checked_add(SignedDuration::from_hours(72)).ok();
    let page = PayLink { url: "https://pay.example/1".to_owned(), expires_at };
    world.ledger.held().pay_links.insert(invoice.id.clone(), page);
    for _ in 0..2 {
        assert_eq!(link(&world, &invoice).await.as_deref(), Some("https://pay.example/1"));
    }
    assert_eq!(world.ledger.asked(), ["pay_link i1"]);
    // A customer may open it two days later, so it is fetched anew before it ends.
    world.pass(SignedDuration::from_hours(25));
    world.ledger.held().refreshes.push_back(Ok(tokens("token-2", world.clock.now())));
    link(&world, &invoice).await;
    assert_eq!(world.ledger.asked(), ["refresh refresh of token-1", "pay_link i1"]);
}

#[tokio::test]
async fn that_there_is_no_pay_page_is_remembered_and_a_settled_invoice_has_none() {
    let world = World::synced(LedgerProvider::Xero).await;
    let invoice = first_invoice(&world).await;
    for _ in 0..2 {
        assert_eq!(link(&world, &invoice).await, None);
    }
    assert_eq!(world.ledger.asked(), ["pay_link i1"]);
    assert_eq!(link(&world, &Invoice { status: InvoiceStatus::Paid, ..invoice }).await, None);
    assert_eq!(world.ledger.asked(), Vec::<String>::new());
}

#[tokio::test]
async fn a_pdf_is_what_the_ledger_prints_now() {
    let world = World::synced(LedgerProvider::Xero).await;
    let invoice = first_invoice(&world).await;
    let (ports, connection) = (world.document_ports(), world.connection().await);
    for _ in 0..2 {
        assert_eq!(pdf(&ports, &org(), &connection, &invoice).await.unwrap(), b"%PDF-1.4 i1");
    }
    assert_eq!(world.ledger.asked(), ["pdf i1", "pdf i1"]);
}

#[tokio::test]
async fn a_limit_met_by_a_document_parks_the_connection_for_everybody() {
    let world = World::synced(LedgerProvider::Xero).await;
    let invoice = first_invoice(&world).await;
    let (ports, connection) = (world.document_ports(), world.connection().await);
    let retry_after = Some(SignedDuration::from_secs(40));
    world.ledger.held().refusals.push_back(LedgerError::RateLimited { limit: Limit::Minute, retry_after });
    for _ in 0..2 {
        let error = pdf(&ports, &org(), &connection, &invoice).await.unwrap_err();
        assert!(matches!(error, AppError::RateLimited { retry_after: found } if found == retry_after));
    }
    assert_eq!(world.ledger.asked(), ["pdf i1"]);
}
