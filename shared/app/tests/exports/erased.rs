//! Archives of somebody who is erased.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use numo_app::{
    erase_customer::{ask_for_erasure, erase_customer},
    export::run::{ExportPorts, Exporting, make_export},
    job::Work,
    number_key::NumberKeys,
    store::{Store, due::Claimed, export::ExportState},
    wake::Waker,
};
use numo_testkit::meddled_table::MeddledTable;

use crate::world::{World, ann, customer, export_id, org};

/// Erases the customer, as the sync's worker does it.
async fn erase(store: Store, now: Timestamp) {
    let (contact, keys) = (customer(), keys());
    let work = Work::EraseCustomer { connection: contact.connection, contact: contact.contact.clone() };
    let Claimed::Claimed { claim, .. } = store.claim_work(&org(), &work, now).await.unwrap() else { return };
    erase_customer(&store, &keys, &org(), (contact.connection, contact.contact), claim, now).await.unwrap();
}

fn keys() -> NumberKeys {
    NumberKeys::new(vec![7; 32]).unwrap()
}

/// An admin asks for it; the work is due again when the worker that was sent its job died.
async fn ask_to_erase(world: &World) {
    let who = (&org(), &ann());
    ask_for_erasure((&world.ports.waker, &keys()), who, &customer(), "c-1", world.now()).await.unwrap();
    world.clock.advance(SignedDuration::from_mins(6));
}

#[tokio::test]
async fn when_a_customer_is_erased_every_archive_that_may_have_them_is_deleted() {
    let world = World::new().await;
    world.made(1, None).await;
    world.made(2, Some(customer())).await;
    ask_to_erase(&world).await;
    erase(world.store().clone(), world.now()).await;
    for n in [1, 2] {
        assert!(matches!(world.export(n).await.unwrap().state, ExportState::Withdrawn { .. }));
        let job = world.job(n).await.unwrap();
        assert_eq!(world.run(n, &job, 300).await.unwrap(), Exporting::Withdrawn);
    }
    assert!(world.bucket.objects().is_empty());
    world.clock.advance(SignedDuration::from_mins(21));
    for n in [1, 2] {
        let job = world.job(n).await.unwrap();
        assert_eq!(world.run(n, &job, 300).await.unwrap(), Exporting::Withdrawn);
        assert_eq!(world.job(n).await, None);
    }
    assert!(world.export(1).await.is_some(), "that there was one is told");
    assert_eq!(world.export(2).await, None, "whose it was is not");
}

#[tokio::test]
async fn an_archive_that_is_under_way_when_it_is_withdrawn_does_not_stay() {
    for call in 1.. {
        let world = World::new().await;
        ask_to_erase(&world).await;
        world.ask(1, None).await.unwrap();
        let job = world.queue.take().pop().unwrap();
        let table = Arc::new(MeddledTable::new(world.table.clone()));
        table.meddle(call, erase(Store::new(world.table.clone()), world.now()));
        let waker = Waker { store: Store::new(table.clone()), ..world.ports.waker.clone() };
        let ports = ExportPorts { waker, ..world.ports.clone() };
        let deadline = world.now() + SignedDuration::from_secs(300);
        make_export(&ports, (&org(), export_id(1)), job.claim.unwrap(), deadline).await.unwrap();
        if !table.is_meddled() {
            assert!(call > 60, "{call}");
            return;
        }
        world.clock.advance(SignedDuration::from_mins(61));
        while let Some(job) = world.job(1).await {
            assert_eq!(world.run(1, &job, 300).await.unwrap(), Exporting::Withdrawn, "call {call}");
        }
        assert!(world.bucket.objects().is_empty(), "call {call}");
        assert!(matches!(world.export(1).await.unwrap().state, ExportState::Withdrawn { .. }), "call {call}");
    }
}
