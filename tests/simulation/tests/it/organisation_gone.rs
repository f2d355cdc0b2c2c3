//! An organisation that is deleted at Clerk in the middle of stormy days.

use numo_domain::connection::ConnectionStatus;
use numo_simulation::world::{Weather, World};

/// What went out for others after one was gone.
async fn one_of_three_leaves(seed: u64) -> usize {
    let mut world = World::new(seed);
    for n in 1..=3 {
        world.set_up(n, 6).await;
    }
    world.first_day().await;
    world.run(5 + i64::try_from(seed % 4).unwrap(), Weather::STORM).await;
    world.leaves_clerk(0);
    let org = world.businesses[0].org.clone();
    if seed.is_multiple_of(2) {
        world.clerk_tells(&org, Weather::STORM).await;
    } else {
        // The webhook is lost: the nightly check finds it, and among so few a person has to look.
        world.run(48, Weather::STORM).await;
        assert!(world.store().organisation_erasure(&org).await.unwrap().is_none(), "seed {seed}: nobody believes it");
        let erasure = world.operator_ends(&org).await;
        assert!(erasure.is_gone_at_clerk, "seed {seed}: the nightly check has noted that it is missing");
    }
    let gone = world.is_gone(0);
    let sent = world.meta.taken().len();
    world.run(30, Weather::STORM).await;
    world.come_to_rest().await;
    assert_eq!(world.left_of(&gone.org), [], "seed {seed}");
    let after = world.meta.taken().split_off(sent);
    assert!(
        after.iter().all(|message| message.from != gone.phone),
        "seed {seed}: sent for an organisation that is gone"
    );
    for business in &world.businesses {
        assert_eq!(world.store().contacts(&business.org).await.unwrap().len(), 6, "seed {seed}");
        let connections = world.store().connections(&business.org).await.unwrap();
        assert!(connections.iter().all(|ledger| ledger.status == ConnectionStatus::Active), "seed {seed}");
        assert!(world.held_of(&business.org) > 20, "seed {seed}");
    }
    after.len()
}

#[tokio::test]
async fn nothing_is_sent_for_an_organisation_that_is_gone_nothing_of_it_is_left_and_others_go_on() {
    let number =
        |name: &str| std::env::vars().find(|(key, _)| key == name).and_then(|(_, value)| value.parse::<u64>().ok());
    if let Some(seed) = number("NUMO_SIM_SEED") {
        one_of_three_leaves(seed).await;
        return;
    }
    let mut sent = 0;
    for seed in 0..number("NUMO_SIM_SEEDS").unwrap_or(12) {
        sent += one_of_three_leaves(seed).await;
    }
    assert!(sent > 0, "others go on");
}
