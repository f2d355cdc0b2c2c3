//! Who gets the message when somebody else owes the invoice, and when the customer is gone.

use numo_app::port::clock::Clock;
use numo_domain::{contact::ContactStatus, id::ExternalId, plan::reason::SkipCode, reminder::Reminder};
use numo_simulation::world::{Weather, World};

/// A business whose plans wait for approval, with its day planned.
async fn planned() -> World {
    let mut world = World::new(4);
    world.set_up(1, 3).await;
    world.first_day().await;
    world
}

fn id(contact: &str) -> ExternalId {
    contact.parse().unwrap()
}

async fn reminders(world: &World) -> Vec<Reminder> {
    world.store().reminders(&world.businesses[0].org).await.unwrap()
}

#[tokio::test]
async fn a_billed_parent_gets_one_message_with_the_invoices_of_its_job() {
    let mut world = World::new(4);
    world.set_up(2, 3).await;
    let tenant = world.businesses[0].tenant.clone();
    world.ledger.change_contact(&tenant, &id("c1"), |job| job.payer = Some(id("c0")));
    world.first_day().await;
    world.approve(0).await;
    world.run_in_peace(30).await;
    let sent = reminders(&world).await;
    assert!(sent.iter().all(|reminder| reminder.key.contact.contact != id("c1")), "the job itself is written to");
    let lines = sent.iter().filter(|reminder| reminder.key.contact.contact == id("c0")).flat_map(|sent| &sent.listed);
    assert!(lines.into_iter().any(|line| line.as_str().starts_with("c1-")), "the job's invoices are missing");
    let numbers = &world.businesses[0].numbers;
    assert!(world.meta.taken().iter().all(|message| message.to.as_e164() != numbers[&id("c1")]));
}

#[tokio::test]
async fn a_contact_that_is_merged_between_plan_and_send_gets_nothing_under_its_old_name() {
    let mut world = planned().await;
    let (org, tenant) = (world.businesses[0].org.clone(), world.businesses[0].tenant.clone());
    let date = world.store().organisation(&org).await.unwrap().zone.date(world.clock.now());
    world.ledger.change_contact(&tenant, &id("c1"), |merged| {
        merged.status = ContactStatus::Archived;
        merged.payer = Some(id("c0"));
    });
    world.approve(0).await;
    world.run(8, Weather::CALM).await;
    assert!(reminders(&world).await.iter().all(|reminder| reminder.key.contact.contact != id("c1")));
    let cancelled = world.store().cancelled_of(&org, date).await.unwrap();
    let merged = cancelled.iter().find(|unit| unit.unit.contact.contact == id("c1")).unwrap();
    assert_eq!(merged.reasons[0].code, SkipCode::Settled, "under this name nothing is owed any more");
}

#[tokio::test]
async fn a_customer_who_is_gone_from_the_ledger_at_the_send_gets_nothing_and_the_plan_says_why() {
    let mut world = planned().await;
    let (org, tenant) = (world.businesses[0].org.clone(), world.businesses[0].tenant.clone());
    let date = world.store().organisation(&org).await.unwrap().zone.date(world.clock.now());
    for contact in ["c0", "c1", "c2"] {
        world.ledger.forget_contact(&tenant, &id(contact));
    }
    world.approve(0).await;
    world.run(8, Weather::CALM).await;
    assert_eq!(reminders(&world).await, []);
    let cancelled = world.store().cancelled_of(&org, date).await.unwrap();
    let codes: Vec<SkipCode> = cancelled.iter().flat_map(|unit| &unit.reasons).map(|reason| reason.code).collect();
    assert!(!codes.is_empty() && codes.iter().all(|code| *code == SkipCode::LedgerUnreadable), "{codes:?}");
}
