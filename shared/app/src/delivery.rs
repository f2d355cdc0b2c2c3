//! What Meta's webhooks tell, parsed: statuses of our messages and messages of customers.

use jiff::Timestamp;
use numo_domain::{
    conversation::Content,
    customer_file::MarketingChoice,
    delivery_report::DeliveryReport,
    id::{AttemptId, MessageId, PhoneNumberId, WabaId, WhatsappUserId},
    notice::Notice,
    phone::PhoneNumber,
    reminder::DeliveryStatus,
    restriction::Restriction,
    sender::Sender,
    template::AccountTemplate,
};
use serde::{Deserialize, Serialize};

use crate::port::whatsapp::SendAction;

/// The verified updates of one WhatsApp Business Account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The account: the tenant is looked up by it, never taken from elsewhere.
    pub waba: WabaId,
    /// Updates in the order of the delivery, which proves nothing about their order in time.
    pub updates: Vec<Update>,
    /// Parts that could not be read.
    pub skipped: Vec<Skipped>,
}

/// A part of a delivery that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Where it stands and why, without content.
    pub reason: String,
    /// What nobody here knows, if that is why.
    pub unknown: Option<Unknown>,
}

/// Something of Meta's that nobody here reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unknown {
    /// A field, by its name where Meta documents it.
    Field(&'static str),
    /// A type of a message, or of one of the system.
    MessageType,
    /// A status of a message.
    Status,
    /// An event of an account.
    AccountEvent,
    /// What somebody chose about marketing.
    Preference,
}

/// One update.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Update {
    /// A status of a message that this account sent.
    Status(StatusUpdate),
    /// A message from a customer.
    Inbound(InboundMessage),
    /// A customer took a message back.
    Revoked(Revocation),
    /// What the business wrote to a customer from the phone app.
    Echo(Echo),
    /// What Meta decided about a template of the account.
    Template(AccountTemplate),
    /// Something about an account changed: what it is now is asked for, and not believed from here.
    Account(AccountChange),
    /// What has to be heeded at once, or what the account does not tell when it is asked.
    News(AccountNews),
    /// What a customer chose about marketing.
    Marketing(MarketingUpdate),
}

impl Update {
    /// What it is.
    pub const fn kind(&self) -> UpdateKind {
        match self {
            Self::Status(_) => UpdateKind::Status,
            Self::Inbound(_) | Self::Revoked(_) => UpdateKind::Message,
            Self::Echo(_) => UpdateKind::Echo,
            Self::Marketing(_) => UpdateKind::Marketing,
            Self::Template(_) => UpdateKind::Template,
            Self::Account(_) | Self::News(_) => UpdateKind::Account,
        }
    }

    /// The account of which something changed.
    pub const fn account(&self) -> Option<&AccountChange> {
        match self {
            Self::Account(change) => Some(change),
            Self::Status(_)
            | Self::Inbound(_)
            | Self::Revoked(_)
            | Self::Echo(_)
            | Self::Template(_)
            | Self::News(_)
            | Self::Marketing(_) => None,
        }
    }

    /// The number it is about, if it is about one.
    pub const fn phone_number_id(&self) -> Option<&PhoneNumberId> {
        match self {
            Self::Status(status) => Some(&status.phone_number_id),
            Self::Inbound(message) => Some(&message.phone_number_id),
            Self::Revoked(revoked) => Some(&revoked.phone_number_id),
            Self::Echo(echo) => Some(&echo.phone_number_id),
            Self::Marketing(choice) => Some(&choice.phone_number_id),
            Self::Account(AccountChange { number: Some(NumberRef::Id(id)), .. })
            | Self::News(AccountNews { number: Some(NumberRef::Id(id)), .. }) => Some(id),
            Self::Template(_) | Self::Account(_) | Self::News(_) => None,
        }
    }
}

/// What an update is, without what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UpdateKind {
    /// A status of a message.
    Status,
    /// A message of a customer.
    Message,
    /// A message of the business from the phone app.
    Echo,
    /// A choice about marketing.
    Marketing,
    /// A decision about a template.
    Template,
    /// Something about an account or a number of it.
    Account,
}

impl UpdateKind {
    /// The name in logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Message => "message",
            Self::Echo => "echo",
            Self::Marketing => "marketing",
            Self::Template => "template",
            Self::Account => "account",
        }
    }

    /// The field of Meta's webhooks in which it comes with the id of a number; none where that tells no id.
    pub const fn field(self) -> &'static str {
        match self {
            Self::Status | Self::Message | Self::Account => "messages",
            Self::Echo => "smb_message_echoes",
            Self::Marketing => "user_preferences",
            Self::Template => "none",
        }
    }
}

/// A status of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusUpdate {
    /// The number it was sent from.
    pub phone_number_id: PhoneNumberId,
    /// Meta's id of the message.
    pub message: MessageId,
    /// Our attempt, from `biz_opaque_callback_data`; absent for messages that are not ours.
    pub attempt: Option<AttemptId>,
    /// What happened.
    pub status: DeliveryStatus,
    /// Why it failed, and what it costs.
    pub report: DeliveryReport,
    /// What a failure asks for, where one of its codes is one that Meta documents.
    pub asks_for: Option<SendAction>,
    /// Who got it, where Meta tells both the number and the user.
    pub recipient: Option<NumberOwner>,
    /// When, by Meta's clock.
    pub at: Timestamp,
}

/// A message from a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboundMessage {
    /// The business number it was sent to.
    pub phone_number_id: PhoneNumberId,
    /// Meta's id of the message.
    pub message: MessageId,
    /// The customer's number; absent for users with a username.
    pub from: Option<PhoneNumber>,
    /// The customer as this business's portfolio knows them.
    pub user: Option<WhatsappUserId>,
    /// By what other id the portfolio knows the customer from now on.
    pub becomes: Option<WhatsappUserId>,
    /// The message it answers.
    pub answers: Option<MessageId>,
    /// What it consists of.
    pub content: Content,
    /// Text, title of a button, the words below a picture, or the sign of a reaction; absent for all else.
    pub text: Option<String>,
    /// The message that it takes the place of, where the customer wrote that one anew.
    pub edits: Option<MessageId>,
    /// The row of a list that was chosen, as it is named at Meta.
    pub row: Option<String>,
    /// When, by Meta's clock.
    pub at: Timestamp,
}

/// That a customer took a message back, for everybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    /// The business number it was sent to.
    pub phone_number_id: PhoneNumberId,
    /// Meta's id of this.
    pub message: MessageId,
    /// The customer's number; absent for users with a username.
    pub from: Option<PhoneNumber>,
    /// The customer as this business's portfolio knows them.
    pub user: Option<WhatsappUserId>,
    /// What was taken back.
    pub original: MessageId,
    /// When, by Meta's clock.
    pub at: Timestamp,
}

/// A message of the business from the phone app: that it was written, and to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Echo {
    /// The business number it was sent from.
    pub phone_number_id: PhoneNumberId,
    /// The customer's number; absent for users with a username.
    pub to: Option<PhoneNumber>,
    /// The customer as this business's portfolio knows them.
    pub user: Option<WhatsappUserId>,
    /// When, by Meta's clock.
    pub at: Timestamp,
}

/// What a customer chose about marketing from the business.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarketingUpdate {
    /// The business number it concerns.
    pub phone_number_id: PhoneNumberId,
    /// The customer's number; absent for users with a username.
    pub number: Option<PhoneNumber>,
    /// The customer as this business's portfolio knows them.
    pub user: Option<WhatsappUserId>,
    /// The choice.
    pub choice: MarketingChoice,
}

/// That something about an account changed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AccountChange {
    /// The account.
    pub waba: WabaId,
    /// The number that it is about, where it is about one.
    pub number: Option<NumberRef>,
}

impl AccountChange {
    /// A change of a whole account.
    pub const fn of(waba: WabaId) -> Self {
        Self { waba, number: None }
    }
}

/// A number of a business, as an update names it: by Meta's id or as people see it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum NumberRef {
    /// By its id.
    Id(PhoneNumberId),
    /// As it is displayed: fields about numbers tell no id.
    Displayed(PhoneNumber),
}

impl NumberRef {
    /// Whether it names this number.
    pub fn is(&self, sender: &Sender) -> bool {
        match self {
            Self::Id(id) => *id == sender.phone_number_id,
            Self::Displayed(number) => number.matching_form() == sender.number.matching_form(),
        }
    }
}

/// News of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountNews {
    /// The account.
    pub waba: WabaId,
    /// The number that they are about, where they are about one.
    pub number: Option<NumberRef>,
    /// What is new.
    pub news: News,
}

/// What is new about an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// It may not do something for a while.
    Restricted(Restriction),
    /// It is disabled or deleted.
    Disabled,
    /// The business ended a partner's or an app's access to it, most likely ours.
    AccessEnded,
    /// A number of the phone app moves to another phone: it cannot send for a while, and the access stays.
    Offboarded,
    /// How many people it may begin to write to in 24 hours; none where there is no limit.
    Limit {
        /// How many.
        per_day: Option<u32>,
    },
    /// A number failed without a message of which it could be said.
    Trouble {
        /// Meta's code.
        code: u32,
        /// What it asks for.
        asks_for: SendAction,
    },
    /// What a person should know.
    Notice(Notice),
}

/// A WhatsApp user with the number that they have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberOwner {
    /// The number.
    pub number: PhoneNumber,
    /// The user.
    pub user: WhatsappUserId,
}
