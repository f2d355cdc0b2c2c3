//! An error of a failed status, with nothing in it of the customer's.

use serde::{Deserialize, Serialize};

/// Why Meta could not deliver a message: webhooks are the only place where it says so.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StatusError {
    /// Meta's error code.
    pub code: u32,
    /// Meta's own words about this very message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<String>,
}

/// Characters of details that are kept.
const MAX_CHARS: usize = 160;

/// Digits from which on a number may be somebody's.
const MANY_DIGITS: usize = 5;

/// Stands for what was left out.
const LEFT_OUT: &str = "…";

impl StatusError {
    /// An error with Meta's words, of which only what is safe to keep is kept.
    ///
    /// Numbers of five digits and more, addresses, ids and everything in quotation marks are left out: it may be the
    /// customer's number or a part of the message.
    pub fn new(code: u32, details: Option<&str>) -> Self {
        Self { code, details: details.and_then(safe) }
    }
}

fn safe(text: &str) -> Option<String> {
    let unquoted = without_quotes(&text.chars().take(MAX_CHARS * 4).collect::<String>());
    let mut kept: Vec<&str> = Vec::new();
    let mut words = unquoted.split_whitespace().peekable();
    while let Some(word) = words.next() {
        let mut n_digits = digits(word);
        // A number may be written in groups.
        let mut group = vec![word];
        if is_numeric(word) {
            while let Some(next) = words.next_if(|next| is_numeric(next)) {
                n_digits += digits(next);
                group.push(next);
            }
        }
        if n_digits >= MANY_DIGITS || group.iter().any(|word| is_id(word)) {
            group = vec![LEFT_OUT];
        }
        // Several things left out in a row are one gap.
        if !(group == [LEFT_OUT] && kept.last() == Some(&LEFT_OUT)) {
            kept.extend(group);
        }
    }
    let joined = kept.join(" ");
    let is_told = joined.chars().any(char::is_alphabetic);
    is_told.then(|| shortened(&joined))
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(MAX_CHARS) {
        None => text.to_owned(),
        Some(_) => text.chars().take(MAX_CHARS - 1).chain(LEFT_OUT.chars()).collect(),
    }
}

fn digits(word: &str) -> usize {
    word.chars().filter(|c| c.is_numeric()).count()
}

/// What may be a part of a number: digits, and what stands between them.
fn is_numeric(word: &str) -> bool {
    digits(word) > 0 || !word.chars().any(char::is_alphabetic)
}

/// Addresses, and words of a length that no language has.
fn is_id(word: &str) -> bool {
    word.contains(['@', '\\']) || word.contains("://") || word.contains("wamid.") || word.chars().nth(40).is_some()
}

/// Everything outside of quotation marks; one that is not closed takes the rest with it.
fn without_quotes(text: &str) -> String {
    let mut kept = String::new();
    let mut closing: Option<char> = None;
    let mut chars = text.chars().peekable();
    let mut before = ' ';
    while let Some(c) = chars.next() {
        match closing {
            Some(mark) => {
                // An apostrophe within a word closes nothing.
                let is_within = mark == '\'' && chars.peek().is_some_and(|next| next.is_alphanumeric());
                if c == mark && !is_within {
                    closing = None;
                }
            }
            None => match opened_by(c).filter(|mark| *mark != '\'' || !before.is_alphanumeric()) {
                Some(mark) => {
                    closing = Some(mark);
                    kept.push_str(" … ");
                }
                None => kept.push(c),
            },
        }
        before = c;
    }
    kept
}

/// The mark that closes what a mark opens.
const fn opened_by(c: char) -> Option<char> {
    match c {
        '"' | '\'' | '`' => Some(c),
        '“' | '„' => Some('”'),
        '‘' | '‚' => Some('’'),
        '«' => Some('»'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn metas_words_stay_and_what_may_be_the_customers_does_not() {
        for (told, kept) in [
            (
                "In order to maintain a healthy ecosystem engagement, the message failed to be delivered.",
                Some("In order to maintain a healthy ecosystem engagement, the message failed to be delivered."),
            ),
            (
                "Message failed to send because more than 24 hours have passed since the customer last replied.",
                Some("Message failed to send because more than 24 hours have passed since the customer last replied."),
            ),
            ("Recipient +971501234567 is not on WhatsApp", Some("Recipient … is not on WhatsApp")),
            ("Recipient +971 50 123 4567 is not valid", Some("Recipient … is not valid")),
            ("Recipient (٩٧١) ٥٠-١٢٣ is not valid", Some("Recipient … is not valid")),
            ("tel:971501234567, user 12345@s.whatsapp.net", Some("… user …")),
            (
                "Parameter \"Dear Amal, pay\" is the customer's and can't be sent",
                Some("Parameter … is the customer's and can't be sent"),
            ),
            ("value 'it's Amal's' is wrong", Some("value … is wrong")),
            ("value “Amal” and «Omar» are wrong", Some("value … and … are wrong")),
            ("value \"never closed, Amal", Some("value …")),
            ("see https://example.com/x and wamid.HBgL", Some("see … and …")),
            ("one\n\ttwo", Some("one two")),
            ("131026", None),
            ("  ", None),
        ] {
            assert_eq!(StatusError::new(1, Some(told)).details.as_deref(), kept, "{told}");
        }
    }

    proptest! {
        #[test]
        fn no_details_are_long_or_have_a_number_that_may_be_somebodys(text in ".{0,300}|[a-z 0-9+()-]{0,300}") {
            let details = StatusError::new(1, Some(&text)).details.unwrap_or_default();
            prop_assert!(details.chars().count() <= MAX_CHARS);
            let plain: Vec<char> = details.chars().filter(|c| c.is_alphanumeric() || *c == '…').collect();
            let longest = plain.split(|c| !c.is_numeric()).map(<[char]>::len).max().unwrap_or_default();
            prop_assert!(longest < MANY_DIGITS, "{}", details);
            prop_assert!(!details.contains('"'));
        }
    }
}
