//! Limits: a parked connection says until when and why, and nothing waits inside a function.

use jiff::SignedDuration;
use numo_app::{
    port::{
        clock::Clock,
        ledger::{LedgerError, Limit, reader::Room},
    },
    store::task::TaskAbout,
    sync_connection::Synced,
};
use numo_domain::connection::{ConnectionStatus, LedgerProvider};

use crate::world::{World, connection_id, invoice, org, tokens};

fn limited(limit: Limit, seconds: Option<i64>) -> LedgerError {
    LedgerError::RateLimited { limit, retry_after: seconds.map(SignedDuration::from_secs) }
}

#[tokio::test]
async fn a_day_limit_of_many_hours_parks_the_connection_until_it_ends() {
    let world = World::synced(LedgerProvider::Xero).await;
    world.ledger.held().refusals.push_back(limited(Limit::Day, Some(66_975)));
    assert_eq!(world.sync().await, Synced::Postponed);
    let gate = world.gate().await.unwrap();
    let parked_for = gate.parked_until.duration_since(world.clock.now());
    assert_eq!((gate.limit, parked_for), (Limit::Day, SignedDuration::from_secs(66_975)));
    assert_eq!(world.connection().await.status, ConnectionStatus::Active);
}

#[tokio::test]
async fn case_25_in_a_long_wait_the_owner_is_told_after_four_hours_without_a_call_of_the_ledger() {
    let world = World::synced(LedgerProvider::Xero).await;
    let told = async || world.store.tasks(&org()).await.unwrap().into_iter().map(|task| task.about).collect::<Vec<_>>();
    world.ledger.held().refusals.push_back(limited(Limit::Day, Some(66_975)));
    assert_eq!(world.sync().await, Synced::Postponed);
    assert_eq!((world.next_sync_in().await, told().await), (Some(SignedDuration::from_hours(4)), vec![]));
    world.pass(SignedDuration::from_hours(4));
    world.ledger.held().refreshes.push_back(Ok(tokens("token-2", world.clock.now())));
    world.ledger.asked();
    assert_eq!(world.sync().await, Synced::Postponed);
    assert_eq!(world.ledger.asked(), ["refresh refresh of token-1"]);
    assert_eq!(told().await, [TaskAbout::LedgerUnreadable(connection_id())]);
    // The rest of the wait in one go.
    assert_eq!(world.next_sync_in().await, Some(SignedDuration::from_secs(66_975 - 4 * 3_600)));
}

#[tokio::test]
async fn a_parked_connection_is_not_called_but_its_tokens_are_kept_alive() {
    let world = World::synced(LedgerProvider::Quickbooks).await;
    world.ledger.held().refusals.push_back(limited(Limit::Month, None));
    assert_eq!(world.sync().await, Synced::Postponed);
    world.pass(SignedDuration::from_hours(5));
    world.ledger.held().refreshes.push_back(Ok(tokens("token-2", world.clock.now())));
    world.ledger.asked();
    assert_eq!(world.sync().await, Synced::Postponed);
    assert_eq!(world.ledger.asked(), ["refresh refresh of token-1"]);
    assert_eq!(world.next_sync_in().await, Some(SignedDuration::from_hours(1)));
}

#[tokio::test]
async fn the_apps_own_limit_parks_every_connection_of_the_provider_and_no_other() {
    let world = World::synced(LedgerProvider::Xero).await;
    world.ledger.held().refusals.push_back(limited(Limit::App, Some(30)));
    assert_eq!(world.sync().await, Synced::Postponed);
    assert_eq!(world.gate().await.unwrap().limit, Limit::App);
    world.ledger.asked();
    assert_eq!(world.sync().await, Synced::Postponed);
    assert_eq!(world.ledger.asked(), Vec::<String>::new());
    world.pass(SignedDuration::from_secs(31));
    assert!(matches!(world.sync().await, Synced::Complete(_)));
}

#[tokio::test]
async fn a_good_answer_opens_the_gate_again() {
    let world = World::synced(LedgerProvider::Xero).await;
    for _ in 0..3 {
        world.ledger.held().refusals.push_back(limited(Limit::Minute, Some(20)));
        assert_eq!(world.sync().await, Synced::Postponed);
        world.pass(SignedDuration::from_mins(5));
    }
    assert_eq!(world.gate().await.unwrap().times, 3);
    assert!(matches!(world.sync().await, Synced::Complete(_)));
    assert_eq!(world.gate().await, None);
}

#[tokio::test]
async fn a_sync_leaves_the_last_calls_of_a_minute_and_of_a_day_to_reminders() {
    for (room, limit) in [
        (Room { minute: Some(8), ..Room::default() }, Limit::Minute),
        (Room { day: Some(150), minute: Some(60), ..Room::default() }, Limit::Day),
    ] {
        let world = World::connected(LedgerProvider::Xero).await;
        world.ledger.held().rows_per_page = 1;
        world.ledger.held().invoices = vec![invoice("i1", "c1", "AED 10"), invoice("i2", "c1", "AED 10")];
        world.ledger.held().room = room;
        assert_eq!(world.sync().await, Synced::Postponed);
        let gate = world.gate().await.unwrap();
        assert_eq!(gate.limit, limit);
        world.ledger.held().room = Room::default();
        world.pass(SignedDuration::from_mins(61));
        world.ledger.held().refreshes.push_back(Ok(tokens("token-2", world.clock.now())));
        world.ledger.asked();
        assert!(matches!(world.sync().await, Synced::Complete(_)));
        assert_eq!(world.ledger.asked()[1], "everything since 2024-11-26, page 2, with token-2");
    }
}
