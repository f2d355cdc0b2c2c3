//! What goes wrong on a bad day, one thing after the other in an order that a number gives.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use numo_e2e::stack::LocalStack;
use numo_e2e::wait::{Look, pause, until};
use serde::Deserialize;

use crate::table::{Queues, Table};

const ORG: &str = "org_harbour";

/// Every so many-th call of the table and of KMS fails, and so many-th message that a function sends comes twice or is lost.
const FAULTS: [(&str, u32); 4] = [("dynamodb", 50), ("kms", 2), ("doubled", 2), ("lost", 3)];

/// How long a claim holds: seconds in the place of the five minutes and more that it is by.
const CLAIMS_HOLD: Duration = Duration::from_secs(12);

/// Between two rounds.
const BETWEEN: Duration = Duration::from_millis(200);

/// After so many seconds a message is tried again whose function was killed; on AWS it is minutes.
const TRIED_AGAIN_AFTER_S: u32 = 5;

/// What makes trouble, and what it did so far.
pub(crate) struct Trouble {
    table: Table,
    queues: Queues,
    faults: PathBuf,
    emulator: u32,
    dice: u64,
    /// Since when each claim is known.
    claims: BTreeMap<(String, String), Instant>,
    did: Did,
}

#[derive(Debug, Default)]
struct Did {
    killed: u32,
    expired: u32,
    restarted: u32,
}

/// Work that was claimed, as far as it is looked at here.
#[derive(Deserialize)]
struct Claimed {
    sk: String,
    at: String,
    issues: u32,
}

#[derive(Deserialize)]
struct WithId {
    id: String,
}

impl Trouble {
    /// Has it ready, and none yet. Messages whose function was killed are tried again after seconds from here on.
    pub(crate) async fn new(stack: &LocalStack) -> Self {
        let seed = std::env::var("NUMO_CHAOS_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_261_129);
        println!("trouble by NUMO_CHAOS_SEED={seed}");
        let queues = Queues::new(&stack.state);
        queues.try_again_after(TRIED_AGAIN_AFTER_S).await;
        Self {
            table: Table::new(&stack.state),
            queues,
            faults: stack.folder().join("tmp/faults.json"),
            emulator: stack.state.pids.ministack,
            dice: seed,
            claims: BTreeMap::new(),
            did: Did::default(),
        }
    }

    /// From now on calls of the table and of KMS fail.
    pub(crate) fn begins(&self) {
        let told: BTreeMap<&str, u32> = FAULTS.into_iter().collect();
        // At once or not at all: the emulator reads it with every call.
        let beside = self.faults.with_extension("new");
        fs::write(&beside, serde_json::to_string(&told).unwrap()).unwrap();
        fs::rename(beside, &self.faults).unwrap();
    }

    /// From now on they do not.
    pub(crate) fn ends(&self) {
        fs::remove_file(&self.faults).unwrap();
    }

    /// The emulator is another process.
    pub(crate) fn restarted(&mut self, stack: &LocalStack) {
        self.emulator = stack.state.pids.ministack;
        self.did.restarted += 1;
    }

    /// One round of it.
    pub(crate) async fn makes(&mut self) {
        match self.throws(20) {
            0 => self.kills(),
            1..4 => self.claims_run_out(CLAIMS_HOLD).await,
            _ => {}
        }
        pause(BETWEEN).await;
    }

    /// A function's process ends in whatever it does.
    fn kills(&mut self) {
        let functions = functions_of(self.emulator);
        if functions.is_empty() {
            return;
        }
        let chosen = functions[self.throws(functions.len())];
        // It may have ended by itself meanwhile.
        let is_killed = Command::new("kill").args(["-9", &chosen.to_string()]).status().unwrap().success();
        self.did.killed += u32::from(is_killed);
    }

    /// Whatever was claimed so long ago is due again, whether its worker is still at it or not.
    async fn claims_run_out(&mut self, hold: Duration) {
        for claimed in self.table.of_org::<Claimed>(ORG, "DUE#").await.into_iter().filter(|due| due.issues > 0) {
            let since = *self.claims.entry((claimed.sk.clone(), claimed.at)).or_insert_with(Instant::now);
            if since.elapsed() >= hold {
                self.did.expired += u32::from(self.table.is_due_now(&format!("ORG#{ORG}#"), &claimed.sk).await);
            }
        }
    }

    /// Waits until nothing is claimed and no queue holds anything; what was given up is redriven, as operators do.
    pub(crate) async fn everything_is_tried_again(&mut self, limit: Duration) {
        until("an end of all work", limit, async || {
            self.queues.redrive().await;
            self.claims_run_out(CLAIMS_HOLD).await;
            let (claimed, waiting) = (self.claimed().await, self.queues.waiting().await);
            Ok(if claimed + waiting == 0 {
                Look::Done(())
            } else {
                Look::NotYet(format!("{claimed} claimed, {waiting} messages"))
            })
        })
        .await
        .unwrap();
    }

    async fn claimed(&self) -> u64 {
        let due = self.table.of_org::<Claimed>(ORG, "DUE#").await;
        due.iter().map(|due| u64::from(due.issues > 0)).sum()
    }

    /// The ids of what is in the table under some keys.
    pub(crate) async fn ids_of(&self, prefix: &str) -> BTreeSet<String> {
        self.table.of_org::<WithId>(ORG, prefix).await.into_iter().map(|item| item.id).collect()
    }

    /// What happened, in a sentence.
    pub(crate) fn told(&self) -> String {
        let (Did { killed, expired, restarted }, faults) = (&self.did, self.faults());
        format!("{killed} processes killed, {expired} claims ran out, {restarted} restarts, and failures: {faults:?}")
    }

    /// That the day was bad enough to show anything.
    pub(crate) fn was_enough(&self) {
        let (Did { killed, expired, restarted }, faults) = (&self.did, self.faults());
        let (table, queues) =
            (faults.contains_key("dynamodb"), ["doubled", "lost"].map(|name| faults.contains_key(name)));
        let is_enough = table && queues.contains(&true) && *killed >= 5 && *expired >= 2 && *restarted == 2;
        assert!(is_enough, "{}", self.told());
    }

    /// How often each kind of call failed.
    fn faults(&self) -> BTreeMap<String, u32> {
        let told = fs::read_to_string(self.faults.with_extension("log")).unwrap_or_default();
        let mut faults = BTreeMap::new();
        for name in told.lines() {
            *faults.entry(name.to_owned()).or_default() += 1;
        }
        faults
    }

    /// One of so many, by the number that the run began with (xorshift).
    fn throws(&mut self, sides: usize) -> usize {
        self.dice ^= self.dice << 13;
        self.dice ^= self.dice >> 7;
        self.dice ^= self.dice << 17;
        usize::try_from(self.dice % u64::try_from(sides).unwrap()).unwrap()
    }
}

/// The processes of functions that an emulator started.
fn functions_of(emulator: u32) -> Vec<u32> {
    let pids = fs::read_dir("/proc").unwrap().filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok());
    let is_function = |pid: &u32| {
        // "pid (name) state parent ..."
        let stat = fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("stat")).unwrap_or_default();
        let fields: Vec<&str> = stat.split(' ').collect();
        fields.get(1) == Some(&"(bootstrap)") && fields.get(3) == Some(&emulator.to_string().as_str())
    };
    let mut pids: Vec<u32> = pids.filter(is_function).collect();
    pids.sort_unstable();
    pids
}
