//! Control of the simulated providers, beside what the product sees of them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use reqwest::{Client, Method};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::error::JourneyError;
use crate::http::{Answer, send};
use crate::journey::{Ledger, Provider};

/// The simulated Xero, Meta and Clerk.
#[derive(Debug, Clone)]
pub struct Simulator {
    http: Client,
    base_url: String,
}

/// A POST of a message as the simulated Meta saw it.
#[derive(Debug, Clone, Deserialize)]
pub struct PostedMessage {
    /// The sender.
    pub phone_number_id: String,
    /// The recipient.
    pub to: String,
    /// `template`, or `text` for an answer within the customer service window.
    pub r#type: String,
    /// The words of an answer.
    pub text: Option<String>,
    /// Our attempt id.
    pub attempt: Option<String>,
    /// Meta's id of it, unless it was refused.
    pub wamid: Option<String>,
    /// `accepted` or `rejected`.
    pub outcome: String,
    /// The name of the template.
    pub template: Option<String>,
    /// The named values of the template.
    pub parameters: Value,
    /// All that was filled in, buttons included.
    pub components: Value,
}

/// Names of fields, by host and by method and path.
pub type Outbound = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

/// What the simulated Meta counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct MetaSummary {
    /// Reminders that it took.
    pub accepted: u64,
    /// Messages it refused.
    pub rejected: u64,
    /// Second messages for one number on one day.
    pub duplicates: u64,
    /// Webhook posts that were answered.
    pub webhooks_posted: u64,
    /// Webhook posts that were given up.
    pub webhooks_failed: u64,
}

impl Simulator {
    /// The simulator at an address.
    pub const fn new(http: Client, base_url: String) -> Self {
        Self { http, base_url }
    }

    /// A session token of a seeded user; `overrides` spoil it.
    pub async fn session_token(&self, user: &str, azp: &str, overrides: &Value) -> Result<String, JourneyError> {
        let mut asked = json!({"user": user, "azp": azp});
        if let (Some(asked), Some(more)) = (asked.as_object_mut(), overrides.as_object()) {
            asked.extend(more.clone());
        }
        let token: TokenAnswer = self.post("clerk/token", &asked).await?.json()?;
        Ok(token.token)
    }

    /// Names of everything that programs sent to the providers, by host and by method and path.
    pub async fn outbound(&self) -> Result<Outbound, JourneyError> {
        self.get("outbound").await?.json()
    }

    /// Settles an invoice in full in its simulated ledger.
    pub async fn pay(&self, ledger: Ledger, invoice: &str) -> Result<(), JourneyError> {
        let (path, tenant) = match ledger.provider {
            Provider::Xero => ("xero/pay", "tenant"),
            Provider::Quickbooks => ("intuit/pay", "realm"),
        };
        self.post(path, &json!({tenant: ledger.tenant, "invoice_id": invoice})).await?.succeeded()
    }

    /// Every sales invoice of a ledger, whatever its provider calls things.
    pub async fn sales_invoices(&self, ledger: Ledger) -> Result<Vec<SalesInvoice>, JourneyError> {
        let path = match ledger.provider {
            Provider::Xero => format!("xero/documents?tenant={}", ledger.tenant),
            Provider::Quickbooks => format!("intuit/documents?realm={}&entity=Invoice", ledger.tenant),
        };
        let rows: Vec<Value> = self.get(&path).await?.json()?;
        Ok(rows.iter().filter_map(|row| SalesInvoice::of(ledger.provider, row)).collect())
    }

    /// Gives somebody at Xero a small organisation; returns its name.
    pub async fn add_xero_organisation(&self, user: &str) -> Result<String, JourneyError> {
        let added: Value = self.post("xero/many", &json!({"user": user, "count": 1})).await?.json()?;
        let name = added.pointer("/0/name").and_then(Value::as_str);
        name.map(str::to_owned).ok_or_else(|| JourneyError::broken("a new organisation has no name"))
    }

    /// Every document of a Xero organisation as it is held there.
    pub async fn documents(&self, tenant: &str) -> Result<Vec<Value>, JourneyError> {
        self.get(&format!("xero/documents?tenant={tenant}")).await?.json()
    }

    /// Every contact of a Xero organisation as it is held there.
    pub async fn contacts(&self, tenant: &str) -> Result<Vec<Value>, JourneyError> {
        self.get(&format!("xero/contacts?tenant={tenant}")).await?.json()
    }

    /// The names of every customer of a ledger, suppliers and contacts that are put away included.
    pub async fn customer_names(&self, ledger: Ledger) -> Result<Vec<String>, JourneyError> {
        let (path, name) = match ledger.provider {
            Provider::Xero => (format!("xero/contacts?tenant={}", ledger.tenant), "Name"),
            Provider::Quickbooks => (format!("intuit/customers?realm={}", ledger.tenant), "DisplayName"),
        };
        let rows: Vec<Value> = self.get(&path).await?.json()?;
        Ok(rows.iter().filter_map(|row| Some(row.get(name)?.as_str()?.to_owned())).collect())
    }

    /// Numbers by contact, where a contact has one valid number of its own.
    pub async fn mobiles(&self, ledger: Ledger) -> Result<BTreeMap<String, String>, JourneyError> {
        let path = match ledger.provider {
            Provider::Xero => format!("xero/mobiles?tenant={}", ledger.tenant),
            Provider::Quickbooks => format!("intuit/mobiles?realm={}", ledger.tenant),
        };
        self.get(&path).await?.json()
    }

    /// How many calls a simulated ledger got since the last reset.
    pub async fn ledger_calls(&self, provider: Provider) -> Result<u64, JourneyError> {
        let counted: BTreeMap<String, u64> = self.get(&format!("{}/calls", service(provider))).await?.json()?;
        Ok(counted.values().sum())
    }

    /// Starts counting anew.
    pub async fn reset_ledger_calls(&self, provider: Provider) -> Result<(), JourneyError> {
        self.post(&format!("{}/calls/reset", service(provider)), &json!({})).await?.succeeded()
    }

    /// How statuses are delivered from now on.
    pub async fn set_delivery(&self, options: &Value) -> Result<(), JourneyError> {
        self.post("meta/delivery", options).await?.succeeded()
    }

    /// Which numbers are not on WhatsApp from now on.
    pub async fn set_not_on_whatsapp(&self, numbers: &[&str]) -> Result<(), JourneyError> {
        self.post("meta/numbers", &json!({"not_on_whatsapp": numbers})).await?.succeeded()
    }

    /// A customer writes to a sender.
    pub async fn write(&self, phone_number_id: &str, from: &str, text: &str) -> Result<(), JourneyError> {
        let asked = json!({"phone_number_id": phone_number_id, "from": from, "text": text});
        self.post("meta/inbound", &asked).await?.succeeded()
    }

    /// Every POST of a reminder, refused ones included.
    pub async fn messages(&self) -> Result<Vec<PostedMessage>, JourneyError> {
        let posted: Vec<PostedMessage> = self.get("meta/messages").await?.json()?;
        Ok(posted.into_iter().filter(|message| message.r#type == "template").collect())
    }

    /// Every POST of an answer within the customer service window, refused ones included.
    pub async fn answers(&self) -> Result<Vec<PostedMessage>, JourneyError> {
        let posted: Vec<PostedMessage> = self.get("meta/messages").await?.json()?;
        Ok(posted.into_iter().filter(|message| message.r#type != "template").collect())
    }

    /// What the simulated Meta counted.
    pub async fn summary(&self) -> Result<MetaSummary, JourneyError> {
        self.get("meta/summary").await?.json()
    }

    /// Waits until every webhook is answered.
    pub async fn settle(&self, limit: Duration) -> Result<MetaSummary, JourneyError> {
        let path = format!("meta/settle?timeout_ms={}", limit.as_millis());
        self.post(&path, &json!({})).await?.json()
    }

    /// What a finished window of Meta's sign-up tells the page: a code and the message of the session.
    pub async fn finish_signup(&self, asked: &Value) -> Result<Value, JourneyError> {
        self.post("meta/signup", asked).await?.json()
    }

    /// How a number is registered at Meta, and whether its account's webhooks come to the app.
    pub async fn registration(&self, phone_number_id: &str) -> Result<Value, JourneyError> {
        self.post("meta/registration", &json!({"phone_number_id": phone_number_id})).await?.json()
    }

    /// What the product answers when Meta tells that a Facebook user asks something of it: `status` and `body`.
    pub async fn ask_for_user(&self, asked: &Value) -> Result<Value, JourneyError> {
        self.post("meta/signed_request", asked).await?.json()
    }

    /// Spoils the next calls that match a rule.
    pub async fn add_fault(&self, rule: &Value) -> Result<(), JourneyError> {
        self.post("faults", rule).await?.succeeded()
    }

    /// How many calls are still to be spoiled.
    pub async fn faults_left(&self) -> Result<u64, JourneyError> {
        let listed: Value = self.get("faults").await?.json()?;
        let rules = listed.pointer("/faults").and_then(Value::as_array).cloned().unwrap_or_default();
        Ok(rules.iter().filter_map(|rule| rule.get("times")?.as_u64()).sum())
    }

    /// Takes all rules back.
    pub async fn clear_faults(&self) -> Result<(), JourneyError> {
        self.control(Method::DELETE, "faults", None).await?.succeeded()
    }

    async fn get(&self, path: &str) -> Result<Answer, JourneyError> {
        self.control(Method::GET, path, None).await
    }

    async fn post(&self, path: &str, body: &Value) -> Result<Answer, JourneyError> {
        self.control(Method::POST, path, Some(body)).await
    }

    async fn control(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Answer, JourneyError> {
        let path = format!("/_control/{path}");
        let request = self.http.request(method.clone(), format!("{}{path}", self.base_url));
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        send(method, &path, request).await
    }
}

/// A sales invoice as its simulated ledger holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SalesInvoice {
    /// The ledger's id, where the row has one.
    pub id: Option<String>,
    /// Who owes it.
    pub contact: Option<String>,
    /// Whether something is left to pay.
    pub is_open: bool,
    /// Whether it is broken on purpose.
    pub is_broken: bool,
}

impl SalesInvoice {
    fn of(provider: Provider, row: &Value) -> Option<Self> {
        let text = |pointer: &str| row.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        let is_broken = row.get("_sim_malformed").is_some();
        match provider {
            Provider::Xero if text("/Type").as_deref() != Some("ACCREC") => None,
            Provider::Xero => Some(Self {
                id: text("/InvoiceID"),
                contact: text("/Contact/ContactID"),
                is_open: text("/Status").as_deref() == Some("AUTHORISED"),
                is_broken,
            }),
            Provider::Quickbooks => Some(Self {
                id: text("/Id"),
                contact: text("/CustomerRef/value"),
                is_open: row.get("Balance").and_then(Value::as_f64).is_some_and(|balance| balance > 0.0),
                is_broken,
            }),
        }
    }
}

/// The simulator's name of a provider.
const fn service(provider: Provider) -> &'static str {
    match provider {
        Provider::Xero => "xero",
        Provider::Quickbooks => "intuit",
    }
}

#[derive(Deserialize)]
struct TokenAnswer {
    token: String,
}
