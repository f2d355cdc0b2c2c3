//! Dates among words, by what is said: "tomorrow", "by Friday", "خلال ٣ ايام", "1st December".

use std::collections::BTreeSet;

use jiff::{
    Span, ToSpan,
    civil::{Date, Weekday},
};

use super::{
    DayOrder, Unclear,
    calendar_words::{Unit, count, is_currency, is_number, is_ordinal_ending, month, two_of, unit, weekday},
    numeric_date::{self, day_of_month, within_a_year},
};

/// One date that is named, as far as it can be understood by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    /// A day.
    Day(Date),
    /// Today, unless another day is named: "now", "by end of day".
    Now,
    /// The next such day, or the day that is named beside it.
    Weekday(Weekday),
    /// One of two days.
    Either { day_first: Date, month_first: Date },
    /// A time, but no day: "next week".
    Vague,
    /// Past, or too far ahead.
    OutOfRange,
}

/// A text parted into its dates, its amounts and times, and its other words.
#[derive(Debug, Default)]
pub(super) struct Reading<'t> {
    pub(super) dates: Vec<Named>,
    pub(super) has_numbers: bool,
    /// Whether one of them could be a day of a month.
    pub(super) has_small_number: bool,
    pub(super) words: Vec<&'t str>,
}

type Words<'w, 't> = &'w [&'t str];

/// Finds the dates of a folded text.
pub(super) fn read<'t>(words: Words<'_, 't>, today: Date, order: DayOrder) -> Reading<'t> {
    let mut reading = Reading::default();
    let mut left = words;
    while let [word, rest @ ..] = left {
        if let Some(rest) = amount(left) {
            reading.has_numbers = true;
            left = rest;
        } else if let Some((named, rest)) = named(left, today, order) {
            reading.dates.push(named);
            left = rest;
        } else if let Some(rest) = time_of_day(left) {
            left = rest;
        } else if is_number(word) {
            reading.has_numbers = true;
            reading.has_small_number |= day(&[word]).is_some();
            left = rest;
        } else {
            reading.words.push(word);
            left = rest;
        }
    }
    reading
}

/// The one day that all dates of a text agree on, if it names any.
pub(super) fn agreed(dates: &[Named], today: Date) -> Option<Result<Date, Unclear>> {
    let (mut days, mut either, mut weekdays) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    for named in dates {
        match *named {
            Named::OutOfRange => return Some(Err(Unclear::OutOfRange)),
            Named::Vague => return Some(Err(Unclear::NoDate)),
            Named::Day(day) => drop(days.insert(day)),
            Named::Either { day_first, month_first } => drop(either.insert((day_first, month_first))),
            Named::Weekday(weekday) => weekdays.push(weekday),
            Named::Now => {}
        }
    }
    let fits = |day: &Date| weekdays.iter().all(|weekday| day.weekday() == *weekday);
    let first_day = weekdays.first().and_then(|weekday| today.nth_weekday(1, *weekday).ok());
    let found = match (days.pop_first(), either.pop_first(), first_day) {
        (None, None, None) if dates.is_empty() => return None,
        (None, None, None) => Some(Ok(today)),
        (Some(day), None, _) | (None, None, Some(day)) if days.is_empty() && fits(&day) => Some(Ok(day)),
        (None, Some((day_first, month_first)), None) if either.is_empty() => {
            Some(Err(Unclear::Ambiguous { day_first, month_first }))
        }
        (None, Some((day_first, month_first)), Some(_)) if either.is_empty() => {
            let fitting: Vec<Date> = [day_first, month_first].into_iter().filter(fits).collect();
            if let [day] = fitting.as_slice() { Some(Ok(*day)) } else { None }
        }
        _ => None,
    };
    Some(found.unwrap_or(Err(Unclear::SeveralDates)))
}

fn named<'w, 't>(words: Words<'w, 't>, today: Date, order: DayOrder) -> Option<(Named, Words<'w, 't>)> {
    relative(words, today)
        .or_else(|| end_of_month(words, today))
        .or_else(|| vague(words))
        .or_else(|| after_a_while(words, today))
        .or_else(|| day_and_month(words, today))
        .or_else(|| month_alone(words))
        .or_else(|| day_alone(words, today))
        .or_else(|| single(words, today, order))
}

/// An amount with its currency, whose dot must not make it a date.
fn amount<'w, 't>(words: Words<'w, 't>) -> Option<Words<'w, 't>> {
    match words {
        [currency, number, rest @ ..] if is_currency(currency) && is_number(number) => Some(rest),
        [number, "د", "ا", rest @ ..] if is_number(number) => Some(rest),
        [number, currency, rest @ ..] if is_number(number) && is_currency(currency) => Some(rest),
        _ => None,
    }
}

fn time_of_day<'w, 't>(words: Words<'w, 't>) -> Option<Words<'w, 't>> {
    match words {
        [number, "am" | "pm" | "oclock" | "صباحا" | "مساء", rest @ ..] if is_number(number) => Some(rest),
        ["at", number, "am" | "pm" | "oclock", rest @ ..] if is_number(number) => Some(rest),
        ["at", hour, rest @ ..] if hour.parse().is_ok_and(|hour: u8| hour <= 24) => Some(rest),
        [time, rest @ ..] if is_number(time) && time.contains(':') => Some(rest),
        _ => None,
    }
}

fn relative<'w, 't>(words: Words<'w, 't>, today: Date) -> Option<(Named, Words<'w, 't>)> {
    let (days, rest) = match words {
        ["day", "after", "tomorrow", rest @ ..]
        | ["بعد", "غد" | "الغد" | "غدا" | "بكره" | "بكرا" | "باكر", rest @ ..] => (2, rest),
        [
            "tomorrow" | "tomorow" | "tommorow" | "tommorrow" | "tmrw" | "tmr" | "tmw" | "غدا" | "غد" | "الغد" | "بكره"
            | "بكرا" | "باكر",
            rest @ ..,
        ] => (1, rest),
        ["today" | "اليوم", rest @ ..] => (0, rest),
        ["end", "of", "the", "day", rest @ ..]
        | ["end", "of", "day", rest @ ..]
        | ["close", "of", "business", rest @ ..]
        | ["right", "now", rest @ ..]
        | ["this", "morning" | "afternoon" | "evening", rest @ ..]
        | ["tonight" | "eod" | "cob" | "now" | "immediately" | "الان" | "حالا" | "الليله", rest @ ..] => {
            return Some((Named::Now, rest));
        }
        _ => return None,
    };
    Some((later(today, days.days()), rest))
}

fn end_of_month<'w, 't>(words: Words<'w, 't>, today: Date) -> Option<(Named, Words<'w, 't>)> {
    let (months, rest) = match words {
        ["month", "end", rest @ ..]
        | ["eom", rest @ ..]
        | ["end", "of", "month", rest @ ..]
        | ["end", "of", "the" | "this", "month", rest @ ..]
        | ["end", "of", "the", "current", "month", rest @ ..] => (0, rest),
        ["end", "of", "next", "month", rest @ ..] => (1, rest),
        ["نهايه" | "اخر", "الشهر", "القادم" | "المقبل" | "الجاي", rest @ ..] => (1, rest),
        ["نهايه" | "اخر", "الشهر", "الحالي", rest @ ..]
        | ["نهايه" | "اخر", "هذا", "الشهر", rest @ ..]
        | ["نهايه" | "اخر", "الشهر", rest @ ..] => (0, rest),
        ["end", "of", rest @ ..] | ["نهايه" | "اخر", rest @ ..] => {
            let (month, rest) = month(rest)?;
            return numeric_date::last_of_month(month, today).map(|named| (named, rest));
        }
        _ => return None,
    };
    let day = today.first_of_month().checked_add(months.months()).ok()?.last_of_month();
    Some((within_a_year(day, today), rest))
}

/// Times that name no day.
fn vague<'w, 't>(words: Words<'w, 't>) -> Option<(Named, Words<'w, 't>)> {
    let rest = match words {
        ["end", "of", "the" | "this" | "next", "week" | "year", rest @ ..]
        | ["end", "of", "week" | "year", rest @ ..] => rest,
        ["next" | "this" | "coming", "week" | "month" | "weekend" | "year", rest @ ..] => rest,
        ["in" | "within" | "next", "few" | "some", "days" | "weeks" | "months" | "hours", rest @ ..] => rest,
        ["few" | "some", "days" | "weeks" | "months" | "hours", rest @ ..] => rest,
        ["couple", "of", "days" | "weeks" | "months" | "hours", rest @ ..] => rest,
        [number, "working" | "business", "days" | "day", rest @ ..] if count(number).is_some() => rest,
        [number, "hours" | "hour" | "hrs" | "ساعه" | "ساعات", rest @ ..] if count(number).is_some() => rest,
        // "2-3 days" is no second or third of a month.
        [range, word, rest @ ..] if range.contains('-') && is_number(range) && unit(word).is_some() => rest,
        ["another" | "different" | "other", "day" | "date", rest @ ..] => rest,
        ["as", "soon", "as", "possible", rest @ ..] => rest,
        ["الاسبوع" | "الشهر", "القادم" | "المقبل" | "الجاي", rest @ ..] => rest,
        ["هذا", "الاسبوع" | "الشهر", rest @ ..]
        | ["نهايه", "الاسبوع", rest @ ..]
        | ["يوم" | "موعد", "اخر", rest @ ..] => rest,
        ["soon" | "later" | "shortly" | "asap" | "weekend" | "قريبا" | "لاحقا" | "بعدين", rest @ ..] => {
            rest
        }
        _ => return None,
    };
    Some((Named::Vague, rest))
}

/// "in 3 days", "a week from now", "بعد يومين".
fn after_a_while<'w, 't>(words: Words<'w, 't>, today: Date) -> Option<(Named, Words<'w, 't>)> {
    let (lead, rest) = match words {
        ["في", "غضون", rest @ ..] | ["in" | "within" | "after" | "خلال" | "بعد", rest @ ..] => {
            (true, rest)
        }
        _ => (false, words),
    };
    let (count, unit, rest) = match rest {
        // "after Friday" begins like "after a day".
        ["يوم", next, ..] if weekday(next).is_some() => return None,
        ["a" | "an", word, rest @ ..] => (1, unit(word)?, rest),
        [word @ ("يوم" | "اسبوع" | "شهر" | "fortnight"), rest @ ..] if lead => (1, unit(word)?, rest),
        [word, rest @ ..] if two_of(word).is_some() => (2, two_of(word)?, rest),
        [number, word, rest @ ..] => (count(number)?, unit(word)?, rest),
        _ => return None,
    };
    let rest = match rest {
        ["from", "now" | "today", rest @ ..] | ["time", rest @ ..] | ["من", "الان" | "اليوم", rest @ ..] => {
            rest
        }
        // A while after another day is not a while from today, and a while ago not at all.
        ["from" | "after" | "before" | "of" | "ago" | "late" | "overdue", ..] => return None,
        rest => rest,
    };
    let count = i32::from(count);
    let span = match unit {
        Unit::Day => count.days(),
        Unit::Week => count.saturating_mul(7).days(),
        Unit::Fortnight => count.saturating_mul(14).days(),
        Unit::Month => i32::min(count, 120).months(),
    };
    Some((later(today, span), rest))
}

/// "1st of December", "Dec 1, 2026", "1 ديسمبر".
fn day_and_month<'w, 't>(words: Words<'w, 't>, today: Date) -> Option<(Named, Words<'w, 't>)> {
    let day_first = || {
        let words = match words {
            ["el" | "le" | "am" | "em", rest @ ..] => rest,
            words => words,
        };
        let (day, rest) = day(words)?;
        let named = match rest {
            ["of" | "من" | "شهر" | "de", rest @ ..] => month(rest),
            _ => None,
        };
        let (month, rest) = named.or_else(|| month(rest))?;
        Some((day, month, rest))
    };
    let month_first = || {
        let (month, rest) = month(words)?;
        let rest = match rest {
            ["the", rest @ ..] => rest,
            rest => rest,
        };
        let (day, rest) = day(rest)?;
        Some((day, month, rest))
    };
    let (day, month, rest) = day_first().or_else(month_first)?;
    let (year, rest) = match rest {
        ["de" | "del", rest @ ..] => year(rest),
        rest => year(rest),
    };
    // A day that no calendar has, as 31 February, is a wish without a date.
    Some((day_of_month(day, month, year, today).unwrap_or(Named::Vague), rest))
}

/// "in December".
fn month_alone<'w, 't>(words: Words<'w, 't>) -> Option<(Named, Words<'w, 't>)> {
    let rest = match words {
        // These are more often words than months.
        [
            "may" | "mar" | "mars" | "mai" | "ago" | "dic" | "dez" | "marco" | "julio" | "juli" | "abril" | "april"
            | "june" | "اب" | "नव" | "अग" | "जन" | "फर",
            ..,
        ] => {
            return None;
        }
        words => month(words)?.1,
    };
    Some((Named::Vague, year(rest).1))
}

/// "on the 5th", "يوم ٥".
fn day_alone<'w, 't>(words: Words<'w, 't>, today: Date) -> Option<(Named, Words<'w, 't>)> {
    let (number, rest) = match words {
        [number, ending, rest @ ..] if is_ordinal_ending(ending) => (number, rest),
        ["يوم", number, rest @ ..] if rest.first().is_none_or(|word| unit(word).is_none()) => (number, rest),
        _ => return None,
    };
    let (day, _) = day(&[number])?;
    let date = (0..3).find_map(|months: i32| {
        let month = today.first_of_month().checked_add(months.months()).ok()?;
        Date::new(month.year(), month.month(), day).ok().filter(|date| *date >= today)
    })?;
    Some((within_a_year(date, today), rest))
}

/// A weekday, or a date in digits.
fn single<'w, 't>(words: Words<'w, 't>, today: Date, order: DayOrder) -> Option<(Named, Words<'w, 't>)> {
    let [word, rest @ ..] = words else { return None };
    let named = weekday(word).map(Named::Weekday).or_else(|| numeric_date::read(word, today, order))?;
    Some((named, rest))
}

fn day<'w, 't>(words: Words<'w, 't>) -> Option<(i8, Words<'w, 't>)> {
    let [number, rest @ ..] = words else { return None };
    let day = (number.len() <= 2).then(|| number.parse().ok()).flatten().filter(|day| (1..=31).contains(day))?;
    match rest {
        [ending, rest @ ..] if is_ordinal_ending(ending) => Some((day, rest)),
        rest => Some((day, rest)),
    }
}

fn year<'w, 't>(words: Words<'w, 't>) -> (Option<i16>, Words<'w, 't>) {
    match words {
        [year, rest @ ..] if year.len() == 4 && year.starts_with("20") => match year.parse() {
            Ok(year) => (Some(year), rest),
            Err(_) => (None, words),
        },
        _ => (None, words),
    }
}

fn later(today: Date, span: Span) -> Named {
    today.checked_add(span).map_or(Named::OutOfRange, |day| within_a_year(day, today))
}
