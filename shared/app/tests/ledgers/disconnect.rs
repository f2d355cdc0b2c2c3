//! The end of a connection: at the provider, in the vault, and for nobody else.

use jiff::SignedDuration;
use numo_app::{
    disconnect_ledger::{Unlinked, disconnect_ledger, unlink_connection},
    error::AppError,
    job::{Job, Work},
    port::{clock::Clock, ledger::LedgerError},
    store::route::Route,
    sync_connection::Synced,
};
use numo_domain::{
    connection::{Connection, ConnectionStatus, LedgerProvider},
    credential::GrantRef,
};

use crate::world::{World, admin, connection, connection_id, org, start, tokens};

/// A connected ledger that is this business's by its route.
async fn world() -> World {
    let world = World::synced(LedgerProvider::Xero).await;
    let route = Route { org: org(), connection: Some(connection_id()) };
    world.store.claim_tenant(LedgerProvider::Xero, &"tenant-1".parse().unwrap(), &route, start()).await.unwrap();
    world.queue.take();
    world
}

async fn disconnected(world: &World) -> Job {
    let now = world.clock.now();
    disconnect_ledger(&world.waker, &org(), &admin(), connection_id(), now).await.unwrap();
    world.queue.take().pop().unwrap()
}

async fn unlink(world: &World, job: &Job) -> Unlinked {
    assert_eq!(job.work, Work::UnlinkConnection { connection: connection_id() });
    let (claim, now) = (job.claim.unwrap(), world.clock.now());
    unlink_connection(&world.waker, &world.vault, &org(), connection_id(), claim, now).await.unwrap()
}

fn entities(world: &World) -> Vec<String> {
    world.table.items().into_iter().map(|item| item.entity).collect()
}

#[tokio::test]
async fn a_disconnect_ends_the_one_link_and_deletes_the_tokens_and_keeps_the_history() {
    let world = world().await;
    let job = disconnected(&world).await;
    assert_eq!(world.sync().await, Synced::Postponed, "nothing is read from that moment");
    assert_eq!(unlink(&world, &job).await, Unlinked::Done);
    assert_eq!(world.ledger.asked(), ["disconnect link-1"]);
    assert!(!entities(&world).contains(&"grant".to_owned()));
    assert!(!entities(&world).contains(&"route".to_owned()));
    assert_eq!(world.store.open_invoices(&org()).await.unwrap().len(), 2);
    assert_eq!(world.connection().await.status, ConnectionStatus::Disconnected);
    assert_eq!(unlink(&world, &job).await, Unlinked::Stale, "a second job does nothing");
}

#[tokio::test]
async fn tokens_that_open_another_ledger_of_the_business_stay() {
    let world = world().await;
    let second = Connection {
        id: "018f0000-0000-7000-8000-0000000000c2".parse().unwrap(),
        tenant: "tenant-2".parse().unwrap(),
        provider_connection: "link-2".parse().unwrap(),
        ..connection(LedgerProvider::Xero)
    };
    world.store.save_connection(&org(), &second, start()).await.unwrap();
    let job = disconnected(&world).await;
    assert_eq!(unlink(&world, &job).await, Unlinked::Done);
    let token = world.vault.fresh_access_token(&org(), &GrantRef::of(&second), start()).await;
    assert!(token.is_ok());
}

#[tokio::test]
async fn a_provider_that_does_not_answer_is_told_again_and_after_a_day_the_tokens_go_all_the_same() {
    let world = world().await;
    let job = disconnected(&world).await;
    world.ledger.held().disconnects.push_back(LedgerError::Unavailable("timed out".into()));
    assert_eq!(unlink(&world, &job).await, Unlinked::Postponed);
    assert!(entities(&world).contains(&"grant".to_owned()));
    world.pass(SignedDuration::from_hours(25));
    world.ledger.held().refreshes.push_back(Ok(tokens("token-2", world.clock.now())));
    world.ledger.held().disconnects.push_back(LedgerError::Unavailable("timed out".into()));
    numo_app::sweep_due::sweep_due(&world.waker, world.clock.now()).await.unwrap();
    let jobs = world.queue.take();
    let job = jobs.into_iter().find(|job| matches!(job.work, Work::UnlinkConnection { .. })).unwrap();
    assert_eq!(unlink(&world, &job).await, Unlinked::Done);
    assert!(!entities(&world).contains(&"grant".to_owned()));
}

#[tokio::test]
async fn a_link_whose_grant_is_dead_is_gone_already() {
    let world = world().await;
    let job = disconnected(&world).await;
    world.pass(SignedDuration::from_mins(40));
    world.ledger.held().refreshes.push_back(Err(LedgerError::ReauthRequired));
    assert_eq!(unlink(&world, &job).await, Unlinked::Done);
    assert_eq!(world.ledger.asked(), ["refresh refresh of token-1"]);
}

#[tokio::test]
async fn a_connection_that_was_made_again_meanwhile_is_not_unlinked() {
    let world = world().await;
    let job = disconnected(&world).await;
    world.store.save_connection(&org(), &connection(LedgerProvider::Xero), start()).await.unwrap();
    assert_eq!(unlink(&world, &job).await, Unlinked::Stale);
    assert_eq!(world.ledger.asked(), Vec::<String>::new());
}

#[tokio::test]
async fn another_organisations_connection_is_not_found() {
    let world = world().await;
    let stranger = "org_b".parse().unwrap();
    let answer = disconnect_ledger(&world.waker, &stranger, &admin(), connection_id(), start()).await;
    assert!(matches!(answer, Err(AppError::NotFound("connection"))));
    assert_eq!(world.connection().await.status, ConnectionStatus::Active);
}
