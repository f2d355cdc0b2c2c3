//! What statuses tell besides how far a message got: errors, and what it costs.

use std::collections::BTreeSet;

use numo_app::{
    delivery::{StatusUpdate, Update},
    ingest_delivery::IngestReport,
    port::whatsapp::SendAction,
    store::task::TaskAbout,
};
use numo_domain::{
    delivery_report::{
        DeliveryReport,
        pricing::{Billed, PriceCategory, Pricing},
        status_error::StatusError,
    },
    id::AttemptId,
    notice::{Notice, NoticeKind},
    reminder::{DeliveryStatus, Reminder},
};
use uuid::Uuid;

use super::{Scene, now, org, scene, waba};

fn attempt() -> AttemptId {
    AttemptId::new(Uuid::from_u128(1))
}

fn update(status: DeliveryStatus, report: DeliveryReport, asks_for: Option<SendAction>) -> Update {
    Update::Status(StatusUpdate {
        phone_number_id: "phone".parse().unwrap(),
        message: "wamid.1".parse().unwrap(),
        attempt: Some(attempt()),
        status,
        report,
        asks_for,
        recipient: None,
        at: now(),
    })
}

fn priced(status: DeliveryStatus, billed: Billed, category: PriceCategory) -> Update {
    update(status, DeliveryReport::new(BTreeSet::new(), Some(Pricing { billed, category })), None)
}

async fn reminder(scene: &Scene) -> Reminder {
    scene.ports.store.reminder_of_attempt(&org(), attempt()).await.unwrap().unwrap()
}

async fn tasks(scene: &Scene) -> Vec<TaskAbout> {
    scene.ports.store.tasks(&org()).await.unwrap().into_iter().map(|task| task.about).collect()
}

#[tokio::test]
async fn every_error_of_a_failure_stays_with_the_reminder_in_the_one_write_of_its_state() {
    let scene = scene().await;
    scene.remind("+971501234567").await;
    let errors: BTreeSet<StatusError> =
        [(131_026, Some("Message undeliverable.")), (130_472, None)].map(|(c, d)| StatusError::new(c, d)).into();
    let failed = DeliveryStatus::Failed { code: 131_026 };
    scene.table.take_counts();
    scene.ingest(update(failed, DeliveryReport::new(errors.clone(), None), None)).await;
    // The reminder, and that its number was heard of.
    assert_eq!(scene.table.take_counts().writes, 2);
    let told = DeliveryReport::new(errors, None);
    assert_eq!(reminder(&scene).await.report, told);
}

#[tokio::test]
async fn a_price_comes_with_the_write_of_the_state_and_one_that_is_told_again_writes_nothing() {
    let scene = scene().await;
    scene.remind("+971501234567").await;
    scene.ingest(update(DeliveryStatus::Sent, DeliveryReport::default(), None)).await;
    for (status, writes) in [(DeliveryStatus::Delivered, 1), (DeliveryStatus::Delivered, 0), (DeliveryStatus::Sent, 0)]
    {
        scene.table.take_counts();
        scene.ingest(priced(status, Billed::FreeCustomerService, PriceCategory::Utility)).await;
        assert_eq!(scene.table.take_counts().writes, writes, "{status:?}");
    }
    let pricing = Some(Pricing { billed: Billed::FreeCustomerService, category: PriceCategory::Utility });
    let told = DeliveryReport::new(BTreeSet::new(), pricing);
    assert_eq!(reminder(&scene).await.report, told);
    assert_eq!(tasks(&scene).await, []);
}

#[tokio::test]
async fn the_owner_is_told_once_of_a_text_that_is_billed_as_marketing_and_its_account_is_looked_at() {
    let scene = scene().await;
    scene.remind("+971501234567").await;
    for status in [DeliveryStatus::Sent, DeliveryStatus::Delivered] {
        let report = scene.ingest(priced(status, Billed::Regular, PriceCategory::Marketing)).await;
        assert_eq!(report, IngestReport { statuses: 1, ..IngestReport::default() });
    }
    let word = Some("marketing numo_overdue_firm_v1".to_owned());
    let notice = Notice { what: NoticeKind::BilledInOtherCategory, word };
    assert_eq!(tasks(&scene).await, [TaskAbout::AccountNotice { waba: waba(), notice }]);
    let due = scene.table.items().into_iter().filter(|item| item.key.sk.starts_with("DUE#ACCOUNT#"));
    assert_eq!(due.count(), 1);
}
