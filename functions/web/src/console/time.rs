//! Times as the organisation's people read them.

use std::fmt;

use askama::filters::HtmlSafe;
use jiff::{Timestamp, tz::TimeZone};
use numo_domain::calendar::Zone;

/// An instant on the organisation's wall clock, with the exact one for machines.
#[derive(Debug)]
pub(super) struct LocalTime {
    pub(super) exact: String,
    pub(super) text: String,
}

impl fmt::Display for LocalTime {
    /// As markup: both parts are digits and words of ours.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { exact, text } = self;
        write!(f, "<time datetime=\"{exact}\" title=\"{exact}\">{text}</time>")
    }
}

impl HtmlSafe for LocalTime {}

/// Shows instants in one zone.
#[derive(Debug)]
pub(super) struct WallClock(TimeZone);

impl WallClock {
    pub(super) fn of(zone: &Zone) -> Self {
        Self(TimeZone::get(zone.name()).unwrap_or(TimeZone::UTC))
    }

    /// The day of an instant that stands for a whole one.
    pub(super) fn show_day(&self, at: Timestamp) -> LocalTime {
        let day = self.0.to_datetime(at).date();
        LocalTime { exact: day.to_string(), text: day.strftime("%-d %b %Y").to_string() }
    }

    pub(super) fn show(&self, at: Timestamp) -> LocalTime {
        let text = self.0.to_datetime(at).strftime("%-d %b %Y, %H:%M").to_string();
        LocalTime { exact: at.to_string(), text }
    }
}
