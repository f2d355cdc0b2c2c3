//! Whole days under many seeds.

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

#[tokio::test]
async fn stormy_days_under_every_seed_keep_every_promise() {
    let number =
        |name: &str| std::env::vars().find(|(key, _)| key == name).and_then(|(_, value)| value.parse::<u64>().ok());
    if let Some(seed) = number("NUMO_SIM_SEED") {
        day_of(seed).await;
        return;
    }
    let mut messages = 0;
    for seed in 0..number("NUMO_SIM_SEEDS").unwrap_or(60) {
        messages += day_of(seed).await;
    }
    assert!(messages > 0, "a simulation in which nothing is sent proves nothing");
}
