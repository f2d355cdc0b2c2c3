//! What a policy has to be before it can be saved.

use crate::{
    money::Currency,
    policy::{
        Policy, PolicyState, Step, StepId, Tone,
        audience::{Audience, Membership},
        repeat::Every,
    },
    template::Purpose,
};

/// Steps of one policy, at most.
pub const MAX_STEPS: usize = 20;

/// Policies of an organisation, at most.
pub const MAX_POLICIES: usize = 50;

/// Customers that one group names by hand, at most.
pub const MAX_CHOSEN: usize = 500;

/// Repeats of the last step, at most.
pub const MAX_REPEATS: u8 = 24;

/// Days between two repeats, at least.
pub const MIN_REPEAT_DAYS: u16 = 3;

/// Allowed sending days for which a missed step may be sent late, at most.
pub const MAX_CATCH_UP: u8 = 10;

/// Business days after which a hold may end by itself, at least: by then the owner was reminded of it twice.
pub const MIN_RELEASE: u8 = 5;

/// Business days after which a hold may end by itself, at most; one that is to last longer is ended by a person.
pub const MAX_RELEASE: u8 = 30;

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
    /// A smallest total in what nobody pays in.
    #[error("minimum_total.{0}: no currency in use has this code of ISO 4217")]
    UnknownCurrency(Currency),
    /// A negative smallest total.
    #[error("minimum_total.{0}: an amount must not be negative")]
    NegativeMinimum(Currency),
    /// Nobody's first message is firm, so a sequence that begins firmly would never begin.
    #[error("steps: the first step after the due date must be friendly or gentle, not the one at {0} days")]
    BeginsFirmly(i16),
    /// A text whose use does not hang on a step.
    #[error("steps: the text {0} is not for a step to choose")]
    NoStepsText(Purpose),
    /// A text about what is overdue, before anything is.
    #[error("steps: the step at {0} days is not after the due date, and {1} is for what is overdue")]
    TextTooEarly(i16, Purpose),
    /// The tone says how firm a step may be.
    #[error("steps: the text {1} is firmer than the step at {0} days")]
    TextTooFirm(i16, Purpose),
    /// A step's number says whether it was sent; another number would send it again.
    #[error("steps: the step at {offset_days} days is number {}, and a step keeps its number", .id.0)]
    Renumbered {
        /// Days from the due date.
        offset_days: i16,
        /// The number it has.
        id: StepId,
    },
    /// A new step got a number that was used before.
    #[error("steps: a new step needs a number above {0}, or none")]
    NumberUsed(u16),
    /// A new step got a number that leaves too many out.
    #[error("steps: a new step's number is at most {0}; leave it out to get the next one")]
    NumberTooHigh(u16),
    /// The organisation's own policy is for everybody, and no other one is.
    #[error("audience: the organisation's own policy is for everybody, every other one for a group or a customer")]
    WrongAudience,
    /// Nobody would be in the group.
    #[error("audience.group.members: say who is in the group")]
    NobodyInGroup,
    /// Too many customers chosen by hand.
    #[error("audience.group.members: at most {MAX_CHOSEN} customers are chosen by hand")]
    TooManyChosen,
    /// A ledger's group without a name.
    #[error("audience.group.members: the ledger's group needs its name")]
    UnnamedGroup,
    /// Everybody owes that much.
    #[error("audience.group.members: the amount owed must be above zero")]
    OwesNothing,
    /// Which of two groups wins must be clear.
    #[error("audience.group.priority: another group has the number {0}")]
    SamePriority(u16),
    /// Which of two policies of a customer wins must be clear.
    #[error("audience.customer: this customer has a policy already")]
    SameCustomer,
    /// More policies than anybody can keep apart.
    #[error("audience: an organisation has at most {MAX_POLICIES} policies")]
    TooManyPolicies,
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
    /// A hold that would end before the owner was told of it twice, or when nobody remembers it.
    #[error("release_holds_after: between {MIN_RELEASE} and {MAX_RELEASE} business days, or none, not {0}")]
    BadRelease(u8),
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
        if let Some(days) = self.release_holds_after.filter(|days| !(MIN_RELEASE..=MAX_RELEASE).contains(days)) {
            return Err(InvalidPolicy::BadRelease(days));
        }
        self.check_repeat()?;
        check_audience(&self.audience)?;
        if let Some(currency) = self.minimum_total.keys().find(|currency| !currency.is_in_use()) {
            return Err(InvalidPolicy::UnknownCurrency(*currency));
        }
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

    /// Checks that steps kept their numbers since an earlier version, numbers the new ones, and notes since when the
    /// policy is in force; `used` is the highest step number of any policy of the organisation.
    pub fn follow(mut self, before: Option<&Self>, used: u16) -> Result<Self, InvalidPolicy> {
        let known = before.map_or(&[][..], |before| before.steps.as_slice());
        let used = before.map_or(used, |before| before.highest_step.max(used));
        let most = used.saturating_add(u16::try_from(MAX_STEPS).unwrap_or(u16::MAX));
        self.highest_step = self.steps.iter().map(|step| step.id.0).max().unwrap_or_default().max(used);
        for step in &mut self.steps {
            let same_day = known.iter().find(|known| known.offset_days == step.offset_days);
            match same_day {
                Some(same) if step.id == StepId::NEW => step.id = same.id,
                Some(same) if step.id != same.id => {
                    return Err(InvalidPolicy::Renumbered { offset_days: step.offset_days, id: same.id });
                }
                None if step.id == StepId::NEW => {
                    let next = self.highest_step.checked_add(1).ok_or(InvalidPolicy::NumberTooHigh(most))?;
                    (step.id, self.highest_step) = (StepId(next), next);
                }
                None if known.iter().all(|known| known.id != step.id) => match step.id.0 {
                    number if number <= used => return Err(InvalidPolicy::NumberUsed(used)),
                    number if number > most => return Err(InvalidPolicy::NumberTooHigh(most)),
                    _ => {}
                },
                Some(_) | None => {}
            }
        }
        check_numbers(&self.steps)?;
        self.active_since = match (self.state, before.map(|before| before.state)) {
            (PolicyState::Active, Some(PolicyState::Active)) => before.and_then(|before| before.active_since),
            (PolicyState::Active, Some(PolicyState::Draft | PolicyState::Inactive) | None) => Some(self.edited_at),
            (PolicyState::Draft | PolicyState::Inactive, _) => None,
        };
        Ok(self)
    }
}

fn check_audience(audience: &Audience) -> Result<(), InvalidPolicy> {
    let Audience::Group { members, .. } = audience else { return Ok(()) };
    if members.is_empty() {
        return Err(InvalidPolicy::NobodyInGroup);
    }
    let chosen = members.iter().map(|member| match member {
        Membership::Chosen(chosen) => chosen.len(),
        Membership::LedgerGroup(_) | Membership::OwesAtLeast { .. } | Membership::NumberOf(_) => 0,
    });
    if chosen.sum::<usize>() > MAX_CHOSEN {
        return Err(InvalidPolicy::TooManyChosen);
    }
    members.iter().try_for_each(|member| match member {
        Membership::Chosen(chosen) if chosen.is_empty() => Err(InvalidPolicy::NobodyInGroup),
        Membership::LedgerGroup(name) if name.trim().is_empty() => Err(InvalidPolicy::UnnamedGroup),
        Membership::OwesAtLeast { minor, .. } if *minor <= 0 => Err(InvalidPolicy::OwesNothing),
        Membership::Chosen(_)
        | Membership::LedgerGroup(_)
        | Membership::OwesAtLeast { .. }
        | Membership::NumberOf(_) => Ok(()),
    })
}

fn check_steps(steps: &[Step]) -> Result<(), InvalidPolicy> {
    if steps.is_empty() {
        return Err(InvalidPolicy::NoSteps);
    }
    if steps.len() > MAX_STEPS {
        return Err(InvalidPolicy::TooManySteps);
    }
    steps.iter().try_for_each(check_text)?;
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
    check_numbers(steps)
}

/// Checks that a step's own text is no firmer than the step, and true on its day.
fn check_text(step: &Step) -> Result<(), InvalidPolicy> {
    let Some(text) = step.text else { return Ok(()) };
    match text.of_a_step() {
        None => Err(InvalidPolicy::NoStepsText(text)),
        Some(_) if step.offset_days <= 0 => Err(InvalidPolicy::TextTooEarly(step.offset_days, text)),
        Some(firmness) if firmness > step.tone => Err(InvalidPolicy::TextTooFirm(step.offset_days, text)),
        Some(_) => Ok(()),
    }
}

/// Checks that no number is there twice; those without one get theirs later.
fn check_numbers(steps: &[Step]) -> Result<(), InvalidPolicy> {
    let mut ids: Vec<StepId> = steps.iter().map(|step| step.id).filter(|id| *id != StepId::NEW).collect();
    ids.sort_unstable();
    match ids.iter().zip(ids.iter().skip(1)).find(|(a, b)| a == b) {
        Some((id, _)) => Err(InvalidPolicy::SameId(*id)),
        None => Ok(()),
    }
}
