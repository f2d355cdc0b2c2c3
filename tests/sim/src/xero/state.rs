use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use jiff::civil::Date;
use serde_json::Value;

use crate::error::SimError;
use crate::field::Field as _;
use crate::xero::collection::Collection;
use crate::xero::data::{self, credit, payment};
use crate::xero::limits::Limits;
use crate::xero::token::Traffic;
use crate::xero::webhook::Webhooks;

/// Everything the simulated Xero holds.
pub(crate) struct XeroState {
    pub(crate) tenants: Vec<Tenant>,
    pub(crate) users: Vec<User>,
    pub(crate) connections: Vec<Connection>,
    pub(crate) codes: HashMap<String, Code>,
    pub(crate) access: HashMap<String, Access>,
    pub(crate) refresh: HashMap<String, Refresh>,
    /// What further organisations are generated from.
    pub(crate) seed: u64,
    pub(crate) today: Date,
    /// Whether the demo organisation serves its two broken rows.
    pub(crate) malformed_rows: bool,
    pub(crate) limits: Limits,
    pub(crate) traffic: Traffic,
    pub(crate) webhooks: Webhooks,
    pub(crate) cap: ConnectionCap,
}

/// How many connections the plan of the app allows, and what a consent beyond them meets.
#[derive(Debug, Clone, Default)]
pub(crate) struct ConnectionCap {
    pub(crate) most: Option<usize>,
    pub(crate) shown: CapShown,
}

/// How a consent beyond the cap ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CapShown {
    /// The person comes back with `error=access_denied`.
    #[default]
    Redirect,
    /// The person stays on a page of Xero.
    Page,
}

/// An organisation in Xero.
pub(crate) struct Tenant {
    pub(crate) key: String,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) organisation: Value,
    pub(crate) contacts: Vec<Value>,
    pub(crate) invoices: Vec<Value>,
    pub(crate) credit_notes: Vec<Value>,
    pub(crate) prepayments: Vec<Value>,
    pub(crate) overpayments: Vec<Value>,
    pub(crate) payments: Vec<Value>,
    /// Whether Xero itself sends reminders by e-mail.
    pub(crate) reminders: bool,
    /// Contacts whose one mobile number is valid and nobody else's, by contact id.
    pub(crate) mobiles: BTreeMap<String, String>,
}

/// A person who signs in to Xero.
#[derive(Debug, Clone)]
pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) email: String,
    pub(crate) tenants: Vec<String>,
}

#[derive(Debug, Clone)]
pub(crate) struct Connection {
    pub(crate) id: String,
    pub(crate) auth_event_id: String,
    pub(crate) user: String,
    pub(crate) tenant: String,
    pub(crate) created_ms: i64,
    pub(crate) updated_ms: i64,
}

/// What a token was given for.
#[derive(Debug, Clone)]
pub(crate) struct Grant {
    pub(crate) user: String,
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
    /// How often it was exchanged.
    pub(crate) n_used: u64,
}

/// What an organisation is made of.
pub(crate) struct Books {
    pub(crate) organisation: Value,
    pub(crate) contacts: Vec<Value>,
    pub(crate) invoices: Vec<Value>,
    pub(crate) mobiles: BTreeMap<String, String>,
}

impl Tenant {
    /// An organisation whose payments and applied credits are those that its invoices tell of.
    pub(crate) fn new(key: &str, books: Books) -> Self {
        let Books { organisation, contacts, invoices, mobiles } = books;
        let text = |name: &str| organisation.at(name).as_str().unwrap_or_default().to_owned();
        Self {
            key: key.to_owned(),
            id: text("OrganisationID"),
            name: text("Name"),
            credit_notes: credit::applied(&invoices, Collection::CreditNotes),
            prepayments: credit::applied(&invoices, Collection::Prepayments),
            overpayments: credit::applied(&invoices, Collection::Overpayments),
            payments: payment::all(&invoices),
            reminders: false,
            organisation,
            contacts,
            invoices,
            mobiles,
        }
    }

    pub(crate) fn rows(&self, collection: Collection) -> &[Value] {
        match collection {
            Collection::Contacts => &self.contacts,
            Collection::Invoices => &self.invoices,
            Collection::CreditNotes => &self.credit_notes,
            Collection::Prepayments => &self.prepayments,
            Collection::Overpayments => &self.overpayments,
            Collection::Payments => &self.payments,
        }
    }

    pub(crate) fn rows_mut(&mut self, collection: Collection) -> &mut Vec<Value> {
        match collection {
            Collection::Contacts => &mut self.contacts,
            Collection::Invoices => &mut self.invoices,
            Collection::CreditNotes => &mut self.credit_notes,
            Collection::Prepayments => &mut self.prepayments,
            Collection::Overpayments => &mut self.overpayments,
            Collection::Payments => &mut self.payments,
        }
    }

    /// A row by its id or number.
    pub(crate) fn row(&self, collection: Collection, name: &str) -> Option<&Value> {
        self.rows(collection).iter().find(|row| collection.is_named(row, name))
    }

    pub(crate) fn row_mut(&mut self, collection: Collection, name: &str) -> Option<&mut Value> {
        self.rows_mut(collection).iter_mut().find(|row| collection.is_named(row, name))
    }
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
            seed,
            today,
            malformed_rows: true,
            limits: Limits::default(),
            traffic: Traffic::default(),
            webhooks: Webhooks::default(),
            cap: ConnectionCap::default(),
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
