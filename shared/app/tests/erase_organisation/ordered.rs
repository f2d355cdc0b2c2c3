//! Erasure on an operator's word.

use std::sync::Arc;

use jiff::SignedDuration;
use numo_app::{
    erase_organisation::{GRACE, by_operator::order_erasure, run::Erasing, withdraw},
    error::AppError,
    operator::OperatorPorts,
    store::{
        activity::Actor,
        erasure::organisation::{ErasureBy, ErasureStage, OrganisationErasure},
    },
};
use numo_domain::{id::OperatorId, organisation::PausedBy};
use numo_testkit::{
    counting_ids::CountingIds,
    faulty_table::{Fault, Plan},
};

use crate::world::{World, ann, asked_at, org, other};

fn olga() -> OperatorId {
    "olga".parse().unwrap()
}

async fn order(world: &World, ids: u64, typed: &str) -> Result<OrganisationErasure, AppError> {
    let ports = OperatorPorts { store: world.store().clone(), ids: Arc::new(CountingIds::new(ids)) };
    order_erasure(&ports, &org(), (&olga(), " asked in writing "), typed, world.now()).await
}

/// Lines about it in the log of all organisations.
fn operations(world: &World) -> Vec<String> {
    let lines = world.table.items().into_iter().filter(|item| item.key.pk == "AUDIT##");
    lines.map(|item| serde_json::to_string(&item.body).unwrap()).collect()
}

#[tokio::test]
async fn what_an_operator_orders_waits_and_can_be_withdrawn_like_what_an_admin_asked_for() {
    let world = World::new().await;
    let erasure = order(&world, 900, "org_a\n").await.unwrap();
    assert_eq!((&erasure.by, erasure.stage), (&ErasureBy::Operator(olga()), ErasureStage::Asked));
    assert_eq!((erasure.asked_at, erasure.begins_at), (asked_at(), asked_at() + GRACE));
    assert_eq!(order(&world, 901, "org_a").await.unwrap(), erasure);
    let profile = world.store().organisation(&org()).await.unwrap();
    assert_eq!(profile.closing.map(|pause| pause.by), Some(PausedBy::Operator));
    let line = world.store().activity(&org(), 1).await.unwrap().remove(0).activity;
    assert_eq!((line.actor, line.action.as_str()), (Actor::Operator(olga()), "organisation.erasure_asked"));
    assert_eq!(line.detail["reason"], "asked in writing");
    let operations = operations(&world);
    assert!(operations.len() == 1 && operations[0].contains("organisation.erasure_ordered"), "{operations:?}");
    assert!(!operations[0].contains("org_a"), "{operations:?}");
    world.clock.advance(SignedDuration::from_hours(1));
    withdraw(&world.ports.waker, (&org(), &ann()), world.now()).await.unwrap();
    assert_eq!(world.pass(24 * 8).await, [Erasing::Stale]);
}

#[tokio::test]
async fn what_nobody_withdraws_is_erased_and_leaves_nothing_but_the_reason() {
    let world = World::new().await;
    let others = world.kept_of(&other());
    order(&world, 900, "org_a").await.unwrap();
    assert_eq!(world.pass(24 * 8).await.last(), Some(&Erasing::Done));
    assert_eq!(world.kept_of(&org()), []);
    assert!(world.kept_of(&other()) == others);
    assert_eq!(operations(&world).len(), 1);
}

#[tokio::test]
async fn another_id_than_the_one_that_is_meant_or_one_of_nobody_changes_nothing() {
    let world = World::new().await;
    let before = world.table.items();
    for wrong in ["", "Harbour", "org_ab", "ORG_A"] {
        assert!(matches!(order(&world, 900, wrong).await, Err(AppError::Invalid { .. })), "{wrong}");
    }
    let ports = OperatorPorts { store: world.store().clone(), ids: Arc::new(CountingIds::new(900)) };
    let nobody = "org_x".parse().unwrap();
    let refused = order_erasure(&ports, &nobody, (&olga(), "why"), "org_x", world.now()).await;
    assert!(matches!(refused, Err(AppError::NotFound("organisation"))));
    assert_eq!(world.table.items(), before);
}

#[tokio::test]
async fn an_order_that_dies_anywhere_is_given_again() {
    for fault in [Fault::Before, Fault::After] {
        let mut call = 1;
        loop {
            let world = World::new().await;
            world.fail(Plan::Once { call, fault });
            let outcome = order(&world, 900, "org_a").await;
            let is_past_the_end = world.faults.calls() < call;
            world.fail(Plan::Never);
            assert!(outcome.is_ok() || outcome.is_err_and(|error| matches!(error, AppError::AwsUnavailable(_))));
            let erasure = order(&world, 901, "org_a").await.unwrap();
            assert_eq!(erasure.by, ErasureBy::Operator(olga()), "{fault:?} at call {call}");
            if is_past_the_end {
                break;
            }
            call += 1;
        }
        assert!(call > 5, "{call}");
    }
}
