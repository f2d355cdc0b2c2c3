//! Asking for it, withdrawing it, and what is left.

use jiff::SignedDuration;
use numo_app::{
    erase_organisation::{Begun, GRACE, ask, begin, certificate_code, run::Erasing, withdraw},
    error::AppError,
    messaging_gate::pause_of,
    store::erasure::{
        certificate::Certificate,
        organisation::{ErasureBy, ErasureStage, OrganisationErasure},
    },
};
use numo_domain::organisation::{Pause, PausedBy};

use crate::world::{World, ann, asked_at, org, other, sender};

#[tokio::test]
async fn everything_of_the_organisation_goes_and_nothing_of_another() {
    let world = World::new().await;
    let (others, journal) = (world.kept_of(&other()), world.journal.items().len());
    assert_eq!(world.kept_of(&org()).len(), others.len());
    let erasure = ask(&world.ports.waker, (&org(), &ann()), " Harbour ", world.now()).await.unwrap();
    assert_eq!(world.pass(24 * 7).await, [], "nothing is erased while it can be withdrawn");
    let outcomes = world.pass(3).await;
    assert_eq!(outcomes, [Erasing::Waits, Erasing::Waits, Erasing::Done]);
    assert_eq!(world.kept_of(&org()), []);
    assert!(world.kept_of(&other()) == others);
    // The order is kept outside, as often as it was given.
    assert_eq!(world.journal.items().len(), journal + 2);
    let seen = world.store().organisation_erasure(&org()).await.unwrap().unwrap();
    let done_at = world.now();
    assert_eq!(seen.value.stage, ErasureStage::Done { at: done_at });
    let code = certificate_code(&world.ports.number_keys, &erasure).unwrap();
    let certificate = world.store().certificate(&code).await.unwrap().unwrap();
    let expected = Certificate {
        organisation: world.ports.number_keys.organisation(&org()).unwrap(),
        asked_at: asked_at(),
        done_at,
        counts: certificate.counts.clone(),
        untold: [].into(),
    };
    assert_eq!(certificate, expected);
    let counted = |entity: &str| certificate.counts.get(entity).copied();
    assert_eq!((counted("invoice"), counted("pay_target"), counted("planted")), (Some(6), Some(6), Some(161)));
    assert_eq!((counted("activity"), counted("connection"), counted("organisation")), (Some(3), Some(2), Some(1)));
    assert_eq!((world.people.deleted(), world.meta.unsubscribed()), (vec![org()], vec![sender(1).waba]));
    assert_eq!(world.ledger.asked(), ["disconnect link-10", "disconnect link-11"]);
    // Webhooks of what was theirs find nobody.
    assert_eq!(world.store().owner_of_waba(&sender(1).waba, [].into()).await.unwrap(), None);
}

#[tokio::test]
async fn nothing_goes_out_from_the_moment_it_is_asked_for_and_nobody_lifts_that() {
    let world = World::new().await;
    ask(&world.ports.waker, (&org(), &ann()), "org_a", world.now()).await.unwrap();
    let resume = |profile: &mut numo_domain::organisation::Organisation| profile.pause = None;
    let profile = world.store().change_organisation(&org(), world.now(), resume).await.unwrap();
    let day = profile.zone.date(world.now());
    let pause = Pause { since: asked_at(), by: PausedBy::Member(ann()), until: None };
    assert_eq!(pause_of(world.store(), &profile, day).await.unwrap(), Some(pause));
    // Until the profile is gone, and it is the last to go.
    let first = world.pass(24 * 8).await;
    assert!(!first.is_empty());
}

#[tokio::test]
async fn who_withdraws_it_in_time_has_everything_and_stays_paused() {
    let world = World::new().await;
    let before = world.kept_of(&org());
    ask(&world.ports.waker, (&org(), &ann()), "Harbour", world.now()).await.unwrap();
    world.clock.advance(GRACE - SignedDuration::from_secs(1));
    withdraw(&world.ports.waker, (&org(), &ann()), world.now()).await.unwrap();
    assert!(world.store().organisation_erasure(&org()).await.unwrap().is_none());
    let profile = world.store().organisation(&org()).await.unwrap();
    assert_eq!((profile.closing.is_none(), profile.is_paused(world.now())), (true, true));
    assert_eq!(world.pass(24 * 30).await, [Erasing::Stale]);
    // Apart from the profile, two lines of the log and the mail about it nothing changed.
    let after = world.kept_of(&org());
    let same = before.iter().filter(|item| after.contains(item)).count();
    assert_eq!((same, after.len()), (before.len() - 1, before.len() + 3));
    withdraw(&world.ports.waker, (&org(), &ann()), world.now()).await.unwrap();
    assert_eq!(world.kept_of(&org()), after, "where nobody asked for it nothing changes");
}

#[tokio::test]
async fn once_it_has_begun_it_cannot_be_withdrawn() {
    let world = World::new().await;
    ask(&world.ports.waker, (&org(), &ann()), "Harbour", world.now()).await.unwrap();
    world.clock.advance(GRACE);
    let refused = withdraw(&world.ports.waker, (&org(), &ann()), world.now()).await;
    assert!(matches!(refused, Err(AppError::Conflict(_))), "{refused:?}");
}

#[tokio::test]
async fn who_types_something_else_changes_nothing_and_who_asks_twice_asks_once() {
    let world = World::new().await;
    let before = world.table.items();
    for typed in ["", "harbour", "org_ab", "Harbour Ltd"] {
        let refused = ask(&world.ports.waker, (&org(), &ann()), typed, world.now()).await;
        assert!(matches!(refused, Err(AppError::Invalid { field: "confirm", .. })), "{typed}");
    }
    assert!(world.table.items() == before && world.journal.items().is_empty());
    let first = ask(&world.ports.waker, (&org(), &ann()), "Harbour", world.now()).await.unwrap();
    world.clock.advance(SignedDuration::from_hours(24));
    let after = world.table.items();
    let again = ask(&world.ports.waker, (&org(), &"user_ben".parse().unwrap()), "whatever", world.now()).await.unwrap();
    assert_eq!(first, again);
    assert!(world.table.items() == after);
}

#[tokio::test]
async fn an_organisation_that_clerk_deleted_is_erased_without_grace_and_clerk_is_not_told() {
    let world = World::new().await;
    assert_eq!(begin(world.store(), &org(), world.now()).await.unwrap(), Begun::Now);
    assert_eq!(begin(world.store(), &org(), world.now()).await.unwrap(), Begun::Before);
    assert!(world.store().organisation(&org()).await.unwrap().is_paused(world.now()));
    assert_eq!(world.pass(2).await.last(), Some(&Erasing::Done));
    assert_eq!((world.kept_of(&org()), world.people.deleted()), (vec![], vec![]));
    assert_eq!(begin(world.store(), &org(), world.now()).await.unwrap(), Begun::Before);
    assert_eq!(begin(world.store(), &"org_x".parse().unwrap(), world.now()).await.unwrap(), Begun::Nothing);
}

#[tokio::test]
async fn an_organisation_that_clerk_deletes_meanwhile_waits_no_longer() {
    let world = World::new().await;
    ask(&world.ports.waker, (&org(), &ann()), "Harbour", world.now()).await.unwrap();
    world.clock.advance(SignedDuration::from_hours(5));
    assert_eq!(begin(world.store(), &org(), world.now()).await.unwrap(), Begun::Now);
    let seen = world.store().organisation_erasure(&org()).await.unwrap().unwrap().value;
    let OrganisationErasure { by, begins_at, is_gone_at_clerk, .. } = seen;
    assert_eq!((by, begins_at, is_gone_at_clerk), (ErasureBy::Admin(ann()), world.now(), true));
    assert_eq!(world.pass(2).await.last(), Some(&Erasing::Done));
}
