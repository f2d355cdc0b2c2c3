//! Policies that a business can start from.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    calendar::SendCalendar,
    id::PolicyId,
    phone::CountryCode,
    policy::{
        Approval, Caps, Policy, PolicyState, Step, StepId, Tone, WhoseClock,
        audience::Audience,
        repeat::{Every, Repeat},
    },
};

/// A ready-made policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Preset {
    /// For customers one wants to keep at any price: late, few and never the last word.
    Gentle,
    /// What most businesses want.
    Standard,
    /// For those who pay only when asked.
    Firm,
}

impl Preset {
    /// All of them, the mildest first.
    pub const ALL: [Self; 3] = [Self::Gentle, Self::Standard, Self::Firm];

    /// The policy as a draft, in the working week of a country and closed on its holidays.
    pub fn policy(self, country: Option<CountryCode>, edited_at: Timestamp) -> Policy {
        let (name, steps, repeat) = self.content();
        let steps: Vec<Step> = (1_u16..)
            .zip(steps)
            .map(|(id, (offset_days, tone))| Step {
                id: StepId(id),
                offset_days: *offset_days,
                tone: *tone,
                text: None,
            })
            .collect();
        Policy {
            id: PolicyId::organisation_default(),
            name: name.to_owned(),
            audience: Audience::Organisation,
            version: 1,
            state: PolicyState::Draft,
            highest_step: u16::try_from(steps.len()).unwrap_or(u16::MAX),
            steps,
            repeat,
            calendar: country.map_or_else(SendCalendar::office_hours, SendCalendar::for_country),
            clock: WhoseClock::Organisation,
            caps: Caps::default(),
            minimum_total: BTreeMap::new(),
            catch_up_days: crate::policy::default_catch_up(),
            only_marked_sent: false,
            hold_when_we_owe: true,
            thank_you: self == Self::Gentle,
            pay_link: false,
            pdf: false,
            release_holds_after: None,
            language: None,
            approval: Approval::Required,
            active_since: None,
            edited_at,
        }
    }

    const fn content(self) -> (&'static str, &'static [(i16, Tone)], Option<Repeat>) {
        match self {
            Self::Gentle => ("Gentle", &[(-3, Tone::Friendly), (7, Tone::Gentle), (21, Tone::Firm)], None),
            Self::Standard => {
                ("Standard", &[(-3, Tone::Friendly), (3, Tone::Gentle), (10, Tone::Firm), (21, Tone::Final)], None)
            }
            Self::Firm => (
                "Firm",
                &[
                    (-7, Tone::Friendly),
                    (0, Tone::Friendly),
                    (1, Tone::Gentle),
                    (5, Tone::Firm),
                    (10, Tone::Firm),
                    (15, Tone::Final),
                ],
                Some(Repeat { every: Every::Days(7), at_most: 4 }),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_is_a_valid_draft_in_every_working_week() {
        for preset in Preset::ALL {
            for country in [None, "AE".parse().ok(), "EG".parse().ok(), "GB".parse().ok()] {
                let policy = preset.policy(country, Timestamp::UNIX_EPOCH);
                assert_eq!(policy.clone().validate(), Ok(policy.clone()), "{preset:?} {country:?}");
                assert_eq!(policy.state, PolicyState::Draft);
            }
        }
    }

    #[test]
    fn the_gentle_preset_never_says_the_last_word() {
        let gentle = Preset::Gentle.policy(None, Timestamp::UNIX_EPOCH);
        assert_eq!(gentle.steps.iter().map(|step| step.tone).max(), Some(Tone::Firm));
    }
}
