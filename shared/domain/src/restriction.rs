//! What Meta does not let an account do for a while, after it broke a rule or was reported too often.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A restriction of a WhatsApp account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Restriction {
    /// What it may not do.
    pub kind: RestrictionKind,
    /// Until when; without an end a person has to look at it, and enter the number again once it is over.
    pub until: Option<Timestamp>,
}

/// What a restricted account may not do (Meta: webhooks, `account_update`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RestrictionKind {
    /// Write first to anybody.
    BusinessInitiated,
    /// Answer anybody.
    CustomerInitiated,
    /// Add numbers.
    AddingNumbers,
    /// Send utility templates.
    UtilityTemplates,
    /// Send utility texts without a template, which is never done here.
    DirectSend,
    /// Send utility templates as fast as it likes.
    UtilityRate,
    /// Something that is not known here.
    Other,
}

impl RestrictionKind {
    /// Whether no reminder should go out meanwhile; what is not known here may concern them.
    pub const fn stops_reminders(self) -> bool {
        match self {
            Self::BusinessInitiated | Self::UtilityTemplates | Self::UtilityRate | Self::Other => true,
            Self::CustomerInitiated | Self::AddingNumbers | Self::DirectSend => false,
        }
    }
}

impl Restriction {
    /// Whether it still holds.
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }

    /// Of two, the one that holds longer, so that order and repeats do not matter.
    pub fn or_longer(self, other: Option<Self>) -> Self {
        let end = |restriction: &Self| (restriction.until.is_none(), restriction.until, restriction.kind);
        match other {
            Some(other) if end(&other) > end(&self) => other,
            Some(_) | None => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn until(kind: RestrictionKind, until: Option<i64>) -> Restriction {
        Restriction { kind, until: until.map(|second| Timestamp::from_second(second).unwrap()) }
    }

    #[test]
    fn it_holds_until_its_end_or_until_a_person_looks() {
        let now = Timestamp::from_second(10).unwrap();
        let holds = |end| until(RestrictionKind::Other, end).is_in_force(now);
        assert_eq!([holds(Some(9)), holds(Some(10)), holds(Some(11)), holds(None)], [false, false, true, true]);
    }

    #[test]
    fn of_several_the_longest_is_left_in_whatever_order_they_come() {
        use RestrictionKind::{BusinessInitiated, UtilityRate, UtilityTemplates};
        let mut told =
            [until(UtilityRate, Some(5)), until(UtilityTemplates, Some(9)), until(BusinessInitiated, Some(9))];
        for _ in 0..told.len() {
            told.rotate_left(1);
            let left = told.into_iter().fold(None, |left, next: Restriction| Some(next.or_longer(left)));
            assert_eq!(left, Some(until(UtilityTemplates, Some(9))), "{told:?}");
        }
        let endless = until(BusinessInitiated, None);
        assert_eq!(endless.or_longer(Some(told[0])), endless);
        assert_eq!(told[0].or_longer(Some(endless)), endless);
    }
}
