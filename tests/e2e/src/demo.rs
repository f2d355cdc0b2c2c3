//! The demo: the main job on the local stack, one line per stage.

mod check;
pub mod screen;
mod stages;
pub mod summary;

use std::time::Duration;

use futures_util::future::try_join;
use serde_json::Value;

use crate::demo::screen::Screen;
use crate::demo::stages::Told;
use crate::demo::summary::Summary;
use crate::error::JourneyError;
use crate::http::client;
use crate::journey::{self, GULF_LEDGER, GULF_SENDER, HARBOUR_LEDGER, HARBOUR_SENDER, Ledger, SenderAccount};
use crate::product::Product;
use crate::simulator::Simulator;
use crate::stack::{LocalStack, StackOptions, target_folder};
use crate::wait::clear_of_midnight;

/// A run takes less; one that would cross midnight where the businesses are waits for it first.
const WHOLE_RUN: Duration = Duration::from_secs(60);

/// Runs every stage for two businesses side by side; the stack goes on until it is dropped.
pub async fn run(screen: &mut Screen) -> Result<(LocalStack, Summary), JourneyError> {
    clear_of_midnight(&["Asia/Dubai"], WHOLE_RUN).await;
    let stack = start(screen).await?;
    let http = client()?;
    let business = |user: &str, ledger, sender, policy| Business {
        product: Product::signed_in(http.clone(), &stack.state, user),
        simulator: Simulator::new(http.clone(), stack.state.sim_url.clone()),
        ledger,
        sender,
        policy,
    };
    let both = Both(
        business("user_owner", HARBOUR_LEDGER, HARBOUR_SENDER, journey::policy()),
        business("user_gulf", GULF_LEDGER, GULF_SENDER, journey::patient_policy()),
    );
    let simulator = &both.0.simulator;
    let (xero, quickbooks) = both.tell(screen, "connect", stages::connect, stages::connect).await?;
    let ids = (xero.id.as_str(), quickbooks.id.as_str());
    let first = both
        .tell(
            screen,
            "first sync",
            async |b, s| stages::first_sync(b, s, ids.0).await,
            async |b, s| stages::first_sync(b, s, ids.1).await,
        )
        .await?;
    let plans = both.tell(screen, "plan", stages::plan, stages::plan).await?;
    let surprises = both
        .tell(
            screen,
            "meanwhile",
            async |b, s| stages::surprises(b, s, &plans.0).await,
            async |b, s| stages::surprises(b, s, &plans.1).await,
        )
        .await?;
    let unreachable = [surprises.0.unreachable.number.as_str(), surprises.1.unreachable.number.as_str()];
    simulator.set_not_on_whatsapp(&unreachable).await?;
    simulator.set_delivery(&journey::disorder()).await?;
    both.tell(
        screen,
        "dispatch",
        async |b, s| stages::dispatch(b, s, &plans.0).await,
        async |b, s| stages::dispatch(b, s, &plans.1).await,
    )
    .await?;
    let dates = (plans.0.header.date.as_str(), plans.1.header.date.as_str());
    let days = both
        .tell(
            screen,
            "settle",
            async |b, s| stages::settle(b, s, dates.0).await,
            async |b, s| stages::settle(b, s, dates.1).await,
        )
        .await?;
    screen.say("", "every status came twice and out of order");
    let (meta, messages) = (simulator.summary().await?, simulator.messages().await?);
    check::days(&[(&days.0, &surprises.0), (&days.1, &surprises.1)], &meta, &messages)?;
    both.tell(
        screen,
        "sync",
        async |b, s| stages::sync(b, s, ids.0).await,
        async |b, s| stages::sync(b, s, ids.1).await,
    )
    .await?;
    both.tell(
        screen,
        "sync again",
        async |b, s| stages::sync_unchanged(b, s, ids.0).await,
        async |b, s| stages::sync_unchanged(b, s, ids.1).await,
    )
    .await?;

    let (customers, others) = (both.0.product.customers().await?.len(), both.1.product.customers().await?.len());
    let summary = Summary::of(&first.0, customers, &days.0, &surprises.0.opted_out).and(&Summary::of(
        &first.1,
        others,
        &days.1,
        &surprises.1.opted_out,
    ));
    let summary = Summary { duplicates: meta.duplicates, seconds: screen.seconds(), ..summary };
    screen.stage("summary", &summary.sentence());
    screen.say("console", &format!("{} (sign in as Olivia Owner or Gail Gulf)", stack.state.console_url));
    Ok((stack, summary))
}

/// One business of a run.
struct Business {
    product: Product,
    simulator: Simulator,
    ledger: Ledger,
    sender: SenderAccount,
    policy: Value,
}

/// One business on Xero and one on QuickBooks.
struct Both(Business, Business);

impl Both {
    /// Runs a stage for both at once and tells a line of each.
    async fn tell<T>(
        &self,
        screen: &mut Screen,
        name: &str,
        first: impl AsyncFn(&Business, &Screen) -> Told<T>,
        second: impl AsyncFn(&Business, &Screen) -> Told<T>,
    ) -> Result<(T, T), JourneyError> {
        let shown: &Screen = screen;
        let ((text, one), (other_text, other)) = try_join(first(&self.0, shown), second(&self.1, shown)).await?;
        screen.say(name, &text);
        screen.stage("", &other_text);
        Ok((one, other))
    }
}

async fn start(screen: &mut Screen) -> Result<LocalStack, JourneyError> {
    let options = StackOptions { folder: target_folder("local"), ..StackOptions::default() };
    if LocalStack::is_running(&options).await? {
        return Err(JourneyError::Stack("one is running already; stop it with make local-down".to_owned()));
    }
    screen.progress("start", "deploying template.yaml to the local stack");
    let stack = LocalStack::start(options).await?;
    screen.stage("start", "template.yaml is deployed to the local stack, providers are simulated");
    Ok(stack)
}
