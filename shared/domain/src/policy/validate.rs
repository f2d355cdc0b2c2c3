//! What a policy has to be before it can be saved.

use crate::{
    money::Currency,
    policy::{Policy, PolicyState, Step, StepId, Tone, repeat::Every},
};

/// Steps of one policy, at most.
pub const MAX_STEPS: usize = 20;

/// Repeats of the last step, at most.
pub const MAX_REPEATS: u8 = 24;

/// Days between two repeats, at least.
pub const MIN_REPEAT_DAYS: u16 = 3;

/// Allowed sending days for which a missed step may be sent late, at most.
pub const MAX_CATCH_UP: u8 = 10;

/// Why a policy cannot be saved; each names the field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPolicy {
    /// A policy without steps would never send.
    #[error("steps: at least one step is needed")]
    NoSteps,
    /// More steps than anybody wants to get.
    #[error("steps: at most {MAX_STEPS} steps are allowed")]
    TooManySteps,
    /// Two messages would fall on one day.
    #[error("steps: two steps are {0} days from the due date")]
    SameOffset(i16),
    /// Two steps share a number.
    #[error("steps: the step number {} is used twice", .0.0)]
    SameId(StepId),
    /// An offset outside a year.
    #[error("steps: an offset lies between -60 and 365 days, not {0}")]
    OffsetOutOfRange(i16),
    /// The tone must never fall.
    #[error("steps: the step at {0} days is milder than an earlier one")]
    TonesFall(i16),
    /// No hours on any weekday.
    #[error("calendar.week: at least one weekday needs hours")]
    NeverOpen,
    /// Caps under which nothing could be sent.
    #[error("caps.per_seven_days: at least one message in seven days must be allowed")]
    NothingAllowed,
    /// A negative smallest total.
    #[error("minimum_total.{0}: an amount must not be negative")]
    NegativeMinimum(Currency),
    /// Nobody's first message is firm, so a sequence that begins firmly would never begin.
    #[error("steps: the first step after the due date must be friendly or gentle, not the one at {0} days")]
    BeginsFirmly(i16),
    /// A step's number says whether it was sent; another number would send it again.
    #[error("steps: the step at {offset_days} days is number {}, and a step keeps its number", .id.0)]
    Renumbered {
        /// Days from the due date.
        offset_days: i16,
        /// The number it has.
        id: StepId,
    },
    /// A new step got a number that was used before.
    #[error("steps: a new step needs a number above {0}")]
    NumberUsed(u16),
    /// A name for the owner's eyes.
    #[error("name: 1 to 60 characters are needed")]
    BadName,
    /// A repeat that would never end, or never begin.
    #[error("repeat.at_most: between 1 and {MAX_REPEATS} repeats, not {0}")]
    BadRepeatCount(u8),
    /// Repeats closer together than anybody wants to be asked.
    #[error("repeat.every: at least {MIN_REPEAT_DAYS} days or 1 month lie between two repeats")]
    RepeatTooOften,
    /// Only a message about something overdue is repeated.
    #[error("repeat: the last step must lie after the due date to be repeated")]
    RepeatBeforeDue,
    /// A missed step that is sent weeks later says what is not true any more.
    #[error("catch_up_days: at most {MAX_CATCH_UP} days, not {0}")]
    CatchUpTooLong(u8),
    /// A gap of weeks would swallow the steps.
    #[error("caps.gap_days: between 1 and 30 days, not {0}")]
    BadGap(u8),
}

impl Policy {
    /// Checks what was entered, with steps put in order of their offset.
    pub fn validate(mut self) -> Result<Self, InvalidPolicy> {
        if self.name.trim().is_empty() || self.name.chars().count() > 60 {
            return Err(InvalidPolicy::BadName);
        }
        self.steps.sort_by_key(|step| step.offset_days);
        check_steps(&self.steps)?;
        if self.calendar.week.iter().all(Option::is_none) {
            return Err(InvalidPolicy::NeverOpen);
        }
        if self.caps.per_seven_days == 0 {
            return Err(InvalidPolicy::NothingAllowed);
        }
        if !(1..=30).contains(&self.caps.gap_days) {
            return Err(InvalidPolicy::BadGap(self.caps.gap_days));
        }
        if self.catch_up_days > MAX_CATCH_UP {
            return Err(InvalidPolicy::CatchUpTooLong(self.catch_up_days));
        }
        self.check_repeat()?;
        if let Some((currency, _)) = self.minimum_total.iter().find(|(_, minor)| **minor < 0) {
            return Err(InvalidPolicy::NegativeMinimum(*currency));
        }
        Ok(self)
    }

    fn check_repeat(&self) -> Result<(), InvalidPolicy> {
        let Some(repeat) = self.repeat else { return Ok(()) };
        if !(1..=MAX_REPEATS).contains(&repeat.at_most) {
            return Err(InvalidPolicy::BadRepeatCount(repeat.at_most));
        }
        match repeat.every {
            Every::Days(days) if days < MIN_REPEAT_DAYS => return Err(InvalidPolicy::RepeatTooOften),
            Every::Months(0) => return Err(InvalidPolicy::RepeatTooOften),
            Every::Days(_) | Every::Months(_) => {}
        }
        match self.steps.last() {
            Some(last) if last.offset_days <= 0 => Err(InvalidPolicy::RepeatBeforeDue),
            Some(_) | None => Ok(()),
        }
    }

    /// Checks that steps kept their numbers since an earlier version, that new ones are new, and notes since when
    /// the policy is in force.
    pub fn follow(mut self, before: &Self) -> Result<Self, InvalidPolicy> {
        for step in &self.steps {
            let same_day = before.steps.iter().find(|known| known.offset_days == step.offset_days);
            if let Some(known) = same_day.filter(|known| known.id != step.id) {
                return Err(InvalidPolicy::Renumbered { offset_days: step.offset_days, id: known.id });
            }
            let is_new = !before.steps.iter().any(|known| known.id == step.id);
            if is_new && step.id.0 <= before.highest_step {
                return Err(InvalidPolicy::NumberUsed(before.highest_step));
            }
        }
        let highest = self.steps.iter().map(|step| step.id.0).max().unwrap_or_default();
        self.highest_step = highest.max(before.highest_step);
        self.active_since = match (self.state, before.state) {
            (PolicyState::Active, PolicyState::Active) => before.active_since,
            (PolicyState::Active, PolicyState::Draft | PolicyState::Inactive) => Some(self.edited_at),
            (PolicyState::Draft | PolicyState::Inactive, _) => None,
        };
        Ok(self)
    }
}

fn check_steps(steps: &[Step]) -> Result<(), InvalidPolicy> {
    if steps.is_empty() {
        return Err(InvalidPolicy::NoSteps);
    }
    if steps.len() > MAX_STEPS {
        return Err(InvalidPolicy::TooManySteps);
    }
    if let Some(step) = steps.iter().find(|step| !(-60..=365).contains(&step.offset_days)) {
        return Err(InvalidPolicy::OffsetOutOfRange(step.offset_days));
    }
    for (earlier, later) in steps.iter().zip(steps.iter().skip(1)) {
        if earlier.offset_days == later.offset_days {
            return Err(InvalidPolicy::SameOffset(later.offset_days));
        }
        if later.tone < earlier.tone {
            return Err(InvalidPolicy::TonesFall(later.offset_days));
        }
    }
    let first_overdue = steps.iter().find(|step| step.offset_days > 0);
    if let Some(step) = first_overdue.filter(|step| step.tone > Tone::Gentle) {
        return Err(InvalidPolicy::BeginsFirmly(step.offset_days));
    }
    let mut ids: Vec<StepId> = steps.iter().map(|step| step.id).collect();
    ids.sort_unstable();
    match ids.iter().zip(ids.iter().skip(1)).find(|(a, b)| a == b) {
        Some((id, _)) => Err(InvalidPolicy::SameId(*id)),
        None => Ok(()),
    }
}
