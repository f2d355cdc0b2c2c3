use serde_json::{Value, json};

use crate::client::{Bench, answer};
use crate::intuit::books::Books;

async fn row(books: &Books<'_>, entity: &str, id: &Value) -> Value {
    books.query(&format!("SELECT * FROM {entity} WHERE Id = '{}'", id.as_str().unwrap())).await[entity][0].clone()
}

/// The sample company's first customer, who is in credit although two invoices are open.
async fn amy(books: &Books<'_>) -> Value {
    books.get("customer/1", &[]).await["Customer"].clone()
}

/// A settlement's id, of the first customer.
async fn of_amy(books: &Books<'_>, entity: &str) -> Value {
    books.query(&format!("SELECT * FROM {entity} WHERE CustomerRef = '1' ORDERBY TotalAmt DESC")).await[entity][0]
        .clone()
}

#[tokio::test]
async fn unapplied_money_is_not_netted_into_invoices() {
    let bench = Bench::start().await;
    let books = Books::of(&bench, "sandbox").await;
    let open = books.query("SELECT * FROM Invoice WHERE CustomerRef = '1' AND Balance > '0'").await;
    let owed: i64 = open["Invoice"].as_array().unwrap().iter().map(|row| row["Balance"].as_i64().unwrap()).sum();
    assert_eq!((owed, &amy(&books).await["Balance"]), (839, &json!(-261)));
    assert_eq!(books.get("customer/2", &[]).await["Customer"]["Balance"], json!(-15));
}

#[tokio::test]
async fn a_payment_lowers_the_balance_and_carries_the_amount_on_its_line() {
    let bench = Bench::start().await;
    let books = Books::of(&bench, "sandbox").await;
    let invoice = of_amy(&books, "Invoice").await;
    let changes = books.change("pay", json!({ "invoice_id": invoice["Id"], "amount": 100.25 })).await;
    let payment = &changes[0]["row"];
    assert_eq!(
        (&payment["TotalAmt"], &payment["UnappliedAmt"], &payment["Line"][0]["Amount"]),
        (&json!(100.25), &json!(0), &json!(100.25))
    );
    assert_eq!(payment["Line"][0]["LinkedTxn"], json!([{ "TxnId": invoice["Id"], "TxnType": "Invoice" }]));
    let part = row(&books, "Invoice", &invoice["Id"]).await;
    assert_eq!((&part["Balance"], &part["SyncToken"]), (&json!(499.75), &json!("1")));
    assert_eq!(part["LinkedTxn"], json!([{ "TxnId": payment["Id"], "TxnType": "Payment" }]));
    assert_ne!(part["MetaData"]["LastUpdatedTime"], invoice["MetaData"]["LastUpdatedTime"]);
    books.change("pay", json!({ "invoice_id": invoice["Id"] })).await;
    assert_eq!(row(&books, "Invoice", &invoice["Id"]).await["Balance"], json!(0));
}

#[tokio::test]
async fn payments_and_credit_memos_are_applied_and_unapplied() {
    let bench = Bench::start().await;
    let books = Books::of(&bench, "sandbox").await;
    let (invoice, payment, memo) =
        (of_amy(&books, "Invoice").await, of_amy(&books, "Payment").await, of_amy(&books, "CreditMemo").await);
    books.change("apply", json!({ "payment_id": payment["Id"], "invoice_id": invoice["Id"] })).await;
    assert_eq!(row(&books, "Payment", &payment["Id"]).await["UnappliedAmt"], json!(0));
    assert_eq!(row(&books, "Invoice", &invoice["Id"]).await["Balance"], json!(300));
    let credited = json!({ "credit_memo_id": memo["Id"], "invoice_id": invoice["Id"], "amount": 120 });
    let nothing = books.change("apply", credited).await[0]["row"].clone();
    assert_eq!((&nothing["TotalAmt"], nothing["Line"].as_array().unwrap().len()), (&json!(0), 2));
    assert_eq!(row(&books, "CreditMemo", &memo["Id"]).await["RemainingCredit"], json!(680));
    assert_eq!(row(&books, "Invoice", &invoice["Id"]).await["Balance"], json!(180));
    assert_eq!(amy(&books).await["Balance"], json!(-261));
    for id in [&payment["Id"], &nothing["Id"]] {
        books.change("unapply", json!({ "payment_id": id, "invoice_id": invoice["Id"] })).await;
    }
    let again = row(&books, "Invoice", &invoice["Id"]).await;
    assert_eq!((&again["Balance"], &again["LinkedTxn"]), (&json!(600), &json!([])));
    assert_eq!(row(&books, "Payment", &payment["Id"]).await["UnappliedAmt"], json!(300));
    assert_eq!(row(&books, "CreditMemo", &memo["Id"]).await["RemainingCredit"], json!(800));
}

#[tokio::test]
async fn a_void_invoice_stays_with_nothing_on_it_and_frees_its_payment() {
    let bench = Bench::start().await;
    let books = Books::of(&bench, "sandbox").await;
    let invoice = of_amy(&books, "Invoice").await;
    let payment = books.change("pay", json!({ "invoice_id": invoice["Id"] })).await[0]["row"].clone();
    books.change("void", json!({ "entity": "Invoice", "id": invoice["Id"] })).await;
    let void = row(&books, "Invoice", &invoice["Id"]).await;
    assert_eq!(
        (&void["TotalAmt"], &void["Balance"], &void["PrivateNote"], &void["Line"][0]["Amount"], void.get("status")),
        (&json!(0), &json!(0), &json!("Voided"), &json!(0), None)
    );
    assert_eq!(row(&books, "Payment", &payment["Id"]).await["UnappliedAmt"], json!(600));
}

#[tokio::test]
async fn a_deleted_payment_opens_its_invoice_again() {
    let bench = Bench::start().await;
    let books = Books::of(&bench, "sandbox").await;
    let invoice = of_amy(&books, "Invoice").await;
    let payment = books.change("pay", json!({ "invoice_id": invoice["Id"] })).await[0]["id"].clone();
    let changes = books.change("delete", json!({ "entity": "Payment", "id": payment })).await;
    assert_eq!(
        (&changes[0]["operation"], &changes[1]["entity"], &changes[1]["row"]["Balance"]),
        (&json!("Delete"), &json!("Invoice"), &json!(600))
    );
    assert_eq!(answer(books.request(&format!("payment/{}", payment.as_str().unwrap()))).await.0, 400);
}

#[tokio::test]
async fn merging_moves_the_transactions_and_takes_the_first_customer_away() {
    let bench = Bench::start().await;
    let books = Books::of(&bench, "sandbox").await;
    books.change("merge", json!({ "from": "1", "into": "2" })).await;
    assert_eq!(answer(books.request("customer/1")).await.0, 400);
    let survivor = books.get("customer/2", &[]).await["Customer"].clone();
    assert_eq!(survivor["Balance"], json!(-276));
    let moved = books.query("SELECT * FROM Invoice WHERE CustomerRef = '2'").await["Invoice"].clone();
    assert_eq!(moved.as_array().unwrap().len(), 3);
    assert!(moved.as_array().unwrap().iter().all(|row| row["CustomerRef"]["name"] == "Bill's Windsurf Shop"));
}

#[tokio::test]
async fn rows_are_added_with_defaults_and_overridden_by_id() {
    let bench = Bench::start().await;
    let books = Books::of(&bench, "sandbox").await;
    for (entity, open) in
        [("Invoice", "Balance"), ("CreditMemo", "RemainingCredit"), ("Payment", "UnappliedAmt"), ("Bill", "Balance")]
    {
        let added = books.change("row", json!({ "entity": entity, "row": { "TotalAmt": 42.5 } })).await[0].clone();
        assert_eq!((&added["operation"], &added["row"][open]), (&json!("Create"), &json!(42.5)), "{entity}");
        let fields = json!({ "Id": added["id"], "DocNumber": null, open: 1, "PrivateNote": "by hand" });
        let changed = books.change("row", json!({ "entity": entity, "row": fields })).await[0].clone();
        let row = &changed["row"];
        assert_eq!((&changed["operation"], row.get("DocNumber"), &row[open]), (&json!("Update"), None, &json!(1)));
    }
    let customer = json!({ "entity": "Customer", "row": { "DisplayName": "New", "Id": "77" } });
    assert_eq!(books.change("row", customer).await[0]["row"]["Active"], true);
    assert_eq!(books.get("customer/77", &[]).await["Customer"]["DisplayName"], "New");
}

#[tokio::test]
async fn references_follow_a_customers_new_name() {
    let bench = Bench::start().await;
    let books = Books::of(&bench, "sandbox").await;
    books.change("row", json!({ "entity": "Customer", "row": { "Id": "1", "DisplayName": "Amy Ltd" } })).await;
    let expected = json!({ "value": "1", "name": "Amy Ltd" });
    assert_eq!(of_amy(&books, "Invoice").await["CustomerRef"], expected);
    assert_eq!(of_amy(&books, "Payment").await["CustomerRef"], expected);
}

#[tokio::test]
async fn what_is_not_there_cannot_be_changed() {
    let bench = Bench::start().await;
    for (name, body) in [
        ("pay", json!({ "realm": "demo", "invoice_id": "99999" })),
        ("void", json!({ "realm": "demo", "entity": "Nothing", "id": "1" })),
        ("delete", json!({ "realm": "nowhere", "entity": "Invoice", "id": "1" })),
        ("merge", json!({ "realm": "demo", "from": "99999", "into": "1" })),
        ("row", json!({ "realm": "demo", "entity": "Preferences", "row": { "Id": "9" } })),
        ("disconnect", json!({ "realm": "nowhere" })),
        ("company", json!({})),
        ("token", json!({ "refresh_token": "unknown" })),
    ] {
        let url = bench.url(&format!("/_control/intuit/{name}"));
        assert_eq!(answer(bench.http.post(url).json(&body)).await.0, 404, "{name}");
    }
}
