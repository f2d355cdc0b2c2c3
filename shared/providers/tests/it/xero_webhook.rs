//! Webhooks as Xero posts them.

use std::collections::BTreeSet;

use numo_providers::xero::{signature::verify_signature, webhook::news};
use serde_json::{Value, json};

use crate::bench::Bench;

const KEY: &str = "LR+Qg==";

/// Nobody listens there: the simulator keeps what it posted all the same.
const NOWHERE: &str = "http://127.0.0.1:9/webhooks/xero";

async fn started() -> Bench {
    let bench = Bench::start().await;
    bench.control("xero/webhook", json!({ "url": NOWHERE, "signing_key": KEY })).await;
    bench
}

/// What was posted: signature, body, and whether Xero wants it to be taken.
async fn posted(bench: &Bench) -> Vec<(String, String, bool)> {
    let text = |post: &Value, name: &str| post[name].as_str().unwrap().to_owned();
    let posts = bench.shown("xero/deliveries").await;
    let post = |post: &Value| (text(post, "signature"), text(post, "body"), post["expected_status"] == 200);
    posts["deliveries"].as_array().unwrap().iter().map(post).collect()
}

#[tokio::test]
async fn changes_are_told_by_their_organisation_under_a_signature_that_fits() {
    let bench = started().await;
    let invoice = json!({ "InvoiceNumber": "X-1", "Status": "AUTHORISED" });
    for tenant in ["demo", "demo_company"] {
        bench.control("xero/invoice", json!({ "tenant": tenant, "invoice": invoice })).await;
    }
    bench.control("xero/credit_note", json!({ "tenant": "demo", "credit_note": {} })).await;
    let mut tenants = BTreeSet::new();
    let posts = posted(&bench).await;
    assert_eq!(posts.len(), 3);
    for (signature, body, _) in &posts {
        assert!(verify_signature(signature, body.as_bytes(), &["new".into(), KEY.into()]));
        assert!(!verify_signature(signature, body.as_bytes(), &["other".into()]));
        let news = news(body.as_bytes());
        assert_eq!(news.n_ignored, 0);
        tenants.extend(news.tenants);
    }
    assert_eq!(tenants.len(), 2);
}

#[tokio::test]
async fn the_handshake_tells_right_from_wrong_signatures() {
    let bench = started().await;
    bench.control("xero/intent-to-receive", json!({})).await;
    let posts = posted(&bench).await;
    let told: Vec<bool> =
        posts.iter().map(|(signature, body, _)| verify_signature(signature, body.as_bytes(), &[KEY.into()])).collect();
    let expected: Vec<bool> = posts.iter().map(|(_, _, is_right)| *is_right).collect();
    assert_eq!(told, expected);
    assert!(expected.contains(&true) && expected.contains(&false));
    assert!(posts.iter().all(|(_, body, _)| news(body.as_bytes()).tenants.is_empty()));
}
