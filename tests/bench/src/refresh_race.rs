//! Fifty workers that need one ended token at once, again and again.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use async_trait::async_trait;
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use numo_app::{
    error::AppError,
    port::ledger::{
        LedgerError, PerLedger,
        auth::{ConsentAnswer, Granted, GrantedTenant, LedgerAuth},
    },
    store::Store,
    vault::Vault,
};
use numo_domain::{
    connection::Provider,
    credential::{GrantRef, TokenSet},
    id::{LedgerTenantId, OrgId},
};
use numo_testkit::{
    faulty_table::{Fault, FaultyTable, Plan},
    memory_keys::MemoryKeys,
    memory_table::MemoryTable,
};
use secrecy::{ExposeSecret as _, SecretString};

use crate::{Failure, row::Row};

const REPETITIONS: u64 = 200;
const WORKERS: usize = 50;

pub(crate) async fn measure() -> Result<Vec<Row>, Failure> {
    let (mut most, mut most_after_crash, mut lost) = (0, 0, 0);
    for repetition in 0..REPETITIONS {
        let calm = race(None, repetition).await?;
        most = most.max(calm.refreshes);
        lost += u64::from(!calm.ends_with_a_token);
        // The winner dies at one of its table calls: before the lease, at the lease, at the write.
        let crashed = race(Some(1 + repetition % 6), repetition).await?;
        most_after_crash = most_after_crash.max(crashed.most_per_lease);
        lost += u64::from(!crashed.ends_with_a_token);
    }
    Ok(vec![
        Row::new("refresh_race", most, "refreshes", 1),
        Row::new("refresh_race.crash", most_after_crash, "refreshes per lease", 1),
        Row::new("refresh_race.lost", lost, "tokens", 0),
    ])
}

struct Raced {
    refreshes: u64,
    most_per_lease: u64,
    ends_with_a_token: bool,
}

/// One race; the table dies at a call of the race if asked, and the race is run again after the lease.
async fn race(crash_at: Option<u64>, seed: u64) -> Result<Raced, Failure> {
    let start: Timestamp = "2026-11-26T06:00:00Z".parse()?;
    let (org, grant): (OrgId, _) =
        ("org_bench".parse()?, GrantRef { provider: Provider::Quickbooks, holder: "9130357".parse()? });
    let table = Arc::new(FaultyTable::new(Arc::new(MemoryTable::new())));
    let auth = Arc::new(Rotating::default());
    let ledgers = PerLedger::<dyn LedgerAuth> { xero: auth.clone(), quickbooks: auth.clone() };
    let vault = Vault::new(Store::new(table.clone()), Arc::new(MemoryKeys::new(seed)), ledgers);
    vault.keep(&org, &grant, &auth.tokens(0, start), start).await?;
    let mut now = start.checked_add(SignedDuration::from_mins(45))?;
    if let Some(call) = crash_at {
        table.reset(Plan::Crash { call, fault: if seed.is_multiple_of(2) { Fault::Before } else { Fault::After } });
    }
    let mut most_per_lease = 0;
    let mut before = 0;
    let mut ends_with_a_token = false;
    for _ in 0..3 {
        let answers = join_all((0..WORKERS).map(|_| vault.fresh_access_token(&org, &grant, now))).await;
        let after = auth.refreshes.load(Ordering::SeqCst);
        most_per_lease = most_per_lease.max(after - before);
        before = after;
        ends_with_a_token = answers.iter().any(|answer| answer.as_ref().is_ok_and(|token| auth.takes(token)));
        let is_dead = answers.iter().any(|answer| matches!(answer, Err(AppError::ReauthRequired)));
        if is_dead {
            return Ok(Raced { refreshes: after, most_per_lease, ends_with_a_token: false });
        }
        table.reset(Plan::Never);
        now = now.checked_add(SignedDuration::from_secs(61))?;
    }
    Ok(Raced { refreshes: auth.refreshes.load(Ordering::SeqCst), most_per_lease, ends_with_a_token })
}

/// A token endpoint that rotates with every refresh, answers slowly, and still takes the token before the last.
#[derive(Default)]
struct Rotating {
    generation: AtomicU64,
    refreshes: AtomicU64,
}

impl Rotating {
    fn tokens(&self, generation: u64, now: Timestamp) -> TokenSet {
        TokenSet {
            access: format!("access {generation}").into(),
            access_expires_at: now.checked_add(SignedDuration::from_mins(30)).ok(),
            refresh: Some(generation.to_string().into()),
            scope: String::new(),
            consent_ends_at: None,
        }
    }

    fn takes(&self, access: &SecretString) -> bool {
        let generation = self.generation.load(Ordering::SeqCst);
        access.expose_secret() == format!("access {generation}")
    }
}

#[async_trait]
impl LedgerAuth for Rotating {
    async fn authorise_url(&self, _: &str, _: &str, _: &str) -> Result<String, LedgerError> {
        Ok(String::new())
    }

    async fn exchange(&self, _: &ConsentAnswer, _: &str) -> Result<Granted, LedgerError> {
        Err(LedgerError::Rejected(400))
    }

    async fn refresh(&self, tokens: &TokenSet) -> Result<TokenSet, LedgerError> {
        self.refreshes.fetch_add(1, Ordering::SeqCst);
        // Slow: everybody else has long asked when the answer comes.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        let shown: u64 =
            tokens.refresh.as_ref().and_then(|token| token.expose_secret().parse().ok()).unwrap_or(u64::MAX);
        let newest = self.generation.load(Ordering::SeqCst);
        if shown.saturating_add(1) < newest || shown > newest {
            return Err(LedgerError::ReauthRequired);
        }
        let next = self.generation.fetch_add(1, Ordering::SeqCst) + 1;
        let now = "2026-11-26T06:45:00Z".parse().unwrap_or(Timestamp::MIN);
        Ok(self.tokens(next, now))
    }

    async fn is_open(&self, _: &SecretString, _: &LedgerTenantId) -> Result<bool, LedgerError> {
        Ok(true)
    }

    async fn disconnect(&self, _: &TokenSet, _: &GrantedTenant) -> Result<(), LedgerError> {
        Ok(())
    }
}
