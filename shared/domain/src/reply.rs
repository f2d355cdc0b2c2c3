//! What a customer's words mean.
//!
//! The words are read conservatively: a text counts when every word of it is understood, and otherwise a person reads it.
//! A wish to stop or start, a question and a wrong number are whole phrases; a claim and a promise are made of known words.

mod calendar_words;
mod courtesy;
mod date;
pub(crate) mod fold;
mod numeric_date;
mod paid;
mod phrases;
mod promise;
#[cfg(test)]
mod tests;
pub mod written_in;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::phone::CountryCode;

/// Characters of the longest text that is read at all; a longer one is pasted from elsewhere.
const LONGEST_TEXT: usize = 4096;

/// Words of the longest claim or promise.
const LONGEST_SENTENCE: usize = 30;

/// An understood reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    /// No more reminders, at once.
    Stop,
    /// Reminders again.
    Start,
    /// It has been paid, says the customer.
    PaidAlready,
    /// It will be paid by this date, which is today or later.
    PayOn(Date),
    /// It will be paid, and the date has to be asked for.
    PayOnUnclear(Unclear),
    /// The customer wants to ask something.
    Question,
    /// The number belongs to somebody else.
    WrongNumber,
    /// Anything else: a person has to read it.
    Unread,
}

/// Why the date of a promise has to be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unclear {
    /// None was named, or only something like "next week".
    NoDate,
    /// One that can be read both ways, as 03/04.
    Ambiguous {
        /// The day before the month.
        day_first: Date,
        /// The month before the day.
        month_first: Date,
    },
    /// More than one was named, or the weekday is not that of the date.
    SeveralDates,
    /// It has passed, or is more than a year away.
    OutOfRange,
}

/// Which part of a date in digits comes first where a business writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayOrder {
    /// 31/12, as in most countries.
    DayFirst,
    /// 12/31, as in the United States.
    MonthFirst,
}

impl DayOrder {
    /// The usual order of a country (CLDR 48, short dates of its main language); the day comes first unless known.
    pub fn of_country(country: Option<CountryCode>) -> Self {
        match country.as_ref().map(CountryCode::as_str) {
            Some("US" | "AS" | "FM" | "GU" | "MH" | "MP" | "PH" | "PR" | "PW" | "UM" | "VI") => Self::MonthFirst,
            Some(_) | None => Self::DayFirst,
        }
    }
}

/// Reads a customer's text, or the title or payload of a button, on the organisation's day.
pub fn understand(text: &str, today: Date, order: DayOrder) -> Intent {
    if text.chars().nth(LONGEST_TEXT).is_some() {
        return Intent::Unread;
    }
    let own = without_quotes(text);
    let folded = fold::fold(&own);
    let phrase = courtesy::without(&folded);
    let whole = phrases::whole(phrase);
    // Who asks "paid?" or "wrong number?" states nothing.
    if asks(&own) {
        return whole
            .filter(|intent| matches!(intent, Intent::Stop | Intent::Start | Intent::Question))
            .unwrap_or(Intent::Unread);
    }
    let words: Vec<&str> = phrase.split_whitespace().collect();
    match whole {
        Some(intent) => intent,
        None if words.len() > LONGEST_SENTENCE => Intent::Unread,
        None if paid::is_claim(&words) => Intent::PaidAlready,
        None => promise::read(&words, today, order).unwrap_or(Intent::Unread),
    }
}

/// Whether a text tells its reader a word that ends all reminders, in capitals where its script has them: "Reply STOP".
///
/// In small letters such words mean something else: the end of a month, an order that was cancelled.
pub(crate) fn names_stop(text: &str) -> bool {
    let words = text.split(|c: char| !(c.is_alphanumeric() || fold::is_letter(c)));
    let mut capitals = words.filter(|word| !word.is_empty() && word.to_uppercase() == *word);
    capitals.any(ends_reminders)
}

/// Whether somebody who writes just this, or chooses it, wants no more reminders.
pub(crate) fn ends_reminders(text: &str) -> bool {
    phrases::whole(&fold::fold(text)) == Some(Intent::Stop)
}

/// The lines that the writer did not quote from another message.
fn without_quotes(text: &str) -> String {
    text.lines().filter(|line| !line.trim_start().starts_with('>')).collect::<Vec<_>>().join("\n")
}

fn asks(text: &str) -> bool {
    text.contains(['?', '؟', '？', '¿'])
}

/// Whether a sentence starts as a question does: "has it", "can I".
fn opens_a_question(words: &[&str]) -> bool {
    let [first, second, ..] = words else { return false };
    QUESTION_VERBS.contains(first) && ASKED_ABOUT.contains(second)
}

const QUESTION_VERBS: &[&str] = &[
    "is", "was", "are", "were", "has", "have", "had", "did", "do", "does", "can", "could", "may", "shall", "should",
    "will", "would",
];

const ASKED_ABOUT: &[&str] = &[
    "i", "we", "you", "it", "this", "that", "the", "these", "they", "my", "our", "your", "all", "both", "payment",
    "payments", "invoice", "invoices", "bill", "bills", "amount",
];
