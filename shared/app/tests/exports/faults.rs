//! Workers that die, jobs that come twice, invocations that are too short.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use numo_app::{export::run::Exporting, store::export::ExportState};
use numo_testkit::faulty_table::{Fault, Plan};

use crate::world::{World, export_id};

/// Without what says when it was made.
fn told(mut files: BTreeMap<String, String>) -> BTreeMap<String, String> {
    files.retain(|name, _| !["README.txt", "activity.jsonl", "activity.csv"].contains(&name.as_str()));
    files
}

async fn comes_to_an_end(world: &World) {
    for _ in 0..9 {
        world.clock.advance(SignedDuration::from_mins(61));
        let Some(job) = world.job(1).await else { return };
        world.run(1, &job, 300).await.unwrap();
    }
    assert_eq!(world.job(1).await, None, "it is due for ever");
}

#[tokio::test]
async fn a_crash_at_any_call_of_table_and_bucket_comes_to_the_same_archive() {
    let whole = World::new().await;
    whole.made(1, None).await;
    let expected = told(whole.files(1, 1));
    for fault in [Fault::Before, Fault::After] {
        for is_bucket in [false, true] {
            for call in 1.. {
                let world = World::new().await;
                world.ask(1, None).await.unwrap();
                let job = world.queue.take().pop().unwrap();
                if is_bucket {
                    world.bucket.crash_at(Some((call, fault)));
                } else {
                    world.faults.reset(Plan::Crash { call, fault });
                }
                let died = world.run(1, &job, 300).await.is_err();
                let n_calls = if is_bucket { world.bucket.calls() } else { world.faults.calls() };
                world.bucket.crash_at(None);
                world.faults.reset(Plan::Never);
                // The queue shows the message again; afterwards the sweep finds the work.
                world.run(1, &job, 300).await.unwrap();
                comes_to_an_end(&world).await;
                let place = format!("call {call}, {fault:?}, bucket: {is_bucket}");
                let export = world.export(1).await.unwrap();
                assert!(matches!(export.state, ExportState::Ready { .. }), "{place}: {:?}", export.state);
                assert_eq!(told(world.files(1, 1)), expected, "{place}");
                assert_eq!(export.archives.len(), 1, "{place}");
                if !died && n_calls < call {
                    assert!(call > if is_bucket { 3 } else { 60 }, "{call} calls");
                    break;
                }
            }
        }
    }
}

#[tokio::test]
async fn of_two_workers_with_one_claim_one_works() {
    let world = World::new().await;
    world.ask(1, None).await.unwrap();
    let job = world.queue.take().pop().unwrap();
    assert_eq!(world.run(1, &job, 300).await.unwrap(), Exporting::Ready);
    let before = (world.table.items(), world.bucket.objects());
    assert_eq!(world.run(1, &job, 300).await.unwrap(), Exporting::Stale);
    assert!((world.table.items(), world.bucket.objects()) == before);
}

#[tokio::test]
async fn invocations_that_are_too_short_make_archives_that_have_everything_together() {
    let whole = World::new().await;
    let expected = whole.made(1, None).await;
    let world = World::new().await;
    world.ask(1, None).await.unwrap();
    let (mut jobs, mut n_continued) = (world.queue.take(), 0);
    while let Some(job) = jobs.pop() {
        // No time is left after the first page.
        let ended = world.run(1, &job, 20).await.unwrap();
        assert!(ended == Exporting::Continued || ended == Exporting::Ready, "{ended:?}");
        n_continued += usize::from(ended == Exporting::Continued);
        jobs.extend(world.queue.take());
    }
    let export = world.export(1).await.unwrap();
    assert_eq!((export.archives.len(), n_continued), (n_continued + 1, export.archives.len() - 1));
    // The log has the line that was written when it was asked for, at another place.
    assert_eq!(export.items, expected.items);
    let mut together: BTreeMap<String, String> = BTreeMap::new();
    for number in 1..=export.archives.len() {
        for (name, text) in world.files(1, number) {
            let name_is_table = name.ends_with(".csv");
            let known = together.entry(name).or_default();
            // A table has its heads in every archive.
            let goes_on = name_is_table && !known.is_empty();
            let rest = if goes_on { text.split_once('\n').unwrap_or_default().1 } else { text.as_str() };
            known.push_str(rest);
        }
    }
    assert_eq!(told(together), told(whole.files(1, 1)));
    assert_eq!(world.bucket.objects().len(), export.archives.len());
    assert_eq!(world.export(1).await.unwrap().id, export_id(1));
}
