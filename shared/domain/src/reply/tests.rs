//! What customers write, row by row, and what holds for any text.

use jiff::{ToSpan, civil::date};
use proptest::prelude::*;

use super::*;

/// The Wednesday on which the rows are read.
const TODAY: Date = date(2026, 12, 16);

#[test]
fn every_reply_of_the_table_means_what_its_row_says() {
    let rows: Vec<(&str, &str)> = rows().collect();
    assert!(rows.len() >= 200, "{}", rows.len());
    let wrong: Vec<String> = rows
        .into_iter()
        .map(|(meaning, text)| (meaning, text, meant(&unescaped(text))))
        .filter(|(meaning, _, found)| meaning != found)
        .map(|(meaning, text, found)| format!("{text:?} is {found}, not {meaning}"))
        .collect();
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn case_72_a_claim_in_arabic_with_arabic_digits_in_its_amount_is_understood() {
    assert_eq!(meant("تم الدفع ١٬٢٥٠٫٠٠ درهم"), "paid");
}

#[test]
fn no_reply_stands_in_the_table_twice() {
    let mut texts: Vec<&str> = rows().map(|(_, text)| text).collect();
    texts.sort_unstable();
    let twice: Vec<_> = texts.windows(2).filter(|pair| pair[0] == pair[1]).collect();
    assert_eq!(twice, Vec::<&[&str]>::new());
}

#[test]
fn every_phrase_is_written_folded_and_means_one_thing() {
    let mut seen = std::collections::BTreeSet::new();
    for phrase in phrases::PHRASES.iter().flat_map(|(phrases, _)| phrases.iter()) {
        assert_eq!(fold::fold(phrase), *phrase);
        assert!(seen.insert(phrase), "{phrase} stands there twice");
        assert_eq!(courtesy::without(phrase), *phrase, "its courtesy is taken away before it is looked for");
    }
    for courtesy in courtesy::COURTESIES {
        assert_eq!(fold::fold(courtesy), *courtesy);
    }
}

#[test]
fn the_order_decides_only_where_a_date_has_passed_the_other_way() {
    let read = |text, order| understand(text, TODAY, order);
    assert_eq!(read("10/01/2027", DayOrder::DayFirst), read("10/01/2027", DayOrder::MonthFirst));
    assert_eq!(read("12/25", DayOrder::DayFirst), Intent::PayOn(date(2026, 12, 25)));
    assert_eq!(read("25/12", DayOrder::MonthFirst), Intent::PayOn(date(2026, 12, 25)));
    let (text, passed) = ("pay on 01/10/2026", Intent::PayOnUnclear(Unclear::OutOfRange));
    assert_eq!((read(text, DayOrder::DayFirst), read(text, DayOrder::MonthFirst)), (passed, passed));
    let today = date(2026, 11, 26);
    let read = |order| understand("will pay 10/12/2026", today, order);
    assert_eq!(read(DayOrder::DayFirst), Intent::PayOn(date(2026, 12, 10)));
    assert_eq!(read(DayOrder::MonthFirst), passed);
}

#[test]
fn the_order_is_that_of_the_organisations_country() {
    let order = |country: &str| DayOrder::of_country(country.parse().ok());
    assert_eq!([order("US"), order("PH")], [DayOrder::MonthFirst; 2]);
    assert_eq!([order("GB"), order("AE"), order("CA"), DayOrder::of_country(None)], [DayOrder::DayFirst; 4]);
}

#[test]
fn the_templates_of_the_pack_are_no_reply_when_they_are_sent_back() {
    for template in crate::template::every_text() {
        let text = format!("{}\n{}", template.body(), template.footer);
        assert_eq!(meant(&text), "unread");
        assert_eq!(meant(template.footer), "unread");
    }
}

#[test]
fn every_answer_that_a_customer_may_choose_is_understood() {
    for language in crate::language::Language::ALL {
        let choices =
            crate::template::texts_in(language).filter(|text| text.variant == crate::template::Variant::Replies);
        let labels: std::collections::BTreeSet<_> = choices.map(|text| text.buttons).collect();
        let labels: Vec<&str> = labels.into_iter().flatten().copied().collect();
        let meanings: Vec<String> = labels.iter().map(|label| meant(label)).collect();
        assert_eq!(meanings, ["paid", "ask: no date", "question"], "{labels:?}");
    }
}

#[test]
fn the_word_that_a_footer_asks_for_stops_the_reminders() {
    let words = [
        ("en", "STOP"),
        ("ar", "إيقاف"),
        ("es", "BAJA"),
        ("pt_BR", "PARAR"),
        ("fr", "STOP"),
        ("de", "STOPP"),
        ("hi", "STOP"),
    ];
    let footers = crate::language::Language::ALL.map(|language| {
        let (_, word) = words.iter().find(|(code, _)| *code == language.code()).unwrap();
        assert!(crate::template::texts_in(language).all(|text| text.footer.contains(word)), "{language}");
        meant(word)
    });
    assert_eq!(footers, ["stop"; 7]);
}

#[test]
fn a_text_that_is_too_long_is_for_a_person() {
    let padded = |spaces: usize| format!("stop{}", " ".repeat(spaces));
    assert_eq!((meant(&padded(4092)), meant(&padded(4093))), ("stop".to_owned(), "unread".to_owned()));
    assert_eq!(meant(&"paid ".repeat(31)), "unread");
}

#[test]
fn the_ends_of_the_calendar_are_no_trouble() {
    for text in [
        "tomorrow",
        "in 3 days",
        "5 January",
        "Friday",
        "end of the month",
        "end of January",
        "the 5th",
        "03/04",
        "in a month",
    ] {
        for today in [Date::MIN, Date::MAX] {
            understand(text, today, DayOrder::DayFirst);
        }
    }
}

proptest! {
    #[test]
    fn any_text_is_read_without_panic(text in any::<String>(), printable in "\\PC{0,300}") {
        understand(&text, TODAY, DayOrder::DayFirst);
        understand(&printable, TODAY, DayOrder::MonthFirst);
    }

    #[test]
    fn a_promise_is_for_today_or_later_and_within_a_year(
        words in prop::collection::vec(prop::sample::select(WORDS), 1..6),
        numbers in prop::collection::vec(0u16..2100, 3),
        days in 0i64..4000,
        month_first in any::<bool>(),
    ) {
        let today = date(2024, 1, 1).checked_add(days.days()).unwrap();
        let order = if month_first { DayOrder::MonthFirst } else { DayOrder::DayFirst };
        let mut text = words.join(" ");
        for number in numbers {
            text = text.replacen('#', &number.to_string(), 1);
        }
        let furthest = today.checked_add(366.days()).unwrap();
        let named = match understand(&text, today, order) {
            Intent::PayOn(day) => vec![day],
            Intent::PayOnUnclear(Unclear::Ambiguous { day_first, month_first }) => {
                prop_assert_ne!(day_first, month_first);
                vec![day_first, month_first]
            }
            Intent::Stop | Intent::Start | Intent::PaidAlready | Intent::PayOnUnclear(_) | Intent::Question
            | Intent::WrongNumber | Intent::Unread => Vec::new(),
        };
        prop_assert!(named.iter().all(|day| (today..=furthest).contains(day)), "{} {:?}", text, named);
    }

    #[test]
    fn a_stop_stays_one_in_any_case_and_punctuation(
        phrase in prop::sample::select(phrases::PHRASES[0].0),
        upper in any::<bool>(),
        around in "[ .!,*_~\u{200b}\u{200f}]{0,5}",
    ) {
        let said = if upper { phrase.to_uppercase() } else { phrase.to_owned() };
        prop_assert_eq!(understand(&format!("{around}{said}{around}"), TODAY, DayOrder::DayFirst), Intent::Stop);
    }
}

/// Pieces of promises; `#` becomes a number.
const WORDS: &[&str] = &[
    "will pay",
    "on",
    "by",
    "in",
    "#",
    "# days",
    "# weeks",
    "# months",
    "#/#",
    "#/#/#",
    "#-#-#",
    "#.#",
    "# december",
    "feb #",
    "#th",
    "friday",
    "monday",
    "tomorrow",
    "today",
    "end of the month",
    "end of february",
    "a month",
    "بعد # يوم",
    "غدا",
    "يوم #",
    "now",
];

fn rows() -> impl Iterator<Item = (&'static str, &'static str)> {
    let lines = include_str!("replies.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| line.split_once(" |").expect(line))
        .map(|(meaning, text)| (meaning, text.strip_prefix(' ').unwrap_or(text)))
}

/// A text with its escapes replaced.
fn unescaped(text: &str) -> String {
    let mut parts = text.split("\\u{");
    let mut plain = parts.next().unwrap().to_owned();
    for part in parts {
        let (code, rest) = part.split_once('}').unwrap();
        plain.push(char::from_u32(u32::from_str_radix(code, 16).unwrap()).unwrap());
        plain.push_str(rest);
    }
    plain.replace("\\n", "\n")
}

fn meant(text: &str) -> String {
    match understand(text, TODAY, DayOrder::DayFirst) {
        Intent::Stop => "stop".to_owned(),
        Intent::Start => "start".to_owned(),
        Intent::PaidAlready => "paid".to_owned(),
        Intent::PayOn(day) => format!("pay on {day}"),
        Intent::PayOnUnclear(Unclear::NoDate) => "ask: no date".to_owned(),
        Intent::PayOnUnclear(Unclear::Ambiguous { day_first, month_first }) => {
            format!("ask: {day_first} or {month_first}")
        }
        Intent::PayOnUnclear(Unclear::SeveralDates) => "ask: several".to_owned(),
        Intent::PayOnUnclear(Unclear::OutOfRange) => "ask: out of range".to_owned(),
        Intent::Question => "question".to_owned(),
        Intent::WrongNumber => "wrong number".to_owned(),
        Intent::Unread => "unread".to_owned(),
    }
}
