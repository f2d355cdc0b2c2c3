//! What a business and a customer say to each other besides reminders.

pub mod automatic;
pub mod day_choice;

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    call_state::CallState,
    contact::ContactRef,
    conversation::day_choice::DayChoice,
    delivery_report::DeliveryReport,
    id::{AttemptId, MessageId, NumberKey, PhoneNumberId, UserId, WhatsappUserId},
    phone::{CountryCode, PhoneNumber},
};

/// For so long after a message of the customer the business may write in words of its own (Meta: customer service
/// window); its own messages do not extend it.
pub const WINDOW: SignedDuration = SignedDuration::from_hours(24);

/// Characters of the longest answer (Meta: text messages).
pub const MAX_ANSWER_CHARS: usize = 4096;

/// What was said between one number of the business and one of a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversation {
    /// The customer's number.
    pub number: NumberKey,
    /// The number of the business that the customer writes to.
    pub sender: PhoneNumberId,
    /// Where an answer goes.
    pub to: Recipient,
    /// The customers for whom the last message spoke: whose number it is, or was when a reminder went there.
    pub contacts: BTreeSet<ContactRef>,
    /// When the customer last wrote, by Meta's clock.
    pub heard_at: Timestamp,
    /// When the business last wrote, in its own words or by itself.
    pub answered_at: Option<Timestamp>,
    /// How many messages of the customer nobody has read.
    pub unread: u32,
    /// The country of the number, by which Meta bills what goes there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<CountryCode>,
}

/// Where an answer goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recipient {
    /// To a number.
    Number(PhoneNumber),
    /// To a user who hides the number.
    User(WhatsappUserId),
}

impl Recipient {
    /// The country of the number, where it is known.
    pub fn country(&self) -> Option<CountryCode> {
        match self {
            Self::Number(number) => number.country(),
            Self::User(_) => None,
        }
    }
}

impl Conversation {
    /// Until when the business may write in words of its own.
    pub fn window_ends_at(&self) -> Timestamp {
        self.heard_at.saturating_add(WINDOW).unwrap_or(self.heard_at)
    }

    /// Whether the business may write in words of its own.
    pub fn is_open(&self, now: Timestamp) -> bool {
        now < self.window_ends_at()
    }
}

/// Answers of a number in a calendar month that Meta bills nobody for (Meta: pricing of non-template messages, from
/// October 2026); templates are billed from the first one on, within the window as well.
pub const FREE_ANSWERS_PER_MONTH: u32 = 1_000;

/// One message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// When it was written: by Meta's clock for the customer's, by ours for the business's.
    pub at: Timestamp,
    /// What was said, and by whom.
    #[serde(flatten)]
    pub said: Said,
}

/// What was said, and by whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// By the customer.
    Customer(Heard),
    /// By the business.
    Business(Answer),
}

impl Said {
    /// Its words; nothing where there are none.
    pub fn text(&self) -> &str {
        match self {
            Self::Customer(heard) => heard.text.as_deref().unwrap_or_default(),
            Self::Business(answer) => &answer.text,
        }
    }
}

/// A message of the customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {
    /// Meta's id of it.
    pub message: MessageId,
    /// What it consists of.
    pub content: Content,
    /// Its words, or the words below a picture; of a reaction the sign, of which none is left when it is taken away.
    pub text: Option<String>,
    /// What it was understood as: `stop`, `start`, `paid_already`, `pay_on`, `wrong_number`, `reaction` or `unread`.
    pub understood_as: String,
    /// The message in whose place it stands: the customer wrote that one anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edits: Option<MessageId>,
    /// When the customer took it back, for everybody: its words are gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
}

/// What a message of a customer consists of; media stay at Meta, and are named only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// Words.
    Text,
    /// A button or a row of a list was chosen.
    Choice,
    /// A picture.
    Image,
    /// A file.
    Document,
    /// A voice message or other sound.
    Audio,
    /// A video.
    Video,
    /// A sticker.
    Sticker,
    /// A place.
    Location,
    /// Somebody's contact details.
    Contacts,
    /// An order of a catalogue.
    Order,
    /// A sign on a message of the business.
    Reaction,
    /// Meta's word that the customer has another number or phone.
    System,
    /// Something that Meta does not hand on.
    Unsupported,
}

impl Content {
    /// Whether the customer's own words are all of it.
    pub const fn is_words(self) -> bool {
        matches!(self, Self::Text | Self::Choice)
    }

    /// Whether a person has to read it: a sign on a message of the business says that it was seen, and no more.
    pub const fn asks_to_be_read(self) -> bool {
        !matches!(self, Self::Reaction)
    }
}

/// A message of the business within the window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The call to Meta that is made for it; echoed by its statuses.
    pub attempt: AttemptId,
    /// Who wrote it.
    pub by: AnsweredBy,
    /// Its words.
    pub text: String,
    /// Days below them from which the customer may choose one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub choice: Option<DayChoice>,
    /// Where it stands.
    pub state: AnswerState,
    /// Meta's id of it, once known.
    pub message: Option<MessageId>,
    /// What Meta told of it.
    #[serde(default, skip_serializing_if = "DeliveryReport::is_empty")]
    pub report: DeliveryReport,
}

impl Answer {
    /// What is left of it once the customer is erased: that it went out.
    #[must_use]
    pub fn without_words(self) -> Self {
        Self { text: String::new(), choice: None, message: None, ..self }
    }

    /// Whether the customer was erased; none is ever written without a word.
    pub const fn is_erased(&self) -> bool {
        self.text.is_empty()
    }
}

/// Who wrote an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnsweredBy {
    /// A member of the organisation.
    Member(UserId),
    /// The product, by itself.
    Numo,
    /// The product, that a wish to hear nothing more is heeded: the last word that goes to such a customer.
    Farewell,
}

/// Where an answer stands.
pub type AnswerState = CallState<WhyDropped>;

/// Why an answer was not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum WhyDropped {
    /// The customer wrote more than 24 hours ago: only a template may go out.
    WindowClosed,
    /// The customer does not want to be written to.
    OptedOut,
    /// Whoever has the number said that it is none of the customer's.
    WrongNumber,
    /// Everything is paused.
    Paused,
    /// The number of the business cannot send, or is gone.
    SenderBlocked,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conversation(heard_at: Timestamp) -> Conversation {
        Conversation {
            number: "key".parse().unwrap(),
            sender: "200".parse().unwrap(),
            to: Recipient::Number("+971501234567".parse().unwrap()),
            contacts: BTreeSet::new(),
            heard_at,
            answered_at: None,
            unread: 0,
            country: None,
        }
    }

    #[test]
    fn the_window_is_open_for_a_day_after_the_customers_last_word() {
        let heard: Timestamp = "2026-11-23T06:00:00Z".parse().unwrap();
        for (now, is_open) in
            [("2026-11-23T06:00:00Z", true), ("2026-11-24T05:59:59Z", true), ("2026-11-24T06:00:00Z", false)]
        {
            assert_eq!(conversation(heard).is_open(now.parse().unwrap()), is_open, "{now}");
        }
    }
}
