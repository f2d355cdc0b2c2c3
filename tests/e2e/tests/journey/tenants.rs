//! Two organisations side by side.

use std::collections::BTreeSet;

use numo_e2e::journey::{self, Ledger, Provider, SOON};
use numo_e2e::product::Product;
use reqwest::Method;
use serde_json::{Value, json};

use crate::world::World;

/// The ledger of Edinburgh Joinery.
const JOINERY_LEDGER: Ledger = Ledger { provider: Provider::Xero, user: "other@joinery.example", tenant: "other" };

pub(crate) async fn an_organisation_sees_and_reaches_its_own_data_only(world: &mut World) {
    let (owner, joiner) = (world.owner(), world.joiner());
    let connection = journey::connect(&joiner, JOINERY_LEDGER).await.unwrap().id;
    let run = journey::synced(&joiner, &connection, None, SOON, |_| {}).await.unwrap();
    assert_eq!((run.failure, run.contacts_written, run.invoices_written), (None, 12, 25));

    let (ours, theirs) = (ids(&owner).await, ids(&joiner).await);
    assert!(!ours.is_empty() && !theirs.is_empty());
    assert_eq!(ours.intersection(&theirs).collect::<Vec<_>>(), Vec::<&String>::new());
    for (product, own, foreign) in [(&owner, &ours, &theirs), (&joiner, &theirs, &ours)] {
        assert_eq!(ids_in_lists(product, foreign).await, Vec::<String>::new(), "foreign ids in a list");
        assert_ne!(ids_in_lists(product, own).await, Vec::<String>::new(), "own ids in a list");
    }
    let before = world.table.of_org::<Value>("org_harbour", "CONN#").await;
    probe(&joiner, &owner).await;
    probe(&owner, &joiner).await;
    world.queues.idle().await;
    assert_eq!(world.table.of_org::<Value>("org_harbour", "CONN#").await, before);
}

/// Every route with an id answers 404 to somebody else's.
async fn probe(stranger: &Product, of: &Product) {
    let own = of.connections().await.unwrap().remove(0).id;
    let customer = of.customers().await.unwrap().remove(0);
    let consent = format!("/v1/customers/{}/{}/consent", customer.connection, customer.contact);
    let mut calls = vec![
        (Method::POST, format!("/v1/connections/{own}/sync"), json!({})),
        (Method::GET, format!("/v1/connections/{own}/syncs"), Value::Null),
        (Method::GET, format!("/v1/connections/{own}/unreadable"), Value::Null),
        (Method::DELETE, format!("/v1/connections/{own}"), Value::Null),
        (Method::POST, consent, json!({"state": "opted_out", "reason": "a stranger says so"})),
    ];
    for reminder in of.reminders().await.unwrap().into_iter().take(3) {
        calls.push((Method::GET, format!("/v1/reminders/{}", reminder.attempt), Value::Null));
    }
    let date = of.date().await.unwrap();
    // The date is no secret, but a plan belongs to whoever made it.
    if stranger.plan(&date).await.unwrap().is_none() {
        calls.push((Method::GET, format!("/v1/plans/{date}"), Value::Null));
        calls.push((Method::POST, format!("/v1/plans/{date}/approve"), json!({"generation": 1})));
    }
    for (method, path, body) in calls {
        let body = (!body.is_null()).then_some(&body);
        let answer = stranger.call(method.clone(), &path, body).await.unwrap();
        assert_eq!((answer.status.as_u16(), answer.error_code().as_str()), (404, "not_found"), "{method} {path}");
    }
    let listed = of.reminders().await.unwrap();
    if let Some(reminder) = listed.first() {
        assert_eq!(of.get(&format!("/v1/reminders/{}", reminder.attempt)).await.unwrap().status, 200);
    }
}

/// Ids that belong to an organisation.
async fn ids(product: &Product) -> BTreeSet<String> {
    let mut ids: BTreeSet<String> =
        product.connections().await.unwrap().into_iter().map(|connection| connection.id).collect();
    ids.extend(product.customers().await.unwrap().into_iter().map(|customer| customer.contact));
    ids.extend(product.reminders().await.unwrap().into_iter().map(|reminder| reminder.attempt));
    ids
}

/// Which of the ids stand anywhere in what the lists answer.
async fn ids_in_lists(product: &Product, ids: &BTreeSet<String>) -> Vec<String> {
    let lists = ["connections", "senders", "customers", "plan", "reminders", "tasks", "activity", "organisation"];
    let mut bodies = String::new();
    for list in lists {
        let answer = product.get(&format!("/v1/{list}")).await.unwrap();
        assert_eq!(answer.status, 200, "{list}");
        bodies.push_str(&answer.body);
    }
    ids.iter().filter(|id| bodies.contains(id.as_str())).cloned().collect()
}
