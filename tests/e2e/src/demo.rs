//! The demo: the main job on the local stack, one line per stage.

mod check;
pub mod screen;
mod stages;
pub mod summary;

use std::time::Duration;

use crate::demo::screen::Screen;
use crate::demo::summary::Summary;
use crate::error::JourneyError;
use crate::http::client;
use crate::journey::{HARBOUR_LEDGER, connect};
use crate::product::Product;
use crate::simulator::Simulator;
use crate::stack::{LocalStack, StackOptions, target_folder};
use crate::wait::clear_of_midnight;

/// A run takes less; one that would cross midnight where the business is waits for it first.
const WHOLE_RUN: Duration = Duration::from_secs(60);

/// Runs every stage; the stack goes on until it is dropped.
pub async fn run(screen: &mut Screen) -> Result<(LocalStack, Summary), JourneyError> {
    clear_of_midnight(&["Asia/Dubai"], WHOLE_RUN).await;
    let stack = start(screen).await?;
    let http = client()?;
    let demo = Demo {
        product: Product::signed_in(http.clone(), &stack.state, "user_owner"),
        simulator: Simulator::new(http, stack.state.sim_url.clone()),
    };
    let connection = connect(&demo.product, HARBOUR_LEDGER).await?;
    screen.stage("connect", &format!("{} through Xero's consent page", connection.name));

    let first = stages::first_sync(&demo, screen, &connection.id).await?;
    let plan = stages::plan(&demo, screen).await?;
    let surprises = stages::surprises(&demo, screen, &plan).await?;
    let day = stages::dispatch(&demo, screen, &plan).await?;
    let meta = demo.simulator.summary().await?;
    check::day(&day, &surprises, &meta, &demo.simulator.messages().await?)?;
    stages::syncs_afterwards(&demo, screen, &connection.id).await?;

    let customers = demo.product.customers().await?.len();
    let figures = Summary::of(&first, customers, &day, &meta, &surprises.opted_out);
    let summary = Summary { seconds: screen.seconds(), ..figures };
    screen.stage("summary", &summary.sentence());
    screen.say("console", &format!("{} (sign in as Olivia Owner)", stack.state.console_url));
    Ok((stack, summary))
}

/// The clients of one run.
struct Demo {
    product: Product,
    simulator: Simulator,
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
