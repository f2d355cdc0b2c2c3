//! Who is thanked, from the payment in the ledger to the message at WhatsApp.

use jiff::civil::{Date, date};
use numo_app::port::clock::Clock;
use numo_domain::{
    contact::ContactRef,
    id::{ExternalId, LedgerTenantId},
    plan::reason::SkipCode,
    reminder::{Occasion, Reminder},
};
use numo_simulation::world::World;

/// A business whose customers were written to on Monday, with one of the messages; it is Monday afternoon.
///
/// The plans of the second business go out by themselves, those of the first wait for approval.
async fn reminded(business: u32) -> (World, LedgerTenantId, Reminder) {
    let mut world = World::new(4);
    world.set_up(business, 3).await;
    world.first_day().await;
    world.approve(0).await;
    world.run_in_peace(6).await;
    let tenant = world.businesses[0].tenant.clone();
    let asked = reminders(&world).await.into_iter().find(|sent| sent.listed.len() == 1).unwrap();
    (world, tenant, asked)
}

async fn reminders(world: &World) -> Vec<Reminder> {
    world.store().reminders(&world.businesses[0].org).await.unwrap()
}

async fn today(world: &World) -> Date {
    world.store().organisation(&world.businesses[0].org).await.unwrap().zone.date(world.clock.now())
}

/// Whether thanks to a customer stand in today's plan.
async fn is_planned(world: &World, contact: &ContactRef) -> bool {
    let (store, org) = (world.store(), &world.businesses[0].org);
    let Some(header) = store.plan_header(org, today(world).await).await.unwrap() else { return false };
    let decisions = store.plan_decisions(org, &header.value).await.unwrap();
    let thanks =
        decisions.iter().filter(|decision| decision.send().is_some_and(|send| send.occasion.thanks_until().is_some()));
    thanks.into_iter().any(|decision| decision.unit.contact == *contact)
}

async fn thanks(world: &World) -> Vec<Reminder> {
    let all = reminders(world).await.into_iter();
    all.filter(|reminder| reminder.key.occasion.thanks_until().is_some()).collect()
}

fn settle_all(world: &World, tenant: &LedgerTenantId, contact: &ExternalId) {
    for invoice in world.ledger.open_invoices(tenant) {
        if invoice.as_str().starts_with(&format!("{contact}-")) {
            world.ledger.pay(tenant, &invoice);
        }
    }
}

#[tokio::test]
async fn whoever_pays_everything_after_a_reminder_is_thanked_once_on_a_later_day() {
    let (mut world, tenant, asked) = reminded(2).await;
    let paid_on = today(&world).await;
    settle_all(&world, &tenant, &asked.key.contact.contact);
    world.run_in_peace(24 * 4).await;
    let thanks = thanks(&world).await;
    let told: Vec<_> = thanks.iter().map(|sent| (&sent.key.contact, sent.key.occasion, sent.listed.len())).collect();
    assert_eq!(told, [(&asked.key.contact, Occasion::ThankYou(paid_on), 0)]);
    // The gap of two days after the reminder counts for thanks as well.
    assert!(thanks[0].date >= asked.date.tomorrow().unwrap().tomorrow().unwrap());
    let said = world.said(0, &thanks[0]).await;
    assert!(said.text.contains("has received your payment of AED"), "{}", said.text);
    assert_eq!((said.evidence.anchor_updated_at, said.total.minor), (None, 0));
}

#[tokio::test]
async fn whoever_pays_a_part_is_thanked_with_what_is_left() {
    let (mut world, tenant, asked) = reminded(2).await;
    world.ledger.pay_part(&tenant, &asked.key.anchor, 50);
    world.run_in_peace(24 * 3).await;
    let thanks = thanks(&world).await;
    assert_eq!(thanks.len(), 1);
    assert!(matches!(thanks[0].key.occasion, Occasion::PartPayment(_)));
    let left = world.ledger.remaining(&tenant, &asked.key.anchor).unwrap();
    let said = world.said(0, &thanks[0]).await;
    let line = said.lines.iter().find(|line| line.invoice == asked.key.anchor).unwrap();
    assert_eq!(line.remaining, left);
    assert!(said.text.contains("Still open and past its due date"), "{}", said.text);
}

#[tokio::test]
async fn money_that_is_taken_back_between_plan_and_send_is_not_thanked_for() {
    let (mut world, tenant, asked) = reminded(1).await;
    settle_all(&world, &tenant, &asked.key.contact.contact);
    let (org, contact) = (world.businesses[0].org.clone(), asked.key.contact.clone());
    while !is_planned(&world, &contact).await {
        assert!(today(&world).await < date(2026, 11, 30), "no thanks were planned");
        world.run_in_peace(1).await;
    }
    let planned = today(&world).await;
    world.ledger.take_back(&tenant, &asked.key.anchor);
    world.approve(0).await;
    world.run_in_peace(8).await;
    assert_eq!(thanks(&world).await, []);
    let cancelled = world.store().cancelled_of(&org, planned).await.unwrap();
    let told = cancelled.iter().find(|unit| unit.unit.contact == contact).unwrap();
    assert_eq!(told.reasons.first().map(|reason| reason.code), Some(SkipCode::PaymentGrace), "it is owed again");
}
