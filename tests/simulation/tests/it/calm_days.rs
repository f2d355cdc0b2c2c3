//! Days in which nothing goes wrong.

use numo_simulation::world::{Weather, World};

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
