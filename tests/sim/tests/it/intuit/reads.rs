use serde_json::json;

use crate::client::{Bench, answer};
use crate::intuit::books::Books;

#[tokio::test]
async fn the_company_says_its_country_zone_and_home_currency() {
    let bench = Bench::start().await;
    for (key, name, country, zone, home, several) in [
        ("demo", "Gulf Marine Supplies", "AE", "Asia/Dubai", "AED", true),
        ("other", "Brooklyn Joinery", "US", "America/New_York", "USD", false),
        ("sandbox", "Sandbox Company_US_1", "US", "America/Los_Angeles", "USD", false),
    ] {
        let books = Books::of(&bench, key).await;
        let info = books.get(&format!("companyinfo/{}", books.realm), &[]).await["CompanyInfo"].clone();
        assert_eq!(
            (&info["CompanyName"], &info["Country"], &info["DefaultTimeZone"]),
            (&json!(name), &json!(country), &json!(zone))
        );
        let prefs = books.get("preferences", &[]).await["Preferences"]["CurrencyPrefs"].clone();
        assert_eq!(prefs, json!({ "MultiCurrencyEnabled": several, "HomeCurrency": { "value": home } }));
    }
}

#[tokio::test]
async fn single_objects_are_read_by_id_and_missing_ones_are_610() {
    let bench = Bench::start().await;
    let books = Books::of(&bench, "sandbox").await;
    let invoice = books.open_invoice().await;
    let path = format!("invoice/{}", invoice["Id"].as_str().unwrap());
    assert_eq!(books.get(&path, &[]).await["Invoice"], invoice);
    assert_eq!(books.get("customer/1", &[]).await["Customer"]["DisplayName"], "Amy's Bird Sanctuary");
    let payment = books.query("SELECT * FROM Payment MAXRESULTS 1").await["Payment"][0].clone();
    let path = format!("payment/{}", payment["Id"].as_str().unwrap());
    assert_eq!(books.get(&path, &[]).await["Payment"], payment);
    for path in ["invoice/9999", "customer/9999", "payment/9999", "companyinfo/1"] {
        let (status, body) = answer(books.request(path)).await;
        let fault = &body["Fault"];
        assert_eq!(
            (status, &fault["type"], &fault["Error"][0]["code"]),
            (400, &json!("ValidationFault"), &json!("610")),
            "{path}"
        );
    }
}

#[tokio::test]
async fn the_link_to_pay_comes_only_on_request_and_only_if_it_can_be_paid_online() {
    let bench = Bench::start().await;
    let books = Books::of(&bench, "sandbox").await;
    let row = books.change("row", json!({ "entity": "Invoice", "row": {} })).await[0]["row"].clone();
    let path = format!("invoice/{}", row["Id"].as_str().unwrap());
    let with_link = [("include", "invoiceLink"), ("minorversion", "75")];
    assert_eq!(books.get(&path, &[]).await["Invoice"].get("InvoiceLink"), None);
    let link = books.get(&path, &with_link).await["Invoice"]["InvoiceLink"].clone();
    assert!(link.as_str().unwrap().starts_with("https://connect.intuit.example/"));
    books.change("row", json!({ "entity": "Invoice", "row": { "Id": row["Id"], "BillEmail": null } })).await;
    assert_eq!(books.get(&path, &with_link).await["Invoice"].get("InvoiceLink"), None);
}

#[tokio::test]
async fn the_document_of_an_invoice_is_a_pdf() {
    let bench = Bench::start().await;
    let books = Books::of(&bench, "sandbox").await;
    let path = format!("invoice/{}/pdf", books.open_invoice().await["Id"].as_str().unwrap());
    let url = bench.url(&format!("/quickbooks-api/v3/company/{}/{path}", books.realm));
    let asked = bench.http.get(url).bearer_auth(&books.access).header("accept", "application/pdf");
    let response = asked.send().await.unwrap();
    assert_eq!(
        (response.status().as_u16(), &response.headers()["content-type"]),
        (200, &"application/pdf".parse().unwrap())
    );
    assert!(response.bytes().await.unwrap().starts_with(b"%PDF-"));
    let (status, body) = answer(books.request(&path)).await;
    assert_eq!((status, &body["Fault"]["Error"][0]["code"]), (400, &json!("500")));
}

#[tokio::test]
async fn the_answer_is_xml_unless_json_is_asked_for() {
    let bench = Bench::start().await;
    let books = Books::of(&bench, "demo").await;
    let url = bench.url(&format!("/quickbooks-api/v3/company/{}/preferences", books.realm));
    let response = bench.http.get(url).bearer_auth(&books.access).send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "application/xml");
    assert!(response.text().await.unwrap().starts_with("<IntuitResponse "));
}

#[tokio::test]
async fn an_unknown_token_is_3200_in_lower_case_and_a_foreign_company_3100() {
    let bench = Bench::start().await;
    let books = Books::of(&bench, "demo").await;
    let stranger =
        Books { access: String::from("nonsense"), realm: books.realm.clone(), ..Books::of(&bench, "demo").await };
    let (status, body) = answer(stranger.request("preferences")).await;
    let fault = &body["fault"];
    assert_eq!(
        (status, &fault["type"], &fault["error"][0]["code"], body.get("Fault")),
        (401, &json!("AUTHENTICATION"), &json!("3200"), None)
    );
    let foreign = Books { realm: Books::of(&bench, "other").await.realm, ..books };
    let (status, body) = answer(foreign.request("preferences")).await;
    let fault = &body["Fault"];
    assert_eq!(
        (status, &fault["type"], &fault["Error"][0]["code"]),
        (403, &json!("AuthorizationFault"), &json!("3100"))
    );
}

#[tokio::test]
async fn authentication_errors_come_in_the_form_that_control_chose() {
    let bench = Bench::start().await;
    let books = Books::of(&bench, "demo").await;
    bench.sim.handle.advance_seconds(3600);
    bench.control("intuit/settings", json!({ "auth_errors": "upper" })).await;
    assert_eq!(answer(books.request("preferences")).await.1["Fault"]["Error"][0]["code"], "3200");
    bench.control("intuit/settings", json!({ "auth_errors": "xml" })).await;
    let response = books.request("preferences").send().await.unwrap();
    assert_eq!(
        (response.status().as_u16(), &response.headers()["content-type"]),
        (401, &"application/xml".parse().unwrap())
    );
    assert!(response.text().await.unwrap().contains("<Error code=\"3200\">"));
}

#[tokio::test]
async fn a_company_that_does_not_pay_is_6190() {
    let bench = Bench::start().await;
    let books = Books::of(&bench, "demo").await;
    bench.control("intuit/company", json!({ "realm": "demo", "subscription_ended": true })).await;
    let (status, body) = answer(books.request("preferences")).await;
    assert_eq!((status, &body["Fault"]["Error"][0]["code"]), (403, &json!("6190")));
    bench
        .control("intuit/company", json!({ "realm": "demo", "subscription_ended": false, "info": { "Country": "OM" } }))
        .await;
    let info = books.get(&format!("companyinfo/{}", books.realm), &[]).await;
    assert_eq!(info["CompanyInfo"]["Country"], "OM");
}
