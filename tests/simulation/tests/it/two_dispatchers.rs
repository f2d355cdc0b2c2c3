//! One run worked on by two dispatchers at once, each of which may die anywhere, under many seeds.

use std::collections::BTreeSet;

use jiff::Timestamp;
use numo_domain::{id::AttemptId, plan::conservation::account, plan::decision::Unit, reminder::Reminder};
use numo_simulation::{
    seeds::under_every_seed,
    world::{World, two_dispatchers::Mishaps},
};

/// A day of a business whose run comes to two dispatchers at once, again and again, until it is left alone.
async fn day_of(seed: u64) -> (World, Mishaps) {
    let mut world = World::new(seed);
    let business = u32::try_from(1 + seed % 2).unwrap();
    world.set_up(business, 14).await;
    world.first_day().await;
    world.meta.take_time(world.time.clone(), (20, 900));
    world.meta.fail(if seed.is_multiple_of(3) { 0 } else { 150 });
    world.approve(0).await;
    let mut mishaps = Mishaps::default();
    for _ in 0..3 {
        let Mishaps { crashed, stopped } = world.dispatch_by_two().await;
        mishaps = Mishaps { crashed: mishaps.crashed + crashed, stopped: mishaps.stopped + stopped };
        world.check_promises().await;
    }
    world.come_to_rest().await;
    (world, mishaps)
}

/// No attempt was posted twice, whatever Meta answered.
fn no_attempt_is_posted_twice(world: &World) {
    let posted = world.meta.posted();
    let attempts: BTreeSet<AttemptId> = posted.iter().copied().collect();
    assert_eq!(attempts.len(), posted.len(), "seed {}: an attempt was posted twice", world.seed_number);
}

/// Planned = sent + cancelled + failed + unknown + expired, for the first day of all.
async fn the_day_adds_up(world: &World) {
    let (store, org, seed) = (world.store(), &world.businesses[0].org, world.seed_number);
    let day = jiff::civil::date(2026, 11, 23);
    let header = store.plan_header(org, day).await.unwrap().unwrap().value;
    let decisions = store.plan_decisions(org, &header).await.unwrap();
    let cancelled = store.cancelled_of(org, day).await.unwrap();
    let cancelled: BTreeSet<Unit> = cancelled.into_iter().map(|cancelled| cancelled.unit).collect();
    let reminders: Vec<Reminder> = store.reminders(org).await.unwrap();
    let past: Vec<_> = reminders.iter().map(Into::into).collect();
    let of_day = account(day, &decisions, &cancelled, past.iter(), true);
    assert!(of_day.balances(), "seed {seed}: {of_day:?}");
    let told = of_day.sent + of_day.cancelled + of_day.failed + of_day.unknown + of_day.expired;
    assert_eq!(told, of_day.planned, "seed {seed}: {of_day:?}");
}

/// What Meta took, in its order.
fn story(world: &World) -> Vec<(AttemptId, Timestamp, String)> {
    world.meta.taken().into_iter().map(|message| (message.attempt, message.at, message.text)).collect()
}

#[test]
fn two_dispatchers_that_die_anywhere_post_no_attempt_twice_and_leave_nothing_unexplained() {
    let days = under_every_seed("it two_dispatchers_that", 60, async |seed| {
        let (world, mishaps) = day_of(seed).await;
        no_attempt_is_posted_twice(&world);
        the_day_adds_up(&world).await;
        (mishaps, world.meta.taken().len())
    });
    let sum = |of: fn(&(Mishaps, usize)) -> usize| days.iter().map(of).sum::<usize>();
    let (crashed, stopped, messages) = (sum(|day| day.0.crashed), sum(|day| day.0.stopped), sum(|day| day.1));
    let n = days.len();
    assert!(messages >= n, "only {messages} messages under {n} seeds");
    assert!(n < 10 || (crashed > n / 2 && stopped > n / 4), "{crashed} crashed, {stopped} stopped under {n} seeds");
}

#[tokio::test]
async fn a_seed_tells_the_same_story_every_time() {
    for seed in [5, 17] {
        let (one, other) = (day_of(seed).await.0, day_of(seed).await.0);
        assert_eq!(story(&one), story(&other), "seed {seed}");
        assert!(!story(&one).is_empty(), "seed {seed}");
    }
}
