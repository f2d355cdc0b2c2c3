//! A reminder policy: which text goes out how many days before or after the due date.

pub mod audience;
pub mod presets;
pub mod repeat;
pub mod validate;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    calendar::SendCalendar,
    id::PolicyId,
    language::Language,
    money::Currency,
    policy::{audience::Audience, presets::Preset, repeat::Repeat},
    template::Purpose,
};

/// Steps, hours and caps for the customers it applies to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Policy {
    /// Which one of the organisation's.
    #[serde(default = "PolicyId::organisation_default")]
    pub id: PolicyId,
    /// What the owner calls it.
    pub name: String,
    /// Whom it is for.
    #[serde(default)]
    pub audience: Audience,
    /// Raised by every edit; a reminder records the version it used.
    pub version: u32,
    /// Whether it sends.
    pub state: PolicyState,
    /// Steps by offset, earliest first.
    pub steps: Vec<Step>,
    /// How the last step goes on.
    #[serde(default)]
    pub repeat: Option<Repeat>,
    /// When messages may go out.
    pub calendar: SendCalendar,
    /// Whose date, week-end, holidays and hours count.
    #[serde(default)]
    pub clock: WhoseClock,
    /// How many messages a number may get.
    pub caps: Caps,
    /// Smallest total worth a message, in minor units per currency.
    pub minimum_total: BTreeMap<Currency, i64>,
    /// Allowed sending days for which a missed step is still sent; afterwards it is superseded.
    #[serde(default = "default_catch_up")]
    pub catch_up_days: u8,
    /// Whether an invoice waits until the ledger says that the customer has it.
    #[serde(default)]
    pub only_marked_sent: bool,
    /// Whether a customer is left alone to whom we owe at least as much.
    #[serde(default = "yes")]
    pub hold_when_we_owe: bool,
    /// Whether a customer is thanked for a payment that a reminder had asked for.
    #[serde(default)]
    pub thank_you: bool,
    /// Whether a message about one invoice has a button that opens its page at the ledger, where it can be paid.
    #[serde(default)]
    pub pay_link: bool,
    /// Whether a message about one invoice has it attached as a PDF.
    #[serde(default)]
    pub pdf: bool,
    /// For how many business days an unread message or a claim to have paid holds the reminders, from the latest one on;
    /// without a number a person or the ledger ends it.
    #[serde(default)]
    pub release_holds_after: Option<u8>,
    /// The language of its messages, where it is not the organisation's and the customer has none.
    #[serde(default)]
    pub language: Option<Language>,
    /// Whether a person looks at a plan before it goes out.
    pub approval: Approval,
    /// The highest step number that any policy of the organisation had used by then; none is used for another step.
    #[serde(default)]
    pub highest_step: u16,
    /// Since when it is in force without a break; nothing while it is not.
    #[serde(default)]
    pub active_since: Option<Timestamp>,
    /// When this version was written.
    pub edited_at: Timestamp,
}

/// A missed step is sent late for this many allowed sending days, unless the owner says otherwise.
pub(crate) const fn default_catch_up() -> u8 {
    3
}

const fn yes() -> bool {
    true
}

/// Whose clock decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum WhoseClock {
    /// The organisation's zone.
    #[default]
    Organisation,
    /// The zones of the country of the customer's number; hours count that are valid in all of them.
    Customer,
}

/// Whether a policy sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Approval {
    /// An admin approves each day's plan.
    Required,
    /// Plans go out by themselves.
    Automatic,
}

/// How many messages one number may get.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Step {
    /// Never reused within an organisation.
    pub id: StepId,
    /// Days from the due date; negative is before it.
    pub offset_days: i16,
    /// How firm the text is.
    pub tone: Tone,
    /// Which text of the pack it sends after the due date; without one that of its tone.
    #[serde(default)]
    pub text: Option<Purpose>,
}

/// A step's number, kept when steps around it are edited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct StepId(pub u16);

impl StepId {
    /// Asks for the next number when the policy is saved.
    pub const NEW: Self = Self(0);
}

/// How firm a text is, mildest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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

impl Step {
    /// What it says on its very day; a later day, or a customer who owes more than one invoice, may make it another.
    pub fn purpose(&self) -> Purpose {
        match self.offset_days {
            0 => Purpose::DueToday,
            1.. => self.text.unwrap_or(Purpose::of(self.tone, true)),
            _ => Purpose::of(self.tone, false),
        }
    }
}

impl Policy {
    /// What a business starts from unless it chooses: four steps, office hours, approval.
    pub fn standard(edited_at: Timestamp) -> Self {
        Preset::Standard.policy(None, edited_at)
    }
}

#[cfg(test)]
mod tests {
    use super::{repeat::Every, validate::InvalidPolicy, *};

    fn standard() -> Policy {
        Policy::standard(Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn the_standard_policy_is_valid() {
        assert_eq!(standard().validate(), Ok(standard()));
    }

    #[test]
    fn a_step_says_what_its_day_its_tone_and_its_own_text_make_of_it() {
        let step = |offset_days, tone, text| Step { id: StepId::NEW, offset_days, tone, text }.purpose();
        assert_eq!(step(-3, Tone::Friendly, None), Purpose::Upcoming);
        assert_eq!(step(0, Tone::Friendly, None), Purpose::DueToday);
        assert_eq!(step(3, Tone::Friendly, None), Purpose::OverdueGentle);
        assert_eq!(step(10, Tone::Firm, None), Purpose::OverdueFirm);
        assert_eq!(step(10, Tone::Firm, Some(Purpose::Statement)), Purpose::Statement);
        assert_eq!(step(21, Tone::Final, None), Purpose::OverdueFinal);
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
        case(
            |p| {
                p.minimum_total.insert("ADE".parse().unwrap(), 100);
            },
            "minimum_total.ADE: no currency in use has this code of ISO 4217",
        );
        case(
            |p| p.steps[1].tone = Tone::Firm,
            "steps: the first step after the due date must be friendly or gentle, not the one at 3 days",
        );
        case(
            |p| p.steps[0].text = Some(Purpose::OverdueGentle),
            "steps: the step at -3 days is not after the due date, and overdue_gentle is for what is overdue",
        );
        case(
            |p| p.steps[1].text = Some(Purpose::OverdueFirm),
            "steps: the text overdue_firm is firmer than the step at 3 days",
        );
        case(|p| p.steps[1].text = Some(Purpose::ThankYou), "steps: the text thank_you is not for a step to choose");
        case(|p| p.steps[0].text = Some(Purpose::DueToday), "steps: the text due_today is not for a step to choose");
        case(|p| p.caps.gap_days = 0, "caps.gap_days: between 1 and 30 days, not 0");
        case(|p| p.catch_up_days = 11, "catch_up_days: at most 10 days, not 11");
        case(
            |p| p.release_holds_after = Some(4),
            "release_holds_after: between 5 and 30 business days, or none, not 4",
        );
        case(
            |p| p.release_holds_after = Some(31),
            "release_holds_after: between 5 and 30 business days, or none, not 31",
        );
        let every = |every, at_most| Some(Repeat { every, at_most });
        for (repeat, message) in [
            (every(Every::Days(7), 0), "repeat.at_most: between 1 and 24 repeats, not 0"),
            (every(Every::Days(2), 4), "repeat.every: at least 3 days or 1 month lie between two repeats"),
            (every(Every::Months(0), 4), "repeat.every: at least 3 days or 1 month lie between two repeats"),
        ] {
            cases.push((Policy { repeat, ..standard() }, message));
        }
        let early = vec![Step { id: StepId(1), offset_days: 0, tone: Tone::Friendly, text: None }];
        let repeat = every(Every::Days(7), 4);
        let message = "repeat: the last step must lie after the due date to be repeated";
        cases.push((Policy { steps: early, repeat, ..standard() }, message));
        let mut case = |change: fn(&mut Policy), message: &'static str| {
            let mut policy = standard();
            change(&mut policy);
            cases.push((policy, message));
        };
        case(|p| p.name = " ".to_owned(), "name: 1 to 60 characters are needed");
        case(|p| p.steps = vec![p.steps[0]; 21], "steps: at most 20 steps are allowed");
        for (policy, message) in cases {
            assert_eq!(policy.validate().unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn a_policy_that_was_stored_before_holds_could_end_by_themselves_releases_none() {
        let mut stored = serde_json::to_value(standard()).unwrap();
        stored.as_object_mut().unwrap().remove("release_holds_after").unwrap();
        assert_eq!(serde_json::from_value::<Policy>(stored).unwrap(), standard());
    }

    #[test]
    fn holds_may_end_by_themselves_after_five_to_thirty_business_days() {
        for days in [5, 30] {
            let policy = Policy { release_holds_after: Some(days), ..standard() };
            assert_eq!(policy.clone().validate(), Ok(policy));
        }
    }

    #[test]
    fn an_inserted_step_gets_a_new_number_and_the_others_keep_theirs() {
        let mut edited = standard();
        edited.steps.insert(2, Step { id: StepId(5), offset_days: 5, tone: Tone::Gentle, text: None });
        let saved = edited.follow(Some(&standard()), 4).unwrap();
        assert_eq!(saved.highest_step, 5);
        let mut without = saved.clone();
        without.steps.retain(|step| step.id != StepId(5));
        let without = without.follow(Some(&saved), 5).unwrap();
        let mut again = without.clone();
        again.steps.push(Step { id: StepId(5), offset_days: 30, tone: Tone::Final, text: None });
        assert_eq!(again.follow(Some(&without), 5), Err(InvalidPolicy::NumberUsed(5)));
    }

    #[test]
    fn a_step_without_a_number_gets_the_next_one_of_the_organisation() {
        let numbers = |policy: &Policy| policy.steps.iter().map(|step| step.id.0).collect::<Vec<_>>();
        let mut unnumbered = standard();
        unnumbered.steps.iter_mut().for_each(|step| step.id = StepId::NEW);
        let first = unnumbered.clone().validate().unwrap().follow(None, 7).unwrap();
        assert_eq!((numbers(&first), first.highest_step), (vec![8, 9, 10, 11], 11));
        // A day that is known keeps its number.
        unnumbered.steps[1].offset_days = 5;
        let second = unnumbered.validate().unwrap().follow(Some(&first), 20).unwrap();
        assert_eq!((numbers(&second), second.highest_step), (vec![8, 21, 10, 11], 21));
    }

    #[test]
    fn a_number_is_never_given_twice_and_never_runs_out_by_mistake() {
        let step = |id: u16, offset_days: i16| Step { id: StepId(id), offset_days, tone: Tone::Gentle, text: None };
        let with = |steps: Vec<Step>| Policy { steps, repeat: None, ..standard() };
        // Step 2 moves away from its day, and a new step takes the day, and with it the number.
        let moved = with(vec![step(0, 3), step(2, 5)]);
        assert_eq!(moved.validate().unwrap().follow(Some(&standard()), 4), Err(InvalidPolicy::SameId(StepId(2))));
        let far = with(vec![step(25, 3)]);
        assert_eq!(far.follow(None, 4), Err(InvalidPolicy::NumberTooHigh(24)));
        let near = with(vec![step(24, 3)]);
        assert_eq!(near.follow(None, 4).unwrap().highest_step, 24);
        let full = with(vec![step(0, 3)]);
        assert_eq!(full.follow(None, u16::MAX), Err(InvalidPolicy::NumberTooHigh(u16::MAX)));
    }

    #[test]
    fn a_policy_that_follows_none_is_in_force_since_it_was_written() {
        let edited_at: Timestamp = "2026-11-24T06:00:00Z".parse().unwrap();
        let since =
            |state| Policy { state, edited_at, steps: Vec::new(), ..standard() }.follow(None, 0).unwrap().active_since;
        assert_eq!([since(PolicyState::Active), since(PolicyState::Draft)], [Some(edited_at), None]);
    }

    #[test]
    fn renumbering_the_steps_is_refused_because_it_would_send_them_again() {
        let mut renumbered = standard();
        renumbered.steps.insert(2, Step { id: StepId(5), offset_days: 5, tone: Tone::Gentle, text: None });
        for (n, step) in renumbered.steps.iter_mut().enumerate() {
            step.id = StepId(u16::try_from(n).unwrap() + 1);
        }
        let error = renumbered.follow(Some(&standard()), 4).unwrap_err();
        assert_eq!(error.to_string(), "steps: the step at 10 days is number 3, and a step keeps its number");
    }
}
