//! Several numbers of one organisation.

use jiff::{
    SignedDuration,
    civil::{Date, date},
};
use numo_app::{
    configure::{set_ramp, set_sender},
    port::{
        clock::Clock,
        whatsapp::{SendAction, SendError},
    },
};
use numo_domain::{id::ExternalId, plan::reason::SkipCode};
use numo_simulation::world::World;

/// Two legal entities with one customer in common, who has owed the second one for longer, and another customer of
/// the first.
async fn two_entities() -> World {
    let mut world = World::new(4);
    world.set_up(1, 2).await;
    world.add_entity(0).await;
    for tenant in world.businesses[0].tenants() {
        for (customer, day) in [("c0", 10), ("c1", 10), ("second-c0", 9)] {
            let invoice: ExternalId = format!("{customer}-0").parse().unwrap();
            if world.ledger.remaining(tenant, &invoice).is_some() {
                world.ledger.change(tenant, &invoice, |invoice| {
                    invoice.due = Some(date(2026, 11, day));
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
    let monday = date(2026, 11, 23);
    assert_eq!(told(&world), [row(monday, "phone-1", "1"), row(monday, "phone-second", "0")]);
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

#[tokio::test]
async fn a_run_that_is_out_of_time_after_meta_asked_for_patience_does_not_call_the_number_again_before() {
    let mut world = two_entities().await;
    // Both ledgers write from the same number.
    let (org, admin, now) = (world.businesses[0].org.clone(), world.businesses[0].admin.clone(), world.clock.now());
    for connection in world.store().connections(&org).await.unwrap() {
        set_sender(&world.waker, &org, &admin, (connection.id, None), now).await.unwrap();
    }
    world.run_in_peace(1).await;
    world.approve(0).await;
    let patience = SignedDuration::from_mins(45);
    let wait = SendAction::Wait { retry_after: Some(patience) };
    // The answer leaves too little of the invocation for the second ledger's page.
    let slowly = SignedDuration::from_secs(65);
    world.meta.answer_slowly(slowly, SendError::NotSent { code: 130_429, action: wait });
    world.run_in_peace(20).await;
    let (asked, taken) = (world.meta.asked(), world.meta.taken());
    assert_eq!((asked.len(), taken.len()), (3, 2));
    assert!(asked[1].duration_since(asked[0]) >= slowly.checked_add(patience).unwrap(), "{asked:?}");
}

/// Why what was planned for Monday did not go out.
async fn held(world: &World) -> Vec<SkipCode> {
    let org = &world.businesses[0].org;
    let cancelled = world.store().cancelled_of(org, date(2026, 11, 23)).await.unwrap();
    cancelled.into_iter().flat_map(|unit| unit.reasons).map(|reason| reason.code).collect()
}

#[tokio::test]
async fn a_limit_that_meta_lowered_after_the_approval_holds_what_it_leaves_no_room_for() {
    let mut world = two_entities().await;
    world.approve(0).await;
    let (org, phone) = (world.businesses[0].org.clone(), world.businesses[0].phone.clone());
    // Of two people a day four fifths are one.
    world.meta.limit(2);
    world.store().change_sender(&org, &phone, world.clock.now(), |sender| sender.daily_limit = Some(2)).await.unwrap();
    world.run_in_peace(12).await;
    assert_eq!((world.meta.taken().len(), held(&world).await), (1, vec![SkipCode::MessagingLimit]));
}

#[tokio::test]
async fn a_ramp_that_was_lowered_after_the_approval_holds_the_last_of_every_sender() {
    let mut world = World::new(4);
    world.set_up(1, 2).await;
    world.owed_since(0, date(2026, 11, 10));
    world.first_day().await;
    world.approve(0).await;
    let business = world.businesses[0].clone();
    set_ramp(&world.waker, &business.org, &business.admin, 1, world.clock.now()).await.unwrap();
    world.run_in_peace(12).await;
    assert_eq!((world.meta.taken().len(), held(&world).await), (1, vec![SkipCode::Ramp]));
}

#[tokio::test]
async fn a_number_that_takes_over_after_the_approval_writes_to_nobody_new_on_that_day() {
    let mut world = two_entities().await;
    world.approve(0).await;
    let (org, admin, now) = (world.businesses[0].org.clone(), world.businesses[0].admin.clone(), world.clock.now());
    for connection in world.store().connections(&org).await.unwrap() {
        set_sender(&world.waker, &org, &admin, (connection.id, None), now).await.unwrap();
    }
    world.run_in_peace(12).await;
    // The second entity's customer was to hear from the second number, and the first one has no turn for that.
    assert_eq!((told(&world).len(), held(&world).await), (1, vec![SkipCode::Ramp]));
}
