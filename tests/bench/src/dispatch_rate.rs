//! How fast a day's messages go out, in virtual time: Meta answers after 100 to 200 ms and takes 80 a second of a number.
//!
//! Only the processor time is the machine's; it includes the table in memory and the simulated services.

use std::{collections::BTreeMap, path::Path};

use jiff::{SignedDuration, Timestamp, civil::date};
use numo_app::{
    job::{Cause, Work},
    port::{clock::Clock, whatsapp::SendAction},
};
use numo_domain::{id::PhoneNumberId, organisation::Organisation, reminder::Reminder};
use numo_simulation::world::World;

use crate::{Failure, row::Row, usage};

/// Messages a second of one number (Meta: throughput).
const PER_SECOND: usize = 80;

/// Customers of one business: more than a minute of messages.
const CUSTOMERS: u32 = 5_000;

/// Businesses side by side, and the customers of each: ten seconds of messages and more.
const SIDE_BY_SIDE: u32 = 20;
const CUSTOMERS_EACH: u32 = 1_000;

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

pub(crate) async fn measure() -> Result<Vec<Row>, Failure> {
    let mut rows = one_number().await?;
    rows.push(five_calls_a_check().await?);
    rows.extend(many_numbers().await?);
    Ok(rows)
}

/// One business with a ledger that answers a check in one call.
async fn one_number() -> Result<Vec<Row>, Failure> {
    let mut world = approved(&[2], CUSTOMERS).await?;
    let checks_before = world.ledger.checks_made().len();
    let cpu_before = usage::of_process(Path::new("/proc/self"))?.cpu_ms;
    world.table.take_counts();
    run(&mut world).await?;
    let cpu_ms = usage::of_process(Path::new("/proc/self"))?.cpu_ms - cpu_before;
    let units = world.table.take_counts().all_write_units();
    let taken: Vec<Timestamp> = world.meta.taken().iter().map(|message| message.at).collect();
    let sent = u64::try_from(taken.len())?;
    let checks: Vec<(Timestamp, usize)> = world.ledger.checks_made().split_off(checks_before);
    let business = &world.businesses[0];
    let reminders = world.store().reminders(&business.org).await?;
    let said = world.store().said(&business.org, &reminders).await?;
    let age = |reminder: &Reminder| {
        let attempt = said.get(&reminder.attempt)?;
        Some(reminder.claimed_at.duration_since(attempt.evidence.read_at))
    };
    let ages = reminders.iter().filter_map(age);
    let oldest = ages.max().ok_or("nothing was claimed")?;
    Ok(vec![
        Row::at_least("dispatch_rate", in_first(60, &taken)? / 60, "messages a second over a minute, at least", 80),
        Row::new(
            "dispatch_rate.refused",
            u64::try_from(world.meta.n_throttled())?,
            "messages beyond the throughput",
            0,
        ),
        Row::new("dispatch_rate.ledger_calls", busiest_minute(&checks)?, "calls in a minute", 50),
        Row::new("dispatch_rate.oldest_evidence", u64::try_from(oldest.as_secs())?, "s", 300),
        Row::new("dispatch_rate.cpu_us", cpu_ms * 1_000 / sent, "us a message", 5_000),
        Row::new(
            "dispatch_rate.write_units",
            units * u64::try_from(PER_SECOND)? / sent,
            "write units a second in one partition",
            1_000,
        ),
    ])
}

/// One business with a ledger that takes five calls for forty customers, and sixty calls a minute.
async fn five_calls_a_check() -> Result<Row, Failure> {
    let mut world = approved(&[1], CUSTOMERS_EACH).await?;
    run(&mut world).await?;
    let taken: Vec<Timestamp> = world.meta.taken().iter().map(|message| message.at).collect();
    let sent = in_first(60, &taken)?;
    Ok(Row::at_least("dispatch_rate.xero", sent, "messages in the first minute, at least", 400))
}

/// Businesses side by side, and the same with one of them refused by Meta: how fast the slowest of them is.
async fn many_numbers() -> Result<Vec<Row>, Failure> {
    let mut rows = Vec::new();
    for (name, refused) in [("dispatch_rate.twenty", None), ("dispatch_rate.twenty_with_one_blocked", Some(0))] {
        let businesses: Vec<u32> = (1..=SIDE_BY_SIDE).map(|n| 2 * n).collect();
        let mut world = approved(&businesses, CUSTOMERS_EACH).await?;
        if let Some(business) = refused {
            let phone = world.businesses[business].phone.clone();
            world.meta.refuse_all_from(&phone, 131_031, SendAction::StopSender);
        }
        run(&mut world).await?;
        let mut by_number: BTreeMap<PhoneNumberId, Vec<Timestamp>> = BTreeMap::new();
        for message in world.meta.taken() {
            by_number.entry(message.from).or_default().push(message.at);
        }
        let expected = businesses.len() - usize::from(refused.is_some());
        if by_number.len() != expected || world.meta.n_throttled() > 0 {
            return Err(format!("{} of {expected} numbers sent something", by_number.len()).into());
        }
        let sent: Vec<u64> = by_number.values().map(|taken| in_first(10, taken)).collect::<Result<_, Failure>>()?;
        let slowest = sent.into_iter().min().ok_or("no number sent anything")?;
        rows.push(Row::at_least(name, slowest / 10, "messages a second of the slowest, at least", 80));
    }
    Ok(rows)
}

/// Businesses whose day is planned, approved and due, with a Meta that takes its time.
async fn approved(businesses: &[u32], customers: u32) -> Result<World, Failure> {
    let mut world = World::new(4);
    for (place, n) in businesses.iter().enumerate() {
        world.set_up(*n, customers).await;
        world.owed_since(place, date(2026, 11, 10));
    }
    world.finish_all().await;
    world.first_day().await;
    world.finish_all().await;
    for business in world.businesses.clone() {
        let (now, store) = (world.clock.now(), world.store());
        // Everybody is new, and there is neither a ramp nor a spread.
        let at_once = |profile: &mut Organisation| {
            (profile.ramp_per_day, profile.per_ten_minutes) = (Some(10_000), None);
        };
        store.change_organisation(&business.org, now, at_once).await?;
        world.waker.wake(&business.org, &Work::PlanDay {}, Cause::Person, now).await?;
    }
    world.finish_all().await;
    if !is_planned(&world).await? {
        return Err("not everybody is planned".into());
    }
    // Until the slot, and all the minutes over which its messages are spread, have passed.
    world.pass(SignedDuration::from_mins(90));
    for place in 0..businesses.len() {
        world.approve(place).await;
    }
    world.meta.take_time(world.time.clone(), (100, 200));
    world.meta.throttle(PER_SECOND);
    Ok(world)
}

/// Whether everybody of every business is planned for the day.
async fn is_planned(world: &World) -> Result<bool, Failure> {
    for business in &world.businesses {
        let header = world.store().plan_header(&business.org, date(2026, 11, 23)).await?;
        let owing = business.numbers.len() * 9 / 10;
        if header.is_none_or(|header| header.value.sends < owing) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Works until every run is done or waits for a later time: an invocation that has too little time left wakes another.
async fn run(world: &mut World) -> Result<(), Failure> {
    loop {
        let ended = world.dispatch_at_once(async {}).await;
        if ended.is_empty() {
            return Ok(());
        }
        ended.into_iter().collect::<Result<(), _>>()?;
    }
}

/// Messages in the first seconds.
fn in_first(seconds: i64, taken: &[Timestamp]) -> Result<u64, Failure> {
    let first = taken.iter().min().ok_or("nothing was taken")?;
    let end = first.checked_add(SignedDuration::from_secs(seconds))?;
    Ok(u64::try_from(taken.iter().filter(|at| **at < end).count())?)
}

/// The most calls to the ledger in any minute.
fn busiest_minute(checks: &[(Timestamp, usize)]) -> Result<u64, Failure> {
    let within = |from: Timestamp| {
        let recent = checks.iter().filter(|(at, _)| *at >= from && at.duration_since(from) < MINUTE);
        recent.map(|(_, calls)| *calls).sum::<usize>()
    };
    Ok(u64::try_from(checks.iter().map(|(at, _)| within(*at)).max().unwrap_or_default())?)
}
