//! Whole days under many seeds.

use std::{
    num::NonZero,
    sync::atomic::{AtomicU64, Ordering},
    thread,
};

use numo_simulation::world::{Weather, World};

async fn day_of(seed: u64) -> usize {
    let mut world = World::new(seed);
    for n in 1..=3 {
        world.set_up(n, 12).await;
    }
    world.first_day().await;
    world.let_numbers_change();
    world.run(60, Weather::STORM).await;
    world.come_to_rest().await;
    world.meta.taken().len()
}

#[tokio::test]
async fn calm_days_send_messages_and_keep_every_promise() {
    let mut messages = Vec::new();
    for seed in 1..=5 {
        let mut world = World::new(seed);
        world.set_up(1, 12).await;
        world.first_day().await;
        world.run(30, Weather::CALM).await;
        world.come_to_rest().await;
        messages.push(world.meta.taken().len());
    }
    assert!(messages.iter().sum::<usize>() >= 25, "only {messages:?} messages went out");
}

#[test]
fn stormy_days_under_every_seed_keep_every_promise() {
    let number =
        |name: &str| std::env::vars().find(|(key, _)| key == name).and_then(|(_, value)| value.parse::<u64>().ok());
    if let Some(seed) = number("NUMO_SIM_SEED") {
        block_on(day_of(seed));
        return;
    }
    let (seeds, next) = (number("NUMO_SIM_SEEDS").unwrap_or(100), AtomicU64::new(0));
    let worker = || {
        let own = std::iter::repeat_with(|| next.fetch_add(1, Ordering::Relaxed)).take_while(|seed| *seed < seeds);
        own.map(|seed| block_on(day_of(seed))).sum::<usize>()
    };
    let messages: usize = thread::scope(|scope| {
        let workers: Vec<_> = (0..processors()).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().map(|worker| worker.join().expect("a promise was broken")).sum()
    });
    assert!(messages > 0, "a simulation in which nothing is sent proves nothing");
}

/// A seed's world is moved by one thread alone.
#[expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]
fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn processors() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}
