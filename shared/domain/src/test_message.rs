//! A text of the pack that a member has sent to their own number, to see what customers see.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    call_state::CallState,
    delivery_report::DeliveryReport,
    id::{AttemptId, MessageId, TestMessageId, UserId},
    language::Language,
    template::{PackTemplate, Purpose, Variant, template_for},
};

/// One test message; it is no reminder, and counts nowhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestMessage {
    /// Named by who asked, so that a form that is sent twice asks once.
    pub id: TestMessageId,
    /// The call to Meta that is made for it; echoed by its statuses.
    pub attempt: AttemptId,
    /// Who asked for it, and gets it.
    pub by: UserId,
    /// Which text.
    pub purpose: Purpose,
    /// In which language.
    pub language: Language,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// Where it stands.
    pub state: TestState,
    /// Meta's id of it, once known.
    pub message: Option<MessageId>,
    /// What Meta told of it.
    #[serde(default, skip_serializing_if = "DeliveryReport::is_empty")]
    pub report: DeliveryReport,
}

impl TestMessage {
    /// The text of the pack.
    pub fn template(&self) -> PackTemplate {
        template_for(self.purpose, self.language, Variant::Plain)
    }
}

/// Where a test message stands.
pub type TestState = CallState<WhyNoTest>;

/// Why there is no test message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum WhyNoTest {
    /// The member has no number that is proved to be theirs, or had it forgotten.
    NoNumber,
    /// The number does not want to be written to.
    OptedOut,
    /// No number of the business can send.
    SenderBlocked,
    /// WhatsApp has not approved the text in this language, or took the approval back.
    TemplateUnusable,
    /// Everything is paused.
    Paused,
    /// It could not be sent in time: nobody waits for a test for long.
    Lapsed,
}

impl WhyNoTest {
    /// The reason as it is told.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::NoNumber => "no WhatsApp number is proved to be yours: ask for a code first",
            Self::OptedOut => "your number does not want to be written to: write START from it first",
            Self::SenderBlocked => "no WhatsApp number of the organisation can send at the moment",
            Self::TemplateUnusable => "WhatsApp has not approved this text in this language",
            Self::Paused => "everything is paused: resume first",
            Self::Lapsed => "it could not be sent in time",
        }
    }
}
