//! Numbers that admins type in the place of the ledger's: where messages go, and where not any more.

use jiff::civil::date;
use numo_app::port::clock::Clock;
use numo_domain::{contact::ContactNumber, id::ExternalId, plan::reason::SkipCode};
use numo_simulation::{
    business::Corrected,
    world::{Weather, World},
};

fn c0() -> ExternalId {
    "c0".parse().unwrap()
}

/// A business whose plan waits for approval, with customers who owe since two weeks.
async fn planned() -> World {
    let mut world = World::new(4);
    world.set_up(1, 3).await;
    world.owed_since(0, date(2026, 11, 10));
    world.first_day().await;
    world
}

/// How many messages went to a number.
fn messages_to(world: &World, number: &str) -> usize {
    world.meta.taken().iter().filter(|message| message.to.as_e164() == number).count()
}

fn typed(world: &World) -> String {
    world.businesses[0].corrected[&c0()].number().to_owned()
}

#[tokio::test]
async fn a_number_typed_between_plan_and_dispatch_gets_nothing_before_its_owner_agreed_and_the_former_one_never_again()
{
    let mut world = planned().await;
    let former = world.businesses[0].numbers[&c0()].clone();
    world.approve(0).await;
    // The dispatch is in flight before anybody reads what is typed.
    assert!(world.import_number(0, &c0()).await);
    world.run_in_peace(5).await;
    assert_eq!((messages_to(&world, &former), messages_to(&world, &typed(&world))), (0, 0));
    assert_eq!(world.meta.taken().len(), 2);
    let org = world.businesses[0].org.clone();
    let cancelled = world.store().cancelled_of(&org, date(2026, 11, 23)).await.unwrap();
    let codes: Vec<SkipCode> = cancelled[0].reasons.iter().map(|reason| reason.code).collect();
    assert!(codes.contains(&SkipCode::NumberUnusable) || codes.contains(&SkipCode::NoConsentBasis), "{codes:?}");
    // Read with the next sync, it waits for an opt-in: a relationship is a basis for the first number alone.
    let known = world.store().contact(&org, &world.customer(0, &c0()).await).await.unwrap().unwrap().value;
    assert!(matches!(&known.number, ContactNumber::Usable { number, .. } if number.as_e164() == typed(&world)));
    world.confirm_numbers(0).await;
    for _ in 0..4 {
        world.run_in_peace(12).await;
        world.approve(0).await;
    }
    world.run_in_peace(6).await;
    assert_eq!((messages_to(&world, &former), messages_to(&world, &typed(&world))), (0, 1));
}

#[tokio::test]
async fn a_customer_without_a_number_in_the_ledger_gets_reminders_at_the_one_that_is_typed() {
    let mut world = World::new(4);
    world.set_up(1, 3).await;
    world.owed_since(0, date(2026, 11, 10));
    world.ledger_says(0, &c0(), "");
    world.first_day().await;
    assert!(world.import_number(0, &c0()).await);
    for _ in 0..3 {
        world.run_in_peace(12).await;
        world.approve(0).await;
    }
    world.run_in_peace(6).await;
    assert!(messages_to(&world, &typed(&world)) >= 1);
}

#[tokio::test]
async fn a_number_that_the_ledger_corrects_right_before_the_send_takes_the_place_of_the_typed_one() {
    let mut world = planned().await;
    assert!(world.import_number(0, &c0()).await);
    world.run_in_peace(1).await;
    world.confirm_numbers(0).await;
    world.run_in_peace(1).await;
    world.approve(0).await;
    let former = typed(&world);
    world.correct_in_ledger(0, &c0());
    world.run(8, Weather::CALM).await;
    assert_eq!((messages_to(&world, &former), messages_to(&world, &typed(&world))), (0, 0));
    assert!(matches!(world.businesses[0].corrected[&c0()], Corrected::InLedger(_)));
    let org = &world.businesses[0].org;
    let told = world.store().activity(org, 50).await.unwrap();
    assert!(told.iter().any(|line| line.activity.action == "customer.typed_number_ended"));
    assert!(world.clock.now() > "2026-11-23T06:00:00Z".parse().unwrap());
}
