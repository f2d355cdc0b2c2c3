//! Many seeds, side by side on every processor.

use std::{
    fmt::Debug,
    num::NonZero,
    panic::{AssertUnwindSafe, catch_unwind},
    str::FromStr,
    sync::atomic::{AtomicU64, Ordering},
    thread,
};

/// Lives a day under each of so many seeds, or of `NUMO_SIM_SEEDS`, or under `NUMO_SIM_SEED` alone; what they gave, in
/// the order of the seeds.
///
/// Every seed is gone through, and at the end each that broke a promise is named with the command that repeats it.
pub fn under_every_seed<T: Debug + Send>(test: &str, seeds: u64, day_of: impl AsyncFn(u64) -> T + Sync) -> Vec<T> {
    let asked = number("NUMO_SIM_SEED");
    let (first, end) = match asked {
        Some(seed) => (seed, seed + 1),
        None => (0, number("NUMO_SIM_SEEDS").unwrap_or(seeds)),
    };
    let next = AtomicU64::new(first);
    let worker = || {
        let seeds = std::iter::repeat_with(|| next.fetch_add(1, Ordering::Relaxed)).take_while(|seed| *seed < end);
        let outcomes = seeds.map(|seed| (seed, catch_unwind(AssertUnwindSafe(|| block_on(day_of(seed)))).ok()));
        outcomes.collect::<Vec<_>>()
    };
    let mut outcomes: Vec<_> = thread::scope(|scope| {
        let workers: Vec<_> = (0..processors()).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    outcomes.sort_by_key(|(seed, _)| *seed);
    let broken = outcomes.iter().filter(|(_, outcome)| outcome.is_none());
    let commands: Vec<String> = broken.map(|(seed, _)| command(test, *seed)).collect();
    assert!(commands.is_empty(), "{} seeds broke a promise; repeat them with\n{}", commands.len(), commands.join("\n"));
    outcomes.into_iter().filter_map(|(_, outcome)| outcome).collect()
}

/// A seed's world is moved by one thread alone.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn command(test: &str, seed: u64) -> String {
    format!("NUMO_SIM_SEED={seed} cargo test -p numo-simulation --test {test}")
}

fn number<T: FromStr>(name: &str) -> Option<T> {
    std::env::vars().find(|(key, _)| key == name).and_then(|(_, value)| value.parse().ok())
}

fn processors() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}
