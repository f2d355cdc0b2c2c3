//! An opt-in that a customer gave elsewhere, with its proof: where, and on which day.

use jiff::{
    Timestamp,
    civil::{self, Date},
};

use crate::{
    consent::{Consent, ConsentChange, ConsentSource, ConsentState},
    id::UserId,
};

/// Nobody opted in to messages on WhatsApp before the year in which it began.
pub const EARLIEST: Date = civil::date(2009, 1, 1);

/// Longest source that is kept.
pub const MAX_SOURCE_CHARS: usize = 200;

/// Imported opt-ins of one number or contact, at most: the item must never grow too large to take a STOP.
pub const MAX_IMPORTED: usize = 20;

/// An opt-in that a customer gave elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptIn {
    given_on: Date,
    source: String,
    recorded_by: Option<UserId>,
}

impl OptIn {
    /// Checks when and where it was given.
    pub fn new(given_on: Date, source: &str, today: Date) -> Result<Self, InvalidOptIn> {
        if given_on < EARLIEST || given_on > today {
            return Err(InvalidOptIn::GivenOn { today });
        }
        let source = source.trim();
        if source.is_empty() || source.chars().count() > MAX_SOURCE_CHARS {
            return Err(InvalidOptIn::Source);
        }
        Ok(Self { given_on, source: source.to_owned(), recorded_by: None })
    }

    /// The same, as a member records it.
    pub fn recorded_by(self, member: &UserId) -> Self {
        Self { recorded_by: Some(member.clone()), ..self }
    }

    /// The answer with this opt-in recorded; nothing if it is recorded already.
    ///
    /// It stands in for the person's own word and never against it: an opt-out stays, and whatever the person says
    /// or said otherwise decides, even if it is heard of later.
    pub fn record(&self, before: Option<Consent>, now: Timestamp) -> Result<Option<Consent>, OptInRefusal> {
        let by = ConsentSource::Import { given_on: self.given_on };
        let change = ConsentChange {
            state: ConsentState::OptedIn,
            at: now,
            by,
            note: self.source.clone(),
            message: None,
            recorded_by: self.recorded_by.clone(),
        };
        let Some(mut consent) = before else {
            return Ok(Some(Consent { state: change.state, changed_at: now, history: vec![change] }));
        };
        if consent.state == ConsentState::OptedOut {
            return Err(OptInRefusal::OptedOut);
        }
        let imported = consent.history.iter().filter(|known| known.by.is_import());
        if imported.clone().any(|known| known.by == by && known.note == change.note) {
            return Ok(None);
        }
        if imported.count() >= MAX_IMPORTED {
            return Err(OptInRefusal::TooMany);
        }
        consent.history.push(change);
        Ok(Some(consent))
    }
}

/// What is wrong with an opt-in, whosever it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidOptIn {
    /// A day on which nobody can have given it.
    #[error("a day from {EARLIEST} to {today} is needed")]
    GivenOn {
        /// The organisation's date.
        today: Date,
    },
    /// No proof, or a whole document.
    #[error("1 to {MAX_SOURCE_CHARS} characters are needed")]
    Source,
}

impl InvalidOptIn {
    /// What is wrong with it, by its name.
    pub const fn field(self) -> &'static str {
        match self {
            Self::GivenOn { .. } => "given_on",
            Self::Source => "source",
        }
    }
}

/// Why an opt-in is not recorded for somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OptInRefusal {
    /// Whoever has the number said so.
    #[error("somebody wrote from this number that it is not this customer's")]
    WrongNumber,
    /// Only the customer, or an admin's reasoned record, lifts an opt-out.
    #[error("the customer opted out, and no import lifts that")]
    OptedOut,
    /// Another proof proves nothing more.
    #[error("{MAX_IMPORTED} opt-ins of this customer are recorded already, and they stay")]
    TooMany,
}

impl OptInRefusal {
    /// What about the opt-in is refused, by its name.
    pub const fn field(self) -> &'static str {
        match self {
            Self::WrongNumber => "number",
            Self::OptedOut | Self::TooMany => "contact",
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn opt_in(source: &str) -> OptIn {
        OptIn::new(date(2026, 3, 1), source, date(2026, 11, 23)).unwrap()
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn said(state: ConsentState, second: i64) -> ConsentChange {
        ConsentChange {
            state,
            at: at(second),
            by: ConsentSource::Message,
            note: String::new(),
            message: None,
            recorded_by: None,
        }
    }

    #[test]
    fn an_opt_in_has_a_day_that_has_come_and_a_source() {
        let today = date(2026, 11, 23);
        let invalid = |day: Date, source: &str| OptIn::new(day, source, today).unwrap_err().to_string();
        for day in [date(2008, 12, 31), date(2026, 11, 24)] {
            assert_eq!(invalid(day, "Webform"), "a day from 2009-01-01 to 2026-11-23 is needed");
        }
        for source in ["", " \n", &"x".repeat(201)] {
            assert_eq!(invalid(today, source), "1 to 200 characters are needed");
        }
        let longest = "é".repeat(200);
        for (day, source) in [(EARLIEST, "x"), (today, longest.as_str())] {
            let expected = OptIn { given_on: day, source: source.to_owned(), recorded_by: None };
            assert_eq!(OptIn::new(day, &format!(" {source} "), today), Ok(expected));
        }
    }

    #[test]
    fn an_opt_in_is_recorded_once_with_its_proof_and_another_one_beside_it() {
        let first = opt_in("Webform").record(None, at(1)).unwrap().unwrap();
        let change = |second: i64, source: &str| ConsentChange {
            state: ConsentState::OptedIn,
            at: at(second),
            by: ConsentSource::Import { given_on: date(2026, 3, 1) },
            note: source.to_owned(),
            message: None,
            recorded_by: None,
        };
        let expected = Consent { state: ConsentState::OptedIn, changed_at: at(1), history: vec![change(1, "Webform")] };
        assert_eq!(first, expected);
        assert_eq!(opt_in("Webform").record(Some(first.clone()), at(2)), Ok(None));
        let second = opt_in("Contract").record(Some(first), at(2)).unwrap().unwrap();
        let history = vec![change(1, "Webform"), change(2, "Contract")];
        assert_eq!(second, Consent { history, ..expected });
        let other_day = OptIn { given_on: date(2026, 3, 2), ..opt_in("Webform") };
        assert_eq!(other_day.record(Some(second), at(3)).unwrap().unwrap().history.len(), 3);
    }

    #[test]
    fn the_proof_is_stored_by_these_names() {
        let consent = opt_in("Webform").record(None, at(1)).unwrap().unwrap();
        let stored = serde_json::json!({
            "state": "opted_in", "changed_at": "1970-01-01T00:00:01Z",
            "history": [{
                "state": "opted_in", "at": "1970-01-01T00:00:01Z", "by": {"import": {"given_on": "2026-03-01"}},
                "note": "Webform",
            }],
        });
        assert_eq!(serde_json::to_value(&consent).unwrap(), stored);
        assert_eq!(serde_json::from_value::<Consent>(stored).unwrap(), consent);
    }

    #[test]
    fn an_import_says_who_imported_it() {
        let consent = opt_in("Webform").recorded_by(&"user_ann".parse().unwrap()).record(None, at(1)).unwrap().unwrap();
        assert_eq!(consent.history[0].recorded_by, "user_ann".parse().ok());
        // Whoever imports the same again adds nothing.
        assert_eq!(opt_in("Webform").recorded_by(&"user_max".parse().unwrap()).record(Some(consent), at(2)), Ok(None));
    }

    #[test]
    fn an_opt_out_stays_whether_the_customer_said_it_or_an_admin_noted_it() {
        for by in [ConsentSource::Message, ConsentSource::Button, ConsentSource::Admin] {
            let out = ConsentChange { by, ..said(ConsentState::OptedOut, 0) };
            let stopped = Consent::apply(None, out, at(0));
            assert_eq!(opt_in("Webform").record(stopped, at(9)), Err(OptInRefusal::OptedOut));
        }
    }

    #[test]
    fn a_stop_that_was_written_before_the_import_and_arrives_after_it_wins() {
        let imported = opt_in("Webform").record(None, at(9)).unwrap();
        let stopped = Consent::apply(imported, said(ConsentState::OptedOut, 5), at(10)).unwrap();
        assert_eq!((stopped.state, stopped.changed_at, stopped.history.len()), (ConsentState::OptedOut, at(5), 2));
        // And only a word that is later than the STOP lifts it.
        let start = |second| Consent::apply(Some(stopped.clone()), said(ConsentState::OptedIn, second), at(10));
        assert_eq!(start(5), None);
        assert_eq!(start(6).map(|consent| consent.state), Some(ConsentState::OptedIn));
    }

    #[test]
    fn a_number_keeps_at_most_twenty_imported_opt_ins() {
        let record = |before, n: usize| opt_in(&format!("Webform {n}")).record(before, at(1));
        let full = (0..MAX_IMPORTED).fold(None, |before, n| record(before, n).unwrap());
        assert_eq!(full.as_ref().unwrap().history.len(), 20);
        assert_eq!(record(full.clone(), 20), Err(OptInRefusal::TooMany));
        assert_eq!(record(full, 19), Ok(None));
    }

    proptest! {
        #[test]
        fn what_was_said_decides_wherever_an_import_comes_between(
            seconds in prop::collection::vec(999_000i64..1_000_000, 1..6),
            seed in any::<u64>(),
            place in 0usize..6,
        ) {
            let now = at(1_000_000);
            let changes: Vec<ConsentChange> = seconds.iter().enumerate().map(|(n, second)| {
                let out = (seed >> n) & 1 == 0;
                said(if out { ConsentState::OptedOut } else { ConsentState::OptedIn }, *second)
            }).collect();
            let apply = |before: Option<Consent>, change: &ConsentChange| Consent::apply(before.clone(), change.clone(), now).or(before);
            let alone = changes.iter().fold(None, apply).unwrap();
            let (before, after) = changes.split_at(place.min(changes.len()));
            let heard = before.iter().fold(None, apply);
            let imported = opt_in("Webform").record(heard.clone(), now).map_or(heard, |imported| imported);
            let settled = after.iter().fold(imported, apply).unwrap();
            prop_assert_eq!((settled.state, settled.changed_at), (alone.state, alone.changed_at));
        }
    }
}
