//! The stages between a connected ledger and a settled day.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::demo::Demo;
use crate::demo::screen::Screen;
use crate::error::JourneyError;
use crate::journey::{self, Day, HARBOUR_LEDGER, HARBOUR_SENDER};
use crate::product::answers::{Plan, Reason, SyncRun};
use crate::surprises::{Surprises, surprise};

/// A whole day's sends on a slow machine.
const LONG: Duration = Duration::from_secs(120);

/// Calls to Xero that a sync of an unchanged ledger may take.
const CALLS_UNCHANGED: u64 = 4;

/// Reasons shown of a plan's skips.
const REASONS_SHOWN: usize = 3;

pub(super) async fn first_sync(demo: &Demo, screen: &mut Screen, connection: &str) -> Result<SyncRun, JourneyError> {
    let run = journey::synced(&demo.product, connection, None, LONG, |run| {
        let text = format!("{} customers, {} invoices read", run.contacts_read, run.invoices_read);
        screen.progress("first sync", &text);
    })
    .await?;
    complete(&run)?;
    let text = format!(
        "{} sales invoices and {} contacts stored, {} rows left out",
        run.invoices_written, run.contacts_written, run.skipped
    );
    screen.stage("first sync", &text);
    Ok(run)
}

pub(super) async fn plan(demo: &Demo, screen: &mut Screen) -> Result<Plan, JourneyError> {
    demo.product.attest().await?;
    let version = journey::allow_sending(&demo.product, HARBOUR_SENDER).await?;
    screen.stage("set up", "relationship attested, WhatsApp number entered, policy switched on");
    let plan = journey::planned(&demo.product, version).await?;
    let (sends, skips) = (plan.header.sends, plan.header.skips);
    let reasons = frequent(plan.decisions.iter().map(|decision| decision.reasons.as_slice()));
    screen.stage("plan", &format!("{sends} sends, {skips} skips: {reasons}"));
    Ok(plan)
}

pub(super) async fn surprises(demo: &Demo, screen: &mut Screen, plan: &Plan) -> Result<Surprises, JourneyError> {
    let surprises = surprise(&demo.product, &demo.simulator, HARBOUR_LEDGER, HARBOUR_SENDER, plan).await?;
    screen.stage("meanwhile", "one customer pays, one writes STOP, one is not on WhatsApp");
    Ok(surprises)
}

pub(super) async fn dispatch(demo: &Demo, screen: &mut Screen, plan: &Plan) -> Result<Day, JourneyError> {
    demo.simulator.set_delivery(&journey::disorder()).await?;
    let date = &plan.header.date;
    journey::approved(&demo.product, date).await?;
    let sent = journey::dispatched(&demo.product, date, LONG, |day| {
        let (sent, planned) = (day.reminders.len(), day.plan.header.sends);
        screen.progress("dispatch", &format!("{sent} of {planned} sent, {} cancelled", day.plan.cancelled.len()));
    })
    .await?;
    let (n_sent, cancelled) = (sent.reminders.len(), &sent.plan.cancelled);
    let reasons = frequent(cancelled.iter().map(|unit| unit.reasons.as_slice()));
    screen.stage("dispatch", &format!("{n_sent} sent, {} cancelled right before: {reasons}", cancelled.len()));
    let day = journey::settled(&demo.product, &demo.simulator, date, LONG, |day| {
        let settled = day.reminders.iter().filter(|reminder| reminder.is_settled()).count();
        screen.progress("settle", &format!("{settled} of {} settled", day.reminders.len()));
    })
    .await?;
    let count = |state: &str| day.reminders.iter().filter(|reminder| reminder.state == state).count();
    let text = format!(
        "{} delivered, {} read, {} failed; every status came twice and out of order",
        count("delivered"),
        count("read"),
        count("failed")
    );
    screen.stage("settle", &text);
    Ok(day)
}

/// One sync learns of the payment, the next finds nothing new.
pub(super) async fn syncs_afterwards(demo: &Demo, screen: &mut Screen, connection: &str) -> Result<(), JourneyError> {
    let run = journey::sync_again(&demo.product, connection).await?;
    complete(&run)?;
    screen.stage("sync", &format!("{} changed invoices stored, the payment", run.invoices_written));
    demo.simulator.reset_xero_calls().await?;
    let run = journey::sync_again(&demo.product, connection).await?;
    complete(&run)?;
    let calls = demo.simulator.xero_calls().await?;
    let written = run.invoices_written + run.contacts_written;
    screen.stage("sync again", &format!("unchanged ledger: {written} rows written, {calls} calls to Xero"));
    if written > 0 || calls > CALLS_UNCHANGED {
        let sentence = format!("a sync of an unchanged ledger wrote {written} rows and took {calls} calls");
        return Err(JourneyError::broken(sentence));
    }
    Ok(())
}

fn complete(run: &SyncRun) -> Result<(), JourneyError> {
    match &run.failure {
        None => Ok(()),
        Some(failure) => Err(JourneyError::broken(format!("a sync failed: {failure}"))),
    }
}

/// The codes that stand first most often, `no_step_today 20, no_number 6`.
fn frequent<'a>(reasons: impl Iterator<Item = &'a [Reason]>) -> String {
    let mut counted: BTreeMap<&str, usize> = BTreeMap::new();
    for reason in reasons.filter_map(<[Reason]>::first) {
        *counted.entry(&reason.code).or_default() += 1;
    }
    let mut ranked: Vec<(&str, usize)> = counted.into_iter().collect();
    ranked.sort_by_key(|(code, n)| (std::cmp::Reverse(*n), *code));
    let shown: Vec<String> = ranked.iter().take(REASONS_SHOWN).map(|(code, n)| format!("{code} {n}")).collect();
    shown.join(", ")
}
