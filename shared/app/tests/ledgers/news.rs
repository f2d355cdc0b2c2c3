//! Webhooks of ledgers: they bring a sync forward and do nothing else.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use numo_app::{
    ledger_news::{LedgerNews, NewsReport, take_news},
    port::clock::Clock,
    store::{due::sync_work, route::Route},
    sync_connection::{Synced, sync_connection},
};
use numo_domain::connection::LedgerProvider;

use crate::world::{World, connection_id, org, start};

fn news(provider: LedgerProvider, tenants: &[&str]) -> LedgerNews {
    let tenants: BTreeSet<_> = tenants.iter().map(|tenant| tenant.parse().unwrap()).collect();
    LedgerNews { provider, tenants, n_ignored: 0 }
}

async fn world() -> World {
    let world = World::synced(LedgerProvider::Quickbooks).await;
    let route = Route { org: org(), connection: Some(connection_id()) };
    world.store.claim_tenant(LedgerProvider::Quickbooks, &"tenant-1".parse().unwrap(), &route, start()).await.unwrap();
    world
}

#[tokio::test]
async fn news_bring_the_next_sync_forward_after_the_burst_and_not_too_soon_after_the_last_one() {
    let world = world().await;
    let news = news(LedgerProvider::Quickbooks, &["tenant-1", "tenant-of-nobody"]);
    let report = take_news(&world.store, &news, world.clock.now()).await.unwrap();
    assert_eq!(report, NewsReport { marked: 1, unknown: 1 });
    assert_eq!(world.next_sync_in().await, Some(SignedDuration::from_mins(2)));
    world.pass(SignedDuration::from_mins(1));
    take_news(&world.store, &news, world.clock.now()).await.unwrap();
    assert_eq!(world.next_sync_in().await, Some(SignedDuration::from_mins(1)), "a repeat changes nothing");
}

#[tokio::test]
async fn news_of_one_provider_never_reach_a_ledger_of_the_other() {
    let world = world().await;
    let before = world.next_sync_in().await;
    let report = take_news(&world.store, &news(LedgerProvider::Xero, &["tenant-1"]), start()).await.unwrap();
    assert_eq!(report, NewsReport { marked: 0, unknown: 1 });
    assert_eq!(world.next_sync_in().await, before);
}

#[tokio::test]
async fn news_that_come_while_a_sync_runs_let_it_finish_and_have_another_one_follow() {
    let world = world().await;
    let job = world.job().await;
    take_news(&world.store, &news(LedgerProvider::Quickbooks, &["tenant-1"]), world.clock.now()).await.unwrap();
    let work = sync_work(connection_id());
    assert!(world.store.holds_claim(&org(), &work, job.claim.unwrap()).await.unwrap());
    let deadline = world.clock.now().checked_add(SignedDuration::from_mins(10)).unwrap();
    let claim = job.claim.unwrap();
    let synced = sync_connection(&world.ports, &org(), connection_id(), claim, deadline).await.unwrap();
    assert!(matches!(synced, Synced::Complete(_)));
    assert_eq!(world.next_sync_in().await, Some(SignedDuration::from_mins(2)));
}
