//! WhatsApp Cloud API: numbers, templates and sending.

use std::collections::BTreeSet;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use numo_domain::{
    account_bill::Sums,
    conversation::{Answer, Recipient},
    id::{AttemptId, MediaId, MessageId, PhoneNumberId, WabaId},
    message::Message,
    phone::PhoneNumber,
    sender::Throughput,
    template::{AccountTemplate, PackTemplate, WhyUnusable},
    whatsapp_account::AccountTrouble,
};
use secrecy::SecretString;

use crate::port::template_library::TemplateLibrary;

/// Sends messages.
#[async_trait]
pub trait Messaging: Send + Sync {
    /// Sends a template message once; it is never repeated by the client.
    async fn send(
        &self,
        sender: &SenderAccess,
        to: &PhoneNumber,
        attempt: AttemptId,
        message: &Message,
    ) -> Result<Taken, SendError>;

    /// Gives Meta a PDF, so that messages of the number can carry it; nobody sees it before one does.
    async fn upload_pdf(&self, sender: &SenderAccess, file: &[u8]) -> Result<MediaId, AccountError>;

    /// Sends words of the business within the customer service window, with the days that stand below them, once as well.
    async fn answer(&self, sender: &SenderAccess, to: &Recipient, answer: &Answer) -> Result<Taken, SendError>;
}

/// A sending number and the token that opens it.
#[derive(Debug, Clone)]
pub struct SenderAccess {
    /// Meta's id of the number.
    pub phone_number_id: PhoneNumberId,
    /// Business token.
    pub token: SecretString,
}

/// Meta took a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Meta's id of it.
    pub message: MessageId,
    /// Whether Meta looks at its quality first (`held_for_quality_assessment`).
    pub held: bool,
}

/// Meta did not clearly take a message.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// A JSON error code that proves that nothing was sent.
    #[error("not sent, code {code}")]
    NotSent {
        /// Meta's code.
        code: u32,
        /// What has to happen now.
        action: SendAction,
    },
    /// Timeouts, broken answers, unknown 5xx: it may have been sent.
    #[error("the outcome of the send is unknown")]
    Ambiguous(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What a not-sent code asks for (one action per code, whatsapp-cloud error table).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendAction {
    /// Only this recipient: go on with the others.
    SkipRecipient,
    /// Something about this message is wrong: go on, and show it to the owner.
    FixMessage,
    /// This template cannot be used: go on, but not with it.
    StopTemplate(WhyUnusable),
    /// The number sends faster than it may: go on slower, this message included.
    SlowDown {
        /// How long to wait before, where Meta says it.
        retry_after: Option<SignedDuration>,
    },
    /// Too much from this number to this recipient within seconds: go on with the others, and then with it.
    WaitForRecipient,
    /// The number can do nothing for a while: leave it alone and come back.
    Wait {
        /// How long, where Meta says it.
        retry_after: Option<SignedDuration>,
    },
    /// Our app, with all its tenants, calls too often: stop the run and come back.
    WaitForApp {
        /// How long, where Meta says it.
        retry_after: Option<SignedDuration>,
    },
    /// The number or the account is blocked: stop the run.
    StopSender,
    /// The token is dead: stop the run.
    Reconnect,
}

/// Looks after a WhatsApp Business Account.
#[async_trait]
pub trait WhatsappAccount: Send + Sync {
    /// Meta's library of texts, and what the account has of it.
    fn library(&self) -> &dyn TemplateLibrary;

    /// What Meta knows of a number; proves that the token opens it.
    async fn number(&self, access: &SenderAccess) -> Result<NumberInfo, AccountError>;

    /// The numbers of an account; proves that a number belongs to it.
    async fn numbers_of(&self, waba: &WabaId, token: &SecretString) -> Result<Vec<PhoneNumberId>, AccountError>;

    /// Has this account's webhooks delivered to the app.
    async fn subscribe(&self, waba: &WabaId, token: &SecretString) -> Result<(), AccountError>;

    /// The templates of an account.
    async fn templates(&self, waba: &WabaId, token: &SecretString) -> Result<Vec<FoundTemplate>, AccountError>;

    /// Brings templates back that were archived; those that cannot be are left as they are.
    async fn unarchive(&self, waba: &WabaId, token: &SecretString, ids: &[String]) -> Result<(), AccountError>;

    /// What Meta says that an account was billed between two times, where it tells.
    async fn billed(
        &self,
        waba: &WabaId,
        token: &SecretString,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Sums, AccountError>;

    /// Creates a template of the pack and returns how it stands at first.
    async fn create_template(
        &self,
        waba: &WabaId,
        token: &SecretString,
        template: &PackTemplate,
    ) -> Result<AccountTemplate, AccountError>;
}

/// A template that an account has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundTemplate {
    /// Meta's id of it.
    pub id: String,
    /// How it stands.
    pub text: AccountTemplate,
}

/// What Meta knows of a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberInfo {
    /// The number that customers see.
    pub number: PhoneNumber,
    /// The name that WhatsApp verified.
    pub verified_name: String,
    /// Whether Meta lets it send.
    pub can_send: bool,
    /// How many people it may begin to write to in 24 hours, where Meta sets a limit.
    pub daily_limit: Option<u32>,
    /// Whether its owner uses it in the phone app as well.
    pub is_on_biz_app: bool,
    /// The level of its throughput; what Meta does not tell counts as the lower one.
    pub throughput: Throughput,
    /// What keeps its account or business from sending, or from sending much.
    pub troubles: BTreeSet<AccountTrouble>,
}

/// A call about an account failed.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The token is dead or does not reach the account.
    #[error("the token does not open this account")]
    Refused,
    /// The id is unknown to Meta.
    #[error("Meta does not know this id")]
    Unknown,
    /// Meta refused, with its code.
    #[error("Meta refused with code {0}")]
    Rejected(u32),
    /// Timeouts, 5xx, limits, broken answers.
    #[error("Meta is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}
