//! A fault at every table call, one after the other.

use jiff::SignedDuration;
use numo_app::{
    connect_whatsapp::{NumberOutcome, SignupEntry},
    disconnect_whatsapp::Ended,
    error::AppError,
};
use numo_testkit::faulty_table::{Fault, Plan};

use crate::world::{PHONE, World, finished, resumed};

/// Every way in which one of some calls can fail or be the last.
pub(crate) fn plans(calls: u64) -> Vec<Plan> {
    let mut plans = Vec::new();
    for call in 1..=calls {
        for fault in [Fault::Before, Fault::After] {
            plans.extend([Plan::Crash { call, fault }, Plan::Once { call, fault }]);
        }
    }
    plans
}

/// Goes on without a code if that is possible, and otherwise begins again, as a person would.
async fn go_on(world: &World) -> bool {
    let stated = || SignupEntry { attestation: finished("").attestation, ..resumed() };
    match world.connect(stated()).await {
        Ok(signed_up) => {
            assert_eq!(signed_up.numbers[0].outcome, NumberOutcome::Connected);
            true
        }
        Err(AppError::Invalid { field: "code", .. }) => {
            world.connect(finished("code-2")).await.unwrap();
            false
        }
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn a_sign_up_that_dies_at_any_call_goes_on_with_its_token_and_registers_its_number_once() {
    let calm = World::open();
    calm.fail(Plan::Never);
    calm.connect(finished("code-1")).await.unwrap();
    let calls = calm.faulty.calls();
    assert!(calls > 25, "only {calls} calls were made");
    let mut lost = Vec::new();
    for plan in plans(calls) {
        let world = World::open();
        world.fail(plan.clone());
        let outcome = world.connect(finished("code-1")).await;
        let is_spent = world.meta.look().spent.contains("code-1");
        world.fail(Plan::Never);
        // A registration that was asked for and not noted down is left alone for a minute.
        world.pass(SignedDuration::from_secs(61));
        if outcome.is_err() && !go_on(&world).await && is_spent {
            lost.push(format!("{plan:?}"));
        }
        let (meta, senders) = (world.meta.look(), world.store().senders(&world.org).await.unwrap());
        assert_eq!((meta.registered.len(), senders.len()), (1, 1), "{plan:?}");
        assert!(meta.is_subscribed && world.token().await.is_some(), "{plan:?}");
        assert!(!world.secrets().contains(&"SIGNUP#100".to_owned()), "{plan:?}");
    }
    // Only where the process dies before the very first write after the code was spent.
    assert_eq!(lost.len(), 1, "{lost:?}");
}

#[tokio::test]
async fn an_end_that_dies_at_any_call_is_finished_by_asking_again() {
    let connected = async || {
        let world = World::open();
        world.connect(finished("code-1")).await.unwrap();
        world.pass(SignedDuration::from_hours(1));
        world
    };
    let calm = connected().await;
    calm.fail(Plan::Never);
    calm.disconnect(PHONE).await.unwrap();
    let calls = calm.faulty.calls();
    assert!(calls > 20, "only {calls} calls were made");
    for plan in plans(calls) {
        let world = connected().await;
        world.fail(plan.clone());
        let first = world.disconnect(PHONE).await;
        world.fail(Plan::Never);
        match world.disconnect(PHONE).await {
            Ok(Ended::Account { .. }) => assert!(first.is_err(), "{plan:?}"),
            Err(AppError::NotFound("sender")) => {}
            other => panic!("{plan:?}: {other:?}"),
        }
        assert!(world.secrets().is_empty() && world.keys("ROUTE#").is_empty(), "{plan:?}");
        assert!(world.keys("ORG#").iter().all(|key| !key.starts_with("SENDER#") && !key.starts_with("WABA#")));
        assert!(!world.meta.look().is_subscribed, "{plan:?}");
        let told = world.store().activity(&world.org, 10).await.unwrap();
        assert_eq!(told.iter().filter(|line| line.activity.action == "sender.removed").count(), 1, "{plan:?}");
    }
}
