//! Whole days of several businesses in a storm, under many seeds.

use numo_simulation::{
    seeds::under_every_seed,
    world::{Weather, World},
};

/// So many seeds where nobody asks for others; `make test-storms` asks for hundreds.
const SEEDS: u64 = 20;

/// How many messages went out.
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

#[test]
fn stormy_days_under_every_seed_keep_every_promise() {
    let messages: usize = under_every_seed("storms", SEEDS, day_of).into_iter().sum();
    assert!(messages > 0, "a simulation in which nothing is sent proves nothing");
}
