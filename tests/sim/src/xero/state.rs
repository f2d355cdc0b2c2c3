use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use jiff::civil::Date;
use serde_json::Value;

use crate::error::SimError;
use crate::xero::data;

/// Everything the simulated Xero holds.
pub(crate) struct XeroState {
    pub(crate) tenants: Vec<Tenant>,
    pub(crate) users: Vec<User>,
    pub(crate) connections: Vec<Connection>,
    pub(crate) codes: HashMap<String, Code>,
    pub(crate) access: HashMap<String, Access>,
    pub(crate) refresh: HashMap<String, Refresh>,
    /// Whether the demo organisation serves its two broken rows.
    pub(crate) malformed_rows: bool,
    /// Calls per tenant and minute; counted but not enforced while absent.
    pub(crate) minute_limit: Option<u64>,
    pub(crate) day_limit: Option<u64>,
    /// Calls by (tenant key, minute or day since 1970).
    pub(crate) minutes: HashMap<(String, i64), u64>,
    pub(crate) days: HashMap<(String, i64), u64>,
}

/// An organisation in Xero.
pub(crate) struct Tenant {
    pub(crate) key: &'static str,
    pub(crate) id: String,
    pub(crate) name: &'static str,
    pub(crate) organisation: Value,
    pub(crate) contacts: Vec<Value>,
    pub(crate) invoices: Vec<Value>,
    /// Contacts whose one mobile number is valid and nobody else's, by contact id.
    pub(crate) mobiles: BTreeMap<String, String>,
}

/// A person who signs in to Xero.
#[derive(Debug, Clone)]
pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) email: &'static str,
    pub(crate) tenants: Vec<&'static str>,
}

#[derive(Debug, Clone)]
pub(crate) struct Connection {
    pub(crate) id: String,
    pub(crate) auth_event_id: String,
    pub(crate) user: &'static str,
    pub(crate) tenant: &'static str,
    pub(crate) created_ms: i64,
    pub(crate) updated_ms: i64,
}

/// What a token was given for.
#[derive(Debug, Clone)]
pub(crate) struct Grant {
    pub(crate) user: &'static str,
    pub(crate) client_id: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) auth_event_id: String,
}

#[derive(Debug, Clone)]
pub(crate) struct Code {
    pub(crate) grant: Grant,
    pub(crate) redirect_uri: String,
    pub(crate) challenge: Option<String>,
    pub(crate) expires_ms: i64,
}

#[derive(Debug, Clone)]
pub(crate) struct Access {
    pub(crate) grant: Grant,
    pub(crate) expires_ms: i64,
}

#[derive(Debug, Clone)]
pub(crate) struct Refresh {
    pub(crate) grant: Grant,
    pub(crate) expires_ms: i64,
    pub(crate) rotated_ms: Option<i64>,
}

impl XeroState {
    pub(crate) fn new(seed: u64, today: Date, ledger: Option<&Path>, now_ms: i64) -> Result<Self, SimError> {
        let mut tenants = vec![
            data::demo::tenant(seed, today),
            data::small::joinery(seed, today),
            data::small::demo_company(seed, today),
        ];
        if let Some(folder) = ledger {
            tenants.push(data::ledger::tenant(folder, now_ms)?);
        }
        Ok(Self {
            tenants,
            users: data::users(ledger.is_some()),
            connections: Vec::new(),
            codes: HashMap::new(),
            access: HashMap::new(),
            refresh: HashMap::new(),
            malformed_rows: true,
            minute_limit: None,
            day_limit: None,
            minutes: HashMap::new(),
            days: HashMap::new(),
        })
    }

    /// A tenant by its id or by its short key.
    pub(crate) fn tenant(&self, id_or_key: &str) -> Option<&Tenant> {
        self.tenants.iter().find(|tenant| tenant.id == id_or_key || tenant.key == id_or_key)
    }

    pub(crate) fn tenant_mut(&mut self, id_or_key: &str) -> Option<&mut Tenant> {
        self.tenants.iter_mut().find(|tenant| tenant.id == id_or_key || tenant.key == id_or_key)
    }

    pub(crate) fn user(&self, email: &str) -> Option<&User> {
        self.users.iter().find(|user| user.email == email)
    }
}
