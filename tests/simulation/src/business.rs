//! One business of the world: its organisation, its books and what its people have done.

use std::collections::BTreeMap;

use jiff::Timestamp;
use numo_domain::{
    connection::LedgerProvider,
    id::{ExternalId, LedgerTenantId, OrgId, PhoneNumberId, TestMessageId, UserId},
};

/// Names that belong together.
#[derive(Debug, Clone)]
pub struct Business {
    /// The tenant of Numo.
    pub org: OrgId,
    /// Its admin.
    pub admin: UserId,
    /// The admin's own number.
    pub admin_number: String,
    /// What the admin tested on that number.
    pub tests: Vec<TestMessageId>,
    /// The accounting system that keeps its books.
    pub provider: LedgerProvider,
    /// Its books.
    pub tenant: LedgerTenantId,
    /// Its sending number.
    pub phone: PhoneNumberId,
    /// A second legal entity in the same organisation, with its own books and number.
    pub second: Option<(LedgerTenantId, PhoneNumberId)>,
    /// Customers' numbers by the ledger's contact id.
    pub numbers: BTreeMap<ExternalId, String>,
    /// When a STOP of a number was stored.
    pub stopped: BTreeMap<String, Timestamp>,
    /// When a number's last STOP or START was written.
    pub said_at: BTreeMap<String, Timestamp>,
    /// The latest correction of a customer's number.
    pub corrected: BTreeMap<ExternalId, Corrected>,
    /// How many there were of each customer's.
    pub corrections: BTreeMap<ExternalId, usize>,
    /// How often a customer's number was tried again.
    pub tried_again: BTreeMap<ExternalId, usize>,
    /// Whether its people paused everything.
    pub paused: bool,
}

/// A number of a customer that took the place of the first one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Corrected {
    /// Typed by an admin, with the ledger's still there.
    Typed(String),
    /// Changed in the ledger.
    InLedger(String),
}

impl Corrected {
    /// Where messages go from then on.
    pub fn number(&self) -> &str {
        match self {
            Self::Typed(number) | Self::InLedger(number) => number,
        }
    }
}

impl Business {
    /// The books of all its entities.
    pub fn tenants(&self) -> impl Iterator<Item = &LedgerTenantId> {
        [&self.tenant].into_iter().chain(self.second.as_ref().map(|(tenant, _)| tenant))
    }

    /// The n-th business; its customers' numbers are nobody else's.
    pub fn numbered(n: u32, customers: u32) -> Self {
        // There are 50 businesses, by the ranges of mobile numbers.
        let (range, place) = (["50", "52", "54", "56", "58"][usize::try_from(n / 10).unwrap()], n % 10);
        let number = |customer: u32| format!("+971{range}{place}{customer:06}");
        Self {
            org: format!("org_{n}").parse().unwrap(),
            admin: format!("user_{n}").parse().unwrap(),
            admin_number: format!("+97155{place}{:06}", n / 10),
            tests: Vec::new(),
            provider: if n.is_multiple_of(2) { LedgerProvider::Quickbooks } else { LedgerProvider::Xero },
            tenant: format!("tenant-{n}").parse().unwrap(),
            phone: format!("phone-{n}").parse().unwrap(),
            second: None,
            numbers: (0..customers).map(|c| (format!("c{c}").parse().unwrap(), number(c))).collect(),
            stopped: BTreeMap::new(),
            said_at: BTreeMap::new(),
            corrected: BTreeMap::new(),
            corrections: BTreeMap::new(),
            tried_again: BTreeMap::new(),
            paused: false,
        }
    }
}
