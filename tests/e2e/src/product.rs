//! A typed client of the product's API, signed in as one person.

pub mod answers;

use reqwest::{Client, Method, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::error::JourneyError;
use crate::http::{Answer, send};
use crate::product::answers::{
    Connection, Connections, Customer, Customers, Decision, Plan, Preview, Reminder, Reminders, Task, Tasks, Template,
    Templates,
};
use crate::simulator::Simulator;
use crate::stack::StackState;

/// The product as one signed-in person sees it.
#[derive(Debug, Clone)]
pub struct Product {
    http: Client,
    simulator: Simulator,
    public_url: String,
    loopback_url: String,
    user: String,
}

/// Entries of one part of a list: as many as the API gives.
const PART: u32 = 500;

impl Product {
    /// The product of a stack, with a seeded user signed in.
    pub fn signed_in(http: Client, state: &StackState, user: &str) -> Self {
        Self {
            simulator: Simulator::new(http.clone(), state.sim_url.clone()),
            http,
            public_url: state.api_url.clone(),
            loopback_url: state.loopback_url.clone(),
            user: user.to_owned(),
        }
    }

    /// A session token that is valid now.
    pub async fn token(&self) -> Result<String, JourneyError> {
        self.spoiled_token(&json!({})).await
    }

    /// A session token with some of its parts replaced.
    pub async fn spoiled_token(&self, overrides: &Value) -> Result<String, JourneyError> {
        self.simulator.session_token(&self.user, &self.public_url, overrides).await
    }

    /// A browser in which this person is signed in.
    pub async fn browser(&self) -> Result<Browser, JourneyError> {
        let mut browser = self.foreign_browser();
        browser.cookies.insert("__session".to_owned(), self.token().await?);
        Ok(browser)
    }

    /// A browser in which nobody is signed in.
    pub fn foreign_browser(&self) -> Browser {
        Browser::new(self.http.clone(), self.public_url.clone(), self.loopback_url.clone())
    }

    /// Any call with a token, whatever the answer.
    pub async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Answer, JourneyError> {
        let token = self.token().await?;
        let request = self.http.request(method.clone(), format!("{}{path}", self.loopback_url)).bearer_auth(token);
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        send(method, path, request).await
    }

    /// `GET` of a path, whatever the answer.
    pub async fn get(&self, path: &str) -> Result<Answer, JourneyError> {
        self.call(Method::GET, path, None).await
    }

    /// A list of the API, part by part; `field` holds its entries.
    async fn whole<T: DeserializeOwned>(&self, path: &str, field: &str) -> Result<T, JourneyError> {
        let mut whole: Value = self.get(&format!("{path}?limit={PART}")).await?.json()?;
        while let Some(cursor) = whole.as_object_mut().and_then(|whole| whole.remove("next_cursor")) {
            let cursor = cursor.as_str().unwrap_or_default();
            let mut part: Value = self.get(&format!("{path}?limit={PART}&cursor={cursor}")).await?.json()?;
            if let (Some(Value::Array(all)), Some(Value::Array(more))) = (whole.get_mut(field), part.get_mut(field)) {
                all.append(more);
            }
            if let (Some(all), Some(next)) = (whole.as_object_mut(), part.get("next_cursor")) {
                all.insert("next_cursor".to_owned(), next.clone());
            }
        }
        serde_json::from_value(whole).map_err(|source| JourneyError::Unreadable { path: path.to_owned(), source })
    }

    /// `POST` of a path, whatever the answer.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Answer, JourneyError> {
        self.call(Method::POST, path, Some(body)).await
    }

    /// The connected ledgers.
    pub async fn connections(&self) -> Result<Vec<Connection>, JourneyError> {
        Ok(self.get("/v1/connections").await?.json::<Connections>()?.connections)
    }

    /// Asks for a sync of a connection.
    pub async fn sync(&self, connection: &str) -> Result<(), JourneyError> {
        self.post(&format!("/v1/connections/{connection}/sync"), &json!({})).await?.succeeded()
    }

    /// Enters a sender.
    pub async fn add_sender(&self, waba: &str, phone_number_id: &str, token: &str) -> Result<(), JourneyError> {
        let asked = json!({"waba_id": waba, "phone_number_id": phone_number_id, "access_token": token});
        self.post("/v1/senders", &asked).await?.succeeded()
    }

    /// The texts of the accounts, with what WhatsApp says of them.
    pub async fn templates(&self) -> Result<Vec<Template>, JourneyError> {
        Ok(self.get("/v1/templates").await?.json::<Templates>()?.templates)
    }

    /// States that the organisation's customers may be written to.
    pub async fn attest(&self) -> Result<(), JourneyError> {
        let asked = json!({"version": 2, "authorised_by": ""});
        self.post("/v1/consent/attestation", &asked).await?.succeeded()
    }

    /// All customers.
    pub async fn customers(&self) -> Result<Vec<Customer>, JourneyError> {
        Ok(self.whole::<Customers>("/v1/customers", "customers").await?.customers)
    }

    /// Records that a customer agreed.
    pub async fn opt_in(&self, customer: &Customer) -> Result<(), JourneyError> {
        let path = format!("/v1/customers/{}/{}/consent", customer.connection, customer.contact);
        self.post(&path, &json!({"state": "opted_in", "reason": "agreed on paper"})).await?.succeeded()
    }

    /// Starts all old invoices with the first word about something overdue; returns how many there were.
    pub async fn start_gently(&self) -> Result<u64, JourneyError> {
        let asked = json!({"start": "gently", "all": true});
        let decided: Value = self.post("/v1/backlog", &asked).await?.json()?;
        decided.get("decided").and_then(Value::as_u64).ok_or_else(|| JourneyError::broken("a choice without a count"))
    }

    /// Sets how many numbers are written to for the first time on one day.
    pub async fn set_ramp(&self, per_day: u32) -> Result<(), JourneyError> {
        self.call(Method::PUT, "/v1/organisation/ramp", Some(&json!({"per_day": per_day}))).await?.succeeded()
    }

    /// Lets messages go out as fast as the number sends.
    pub async fn send_at_once(&self) -> Result<(), JourneyError> {
        self.call(Method::PUT, "/v1/organisation/pace", Some(&json!({"per_ten_minutes": null}))).await?.succeeded()
    }

    /// Saves a policy over the one in force; returns the new version.
    pub async fn save_policy(&self, policy: &Value) -> Result<u64, JourneyError> {
        let held: Value = self.get("/v1/policies/default").await?.json()?;
        let asked = json!({"based_on": held.get("version"), "policy": policy});
        let saved: Value = self.call(Method::PUT, "/v1/policies/default", Some(&asked)).await?.json()?;
        saved
            .get("version")
            .and_then(Value::as_u64)
            .ok_or_else(|| JourneyError::broken("a saved policy has no version"))
    }

    /// What a run at this moment would do.
    pub async fn preview(&self) -> Result<Vec<Decision>, JourneyError> {
        Ok(self.whole::<Preview>("/v1/plan", "decisions").await?.decisions)
    }

    /// The organisation's present date.
    pub async fn date(&self) -> Result<String, JourneyError> {
        Ok(self.get("/v1/plan").await?.json::<Preview>()?.date)
    }

    /// The stored plan of a day, if there is one.
    pub async fn plan(&self, date: &str) -> Result<Option<Plan>, JourneyError> {
        let path = format!("/v1/plans/{date}");
        let is_there = self.get(&format!("{path}?limit=1")).await?.status != StatusCode::NOT_FOUND;
        if is_there { self.whole(&path, "decisions").await.map(Some) } else { Ok(None) }
    }

    /// Approves a generation of a day's plan; 409 if the plan was made anew meanwhile.
    pub async fn approve(&self, date: &str, generation: u32) -> Result<Answer, JourneyError> {
        self.post(&format!("/v1/plans/{date}/approve"), &json!({"generation": generation})).await
    }

    /// All reminders, newest first.
    pub async fn reminders(&self) -> Result<Vec<Reminder>, JourneyError> {
        Ok(self.whole::<Reminders>("/v1/reminders", "reminders").await?.reminders)
    }

    /// Open tasks.
    pub async fn tasks(&self) -> Result<Vec<Task>, JourneyError> {
        Ok(self.whole::<Tasks>("/v1/tasks", "tasks").await?.tasks)
    }
}
