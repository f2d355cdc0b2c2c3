//! A policy as its form has it: what stands in the fields, as it was stored or as it was typed.
//!
//! The names of the fields are in `write` and `read`, which are each other's opposite.

mod merge;
mod read;
mod write;

use std::collections::BTreeMap;

use numo_domain::{
    policy::{Policy, Step, StepId, Tone, audience::Audience},
    template::Purpose,
};

pub(super) use self::{
    merge::merge,
    read::{audience::chosen, language, read, steps},
    write::reference,
};
use crate::console::sent::Fields;

/// What is wrong with which field, in a sentence.
pub(super) type Wrong = BTreeMap<String, String>;

/// Tones as a form has them.
pub(super) const TONES: [(Tone, &str); 4] =
    [(Tone::Friendly, "friendly"), (Tone::Gentle, "gentle"), (Tone::Firm, "firm"), (Tone::Final, "final")];

/// Texts that a step after the due date may be given.
pub(super) const TEXTS: [Purpose; 4] =
    [Purpose::OverdueGentle, Purpose::Statement, Purpose::OverdueFirm, Purpose::OverdueFinal];

/// The fields, and what is wrong with them.
#[derive(Debug)]
pub(super) struct PolicyForm {
    pub(super) fields: Fields,
    pub(super) wrong: Wrong,
}

/// A row of the form's steps.
pub(super) struct StepRow {
    /// Its place in the form, which its fields are named by.
    pub(super) place: usize,
    pub(super) id: String,
    pub(super) days: String,
    pub(super) is_before: bool,
    pub(super) tone: String,
    pub(super) text: String,
    pub(super) wrong: Option<String>,
}

impl PolicyForm {
    /// The form of a policy that is there.
    pub(super) fn of(policy: &Policy) -> Self {
        Self::typed(write::write(policy))
    }

    /// The fields that say for whom a policy is.
    pub(super) fn of_audience(audience: &Audience) -> Fields {
        Fields::new(write::audience(audience))
    }

    /// A form as somebody sent it.
    pub(super) const fn typed(fields: Fields) -> Self {
        Self { fields, wrong: Wrong::new() }
    }

    /// What is in a field.
    pub(super) fn value(&self, name: &str) -> &str {
        self.fields.optional(name).unwrap_or_default()
    }

    /// Whether a choice of this name is made, or a box ticked.
    pub(super) fn is(&self, name: &str, choice: &str) -> bool {
        self.fields.all(name).any(|value| value == choice)
    }

    /// What is wrong with a field.
    pub(super) fn wrong(&self, name: &str) -> Option<&str> {
        self.wrong.get(name).map(String::as_str)
    }

    /// The steps as they stand in the form.
    pub(super) fn rows(&self) -> Vec<StepRow> {
        let of = |name: &str, place: usize| self.value(&format!("{name}_{place}")).to_owned();
        let row = |place| StepRow {
            place,
            id: of("id", place),
            days: of("days", place),
            is_before: of("side", place) == "before",
            tone: of("tone", place),
            text: of("text", place),
            wrong: self.wrong(&format!("days_{place}")).map(str::to_owned),
        };
        read::places(&self.fields).map(row).collect()
    }

    /// The same form with one more step behind the last one.
    pub(super) fn with_step(&self) -> Self {
        let place = read::places(&self.fields).last().map_or(0, |last| last + 1);
        let last = read::steps(&self.fields).last().map_or((0, Tone::Friendly), |last| (last.offset_days, last.tone));
        let next = Step { id: StepId::NEW, offset_days: last.0.saturating_add(7), tone: last.1, text: None };
        let fields = self.fields.iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self::typed(Fields::new(fields.chain(write::step(place, &next)).collect()))
    }

    /// The same form without one step.
    pub(super) fn without_step(&self, place: &str) -> Self {
        let is_of = |name: &str| {
            name.rsplit_once('_').is_some_and(|(field, number)| read::OF_A_STEP.contains(&field) && number == place)
        };
        let fields = self.fields.iter().filter(|(name, _)| !is_of(name));
        Self::typed(Fields::new(fields.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()))
    }
}

#[cfg(test)]
mod tests;
