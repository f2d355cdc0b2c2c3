use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::calendar::Minute;

fn zone(name: &str) -> Zone {
    name.parse().unwrap()
}

fn zone_clock(name: &str) -> SendClock {
    SendClock::of_zone(&zone(name))
}

fn country_clock(country: &str) -> SendClock {
    SendClock::of_country(country.parse().unwrap()).unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn every_day(start: &str, end: &str) -> SendCalendar {
    let window = Window::new(start.parse().unwrap(), end.parse().unwrap()).ok();
    SendCalendar { week: [window; 7], ..SendCalendar::office_hours() }
}

/// Nine to five from Monday to Friday, as an organisation in London plans it.
fn from_london(clock: &SendClock, day: Date, earliest: &str) -> Option<(Timestamp, Date)> {
    let slot = SendCalendar::office_hours().slot_by(clock, day, &zone("Europe/London"), at(earliest))?;
    Some((slot.at, slot.date))
}

fn begins(slot: Option<Slot>) -> Option<(Timestamp, Date)> {
    slot.map(|slot| (slot.at, slot.date))
}

#[test]
fn case_40_a_customer_in_sydney_is_written_to_at_nine_in_sydney() {
    let sydney = zone_clock("Australia/Sydney");
    let winter = from_london(&sydney, date(2026, 11, 25), "2026-11-25T06:00:00Z");
    assert_eq!(winter, Some((at("2026-11-25T22:00:00Z"), date(2026, 11, 26))), "22:00 in London");
    let october = from_london(&sydney, date(2026, 10, 13), "2026-10-13T06:00:00Z");
    assert_eq!(october, Some((at("2026-10-13T22:00:00Z"), date(2026, 10, 14))), "23:00 in London");
    let summer = from_london(&sydney, date(2026, 7, 15), "2026-07-14T23:00:00Z");
    assert_eq!(summer, Some((at("2026-07-14T23:00:00Z"), date(2026, 7, 15))), "midnight in London");
    assert_eq!(from_london(&sydney, date(2026, 7, 15), "2026-07-15T07:00:00Z"), None, "17:00 in Sydney");
}

#[test]
fn what_is_left_of_the_afternoon_in_sydney_comes_before_the_next_morning() {
    let slot = from_london(&zone_clock("Australia/Sydney"), date(2026, 11, 25), "2026-11-25T03:00:00Z");
    assert_eq!(slot, Some((at("2026-11-25T03:00:00Z"), date(2026, 11, 25))));
}

#[test]
fn an_australian_number_waits_until_nine_in_perth_and_rests_from_five_in_sydney() {
    let australia = country_clock("AU");
    let slot = |earliest| from_london(&australia, date(2026, 11, 26), earliest);
    assert_eq!(slot("2026-11-26T00:00:00Z"), Some((at("2026-11-26T01:00:00Z"), date(2026, 11, 26))));
    assert_eq!(slot("2026-11-26T05:59:59Z"), Some((at("2026-11-26T05:59:59Z"), date(2026, 11, 26))));
    assert_eq!(slot("2026-11-26T06:00:00Z"), None);
}

#[test]
fn the_week_end_is_that_of_the_clock() {
    let sydney = zone_clock("Australia/Sydney");
    let friday = date(2026, 11, 27);
    assert_eq!(from_london(&sydney, friday, "2026-11-27T06:00:00Z"), None, "Saturday in Sydney");
    let sunday = date(2026, 11, 29);
    let monday = from_london(&sydney, sunday, "2026-11-29T06:00:00Z");
    assert_eq!(monday, Some((at("2026-11-29T22:00:00Z"), date(2026, 11, 30))));
    let next = |day| SendCalendar::office_hours().next_day_by(&sydney, day, &zone("Europe/London"));
    assert_eq!(next(friday), Some(friday), "Friday until 17:00 in Sydney");
    assert_eq!(next(date(2026, 11, 28)), Some(sunday));
}

#[test]
fn a_holiday_is_that_of_the_date_on_the_clock() {
    let calendar = SendCalendar::for_country("AU".parse().unwrap());
    let slot =
        |day, earliest| calendar.slot_by(&zone_clock("Australia/Sydney"), day, &zone("Europe/London"), at(earliest));
    assert_eq!(slot(date(2027, 1, 25), "2027-01-25T06:00:00Z"), None, "the evening before is Australia Day");
    let after = slot(date(2027, 1, 26), "2027-01-26T06:00:00Z").unwrap();
    assert_eq!((after.at, after.date), (at("2027-01-26T22:00:00Z"), date(2027, 1, 27)));
}

#[test]
fn dated_hours_are_those_of_the_date_on_the_clock() {
    let mut calendar = SendCalendar::office_hours();
    let short = Window::new("11:00".parse().unwrap(), "12:00".parse().unwrap()).ok();
    calendar.overrides.insert(date(2026, 11, 26), short);
    let earliest = at("2026-11-25T06:00:00Z");
    let slot = calendar.slot_by(&zone_clock("Australia/Sydney"), date(2026, 11, 26), &zone("Europe/London"), earliest);
    assert_eq!(begins(slot), Some((at("2026-11-26T00:00:00Z"), date(2026, 11, 26))));
}

#[test]
fn across_the_date_line_the_date_is_that_of_the_clock() {
    let calendar = SendCalendar::office_hours();
    let (kiritimati, pago_pago) = (zone("Pacific/Kiritimati"), zone("Pacific/Pago_Pago"));
    let day = date(2026, 11, 25);
    let west = calendar.slot_by(&SendClock::of_zone(&pago_pago), day, &kiritimati, Timestamp::MIN);
    assert_eq!(begins(west), Some((at("2026-11-24T20:00:00Z"), date(2026, 11, 24))));
    let east = calendar.slot_by(&SendClock::of_zone(&kiritimati), day, &pago_pago, Timestamp::MIN);
    assert_eq!(begins(east), Some((at("2026-11-25T19:00:00Z"), date(2026, 11, 26))));
}

#[test]
fn zones_on_both_sides_of_the_date_line_share_an_hour_of_a_date() {
    let islands = country_clock("UM");
    let slot = |earliest| every_day("00:00", "24:00").slot_by(&islands, date(2026, 11, 25), &Zone::UTC, at(earliest));
    let first = at("2026-11-25T11:00:00Z");
    assert_eq!(begins(slot("2026-11-25T00:00:00Z")), Some((first, date(2026, 11, 25))));
    assert_eq!(slot("2026-11-25T12:00:00Z"), None);
    assert_eq!(islands.date(first), Some(date(2026, 11, 25)));
    assert_eq!(islands.date(at("2026-11-25T10:59:59Z")), None);
    assert_eq!(islands.dates(at("2026-11-25T10:59:59Z")), date(2026, 11, 24)..=date(2026, 11, 25));
}

#[test]
fn zones_of_half_and_quarter_hours_open_on_theirs() {
    for (country, opens) in [
        ("IN", "2026-11-25T03:30:00Z"),
        ("NP", "2026-11-25T03:15:00Z"),
        ("AF", "2026-11-25T04:30:00Z"),
        ("AE", "2026-11-25T05:00:00Z"),
    ] {
        let slot = every_day("09:00", "17:00").slot_by(
            &country_clock(country),
            date(2026, 11, 25),
            &Zone::UTC,
            at("2026-11-25T00:00:00Z"),
        );
        assert_eq!(begins(slot), Some((at(opens), date(2026, 11, 25))), "{country}");
    }
    let new_zealand = country_clock("NZ");
    let closed =
        every_day("09:00", "17:00").slot_by(&new_zealand, date(2026, 11, 25), &Zone::UTC, at("2026-11-25T03:15:00Z"));
    assert_eq!(begins(closed), Some((at("2026-11-25T20:00:00Z"), date(2026, 11, 26))), "17:00 in Chatham");
}

#[test]
fn the_common_hours_of_the_united_states_follow_both_changes_of_the_clock() {
    for (day, last_hour, closed) in [
        (date(2026, 3, 7), "2026-03-07T21:59:59Z", "2026-03-07T22:00:00Z"),
        (date(2026, 3, 8), "2026-03-08T20:59:59Z", "2026-03-08T21:00:00Z"),
        (date(2026, 10, 31), "2026-10-31T20:59:59Z", "2026-10-31T21:00:00Z"),
        (date(2026, 11, 1), "2026-11-01T21:59:59Z", "2026-11-01T22:00:00Z"),
    ] {
        let slot = |earliest| {
            every_day("09:00", "17:00").slot_by(&country_clock("US"), day, &zone("America/New_York"), earliest)
        };
        let opens = Zone::UTC.instant(day, "19:00".parse().unwrap()).unwrap();
        assert_eq!(begins(slot(Timestamp::MIN)), Some((opens, day)), "nine in Honolulu on {day}");
        assert_eq!(begins(slot(at(last_hour))), Some((at(last_hour), day)));
        assert_eq!(slot(at(last_hour)).map(|slot| slot.until), Some(at(closed)));
        assert_eq!(slot(at(closed)), None, "five in New York on {day}");
    }
}

#[test]
fn hours_over_a_change_of_the_clock_last_an_hour_less_in_spring_and_more_in_autumn() {
    let new_york = zone("America/New_York");
    for (day, opens, closes) in [
        (date(2026, 3, 8), "2026-03-08T06:30:00Z", "2026-03-08T07:00:00Z"),
        (date(2026, 11, 1), "2026-11-01T05:30:00Z", "2026-11-01T08:00:00Z"),
    ] {
        let slot =
            |earliest| every_day("01:30", "03:00").slot_by(&SendClock::of_zone(&new_york), day, &new_york, earliest);
        assert_eq!(begins(slot(Timestamp::MIN)), Some((at(opens), day)));
        assert_eq!(slot(Timestamp::MIN).map(|slot| slot.until), Some(at(closes)));
        assert_eq!(slot(at(closes)), None);
        assert!(slot(at(closes) - 1.second()).is_some());
    }
}

#[test]
fn hours_that_the_clock_jumps_over_at_midnight_do_not_move_to_the_next_date() {
    let nuuk = zone("America/Nuuk");
    let late = every_day("23:10", "23:40");
    let saturday = date(2026, 3, 28);
    assert_eq!(late.slot_by(&SendClock::of_zone(&nuuk), saturday, &nuuk, Timestamp::MIN), None);
    assert_eq!(late.next_day_by(&SendClock::of_zone(&nuuk), saturday, &nuuk), Some(date(2026, 3, 29)));
}

#[test]
fn a_country_too_wide_for_the_hours_has_no_slot_on_any_day_and_longer_hours_give_it_one() {
    let russia = country_clock("RU");
    let moscow = zone("Europe/Moscow");
    let wednesday = date(2026, 11, 25);
    let nine_to_five = SendCalendar::office_hours();
    assert_eq!(nine_to_five.slot_by(&russia, wednesday, &moscow, Timestamp::MIN), None);
    assert_eq!(nine_to_five.next_day_by(&russia, wednesday, &moscow), None);
    let slot = every_day("08:00", "20:00").slot_by(&russia, wednesday, &moscow, Timestamp::MIN);
    assert_eq!(begins(slot), Some((at("2026-11-25T06:00:00Z"), wednesday)));
}

#[test]
fn nine_to_five_has_hours_common_to_all_zones_in_all_countries_but_three() {
    for day in [date(2026, 1, 14), date(2026, 7, 15)] {
        let never = zones::countries().filter(|country| {
            let clock = SendClock::of_country(*country).unwrap();
            SendCalendar::office_hours().next_day_by(&clock, day, &Zone::UTC).is_none()
        });
        assert_eq!(never.map(|country| country.as_str().to_owned()).collect::<Vec<_>>(), ["AQ", "RU", "UM"]);
    }
}

#[test]
fn a_country_that_is_not_known_has_no_clock() {
    assert_eq!(SendClock::of_country("ZZ".parse().unwrap()), None);
}

#[test]
fn a_calendar_that_never_opens_has_no_slot_by_any_clock() {
    let never = SendCalendar { week: [None; 7], ..SendCalendar::office_hours() };
    let dubai = zone("Asia/Dubai");
    assert_eq!(never.slot_by(&country_clock("AE"), date(2026, 11, 25), &dubai, Timestamp::MIN), None);
    assert_eq!(never.next_day_by(&country_clock("AE"), date(2026, 11, 25), &dubai), None);
}

const ZONES: [&str; 14] = [
    "Africa/Cairo",
    "America/New_York",
    "America/Nuuk",
    "America/Santiago",
    "America/St_Johns",
    "Asia/Dubai",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Australia/Sydney",
    "Europe/London",
    "Pacific/Apia",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
];

const COUNTRIES: [&str; 12] = ["AE", "AU", "BR", "CA", "CL", "FM", "GL", "IN", "NZ", "RU", "UM", "US"];

fn any_zone() -> impl Strategy<Value = Zone> {
    prop::sample::select(&ZONES[..]).prop_map(zone)
}

fn any_clock() -> impl Strategy<Value = SendClock> {
    let countries = prop::sample::select(&COUNTRIES[..]).prop_map(country_clock);
    prop_oneof![any_zone().prop_map(|zone| SendClock::of_zone(&zone)), countries]
}

fn any_day() -> impl Strategy<Value = Date> {
    (0i32..4000).prop_map(|day| date(2024, 1, 1).saturating_add(day.days()))
}

/// Short and long hours at any time of the day, on some days of the week.
fn any_calendar() -> impl Strategy<Value = SendCalendar> {
    let window = (0u16..24 * 60, 1u16..=24 * 60)
        .prop_map(|(start, minutes)| Window::new(Minute(start), Minute((start + minutes).min(24 * 60))).ok());
    let day = prop_oneof![1 => Just(None), 4 => window];
    prop::array::uniform7(day).prop_map(|week| SendCalendar { week, ..SendCalendar::office_hours() })
}

fn any_earliest(day: Date, from_minute: i64) -> Timestamp {
    Zone::UTC.instant(day, Minute(0)).unwrap() + from_minute.minutes()
}

/// Whether a zone keeps its offset from three days before to three days after a date.
fn is_steady(zone: &Zone, day: Date) -> bool {
    let offset = |days: i32| {
        let noon = Zone::UTC.instant(day.saturating_add(days.days()), Minute(12 * 60)).unwrap();
        zone.0.to_offset(noon)
    };
    offset(-3) == offset(3)
}

fn is_steady_everywhere(clock: &SendClock, day: Date) -> bool {
    iter::once(&clock.first).chain(&clock.others).all(|zone| is_steady(zone, day))
}

/// Whether the clocks on all walls show the same date and one of its hours, by what they show alone.
fn walls_say_yes(calendar: &SendCalendar, clock: &SendClock, at: Timestamp) -> bool {
    let Some(window) = clock.date(at).and_then(|date| calendar.window_on(date)) else { return false };
    iter::once(&clock.first).chain(&clock.others).all(|zone| {
        let time = zone.local(at).time();
        let minute = Minute(u16::try_from(time.hour()).unwrap() * 60 + u16::try_from(time.minute()).unwrap());
        (window.start..window.end).contains(&minute)
    })
}

proptest! {
    #[test]
    fn a_slot_is_an_open_hour_in_every_zone_not_before_the_earliest_and_on_the_organisations_day(
        calendar in any_calendar(),
        clock in any_clock(),
        home in any_zone(),
        day in any_day(),
        from_minute in -1500i64..3000,
    ) {
        let earliest = any_earliest(day, from_minute);
        if let Some(slot) = calendar.slot_by(&clock, day, &home, earliest) {
            prop_assert!(slot.at >= earliest);
            prop_assert_eq!(home.date(slot.at), day);
            prop_assert_eq!(clock.date(slot.at), Some(slot.date));
            let window = calendar.window_on(slot.date);
            prop_assert!(window.is_some());
            for zone in iter::once(&clock.first).chain(&clock.others) {
                let (start, end) = zone.span(slot.date, window.unwrap()).unwrap();
                prop_assert!(start <= slot.at && slot.at < end, "{}", zone.name());
            }
            if is_steady_everywhere(&clock, day) {
                prop_assert!(walls_say_yes(&calendar, &clock, slot.at));
            }
        }
    }

    #[test]
    fn no_earlier_minute_of_the_day_is_an_open_hour_in_every_zone(
        calendar in any_calendar(),
        clock in any_clock(),
        home in any_zone(),
        day in any_day(),
        from_minute in -1500i64..3000,
    ) {
        prop_assume!(is_steady_everywhere(&clock, day));
        let (midnight, next_midnight) = home.span(day, Window::whole_day()).unwrap();
        let from = midnight.max(any_earliest(day, from_minute));
        let until = calendar.slot_by(&clock, day, &home, from).map_or(next_midnight, |slot| slot.at);
        let mut minute = from;
        while minute < until {
            prop_assert!(!walls_say_yes(&calendar, &clock, minute), "{minute}");
            minute += 7.minutes();
        }
    }

    #[test]
    fn by_the_organisations_own_clock_the_slot_is_the_calendars(
        calendar in any_calendar(),
        home in any_zone(),
        day in any_day(),
        from_minute in -1500i64..3000,
    ) {
        let earliest = any_earliest(day, from_minute);
        let slot = calendar.slot_by(&SendClock::of_zone(&home), day, &home, earliest);
        prop_assert_eq!(begins(slot), calendar.slot(day, &home, earliest).map(|at| (at, day)));
    }

    #[test]
    fn the_next_day_is_the_first_one_with_a_slot(
        calendar in any_calendar(),
        clock in any_clock(),
        home in any_zone(),
        day in any_day(),
    ) {
        let has_slot = |day: &Date| calendar.slot_by(&clock, *day, &home, Timestamp::MIN).is_some();
        let expected = day.series(1.day()).take(30).find(has_slot);
        let next = calendar.next_day_by(&clock, day, &home);
        prop_assert_eq!(next.filter(|next| *next < day.saturating_add(30.days())), expected);
    }

    #[test]
    fn no_date_makes_the_search_panic(
        calendar in any_calendar(),
        clock in any_clock(),
        home in any_zone(),
        day in -4_000_000i32..2_900_000,
        earliest in prop::sample::select(vec![Timestamp::MIN, Timestamp::UNIX_EPOCH, Timestamp::MAX]),
    ) {
        let day = date(2024, 1, 1).saturating_add(day.days());
        let _slot = calendar.slot_by(&clock, day, &home, earliest);
        let _next = calendar.next_day_by(&clock, day, &home);
        let _dates = clock.dates(earliest);
    }
}
