//! What Meta tells with the statuses of a message, besides how far it got.

pub mod pricing;
pub mod status_error;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::delivery_report::{pricing::Pricing, status_error::StatusError};

/// What the statuses of one message told together, in whatever order and however often they came.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryReport {
    /// Why it could not be delivered.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub errors: BTreeSet<StatusError>,
    /// What Meta bills for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pricing: Option<Pricing>,
}

/// Errors of one message that are kept: Meta gives one, and allows for several.
const MOST_ERRORS: usize = 4;

impl DeliveryReport {
    /// What one status tells.
    pub fn new(errors: BTreeSet<StatusError>, pricing: Option<Pricing>) -> Self {
        let mut report = Self { errors, pricing };
        report.bound();
        report
    }

    /// Takes in what another status tells; order and repeats do not matter.
    pub fn join(&mut self, other: &Self) {
        self.errors.extend(other.errors.iter().cloned());
        self.pricing = self.pricing.max(other.pricing);
        self.bound();
    }

    /// Whether it tells nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The smallest ones stay, so that the same do whatever came first.
    fn bound(&mut self) {
        while self.errors.len() > MOST_ERRORS {
            self.errors.pop_last();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::delivery_report::pricing::{Billed, PriceCategory};

    fn a_report() -> impl Strategy<Value = DeliveryReport> {
        let error = (0_u32..4, prop::option::of("[a-z]{1,3}"));
        let errors = prop::collection::btree_set(error, 0..3);
        let pricing = prop::option::of((prop::sample::select(&Billed::ALL), prop::sample::select(&PriceCategory::ALL)));
        (errors, pricing).prop_map(|(errors, pricing)| {
            let errors = errors.iter().map(|(code, details)| StatusError::new(*code, details.as_deref())).collect();
            DeliveryReport::new(errors, pricing.map(|(billed, category)| Pricing { billed, category }))
        })
    }

    fn together<'r>(reports: impl IntoIterator<Item = &'r DeliveryReport>) -> DeliveryReport {
        reports.into_iter().fold(DeliveryReport::default(), |mut all, report| {
            all.join(report);
            all
        })
    }

    proptest! {
        #[test]
        fn the_order_of_statuses_and_their_repeats_change_nothing(
            reports in prop::collection::vec(a_report(), 0..8),
            places in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
        ) {
            let all = together(&reports);
            let mut shuffled = reports.clone();
            if !reports.is_empty() {
                shuffled.extend(places.iter().map(|place| place.get(&reports).clone()));
                for (at, place) in places.iter().enumerate() {
                    let (one, other) = (at % shuffled.len(), place.index(shuffled.len()));
                    shuffled.swap(one, other);
                }
            }
            prop_assert_eq!(together(&shuffled), all);
        }

        #[test]
        fn what_is_stored_is_read_again(report in a_report()) {
            let stored = serde_json::to_value(&report).unwrap();
            prop_assert_eq!(serde_json::from_value::<DeliveryReport>(stored).unwrap(), report);
        }
    }

    #[test]
    fn a_message_has_a_few_errors_at_most() {
        let errors = (0..9).map(|code| StatusError::new(code, None)).collect();
        let report = DeliveryReport::new(errors, None);
        assert_eq!(report.errors.iter().map(|error| error.code).collect::<Vec<_>>(), [0, 1, 2, 3]);
    }
}
