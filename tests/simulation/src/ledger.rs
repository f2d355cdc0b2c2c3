//! A ledger in memory: true at every instant, unreliable in answering.

mod bookkeeping;
mod documents;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date};
use numo_app::port::{
    clock::Clock,
    ledger::{
        LedgerAccess, LedgerError, Limit, PerLedger,
        auth::{ConsentAnswer, Granted, GrantedTenant, LedgerAuth},
        check::{CheckLimits, Checked, LedgerCheck, Unreadable},
        reader::{Batch, LedgerList, LedgerReader, Place, Pull},
        record::{DeletedRecord, LedgerContact, LedgerInvoice, LedgerOrganisation, LedgerPayment},
    },
};
use numo_domain::{
    credential::TokenSet,
    id::{ExternalId, LedgerTenantId},
    invoice::{InvoiceStatus, Marked},
    money::Money,
};
use numo_testkit::seed::Seed;
use secrecy::{ExposeSecret, SecretString};

/// Rows per page: small, so that several pages happen.
const PAGE: usize = 7;

/// All ledgers of the world.
#[expect(missing_debug_implementations, reason = "nobody prints it")]
pub struct SimLedger {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

struct State {
    seed: Seed,
    /// How often a call fails, in thousandths.
    failing: u64,
    tenants: BTreeMap<LedgerTenantId, Arc<Books>>,
    /// How often each tenant's tokens were renewed.
    generations: BTreeMap<LedgerTenantId, u64>,
    calls: u64,
    /// What happens while an invoice is printed.
    while_printing: Option<documents::WhilePrinting>,
    /// When each fresh read was made, and with how many calls.
    checks: Vec<(Timestamp, usize)>,
}

/// One organisation's books.
#[derive(Debug, Clone, Default)]
pub struct Books {
    /// Customers.
    pub contacts: Vec<LedgerContact>,
    /// Sales invoices.
    pub invoices: Vec<LedgerInvoice>,
    /// Payments by customers.
    pub payments: Vec<LedgerPayment>,
    /// Invoices that vanished and are told as changes alone, as QuickBooks does it.
    pub deleted: Vec<DeletedRecord>,
}

impl SimLedger {
    /// Ledgers without organisations.
    pub fn new(clock: Arc<dyn Clock>, seed: Seed) -> Self {
        let state = State {
            seed,
            failing: 0,
            tenants: BTreeMap::new(),
            generations: BTreeMap::new(),
            calls: 0,
            while_printing: None,
            checks: Vec::new(),
        };
        Self { clock, state: Mutex::new(state) }
    }

    /// Opens the books of an organisation.
    pub fn open(&self, tenant: LedgerTenantId, books: Books) {
        self.state.lock().unwrap().tenants.insert(tenant, Arc::new(books));
    }

    /// How often calls fail from now on, in thousandths.
    pub fn fail(&self, per_mille: u64) {
        self.state.lock().unwrap().failing = per_mille;
    }

    /// Calls of the reader so far.
    pub fn calls(&self) -> u64 {
        self.state.lock().unwrap().calls
    }

    /// When each fresh read before a send was made, and with how many calls.
    pub fn checks_made(&self) -> Vec<(Timestamp, usize)> {
        self.state.lock().unwrap().checks.clone()
    }

    /// Both providers' consents and tokens.
    pub fn auth(self: &Arc<Self>) -> PerLedger<dyn LedgerAuth> {
        PerLedger { xero: self.clone(), quickbooks: self.clone() }
    }

    /// Both providers' readers.
    pub fn readers(self: &Arc<Self>) -> PerLedger<dyn LedgerReader> {
        PerLedger { xero: self.clone(), quickbooks: self.clone() }
    }

    /// Both providers' checks.
    pub fn checks(self: &Arc<Self>) -> PerLedger<dyn LedgerCheck> {
        let check = |n_calls, contacts| Arc::new(SimCheck { ledger: self.clone(), n_calls, contacts });
        PerLedger { xero: check(5, 40), quickbooks: check(1, 160) }
    }

    /// How often the tokens of an organisation were renewed.
    pub fn renewals(&self, tenant: &LedgerTenantId) -> u64 {
        self.state.lock().unwrap().generations[tenant] - 1
    }

    fn answer(&self, access: &LedgerAccess) -> Result<Arc<Books>, LedgerError> {
        let mut state = self.state.lock().unwrap();
        state.calls += 1;
        let failing = state.failing;
        if state.seed.happens(failing) {
            return Err(match state.seed.next() % 4 {
                0 => {
                    LedgerError::RateLimited { limit: Limit::Minute, retry_after: Some(SignedDuration::from_secs(90)) }
                }
                1 => LedgerError::TokenRefused,
                2 => LedgerError::TenantRefused,
                _ => LedgerError::Unavailable("the ledger was told to fail".into()),
            });
        }
        let opens = format!("access-{}-", access.tenant);
        if !access.token.expose_secret().starts_with(&opens) {
            return Err(LedgerError::TenantRefused);
        }
        state.tenants.get(&access.tenant).cloned().ok_or(LedgerError::TenantRefused)
    }

    fn tokens(&self, tenant: &LedgerTenantId, generation: u64) -> TokenSet {
        TokenSet {
            access: format!("access-{tenant}-{generation}").into(),
            access_expires_at: self.clock.now().checked_add(SignedDuration::from_mins(30)).ok(),
            refresh: Some(format!("{tenant} {generation}").into()),
            scope: String::new(),
            consent_ends_at: None,
        }
    }

    fn page(&self, books: &Books, pull: &Pull, place: &Place) -> Batch {
        let is_changed = |updated_at: Timestamp| match pull {
            Pull::Changes { since } => updated_at >= *since,
            Pull::Everything { .. } | Pull::Open => true,
        };
        let is_wanted = |invoice: &LedgerInvoice| match pull {
            Pull::Open => invoice.status == InvoiceStatus::Open,
            Pull::Everything { .. } | Pull::Changes { .. } => is_changed(invoice.updated_at),
        };
        let start = PAGE * (usize::try_from(place.page).unwrap() - 1);
        let mut batch = Batch::empty(self.clock.now());
        let n_rows = if place.list == LedgerList::Contacts {
            let wanted: Vec<&LedgerContact> =
                books.contacts.iter().filter(|contact| is_changed(contact.updated_at)).collect();
            let n_rows = wanted.len();
            batch.contacts = wanted.into_iter().skip(start).take(PAGE).cloned().collect();
            n_rows
        } else {
            let wanted: Vec<&LedgerInvoice> = books.invoices.iter().filter(|invoice| is_wanted(invoice)).collect();
            let n_rows = wanted.len();
            batch.invoices = wanted.into_iter().skip(start).take(PAGE).cloned().collect();
            let is_first_page = place.page == 1;
            if is_first_page && !matches!(pull, Pull::Open) {
                batch.payments = books.payments.iter().filter(|paid| is_changed(paid.updated_at)).cloned().collect();
            }
            if matches!(pull, Pull::Changes { .. }) {
                batch.deleted = books.deleted.iter().filter(|gone| is_changed(gone.updated_at)).cloned().collect();
            }
            n_rows
        };
        batch.next = if n_rows > start + PAGE {
            Some(Place { page: place.page + 1, ..place.clone() })
        } else {
            (place.list == LedgerList::Contacts).then(|| Place::first(LedgerList::Invoices))
        };
        batch
    }
}

#[async_trait]
impl LedgerReader for SimLedger {
    async fn organisation(&self, access: &LedgerAccess) -> Result<LedgerOrganisation, LedgerError> {
        self.answer(access)?;
        Ok(LedgerOrganisation {
            name: format!("Business {}", access.tenant),
            zone: "Asia/Dubai".parse().ok(),
            country: "AE".parse().ok(),
            base_currency: "AED".parse().ok(),
            is_demo_company: false,
        })
    }

    async fn own_reminders(&self, access: &LedgerAccess) -> Result<Option<bool>, LedgerError> {
        self.answer(access)?;
        Ok(Some(false))
    }

    fn remembers_changes_for(&self) -> Option<SignedDuration> {
        Some(SignedDuration::from_hours(24 * 29))
    }

    fn begin(&self, pull: &Pull) -> Place {
        Place::first(match pull {
            Pull::Everything { .. } | Pull::Changes { .. } => LedgerList::Contacts,
            Pull::Open => LedgerList::Invoices,
        })
    }

    async fn batch(&self, access: &LedgerAccess, pull: &Pull, place: &Place) -> Result<Batch, LedgerError> {
        let books = self.answer(access)?;
        Ok(self.page(&books, pull, place))
    }

    async fn invoices_by_id(&self, access: &LedgerAccess, ids: &[ExternalId]) -> Result<Batch, LedgerError> {
        let books = self.answer(access)?;
        let invoices = books.invoices.iter().filter(|invoice| ids.contains(&invoice.id)).cloned().collect();
        Ok(Batch { invoices, ..Batch::empty(self.clock.now()) })
    }
}

/// The fresh read of one provider.
struct SimCheck {
    ledger: Arc<SimLedger>,
    n_calls: usize,
    contacts: usize,
}

#[async_trait]
impl LedgerCheck for SimCheck {
    fn limits(&self) -> CheckLimits {
        CheckLimits { contacts: self.contacts, calls_per_minute: 50 }
    }

    async fn check(&self, access: &LedgerAccess, contacts: &[ExternalId]) -> Result<Checked, LedgerError> {
        assert!(contacts.len() <= self.contacts, "a check for {} contacts", contacts.len());
        let contacts: BTreeSet<&ExternalId> = contacts.iter().collect();
        let books = self.ledger.answer(access)?;
        // The answer of the whole counts as the first of its calls.
        let mut state = self.ledger.state.lock().unwrap();
        state.calls += u64::try_from(self.n_calls).unwrap() - 1;
        state.checks.push((self.ledger.clock.now(), self.n_calls));
        drop(state);
        let is_asked =
            |invoice: &LedgerInvoice| contacts.contains(&invoice.contact) && invoice.status == InvoiceStatus::Open;
        Ok(Checked {
            contacts: books.contacts.iter().filter(|contact| contacts.contains(&contact.id)).cloned().collect(),
            invoices: books.invoices.iter().filter(|invoice| is_asked(invoice)).cloned().collect(),
            credits: Vec::new(),
            bills: Vec::new(),
            unreadable: Unreadable::Of(Vec::new()),
            read_at: self.ledger.clock.now(),
            request_ids: (0..self.n_calls).map(|n| format!("request-{n}")).collect(),
        })
    }
}

#[async_trait]
impl LedgerAuth for SimLedger {
    async fn authorise_url(&self, _redirect_uri: &str, state: &str, _challenge: &str) -> Result<String, LedgerError> {
        Ok(state.to_owned())
    }

    async fn exchange(&self, answer: &ConsentAnswer, _redirect_uri: &str) -> Result<Granted, LedgerError> {
        let tenant: LedgerTenantId = answer.code.expose_secret().parse().unwrap();
        self.state.lock().unwrap().generations.insert(tenant.clone(), 1);
        let link = GrantedTenant {
            tenant: tenant.clone(),
            provider_connection: "link".parse().unwrap(),
            name: tenant.to_string(),
        };
        Ok(Granted { holder: tenant.as_str().parse().unwrap(), tokens: self.tokens(&tenant, 1), tenants: vec![link] })
    }

    async fn is_open(&self, access: &SecretString, tenant: &LedgerTenantId) -> Result<bool, LedgerError> {
        Ok(access.expose_secret().starts_with(&format!("access-{tenant}-")))
    }

    async fn disconnect(&self, _tokens: &TokenSet, link: &GrantedTenant) -> Result<(), LedgerError> {
        self.state.lock().unwrap().tenants.remove(&link.tenant);
        Ok(())
    }

    /// The newest refresh token and its predecessor work, as in a grace period.
    async fn refresh(&self, tokens: &TokenSet) -> Result<TokenSet, LedgerError> {
        let refresh = tokens.refresh.as_ref().unwrap().expose_secret();
        let (tenant, generation) = refresh.split_once(' ').unwrap();
        let (tenant, generation): (LedgerTenantId, u64) = (tenant.parse().unwrap(), generation.parse().unwrap());
        let next = {
            let mut state = self.state.lock().unwrap();
            let failing = state.failing;
            if state.seed.happens(failing) {
                return Err(LedgerError::Unavailable("the token endpoint was told to fail".into()));
            }
            let newest = state.generations[&tenant];
            if generation + 1 < newest {
                return Err(LedgerError::ReauthRequired);
            }
            let next = newest + 1;
            // Renewed from the newest one only: the predecessor repeats the last answer.
            if generation == newest {
                state.generations.insert(tenant.clone(), next);
                next
            } else {
                newest
            }
        };
        Ok(self.tokens(&tenant, next))
    }
}

/// An open invoice of round shape.
pub fn open_invoice(id: &str, contact: &str, due: Date, minor: i64, clock: &dyn Clock) -> LedgerInvoice {
    let amount = Money::new(minor, "AED".parse().unwrap());
    LedgerInvoice {
        id: id.parse().unwrap(),
        contact: contact.parse().unwrap(),
        number: format!("INV-{id}"),
        status: InvoiceStatus::Open,
        issued: Some(due.saturating_sub(30.days())),
        due: Some(due),
        total: amount,
        remaining: amount,
        marked: Marked::Unknown,
        expected_payment: None,
        paid: None,
        updated_at: clock.now(),
    }
}
