//! What the look at an account finds out by itself.

use jiff::SignedDuration;
use numo_app::{
    check_account::Checked,
    connect_whatsapp::{SignupEnding, SignupEntry},
    port::signup::{Registration, RegistrationTrouble},
    store::task::TaskAbout,
};
use numo_domain::{
    sender::SenderStatus,
    whatsapp_account::{AccountStatus, AccountTrouble},
};

use crate::{
    meta::days_after,
    world::{PHONE, World, finished, phone, resumed, waba},
};

async fn status(world: &World) -> AccountStatus {
    world.store().whatsapp_account(&world.org, &waba()).await.unwrap().unwrap().status
}

#[tokio::test]
async fn an_account_without_a_number_is_kept_and_says_what_to_do_until_it_has_one() {
    let world = World::with(&[]);
    let entry = SignupEntry { ending: SignupEnding::WithoutNumber, named: None, ..finished("code-1") };
    assert!(world.connect(entry).await.unwrap().numbers.is_empty());
    world.pass(SignedDuration::from_hours(1));
    assert_eq!(world.look().await, Checked::Done);
    assert_eq!(world.tasks().await, [TaskAbout::WhatsappNumberMissing(waba())]);
    world.meta.change(|meta| meta.numbers.push((phone(PHONE), Registration::Open)));
    world.pass(SignedDuration::from_hours(1));
    world.look().await;
    assert_eq!(world.tasks().await, [TaskAbout::WhatsappSignupUnfinished(waba())]);
    assert!(world.meta.look().registered.is_empty(), "only a person has a number registered");
    world.connect(SignupEntry { named: None, ..resumed() }).await.unwrap();
    world.pass(SignedDuration::from_hours(1));
    world.look().await;
    assert_eq!(world.tasks().await, []);
}

#[tokio::test]
async fn a_refused_registration_leaves_a_task_until_it_is_finished() {
    let world = World::open();
    world.meta.change(|meta| meta.trouble = Some(RegistrationTrouble::WrongPin));
    world.connect(finished("code-1")).await.unwrap();
    world.pass(SignedDuration::from_hours(1));
    world.look().await;
    assert_eq!(world.tasks().await, [TaskAbout::WhatsappSignupUnfinished(waba())]);
}

#[tokio::test]
async fn the_end_of_the_access_is_told_a_week_before_and_a_new_sign_up_settles_it() {
    let world = World::open();
    let ends_at = days_after(world.now(), 60);
    // The access to the data ends before the token does.
    world.meta.change(|meta| {
        meta.facts.ends_at = Some(days_after(ends_at, 30));
        meta.facts.data_access_ends_at = Some(ends_at);
    });
    world.connect(finished("code-1")).await.unwrap();
    world.pass(SignedDuration::from_hours(24 * 52));
    world.look().await;
    assert_eq!(world.tasks().await, []);
    world.pass(SignedDuration::from_hours(24));
    world.look().await;
    assert_eq!(world.tasks().await, [TaskAbout::WhatsappAccessEnds(waba())]);
    world.meta.change(|meta| (meta.facts.ends_at, meta.facts.data_access_ends_at) = (None, None));
    world.connect(finished("code-2")).await.unwrap();
    assert_eq!(world.tasks().await, []);
}

#[tokio::test]
async fn a_token_that_ended_or_that_meta_refuses_asks_for_a_new_sign_up() {
    for has_ended in [true, false] {
        let world = World::open();
        world.meta.change(|meta| meta.facts.ends_at = Some(days_after(world.now(), 60)));
        world.connect(finished("code-1")).await.unwrap();
        match has_ended {
            true => world.pass(SignedDuration::from_hours(24 * 60)),
            false => {
                world.pass(SignedDuration::from_hours(1));
                world.meta.change(|meta| meta.refuses_tokens = true);
            }
        }
        world.look().await;
        let expected = [TaskAbout::ReconnectWhatsapp(waba()), TaskAbout::SenderBlocked(phone(PHONE))];
        assert_eq!((world.tasks().await, status(&world).await), (expected.into(), AccountStatus::ReauthRequired));
        let sender = world.store().senders(&world.org).await.unwrap().remove(0);
        assert_eq!(sender.status, SenderStatus::ReauthRequired);
        world.meta.change(|meta| (meta.refuses_tokens, meta.facts.ends_at) = (false, None));
        world.connect(finished("code-2")).await.unwrap();
        assert_eq!((world.tasks().await, status(&world).await), (vec![], AccountStatus::Connected));
    }
}

#[tokio::test]
async fn an_account_without_a_number_whose_token_meta_refuses_asks_for_a_new_sign_up_too() {
    let world = World::with(&[]);
    let entry = SignupEntry { ending: SignupEnding::WithoutNumber, named: None, ..finished("code-1") };
    world.connect(entry).await.unwrap();
    world.pass(SignedDuration::from_hours(1));
    world.meta.change(|meta| meta.refuses_tokens = true);
    world.look().await;
    assert_eq!(world.tasks().await, [TaskAbout::ReconnectWhatsapp(waba())]);
}

#[tokio::test]
async fn what_meta_complains_of_is_a_task_each_until_it_is_settled() {
    let world = World::open();
    world.connect(finished("code-1")).await.unwrap();
    let trouble = |trouble| TaskAbout::WhatsappTrouble { waba: waba(), trouble };
    for (told, expected) in [
        (
            vec![AccountTrouble::Payment, AccountTrouble::Verification],
            vec![AccountTrouble::Payment, AccountTrouble::Verification],
        ),
        (vec![AccountTrouble::Verification], vec![AccountTrouble::Verification]),
        (vec![], vec![]),
    ] {
        world.meta.change(|meta| meta.troubles = told.into_iter().collect());
        world.pass(SignedDuration::from_hours(24));
        world.look().await;
        assert_eq!(world.tasks().await, expected.into_iter().map(trouble).collect::<Vec<_>>());
    }
}
