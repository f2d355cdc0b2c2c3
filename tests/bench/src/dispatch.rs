//! What sending costs: write units of the table and calls of the key service, counted over a day's messages.

use jiff::{
    SignedDuration,
    civil::{Date, date},
};
use numo_app::{
    port::clock::Clock,
    settle_day::{Settled, settle_day},
    store::due::{Claimed, settle_day_work},
};
use numo_simulation::world::World;
use numo_testkit::faulty_table::Plan;

use crate::{Failure, row::Row};

/// Customers who owe; some of them share a number or have none that can be written to.
const CUSTOMERS: u32 = 200;

/// Messages that go out, at least.
const SENT: u64 = 190;

/// Bytes of a read unit, strongly consistent.
const READ_UNIT: u64 = 4_096;

/// The day on which they do: the first one of the world.
const DAY: Date = date(2026, 11, 23);

pub(crate) async fn measure() -> Result<Vec<Row>, Failure> {
    let mut world = World::new(4);
    world.set_up(1, CUSTOMERS).await;
    world.owed_since(0, date(2026, 11, 10));
    world.first_day().await;
    world.run_in_peace(1).await;
    world.approve(0).await;
    let (opened, _) = (world.keys.calls(), world.table.take_counts());
    // One run, page by page.
    world.work_with(Plan::Never).await;
    let (sending, read) = units(&world);
    let opened = world.keys.calls() - opened;
    let sent = u64::try_from(world.meta.taken().len())?;
    if sent < SENT {
        return Err(format!("only {sent} messages went out").into());
    }
    world.all_webhooks_arrive().await;
    let (statuses, read_for_statuses) = units(&world);
    look_at_the_day(&mut world).await?;
    let (looked_at, read_at_the_end) = units(&world);
    let read_in_all = read + read_for_statuses + read_at_the_end;
    let each = |units: u64| (units * 100).div_ceil(sent);
    Ok(vec![
        Row::hundredths("write_units_per_reminder", each(sending + statuses + looked_at), "write units", 1_400),
        Row::hundredths("write_units_per_reminder.sending", each(sending), "write units", 1_400),
        Row::hundredths("read_units_per_reminder", each(read_in_all), "read units", 4_000),
        Row::hundredths("read_units_per_reminder.sending", each(read), "read units", 1_000),
        Row::new("kms_calls_per_run", opened, "calls", 1),
    ])
}

/// Units written since the last look, and units read: one for each call that reads, and one for each 4 KB of what it found.
fn units(world: &World) -> (u64, u64) {
    let counts = world.table.take_counts();
    (counts.all_write_units(), counts.reads() + counts.bytes_read / READ_UNIT)
}

/// The look whether everything arrived, when the time to live of the day's messages is over.
async fn look_at_the_day(world: &mut World) -> Result<(), Failure> {
    world.pass(SignedDuration::from_hours(14));
    let (store, org, now) = (&world.waker.store, &world.businesses[0].org, world.clock.now());
    let work = settle_day_work(DAY);
    let Claimed::Claimed { claim, .. } = store.claim_work(org, &work, now).await? else {
        return Err("nobody is to look at the day".into());
    };
    match settle_day(store, org, DAY, claim, now).await? {
        // Some are never told to have arrived, and nothing that was claimed later is told of either.
        Settled::Done | Settled::Later => Ok(()),
        Settled::Stale => Err("somebody else looked at the day".into()),
    }
}
