use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::intuit::company::Company;
use crate::intuit::data;
use crate::intuit::meter::Meter;
use crate::intuit::settings::Settings;
use crate::intuit::tokens::Tokens;
use crate::intuit::webhook::Hooks;

/// Everything the simulated Intuit holds.
pub(crate) struct IntuitState {
    pub(crate) companies: Vec<Company>,
    pub(crate) users: Vec<User>,
    pub(crate) tokens: Tokens,
    pub(crate) settings: Settings,
    /// Calls by realm.
    pub(crate) meters: BTreeMap<String, Meter>,
    pub(crate) hooks: Hooks,
}

/// A person who signs in to QuickBooks.
#[derive(Debug, Clone)]
pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) email: &'static str,
    /// Keys of the companies that the person may connect.
    pub(crate) companies: Vec<String>,
}

impl IntuitState {
    pub(crate) fn new(seed: u64, today: Date) -> Self {
        Self {
            companies: vec![
                data::demo::company(seed, today),
                data::small::joinery(seed, today),
                data::small::sandbox(seed, today),
            ],
            users: data::users(),
            tokens: Tokens::default(),
            settings: Settings::default(),
            meters: BTreeMap::new(),
            hooks: Hooks::default(),
        }
    }

    /// A company by its realm id or by its short key.
    pub(crate) fn company(&self, realm_or_key: &str) -> Option<&Company> {
        self.companies.iter().find(|company| company.is(realm_or_key))
    }

    pub(crate) fn company_mut(&mut self, realm_or_key: &str) -> Option<&mut Company> {
        self.companies.iter_mut().find(|company| company.is(realm_or_key))
    }

    pub(crate) fn user(&self, email: &str) -> Option<&User> {
        self.users.iter().find(|user| user.email == email)
    }
}
