//! A burst goes out in steps, also what is approved after its slot or comes after an outage.

use jiff::Timestamp;
use numo_domain::plan::pace::per_step;

use crate::{
    dispatch_run::{Day, Planned},
    error::AppError,
};

/// What of a ledger is sent in one run.
pub(super) struct Step<'a> {
    /// Messages that are not out yet, in the order of the plan.
    pub planned: Vec<&'a Planned>,
    /// How many of them go out now; none if all of them do.
    pub size: Option<usize>,
}

impl Day<'_> {
    /// The messages of one of so many ledgers that share a step, and how many go out now.
    ///
    /// The plan has spread what it knew; so much is due at once only when something was late.
    pub(super) async fn step<'a>(
        &self,
        planned: Vec<&'a Planned>,
        per_ten_minutes: Option<u32>,
        n_ledgers: usize,
        now: Timestamp,
    ) -> Result<Step<'a>, AppError> {
        let share = per_ten_minutes.map(|wanted| wanted / u32::try_from(n_ledgers.max(1)).unwrap_or(u32::MAX));
        let Some(share) = share.filter(|share| planned.len() > usize::try_from(*share).unwrap_or(usize::MAX)) else {
            return Ok(Step { planned, size: None });
        };
        let waiting = self.not_yet_claimed(&planned).await?;
        let until = waiting.iter().filter_map(|planned| planned.send.until).filter(|until| *until > now).min();
        let size = per_step(waiting.len(), share, (now, until));
        Ok(Step { size: (size < waiting.len()).then_some(size), planned: waiting })
    }
}
