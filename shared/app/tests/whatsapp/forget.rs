//! A Facebook user takes back the access that they gave in a sign-up.

use jiff::{SignedDuration, Timestamp};
use numo_app::{
    error::AppError,
    forget_meta_user::forget_meta_user,
    port::signup::Registration,
    store::{
        meta_user::{ForgetRequest, ForgetWish, SignupOf},
        task::TaskAbout,
    },
};
use numo_domain::{
    id::{ConfirmationCode, MetaUserId},
    sender::SenderStatus,
};
use numo_testkit::faulty_table::Plan;

use crate::{
    faults::plans,
    world::{PHONE, World, finished, number_keys, phone, waba},
};

fn user() -> MetaUserId {
    "218471".parse().unwrap()
}

async fn remembered(world: &World) -> Vec<SignupOf> {
    world.store().signups_of(&number_keys().key_of_meta_user(&user()).unwrap()).await.unwrap()
}

async fn ask(world: &World, asked_at: Timestamp) -> Result<ConfirmationCode, AppError> {
    let waker = &world.ports.senders.waker;
    forget_meta_user(waker, &number_keys(), (&user(), ForgetWish::Delete, asked_at), world.now()).await
}

/// Connected an hour ago.
async fn connected() -> World {
    let world = World::open();
    world.connect(finished("code-1")).await.unwrap();
    world.pass(SignedDuration::from_hours(1));
    world
}

#[tokio::test]
async fn a_sign_up_remembers_whose_token_it_is_under_a_keyed_hash_and_that_alone() {
    let world = World::open();
    world.connect(finished("code-1")).await.unwrap();
    assert_eq!(remembered(&world).await, [SignupOf { org: world.org.clone(), waba: waba(), at: world.now() }]);
    assert!(!format!("{:?}", world.table.items()).contains("218471"));
    // Once more is the same link, with the later time.
    world.pass(SignedDuration::from_hours(1));
    world.connect(finished("code-2")).await.unwrap();
    assert_eq!(remembered(&world).await, [SignupOf { org: world.org.clone(), waba: waba(), at: world.now() }]);
}

#[tokio::test]
async fn a_sign_up_whose_user_meta_does_not_tell_is_connected_all_the_same() {
    let world = World::with(&[(PHONE, Registration::Done)]);
    world.meta.change(|meta| meta.facts.user = None);
    world.connect(finished("code-1")).await.unwrap();
    assert!(world.keys("FORGET#").is_empty() && world.token().await.is_some());
}

#[tokio::test]
async fn a_sign_up_that_proves_nothing_remembers_nobody() {
    let world = World::open();
    world.meta.change(|meta| meta.facts.is_ours = false);
    world.connect(finished("code-1")).await.unwrap_err();
    assert!(world.keys("FORGET#").is_empty());
}

#[tokio::test]
async fn a_wish_that_dies_at_any_call_is_done_by_asking_again() {
    let calm = connected().await;
    calm.fail(Plan::Never);
    ask(&calm, calm.now()).await.unwrap();
    let calls = calm.faulty.calls();
    assert!(calls > 10, "only {calls} calls were made");
    for plan in plans(calls) {
        let world = connected().await;
        world.fail(plan.clone());
        let first = ask(&world, world.now()).await;
        world.fail(Plan::Never);
        // Meta repeats what was not answered.
        let code = ask(&world, world.now()).await.unwrap();
        assert!(first.is_err() || first.unwrap() == code, "{plan:?}");
        assert_eq!((world.token().await, remembered(&world).await), (None, Vec::new()), "{plan:?}");
        assert!(!world.keys("VAULT#").contains(&"GRANT#whatsapp#100".to_owned()), "{plan:?}");
        let sender = world.store().senders(&world.org).await.unwrap().remove(0);
        assert_eq!(sender.status, SenderStatus::ReauthRequired, "{plan:?}");
        assert!(world.tasks().await.contains(&TaskAbout::SenderBlocked(phone(PHONE))), "{plan:?}");
        let kept = world.store().forget_request(&code).await.unwrap().unwrap();
        let (wish, asked_at, done_at) = (ForgetWish::Delete, world.now(), world.now());
        assert_eq!(kept, ForgetRequest { wish, asked_at, done_at, accounts: 1 }, "{plan:?}");
    }
}

#[tokio::test]
async fn whoever_took_it_back_connects_again_and_what_they_asked_before_stays_done() {
    let world = connected().await;
    let asked_at = world.now();
    let code = ask(&world, asked_at).await.unwrap();
    world.look().await;
    assert!(world.tasks().await.contains(&TaskAbout::ReconnectWhatsapp(waba())));
    world.pass(SignedDuration::from_mins(5));
    world.connect(finished("code-2")).await.unwrap();
    assert_eq!(ask(&world, asked_at).await.unwrap(), code);
    assert!(world.token().await.is_some() && world.tasks().await.is_empty());
}
