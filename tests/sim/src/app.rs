use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::civil::Date;
use tokio::sync::Notify;

use crate::clerk::state::ClerkState;
use crate::clock::Clock;
use crate::error::SimError;
use crate::faults::Fault;
use crate::intuit::state::IntuitState;
use crate::keys::SigningKey;
use crate::meta::state::MetaState;
use crate::outbound::Sent;
use crate::random::Random;
use crate::sim::Options;
use crate::xero::state::XeroState;

/// The simulator's state, shared by all handlers.
pub(crate) type App = Arc<Inner>;

pub(crate) struct Inner {
    pub(crate) base_url: String,
    pub(crate) clock: Clock,
    pub(crate) key: Arc<SigningKey>,
    pub(crate) client: reqwest::Client,
    /// Wakes the courier of Meta's webhooks.
    pub(crate) wake: Notify,
    /// Wakes the courier of Intuit's webhooks.
    pub(crate) wake_intuit: Notify,
    random: Mutex<Random>,
    faults: Mutex<Vec<Fault>>,
    calls: Mutex<BTreeMap<String, u64>>,
    sent: Mutex<Sent>,
    xero: Mutex<XeroState>,
    intuit: Mutex<IntuitState>,
    meta: Mutex<MetaState>,
    clerk: Mutex<ClerkState>,
}

impl Inner {
    pub(crate) fn new(base_url: String, options: &Options) -> Result<App, SimError> {
        let clock = Clock::default();
        let today = options.today.unwrap_or_else(|| clock.dubai_date());
        Ok(Arc::new(Self {
            key: SigningKey::of_this_process()?,
            client: reqwest::Client::builder().no_proxy().timeout(std::time::Duration::from_secs(30)).build()?,
            wake: Notify::new(),
            wake_intuit: Notify::new(),
            random: Mutex::new(Random::new(options.seed ^ 0x746f_6b65_6e73)),
            faults: Mutex::default(),
            calls: Mutex::default(),
            sent: Mutex::default(),
            xero: Mutex::new(XeroState::new(
                options.seed,
                today,
                options.ledger.as_deref().map(|folder| (folder, options.ledger_days)),
                clock.now_ms(),
            )?),
            intuit: Mutex::new(IntuitState::new(options.seed, today)),
            meta: Mutex::new(MetaState::new()),
            clerk: Mutex::new(ClerkState::default()),
            base_url,
            clock,
        }))
    }

    pub(crate) fn xero(&self) -> MutexGuard<'_, XeroState> {
        held(&self.xero)
    }

    pub(crate) fn intuit(&self) -> MutexGuard<'_, IntuitState> {
        held(&self.intuit)
    }

    pub(crate) fn meta(&self) -> MutexGuard<'_, MetaState> {
        held(&self.meta)
    }

    pub(crate) fn clerk(&self) -> MutexGuard<'_, ClerkState> {
        held(&self.clerk)
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, Vec<Fault>> {
        held(&self.faults)
    }

    pub(crate) fn calls(&self) -> MutexGuard<'_, BTreeMap<String, u64>> {
        held(&self.calls)
    }

    pub(crate) fn sent(&self) -> MutexGuard<'_, Sent> {
        held(&self.sent)
    }

    pub(crate) fn random(&self) -> MutexGuard<'_, Random> {
        held(&self.random)
    }

    /// A new identifier; takes the lock for itself, so that two in one statement are fine.
    pub(crate) fn new_id(&self) -> String {
        self.random().id()
    }

    pub(crate) fn new_hex(&self) -> String {
        self.random().hex()
    }

    /// The calendar day in Dubai of an instant of this simulator.
    pub(crate) fn dubai_date(&self, at_ms: i64) -> Date {
        Clock::dubai_date_of(at_ms)
    }
}

/// A panic elsewhere leaves the data usable, so a poisoned lock is taken as it is.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
