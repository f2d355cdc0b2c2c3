//! A ledger in memory: it answers from what it holds, as told, and remembers what it was asked.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard},
};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use numo_app::port::ledger::{
    LedgerAccess, LedgerError, PerLedger,
    auth::{ConsentAnswer, Granted, GrantedTenant, LedgerAuth},
    check::{CheckLimits, Checked, LedgerCheck, Unreadable},
    documents::{LedgerDocuments, PayLink},
    reader::{Batch, LedgerList, LedgerReader, Place, Pull, Room},
    record::{
        DeletedRecord, LedgerBill, LedgerContact, LedgerCredit, LedgerInvoice, LedgerOrganisation, LedgerPayment,
        SkippedRow,
    },
};
use numo_domain::{
    credential::TokenSet,
    id::{ExternalId, LedgerTenantId},
    invoice::InvoiceStatus,
};
use secrecy::{ExposeSecret as _, SecretString};

use crate::lock::lock;

/// One ledger organisation, and the provider that guards it.
#[derive(Debug)]
pub struct MemoryLedger(Mutex<Held>);

/// What it holds and what it will answer.
#[derive(Debug)]
pub struct Held {
    /// The organisation itself.
    pub organisation: LedgerOrganisation,
    /// Customers.
    pub contacts: Vec<LedgerContact>,
    /// Sales invoices.
    pub invoices: Vec<LedgerInvoice>,
    /// Money that no invoice took up.
    pub credits: Vec<LedgerCredit>,
    /// Bills.
    pub bills: Vec<LedgerBill>,
    /// Payments.
    pub payments: Vec<LedgerPayment>,
    /// Records that changes tell as gone.
    pub deleted: Vec<DeletedRecord>,
    /// Rows that cannot be read.
    pub skipped: Vec<SkippedRow>,
    /// What it says of its limits.
    pub room: Room,
    /// Rows of each kind in a batch.
    pub rows_per_page: usize,
    /// Its clock.
    pub read_at: Timestamp,
    /// Whether changes may miss deletions.
    pub may_miss_deletions: bool,
    /// How far back it tells changes.
    pub remembers_for: Option<SignedDuration>,
    /// Whether it sends reminders of its own.
    pub own_reminders: Option<bool>,
    /// Whether its token still opens it.
    pub is_open: bool,
    /// The next calls fail with these, but for tokens and consents.
    pub refusals: VecDeque<LedgerError>,
    /// Answers of the token endpoint; without one it is unavailable.
    pub refreshes: VecDeque<Result<TokenSet, LedgerError>>,
    /// Answers to codes; without one they are refused.
    pub grants: VecDeque<Result<Granted, LedgerError>>,
    /// Answers to ended links; without one the link is ended.
    pub disconnects: VecDeque<LedgerError>,
    /// Pay pages by invoice.
    pub pay_links: BTreeMap<ExternalId, PayLink>,
    /// Everything it was asked.
    pub asked: Vec<String>,
}

impl Default for MemoryLedger {
    fn default() -> Self {
        Self(Mutex::new(Held {
            organisation: LedgerOrganisation {
                name: "Palm Trading".to_owned(),
                zone: None,
                country: None,
                base_currency: None,
                is_demo_company: false,
            },
            contacts: Vec::new(),
            invoices: Vec::new(),
            credits: Vec::new(),
            bills: Vec::new(),
            payments: Vec::new(),
            deleted: Vec::new(),
            skipped: Vec::new(),
            room: Room::default(),
            rows_per_page: 100,
            read_at: Timestamp::UNIX_EPOCH,
            may_miss_deletions: false,
            remembers_for: None,
            own_reminders: None,
            is_open: true,
            refusals: VecDeque::new(),
            refreshes: VecDeque::new(),
            grants: VecDeque::new(),
            disconnects: VecDeque::new(),
            pay_links: BTreeMap::new(),
            asked: Vec::new(),
        }))
    }
}

impl MemoryLedger {
    /// An empty ledger.
    pub fn new() -> Arc<Self> {
        Arc::new(Self::default())
    }

    /// What it holds, to look at and to change.
    pub fn held(&self) -> MutexGuard<'_, Held> {
        lock(&self.0)
    }

    /// Everything it was asked since the last time.
    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.held().asked)
    }

    /// The same ledger behind both providers' consents and tokens.
    pub fn auth(self: &Arc<Self>) -> PerLedger<dyn LedgerAuth> {
        PerLedger { xero: self.clone(), quickbooks: self.clone() }
    }

    /// The same ledger behind both providers' readers.
    pub fn readers(self: &Arc<Self>) -> PerLedger<dyn LedgerReader> {
        PerLedger { xero: self.clone(), quickbooks: self.clone() }
    }

    /// The same ledger behind both providers' checks.
    pub fn checks(self: &Arc<Self>) -> PerLedger<dyn LedgerCheck> {
        PerLedger { xero: self.clone(), quickbooks: self.clone() }
    }

    /// The same ledger behind both providers' documents.
    pub fn documents(self: &Arc<Self>) -> PerLedger<dyn LedgerDocuments> {
        PerLedger { xero: self.clone(), quickbooks: self.clone() }
    }

    fn call(&self, what: String) -> Result<MutexGuard<'_, Held>, LedgerError> {
        let mut held = self.held();
        held.asked.push(what);
        match held.refusals.pop_front() {
            Some(refusal) => Err(refusal),
            None => Ok(held),
        }
    }
}

#[async_trait]
impl LedgerAuth for MemoryLedger {
    async fn authorise_url(&self, redirect_uri: &str, state: &str, challenge: &str) -> Result<String, LedgerError> {
        Ok(format!("https://login.example/?redirect_uri={redirect_uri}&state={state}&challenge={challenge}"))
    }

    async fn exchange(&self, answer: &ConsentAnswer, redirect_uri: &str) -> Result<Granted, LedgerError> {
        let mut held = self.held();
        let realm = answer.realm.as_ref().map(|realm| format!(" of {realm}")).unwrap_or_default();
        held.asked.push(format!("exchange {}{realm} at {redirect_uri}", answer.code.expose_secret()));
        held.grants.pop_front().unwrap_or(Err(LedgerError::Rejected(400)))
    }

    async fn refresh(&self, tokens: &TokenSet) -> Result<TokenSet, LedgerError> {
        let mut held = self.held();
        let refresh = tokens.refresh.as_ref().map(|refresh| refresh.expose_secret()).unwrap_or_default().to_owned();
        held.asked.push(format!("refresh {refresh}"));
        held.refreshes.pop_front().unwrap_or(Err(LedgerError::Unavailable("nothing planned".into())))
    }

    async fn is_open(&self, _: &SecretString, tenant: &LedgerTenantId) -> Result<bool, LedgerError> {
        Ok(self.call(format!("is_open {tenant}"))?.is_open)
    }

    async fn disconnect(&self, _: &TokenSet, link: &GrantedTenant) -> Result<(), LedgerError> {
        let mut held = self.held();
        held.asked.push(format!("disconnect {}", link.provider_connection));
        held.disconnects.pop_front().map_or(Ok(()), Err)
    }
}

#[async_trait]
impl LedgerReader for MemoryLedger {
    async fn organisation(&self, _: &LedgerAccess) -> Result<LedgerOrganisation, LedgerError> {
        Ok(self.call("organisation".to_owned())?.organisation.clone())
    }

    async fn own_reminders(&self, _: &LedgerAccess) -> Result<Option<bool>, LedgerError> {
        Ok(self.call("own_reminders".to_owned())?.own_reminders)
    }

    fn remembers_changes_for(&self) -> Option<SignedDuration> {
        self.held().remembers_for
    }

    fn begin(&self, _: &Pull) -> Place {
        Place::first(LedgerList::AllChanges)
    }

    async fn batch(&self, access: &LedgerAccess, pull: &Pull, place: &Place) -> Result<Batch, LedgerError> {
        let kind = match pull {
            Pull::Everything { dated_since } => format!("everything since {dated_since}"),
            Pull::Changes { since } => format!("changes since {since}"),
            Pull::Open => "open".to_owned(),
        };
        let token = access.token.expose_secret();
        let held = self.call(format!("{kind}, page {}, with {token}", place.page))?;
        Ok(held.page(pull, place))
    }

    async fn invoices_by_id(&self, _: &LedgerAccess, ids: &[ExternalId]) -> Result<Batch, LedgerError> {
        let held = self.call(format!("invoices {}", listed(ids)))?;
        let invoices = held.invoices.iter().filter(|invoice| ids.contains(&invoice.id)).cloned().collect();
        Ok(Batch { invoices, room: held.room, ..Batch::empty(held.read_at) })
    }
}

impl Held {
    fn page(&self, pull: &Pull, place: &Place) -> Batch {
        let is_first = place.page == 1;
        let is_wanted = |updated_at: Timestamp, is_open: bool| match pull {
            Pull::Everything { .. } => true,
            Pull::Changes { since } => updated_at >= *since,
            Pull::Open => is_open,
        };
        let page = usize::try_from(place.page).unwrap_or(usize::MAX);
        let before = self.rows_per_page.saturating_mul(page - 1);
        let invoices: Vec<LedgerInvoice> =
            self.invoices.iter().filter(|invoice| is_wanted(invoice.updated_at, is_open(invoice))).cloned().collect();
        let has_more = invoices.len() > before + self.rows_per_page;
        let contacts = self.contacts.iter().filter(|contact| is_wanted(contact.updated_at, false));
        let credits = self.credits.iter().filter(|credit| is_wanted(credit.updated_at, credit.remaining.is_positive()));
        let bills = self.bills.iter().filter(|bill| is_wanted(bill.updated_at, bill.remaining.is_positive()));
        let payments = self.payments.iter().filter(|payment| is_wanted(payment.updated_at, false));
        let is_told = is_first && matches!(pull, Pull::Changes { .. });
        Batch {
            contacts: contacts.filter(|_| is_first).cloned().collect(),
            invoices: invoices.into_iter().skip(before).take(self.rows_per_page).collect(),
            credits: credits.filter(|_| is_first).cloned().collect(),
            bills: bills.filter(|_| is_first).cloned().collect(),
            payments: payments.filter(|_| is_first).cloned().collect(),
            deleted: self.deleted.iter().filter(|_| is_told).cloned().collect(),
            skipped: self.skipped.iter().filter(|_| is_first).cloned().collect(),
            may_miss_deletions: self.may_miss_deletions,
            room: self.room,
            next: has_more.then(|| Place { page: place.page + 1, ..place.clone() }),
            ..Batch::empty(self.read_at)
        }
    }
}

#[async_trait]
impl LedgerCheck for MemoryLedger {
    fn limits(&self) -> CheckLimits {
        CheckLimits { contacts: 40, calls_per_minute: 50 }
    }

    async fn check(&self, _: &LedgerAccess, contacts: &[ExternalId]) -> Result<Checked, LedgerError> {
        let held = self.call(format!("check {}", listed(contacts)))?;
        let mut unreadable = Unreadable::Of(Vec::new());
        for row in &held.skipped {
            unreadable.add(row.contact.clone());
        }
        let is_asked = |contact: &ExternalId| contacts.contains(contact);
        Ok(Checked {
            contacts: held.contacts.iter().filter(|contact| is_asked(&contact.id)).cloned().collect(),
            invoices: held
                .invoices
                .iter()
                .filter(|invoice| is_asked(&invoice.contact) && is_open(invoice))
                .cloned()
                .collect(),
            credits: held
                .credits
                .iter()
                .filter(|credit| is_asked(&credit.contact) && credit.remaining.is_positive())
                .cloned()
                .collect(),
            bills: held
                .bills
                .iter()
                .filter(|bill| is_asked(&bill.contact) && bill.remaining.is_positive())
                .cloned()
                .collect(),
            unreadable,
            read_at: held.read_at,
            request_ids: vec!["request-1".to_owned()],
        })
    }
}

#[async_trait]
impl LedgerDocuments for MemoryLedger {
    async fn pay_link(&self, _: &LedgerAccess, invoice: &ExternalId) -> Result<Option<PayLink>, LedgerError> {
        Ok(self.call(format!("pay_link {invoice}"))?.pay_links.get(invoice).cloned())
    }

    async fn pdf(&self, _: &LedgerAccess, invoice: &ExternalId) -> Result<Vec<u8>, LedgerError> {
        drop(self.call(format!("pdf {invoice}"))?);
        Ok(format!("%PDF-1.4 {invoice}").into_bytes())
    }
}

fn is_open(invoice: &LedgerInvoice) -> bool {
    invoice.status == InvoiceStatus::Open && invoice.remaining.is_positive()
}

fn listed(ids: &[ExternalId]) -> String {
    ids.iter().map(ExternalId::as_str).collect::<Vec<_>>().join(",")
}
