//! The answers of the API, as far as journeys look at them.

use serde::Deserialize;
use serde_json::Value;

/// `GET /v1/connections`.
#[derive(Debug, Clone, Deserialize)]
pub struct Connections {
    /// The connected ledgers.
    pub connections: Vec<Connection>,
}

/// A connected ledger.
#[derive(Debug, Clone, Deserialize)]
pub struct Connection {
    /// Our id.
    pub id: String,
    /// The ledger organisation's name.
    pub name: String,
    /// `active` or `reauth_required`.
    pub status: String,
    /// Until when the ledger is left alone, and by which limit.
    pub parked: Option<Value>,
    /// End of the last complete sync.
    pub last_synced_at: Option<String>,
    /// The last sync, running or over.
    pub last_run: Option<SyncRun>,
}

/// A sync.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct SyncRun {
    /// When it began.
    pub started_at: String,
    /// When it ended, unless it runs.
    pub ended_at: Option<String>,
    /// What it pulled: `first`, `changes` or `sweep`.
    pub kind: String,
    /// Contacts read so far.
    pub contacts_read: u64,
    /// Contacts that were new or had changed.
    pub contacts_written: u64,
    /// Sales invoices read so far.
    pub invoices_read: u64,
    /// Sales invoices that were new or had changed.
    pub invoices_written: u64,
    /// Rows left out.
    pub skipped: u64,
    /// Some of the rows left out, with reasons.
    pub skipped_rows: Vec<SkippedRow>,
    /// The class of the failure that ended it.
    pub failure: Option<String>,
}

/// A row of the ledger that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct SkippedRow {
    /// `invoice`, `contact` or another kind of record.
    pub kind: String,
    /// The ledger's id, if the row has one.
    pub id: Option<String>,
    /// What is wrong.
    pub reason: String,
}

/// `GET /v1/customers`.
#[derive(Debug, Clone, Deserialize)]
pub struct Customers {
    /// All customers.
    pub customers: Vec<Customer>,
}

/// A customer.
#[derive(Debug, Clone, Deserialize)]
pub struct Customer {
    /// The ledger it lives in.
    pub connection: String,
    /// The ledger's id.
    pub contact: String,
    /// Its name.
    pub name: String,
    /// `usable`, `unusable`, `missing` or `being_read`.
    pub number: String,
}

/// `GET /v1/plan`.
#[derive(Debug, Clone, Deserialize)]
pub struct Preview {
    /// The organisation's local date.
    pub date: String,
    /// One per unit.
    pub decisions: Vec<Decision>,
}

/// `GET /v1/plans/{date}`.
#[derive(Debug, Clone, Deserialize)]
pub struct Plan {
    /// Its head.
    pub header: PlanHeader,
    /// One per unit.
    pub decisions: Vec<Decision>,
    /// Units that were planned and then not sent.
    pub cancelled: Vec<Cancelled>,
}

/// The head of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PlanHeader {
    /// The organisation's local date.
    pub date: String,
    /// Raised by every new planning of the day.
    pub generation: u32,
    /// When it was planned.
    pub planned_at: String,
    /// How many messages go out.
    pub sends: usize,
    /// How many units stay silent.
    pub skips: usize,
    /// Whether it may go out.
    pub approval: Value,
}

/// What is decided for a unit.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Decision {
    /// For whom.
    pub unit: Unit,
    /// The customer's name, if the customer is known.
    pub customer: Option<String>,
    /// The version of the policy that was applied.
    pub policy_version: u64,
    /// The message, if one goes out.
    pub send: Option<PlannedSend>,
    /// Why none goes out.
    pub reasons: Vec<Reason>,
}

/// A customer in one currency.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub struct Unit {
    /// The ledger.
    pub connection: String,
    /// The customer.
    pub contact: String,
    /// The currency.
    pub currency: String,
}

/// A planned message.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PlannedSend {
    /// The invoice that drives the step.
    pub anchor: String,
    /// How firm.
    pub tone: String,
    /// The invoices it lists.
    pub lines: Vec<Line>,
    /// How many more it sums up.
    pub more: u64,
    /// The text, if the customer is known.
    pub text: Option<String>,
}

/// An invoice in a message.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Line {
    /// The ledger's id.
    pub invoice: String,
    /// The printed number.
    pub number: String,
}

/// Why nothing goes out.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Reason {
    /// The code.
    pub code: String,
    /// The sentence.
    #[serde(default)]
    pub sentence: String,
}

/// A unit that was planned and then not sent.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Cancelled {
    /// Which.
    pub unit: Unit,
    /// Why.
    pub reasons: Vec<Reason>,
}

/// `GET /v1/reminders`.
#[derive(Debug, Clone, Deserialize)]
pub struct Reminders {
    /// Newest first.
    pub reminders: Vec<Reminder>,
}

/// A reminder from its claim on.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Reminder {
    /// The call to Meta.
    pub attempt: String,
    /// The plan's date.
    pub date: String,
    /// For whom.
    pub unit: Unit,
    /// The state's name.
    pub state: String,
    /// Meta's error code.
    pub code: Option<u32>,
    /// 1 for the first call.
    pub attempt_number: u32,
    /// Every state it had.
    pub history: Vec<StateChange>,
}

/// A state that a reminder had.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct StateChange {
    /// The state's name.
    pub state: String,
}

impl Reminder {
    /// Whether its last word is spoken: it arrived, or Meta could not deliver it.
    pub fn is_settled(&self) -> bool {
        matches!(self.state.as_str(), "delivered" | "read" | "failed")
    }

    /// Whether the customer got it.
    pub fn has_arrived(&self) -> bool {
        matches!(self.state.as_str(), "delivered" | "read")
    }
}

/// `GET /v1/tasks`.
#[derive(Debug, Clone, Deserialize)]
pub struct Tasks {
    /// Open tasks.
    pub tasks: Vec<Task>,
}

/// Something that a person should look at.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Task {
    /// What kind.
    pub kind: String,
    /// About what.
    pub subject: Value,
}

/// `GET /v1/templates`.
#[derive(Debug, Clone, Deserialize)]
pub struct Templates {
    /// The texts of the organisation's accounts.
    pub templates: Vec<Template>,
}

/// One text.
#[derive(Debug, Clone, Deserialize)]
pub struct Template {
    /// Its name at Meta.
    pub name: String,
    /// `approved`, `pending` or `unusable`.
    pub status: String,
}
