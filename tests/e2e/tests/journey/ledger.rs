//! A real ledger, anonymised: what the CSV says is what Numo holds, and nobody gets two messages.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use jiff::{ToSpan as _, civil::Date};
use numo_e2e::journey::{self, Ledger, Provider};
use numo_e2e::product::answers::Plan;
use serde::Deserialize;

use crate::dispatch_faults::SPARE_SENDER;
use crate::world::{World, ledger_days};

const ORG: &str = "org_ledger";
const LEDGER: Ledger = Ledger { provider: Provider::Xero, user: "owner@harbour.example", tenant: "ledger" };
const LONG: Duration = Duration::from_secs(300);

/// Consents recorded side by side.
const AT_ONCE: usize = 4;

/// A row of the CSV.
#[derive(Debug, Deserialize)]
struct Row {
    invoice_id: String,
    contact_id: String,
    due_date: String,
    amount_due: String,
    currency_code: String,
    status: String,
    #[serde(rename = "type")]
    kind: String,
}

/// What is compared of an invoice.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Held {
    contact: HeldContact,
    status: String,
    due: Option<String>,
    remaining: HeldMoney,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct HeldContact {
    contact: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct HeldMoney {
    minor: i64,
    currency: String,
}

#[derive(Debug, Deserialize)]
struct Item {
    id: String,
    #[serde(flatten)]
    held: Held,
}

pub(crate) async fn a_real_ledger_arrives_row_by_row(world: &mut World) {
    let Some(folder) = world.reference.clone() else { return };
    let owner = world.ledger_owner();
    let connection = journey::connect(&owner, LEDGER).await.unwrap().id;
    let run = journey::synced(&owner, &connection, None, LONG, |_| {}).await.unwrap();
    assert_eq!((run.failure, run.skipped), (None, 0));

    let rows = rows(&folder);
    let sales = rows.iter().filter(|row| row.kind == "ACCREC");
    let expected: BTreeMap<String, Held> = sales.map(|row| row.held(ledger_days())).collect();
    assert_eq!((rows.len(), expected.len()), (601, 117));
    let items: Vec<Item> = world.table.of_org(ORG, "INV#").await;
    let stored: BTreeMap<String, Held> = items.into_iter().map(|item| (item.id, item.held)).collect();
    assert_eq!(stored, expected, "sales invoices only, each as in the CSV");
    assert_eq!(run.invoices_written, 117);
}

pub(crate) async fn each_customer_who_owes_gets_exactly_one_message(world: &mut World) {
    let Some(folder) = world.reference.clone() else { return };
    let owner = world.ledger_owner();
    let date = owner.date().await.unwrap();
    let day = journey::settled(&owner, &world.simulator, &date, LONG, |_| {}).await.unwrap();
    let owing: BTreeSet<String> = rows(&folder)
        .iter()
        .filter(|row| row.kind == "ACCREC" && row.status == "AUTHORISED" && minor(&row.amount_due) > 0)
        .map(|row| row.contact_id.clone())
        .collect();
    assert_eq!(planned_contacts(&day.plan), owing);
    let mobiles = world.simulator.mobiles(LEDGER).await.unwrap();
    let mut expected: Vec<&str> = owing.iter().map(|contact| mobiles[contact].as_str()).collect();
    expected.sort_unstable();
    let messages = world.simulator.messages().await.unwrap();
    let mut recipients: Vec<&str> = messages
        .iter()
        .filter(|message| message.phone_number_id == SPARE_SENDER.phone_number_id)
        .map(|message| message.to.as_str())
        .collect();
    recipients.sort_unstable();
    assert_eq!(recipients, expected);
    assert!(day.reminders.iter().all(|reminder| reminder.has_arrived() && reminder.attempt_number == 1));
    assert_eq!(world.simulator.summary().await.unwrap().duplicates, 0);
}

/// Records that every customer agreed: the ledger is too old for a relationship.
pub(crate) async fn opt_everyone_in(world: &World) {
    let owner = world.ledger_owner();
    let customers = owner.customers().await.unwrap();
    let opted_in = stream::iter(&customers).map(|customer| owner.opt_in(customer)).buffer_unordered(AT_ONCE);
    opted_in.try_collect::<Vec<()>>().await.unwrap();
}

fn planned_contacts(plan: &Plan) -> BTreeSet<String> {
    let sends = plan.decisions.iter().filter(|decision| decision.send.is_some());
    sends.map(|decision| decision.unit.contact.clone()).collect()
}

fn rows(folder: &Path) -> Vec<Row> {
    let mut reader = csv::Reader::from_path(folder.join("xero_invoice_data.csv")).unwrap();
    reader.deserialize().collect::<Result<_, _>>().unwrap()
}

impl Row {
    /// What Numo is to hold of the row in the ledger that was moved by whole days.
    fn held(&self, moved_days: i64) -> (String, Held) {
        let status = match self.status.as_str() {
            "AUTHORISED" => "open",
            "PAID" => "paid",
            "VOIDED" => "voided",
            "DELETED" => "deleted",
            "SUBMITTED" => "submitted",
            "DRAFT" => "draft",
            other => panic!("the CSV has the status {other}"),
        };
        let held = Held {
            contact: HeldContact { contact: self.contact_id.clone() },
            status: status.to_owned(),
            due: self.due_date.parse::<Date>().ok().map(|due| due.saturating_add(moved_days.days()).to_string()),
            remaining: HeldMoney { minor: minor(&self.amount_due), currency: self.currency_code.clone() },
        };
        (self.invoice_id.clone(), held)
    }
}

/// Minor units of an amount with at most two decimals.
fn minor(amount: &str) -> i64 {
    let (whole, decimals) = amount.split_once('.').unwrap_or((amount, ""));
    assert!(decimals.len() <= 2 && !whole.starts_with('-'), "{amount}");
    whole.parse::<i64>().unwrap() * 100 + format!("{decimals:0<2}").parse::<i64>().unwrap()
}
