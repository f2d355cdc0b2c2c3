//! What Meta bills for a message, as its statuses tell.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What Meta bills for a message; stored as `regular utility`.
///
/// Of two that contradict each other the dearer one counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Pricing {
    /// Whether it costs anything.
    pub billed: Billed,
    /// By which row of the rate card.
    pub category: PriceCategory,
}

/// Whether a message costs anything (Meta: webhooks, status, `pricing.type`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Billed {
    /// Nothing, within 72 hours after a click on an advertisement.
    FreeEntryPoint,
    /// Nothing, within the customer service window.
    FreeCustomerService,
    /// Nothing, for a reason that Meta does not name or that is not known here.
    Free,
    /// The rate of its category and country.
    Regular,
}

/// A category of Meta's rate card, the cheaper one first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PriceCategory {
    /// One that no message of ours is expected in.
    Other,
    /// Words of the business within the window.
    Service,
    /// What our texts are.
    Utility,
    /// Codes.
    Authentication,
    /// Advertising.
    Marketing,
}

impl Pricing {
    /// Whether Meta takes nothing for it.
    pub const fn is_free(self) -> bool {
        match self.billed {
            Billed::FreeEntryPoint | Billed::FreeCustomerService | Billed::Free => true,
            Billed::Regular => false,
        }
    }

    /// Whether a text of the pack is billed in a category that is known and not its own.
    pub const fn is_unlike_a_reminder(self) -> bool {
        let is_other = match self.category {
            PriceCategory::Service | PriceCategory::Authentication | PriceCategory::Marketing => true,
            PriceCategory::Utility | PriceCategory::Other => false,
        };
        is_other && !self.is_free()
    }
}

impl Billed {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::FreeEntryPoint, Self::FreeCustomerService, Self::Free, Self::Regular];

    /// Meta's word, and the one in the table and the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FreeEntryPoint => "free_entry_point",
            Self::FreeCustomerService => "free_customer_service",
            Self::Free => "free",
            Self::Regular => "regular",
        }
    }
}

impl PriceCategory {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Other, Self::Service, Self::Utility, Self::Authentication, Self::Marketing];

    /// The word in the table and the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Other => "other",
            Self::Service => "service",
            Self::Utility => "utility",
            Self::Authentication => "authentication",
            Self::Marketing => "marketing",
        }
    }
}

impl fmt::Display for Pricing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.billed.name(), self.category.name())
    }
}

impl From<Pricing> for String {
    fn from(pricing: Pricing) -> Self {
        pricing.to_string()
    }
}

/// Not what Meta bills for a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("what is billed and its category are needed")]
pub struct NoPricing;

impl TryFrom<String> for Pricing {
    type Error = NoPricing;

    fn try_from(text: String) -> Result<Self, NoPricing> {
        let (billed, category) = text.split_once(' ').ok_or(NoPricing)?;
        let billed = Billed::ALL.into_iter().find(|known| known.name() == billed).ok_or(NoPricing)?;
        let category = PriceCategory::ALL.into_iter().find(|known| known.name() == category).ok_or(NoPricing)?;
        Ok(Self { billed, category })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_is_stored_as_two_words_and_read_again() {
        for (billed, category) in
            Billed::ALL.into_iter().flat_map(|billed| PriceCategory::ALL.map(|category| (billed, category)))
        {
            let stored = serde_json::to_value(Pricing { billed, category }).unwrap();
            assert_eq!(stored, format!("{} {}", billed.name(), category.name()));
            assert_eq!(serde_json::from_value::<Pricing>(stored).unwrap(), Pricing { billed, category });
            assert_eq!(serde_json::to_value(billed).unwrap(), billed.name());
            assert_eq!(serde_json::to_value(category).unwrap(), category.name());
        }
        for broken in ["regular", "regular_utility", "gratis utility", "regular UTILITY"] {
            assert_eq!(Pricing::try_from(broken.to_owned()), Err(NoPricing), "{broken}");
        }
    }

    #[test]
    fn of_two_that_contradict_each_other_the_dearer_one_counts() {
        let pricing = |billed, category| Pricing { billed, category };
        let free = pricing(Billed::FreeCustomerService, PriceCategory::Marketing);
        let utility = pricing(Billed::Regular, PriceCategory::Utility);
        let marketing = pricing(Billed::Regular, PriceCategory::Marketing);
        assert_eq!([free.max(utility), utility.max(marketing), marketing.max(free)], [utility, marketing, marketing]);
    }

    #[test]
    fn only_what_costs_something_in_another_category_is_unlike_a_reminder() {
        let unlike = |billed, category| Pricing { billed, category }.is_unlike_a_reminder();
        assert!(unlike(Billed::Regular, PriceCategory::Marketing));
        assert!(!unlike(Billed::Regular, PriceCategory::Utility) && !unlike(Billed::Regular, PriceCategory::Other));
        assert!(!unlike(Billed::FreeCustomerService, PriceCategory::Marketing));
    }
}
