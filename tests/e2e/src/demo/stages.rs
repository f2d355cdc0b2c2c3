//! The stages between a connected ledger and a settled day, each for one business.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::demo::Business;
use crate::demo::screen::Screen;
use crate::error::JourneyError;
use crate::journey::{self, Day, Provider};
use crate::product::answers::{Connection, Plan, Reason, SyncRun};
use crate::surprises::{Surprises, surprise};

/// A whole day's sends on a slow machine.
const LONG: Duration = Duration::from_secs(300);

/// Reasons shown of a plan's skips.
const REASONS_SHOWN: usize = 3;

/// What a stage gave, and how it is told.
pub(super) type Told<T> = Result<(String, T), JourneyError>;

pub(super) async fn connect(business: &Business, _screen: &Screen) -> Told<Connection> {
    let connection = journey::connect(&business.product, business.ledger).await?;
    Ok((format!("{} through the consent page of {}", connection.name, business.ledger.provider.name()), connection))
}

pub(super) async fn first_sync(business: &Business, screen: &Screen, connection: &str) -> Told<SyncRun> {
    let run = journey::synced(&business.product, connection, None, LONG, |run| {
        let text = format!("{} customers, {} invoices read", run.contacts_read, run.invoices_read);
        screen.progress("first sync", &text);
    })
    .await?;
    complete(&run)?;
    let text = format!(
        "{} sales invoices and {} contacts stored, {} rows left out",
        run.invoices_written, run.contacts_written, run.skipped
    );
    Ok((text, run))
}

pub(super) async fn plan(business: &Business, _screen: &Screen) -> Told<Plan> {
    business.product.attest().await?;
    let version = journey::allow_sending(&business.product, business.sender, &business.policy).await?;
    let plan = journey::planned(&business.product, version).await?;
    let (sends, skips) = (plan.header.sends, plan.header.skips);
    let reasons = frequent(plan.decisions.iter().map(|decision| decision.reasons.as_slice()));
    Ok((format!("{sends} sends, {skips} skips: {reasons}"), plan))
}

pub(super) async fn surprises(business: &Business, _screen: &Screen, plan: &Plan) -> Told<Surprises> {
    let (ledger, sender) = (business.ledger, business.sender);
    let surprises = surprise(&business.product, &business.simulator, ledger, sender, plan).await?;
    Ok(("one customer pays, one writes STOP, one is not on WhatsApp".to_owned(), surprises))
}

pub(super) async fn dispatch(business: &Business, screen: &Screen, plan: &Plan) -> Told<Day> {
    let date = &plan.header.date;
    journey::approved(&business.product, date).await?;
    let sent = journey::dispatched(&business.product, date, LONG, |day| {
        let (sent, planned) = (day.reminders.len(), day.plan.header.sends);
        screen.progress("dispatch", &format!("{sent} of {planned} sent, {} cancelled", day.plan.cancelled.len()));
    })
    .await?;
    let (n_sent, cancelled) = (sent.reminders.len(), &sent.plan.cancelled);
    let reasons = frequent(cancelled.iter().map(|unit| unit.reasons.as_slice()));
    Ok((format!("{n_sent} sent, {} cancelled right before: {reasons}", cancelled.len()), sent))
}

pub(super) async fn settle(business: &Business, screen: &Screen, date: &str) -> Told<Day> {
    let day = journey::settled(&business.product, &business.simulator, date, LONG, |day| {
        let settled = day.reminders.iter().filter(|reminder| reminder.is_settled()).count();
        screen.progress("settle", &format!("{settled} of {} settled", day.reminders.len()));
    })
    .await?;
    let count = |state: &str| day.reminders.iter().filter(|reminder| reminder.state == state).count();
    let text = format!("{} delivered, {} read, {} failed", count("delivered"), count("read"), count("failed"));
    Ok((text, day))
}

/// One sync learns of the payment.
pub(super) async fn sync(business: &Business, _screen: &Screen, connection: &str) -> Told<()> {
    let run = journey::sync_again(&business.product, connection).await?;
    complete(&run)?;
    Ok((format!("{} changed invoices stored, the payment", run.invoices_written), ()))
}

/// The next sync finds nothing new, and asks little.
pub(super) async fn sync_unchanged(business: &Business, _screen: &Screen, connection: &str) -> Told<()> {
    let provider = business.ledger.provider;
    business.simulator.reset_ledger_calls(provider).await?;
    let run = journey::sync_again(&business.product, connection).await?;
    complete(&run)?;
    let calls = business.simulator.ledger_calls(provider).await?;
    let written = run.invoices_written + run.contacts_written;
    if written > 0 || calls > calls_unchanged(provider) {
        let sentence = format!("a sync of an unchanged ledger wrote {written} rows and took {calls} calls");
        return Err(JourneyError::broken(sentence));
    }
    Ok((format!("unchanged ledger: {written} rows written, {calls} calls to {}", provider.name()), ()))
}

/// Calls that a sync of an unchanged ledger may take.
const fn calls_unchanged(provider: Provider) -> u64 {
    match provider {
        Provider::Xero => 7,
        Provider::Quickbooks => 2,
    }
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
