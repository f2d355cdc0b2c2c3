//! What sending costs: write units of the table and calls of the key service, counted over a day's messages.

use jiff::civil::date;
use numo_simulation::world::World;
use numo_testkit::faulty_table::Plan;

use crate::{Failure, row::Row};

/// Customers who owe; some of them share a number or have none that can be written to.
const CUSTOMERS: u32 = 200;

/// Messages that go out, at least.
const SENT: u64 = 190;

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
    let sending = world.table.take_counts().all_write_units();
    let opened = world.keys.calls() - opened;
    let sent = u64::try_from(world.meta.taken().len())?;
    if sent < SENT {
        return Err(format!("only {sent} messages went out").into());
    }
    world.all_webhooks_arrive().await;
    let statuses = world.table.take_counts().all_write_units();
    // The look whether it arrived is claimed once and removed once.
    let looked_at = 2 * sent;
    Ok(vec![
        Row::new("write_units_per_reminder", (sending + statuses + looked_at).div_ceil(sent), "write units", 14),
        Row::new("write_units_per_reminder.sending", sending.div_ceil(sent), "write units", 14),
        Row::new("kms_calls_per_run", opened, "calls", 1),
    ])
}
