//! What a refusal means: a renewed token, a dead connection, or nothing at all.

use jiff::SignedDuration;
use numo_app::{
    port::{clock::Clock, events::Event, ledger::LedgerError},
    store::task::TaskAbout,
    sync_connection::Synced,
};
use numo_domain::connection::{ConnectionStatus, LedgerProvider, Provider};

use crate::world::{World, connection_id, org, tokens};

#[tokio::test]
async fn a_token_that_is_refused_before_its_time_is_renewed_once_and_the_call_repeated() {
    let world = World::synced(LedgerProvider::Quickbooks).await;
    world.ledger.held().refusals.push_back(LedgerError::TokenRefused);
    world.ledger.held().refreshes.push_back(Ok(tokens("token-2", world.clock.now())));
    assert!(matches!(world.sync().await, Synced::Complete(_)));
    let since = "changes since 2026-11-26T05:55:00Z, page 1, with";
    let expected = [format!("{since} token-1"), "refresh refresh of token-1".to_owned(), format!("{since} token-2")];
    assert_eq!(world.ledger.asked(), expected);
}

#[tokio::test]
async fn a_token_that_is_refused_although_it_was_just_renewed_ends_nothing() {
    let world = World::synced(LedgerProvider::Xero).await;
    world.ledger.held().refusals = [LedgerError::TokenRefused, LedgerError::TokenRefused].into();
    world.ledger.held().refreshes.push_back(Ok(tokens("token-2", world.clock.now())));
    assert_eq!(world.sync().await, Synced::Postponed);
    assert_eq!(world.connection().await.status, ConnectionStatus::Active);
    assert_eq!(world.next_sync_in().await, Some(SignedDuration::from_mins(5)));
}

#[tokio::test]
async fn an_organisation_that_was_disconnected_in_the_ledger_asks_for_a_reconnect() {
    let world = World::synced(LedgerProvider::Xero).await;
    world.ledger.held().refusals.push_back(LedgerError::TenantRefused);
    world.ledger.held().is_open = false;
    assert_eq!(world.sync().await, Synced::Postponed);
    assert_eq!(world.connection().await.status, ConnectionStatus::ReauthRequired);
    let about: Vec<TaskAbout> = world.store.tasks(&org()).await.unwrap().into_iter().map(|task| task.about).collect();
    assert_eq!(about, [TaskAbout::ReconnectLedger(connection_id())]);
    let told: Vec<Event> = world.events.published().into_iter().map(|published| published.event).collect();
    let expected = Event::ConnectionReauthRequired { connection: connection_id(), provider: Provider::Xero };
    assert_eq!(told, [expected]);
    assert_eq!(world.next_sync_in().await, None);
    assert_eq!(world.ledger.asked().last().unwrap(), "is_open tenant-1");
}

#[tokio::test]
async fn a_refusal_by_a_ledger_that_is_still_connected_is_tried_again() {
    let world = World::synced(LedgerProvider::Xero).await;
    world.ledger.held().refusals.push_back(LedgerError::TenantRefused);
    assert_eq!(world.sync().await, Synced::Postponed);
    assert_eq!(world.connection().await.status, ConnectionStatus::Active);
    assert_eq!(world.next_sync_in().await, Some(SignedDuration::from_mins(5)));
    assert!(matches!(world.sync().await, Synced::Complete(_)));
}

#[tokio::test]
async fn a_dead_grant_asks_for_a_reconnect_and_an_unclear_answer_does_not() {
    for (answer, status) in [
        (LedgerError::ReauthRequired, ConnectionStatus::ReauthRequired),
        (LedgerError::Unavailable("timed out".into()), ConnectionStatus::Active),
        (LedgerError::Rejected(401), ConnectionStatus::Active),
    ] {
        let world = World::synced(LedgerProvider::Quickbooks).await;
        world.pass(SignedDuration::from_mins(40));
        world.ledger.held().refreshes.push_back(Err(answer));
        assert_eq!(world.sync().await, Synced::Postponed);
        assert_eq!(world.connection().await.status, status);
    }
}

#[tokio::test]
async fn a_ledger_whose_subscription_ended_is_told_to_the_owner_and_tried_once_a_day() {
    let world = World::synced(LedgerProvider::Quickbooks).await;
    world.ledger.held().refusals.push_back(LedgerError::Suspended);
    assert_eq!(world.sync().await, Synced::Postponed);
    assert_eq!(world.connection().await.status, ConnectionStatus::Suspended);
    assert_eq!(world.store.tasks(&org()).await.unwrap()[0].about, TaskAbout::LedgerSuspended(connection_id()));
    assert_eq!(world.next_sync_in().await, Some(SignedDuration::from_hours(24)));
    assert!(matches!(world.sync().await, Synced::Complete(_)));
    assert_eq!(world.connection().await.status, ConnectionStatus::Active);
    assert_eq!(world.store.tasks(&org()).await.unwrap(), []);
}

#[tokio::test]
async fn case_25_the_owner_is_told_after_four_hours_without_a_read_and_not_before_and_no_more_afterwards() {
    let world = World::synced(LedgerProvider::Xero).await;
    let told = async || world.store.tasks(&org()).await.unwrap().into_iter().map(|task| task.about).collect::<Vec<_>>();
    // Tokens are good for half an hour.
    for _ in 0..9 {
        world.pass(SignedDuration::from_mins(30));
        let in_time = world.clock.now().duration_since(world.connection().await.last_synced_at.unwrap());
        world.ledger.held().refreshes.push_back(Ok(tokens("token-2", world.clock.now())));
        world.ledger.held().refusals.push_back(LedgerError::Unavailable("timed out".into()));
        assert_eq!(world.sync().await, Synced::Postponed);
        let is_long = in_time >= SignedDuration::from_hours(4);
        let expected: &[TaskAbout] = if is_long { &[TaskAbout::LedgerUnreadable(connection_id())] } else { &[] };
        assert_eq!(told().await, expected, "{in_time}");
    }
    assert!(matches!(world.sync().await, Synced::Complete(_)));
    assert_eq!(told().await, []);
}

#[tokio::test]
async fn a_failing_ledger_loses_nothing_that_was_read_before() {
    for refusal in [
        LedgerError::Unavailable("cut off".into()),
        LedgerError::Malformed("Invoices is not a list".to_owned()),
        LedgerError::Rejected(400),
    ] {
        let world = World::connected(LedgerProvider::Xero).await;
        {
            let mut held = world.ledger.held();
            held.rows_per_page = 1;
            held.invoices = (1..=2).map(|n| crate::world::invoice(&format!("i{n}"), "c1", "AED 10")).collect();
            held.refusals.clear();
        }
        world.sync_within(SignedDuration::from_secs(30)).await;
        world.ledger.held().refusals.push_back(refusal);
        assert_eq!(world.sync().await, Synced::Postponed);
        assert_eq!(world.invoices(&["i1", "i2"]).await, ["i1 Open AED 10.00"]);
        assert!(matches!(world.sync().await, Synced::Complete(_)));
        assert_eq!(world.invoices(&["i1", "i2"]).await, ["i1 Open AED 10.00", "i2 Open AED 10.00"]);
    }
}
