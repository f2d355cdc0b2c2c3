//! A table that is lost in mid-run and restored to an earlier moment.

use std::collections::BTreeSet;

use jiff::civil::date;
use numo_app::{
    answer_customer::{Reply, answer_customer},
    port::clock::Clock,
    send_now::{Wanted, look, send_now},
};
use numo_domain::{
    contact::ContactRef,
    conversation::Said,
    id::{AttemptId, ManualSendId},
    plan::decision::Unit,
    policy::StepId,
    reminder::{Occasion, ReminderState},
};
use numo_simulation::world::{Weather, World};

/// A day under way, of which the table is restored to the moment before its messages.
async fn lost_after_sending() -> World {
    let mut world = World::new(4);
    world.set_up(1, 8).await;
    world.set_up(2, 8).await;
    world.owed_since(0, date(2026, 11, 10));
    world.owed_since(1, date(2026, 11, 10));
    world.first_day().await;
    world.run_in_peace(1).await;
    world.back_up();
    world.approve(0).await;
    world.approve(1).await;
    world.run_in_peace(6).await;
    world
}

#[tokio::test]
async fn what_went_out_in_the_lost_time_does_not_go_out_again() {
    let mut world = lost_after_sending().await;
    let sent = world.meta.taken().len();
    assert!(sent >= 6, "only {sent} messages went out");
    world.restore(0).await;
    // Approved again by somebody who wonders why nothing was approved.
    world.approve(0).await;
    world.run_in_peace(2).await;
    assert_eq!(world.meta.taken().len(), sent, "nothing goes out before somebody takes the table over");
    world.restored_table_is_taken_over(Weather::CALM).await;
    world.approve(0).await;
    world.run_in_peace(4).await;
    assert_eq!(world.meta.taken().len(), sent, "nothing goes out on that day");
    world.run_in_peace(24 * 6).await;
    world.come_to_rest().await;
}

#[tokio::test]
async fn what_arrived_in_the_lost_time_is_not_taken_for_lost_and_tried_again() {
    let mut world = World::new(4);
    world.set_up(1, 8).await;
    world.owed_since(0, date(2026, 11, 10));
    world.first_day().await;
    world.run_in_peace(1).await;
    world.approve(0).await;
    world.finish_all().await;
    let before: BTreeSet<AttemptId> = world.meta.taken().iter().map(|message| message.attempt).collect();
    assert!(before.len() >= 3, "only {} messages went out", before.len());
    world.back_up();
    world.all_webhooks_arrive().await;
    world.restore(0).await;
    world.restored_table_is_taken_over(Weather::CALM).await;
    world.run_in_peace(2).await;
    // The status of a later message says that webhooks arrive again.
    let (org, now) = (world.businesses[0].org.clone(), world.clock.now());
    for sender in world.store().senders(&org).await.unwrap() {
        world.store().heard_from(&org, &sender.phone_number_id, now, now).await.unwrap();
    }
    world.run_in_peace(24 * 7).await;
    let reminders = world.store().reminders(&org).await.unwrap();
    let known = reminders.iter().filter(|reminder| before.contains(&reminder.attempt));
    let states: Vec<&ReminderState> = known.map(|reminder| &reminder.state).collect();
    assert_eq!(states, vec![&ReminderState::Unknown; before.len()], "a person is asked, and nothing goes out again");
}

/// How many numbers of the first business hear nothing more: those who said STOP, and those of erased customers.
async fn opted_out(world: &World) -> usize {
    world.store().consents(&world.businesses[0].org).await.unwrap().opted_out_numbers.len()
}

#[tokio::test]
async fn who_said_stop_or_was_erased_in_the_lost_time_is_opted_out_and_forgotten_again() {
    let mut world = World::new(4);
    world.set_up(2, 8).await;
    world.owed_since(0, date(2026, 11, 10));
    world.first_day().await;
    world.approve(0).await;
    world.run_in_peace(6).await;
    world.back_up();
    world.customer_writes(0, &"c1".parse().unwrap(), ("wamid.in.stop", "Stop!"));
    world.all_webhooks_arrive().await;
    let erased = world.customer(0, &"c2".parse().unwrap()).await;
    world.erase(0, &erased).await.unwrap();
    world.run_in_peace(1).await;
    let customers = async |world: &World| {
        let contacts = world.store().contacts(&world.businesses[0].org).await.unwrap();
        contacts.into_iter().map(|contact| contact.at.contact.to_string()).collect::<BTreeSet<_>>()
    };
    assert_eq!((opted_out(&world).await, customers(&world).await.contains("c2")), (2, false));
    world.restore(0).await;
    assert_eq!((opted_out(&world).await, customers(&world).await.contains("c2")), (0, true));
    world.restored_table_is_taken_over(Weather::CALM).await;
    world.run_in_peace(1).await;
    assert_eq!((opted_out(&world).await, customers(&world).await.contains("c2")), (2, false));
}

#[tokio::test]
async fn an_answer_that_waited_and_went_out_in_the_lost_time_does_not_go_out_again() {
    let mut world = World::new(4);
    world.set_up(2, 4).await;
    world.first_day().await;
    world.customer_writes(0, &"c1".parse().unwrap(), ("wamid.in.crates", "whom do I call about the crates"));
    world.all_webhooks_arrive().await;
    let business = world.businesses[0].clone();
    let talk = world.store().conversations(&business.org).await.unwrap().remove(0);
    let (of, now) = ((&talk.number, &talk.sender), world.clock.now());
    let id = AttemptId::new(world.waker.ids.uuid());
    let reply = Reply { id, text: "A word of the owner.".to_owned() };
    answer_customer(&world.waker, &business.org, &business.admin, of, reply, now).await.unwrap();
    world.back_up();
    world.run_in_peace(1).await;
    let times = |world: &World| world.meta.answers().iter().filter(|answer| answer.attempt == id).count();
    assert_eq!(times(&world), 1);
    world.restore(0).await;
    world.restored_table_is_taken_over(Weather::CALM).await;
    world.run_in_peace(2).await;
    assert_eq!(times(&world), 1);
    let lines = world.store().lines(&business.org, of, 10).await.unwrap();
    let said_by_business = |said: Said| if let Said::Business(answer) = said { Some(answer) } else { None };
    let mut answers = lines.into_iter().filter_map(|line| said_by_business(line.said));
    let answer = answers.find(|answer| answer.attempt == id).unwrap();
    assert_eq!(answer.state.name(), "unknown", "nobody knows whether it went out");
}

#[tokio::test]
async fn a_message_that_comes_once_more_after_a_restore_is_not_answered_a_second_time() {
    let mut world = World::new(4);
    world.set_up(2, 4).await;
    world.owed_since(0, date(2026, 11, 10));
    world.first_day().await;
    world.back_up();
    world.customer_writes(0, &"c1".parse().unwrap(), ("wamid.in.soon", "I will pay soon"));
    world.all_webhooks_arrive().await;
    world.run_in_peace(1).await;
    let asked = world.meta.answers().len();
    assert_eq!(asked, 1, "on which day");
    world.restore(0).await;
    world.restored_table_is_taken_over(Weather::CALM).await;
    world.customer_writes(0, &"c1".parse().unwrap(), ("wamid.in.soon", "I will pay soon"));
    world.all_webhooks_arrive().await;
    world.run_in_peace(2).await;
    assert_eq!(world.meta.answers().len(), asked);
}

#[tokio::test]
async fn a_step_that_somebody_sent_ahead_of_its_day_in_the_lost_time_does_not_go_out_on_its_day() {
    let mut world = World::new(4);
    world.set_up(2, 4).await;
    // Step 2 is due three days after it.
    world.owed_since(0, date(2026, 11, 22));
    world.first_day().await;
    world.back_up();
    let (business, now) = (world.businesses[0].clone(), world.clock.now());
    let connection = world.store().connections(&business.org).await.unwrap()[0].id;
    let contact = ContactRef { connection, contact: "c0".parse().unwrap() };
    let unit = Unit { contact, currency: "AED".parse().unwrap() };
    let seen = look(&world.store(), &business.org, &unit, now).await.unwrap().digest().unwrap_or_default();
    let wanted = Wanted { id: ManualSendId::new(world.waker.ids.uuid()), unit: unit.clone(), seen };
    send_now(&world.waker, &business.org, &business.admin, &wanted, now).await.unwrap();
    world.run_in_peace(1).await;
    let sent = world.store().reminders_of(&business.org, &unit.contact).await.unwrap().remove(0);
    assert_eq!((sent.key.occasion, sent.asked_by.is_some()), (Occasion::Step(StepId(2)), true));
    world.restore(0).await;
    world.restored_table_is_taken_over(Weather::CALM).await;
    world.run_in_peace(24 * 5).await;
    let known = world.store().reminders_of(&business.org, &unit.contact).await.unwrap();
    let of_step: Vec<_> = known.iter().filter(|reminder| reminder.key == sent.key).collect();
    assert_eq!(of_step.iter().map(|reminder| reminder.attempt).collect::<Vec<_>>(), [sent.attempt]);
    world.come_to_rest().await;
}
