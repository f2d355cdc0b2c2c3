//! Messages of one day that go out at different times.

use jiff::{Timestamp, civil::date};
use numo_app::{configure::save_policy, port::clock::Clock};
use numo_domain::{
    calendar::{SendCalendar, Window},
    contact::{LedgerPhone, LedgerPhoneKind},
    id::{ExternalId, PolicyId},
    policy::WhoseClock,
};
use numo_simulation::world::World;

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
