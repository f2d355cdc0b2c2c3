//! Messages of one day that go out at different times.

use jiff::{SignedDuration, Timestamp, civil::date};
use numo_app::{configure::save_policy, port::clock::Clock};
use numo_domain::{
    calendar::{SendCalendar, Window},
    contact::{LedgerPhone, LedgerPhoneKind},
    id::{ExternalId, PolicyId},
    organisation::Organisation,
    policy::WhoseClock,
};
use numo_simulation::world::World;
use numo_testkit::faulty_table::{Fault, Plan};

#[tokio::test]
async fn customers_in_three_parts_of_the_world_are_each_written_to_in_their_own_hours() {
    let mut world = World::new(4);
    world.set_up(2, 3).await;
    let (org, tenant) = (world.businesses[0].org.clone(), world.businesses[0].tenant.clone());
    let (admin, now) = (world.businesses[0].admin.clone(), world.clock.now());
    // In the order of customers the latest hours come first.
    for (customer, number) in [("c0", "+447911123456"), ("c1", "+971501112233"), ("c2", "+61412345678")] {
        let id: ExternalId = customer.parse().unwrap();
        world.businesses[0].numbers.insert(id.clone(), number.to_owned());
        world.ledger.change_contact(&tenant, &id, |contact| {
            contact.phones = vec![LedgerPhone { kind: LedgerPhoneKind::Mobile, text: number.to_owned() }];
        });
        let invoice = format!("{customer}-0").parse().unwrap();
        world.ledger.change(&tenant, &invoice, |invoice| invoice.due = Some(date(2026, 11, 10)));
    }
    let mut policy = world.store().policies(&org).await.unwrap().organisation_default;
    let version = policy.version;
    policy.clock = WhoseClock::Customer;
    policy.calendar = SendCalendar { week: [SendCalendar::office_hours().week[0]; 7], ..policy.calendar };
    assert_ne!(policy.calendar.week[0], Some(Window::whole_day()));
    save_policy(&world.waker, &org, &admin, (&PolicyId::organisation_default(), version), policy, now).await.unwrap();
    world.first_day().await;
    // No payment was recorded yet, which a person has to look at.
    world.approve(0).await;
    world.run_in_peace(16).await;
    let mut taken: Vec<(String, Timestamp)> =
        world.meta.taken().iter().map(|message| (message.to.as_e164().to_owned(), message.at)).collect();
    taken.sort_by_key(|(_, at)| *at);
    let hours: Vec<(&str, i8)> =
        taken.iter().map(|(to, at)| (to.get(..3).unwrap(), jiff::tz::TimeZone::UTC.to_datetime(*at).hour())).collect();
    // Six in the morning in Dubai is one in the afternoon in Sydney; nine in London is nine by UTC.
    assert_eq!(hours, [("+61", 2), ("+97", 5), ("+44", 9)]);
}

/// A business whose day of 38 messages is planned and not approved; the owner wants ten in ten minutes.
async fn planned_burst() -> World {
    let mut world = World::new(4);
    world.set_up(1, 40).await;
    world.owed_since(0, date(2026, 11, 10));
    world.first_day().await;
    let (org, now) = (world.businesses[0].org.clone(), world.clock.now());
    let ten = |profile: &mut Organisation| profile.per_ten_minutes = Some(10);
    world.store().change_organisation(&org, now, ten).await.unwrap();
    world.run_in_peace(1).await;
    assert_eq!(world.meta.taken().len(), 0);
    world
}

/// How many messages went out in each step; those of one step are less than a second after each other.
fn steps(world: &World) -> Vec<(Timestamp, usize)> {
    let mut steps: Vec<(Timestamp, usize)> = Vec::new();
    for message in world.meta.taken() {
        match steps.last_mut() {
            Some((begun, size)) if message.at.duration_since(*begun) < SignedDuration::from_mins(5) => *size += 1,
            _ => steps.push((message.at, 1)),
        }
    }
    steps
}

#[tokio::test]
async fn what_is_approved_after_its_slot_goes_out_in_steps_of_ten_minutes() {
    let mut world = planned_burst().await;
    world.approve(0).await;
    world.run_by_the_minute(60).await;
    let steps = steps(&world);
    let sizes: Vec<usize> = steps.iter().map(|(_, size)| *size).collect();
    assert_eq!(sizes, [10, 10, 10, 8]);
    let begun = steps.iter().zip(steps.iter().skip(1));
    assert!(begun.clone().all(|((one, _), (next, _))| next.duration_since(*one) >= SignedDuration::from_mins(10)));
    world.check_promises().await;
}

#[tokio::test]
async fn what_is_approved_late_goes_out_before_its_hours_are_over() {
    let mut world = planned_burst().await;
    let org = world.businesses[0].org.clone();
    let header = world.store().plan_header(&org, date(2026, 11, 23)).await.unwrap().unwrap().value;
    let decisions = world.store().plan_decisions(&org, &header).await.unwrap();
    let midnight = decisions.iter().find_map(|decision| decision.send()?.until).unwrap();
    let left = |world: &World| midnight.duration_since(world.clock.now()) - SignedDuration::from_mins(35);
    world.run_in_peace(left(&world).as_hours() - 1).await;
    world.run_by_the_minute(left(&world).as_mins()).await;
    assert_eq!(world.meta.taken().len(), 0);
    world.approve(0).await;
    world.run_by_the_minute(60).await;
    let taken: Vec<Timestamp> = world.meta.taken().iter().map(|message| message.at).collect();
    assert_eq!(taken.len(), 38);
    assert!(taken.iter().all(|at| *at < midnight), "{taken:?}");
    // Three steps have room for all of them.
    let sizes: Vec<usize> = steps(&world).into_iter().map(|(_, size)| size).collect();
    assert_eq!(sizes, [13, 13, 12]);
    world.check_promises().await;
}

#[tokio::test]
async fn a_step_that_dies_anywhere_goes_on_where_it_stopped_and_has_no_more_than_another_step() {
    let mut calm = planned_burst().await;
    calm.approve(0).await;
    let calls = calm.work_with(Plan::Never).await;
    assert!(calls > 50, "{calls}");
    for call in (0..calls).step_by(7) {
        let mut world = planned_burst().await;
        world.approve(0).await;
        world.work_with(Plan::Crash { call, fault: Fault::After }).await;
        let first = world.meta.taken().len();
        assert!(first <= 20, "{first} after a crash at call {call}");
        world.run_in_peace(3).await;
        world.check_promises().await;
        world.come_to_rest().await;
    }
}
