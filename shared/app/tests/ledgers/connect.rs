//! Consents at both providers.

use jiff::SignedDuration;
use numo_app::{
    connect_ledger::{
        Callback, ConsentError, Finished, NoCode, begin_consent,
        choice::{HeldBy, choices, choose},
        finish_consent,
    },
    port::{
        clock::Clock,
        ledger::auth::{Granted, GrantedTenant},
    },
    store::route::Route,
};
use numo_domain::connection::{Connection, ConnectionStatus, LedgerProvider};

use crate::world::{World, admin, org, start, tokens};

const REDIRECT: &str = "https://numo.example/oauth/callback";

/// A consent that was begun: the state at the provider and the browser's cookie.
async fn begun(world: &World, provider: LedgerProvider) -> (String, String) {
    let now = world.clock.now();
    let begun = begin_consent(&world.connect_ports(), provider, &org(), &admin(), REDIRECT, now).await.unwrap();
    let state = begun.authorise_url.split("state=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    (state, begun.binding)
}

fn callback(provider: LedgerProvider, (state, binding): &(String, String)) -> Callback {
    Callback {
        provider,
        state: state.clone(),
        code: Ok("code".into()),
        realm: "9130357".parse().ok(),
        binding: Some(binding.clone()),
    }
}

fn granted(world: &World, tenants: &[&str]) -> Granted {
    let tenants = tenants
        .iter()
        .map(|tenant| GrantedTenant {
            tenant: tenant.parse().unwrap(),
            provider_connection: format!("link-of-{tenant}").parse().unwrap(),
            name: format!("Books of {tenant}"),
        })
        .collect();
    Granted { holder: "holder-1".parse().unwrap(), tokens: tokens("token-1", world.clock.now()), tenants }
}

async fn finish(world: &World, callback: Callback) -> Result<Finished, ConsentError> {
    finish_consent(&world.connect_ports(), callback, REDIRECT, world.clock.now()).await
}

async fn connect(world: &World, provider: LedgerProvider, tenants: &[&str]) -> Result<Finished, ConsentError> {
    world.ledger.held().grants.push_back(Ok(granted(world, tenants)));
    let begun = begun(world, provider).await;
    finish(world, callback(provider, &begun)).await
}

/// A consent with several organisations: the secret of the choice and the browser's cookie.
async fn to_choose(world: &World, tenants: &[&str]) -> (String, String) {
    world.ledger.held().grants.push_back(Ok(granted(world, tenants)));
    let begun = begun(world, LedgerProvider::Xero).await;
    match finish(world, callback(LedgerProvider::Xero, &begun)).await.unwrap() {
        Finished::Choose { choice } => (choice, begun.1),
        Finished::Connected(connections) => panic!("{} were connected without a choice", connections.len()),
    }
}

fn names(connections: &[Connection]) -> Vec<String> {
    connections.iter().map(|connection| connection.name.clone()).collect()
}

#[tokio::test]
async fn a_consent_connects_its_one_organisation_at_either_provider() {
    for provider in LedgerProvider::ALL {
        let world = World::empty();
        let Finished::Connected(connections) = connect(&world, provider, &["t1"]).await.unwrap() else {
            panic!("there was nothing to choose")
        };
        assert_eq!((names(&connections), connections[0].provider), (vec!["Books of t1".to_owned()], provider));
        assert_eq!(world.ledger.asked(), ["exchange code of 9130357 at https://numo.example/oauth/callback"]);
        assert_eq!(world.queue.take().len(), 1, "its first sync begins");
    }
}

#[tokio::test]
async fn a_state_serves_once_and_only_the_provider_it_was_made_for() {
    let world = World::empty();
    let begun_at_xero = begun(&world, LedgerProvider::Xero).await;
    let at_the_other = finish(&world, callback(LedgerProvider::Quickbooks, &begun_at_xero)).await;
    assert!(matches!(at_the_other, Err(ConsentError::UnknownState)));
    let used_up = finish(&world, callback(LedgerProvider::Xero, &begun_at_xero)).await;
    assert!(matches!(used_up, Err(ConsentError::UnknownState)));
    assert_eq!(world.ledger.asked(), Vec::<String>::new());
}

#[tokio::test]
async fn a_declined_consent_and_one_beyond_the_cap_say_which_they_are() {
    for (why, is_cap) in [(NoCode::Declined, false), (NoCode::CapReached, true)] {
        let world = World::empty();
        let begun = begun(&world, LedgerProvider::Xero).await;
        let answer = finish(&world, Callback { code: Err(why), ..callback(LedgerProvider::Xero, &begun) }).await;
        assert_eq!(matches!(answer, Err(ConsentError::CapReached)), is_cap);
        assert_eq!(matches!(answer, Err(ConsentError::Declined)), !is_cap);
    }
}

#[tokio::test]
async fn of_several_organisations_only_the_chosen_ones_are_connected_and_the_others_are_unlinked() {
    let world = World::empty();
    let (choice, binding) = to_choose(&world, &["t1", "t2", "t3"]).await;
    assert_eq!(world.store.connections(&org()).await.unwrap(), [], "nothing is connected before the choice");
    let now = world.clock.now();
    let offered = choices(&world.connect_ports(), &choice, &binding, now).await.unwrap().unwrap();
    assert!(offered.iter().all(|offer| offer.held_by == HeldBy::Nobody) && offered.len() == 3);
    world.ledger.asked();
    let chosen = ["t2".parse().unwrap()];
    let connected = choose(&world.connect_ports(), &choice, &binding, &chosen, now).await.unwrap();
    assert_eq!(names(&connected), ["Books of t2"]);
    assert_eq!(world.ledger.asked(), ["disconnect link-of-t1", "disconnect link-of-t3"]);
    let again = choose(&world.connect_ports(), &choice, &binding, &chosen, now).await;
    assert!(matches!(again, Err(ConsentError::UnknownState)));
}

#[tokio::test]
async fn another_businesss_organisation_is_neither_connected_nor_unlinked_by_a_choice() {
    let world = World::empty();
    let theirs = Route { org: "org_b".parse().unwrap(), connection: None };
    world.store.claim_tenant(LedgerProvider::Xero, &"t1".parse().unwrap(), &theirs, start()).await.unwrap();
    let (choice, binding) = to_choose(&world, &["t1", "t2"]).await;
    let ports = world.connect_ports();
    let offered = choices(&ports, &choice, &binding, start()).await.unwrap().unwrap();
    assert_eq!(offered.iter().map(|offer| offer.held_by).collect::<Vec<_>>(), [HeldBy::Others, HeldBy::Nobody]);
    world.ledger.asked();
    let greedy = ["t1".parse().unwrap(), "t2".parse().unwrap()];
    assert!(matches!(choose(&ports, &choice, &binding, &greedy, start()).await, Err(ConsentError::AlreadyLinked)));
    assert_eq!(world.ledger.asked(), Vec::<String>::new());
    assert_eq!(world.store.connections(&org()).await.unwrap(), []);
}

#[tokio::test]
async fn a_choice_is_the_browsers_that_began_and_ends_after_ten_minutes() {
    let world = World::empty();
    let (choice, binding) = to_choose(&world, &["t1", "t2"]).await;
    let ports = world.connect_ports();
    assert_eq!(choices(&ports, &choice, "another browser", start()).await.unwrap(), None);
    let later = start().checked_add(SignedDuration::from_mins(10)).unwrap();
    assert_eq!(choices(&ports, &choice, &binding, later).await.unwrap(), None);
    let late = choose(&ports, &choice, &binding, &["t1".parse().unwrap()], later).await;
    assert!(matches!(late, Err(ConsentError::UnknownState)));
}

#[tokio::test]
async fn a_reconnect_finds_the_history_of_the_connection_even_after_its_route_was_given_up() {
    let world = World::empty();
    let Finished::Connected(first) = connect(&world, LedgerProvider::Quickbooks, &["t1"]).await.unwrap() else {
        panic!("there was nothing to choose")
    };
    world
        .store
        .change_connection(&org(), first[0].id, start(), |connection| {
            connection.status = ConnectionStatus::Disconnected;
        })
        .await
        .unwrap();
    let route = world.table.items().into_iter().find(|item| item.entity == "route").unwrap();
    numo_app::port::table::Table::write(
        world.table.as_ref(),
        numo_app::port::table::Write::Delete { key: route.key, rev: route.rev },
    )
    .await
    .unwrap();
    world.pass(SignedDuration::from_hours(2));
    let Finished::Connected(again) = connect(&world, LedgerProvider::Quickbooks, &["t1"]).await.unwrap() else {
        panic!("there was nothing to choose")
    };
    assert_eq!(again, [Connection { consent_ends_at: None, ..first[0].clone() }]);
}
