//! Days from which a customer chooses one by tapping it, in an interactive list (Meta: interactive list messages).

use std::{fmt, str::FromStr};

use jiff::{ToSpan, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    calendar::SendCalendar,
    customer_file::{CustomerFile, PROMISE_DAYS},
    id::{AttemptId, ExternalId},
    language::Language,
    phone::CountryCode,
    wording,
};

/// Rows of a list at most.
const MAX_ROWS: usize = 10;

/// What a customer may choose from; a row is named after the answer that has it and its day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayChoice {
    /// What opens the list, at most 20 characters.
    pub button: String,
    /// The days, the first one first.
    pub days: Vec<DayRow>,
}

/// One day to choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayRow {
    /// The day.
    pub date: Date,
    /// How it is written, at most 24 characters.
    pub title: String,
}

impl DayChoice {
    /// The days of an offer; none if there is no day that can be promised.
    pub fn of(offer: &Offer<'_>, language: Language, country: Option<CountryCode>) -> Option<Self> {
        let row = |date| DayRow { date, title: wording::date(date, language, country) };
        let days: Vec<DayRow> = offer.days().take(MAX_ROWS).map(row).collect();
        (!days.is_empty()).then(|| Self { button: button(language).to_owned(), days })
    }

    /// Whether a day is one of them.
    pub fn has(&self, day: Date) -> bool {
        self.days.iter().any(|row| row.date == day)
    }
}

/// What a customer may promise: days on which the business works, as far ahead as it takes a promise without a person.
#[derive(Debug, Clone, Copy)]
pub struct Offer<'a> {
    /// The organisation's date.
    pub today: Date,
    /// The customer's own date, which may be the next one already.
    pub from: Date,
    /// When the business writes to the customer.
    pub calendar: &'a SendCalendar,
    /// What the customer promised before.
    pub file: &'a CustomerFile,
    /// What the promise would be about.
    pub anchor: &'a ExternalId,
}

impl Offer<'_> {
    fn days(&self) -> impl Iterator<Item = Date> {
        let ahead = (0..=PROMISE_DAYS).filter_map(|n| self.today.checked_add(n.days()).ok());
        let can_be_promised = |day: &Date| self.file.check_promise(*day, self.anchor, self.today).is_ok();
        ahead.filter(|day| *day >= self.from && self.calendar.is_allowed(*day)).filter(can_be_promised)
    }
}

/// What a row of a list is named at Meta, which gives it back with the choice.
///
/// It proves nothing by itself: whoever reads it looks for the answer and asks whether it has that day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowId {
    /// The answer.
    pub attempt: AttemptId,
    /// The day.
    pub date: Date,
}

impl fmt::Display for RowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pay_on:{}:{}", self.attempt, self.date)
    }
}

/// Not the name of a row of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a day of a list")]
pub struct NoRowId;

impl FromStr for RowId {
    type Err = NoRowId;

    fn from_str(text: &str) -> Result<Self, NoRowId> {
        let (attempt, date) = text.strip_prefix("pay_on:").and_then(|rest| rest.split_once(':')).ok_or(NoRowId)?;
        let row = Self { attempt: attempt.parse().or(Err(NoRowId))?, date: date.parse().or(Err(NoRowId))? };
        // One day has one name.
        if row.to_string() == text { Ok(row) } else { Err(NoRowId) }
    }
}

const fn button(language: Language) -> &'static str {
    match language {
        Language::English => "Choose a day",
        Language::Arabic => "اختيار يوم",
        Language::Spanish => "Elegir un día",
        Language::Portuguese => "Escolher um dia",
        Language::French => "Choisir un jour",
        Language::German => "Tag wählen",
        Language::Hindi => "दिन चुनें",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::{Timestamp, civil::date};

    use super::*;
    use crate::customer_file::{Promise, PromisedBy};

    fn offered(today: Date, file: &CustomerFile, language: Language) -> Option<DayChoice> {
        let (calendar, anchor) = (SendCalendar::office_hours(), "1".parse().unwrap());
        let offer = Offer { today, from: today, calendar: &calendar, file, anchor: &anchor };
        DayChoice::of(&offer, language, "AE".parse().ok())
    }

    #[test]
    fn where_it_is_tomorrow_already_today_is_not_offered() {
        let (calendar, anchor, file) = (SendCalendar::office_hours(), "1".parse().unwrap(), CustomerFile::default());
        let (today, from) = (date(2026, 11, 23), date(2026, 11, 24));
        let offer = Offer { today, from, calendar: &calendar, file: &file, anchor: &anchor };
        let choice = DayChoice::of(&offer, Language::English, None).unwrap();
        assert!(choice.has(from) && !choice.has(today));
    }

    #[test]
    fn ten_business_days_at_most_are_offered_and_none_beyond_what_may_be_promised() {
        let days = |today| offered(today, &CustomerFile::default(), Language::English).unwrap().days;
        let from_monday: Vec<Date> = days(date(2026, 11, 23)).iter().map(|row| row.date).collect();
        let expected = [23, 24, 25, 26, 27, 30].map(|day| date(2026, 11, day));
        let later = [1, 2, 3, 4].map(|day| date(2026, 12, day));
        assert_eq!(from_monday, [expected.as_slice(), later.as_slice()].concat());
        let from_saturday = days(date(2026, 11, 28));
        assert_eq!(from_saturday.first().unwrap().date, date(2026, 11, 30));
        assert_eq!(from_saturday.len(), 10);
    }

    #[test]
    fn whoever_may_promise_no_more_is_offered_nothing() {
        let promise = |number| Promise {
            number,
            date: date(2026, 11, 20),
            invoices: BTreeSet::from(["1".parse().unwrap()]),
            made_at: Timestamp::UNIX_EPOCH,
            by: PromisedBy::Customer,
            is_withdrawn: false,
        };
        let file = CustomerFile { promises: vec![promise(1), promise(2)], ..CustomerFile::default() };
        assert_eq!(offered(date(2026, 11, 23), &file, Language::English), None);
    }

    #[test]
    fn a_list_keeps_metas_limits_in_every_language() {
        for (language, month) in Language::ALL.into_iter().flat_map(|language| (1..=12).map(move |m| (language, m))) {
            let choice = offered(date(2026, month, 13), &CustomerFile::default(), language).unwrap();
            assert!((1..=20).contains(&choice.button.chars().count()), "{language}");
            let titles: BTreeSet<&str> = choice.days.iter().map(|row| row.title.as_str()).collect();
            assert_eq!(titles.len(), choice.days.len(), "{language}");
            assert!(titles.iter().all(|title| (1..=24).contains(&title.chars().count())), "{language}: {titles:?}");
        }
    }

    #[test]
    fn only_the_name_of_a_row_as_we_write_it_is_one() {
        let row = RowId { attempt: "018f0000-0000-7000-8000-000000000003".parse().unwrap(), date: date(2026, 12, 3) };
        assert_eq!(row.to_string().parse(), Ok(row));
        assert!(row.to_string().len() <= 200);
        for other in [
            "",
            "pay_on",
            "pay_on::",
            "3 Dec 2026",
            "pay_on:018f0000-0000-7000-8000-000000000003:2026-12-32",
            "pay_on:018f0000-0000-7000-8000-000000000003:2026-12-03T00:00",
            "pay_on:018F0000-0000-7000-8000-000000000003:2026-12-03",
            "PAY_ON:018f0000-0000-7000-8000-000000000003:2026-12-03",
            "pay_on:018f0000-0000-7000-8000-000000000003:2026-12-03:",
        ] {
            assert_eq!(other.parse::<RowId>(), Err(NoRowId), "{other}");
        }
    }
}
