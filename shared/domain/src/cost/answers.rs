//! Answers within the window: the first of a number and month are free, the others cost what a reminder costs.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    conversation::{Answer, AnswerState, FREE_ANSWERS_PER_MONTH},
    cost::Tally,
    id::PhoneNumberId,
};

/// The answers of one number in a calendar month.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AnswerTally {
    /// As what Meta bills them, as far as it has told.
    #[serde(flatten)]
    pub told: Tally,
    /// How many more are free in the month, by the number of those that went out.
    pub free_left: u32,
}

/// The answers of a month by the number that they went out from, each with its number.
pub fn by_number<'a>(
    answers: impl IntoIterator<Item = (&'a PhoneNumberId, &'a Answer)>,
) -> BTreeMap<PhoneNumberId, AnswerTally> {
    let mut tallies: BTreeMap<PhoneNumberId, AnswerTally> = BTreeMap::new();
    for (sender, answer) in answers {
        let went_out = match &answer.state {
            AnswerState::Called(state) => state.is_billed(),
            AnswerState::Waiting | AnswerState::Dropped(_) => false,
        };
        if went_out {
            let blank = || AnswerTally { told: Tally::default(), free_left: FREE_ANSWERS_PER_MONTH };
            let tally = tallies.entry(sender.clone()).or_insert_with(blank);
            tally.told.add(answer.report.pricing);
            tally.free_left = tally.free_left.saturating_sub(1);
        }
    }
    tallies
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{
        conversation::{AnsweredBy, WhyDropped},
        delivery_report::{
            DeliveryReport,
            pricing::{Billed, PriceCategory, Pricing},
        },
        reminder::ReminderState,
    };

    fn answer(state: AnswerState, pricing: Option<Pricing>) -> Answer {
        Answer {
            attempt: crate::id::AttemptId::new(uuid::Uuid::from_u128(1)),
            by: AnsweredBy::Numo,
            text: "Here we are.".to_owned(),
            choice: None,
            state,
            message: None,
            report: DeliveryReport::new(BTreeSet::new(), pricing),
        }
    }

    #[test]
    fn free_answers_stand_beside_paid_ones_and_what_did_not_go_out_is_neither() {
        let free = Pricing { billed: Billed::FreeCustomerService, category: PriceCategory::Service };
        let paid = Pricing { billed: Billed::Regular, category: PriceCategory::Service };
        let called = |state| AnswerState::Called(state);
        let (one, other): (PhoneNumberId, PhoneNumberId) = ("200".parse().unwrap(), "201".parse().unwrap());
        let answers = [
            (&one, answer(called(ReminderState::Delivered), Some(free))),
            (&one, answer(called(ReminderState::Read), Some(paid))),
            (&one, answer(called(ReminderState::Accepted), None)),
            (&one, answer(called(ReminderState::Failed { code: 131_026 }), None)),
            (&one, answer(AnswerState::Waiting, None)),
            (&one, answer(AnswerState::Dropped(WhyDropped::WindowClosed), None)),
            (&other, answer(called(ReminderState::Sent), Some(free))),
        ];
        let tallies = by_number(answers.iter().map(|(sender, answer)| (*sender, answer)));
        let told = Tally { billed: [(PriceCategory::Service, 1)].into(), free: 1, untold: 1 };
        let of_other = AnswerTally { told: Tally { free: 1, ..Tally::default() }, free_left: 999 };
        assert_eq!(tallies, [(one, AnswerTally { told, free_left: 997 }), (other, of_other)].into());
    }

    #[test]
    fn no_more_are_free_after_the_thousandth() {
        let sender = "200".parse().unwrap();
        let answer = answer(AnswerState::Called(ReminderState::Delivered), None);
        let left = |n: usize| by_number((0..n).map(|_| (&sender, &answer)))[&sender].free_left;
        assert_eq!([left(1), left(999), left(1_000), left(1_001)], [999, 1, 0, 0]);
    }
}
