use std::collections::BTreeSet;

use jiff::civil::date;
use proptest::prelude::*;

use super::*;

fn of(country: &str) -> NationalHolidays {
    NationalHolidays::of(country.parse().unwrap()).unwrap()
}

fn name(country: &str, date: Date) -> Option<&'static str> {
    of(country).holiday_on(date).map(|holiday| holiday.name)
}

fn closes(country: &str, date: Date) -> bool {
    NationalHolidays::closes(country.parse().unwrap(), date)
}

fn is_beside(day: Day) -> bool {
    matches!(day, Day::BesideEstimated(_))
}

#[test]
fn known_holidays_stand_on_their_dates() {
    for (country, day, expected) in [
        ("GB", date(2026, 12, 25), "Christmas Day"),
        ("GB", date(2026, 4, 6), "Easter Monday"),
        ("GB", date(2027, 8, 30), "Late Summer Bank Holiday"),
        ("US", date(2026, 11, 26), "Thanksgiving Day"),
        ("US", date(2030, 11, 28), "Thanksgiving Day"),
        ("AE", date(2026, 12, 2), "National Day"),
        ("AE", date(2026, 12, 3), "National Day"),
        ("SA", date(2027, 2, 22), "Founding Day Holiday"),
        ("SA", date(2026, 9, 23), "National Day Holiday"),
        ("IN", date(2027, 1, 26), "Republic Day"),
        ("IN", date(2026, 11, 8), "Diwali"),
        ("BR", date(2026, 9, 7), "Independence Day"),
        ("BR", date(2027, 3, 26), "Good Friday"),
        ("DE", date(2026, 10, 3), "German Unity Day"),
        ("DE", date(2027, 5, 6), "Ascension Day"),
        ("FR", date(2026, 7, 14), "National Day"),
        ("JP", date(2027, 2, 23), "Emperor's Birthday"),
        ("JP", date(2026, 9, 22), "National Holiday"),
        ("ZA", date(2026, 4, 27), "Freedom Day"),
        ("AU", date(2027, 4, 25), "ANZAC Day"),
        ("NZ", date(2027, 2, 6), "Waitangi Day"),
        ("CA", date(2026, 7, 1), "Canada Day"),
        ("SG", date(2026, 8, 9), "National Day"),
    ] {
        assert_eq!(name(country, day), Some(expected), "{country} {day}");
        assert!(closes(country, day));
    }
}

#[test]
fn the_gathered_days_are_those_on_which_something_closes() {
    for country in ["AE", "GB", "IN", "JP", "US"] {
        let holidays = of(country);
        let is_closed = |day: &Date| matches!(holidays.day(*day), Day::Holiday(_) | Day::BesideEstimated(_));
        let days = date(2024, 12, 1).series(1.day()).take_while(|day| *day < date(2036, 2, 1));
        assert_eq!(days.filter(is_closed).collect::<BTreeSet<_>>(), holidays.closed_days(), "{country}");
    }
}

#[test]
fn ordinary_days_are_open() {
    for (country, day) in [
        ("GB", date(2026, 12, 24)),
        ("US", date(2026, 11, 27)),
        ("DE", date(2026, 4, 2)),
        ("FR", date(2027, 5, 7)),
        ("AE", date(2026, 12, 1)),
        ("UA", date(2026, 8, 24)),
    ] {
        assert_eq!(of(country).day(day), Day::Ordinary, "{country} {day}");
    }
}

#[test]
fn a_holiday_on_a_week_end_is_observed_on_the_monday_after() {
    let boxing_day = of("GB").holiday_on(date(2026, 12, 28)).unwrap();
    assert_eq!((boxing_day.name, boxing_day.observed), ("Boxing Day", true));
    assert!(!of("GB").holiday_on(date(2026, 12, 26)).unwrap().observed);
    let independence_day = of("US").holiday_on(date(2027, 7, 5)).unwrap();
    assert_eq!((independence_day.name, independence_day.observed), ("Independence Day", true));
}

#[test]
fn an_announced_eid_is_fixed_and_closes_no_day_beside_it() {
    let eid = of("AE").holiday_on(date(2026, 3, 20)).unwrap();
    assert_eq!((eid.name, eid.certainty), ("Eid al-Fitr", Certainty::Fixed));
    assert_eq!(of("AE").day(date(2026, 3, 18)), Day::Ordinary);
    assert_eq!(of("AE").day(date(2026, 3, 23)), Day::Ordinary);
}

#[test]
fn an_expected_eid_is_estimated_and_closes_a_day_either_side() {
    for (country, first, last) in [
        ("AE", date(2027, 3, 9), date(2027, 3, 11)),
        ("AE", date(2027, 5, 15), date(2027, 5, 18)),
        ("SA", date(2027, 5, 15), date(2027, 5, 19)),
        ("IN", date(2027, 5, 17), date(2027, 5, 17)),
        ("EG", date(2026, 5, 26), date(2026, 5, 29)),
    ] {
        let holidays = of(country);
        for day in first.series(1.day()).take_while(|day| *day <= last) {
            let eid = holidays.holiday_on(day).unwrap();
            assert_eq!(eid.certainty, Certainty::Estimated, "{country} {day}");
        }
        assert!(is_beside(holidays.day(first.yesterday().unwrap())), "{country} {first}");
        assert!(is_beside(holidays.day(last.tomorrow().unwrap())), "{country} {last}");
        assert!(closes(country, first.yesterday().unwrap()));
        assert_eq!(holidays.day(first.checked_sub(2.days()).unwrap()), Day::Ordinary, "{country} {first}");
        assert_eq!(holidays.day(last.checked_add(2.days()).unwrap()), Day::Ordinary, "{country} {last}");
    }
}

#[test]
fn an_estimated_eid_that_meets_a_fixed_holiday_keeps_both_names() {
    let both = of("AE").holiday_on(date(2035, 12, 2)).unwrap();
    assert_eq!((both.name, both.certainty), ("Eid al-Fitr Holiday; National Day", Certainty::Estimated));
}

#[test]
fn a_fixed_holiday_beside_an_estimated_one_stays_a_holiday() {
    let new_year = of("AE").day(date(2033, 1, 1));
    assert!(matches!(new_year, Day::Holiday(Holiday { name: "New Year's Day", certainty: Certainty::Fixed, .. })));
    assert!(is_beside(of("AE").day(date(2033, 1, 5))));
}

#[test]
fn a_date_outside_the_table_is_unknown_and_not_ordinary() {
    for (country, day) in [
        ("GB", date(2024, 12, 25)),
        ("GB", date(2036, 12, 25)),
        ("GB", date(-2026, 12, 25)),
        // Full moons are announced one year ahead.
        ("LK", date(2027, 5, 20)),
        ("NP", date(2033, 5, 20)),
    ] {
        assert!(!of(country).covers(day), "{country} {day}");
        assert_eq!(of(country).day(day), Day::Unknown);
        assert_eq!(of(country).holiday_on(day), None);
    }
    assert!(of("GB").covers(date(2035, 12, 31)));
    assert!(of("LK").covers(date(2026, 1, 1)));
}

#[test]
fn an_unknown_country_has_no_calendar() {
    for country in ["ZZ", "AA", "EU", "XX"] {
        assert_eq!(NationalHolidays::of(country.parse().unwrap()), None, "{country}");
    }
}

#[test]
fn every_country_of_the_table_is_found_with_its_own_lines() {
    let countries: Vec<_> = NationalHolidays::countries().collect();
    assert!(countries.len() >= 240, "{}", countries.len());
    assert!(countries.is_sorted_by(|a, b| a < b));
    for country in countries {
        let holidays = NationalHolidays::of(country).unwrap();
        assert!(holidays.0.lines().all(|line| line.starts_with(country.as_str())), "{country:?}");
        assert!(holidays.covers(date(2026, 1, 1)), "{country:?}");
    }
}

#[test]
fn every_line_of_the_table_can_be_read_and_lists_its_dates_in_order_and_once() {
    for country in NationalHolidays::countries() {
        let holidays = NationalHolidays::of(country).unwrap();
        let mut lines = holidays.0.lines();
        let names: Vec<_> = lines.next().unwrap()[3..].split('|').collect();
        let mut used = BTreeSet::new();
        for line in lines {
            let (head, list) = line.split_at(line.find(' ').unwrap_or(line.len()));
            let year = head[2..].parse::<i16>().ok();
            assert!(head.ends_with('*') || year.is_some(), "{line}");
            let read: Vec<Entry> = entries(list).collect();
            assert_eq!(read.len(), list.split_whitespace().count(), "{line}");
            assert!(read.is_sorted_by(|a, b| a.place < b.place), "{line}");
            for entry in read {
                assert!(names.get(entry.name).is_some_and(|name| !name.is_empty()), "{line}");
                used.insert(entry.name);
                if let Place::Date(month, day) = entry.place {
                    // 2028 is a leap year, for dates of every year.
                    assert!(Date::new(year.unwrap_or(2028), month, day).is_ok(), "{line}");
                }
            }
        }
        assert_eq!(used.len(), names.iter().filter(|name| !name.is_empty()).count(), "{country:?}");
    }
}

#[test]
fn the_table_is_in_the_order_in_which_it_is_searched() {
    assert!(TABLE.lines().skip_while(|line| line.starts_with('#')).is_sorted());
}

#[test]
fn easter_is_known_for_every_year_of_the_table() {
    for year in 2025..=2035 {
        assert_eq!(easter(date(year, 7, 1)).unwrap().weekday(), jiff::civil::Weekday::Sunday);
    }
    assert_eq!(easter(date(2026, 1, 1)), Some(date(2026, 4, 5)));
}

proptest! {
    #[test]
    fn no_text_makes_reading_an_entry_panic(text in "[0-9e+~a-zé -]{0,8}") {
        let read = entry(&text);
        prop_assert!(read.is_none_or(|entry| entry.name < 62));
    }

    #[test]
    fn a_closed_day_is_a_holiday_or_beside_one(index in 0usize..240, day in 0i32..4017) {
        let country = NationalHolidays::countries().nth(index).unwrap();
        let holidays = NationalHolidays::of(country).unwrap();
        let date = date(2025, 1, 1).checked_add(day.days()).unwrap();
        let closes = NationalHolidays::closes(country, date);
        match holidays.day(date) {
            Day::Holiday(holiday) => prop_assert_eq!((holidays.holiday_on(date), closes), (Some(holiday), true)),
            Day::BesideEstimated(holiday) => prop_assert_eq!((holiday.certainty, closes), (Certainty::Estimated, true)),
            Day::Ordinary => prop_assert!(!closes),
            Day::Unknown => prop_assert!(!holidays.covers(date) && !closes),
        }
    }
}
