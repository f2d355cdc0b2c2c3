//! That an account is to end, and that it is not.

use jiff::SignedDuration;
use numo_app::{
    erase_organisation::{ask, begin, withdraw},
    mail_settings::set_mails,
    port::session::Role,
    store::mail::Recipients,
};
use numo_testkit::faulty_table::{Fault, Plan};

use crate::world::{World, org, reconnect, user};

const ENDS: &str = "Numo: everything of your organisation is to be erased";
const STAYS: &str = "Numo: the erasure of your organisation was withdrawn";

/// Two admins and a member, who alone was chosen for mails.
async fn chosen_member() -> World {
    let world = World::new().await;
    world.people.join(&org(), &user("bea"), Role::Admin);
    let chosen = Recipients::Chosen([user("max")].into());
    set_mails(&world.ports.waker, &org(), &user("ann"), (chosen, false), world.now()).await.unwrap();
    world
}

fn to_admins(subject: &str) -> Vec<(String, String)> {
    ["ann", "bea"].map(|name| (format!("user_{name}@people.example"), subject.to_owned())).to_vec()
}

#[tokio::test]
async fn every_admin_is_told_once_that_it_is_to_end_and_once_that_it_is_not() {
    let world = chosen_member().await;
    let waker = &world.ports.waker;
    ask(waker, (&org(), &user("ann")), "Harbour Lane", world.now()).await.unwrap();
    assert!(!world.is_due().await);
    world.pass(1);
    assert!(world.is_due().await);
    let letters = world.round().await;
    let expected = "For Harbour Lane:\n\nAn admin asked that everything of this organisation be erased from Numo. Nothing \
                    goes out to your customers any more.\n\nIt begins on 30 Nov 2026 at 12:00. Until then any admin can \
                    withdraw it; afterwards nobody can.\n\nOpen Numo to withdraw it; you sign in first:\n\
                    https://numo.example/\n\nEvery admin gets this mail.\n";
    let told: Vec<_> = letters.iter().map(|letter| (letter.to.as_str().to_owned(), letter.subject.clone())).collect();
    assert_eq!(told, to_admins(ENDS));
    assert!(letters.iter().all(|letter| letter.text == expected && letter.unsubscribe.is_none()), "{letters:?}");
    // Asked for again it is no news.
    ask(waker, (&org(), &user("bea")), "Harbour Lane", world.now()).await.unwrap();
    world.pass(5);
    assert_eq!(world.subjects().await, []);
    withdraw(waker, (&org(), &user("bea")), world.now()).await.unwrap();
    world.pass(1);
    assert!(world.is_due().await);
    assert_eq!(world.subjects().await, to_admins(STAYS));
    world.pass(5);
    assert_eq!(world.subjects().await, []);
    // Another time is told of again.
    ask(waker, (&org(), &user("ann")), "Harbour Lane", world.now()).await.unwrap();
    assert_eq!(world.subjects().await, to_admins(ENDS));
}

#[tokio::test]
async fn what_was_withdrawn_before_anybody_was_told_is_no_news() {
    let world = chosen_member().await;
    let waker = &world.ports.waker;
    ask(waker, (&org(), &user("ann")), "Harbour Lane", world.now()).await.unwrap();
    withdraw(waker, (&org(), &user("ann")), world.now()).await.unwrap();
    world.pass(1);
    assert_eq!(world.subjects().await, []);
}

#[tokio::test]
async fn an_organisation_that_ended_at_clerk_or_whose_erasure_has_begun_is_told_nothing() {
    let world = chosen_member().await;
    begin(&world.store, &org(), world.now()).await.unwrap();
    world.pass(1);
    assert_eq!(world.subjects().await, []);
}

#[tokio::test]
async fn while_clerk_does_not_say_who_the_admins_are_it_is_tried_again() {
    let world = chosen_member().await;
    ask(&world.ports.waker, (&org(), &user("ann")), "Harbour Lane", world.now()).await.unwrap();
    world.people.set_down(true);
    assert_eq!(world.subjects().await, []);
    world.people.set_down(false);
    world.pass(16);
    assert!(world.is_due().await);
    assert_eq!(world.subjects().await, to_admins(ENDS));
}

#[tokio::test]
async fn wherever_asking_or_mailing_dies_every_admin_is_told() {
    for fault in [Fault::Before, Fault::After] {
        let mut call = 1;
        loop {
            let world = chosen_member().await;
            world.open(reconnect()).await;
            world.faults.reset(Plan::Crash { call, fault });
            let asked = ask(&world.ports.waker, (&org(), &user("ann")), "Harbour Lane", world.now()).await;
            world.pass(1);
            let mailed = world.try_round().await;
            let is_past_the_end = world.faults.calls() < call;
            world.faults.reset(Plan::Never);
            let is_asked = world.store.organisation_erasure(&org()).await.unwrap().is_some();
            assert!(is_asked || asked.is_err());
            for _ in 0..3 {
                world.clock.advance(SignedDuration::from_mins(16));
                world.try_round().await.unwrap();
            }
            let letters = world.mail.take();
            for to in ["user_ann@people.example", "user_bea@people.example"] {
                let told = letters.iter().filter(|letter| letter.subject == ENDS && letter.to.as_str() == to).count();
                let expected = if is_asked { 1..=2 } else { 0..=0 };
                assert!(expected.contains(&told), "call {call}, {fault:?}: {told} letters, {asked:?}, {mailed:?}");
            }
            if is_past_the_end {
                break;
            }
            call += 1;
        }
        assert!(call > 20, "{call}");
    }
}
