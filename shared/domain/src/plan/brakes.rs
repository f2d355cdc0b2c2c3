//! Rules 8 and 9: when a whole plan waits for a person although its policy sends without asking.

use jiff::{ToSpan, civil::Date};
use serde::{Deserialize, Serialize};

use crate::plan::{Ledger, decision::Plan};

/// Why a plan needs approval whatever its policy says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Brake {
    /// Far more than usual.
    UnusualVolume,
    /// The ledger recorded no payment of any customer for a week.
    NoPaymentsRecorded,
}

/// A plan with no more sends than this is never unusual.
const USUAL_SENDS: usize = 20;

/// Past runs that say what is usual.
pub const USUAL_RUNS: usize = 20;

/// Without a payment for this many days somebody should look at the bank feed.
const QUIET_DAYS: i64 = 7;

impl Brake {
    /// What it says to the person who is asked.
    pub const fn question(self) -> &'static str {
        match self {
            Self::UnusualVolume => "This plan is more than twice as large as usual. Is that right?",
            Self::NoPaymentsRecorded => {
                "Your ledger has recorded no customer's payment for seven days. Is the bank feed up to date?"
            }
        }
    }
}

/// What makes a plan wait, in view of the sends of the latest runs.
pub fn brakes(plan: &Plan, ledger: &Ledger, latest_runs: &[usize]) -> Vec<Brake> {
    let sends = plan.sends();
    let mut brakes = Vec::new();
    if sends > USUAL_SENDS && sends > 2 * median(latest_runs) {
        brakes.push(Brake::UnusualVolume);
    }
    let is_quiet = |paid_on: Option<Date>| paid_on.is_none_or(|on| on < plan.date.saturating_sub(QUIET_DAYS.days()));
    let asked: Vec<_> = plan
        .decisions
        .iter()
        .filter(|decision| decision.send().is_some())
        .map(|decision| decision.unit.contact.connection)
        .collect();
    if ledger.payments_recorded.iter().any(|(connection, on)| asked.contains(connection) && is_quiet(*on)) {
        brakes.push(Brake::NoPaymentsRecorded);
    }
    brakes
}

/// The middle of the latest runs, the lower of two; nothing sent yet is nothing usual.
fn median(runs: &[usize]) -> usize {
    let mut latest: Vec<usize> = runs.iter().take(USUAL_RUNS).copied().collect();
    latest.sort_unstable();
    latest.get(latest.len().saturating_sub(1) / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_of_the_latest_twenty_runs() {
        assert_eq!([median(&[]), median(&[7]), median(&[1, 9, 5]), median(&[4, 1, 3, 2])], [0, 7, 5, 2]);
        let long: Vec<usize> = (0..40).map(|n| if n < 20 { 3 } else { 1000 }).collect();
        assert_eq!(median(&long), 3);
    }
}
