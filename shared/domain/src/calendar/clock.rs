//! Whose clock decides: the zones in which it has to be a sending hour, all at once.

use std::{iter, ops::RangeInclusive};

use jiff::{Timestamp, ToSpan, civil::Date};

use super::{HORIZON_DAYS, SendCalendar, Window, Zone, zones};
use crate::phone::CountryCode;

/// The clock by which messages go out: one zone, or all zones of a country.
///
/// Where in a country of several zones a person is cannot be told from a number.
/// So an hour counts only if it is a sending hour in every zone, and of the same date.
/// Zones far apart may have none: from nine to five that holds for Russia, Antarctica and the small islands of the
/// United States, and there is no slot then, on any day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendClock {
    first: Zone,
    others: Vec<Zone>,
}

/// When a message may go out, and which day it is then for whoever gets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// The instant.
    pub at: Timestamp,
    /// When the hour for messages is over, that instant not included.
    pub until: Timestamp,
    /// The date on the clock that decides; "overdue" and "due today" go by it.
    pub date: Date,
}

impl SendClock {
    /// The clock of one zone, such as an organisation's own.
    pub fn of_zone(zone: &Zone) -> Self {
        Self { first: zone.clone(), others: Vec::new() }
    }

    /// The clocks of a country, such as a customer's; none if its zones are not known.
    ///
    /// It looks up every zone of the country, so whoever asks for many customers keeps it.
    pub fn of_country(country: CountryCode) -> Option<Self> {
        let mut zones = zones::of_country(country).map(str::parse::<Zone>);
        let first = zones.next()?.ok()?;
        // A zone left out would be written to at night; no clock at all is the lesser harm.
        Some(Self { first, others: zones.collect::<Result<_, _>>().ok()? })
    }

    /// The local dates at an instant, from the one furthest behind to the one furthest ahead.
    pub fn dates(&self, at: Timestamp) -> RangeInclusive<Date> {
        let first = self.first.date(at);
        let dates = self.others.iter().map(|zone| zone.date(at));
        let (behind, ahead) = dates.fold((first, first), |(behind, ahead), date| (behind.min(date), ahead.max(date)));
        behind..=ahead
    }

    /// The local date at an instant, if it is the same in all zones.
    pub fn date(&self, at: Timestamp) -> Option<Date> {
        let (behind, ahead) = self.dates(at).into_inner();
        (behind == ahead).then_some(ahead)
    }

    /// Dates that may be common to all zones from an instant on.
    fn dates_from(&self, at: Timestamp) -> impl Iterator<Item = Date> {
        // A zone that is ahead does not come back to the date of one that is behind.
        self.dates(at).end().series(1.day()).take(HORIZON_DAYS)
    }

    /// The instants at which a window of a date is open in all zones, the last one not included.
    fn span(&self, date: Date, window: Window) -> Option<(Timestamp, Timestamp)> {
        iter::once(&self.first).chain(&self.others).map(|zone| zone.span(date, window)).try_fold(
            (Timestamp::MIN, Timestamp::MAX),
            |(start, end), span| {
                let (zone_start, zone_end) = span?;
                let (start, end) = (start.max(zone_start), end.min(zone_end));
                (start < end).then_some((start, end))
            },
        )
    }
}

impl SendCalendar {
    /// The first sending hour by a clock within an organisation's day, not before `earliest`.
    ///
    /// Hours, week and holidays are those of the date on the clock, which may be the day before or after the
    /// organisation's.
    /// It is 9 o'clock of the next day in Sydney while it is 22 o'clock in London.
    pub fn slot_by(&self, clock: &SendClock, day: Date, home: &Zone, earliest: Timestamp) -> Option<Slot> {
        let (midnight, next_midnight) = home.span(day, Window::whole_day())?;
        let from = midnight.max(earliest);
        let last_date = *clock.dates(next_midnight).start();
        clock.dates_from(from).take_while(|date| *date <= last_date).find_map(|date| {
            let (start, end) = clock.span(date, self.window_on(date)?)?;
            let (at, until) = (start.max(from), end.min(next_midnight));
            (at < until).then_some(Slot { at, until, date })
        })
    }

    /// The organisation's first day from `day` on with a sending hour by a clock.
    ///
    /// None if no date of a year has one: the calendar never opens, or the clock's zones are too far apart for it.
    pub fn next_day_by(&self, clock: &SendClock, day: Date, home: &Zone) -> Option<Date> {
        let (midnight, _) = home.span(day, Window::whole_day())?;
        clock.dates_from(midnight).find_map(|date| {
            let (start, end) = clock.span(date, self.window_on(date)?)?;
            let at = start.max(midnight);
            (at < end).then(|| home.date(at))
        })
    }
}

#[cfg(test)]
mod tests;
