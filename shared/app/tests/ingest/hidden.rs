//! Customers who have a username and hide their number.

use std::sync::Arc;

use jiff::SignedDuration;
use numo_app::{
    delivery::{Echo, InboundMessage, NumberOwner, StatusUpdate, Update},
    ingest_delivery::ingest_delivery,
    store::Store,
};
use numo_domain::{conversation::Content, delivery_report::DeliveryReport, id::AttemptId, reminder::DeliveryStatus};
use numo_testkit::{meddled_table::MeddledTable, memory_table::MemoryTable};
use uuid::Uuid;

use crate::{Scene, customer, inbound, now, number, org, scene, scene_over, waba};

/// A message of a user who hides the number.
fn hidden(user: &str, text: &str) -> Update {
    let Update::Inbound(message) = inbound(None, None, text) else { unreachable!("a message") };
    Update::Inbound(InboundMessage { user: user.parse().ok(), message: "wamid.hidden".parse().unwrap(), ..message })
}

/// That the reminder reached a number, and whose that is.
fn reached(to: &str, user: &str) -> Update {
    Update::Status(StatusUpdate {
        phone_number_id: "phone".parse().unwrap(),
        message: "wamid.1".parse().unwrap(),
        attempt: Some(AttemptId::new(Uuid::from_u128(1))),
        status: DeliveryStatus::Delivered,
        report: DeliveryReport::default(),
        asks_for: None,
        recipient: Some(NumberOwner { number: number(to), user: user.parse().unwrap() }),
        at: now(),
    })
}

#[tokio::test]
async fn case_51_whoever_hides_the_number_is_known_by_the_user_that_a_reminder_reached() {
    let scene = scene().await;
    scene.remind("+971501234567").await;
    scene.ingest(reached("+971501234567", "AE.1")).await;
    let items = scene.table.items();
    scene.ingest(reached("+971501234567", "AE.1")).await;
    assert!(scene.table.items() == items, "the same told again was written again");
    assert_eq!(scene.ingest(hidden("AE.2", "when?")).await.ignored, 1);
    assert_eq!(scene.ingest(hidden("AE.1", "when?")).await.inbound, 1);
    let file = scene.ports.store.customer_file(&org(), &customer()).await.unwrap();
    assert_eq!(file.unread_since, Some(now()));
    let echo = Echo { phone_number_id: "phone".parse().unwrap(), to: None, user: "AE.1".parse().ok(), at: now() };
    assert_eq!(scene.ingest(Update::Echo(echo)).await.echoes, 1);
}

#[tokio::test]
async fn case_51_a_stop_of_somebody_unknown_counts_for_the_number_and_the_customer_once_the_number_is_seen() {
    let scene = scene().await;
    scene.remind("+971501234567").await;
    assert_eq!(scene.ingest(hidden("AE.1", "STOP")).await.inbound, 1);
    let consents = async || scene.ports.store.consents(&org()).await.unwrap();
    let (key, user) = (scene.key("+971501234567"), "AE.1".parse().unwrap());
    let of_user = scene.ports.number_keys.key_of_user(&org(), &user).unwrap();
    assert_eq!(consents().await.opted_out_numbers, [of_user.clone()].into());
    scene.ingest(reached("+971501234567", "AE.1")).await;
    assert_eq!(consents().await.opted_out_numbers, [of_user, key].into());
    assert_eq!(consents().await.opted_out_contacts, [customer()].into());
    // Whoever wants reminders again is asked once only.
    let Update::Inbound(start) = inbound(Some("+971501234567"), None, "START") else { unreachable!("a message") };
    let at = now().checked_add(SignedDuration::from_secs(1)).unwrap();
    scene.ingest(Update::Inbound(InboundMessage { at, ..start })).await;
    scene.ingest(reached("+971501234567", "AE.1")).await;
    assert_eq!(consents().await.opted_out_contacts, [].into());
}

#[tokio::test]
async fn whoever_gets_another_user_id_is_known_by_that_one_too() {
    let scene = scene().await;
    scene.remind("+971501234567").await;
    scene.ingest(reached("+971501234567", "AE.1")).await;
    let Update::Inbound(message) = inbound(None, None, "") else { unreachable!("a message") };
    let (user, becomes) = ("AE.1".parse().ok(), "AE.2".parse().ok());
    let changed = InboundMessage { user, becomes, content: Content::System, text: None, ..message };
    assert_eq!(scene.ingest(Update::Inbound(changed)).await.inbound, 1);
    assert_eq!(scene.ingest(hidden("AE.2", "STOP")).await.inbound, 1);
    let consents = scene.ports.store.consents(&org()).await.unwrap();
    assert_eq!(consents.opted_out_numbers, [scene.key("+971501234567")].into());
    assert_eq!(consents.opted_out_contacts, [customer()].into());
}

#[tokio::test]
async fn no_stop_is_lost_wherever_it_meets_the_status_that_shows_the_number() {
    let delivery = |update| numo_app::delivery::Delivery { waba: waba(), updates: vec![update], skipped: Vec::new() };
    for stop_first in [true, false] {
        let mut call = 1;
        loop {
            let memory = Arc::new(MemoryTable::new());
            let way = Arc::new(MeddledTable::new(memory.clone()));
            let scene: Scene = scene_over(memory.clone(), way.clone()).await;
            scene.remind("+971501234567").await;
            let updates = [hidden("AE.1", "STOP"), reached("+971501234567", "AE.1")];
            let [mine, theirs] = if stop_first {
                updates
            } else {
                let [stop, status] = updates;
                [status, stop]
            };
            let mut other = scene.ports.clone();
            other.store = Store::new(memory.clone());
            let theirs = delivery(theirs);
            way.meddle(call, async move {
                ingest_delivery(&other, &theirs).await.unwrap();
            });
            ingest_delivery(&scene.ports, &delivery(mine)).await.unwrap();
            if !way.is_meddled() {
                break;
            }
            let consents = Store::new(memory).consents(&org()).await.unwrap();
            assert!(consents.opted_out_contacts.contains(&customer()), "stop first: {stop_first}, met at call {call}");
            call += 1;
        }
        assert!(call > 5, "{call}");
    }
}
