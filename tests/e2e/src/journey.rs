//! The steps of a journey that demo and tests share.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::error::JourneyError;
use crate::http::Answer;
use crate::product::Product;
use crate::product::answers::{Connection, Plan, PlanHeader, Reminder, SyncRun};
use crate::simulator::Simulator;
use crate::wait::{Look, until};

/// A ledger organisation and who signs in to it.
#[derive(Debug, Clone, Copy)]
pub struct Ledger {
    /// The accounting system.
    pub provider: Provider,
    /// The person at the provider.
    pub user: &'static str,
    /// The simulator's short name of the organisation.
    pub tenant: &'static str,
}

/// The accounting systems.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provider {
    /// Xero.
    Xero,
    /// QuickBooks Online.
    Quickbooks,
}

impl Provider {
    /// The name in the product's routes.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Xero => "xero",
            Self::Quickbooks => "quickbooks",
        }
    }

    /// The name for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Xero => "Xero",
            Self::Quickbooks => "QuickBooks",
        }
    }
}

/// The large generated ledger in Xero.
pub const HARBOUR_LEDGER: Ledger = Ledger { provider: Provider::Xero, user: "owner@harbour.example", tenant: "demo" };

/// The large generated ledger in QuickBooks.
pub const GULF_LEDGER: Ledger = Ledger { provider: Provider::Quickbooks, user: "owner@gulf.example", tenant: "demo" };

/// A WhatsApp number that reminders can go out from.
#[derive(Debug, Clone, Copy)]
pub struct SenderAccount {
    /// The WhatsApp Business Account.
    pub waba: &'static str,
    /// Meta's id of the number.
    pub phone_number_id: &'static str,
    /// The account's business token.
    pub token: &'static str,
}

/// The number of Harbour Lane Trading.
pub const HARBOUR_SENDER: SenderAccount =
    SenderAccount { waba: "102290129340398", phone_number_id: "106540352242922", token: "EAAsim-harbour" };

/// The number of Gulf Marine Supplies.
pub const GULF_SENDER: SenderAccount =
    SenderAccount { waba: "304492341562510", phone_number_id: "308762574464144", token: "EAAsim-gulf" };

/// A limit for what a provider's quirks cannot delay.
pub const SOON: Duration = Duration::from_secs(30);

/// Asks for consent in a browser and answers it; returns the callback's page.
pub async fn consent(product: &Product, ledger: Ledger) -> Result<Answer, JourneyError> {
    let mut browser = product.browser().await?;
    let authorise = browser.begin_consent(ledger.provider.as_str()).await?;
    let back = browser.choose(authorise, ledger.user, ledger.tenant).await?;
    browser.open(&back).await
}

/// Connects a ledger; the consent ends at the console.
pub async fn connect(product: &Product, ledger: Ledger) -> Result<Connection, JourneyError> {
    let answer = consent(product, ledger).await?;
    if answer.status != StatusCode::SEE_OTHER || answer.location.as_deref() != Some("/") {
        return Err(answer.refused());
    }
    let connections = product.connections().await?;
    connections.into_iter().last().ok_or_else(|| JourneyError::broken("a finished consent made no connection"))
}

/// Waits for the end of a sync that is not the one seen before, telling how it goes on.
pub async fn synced(
    product: &Product,
    connection: &str,
    before: Option<&SyncRun>,
    limit: Duration,
    mut progress: impl FnMut(&SyncRun),
) -> Result<SyncRun, JourneyError> {
    let known = before.map(|run| run.started_at.as_str());
    until("the end of a sync", limit, async || {
        let found = found(product, connection).await?;
        let Some(run) = found.last_run.filter(|run| Some(run.started_at.as_str()) != known) else {
            return Ok(Look::NotYet("no run of it".to_owned()));
        };
        progress(&run);
        // The connection learns of a complete run a moment after the run itself.
        let told = run.failure.is_some() || found.last_synced_at == run.ended_at;
        if run.ended_at.is_none() || !told {
            return Ok(Look::NotYet(format!("{} invoices read", run.invoices_read)));
        }
        Ok(Look::Done(run))
    })
    .await
}

/// Asks for a further sync and waits for its end.
pub async fn sync_again(product: &Product, connection: &str) -> Result<SyncRun, JourneyError> {
    let before = last_run(product, connection).await?;
    product.sync(connection).await?;
    synced(product, connection, before.as_ref(), SOON, |_| {}).await
}

/// The last run of a connection.
pub async fn last_run(product: &Product, connection: &str) -> Result<Option<SyncRun>, JourneyError> {
    Ok(found(product, connection).await?.last_run)
}

async fn found(product: &Product, connection: &str) -> Result<Connection, JourneyError> {
    let connections = product.connections().await?;
    let found = connections.into_iter().find(|known| known.id == connection);
    found.ok_or_else(|| JourneyError::broken("a connection is gone"))
}

/// Texts of a language that have a pay button, one per text that asks for something.
const PAY_TEXTS: usize = 8;

/// Enters the sender and switches on the policy, which has the day planned; returns the policy's version.
pub async fn allow_sending(product: &Product, sender: SenderAccount, policy: &Value) -> Result<u64, JourneyError> {
    // Texts with a pay button are registered once a policy wants them; none is to be approved in the midst of a day.
    let mut draft = policy.clone();
    draft.as_object_mut().map(|fields| fields.insert("state".to_owned(), json!("draft")));
    product.save_policy(&draft).await?;
    product.add_sender(sender.waba, sender.phone_number_id, sender.token).await?;
    let wants_pay_buttons = policy.get("pay_link") == Some(&json!(true));
    // Meta reviews texts after they are registered and tells the result by webhook.
    until("the approval of the texts", SOON, async || {
        let texts = product.templates().await?;
        let approved = texts.iter().filter(|text| text.status == "approved").count();
        let pay = texts.iter().filter(|text| text.name.ends_with("_pay_v1")).count();
        let is_done = approved == texts.len() && (!wants_pay_buttons || pay == PAY_TEXTS);
        Ok(if is_done { Look::Done(()) } else { Look::NotYet(format!("{approved} of {}, {pay} to pay", texts.len())) })
    })
    .await?;
    // A ledger's first day: what is old is started gently, and everybody may be written to at once.
    product.set_ramp(1_000).await?;
    product.send_at_once().await?;
    product.start_gently().await?;
    product.save_policy(policy).await
}

/// Sends at every hour of every day, after approval.
pub fn policy() -> Value {
    let day = json!({"start": "00:00", "end": "24:00"});
    let step = |id, offset_days, tone| json!({"id": id, "offset_days": offset_days, "tone": tone});
    json!({
        "name": "Every day",
        "state": "active",
        "steps": [step(1, -3, "friendly"), step(2, 1, "gentle"), step(3, 7, "firm"), step(4, 21, "final")],
        "calendar": {"week": [day, day, day, day, day, day, day]},
        "caps": {"gap_days": 2, "per_seven_days": 3},
        "minimum_total": {},
        "approval": "required",
        "pay_link": true,
    })
}

/// The same with one step, three weeks after the due date: few get a message.
pub fn patient_policy() -> Value {
    let mut policy = policy();
    if let Some(held) = policy.as_object_mut() {
        held.insert("steps".to_owned(), json!([{"id": 4, "offset_days": 21, "tone": "gentle"}]));
    }
    policy
}

/// Statuses come twice and out of order, several in one post.
pub fn disorder() -> Value {
    json!({"duplicates": true, "shuffle": true, "batch_size": 20, "delay_ms": 1000})
}

/// Waits for the plan of the present day under a version of the policy.
pub async fn planned(product: &Product, version: u64) -> Result<Plan, JourneyError> {
    let date = product.date().await?;
    until("the day's plan", SOON, async || match product.plan(&date).await? {
        Some(plan) if plan.decisions.iter().all(|decision| decision.policy_version == version) => Ok(Look::Done(plan)),
        Some(plan) => Ok(Look::NotYet(format!("generation {} of an older policy", plan.header.generation))),
        None => Ok(Look::NotYet("no plan".to_owned())),
    })
    .await
}

/// Approves the day's plan as it stands; one that was made anew meanwhile is loaded again, as people do.
pub async fn approved(product: &Product, date: &str) -> Result<PlanHeader, JourneyError> {
    until("the approval of the day's plan", SOON, async || {
        let plan = product.plan(date).await?.ok_or_else(|| JourneyError::broken("the day's plan is gone"))?;
        let answer = product.approve(date, plan.header.generation).await?;
        if answer.status == StatusCode::CONFLICT {
            return Ok(Look::NotYet(format!("generation {} is outdated", plan.header.generation)));
        }
        answer.json().map(Look::Done)
    })
    .await
}

/// What became of a day.
#[derive(Debug, Clone)]
pub struct Day {
    /// Its plan, with what was cancelled.
    pub plan: Plan,
    /// Its reminders.
    pub reminders: Vec<Reminder>,
}

impl Day {
    /// The reason why a customer got nothing: the one of the cancellation, else the plan's.
    pub fn why_silent(&self, contact: &str) -> Option<&str> {
        let cancelled = self.plan.cancelled.iter().find(|cancelled| cancelled.unit.contact == contact);
        let decided = self.plan.decisions.iter().find(|decision| decision.unit.contact == contact);
        let reasons = cancelled.map(|cancelled| &cancelled.reasons).or(decided.map(|decision| &decision.reasons));
        Some(reasons?.first()?.code.as_str())
    }
}

/// What became of a day so far.
pub async fn day(product: &Product, date: &str) -> Result<Day, JourneyError> {
    let plan = product.plan(date).await?.ok_or_else(|| JourneyError::broken("the day's plan is gone"))?;
    let mut reminders = product.reminders().await?;
    reminders.retain(|reminder| reminder.date == date);
    Ok(Day { plan, reminders })
}

/// Waits until every planned unit was cancelled or handed to Meta.
pub async fn dispatched(
    product: &Product,
    date: &str,
    limit: Duration,
    mut progress: impl FnMut(&Day),
) -> Result<Day, JourneyError> {
    until("the end of the dispatch", limit, async || {
        let day = day(product, date).await?;
        progress(&day);
        let under_way = day.reminders.iter().filter(|reminder| reminder.state == "sending").count();
        let (sends, done) = (day.plan.header.sends, day.reminders.len() + day.plan.cancelled.len());
        if done == sends && under_way == 0 {
            return Ok(Look::Done(day));
        }
        Ok(Look::NotYet(format!("{done} of {sends} planned, {under_way} being sent")))
    })
    .await
}

/// Waits until every webhook is answered and every reminder of the day has its last state.
pub async fn settled(
    product: &Product,
    simulator: &Simulator,
    date: &str,
    limit: Duration,
    mut progress: impl FnMut(&Day),
) -> Result<Day, JourneyError> {
    until("the last status of every reminder", limit, async || {
        let day = day(product, date).await?;
        progress(&day);
        let open: Vec<&str> =
            day.reminders.iter().filter(|reminder| !reminder.is_settled()).map(|open| open.state.as_str()).collect();
        if open.is_empty() {
            return Ok(Look::Done(()));
        }
        Ok(Look::NotYet(format!("{} without, such as {}", open.len(), open.first().copied().unwrap_or_default())))
    })
    .await?;
    simulator.settle(SOON).await?;
    self::day(product, date).await
}
