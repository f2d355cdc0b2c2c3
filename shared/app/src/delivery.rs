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
    template::AccountTemplate,
};

use crate::port::whatsapp::SendAction;

/// The verified updates of one WhatsApp Business Account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The account: the tenant is looked up by it, never taken from elsewhere.
    pub waba: WabaId,
    /// Updates in the order of the delivery, which proves nothing about their order in time.
    pub updates: Vec<Update>,
    /// Parts that could not be read, each with a reason without content.
    pub skipped: Vec<String>,
}

/// One update.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Update {
    /// A status of a message that this account sent.
    Status(StatusUpdate),
    /// A message from a customer.
    Inbound(InboundMessage),
    /// What the business wrote to a customer from the phone app.
    Echo(Echo),
    /// What Meta decided about a template of the account.
    Template(AccountTemplate),
    /// Something about an account changed: what it is now is asked for, and not believed from here.
    Account(WabaId),
    /// What has to be heeded at once, or what the account does not tell when it is asked.
    News(AccountNews),
    /// What a customer chose about marketing.
    Marketing(MarketingUpdate),
}

impl Update {
    /// The account of which something changed.
    pub const fn account(&self) -> Option<&WabaId> {
        match self {
            Self::Account(waba) => Some(waba),
            Self::Status(_)
            | Self::Inbound(_)
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
            Self::Echo(echo) => Some(&echo.phone_number_id),
            Self::Marketing(choice) => Some(&choice.phone_number_id),
            Self::Template(_) | Self::Account(_) | Self::News(_) => None,
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
    /// Text, title of a button, or the words below a picture; absent for all else.
    pub text: Option<String>,
    /// The row of a list that was chosen, as it is named at Meta.
    pub row: Option<String>,
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

/// News of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountNews {
    /// The account.
    pub waba: WabaId,
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
        /// The number it is about, where it is about one.
        number: Option<PhoneNumber>,
        /// How many.
        per_day: Option<u32>,
    },
    /// A number failed without a message of which it could be said.
    Trouble {
        /// The number.
        phone_number_id: PhoneNumberId,
        /// What its code asks for.
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
