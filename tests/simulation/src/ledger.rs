//! A ledger in memory: true at every instant, unreliable in answering.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use jiff::{SignedDuration, ToSpan, civil::Date};
use numo_app::port::{
    clock::Clock,
    ledger::{
        Granted, GrantedTenant, LedgerAccess, LedgerAuth, LedgerContact, LedgerError, LedgerInvoice,
        LedgerOrganisation, LedgerPage, LedgerReader, PageRequest,
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
    tenants: BTreeMap<LedgerTenantId, Books>,
    /// How often each tenant's tokens were renewed.
    generations: BTreeMap<LedgerTenantId, u64>,
    calls: u64,
}

/// One organisation's books.
#[derive(Debug, Clone, Default)]
pub struct Books {
    /// Customers.
    pub contacts: Vec<LedgerContact>,
    /// Sales invoices.
    pub invoices: Vec<LedgerInvoice>,
}

impl SimLedger {
    /// Ledgers without organisations.
    pub fn new(clock: Arc<dyn Clock>, seed: Seed) -> Self {
        let state = State { seed, failing: 0, tenants: BTreeMap::new(), generations: BTreeMap::new(), calls: 0 };
        Self { clock, state: Mutex::new(state) }
    }

    /// Opens the books of an organisation.
    pub fn open(&self, tenant: LedgerTenantId, books: Books) {
        self.state.lock().unwrap().tenants.insert(tenant, books);
    }

    /// How often calls fail from now on, in thousandths.
    pub fn fail(&self, per_mille: u64) {
        self.state.lock().unwrap().failing = per_mille;
    }

    /// Calls of the reader so far.
    pub fn calls(&self) -> u64 {
        self.state.lock().unwrap().calls
    }

    /// Changes one invoice; the ledger notes the time.
    pub fn change(&self, tenant: &LedgerTenantId, invoice: &ExternalId, change: impl FnOnce(&mut LedgerInvoice)) {
        let now = self.clock.now();
        let mut state = self.state.lock().unwrap();
        let books = state.tenants.get_mut(tenant).unwrap();
        let invoice = books.invoices.iter_mut().find(|known| known.id == *invoice).unwrap();
        change(invoice);
        invoice.updated_at = now;
    }

    /// Pays an invoice in full.
    pub fn pay(&self, tenant: &LedgerTenantId, invoice: &ExternalId) {
        self.change(tenant, invoice, |invoice| {
            invoice.status = InvoiceStatus::Paid;
            invoice.remaining.minor = 0;
        });
    }

    /// What is left of an invoice, in truth.
    pub fn remaining(&self, tenant: &LedgerTenantId, invoice: &ExternalId) -> Option<Money> {
        let state = self.state.lock().unwrap();
        let invoice = state.tenants.get(tenant)?.invoices.iter().find(|known| known.id == *invoice)?;
        (invoice.status == InvoiceStatus::Open).then_some(invoice.remaining)
    }

    /// Open invoices, in truth.
    pub fn open_invoices(&self, tenant: &LedgerTenantId) -> Vec<ExternalId> {
        let state = self.state.lock().unwrap();
        let books = state.tenants.get(tenant).unwrap();
        books.invoices.iter().filter(|i| i.status == InvoiceStatus::Open).map(|i| i.id.clone()).collect()
    }

    /// How often the tokens of an organisation were renewed.
    pub fn renewals(&self, tenant: &LedgerTenantId) -> u64 {
        self.state.lock().unwrap().generations[tenant] - 1
    }

    fn answer(&self, access: &LedgerAccess) -> Result<Books, LedgerError> {
        let mut state = self.state.lock().unwrap();
        state.calls += 1;
        let failing = state.failing;
        if state.seed.happens(failing) {
            return Err(match state.seed.next() % 2 {
                0 => LedgerError::RateLimited { retry_after: Some(SignedDuration::from_secs(90)) },
                _ => LedgerError::Unavailable("the ledger was told to fail".into()),
            });
        }
        let opens = format!("access-{}-", access.tenant);
        if !access.token.expose_secret().starts_with(&opens) {
            return Err(LedgerError::TenantGone);
        }
        Ok(state.tenants.get(&access.tenant).unwrap().clone())
    }

    fn tokens(&self, tenant: &LedgerTenantId, generation: u64) -> TokenSet {
        TokenSet {
            access: format!("access-{tenant}-{generation}").into(),
            access_expires_at: self.clock.now().checked_add(SignedDuration::from_mins(30)).ok(),
            refresh: Some(format!("{tenant} {generation}").into()),
            scope: String::new(),
        }
    }

    fn page<T: Clone>(&self, rows: Vec<T>, page: u32, changed: impl Fn(&T) -> bool) -> LedgerPage<T> {
        let start = PAGE * (usize::try_from(page).unwrap() - 1);
        let wanted: Vec<T> = rows.into_iter().filter(changed).collect();
        let has_more = wanted.len() > start + PAGE;
        let records = wanted.into_iter().skip(start).take(PAGE).collect();
        LedgerPage { records, skipped: Vec::new(), has_more, read_at: self.clock.now() }
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

    async fn contacts(
        &self,
        access: &LedgerAccess,
        request: &PageRequest,
    ) -> Result<LedgerPage<LedgerContact>, LedgerError> {
        let books = self.answer(access)?;
        Ok(self.page(books.contacts, request.page, |row| {
            request.modified_since.is_none_or(|since| row.updated_at >= since)
        }))
    }

    async fn invoices(
        &self,
        access: &LedgerAccess,
        request: &PageRequest,
    ) -> Result<LedgerPage<LedgerInvoice>, LedgerError> {
        let books = self.answer(access)?;
        Ok(self.page(books.invoices, request.page, |row| {
            request.modified_since.is_none_or(|since| row.updated_at >= since)
        }))
    }

    async fn open_invoices_of(
        &self,
        access: &LedgerAccess,
        contacts: &[ExternalId],
    ) -> Result<LedgerPage<LedgerInvoice>, LedgerError> {
        let books = self.answer(access)?;
        let is_asked =
            |invoice: &LedgerInvoice| contacts.contains(&invoice.contact) && invoice.status == InvoiceStatus::Open;
        let records = books.invoices.into_iter().filter(is_asked).collect();
        Ok(LedgerPage { records, skipped: Vec::new(), has_more: false, read_at: self.clock.now() })
    }
}

#[async_trait]
impl LedgerAuth for SimLedger {
    fn authorise_url(&self, _redirect_uri: &str, state: &str, _challenge: &str) -> String {
        state.to_owned()
    }

    async fn exchange(
        &self,
        code: &SecretString,
        _verifier: &str,
        _redirect_uri: &str,
    ) -> Result<Granted, LedgerError> {
        let tenant: LedgerTenantId = code.expose_secret().parse().unwrap();
        self.state.lock().unwrap().generations.insert(tenant.clone(), 1);
        let link = GrantedTenant {
            tenant: tenant.clone(),
            provider_connection: "link".parse().unwrap(),
            name: tenant.to_string(),
        };
        Ok(Granted { holder: tenant.as_str().parse().unwrap(), tokens: self.tokens(&tenant, 1), tenants: vec![link] })
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
        updated_at: clock.now(),
    }
}
