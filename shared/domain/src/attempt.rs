//! One call to Meta for a reminder: what it says, and what it rests on.

mod short_lines;
mod short_money;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{id::PolicyId, money::Money, plan::decision::InvoiceLine, reminder::TemplateRef};

/// What an attempt says, and why it was made: written once, before the claim, and never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// The policy that asked for it.
    #[serde(default = "PolicyId::organisation_default", skip_serializing_if = "PolicyId::is_organisation_default")]
    pub policy: PolicyId,
    /// Its version.
    pub policy_version: u32,
    /// Approved template, by name and language.
    pub template: TemplateRef,
    /// The text as sent.
    pub text: String,
    /// What it lists.
    #[serde(with = "short_lines")]
    pub lines: Vec<InvoiceLine>,
    /// What it asks for; stored as `1804296 AED`.
    #[serde(with = "short_money")]
    pub total: Money,
    /// What the ledger said right before the claim.
    pub evidence: Evidence,
}

impl Attempt {
    /// What is left of it once its customer is erased: that it was made, by which policy and with which text of the pack.
    #[must_use]
    pub fn without_words(self) -> Self {
        let nothing = Money::zero(self.total.currency);
        let evidence = Evidence { anchor_remaining: nothing, request_ids: Vec::new(), ..self.evidence };
        Self { text: String::new(), lines: Vec::new(), total: nothing, evidence, ..self }
    }
}

/// What the ledger said right before a send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// When it was asked.
    pub read_at: Timestamp,
    /// What was left of the anchor; stored as `141384 AED`.
    #[serde(with = "short_money")]
    pub anchor_remaining: Money,
    /// The ledger's own time of the anchor's last change; none when it does not list the anchor any more.
    pub anchor_updated_at: Option<Timestamp>,
    /// The ledger's ids of the calls, for its support.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub request_ids: Vec<String>,
}
