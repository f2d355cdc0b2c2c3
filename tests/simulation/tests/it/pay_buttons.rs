//! Messages with a pay button.

use jiff::civil::date;
use numo_app::store::pay_page::PayTarget;
use numo_simulation::world::World;

#[tokio::test]
async fn the_pay_button_of_a_message_opens_the_one_invoice_that_it_lists() {
    let mut world = World::new(4);
    world.set_up(1, 8).await;
    world.owed_since(0, date(2026, 11, 10));
    let org = world.businesses[0].org.clone();
    world.change_policy(0, |policy| policy.pay_link = true).await;
    world.first_day().await;
    world.approve(0).await;
    world.run_in_peace(6).await;
    let (mut single, mut several) = (0, 0);
    for message in world.meta.taken() {
        let reminders = world.store().reminders(&org).await.unwrap();
        let reminder = reminders.into_iter().find(|reminder| reminder.attempt == message.attempt).unwrap();
        let is_pay_button = world.said(0, &reminder).await.template.name.ends_with("_pay_v1");
        assert_eq!(
            (is_pay_button, message.pay_token.is_some()),
            (reminder.listed.len() == 1, reminder.listed.len() == 1)
        );
        let Some(token) = message.pay_token else {
            several += 1;
            continue;
        };
        let expected = PayTarget {
            org: org.clone(),
            connection: reminder.key.contact.connection,
            invoice: reminder.listed.first().unwrap().clone(),
        };
        assert_eq!(world.store().pay_target(&token).await.unwrap(), Some(expected));
        single += 1;
    }
    assert!(single > 0 && several > 0, "{single} with one invoice, {several} with several");
}
