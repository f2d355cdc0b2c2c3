use serde_json::{Value, json};

use crate::client::{Bench, answer, strings};
use crate::intuit::books::{Books, ids};

#[tokio::test]
async fn pages_start_at_one_hold_a_hundred_and_add_up_to_the_total() {
    let bench = Bench::start().await;
    bench.control("intuit/settings", json!({ "malformed_rows": false })).await;
    let books = Books::of(&bench, "demo").await;
    let total = books.query("select count(*) from Invoice").await["totalCount"].as_u64().unwrap();
    let first = books.query("SELECT * FROM Invoice ORDERBY Id").await;
    assert_eq!(
        (&first["startPosition"], &first["maxResults"], &first["totalCount"]),
        (&json!(1), &json!(100), &json!(total))
    );
    let mut seen = Vec::new();
    loop {
        let start = seen.len() + 1;
        let text = format!("SELECT * FROM Invoice ORDERBY Id STARTPOSITION {start} MAXRESULTS 70");
        let page = books.query(&text).await;
        let Some(rows) = page.get("Invoice") else { break };
        seen.extend(ids(rows));
    }
    assert_eq!((seen.len() as u64, seen.is_sorted()), (total, true));
    seen.dedup();
    assert_eq!(seen.len() as u64, total);
}

#[tokio::test]
async fn positions_and_sizes_out_of_range_are_refused() {
    let bench = Bench::start().await;
    let books = Books::of(&bench, "demo").await;
    for end in ["STARTPOSITION 0", "MAXRESULTS 1001", "MAXRESULTS 0", "STARTPOSITION x"] {
        let (status, code, _) = books.refused(&format!("SELECT * FROM Invoice {end}")).await;
        assert_eq!((status, code.as_str()), (400, "4001"), "{end}");
    }
    assert!(books.query("SELECT * FROM Invoice MAXRESULTS 1000").await["Invoice"].is_array());
}

#[tokio::test]
async fn nothing_found_is_an_empty_object() {
    let bench = Bench::start().await;
    let books = Books::of(&bench, "demo").await;
    let body = books.get("query", &[("query", "SELECT * FROM Invoice WHERE Id = '999999'")]).await;
    assert_eq!(body["QueryResponse"], json!({}));
    assert_eq!(body.as_object().unwrap().keys().collect::<Vec<_>>(), ["QueryResponse", "time"]);
}

#[tokio::test]
async fn invoices_come_in_no_order_unless_one_is_asked_for() {
    let bench = Bench::start().await;
    let books = Books::of(&bench, "other").await;
    let unordered = books.query("SELECT * FROM Invoice").await;
    assert!(!ids(&unordered["Invoice"]).is_sorted());
    for order in ["ORDERBY DueDate", "ORDER BY DueDate ASC", "orderby DueDate, Id desc"] {
        let rows = books.query(&format!("SELECT * FROM Invoice {order}")).await["Invoice"].clone();
        assert!(strings(&rows, "DueDate").is_sorted(), "{order}");
    }
    let down = books.query("SELECT * FROM Invoice ORDERBY Id DESC").await;
    assert!(ids(&down["Invoice"]).iter().rev().is_sorted());
}

#[tokio::test]
async fn a_total_comes_with_invoices_only() {
    let bench = Bench::start().await;
    let books = Books::of(&bench, "demo").await;
    for (entity, has_total) in
        [("Invoice", true), ("Customer", false), ("Payment", false), ("CreditMemo", false), ("Bill", false)]
    {
        let found = books.query(&format!("SELECT * FROM {entity} MAXRESULTS 5")).await;
        assert_eq!((found.get("totalCount").is_some(), found[entity].is_array()), (has_total, true), "{entity}");
    }
}

#[tokio::test]
async fn conditions_are_joined_by_and() {
    let bench = Bench::start().await;
    bench.control("intuit/settings", json!({ "malformed_rows": false })).await;
    let books = Books::of(&bench, "demo").await;
    let all = books.query("SELECT * FROM Invoice MAXRESULTS 1000").await["Invoice"].clone();
    let text = "SELECT * FROM Invoice WHERE Balance > '0' AND DueDate < '2026-11-23' AND TotalAmt <= '9000.50' \
                AND DocNumber != '1001' MAXRESULTS 1000";
    let found = books.query(text).await["Invoice"].clone();
    let fits = |row: &&Value| {
        let amount = |name: &str| row[name].as_f64().unwrap();
        let number = row["DocNumber"].as_str();
        amount("Balance") > 0.0
            && row["DueDate"].as_str().unwrap() < "2026-11-23"
            && amount("TotalAmt") <= 9000.5
            && number.is_some_and(|number| number != "1001")
    };
    let expected: Vec<&Value> = all.as_array().unwrap().iter().filter(fits).collect();
    assert!(expected.len() > 20);
    assert_eq!(found.as_array().unwrap().iter().collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn lists_patterns_and_escaped_quotes_are_understood() {
    let bench = Bench::start().await;
    let books = Books::of(&bench, "sandbox").await;
    let named = |text: &'static str| {
        let books = &books;
        async move { strings(&books.query(text).await["Customer"], "DisplayName") }
    };
    let amy = ["Amy's Bird Sanctuary"];
    assert_eq!(named(r"SELECT * FROM Customer WHERE DisplayName = 'Amy\'s Bird Sanctuary'").await, amy);
    assert_eq!(named("SELECT * FROM Customer WHERE DisplayName LIKE '%bird%'").await, amy);
    let found = books.query("SELECT * FROM Customer WHERE Id IN ('3', '1') ORDERBY Id").await;
    assert_eq!(ids(&found["Customer"]), [1, 3]);
    let invoices = books.query("SELECT * FROM Invoice WHERE CustomerRef = '1'").await;
    assert!(invoices["Invoice"].as_array().unwrap().iter().all(|row| row["CustomerRef"]["value"] == "1"));
}

#[tokio::test]
async fn what_the_language_lacks_is_refused_with_4001() {
    let bench = Bench::start().await;
    let books = Books::of(&bench, "demo").await;
    for text in [
        "SELECT * FROM Invoice WHERE Balance > '0' OR DueDate < '2026-11-23'",
        "SELECT * FROM Payment WHERE UnappliedAmt > '0'",
        "SELECT * FROM Invoice WHERE EmailStatus = 'NotSet'",
        "SELECT * FROM Invoice WHERE Active = true",
        "SELECT * FROM Customer WHERE DueDate < '2026-11-23'",
        "SELECT * FROM Invoice WHERE Balance > 'much'",
        "SELECT * FROM Invoice WHERE Balance LIKE '1%'",
        "SELECT * FROM Invoice WHERE DocNumber = 'open",
        "SELECT * FROM Invoice ORDERBY PrivateNote",
        "SELECT Id FROM Invoice",
        "SELECT * FROM Nothing",
        "SELECT * FROM Invoice GROUP BY Id",
        "DELETE FROM Invoice",
        "",
    ] {
        let (status, code, _) = books.refused(text).await;
        assert_eq!((status, code.as_str()), (400, "4001"), "{text}");
    }
    let (_, _, detail) = books.refused("SELECT * FROM Payment WHERE UnappliedAmt > '0'").await;
    assert_eq!(detail, "QueryValidationError: property 'UnappliedAmt' is not queryable");
}

#[tokio::test]
async fn inactive_customers_are_found_only_when_asked_for() {
    let bench = Bench::start().await;
    let books = Books::of(&bench, "demo").await;
    let count = |text: &'static str| {
        let books = &books;
        async move { books.query(text).await["totalCount"].as_u64().unwrap() }
    };
    assert_eq!(count("SELECT count(*) FROM Customer").await, 116);
    assert_eq!(count("SELECT count(*) FROM Customer WHERE Active IN (true, false)").await, 120);
    let gone = books.query("SELECT * FROM Customer WHERE Active = false").await;
    assert!(strings(&gone["Customer"], "DisplayName").iter().all(|name| name.ends_with(" (deleted)")));
}

#[tokio::test]
async fn times_are_compared_as_instants_whatever_their_offset() {
    let bench = Bench::start().await;
    let books = Books::of(&bench, "other").await;
    let row = books.query("SELECT * FROM Invoice MAXRESULTS 1").await["Invoice"][0].clone();
    let pacific = row["MetaData"]["LastUpdatedTime"].as_str().unwrap();
    let at: jiff::Timestamp = pacific.parse().unwrap();
    for text in [pacific.to_owned(), at.to_string(), at.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string()] {
        let query = format!(
            "SELECT * FROM Invoice WHERE MetaData.LastUpdatedTime = '{text}' AND Id = '{}'",
            row["Id"].as_str().unwrap()
        );
        assert_eq!(books.query(&query).await["Invoice"], json!([row]), "{text}");
    }
}

#[tokio::test]
async fn a_query_may_be_posted_as_text() {
    let bench = Bench::start().await;
    let books = Books::of(&bench, "sandbox").await;
    let text = "SELECT * FROM Customer ORDERBY Id";
    let url = bench.url(&format!("/quickbooks-api/v3/company/{}/query", books.realm));
    for kind in ["application/text", "text/plain"] {
        let asked = bench.http.post(&url).bearer_auth(&books.access).header("accept", "application/json");
        let (status, body) = answer(asked.header("content-type", kind).body(text)).await;
        assert_eq!((status, &body["QueryResponse"]), (200, &books.query(text).await), "{kind}");
    }
}

#[tokio::test]
async fn a_batch_answers_each_query_or_says_its_fault() {
    let bench = Bench::start().await;
    let books = Books::of(&bench, "sandbox").await;
    let url = bench.url(&format!("/quickbooks-api/v3/company/{}/batch", books.realm));
    let post = |items: Value| {
        let asked = bench.http.post(&url).bearer_auth(&books.access).header("accept", "application/json");
        answer(asked.json(&json!({ "BatchItemRequest": items })))
    };
    let items = json!([
        { "bId": "a", "Query": "SELECT count(*) FROM Customer" },
        { "bId": "b", "Query": "SELECT * FROM Nothing" },
        { "bId": "c", "operation": "delete", "Invoice": { "Id": "1" } },
    ]);
    let (status, body) = post(items).await;
    let answers = &body["BatchItemResponse"];
    assert_eq!((status, strings(answers, "bId")), (200, vec!["a".into(), "b".into(), "c".into()]));
    assert_eq!(answers[0]["QueryResponse"], json!({ "totalCount": 6 }));
    assert_eq!(answers[1]["Fault"]["Error"][0]["code"], "4001");
    assert_eq!(answers[2]["Fault"]["Error"][0]["code"], "500");
    let one = json!({ "bId": "x", "Query": "SELECT count(*) FROM Customer" });
    assert_eq!(post(json!(vec![one.clone(); 30])).await.0, 200);
    assert_eq!(post(json!(vec![one; 31])).await.0, 400);
}
