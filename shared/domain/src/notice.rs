//! What Meta tells about an account that a person should know, and nothing here follows from.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Something to know about a WhatsApp account, until somebody has seen it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Notice {
    /// What.
    pub what: NoticeKind,
    /// Meta's own word for it, where it has one: a kind of violation or of alert, a date, the name of a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub word: Option<String>,
}

/// What there is to know (Meta: webhooks, account and number fields).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// The account broke a rule.
    Violation,
    /// Meta is going to disable the account.
    DisableScheduled,
    /// Meta's review of the account refused it.
    ReviewRejected,
    /// It may not answer customers for a while.
    AnswersRestricted,
    /// It may not add numbers for a while.
    NumbersRestricted,
    /// The name that customers see was not approved.
    NameDeclined,
    /// Customers block or report the number often.
    QualityLow,
    /// A text is going to be marketing within a day.
    TextBecomesMarketing,
    /// Meta bills a text in another category than its own, which may cost more.
    BilledInOtherCategory,
    /// The PIN of a number was changed.
    PinChanged,
    /// Somebody asked to reset the PIN of a number.
    PinReset,
    /// The limits of the business cannot be raised yet.
    LimitNotRaised,
    /// Something about the official status of the business account.
    OfficialStatus,
    /// The picture of the profile is gone.
    PictureLost,
    /// Meta did not take texts when they were to be registered; its word is the code.
    TextNotTaken,
    /// An alert that is not known here.
    OtherAlert,
}

impl NoticeKind {
    /// The word in keys, API and documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Violation => "violation",
            Self::DisableScheduled => "disable_scheduled",
            Self::ReviewRejected => "review_rejected",
            Self::AnswersRestricted => "answers_restricted",
            Self::NumbersRestricted => "numbers_restricted",
            Self::NameDeclined => "name_declined",
            Self::QualityLow => "quality_low",
            Self::TextBecomesMarketing => "text_becomes_marketing",
            Self::BilledInOtherCategory => "billed_in_other_category",
            Self::PinChanged => "pin_changed",
            Self::PinReset => "pin_reset",
            Self::LimitNotRaised => "limit_not_raised",
            Self::OfficialStatus => "official_status",
            Self::PictureLost => "picture_lost",
            Self::TextNotTaken => "text_not_taken",
            Self::OtherAlert => "other_alert",
        }
    }
}

/// Characters of Meta's longest word.
const MAX_WORD_CHARS: usize = 64;

impl Notice {
    /// A notice without a word.
    pub const fn of(what: NoticeKind) -> Self {
        Self { what, word: None }
    }

    /// A notice with Meta's word, if that is one: capitals, digits, dashes and nothing that a person wrote.
    pub fn with(what: NoticeKind, word: Option<String>) -> Self {
        let is_word = |text: &String| {
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | ',' | ' ');
            !text.is_empty() && text.chars().count() <= MAX_WORD_CHARS && text.chars().all(plain)
        };
        Self { what, word: word.filter(is_word) }
    }
}

impl fmt::Display for Notice {
    /// The form in keys: its kind, then its word.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.what.name(), self.word.as_deref().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_metas_own_and_short() {
        let word = |text: &str| Notice::with(NoticeKind::Violation, Some(text.to_owned())).word;
        for kept in ["ADULT", "April 17, 2025", "numo_overdue_firm_v1", "2026-11-27"] {
            assert_eq!(word(kept).as_deref(), Some(kept));
        }
        for dropped in ["", "call +971", "a\nb", "نعم", &"A".repeat(65)] {
            assert_eq!(word(dropped), None, "{dropped}");
        }
    }

    #[test]
    fn a_kind_is_named_alike_everywhere() {
        use NoticeKind::{
            AnswersRestricted, BilledInOtherCategory, DisableScheduled, LimitNotRaised, NameDeclined,
            NumbersRestricted, OfficialStatus, OtherAlert, PictureLost, PinChanged, PinReset, QualityLow,
            ReviewRejected, TextBecomesMarketing, Violation,
        };
        for kind in [
            Violation,
            DisableScheduled,
            ReviewRejected,
            AnswersRestricted,
            NumbersRestricted,
            NameDeclined,
            QualityLow,
            TextBecomesMarketing,
            BilledInOtherCategory,
            PinChanged,
            PinReset,
            LimitNotRaised,
            OfficialStatus,
            PictureLost,
            OtherAlert,
        ] {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
        }
    }
}
