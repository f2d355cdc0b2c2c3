use serde_json::{Value, json};

use crate::client::{Bench, Ledger, answer};

async fn invoice(ledger: &Ledger<'_>, number: &str) -> Value {
    ledger.get(&format!("Invoices/{number}"), &[]).await["Invoices"][0].clone()
}

fn amounts(row: &Value) -> [f64; 3] {
    ["AmountDue", "AmountPaid", "AmountCredited"].map(|name| row[name].as_f64().unwrap())
}

/// An open sale of 100.00 in the small organisation.
async fn sale(bench: &Bench, number: &str) -> Value {
    let row = json!({ "InvoiceNumber": number });
    bench.control("xero/invoice", json!({ "tenant": "other", "invoice": row })).await
}

#[tokio::test]
async fn a_payment_taken_back_opens_its_invoice_again() {
    let bench = Bench::start().await;
    let ledger = bench.connected("other").await;
    let open = sale(&bench, "N-1").await;
    for amount in [40.0, 60.0] {
        let asked = json!({ "tenant": "other", "invoice_id": open["InvoiceID"], "amount": amount });
        bench.control("xero/pay", asked).await;
    }
    let paid = invoice(&ledger, "N-1").await;
    assert_eq!((amounts(&paid), &paid["Status"]), ([0.0, 100.0, 0.0], &json!("PAID")));
    assert!(paid["FullyPaidOnDate"].is_string());
    let payment = &paid["Payments"][1]["PaymentID"];
    let asked = json!({ "tenant": "other", "payment_id": payment });
    bench.control("xero/reverse", asked.clone()).await;
    let reversed = invoice(&ledger, "N-1").await;
    assert_eq!((amounts(&reversed), &reversed["Status"]), ([60.0, 40.0, 0.0], &json!("AUTHORISED")));
    assert_eq!((reversed["Payments"].as_array().unwrap().len(), reversed.get("FullyPaidOnDate")), (1, None));
    let row = ledger.get(&format!("Payments/{}", payment.as_str().unwrap()), &[]).await["Payments"][0].clone();
    assert_eq!((&row["Status"], &row["Amount"]), (&json!("DELETED"), &json!(60.0)));
    let again = bench.http.post(bench.url("/_control/xero/reverse")).json(&asked);
    assert_eq!(answer(again).await.0, 400);
}

#[tokio::test]
async fn a_credit_is_applied_and_taken_away_again_on_both_rows() {
    let bench = Bench::start().await;
    let ledger = bench.connected("other").await;
    for (kind, list, field) in [
        ("credit_note", "CreditNotes", "CreditNoteID"),
        ("prepayment", "Prepayments", "PrepaymentID"),
        ("overpayment", "Overpayments", "OverpaymentID"),
    ] {
        let open = sale(&bench, kind).await;
        let held = bench.control(&format!("xero/{kind}"), json!({ "tenant": "other", kind: {} })).await;
        let asked = json!({ "tenant": "other", "kind": kind, "id": held[field], "invoice_id": open["InvoiceID"], "amount": 30 });
        let credit = async || {
            let path = format!("{list}/{}", held[field].as_str().unwrap());
            ledger.get(&path, &[]).await[list][0].clone()
        };
        bench.control("xero/allocate", asked.clone()).await;
        let (applied, used) = (invoice(&ledger, kind).await, credit().await);
        assert_eq!((amounts(&applied), &used["RemainingCredit"]), ([70.0, 0.0, 30.0], &json!(70.0)), "{kind}");
        assert_eq!(applied[list][0]["AppliedAmount"], json!(30.0));
        assert_eq!(used["Allocations"][0]["Invoice"]["InvoiceID"], open["InvoiceID"]);
        bench.control("xero/deallocate", asked).await;
        let (open_again, unused) = (invoice(&ledger, kind).await, credit().await);
        assert_eq!((amounts(&open_again), &unused["RemainingCredit"]), ([100.0, 0.0, 0.0], &json!(100.0)), "{kind}");
        assert_eq!((&open_again[list], &unused["Allocations"]), (&json!([]), &json!([])));
    }
}

#[tokio::test]
async fn a_credit_that_covers_everything_settles_an_invoice_without_a_payment() {
    let bench = Bench::start().await;
    let ledger = bench.connected("other").await;
    let open = sale(&bench, "N-1").await;
    let held = bench.control("xero/credit_note", json!({ "tenant": "other", "credit_note": {} })).await;
    let asked = json!({
        "tenant": "other", "kind": "credit_note", "id": held["CreditNoteID"], "invoice_id": open["InvoiceID"],
    });
    bench.control("xero/allocate", asked.clone()).await;
    let settled = invoice(&ledger, "N-1").await;
    assert_eq!((amounts(&settled), &settled["Status"]), ([0.0, 0.0, 100.0], &json!("PAID")));
    let note = ledger.get("CreditNotes", &[("where", "Status==\"PAID\"")]).await["CreditNotes"][0].clone();
    assert_eq!((&note["CreditNoteID"], &note["RemainingCredit"]), (&held["CreditNoteID"], &json!(0.0)));
    let too_much = bench.http.post(bench.url("/_control/xero/allocate")).json(&asked);
    assert_eq!(answer(too_much).await.0, 400);
}

#[tokio::test]
async fn an_invoice_is_voided_or_deleted_with_its_total_kept() {
    let bench = Bench::start().await;
    let ledger = bench.connected("other").await;
    for (control, status) in [("void", "VOIDED"), ("delete", "DELETED")] {
        let open = sale(&bench, status).await;
        let asked = json!({ "tenant": "other", "invoice_id": open["InvoiceID"] });
        bench.control(&format!("xero/{control}"), asked).await;
        let row = invoice(&ledger, status).await;
        let told = json!([row["Status"], row["AmountDue"], row["Total"]]);
        assert_eq!(told, json!([status, 0.0, 100.0]));
    }
}

#[tokio::test]
async fn a_merged_contact_is_archived_and_its_documents_change_hands() {
    let bench = Bench::start().await;
    let ledger = bench.connected("other").await;
    let contacts = ledger.get("Contacts", &[]).await["Contacts"].clone();
    let (from, into) = (&contacts[0]["ContactID"], &contacts[1]["ContactID"]);
    let of = async |contact: &Value| {
        let query = [("ContactIDs", contact.as_str().unwrap())];
        ledger.get("Invoices", &query).await["Invoices"].as_array().unwrap().len()
    };
    let before = of(from).await + of(into).await;
    bench.control("xero/merge", json!({ "tenant": "other", "from": from, "into": into })).await;
    let merged = ledger.get(&format!("Contacts/{}", from.as_str().unwrap()), &[]).await["Contacts"][0].clone();
    assert_eq!((&merged["ContactStatus"], &merged["MergedToContactID"]), (&json!("ARCHIVED"), into));
    assert_eq!((of(from).await, of(into).await), (0, before));
}

#[tokio::test]
async fn a_change_that_keeps_its_date_is_invisible_to_an_incremental_read() {
    let bench = Bench::start().await;
    let ledger = bench.connected("other").await;
    let row = invoice(&ledger, "EJ-001").await;
    let changed = async |keep_updated: bool| {
        let overrides = json!({ "InvoiceID": row["InvoiceID"], "DueDate": "/Date(1798675200000+0000)/" });
        let asked = json!({ "tenant": "other", "invoice": overrides, "keep_updated": keep_updated });
        bench.control("xero/invoice", asked).await;
        let since = ledger.request("Invoices").header("if-modified-since", "2026-11-21T00:00:00");
        answer(since).await.1["Invoices"].as_array().unwrap().len()
    };
    assert_eq!(
        (changed(true).await, invoice(&ledger, "EJ-001").await["DueDate"].clone()),
        (0, json!("/Date(1798675200000+0000)/"))
    );
    assert_eq!(changed(false).await, 1);
}

#[tokio::test]
async fn rows_of_every_kind_are_added_and_overridden() {
    let bench = Bench::start().await;
    let ledger = bench.connected("other").await;
    for (kind, list, field, expected) in [
        ("bill", "Invoices", "InvoiceID", json!(["Type", "ACCPAY"])),
        ("contact", "Contacts", "ContactID", json!(["ContactStatus", "ACTIVE"])),
        ("credit_note", "CreditNotes", "CreditNoteID", json!(["Type", "ACCRECCREDIT"])),
        ("prepayment", "Prepayments", "PrepaymentID", json!(["Type", "RECEIVE-PREPAYMENT"])),
        ("overpayment", "Overpayments", "OverpaymentID", json!(["Type", "RECEIVE-OVERPAYMENT"])),
        ("payment", "Payments", "PaymentID", json!(["PaymentType", "ACCRECPAYMENT"])),
    ] {
        let added = bench.control(&format!("xero/{kind}"), json!({ "tenant": "other", kind: {} })).await;
        assert_eq!(added[expected[0].as_str().unwrap()], expected[1]);
        let overrides = json!({ field: added[field], "Reference": "changed" });
        bench.control(&format!("xero/{kind}"), json!({ "tenant": "other", kind: overrides })).await;
        let path = format!("{list}/{}", added[field].as_str().unwrap());
        assert_eq!(ledger.get(&path, &[]).await[list][0]["Reference"], "changed", "{kind}");
    }
}

#[tokio::test]
async fn an_organisation_changes_its_edition_and_zone() {
    let bench = Bench::start().await;
    let ledger = bench.connected("other").await;
    let overrides = json!({ "Edition": "PARTNER", "Timezone": "SINGAPORESTANDARDTIME", "ShortCode": null });
    bench.control("xero/organisation", json!({ "tenant": "other", "organisation": overrides })).await;
    let row = ledger.get("Organisation", &[]).await["Organisations"][0].clone();
    let told = (&row["Edition"], &row["Timezone"], row.get("ShortCode"));
    assert_eq!(told, (&json!("PARTNER"), &json!("SINGAPORESTANDARDTIME"), None));
}
