//! Hours, closed days and exceptions, as a form says them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use numo_domain::{
    calendar::{Minute, SendCalendar, Window, country::HolidayCalendar},
    holidays::NationalHolidays,
    phone::CountryCode,
};

use crate::console::policy_form::read::{Reader, is_ticked, lines};

const A_DATE: &str = "write the year, the month and the day, such as 2026-12-02.";

impl Reader<'_> {
    pub(super) fn calendar(&mut self) -> SendCalendar {
        SendCalendar {
            week: [0, 1, 2, 3, 4, 5, 6].map(|day| self.hours_of_day(day)),
            closed: self.closed(),
            holidays: self.holidays(),
            overrides: self.overrides(),
        }
    }

    fn hours_of_day(&mut self, day: u8) -> Option<Window> {
        if !is_ticked(self.fields, &format!("open_{day}")) {
            return None;
        }
        let field = |side: &str| self.fields.optional(&format!("{side}_{day}")).unwrap_or_default();
        let read = hours(field("from"), field("to"));
        self.or_wrong(&format!("open_{day}"), read)
    }

    fn closed(&mut self) -> BTreeSet<Date> {
        let mut closed = BTreeSet::new();
        for line in lines(self.fields, "closed") {
            closed.extend(self.date("closed", line));
        }
        closed
    }

    fn overrides(&mut self) -> BTreeMap<Date, Option<Window>> {
        let mut overrides = BTreeMap::new();
        for line in lines(self.fields, "overrides") {
            let (date, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
            let Some(date) = self.date("overrides", date) else { continue };
            let open = match rest.trim() {
                "closed" => None,
                open => {
                    let (from, to) = open.split_once('-').unwrap_or((open, ""));
                    let read = hours(from.trim(), to.trim()).map_err(|why| format!("{line}: {why}"));
                    let Some(open) = self.or_wrong("overrides", read) else { continue };
                    Some(open)
                }
            };
            if overrides.insert(date, open).is_some() {
                self.is_wrong("overrides", format!("{date} stands there twice."));
            }
        }
        overrides
    }

    fn holidays(&mut self) -> Option<HolidayCalendar> {
        let code = self.fields.optional("holidays")?;
        let known = code.parse::<CountryCode>().ok().filter(|country| NationalHolidays::of(*country).is_some());
        let country = self.or_wrong("holidays", known.ok_or("Choose a country of the list."))?;
        Some(HolidayCalendar { country })
    }

    fn date(&mut self, name: &str, text: &str) -> Option<Date> {
        self.or_wrong(name, text.parse().map_err(|_unreadable| format!("{text}: {A_DATE}")))
    }

    fn or_wrong<T>(&mut self, name: &str, read: Result<T, impl Into<String>>) -> Option<T> {
        read.map_err(|why| self.is_wrong(name, why)).ok()
    }
}

fn hours(from: &str, to: &str) -> Result<Window, &'static str> {
    let minute = |text: &str| text.parse::<Minute>().map_err(|_unreadable| "Write hours such as 09:00 and 17:00.");
    // Midnight, where hours end, is the end of the day: a field for a time of day has no 24:00.
    let to = if to == "00:00" { "24:00" } else { to };
    Window::new(minute(from)?, minute(to)?).map_err(|_backwards| "It has to end after it begins.")
}
