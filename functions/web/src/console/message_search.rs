//! Which conversations are looked for: by a name, a number as people type it, or how they stand.

use jiff::Timestamp;
use numo_domain::{
    conversation::{Conversation, Recipient},
    phone::spelling::Spelling,
};

use crate::{
    failure::Failure,
    view::names::{Contacts, name_of},
};

/// How a conversation has to stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Standing {
    /// In any way.
    #[default]
    Any,
    /// Somebody has to read it.
    Unread,
    /// The customer had the last word.
    Waiting,
    /// Words of one's own may go out.
    Open,
}

impl Standing {
    /// All of them with their names, as addresses and pages have them.
    pub(super) const ALL: [(Self, &'static str, &'static str); 4] = [
        (Self::Any, "", "All"),
        (Self::Unread, "unread", "Unread"),
        (Self::Waiting, "waiting", "Waiting for an answer"),
        (Self::Open, "open", "Can be answered"),
    ];

    /// As an address or a form names it.
    pub(super) fn named(name: &str) -> Result<Self, Failure> {
        let found = Self::ALL.iter().find(|(_, known, _)| *known == name).map(|(standing, ..)| *standing);
        found.ok_or_else(|| Failure::invalid("show", "unread, waiting or open is needed"))
    }

    /// As an address names it.
    pub(super) fn name(self) -> &'static str {
        Self::ALL.iter().find(|(standing, ..)| *standing == self).map_or("", |(_, name, _)| name)
    }

    pub(super) fn is_of(self, talk: &Conversation, now: Timestamp) -> bool {
        match self {
            Self::Any => true,
            Self::Unread => talk.unread > 0,
            Self::Waiting => talk.answered_at.is_none_or(|answered_at| answered_at < talk.heard_at),
            Self::Open => talk.is_open(now),
        }
    }
}

/// Whose conversations are looked for.
#[derive(Debug)]
pub(super) enum Whose {
    /// Of the number that was typed.
    Number(Spelling),
    /// Of customers with this in their names, in small letters.
    Name(String),
}

impl Whose {
    /// What is enough of a number is one; everything else is a part of a name.
    pub(super) fn of(text: &str) -> Self {
        let digits: String = text.chars().map(plain_digit).collect();
        digits.parse().map_or_else(|_| Self::Name(text.to_lowercase()), Self::Number)
    }

    pub(super) fn is_of(&self, talk: &Conversation, people: &Contacts) -> bool {
        match (self, &talk.to) {
            (Self::Number(typed), Recipient::Number(number)) => typed.means(number),
            (Self::Number(_), Recipient::User(_)) => false,
            (Self::Name(part), _) => {
                let mut names = talk.contacts.iter().filter_map(|contact| name_of(people, contact));
                names.any(|name| name.to_lowercase().contains(part))
            }
        }
    }

    /// Whether names have to be read to know.
    pub(super) const fn needs_names(&self) -> bool {
        matches!(self, Self::Name(_))
    }
}

/// Digits as keyboards of Arabic and Persian have them.
fn plain_digit(c: char) -> char {
    let value = match c {
        '\u{660}'..='\u{669}' => u32::from(c) - 0x660,
        '\u{6f0}'..='\u{6f9}' => u32::from(c) - 0x6f0,
        _ => return c,
    };
    char::from_digit(value, 10).unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn talk(heard_at: &str, answered_at: Option<&str>) -> Conversation {
        Conversation {
            number: "key-1".parse().unwrap(),
            sender: "200".parse().unwrap(),
            to: Recipient::Number("+971501234567".parse().unwrap()),
            contacts: BTreeSet::new(),
            heard_at: heard_at.parse().unwrap(),
            answered_at: answered_at.map(|at| at.parse().unwrap()),
            unread: 0,
            country: None,
        }
    }

    #[test]
    fn a_number_is_found_however_it_is_typed() {
        let is_found = |typed: &str| Whose::of(typed).is_of(&talk("2026-11-24T05:00:00Z", None), &Contacts::new());
        for typed in ["+971 50 123 4567", "00971-50-1234567", "050 123 4567", "501234567", "٠٥٠١٢٣٤٥٦٧"] {
            assert!(is_found(typed), "{typed}");
        }
        for typed in ["+971 50 123 4568", "4567", "+1 50 123 4567", "Acme"] {
            assert!(!is_found(typed), "{typed}");
        }
    }

    #[test]
    fn a_conversation_waits_until_somebody_answered_what_was_written_last() {
        let now = "2026-11-24T06:00:00Z".parse().unwrap();
        for (answered_at, waits) in
            [(None, true), (Some("2026-11-24T04:00:00Z"), true), (Some("2026-11-24T05:00:00Z"), false)]
        {
            assert_eq!(Standing::Waiting.is_of(&talk("2026-11-24T05:00:00Z", answered_at), now), waits);
        }
        assert!(!Standing::Open.is_of(&talk("2026-11-23T06:00:00Z", None), now));
        assert!(Standing::Open.is_of(&talk("2026-11-23T06:00:01Z", None), now));
    }
}
