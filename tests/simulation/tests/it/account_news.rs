//! What Meta tells about accounts and texts, late, twice and in any order.

use jiff::{SignedDuration, civil::date};
use numo_app::{
    delivery::{AccountChange, AccountNews, Delivery, News, Update},
    port::clock::Clock,
    store::task::TaskAbout,
};
use numo_domain::{
    language::Language,
    restriction::{Restriction, RestrictionKind},
    sender::{Sender, SenderStatus},
    template::{AccountTemplate, Purpose, Variant, WhyUnusable, template_for},
};
use numo_simulation::{meta::waba_of, world::World};
use numo_testkit::seed::Seed;

/// A business with two customers who owe since the 10th, whose plan is made.
async fn business(seed: u64) -> World {
    let mut world = World::new(seed);
    world.set_up(1, 2).await;
    world.owed_since(0, date(2026, 11, 10));
    world.first_day().await;
    world
}

fn told(world: &World, update: Update) -> Delivery {
    Delivery { waba: waba_of(&world.businesses[0].phone), updates: vec![update], skipped: Vec::new() }
}

fn news(world: &World, news: News) -> Delivery {
    told(world, Update::News(AccountNews { waba: waba_of(&world.businesses[0].phone), number: None, news }))
}

/// The text that the customers of [`business`] get.
fn text(variant: Variant) -> AccountTemplate {
    AccountTemplate::approved(template_for(Purpose::OverdueGentle, Language::English, variant).reference())
}

fn unusable(variant: Variant, why: WhyUnusable) -> AccountTemplate {
    AccountTemplate::unusable(text(variant).template, why)
}

async fn sender(world: &World) -> Sender {
    world.store().senders(&world.businesses[0].org).await.unwrap().remove(0)
}

/// The tasks about the number and its texts.
async fn tasks(world: &World) -> Vec<TaskAbout> {
    let all = world.store().tasks(&world.businesses[0].org).await.unwrap().into_iter().map(|task| task.about);
    all.filter(|about| matches!(about, TaskAbout::SenderBlocked(_) | TaskAbout::TextUnusable { .. })).collect()
}

/// How a text is known to stand.
async fn known(world: &World, variant: Variant) -> AccountTemplate {
    let all = world.store().templates(&world.businesses[0].org).await.unwrap();
    all.into_iter().find(|known| known.template == text(variant).template).unwrap()
}

#[tokio::test]
async fn a_text_that_rested_for_a_year_is_brought_back_and_one_that_meta_deleted_is_registered_again() {
    let mut world = business(5).await;
    world.meta.decide(&unusable(Variant::Plain, WhyUnusable::Archived));
    world.run_in_peace(26).await;
    assert_eq!(known(&world, Variant::Plain).await, text(Variant::Plain));
    world.meta.delete(&text(Variant::Plain).template);
    world.run_in_peace(26).await;
    let registered = world.meta.registered();
    assert!(registered.iter().any(|(name, _)| *name == text(Variant::Plain).template.name));
    assert_eq!((known(&world, Variant::Plain).await, tasks(&world).await), (text(Variant::Plain), vec![]));
}

#[tokio::test]
async fn a_text_that_becomes_marketing_gives_way_to_the_plain_one_and_none_goes_out_as_marketing() {
    let mut world = business(5).await;
    world.run_in_peace(1).await;
    let leads = template_for(Purpose::OverdueGentle, Language::English, Variant::Replies).leads;
    let marketing = unusable(Variant::Replies, WhyUnusable::Marketing);
    world.meta.decide(&marketing);
    world.meta.put_back(told(&world, Update::Template(marketing.clone())));
    world.run_in_peace(1).await;
    let task = TaskAbout::TextUnusable {
        waba: waba_of(&world.businesses[0].phone),
        template: marketing.template.clone(),
        why: WhyUnusable::Marketing,
    };
    assert_eq!((known(&world, Variant::Replies).await, tasks(&world).await), (marketing, vec![task]));
    world.approve(0).await;
    world.run_in_peace(12).await;
    let taken = world.meta.taken();
    assert_eq!(taken.len(), 2);
    assert!(taken.iter().all(|message| !message.text.contains(leads)), "{taken:?}");
}

#[tokio::test]
async fn a_restriction_stops_until_it_ends_though_meta_says_that_the_number_can_send() {
    let mut world = business(5).await;
    let until = world.clock.now() + SignedDuration::from_hours(30);
    let restriction = Restriction { kind: RestrictionKind::UtilityRate, until: Some(until) };
    world.meta.put_back(news(&world, News::Restricted(restriction)));
    world.run_in_peace(28).await;
    let stopped = sender(&world).await;
    assert_eq!((stopped.status, stopped.restriction), (SenderStatus::Blocked, Some(restriction)));
    assert_eq!(tasks(&world).await, [TaskAbout::SenderBlocked(stopped.phone_number_id)]);
    world.run_in_peace(4).await;
    let free = sender(&world).await;
    assert_eq!((free.status, free.restriction, tasks(&world).await), (SenderStatus::Ready, None, vec![]));
}

#[tokio::test]
async fn a_restriction_without_an_end_stops_until_somebody_enters_the_number_again() {
    let mut world = business(5).await;
    let restriction = Restriction { kind: RestrictionKind::BusinessInitiated, until: None };
    world.meta.put_back(news(&world, News::Restricted(restriction)));
    world.run_in_peace(24 * 9).await;
    assert_eq!((sender(&world).await.status, world.meta.taken().len()), (SenderStatus::Blocked, 0));
    let business = world.businesses[0].clone();
    world.add_number(&business, &business.phone).await;
    let free = sender(&world).await;
    assert_eq!((free.status, free.restriction, tasks(&world).await), (SenderStatus::Ready, None, vec![]));
}

#[tokio::test]
async fn whatever_order_news_and_decisions_come_in_and_however_often_what_meta_has_is_known_in_the_end() {
    for round in 0..24 {
        let mut seed = Seed::new(round);
        let mut world = business(round).await;
        world.run_in_peace(1).await;
        let (paused, marketing) =
            (unusable(Variant::Plain, WhyUnusable::Paused), unusable(Variant::Plain, WhyUnusable::Marketing));
        let standing = [text(Variant::Plain), paused.clone(), marketing.clone()];
        let last = standing[usize::try_from(seed.next() % 3).unwrap()].clone();
        world.meta.decide(&last);
        world.meta.limit(2_000);
        let mut deliveries: Vec<Delivery> = standing.map(|text| told(&world, Update::Template(text))).into();
        let end = world.clock.now() + SignedDuration::from_mins(30);
        let short = Restriction { kind: RestrictionKind::UtilityTemplates, until: Some(end) };
        let limit = |per_day| News::Limit { per_day: Some(per_day) };
        let of_account = [News::Disabled, News::Restricted(short), limit(250), limit(2_000)];
        deliveries.extend(of_account.map(|told| news(&world, told)));
        // Every change of an account has it looked at.
        for delivery in &mut deliveries {
            delivery.updates.push(Update::Account(AccountChange::of(delivery.waba.clone())));
        }
        for _ in 0..2 * deliveries.len() {
            let place = usize::try_from(seed.next()).unwrap() % deliveries.len();
            world.meta.put_back(deliveries[place].clone());
        }
        for delivery in deliveries {
            world.meta.put_back(delivery);
        }
        world.run_in_peace(4).await;
        let (known, sender) = (known(&world, Variant::Plain).await, sender(&world).await);
        let stands = (sender.status, sender.restriction, sender.daily_limit);
        assert_eq!((known, stands), (last.clone(), (SenderStatus::Ready, None, Some(2_000))), "round {round}");
        let open = tasks(&world).await;
        assert_eq!(open.len(), usize::from(last.why.is_some()), "round {round}: {open:?}");
    }
}
