//! A reminder policy: which text goes out how many days before or after the due date.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{calendar::SendCalendar, contact::Contact, money::Currency};

/// Steps, hours and caps for the customers it applies to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// What the owner calls it.
    pub name: String,
    /// Raised by every edit; a reminder records the version it used.
    pub version: u32,
    /// Whether it sends.
    pub state: PolicyState,
    /// Steps by offset, earliest first.
    pub steps: Vec<Step>,
    /// When messages may go out.
    pub calendar: SendCalendar,
    /// How many messages a number may get.
    pub caps: Caps,
    /// Smallest total worth a message, in minor units per currency.
    pub minimum_total: BTreeMap<Currency, i64>,
    /// Whether a person looks at a plan before it goes out.
    pub approval: Approval,
    /// The highest step number that was ever used; no later version uses it for another step.
    #[serde(default)]
    pub highest_step: u16,
    /// When this version was written.
    pub edited_at: Timestamp,
}

/// Whether a policy sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyState {
    /// Being written; nothing is planned by it.
    Draft,
    /// In force.
    Active,
    /// Switched off.
    Inactive,
}

/// Whether a plan needs a person's yes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Approval {
    /// An admin approves each day's plan.
    Required,
    /// Plans go out by themselves.
    Automatic,
}

/// How many messages one number may get.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caps {
    /// Days between two messages: 2 means that the day after stays silent.
    pub gap_days: u8,
    /// Messages in any seven days.
    pub per_seven_days: u8,
}

impl Default for Caps {
    fn default() -> Self {
        Self { gap_days: 2, per_seven_days: 3 }
    }
}

/// One message of the sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Never reused within a policy.
    pub id: StepId,
    /// Days from the due date; negative is before it.
    pub offset_days: i16,
    /// How firm the text is.
    pub tone: Tone,
}

/// A step's number, kept when steps around it are edited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StepId(pub u16);

/// How firm a text is, mildest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// Before the due date.
    Friendly,
    /// The first word after it.
    Gentle,
    /// Plain.
    Firm,
    /// The last one.
    Final,
}

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
}

const MAX_STEPS: usize = 20;

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
        if let Some((currency, _)) = self.minimum_total.iter().find(|(_, minor)| **minor < 0) {
            return Err(InvalidPolicy::NegativeMinimum(*currency));
        }
        Ok(self)
    }

    /// Checks that steps kept their numbers since an earlier version, and that new ones are new.
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
        Ok(self)
    }

    /// A policy that a business can start from: four steps, office hours, approval.
    pub fn standard(edited_at: Timestamp) -> Self {
        let step = |id, offset_days, tone| Step { id: StepId(id), offset_days, tone };
        Self {
            name: "Standard".to_owned(),
            version: 1,
            state: PolicyState::Draft,
            steps: vec![
                step(1, -3, Tone::Friendly),
                step(2, 3, Tone::Gentle),
                step(3, 10, Tone::Firm),
                step(4, 21, Tone::Final),
            ],
            calendar: SendCalendar::office_hours(),
            caps: Caps::default(),
            minimum_total: BTreeMap::new(),
            approval: Approval::Required,
            highest_step: 4,
            edited_at,
        }
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
    let mut ids: Vec<StepId> = steps.iter().map(|step| step.id).collect();
    ids.sort_unstable();
    match ids.iter().zip(ids.iter().skip(1)).find(|(a, b)| a == b) {
        Some((id, _)) => Err(InvalidPolicy::SameId(*id)),
        None => Ok(()),
    }
}

/// All policies of an organisation and who each applies to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policies {
    /// Applies where nothing more specific does.
    pub organisation_default: Policy,
}

impl Policies {
    /// The policy that applies to a contact.
    pub const fn for_contact(&self, _contact: &Contact) -> &Policy {
        &self.organisation_default
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standard() -> Policy {
        Policy::standard(Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn the_standard_policy_is_valid() {
        assert_eq!(standard().validate(), Ok(standard()));
    }

    #[test]
    fn every_bad_policy_is_refused_with_the_field_that_is_wrong() {
        let mut cases: Vec<(Policy, &str)> = Vec::new();
        let mut case = |change: fn(&mut Policy), message: &'static str| {
            let mut policy = standard();
            change(&mut policy);
            cases.push((policy, message));
        };
        case(|p| p.steps.clear(), "steps: at least one step is needed");
        case(|p| p.steps[1].offset_days = -3, "steps: two steps are -3 days from the due date");
        case(|p| p.steps[1].id = StepId(1), "steps: the step number 1 is used twice");
        case(|p| p.steps[3].offset_days = 400, "steps: an offset lies between -60 and 365 days, not 400");
        case(|p| p.steps[3].tone = Tone::Gentle, "steps: the step at 21 days is milder than an earlier one");
        case(|p| p.calendar.week = [None; 7], "calendar.week: at least one weekday needs hours");
        case(|p| p.caps.per_seven_days = 0, "caps.per_seven_days: at least one message in seven days must be allowed");
        case(
            |p| {
                p.minimum_total.insert("AED".parse().unwrap(), -1);
            },
            "minimum_total.AED: an amount must not be negative",
        );
        case(|p| p.name = " ".to_owned(), "name: 1 to 60 characters are needed");
        case(|p| p.steps = vec![p.steps[0]; 21], "steps: at most 20 steps are allowed");
        for (policy, message) in cases {
            assert_eq!(policy.validate().unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn an_inserted_step_gets_a_new_number_and_the_others_keep_theirs() {
        let mut edited = standard();
        edited.steps.insert(2, Step { id: StepId(5), offset_days: 5, tone: Tone::Gentle });
        let saved = edited.follow(&standard()).unwrap();
        assert_eq!(saved.highest_step, 5);
        let mut without = saved.clone();
        without.steps.retain(|step| step.id != StepId(5));
        let without = without.follow(&saved).unwrap();
        let mut again = without.clone();
        again.steps.push(Step { id: StepId(5), offset_days: 30, tone: Tone::Final });
        assert_eq!(again.follow(&without), Err(InvalidPolicy::NumberUsed(5)));
    }

    #[test]
    fn renumbering_the_steps_is_refused_because_it_would_send_them_again() {
        let mut renumbered = standard();
        renumbered.steps.insert(2, Step { id: StepId(5), offset_days: 5, tone: Tone::Gentle });
        for (n, step) in renumbered.steps.iter_mut().enumerate() {
            step.id = StepId(u16::try_from(n).unwrap() + 1);
        }
        let error = renumbered.follow(&standard()).unwrap_err();
        assert_eq!(error.to_string(), "steps: the step at 10 days is number 3, and a step keeps its number");
    }
}
