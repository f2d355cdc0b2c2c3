//! A template as it stands on a business's account.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::reminder::TemplateRef;

/// A template on a business's account, as Meta last described it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountTemplate {
    /// Name and language.
    pub template: TemplateRef,
    /// Whether Meta lets it be sent.
    pub status: TemplateStatus,
    /// Why it cannot be sent, where it cannot and Meta told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<WhyUnusable>,
    /// Meta's code, where it did not take it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<u32>,
    /// Until when it is not used although Meta says that it may be sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rests_until: Option<Timestamp>,
}

/// Whether a template may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TemplateStatus {
    /// It may be sent.
    Approved,
    /// Meta is looking at it.
    Pending,
    /// It may not, for now or for good.
    Unusable,
}

/// Why a template may not be sent (Meta: template status, category and quality).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum WhyUnusable {
    /// Meta takes it for marketing: it costs more, people can opt out of it, and none arrives in the US.
    Marketing,
    /// Meta's review refused it.
    Rejected,
    /// Customers blocked or reported it; Meta lets it go on by itself after some hours, or waits to be asked.
    Paused,
    /// It was paused too often and never comes back under this name.
    Disabled,
    /// It was not used for a year; it can be brought back for 28 days.
    Archived,
    /// Somebody deleted it.
    Deleted,
    /// The account has too many texts.
    LimitExceeded,
    /// Somebody at Meta locked it.
    Locked,
    /// Customers block or report it so often that Meta is about to pause it.
    LowQuality,
    /// The account does not have it in this language, or not approved.
    Missing,
    /// Meta did not take it when it was to be registered.
    NotTaken,
    /// What is filled in does not fit it: the account has another text under this name.
    Mismatch,
    /// Meta would try to deliver its messages for longer than ours live, so that one could arrive after the payment.
    LivesTooLong,
}

impl WhyUnusable {
    /// Whether it may be over soon without anybody doing anything.
    pub const fn may_pass(self) -> bool {
        matches!(self, Self::Paused | Self::LowQuality | Self::Archived | Self::Missing)
    }
}

impl AccountTemplate {
    /// One that may be sent.
    pub const fn approved(template: TemplateRef) -> Self {
        Self { template, status: TemplateStatus::Approved, why: None, code: None, rests_until: None }
    }

    /// One that Meta is looking at.
    pub const fn pending(template: TemplateRef) -> Self {
        Self { template, status: TemplateStatus::Pending, why: None, code: None, rests_until: None }
    }

    /// One that may not be sent.
    pub const fn unusable(template: TemplateRef, why: WhyUnusable) -> Self {
        Self { template, status: TemplateStatus::Unusable, why: Some(why), code: None, rests_until: None }
    }

    /// One that Meta did not take, with its code.
    pub fn not_taken(template: TemplateRef, code: u32) -> Self {
        Self { code: Some(code), ..Self::unusable(template, WhyUnusable::NotTaken) }
    }

    /// Whether it may be sent.
    pub fn is_approved(&self) -> bool {
        self.status == TemplateStatus::Approved
    }

    /// Whether it is left alone at a time, whatever Meta says of it.
    pub fn rests(&self, now: Timestamp) -> bool {
        self.rests_until.is_some_and(|until| until > now)
    }
}
