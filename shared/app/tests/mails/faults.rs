//! Mails when something fails: never a flood, and no silence.

use jiff::SignedDuration;
use numo_app::{
    job::Work,
    mail_owner::{MailPorts, Mailed, mail_owner},
    port::session::Role,
    store::due::Claimed,
};
use numo_domain::reply::Intent;
use numo_testkit::{
    faulty_table::{Fault, Plan},
    recording_mail::MailAnswer,
};

use crate::world::{World, org, reconnect, user};

/// A fault and a reply that are to be told now, to two admins.
async fn waiting() -> World {
    let world = World::new().await;
    world.people.join(&org(), &user("bea"), Role::Admin);
    world.pass(6 * 60 + 5);
    world.owes("c1", "Acme").await;
    world.writes("c1", "wamid.1", Intent::PaidAlready).await;
    world.open(reconnect()).await;
    world.pass(5);
    world
}

/// Rounds until everything is settled.
async fn settle(world: &World) {
    world.faults.reset(Plan::Never);
    for _ in 0..6 {
        world.pass(16);
        world.try_round().await.unwrap();
    }
}

#[tokio::test]
async fn wherever_the_work_dies_everybody_gets_one_mail_or_after_an_unclear_call_two() {
    for fault in [Fault::Before, Fault::After] {
        for crash in [true, false] {
            let mut call = 1;
            loop {
                let world = waiting().await;
                let plan = if crash { Plan::Crash { call, fault } } else { Plan::Once { call, fault } };
                world.faults.reset(plan);
                let outcome = world.try_round().await;
                let is_past_the_end = world.faults.calls() < call;
                settle(&world).await;
                let letters = world.mail.take();
                for to in ["user_ann@people.example", "user_bea@people.example"] {
                    let n = letters.iter().filter(|letter| letter.to.as_str() == to).count();
                    // A letter whose call is not known to have been answered is sent once more.
                    assert!((1..=2).contains(&n), "call {call}, {fault:?}, crash {crash}: {n} letters, {outcome:?}");
                }
                assert!(letters.len() <= 3, "call {call}, {fault:?}, crash {crash}: {} letters", letters.len());
                let subject = "Numo: connect your accounting system again, and 1 more";
                assert!(letters.iter().all(|letter| letter.subject == subject), "told in pieces");
                if is_past_the_end {
                    assert_eq!(letters.len(), 2);
                    break;
                }
                call += 1;
            }
            assert!(call > 20, "{call}");
        }
    }
}

#[tokio::test]
async fn a_call_without_a_clear_answer_is_made_once_more_and_not_again() {
    let world = waiting().await;
    world.mail.answer([MailAnswer::SentUnclearly, MailAnswer::Taken, MailAnswer::LostUnclearly]);
    world.try_round().await.unwrap();
    assert_eq!(world.mail.n_calls(), 2);
    settle(&world).await;
    assert_eq!(world.mail.n_calls(), 3);
    assert_eq!(world.mail.letters().len(), 2);
}

#[tokio::test]
async fn a_refused_mail_is_tried_every_quarter_of_an_hour_and_given_up_after_half_a_day() {
    let world = waiting().await;
    world.mail.answer([MailAnswer::NotSent; 200]);
    world.try_round().await.unwrap();
    assert_eq!(world.mail.n_calls(), 2);
    world.pass(14);
    assert!(!world.is_due().await);
    world.pass(1);
    assert!(world.is_due().await);
    // The first round is made a quarter of an hour late by the look above.
    for _ in 0..50 {
        world.try_round().await.unwrap();
        world.pass(15);
    }
    assert_eq!(world.mail.n_calls(), 2 * 48);
    assert_eq!(world.mail.letters(), []);
}

#[tokio::test]
async fn a_mail_that_was_refused_first_reaches_everybody_once() {
    let world = waiting().await;
    world.mail.answer([MailAnswer::NotSent, MailAnswer::Taken, MailAnswer::NotSent, MailAnswer::NotSent]);
    world.try_round().await.unwrap();
    settle(&world).await;
    let mut to: Vec<String> = world.mail.take().into_iter().map(|letter| letter.to.as_str().to_owned()).collect();
    to.sort();
    assert_eq!(to, ["user_ann@people.example", "user_bea@people.example"]);
}

#[tokio::test]
async fn while_clerk_does_not_tell_who_is_meant_nothing_is_claimed_and_everything_waits() {
    let world = waiting().await;
    world.people.set_down(true);
    assert_eq!(world.try_round().await.unwrap(), Mailed::Sent(0));
    assert_eq!(world.store.tasks(&org()).await.unwrap()[0].mailed_at, None);
    world.pass(14);
    assert!(!world.is_due().await);
    world.pass(1);
    assert!(world.is_due().await);
    world.people.set_down(false);
    assert_eq!(world.round().await.len(), 2);
}

#[tokio::test]
async fn whoever_left_between_two_tries_gets_nothing_more() {
    let world = waiting().await;
    world.mail.answer([MailAnswer::NotSent, MailAnswer::Taken]);
    world.try_round().await.unwrap();
    let first: Vec<String> = world.mail.take().into_iter().map(|letter| letter.to.as_str().to_owned()).collect();
    assert_eq!(first, ["user_bea@people.example"]);
    world.people.leave(&org(), &user("ann"));
    settle(&world).await;
    assert_eq!(world.mail.take(), []);
}

#[tokio::test]
async fn of_two_workers_with_one_job_one_writes() {
    let world = waiting().await;
    let (store, now) = (&world.store, world.now());
    store.mark_due(&org(), &Work::MailOwner {}, now, now).await.unwrap();
    let Claimed::Claimed { claim, .. } = store.claim_work(&org(), &Work::MailOwner {}, now).await.unwrap() else {
        panic!("the work is due")
    };
    let deadline = now + SignedDuration::from_mins(2);
    let org = org();
    let (one, other) =
        tokio::join!(mail_owner(&world.ports, &org, claim, deadline), mail_owner(&world.ports, &org, claim, deadline));
    let mut outcomes = [format!("{:?}", one.unwrap()), format!("{:?}", other.unwrap())];
    outcomes.sort();
    assert_eq!(outcomes, ["Sent(2)", "Stale"]);
    assert_eq!(world.mail.take().len(), 2);
}

#[tokio::test]
async fn without_an_address_to_send_from_nothing_is_done_and_it_is_told_once_there_is_one() {
    let world = waiting().await;
    let off = MailPorts { mailer: None, ..world.ports.clone() };
    let (store, now) = (&world.store, world.now());
    store.mark_due(&org(), &Work::MailOwner {}, now, now).await.unwrap();
    let Claimed::Claimed { claim, .. } = store.claim_work(&org(), &Work::MailOwner {}, now).await.unwrap() else {
        panic!("the work is due")
    };
    assert_eq!(mail_owner(&off, &org(), claim, now).await.unwrap(), Mailed::Off);
    assert!(!world.is_due().await);
    assert_eq!(world.round().await.len(), 2);
}

#[tokio::test]
async fn with_too_little_time_for_a_letter_the_rest_comes_with_the_next_round() {
    let world = waiting().await;
    let (store, now) = (&world.store, world.now());
    store.mark_due(&org(), &Work::MailOwner {}, now, now).await.unwrap();
    let Claimed::Claimed { claim, .. } = store.claim_work(&org(), &Work::MailOwner {}, now).await.unwrap() else {
        panic!("the work is due")
    };
    let deadline = now + SignedDuration::from_secs(10);
    assert_eq!(mail_owner(&world.ports, &org(), claim, deadline).await.unwrap(), Mailed::Sent(0));
    assert!(world.is_due().await);
    assert_eq!(world.round().await.len(), 2);
}
