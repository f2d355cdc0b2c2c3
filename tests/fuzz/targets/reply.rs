//! What a customer writes, whatever it is.

use jiff::civil::date;
use numo_domain::reply::{DayOrder, Intent, understand};

/// Understands it: nothing panics, no promise is for the past, and blanks around it change nothing.
pub(crate) fn run(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let today = date(2026, 11, 27);
    for order in [DayOrder::DayFirst, DayOrder::MonthFirst] {
        let intent = understand(&text, today, order);
        if let Intent::PayOn(on) = intent {
            assert!(on >= today, "{on} in {text:?}");
        }
        assert_eq!(understand(&text, today, order), intent);
    }
}
