//! Forgetting a customer for good.

use numo_app::store::due::erase_work;
use serde_json::{Value, json};

use crate::{
    seed::{CONNECTION_A, contact_ref, org},
    world::{World, now},
};

fn path() -> String {
    format!("/v1/customers/{CONNECTION_A}/c-1/erasure")
}

#[tokio::test]
async fn whoever_asks_is_told_what_goes_and_what_stays_and_since_when() {
    let world = World::with_two_organisations().await;
    let before = world.get("member-a", &path()).await.json();
    assert_eq!((&before["contact"], &before["erased_at"]), (&json!("c-1"), &Value::Null));
    assert!(before["deletes"].as_array().unwrap().iter().any(|what| what.as_str().unwrap().contains("name")));
    let kept = before["keeps"].as_array().unwrap().iter();
    assert_eq!(kept.filter(|what| what.as_str().unwrap().contains("keyed hash")).count(), 2);
    let answer = world.post("admin-a", &path(), &json!({"confirm": " Acme Trading "})).await;
    let mut after = before.clone();
    after["erased_at"] = json!(now().to_string());
    assert_eq!((answer.status.as_u16(), answer.json()), (200, after.clone()));
    assert_eq!(world.get("member-a", &path()).await.json(), after);
    let jobs: Vec<_> = world.queue.jobs().into_iter().map(|job| job.work).collect();
    assert_eq!(jobs, [erase_work(&contact_ref(CONNECTION_A, "c-1"))]);
    // From this moment on nothing is planned for them.
    let plan = world.get("admin-a", "/v1/plan").await.json();
    assert_eq!(plan["decisions"][0]["reasons"][0]["code"], "opted_out");
    let log = world.store.activity(&org("org_a"), 1).await.unwrap();
    assert_eq!(log[0].activity.action, "customer.erased");
    assert!(!log[0].activity.detail.to_string().contains("c-1"), "the log names whom it is to forget");
    // The second time nothing changes, whatever is typed: there is no name any more to compare it with.
    world.table.take_counts();
    assert_eq!(world.post("admin-a", &path(), &json!({"confirm": "x"})).await.json(), after);
    assert_eq!((world.table.counts().items_written, world.queue.jobs().len()), (0, 1));
}

#[tokio::test]
async fn a_customer_is_erased_by_nobody_who_does_not_name_them() {
    let world = World::with_two_organisations().await;
    let message = "type the customer's name as it is shown, or the ledger's id";
    for confirm in ["", "acme trading", "Acme", "c-2"] {
        let answer = world.post("admin-a", &path(), &json!({"confirm": confirm})).await;
        assert_eq!(answer.error(), (400, json!({"code": "invalid", "field": "confirm", "message": message})));
    }
    for form in [json!({}), json!({"confirm": 1}), json!({"confirm": "Acme Trading", "at": "once"})] {
        assert_eq!(world.post("admin-a", &path(), &form).await.status, 400, "{form}");
    }
    let nobody = format!("/v1/customers/{CONNECTION_A}/c-99/erasure");
    assert_eq!(world.get("member-a", &nobody).await.error().0, 404);
    assert_eq!(world.post("admin-a", &nobody, &json!({"confirm": "c-99"})).await.error().0, 404);
    assert!(world.queue.jobs().is_empty());
    assert_eq!(world.post("admin-a", &path(), &json!({"confirm": "c-1"})).await.status, 200);
}
