//! The product on a bad day: its processes are killed, queues lose and double messages, the table and KMS fail, claims run
//! out, and the whole stack stops and starts again.
//!
//! A business is synced and reminds its customers meanwhile. Nobody is written to twice, nothing that was planned is lost,
//! and everything settles once the day is better. It runs on a stack of its own, which keeps its state.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test may panic, and one with a main of its own prints its result"
)]

mod queues;
#[expect(dead_code, reason = "the journey uses the rest")]
#[path = "../journey/table.rs"]
mod table;
mod trouble;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use numo_e2e::error::JourneyError;
use numo_e2e::http::client;
use numo_e2e::journey::{self, HARBOUR_LEDGER, HARBOUR_SENDER, day};
use numo_e2e::product::Product;
use numo_e2e::simulator::Simulator;
use numo_e2e::stack::{LocalStack, StackOptions, stop, target_folder};
use numo_e2e::wait::clear_of_midnight;
use serde_json::Value;

use crate::trouble::Trouble;

/// A run takes less; it must stay within one day of its business.
const WHOLE_RUN: Duration = Duration::from_secs(600);

/// How long each part meets trouble at most, and how long what is left may take once there is none.
const IN_TROUBLE: Duration = Duration::from_secs(60);
const AFTERWARDS: Duration = Duration::from_secs(180);

const NAME: &str = "on_a_bad_day_nobody_is_written_to_twice_and_nothing_is_lost";

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--list") {
        println!("{NAME}: test");
        return;
    }
    if arguments.iter().any(|argument| !argument.starts_with('-') && !NAME.contains(argument.as_str())) {
        println!("\ntest result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 1 filtered out\n");
        return;
    }
    println!("\nrunning 1 test");
    let began = Instant::now();
    clear_of_midnight(&["Asia/Dubai"], WHOLE_RUN).await;
    on_a_bad_day_nobody_is_written_to_twice_and_nothing_is_lost().await;
    println!("test {NAME} ... ok ({:.1} s)", began.elapsed().as_secs_f64());
}

async fn on_a_bad_day_nobody_is_written_to_twice_and_nothing_is_lost() {
    let variables = BTreeMap::from([("NUMO_LOCAL_PERSIST".to_owned(), "1".to_owned())]);
    let options = StackOptions { folder: target_folder("chaos"), variables };
    println!("starting a local stack in {}; what is not built is built first", options.folder.display());
    stop(&options).await.unwrap();
    let mut stack = LocalStack::start(options).await.unwrap();
    let http = client().unwrap();
    let owner = Product::signed_in(http.clone(), &stack.state, "user_owner");
    let simulator = Simulator::new(http, stack.state.sim_url.clone());
    let mut trouble = Trouble::new(&stack).await;

    let connection = journey::connect(&owner, HARBOUR_LEDGER).await.unwrap().id;
    trouble.begins();
    in_trouble(&mut trouble, &mut stack, async || {
        let run = journey::last_run(&owner, &connection).await?;
        Ok(run.is_some_and(|run| run.ended_at.is_some() && run.failure.is_none()))
    })
    .await;
    trouble.ends();
    trouble.everything_is_tried_again(AFTERWARDS).await;
    let contacts = simulator.contacts(HARBOUR_LEDGER.tenant).await.unwrap().len();
    assert_eq!(owner.customers().await.unwrap().len(), contacts);
    let sound = sound_invoices(&simulator).await;
    assert_eq!(trouble.ids_of("INV#").await, sound);

    owner.attest().await.unwrap();
    let version = journey::allow_sending(&owner, HARBOUR_SENDER, &journey::policy()).await.unwrap();
    let plan = journey::planned(&owner, version).await.unwrap();
    let date = plan.header.date;
    journey::approved(&owner, &date).await.unwrap();
    trouble.begins();
    let planned = plan.header.sends;
    in_trouble(&mut trouble, &mut stack, async || {
        let day = day(&owner, &date).await?;
        Ok(day.reminders.len() + day.plan.cancelled.len() == planned)
    })
    .await;
    trouble.ends();
    trouble.everything_is_tried_again(AFTERWARDS).await;
    let day = journey::settled(&owner, &simulator, &date, AFTERWARDS, |_| {}).await.unwrap();

    println!("{}", trouble.told());
    let (meta, messages) = (simulator.summary().await.unwrap(), simulator.messages().await.unwrap());
    assert_eq!(meta.duplicates, 0, "{meta:?}");
    let numbers: BTreeSet<&str> = messages.iter().map(|message| message.to.as_str()).collect();
    assert_eq!(numbers.len(), messages.len(), "a number got two messages");
    assert_eq!(day.reminders.len() + day.plan.cancelled.len(), planned, "{:?}", day.plan.cancelled);
    // Nothing changed in the ledger: what was taken back is of customers with a row that cannot be read, and says so.
    let why_taken_back = day.plan.cancelled.iter().flat_map(|cancelled| &cancelled.reasons);
    assert!(why_taken_back.clone().all(|reason| reason.code == "ledger_unreadable"), "{:?}", day.plan.cancelled);
    assert!(day.plan.cancelled.len() * 10 < planned, "{} of {planned} were taken back", day.plan.cancelled.len());
    assert_eq!(messages.len(), day.reminders.len(), "each reminder was sent, and nothing else");
    assert!(day.reminders.iter().all(|reminder| reminder.has_arrived()));
    // What became of the ledger meanwhile is known as well.
    let again = journey::sync_again(&owner, &connection).await.unwrap();
    assert_eq!((again.failure, again.invoices_written, again.contacts_written), (None, 0, 0));
    trouble.was_enough();
}

/// Makes trouble for a while, or until a look finds what is waited for; the stack stops and starts again once meanwhile.
async fn in_trouble(
    trouble: &mut Trouble,
    stack: &mut LocalStack,
    mut look: impl AsyncFnMut() -> Result<bool, JourneyError>,
) {
    let began = Instant::now();
    for round in 0.. {
        trouble.makes().await;
        if round == RESTARTED_AT {
            stack.restart().await.unwrap();
            trouble.restarted(stack);
        }
        let is_time_to_look = round > RESTARTED_AT && round % LOOKS_EVERY == 0;
        // A page that is asked meets trouble as well, and tells nothing then.
        if is_time_to_look && (began.elapsed() > IN_TROUBLE || look().await.unwrap_or_default()) {
            return;
        }
    }
}

/// The round in which the stack stops, and how many rounds there are to a look.
const RESTARTED_AT: u32 = 8;
const LOOKS_EVERY: u32 = 6;

/// The ids of the sales invoices that can be read.
async fn sound_invoices(simulator: &Simulator) -> BTreeSet<String> {
    let documents = simulator.documents(HARBOUR_LEDGER.tenant).await.unwrap();
    let sound = documents.iter().filter(|row: &&Value| row["Type"] == "ACCREC" && row.get("_sim_malformed").is_none());
    sound.map(|row| row["InvoiceID"].as_str().unwrap().to_owned()).collect()
}
