//! Several numbers of one organisation.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a helper that fails is a test that fails")]

use jiff::civil::{Date, date};
use numo_app::port::whatsapp::{SendAction, SendError};
use numo_domain::id::ExternalId;
use numo_simulation::world::World;

/// Two legal entities with one customer in common, and another customer of the first.
async fn two_entities() -> World {
    let mut world = World::new(4);
    world.set_up(1, 2).await;
    world.add_entity(0).await;
    for tenant in world.businesses[0].tenants() {
        for customer in ["c0", "c1", "second-c0"] {
            let invoice: ExternalId = format!("{customer}-0").parse().unwrap();
            if world.ledger.remaining(tenant, &invoice).is_some() {
                world.ledger.change(tenant, &invoice, |invoice| {
                    invoice.due = Some(date(2026, 11, 10));
                    (invoice.total.minor, invoice.remaining.minor) = (50_000, 50_000);
                });
            }
        }
    }
    world.first_day().await;
    world
}

/// Every message that was taken: on which day, from which number, to the last digit of which customer's.
fn told(world: &World) -> Vec<(Date, String, String)> {
    let zone: numo_domain::calendar::Zone = "Asia/Dubai".parse().unwrap();
    let mut told: Vec<_> = world
        .meta
        .taken()
        .iter()
        .map(|message| {
            let last = message.to.as_e164().chars().last().map(String::from).unwrap();
            (zone.date(message.at), message.from.to_string(), last)
        })
        .collect();
    told.sort_unstable();
    told
}

fn row(day: Date, from: &str, to: &str) -> (Date, String, String) {
    (day, from.to_owned(), to.to_owned())
}

#[tokio::test]
async fn case_23_two_entities_write_to_one_number_on_different_days_each_from_its_own() {
    let mut world = two_entities().await;
    world.approve(0).await;
    world.run_in_peace(20).await;
    let monday = told(&world);
    let (first, second) = (row(date(2026, 11, 23), "phone-1", "0"), row(date(2026, 11, 23), "phone-second", "0"));
    let other = row(date(2026, 11, 23), "phone-1", "1");
    assert!(monday == [first.clone(), other.clone()] || monday == [other, second.clone()], "{monday:?}");
    for _ in 0..4 {
        world.run_in_peace(12).await;
        world.approve(0).await;
        world.run_in_peace(12).await;
    }
    let to_both: Vec<_> = told(&world).into_iter().filter(|(.., to)| to == "0").collect();
    let senders: std::collections::BTreeSet<&str> = to_both.iter().map(|(_, from, _)| from.as_str()).collect();
    assert_eq!(Vec::from_iter(senders), ["phone-1", "phone-second"], "{to_both:?}");
}

#[tokio::test]
async fn a_number_that_has_to_wait_holds_up_no_other_one() {
    let mut world = two_entities().await;
    // Whichever number comes first is told to wait; the customer of the other one gets the message all the same.
    world.meta.answer_next(SendError::NotSent { code: 131_056, action: SendAction::Wait { retry_after: None } });
    world.approve(0).await;
    world.run_in_peace(20).await;
    assert_eq!(told(&world).len(), 2, "{:?}", told(&world));
}
