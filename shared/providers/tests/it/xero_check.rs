//! The fresh read before a send.

use std::collections::{BTreeMap, BTreeSet};

use numo_app::port::ledger::{
    LedgerError,
    check::{CONTACTS_PER_CHECK, LedgerCheck, Unreadable},
};
use numo_domain::{contact::ContactStatus, credit::CreditKind, id::ExternalId};
use serde_json::{Value, json};

use crate::bench::{Bench, SHORT};

/// The contacts of a tenant, as the simulator holds them.
async fn contacts(bench: &Bench, tenant: &str) -> Vec<ExternalId> {
    let rows = bench.shown(&format!("xero/contacts?tenant={tenant}")).await;
    rows.as_array().unwrap().iter().map(|row| row["ContactID"].as_str().unwrap().parse().unwrap()).collect()
}

/// Ids of what is open for some contacts, by the type of document.
async fn open(bench: &Bench, tenant: &str, of: &[ExternalId]) -> BTreeMap<String, BTreeSet<String>> {
    let rows = bench.shown(&format!("xero/documents?tenant={tenant}")).await;
    let mut ids: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in rows.as_array().unwrap() {
        let contact = row["Contact"]["ContactID"].as_str().and_then(|id| id.parse().ok());
        let theirs = contact.is_some_and(|contact| of.contains(&contact));
        if theirs && row["Status"] == "AUTHORISED" && row.get("_sim_malformed").is_none() {
            let kind = row["Type"].as_str().unwrap().to_owned();
            ids.entry(kind).or_default().insert(row["InvoiceID"].as_str().unwrap().to_owned());
        }
    }
    ids
}

#[tokio::test]
async fn everything_that_is_open_for_forty_contacts_is_read_in_five_calls() {
    let bench = Bench::start().await;
    let access = bench.ledger("demo").await;
    // The archived, the merged and the erased one, and those with credit and with bills.
    let asked = contacts(&bench, "demo").await[160..160 + CONTACTS_PER_CHECK].to_vec();
    bench.control("xero/calls/reset", json!({})).await;
    let checked = bench.xero_reader().check(&access, &asked).await.unwrap();
    let expected = json!({
        "GET /api.xro/2.0/Contacts": 1, "GET /api.xro/2.0/Invoices": 1, "GET /api.xro/2.0/CreditNotes": 1,
        "GET /api.xro/2.0/Prepayments": 1, "GET /api.xro/2.0/Overpayments": 1,
    });
    assert_eq!(bench.calls("xero"), expected);
    let found: BTreeSet<&ExternalId> = checked.contacts.iter().map(|contact| &contact.id).collect();
    assert_eq!(found, asked.iter().collect());
    let statuses: BTreeSet<String> = checked.contacts.iter().map(|contact| format!("{:?}", contact.status)).collect();
    let every = [ContactStatus::Active, ContactStatus::Archived, ContactStatus::GdprRequest];
    assert_eq!(statuses, every.map(|status| format!("{status:?}")).into());
    assert!(checked.contacts.iter().any(|contact| contact.payer.is_some()));
    let open = open(&bench, "demo", &asked).await;
    assert_eq!(checked.invoices.iter().map(|row| row.id.to_string()).collect::<BTreeSet<_>>(), open["ACCREC"]);
    assert_eq!(checked.bills.iter().map(|row| row.id.to_string()).collect::<BTreeSet<_>>(), open["ACCPAY"]);
    let kinds: BTreeSet<CreditKind> = checked.credits.iter().map(|credit| credit.kind).collect();
    assert_eq!(kinds, [CreditKind::CreditNote, CreditKind::Prepayment, CreditKind::Overpayment].into());
    assert!(checked.credits.iter().all(|credit| asked.contains(&credit.contact) && credit.remaining.is_positive()));
    assert_eq!((checked.unreadable, checked.request_ids.len()), (Unreadable::Of(Vec::new()), 5));
}

#[tokio::test]
async fn open_invoices_beyond_one_page_are_all_there() {
    let bench = Bench::start().await;
    let large = json!({ "key": "deep", "invoices": 4_000, "contacts": 1, "overpayments": 1_001 });
    bench.control("xero/large", large).await;
    let access = bench.ledger("deep").await;
    let asked = contacts(&bench, "deep").await;
    let checked = bench.xero_reader().check(&access, &asked).await.unwrap();
    let ids: BTreeSet<&ExternalId> = checked.invoices.iter().map(|invoice| &invoice.id).collect();
    assert_eq!((ids.len(), checked.invoices.len()), (1_200, 1_200));
    assert_eq!((checked.credits.len(), checked.request_ids.len()), (1_001, 7));
}

#[tokio::test]
async fn contacts_that_are_gone_are_missing_and_others_are_not_shown() {
    let bench = Bench::start().await;
    let access = bench.ledger("demo").await;
    let gone: ExternalId = "018f0000-0000-7000-8000-000000000001".parse().unwrap();
    let checked = bench.xero_reader().check(&access, &[gone]).await.unwrap();
    assert!(checked.contacts.is_empty() && checked.invoices.is_empty() && checked.bills.is_empty());
    assert!(checked.credits.is_empty());
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_told_by_its_contact_or_concerns_everybody() {
    let bench = Bench::start().await;
    let access = bench.ledger("demo_company").await;
    let asked = contacts(&bench, "demo_company").await[..2].to_vec();
    let broken = json!({ "Status": "AUTHORISED", "AmountDue": "12.00" });
    bench.control("xero/invoice", json!({ "tenant": "demo_company", "invoice": broken })).await;
    let checked = bench.xero_reader().check(&access, &asked).await.unwrap();
    assert_eq!(checked.unreadable, Unreadable::Of(vec![asked[0].clone()]));
    let nobodys = json!({ "ContactID": asked[1].as_str(), "UpdatedDateUTC": "HUSH" });
    bench.control("xero/contact", json!({ "tenant": "demo_company", "contact": nobodys })).await;
    let checked = bench.xero_reader().check(&access, &asked).await.unwrap();
    assert!(asked.iter().all(|contact| checked.unreadable.includes(contact)));
}

#[tokio::test]
async fn one_failed_call_fails_the_check_whichever_it_is() {
    let bench = Bench::start().await;
    let access = bench.ledger("demo").await;
    let asked = contacts(&bench, "demo").await[..3].to_vec();
    let reader = bench.xero_reader().with_timeout(SHORT);
    let faults: [Value; 4] = [
        json!({ "kind": "status", "status": 500 }),
        json!({ "kind": "truncate" }),
        json!({ "kind": "timeout", "hold_ms": 5_000 }),
        json!({ "kind": "status", "status": 429, "retry_after_s": 9 }),
    ];
    for list in ["Contacts", "Invoices", "CreditNotes", "Prepayments", "Overpayments"] {
        for fault in &faults {
            let mut fault = fault.clone();
            fault["path_contains"] = json!(format!("/{list}"));
            bench.fault("xero", fault.clone()).await;
            let error = reader.check(&access, &asked).await.unwrap_err();
            let as_expected = matches!(error, LedgerError::Unavailable(_) | LedgerError::RateLimited { .. });
            assert!(as_expected, "{fault}: {error}");
        }
    }
    assert!(reader.check(&access, &asked).await.is_ok());
}

#[tokio::test]
async fn nobody_is_refused_since_it_would_be_everybody() {
    let bench = Bench::start().await;
    let access = bench.ledger("demo").await;
    let checked = bench.xero_reader().check(&access, &[]).await;
    assert!(matches!(checked, Err(LedgerError::Rejected(400))));
}
