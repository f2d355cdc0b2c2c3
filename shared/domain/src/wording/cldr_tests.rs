//! What is written against the facts of CLDR 48, for every country that it describes.

use jiff::civil::Date;
use serde::Deserialize;

use super::*;
use crate::{language::Language, money::Money, phone::CountryCode};

/// What CLDR says of a language in some countries; `null` is no country in particular.
#[derive(Deserialize)]
struct Facts {
    language: Language,
    regions: Vec<Option<CountryCode>>,
    zero: char,
    decimal: String,
    group: String,
    indian: bool,
    minimum_grouping_digits: usize,
    currency_first: bool,
    months: Vec<String>,
}

impl Facts {
    fn digits(&self, text: &str) -> String {
        let shift = |c: char| char::from_u32(u32::from(self.zero) + c.to_digit(10)?);
        text.chars().map(|c| shift(c).unwrap_or(c)).collect()
    }

    fn number(&self, whole: &str, fraction: &str) -> String {
        let grouped = whole.len() >= 3 + self.minimum_grouping_digits;
        let mut written = String::new();
        for (place, digit) in whole.chars().enumerate() {
            let left = whole.len() - place;
            let boundary =
                if self.indian { left == 3 || left > 3 && !left.is_multiple_of(2) } else { left.is_multiple_of(3) };
            if grouped && place > 0 && boundary {
                written.push_str(&self.group);
            }
            written.push(digit);
        }
        self.digits(&format!("{written}{}{fraction}", self.decimal))
    }

    fn amount(&self, number: &str) -> String {
        let space = if self.language == Language::English { ' ' } else { NO_BREAK_SPACE };
        let written = if self.currency_first { format!("USD{space}{number}") } else { format!("{number}{space}USD") };
        if self.language.is_right_to_left() { value::right_to_left(&written) } else { written }
    }
}

fn facts() -> Vec<Facts> {
    serde_json::from_str(include_str!("../../tests/fixtures/cldr-48.json")).unwrap()
}

/// French amounts of Rwanda have other signs in CLDR 49, from which the compiled data are.
fn changed_since(language: Language, region: Option<CountryCode>) -> bool {
    language == Language::French && region.is_some_and(|region| region.as_str() == "RW")
}

#[test]
fn an_amount_is_written_as_cldr_has_it_in_every_country() {
    for facts in facts() {
        for region in facts.regions.iter().filter(|region| !changed_since(facts.language, **region)) {
            for (minor, whole, fraction) in
                [(5, "0", "05"), (98_765, "987", "65"), (123_450, "1234", "50"), (12_345_678_901, "123456789", "01")]
            {
                let written = amount(Money::new(minor, "USD".parse().unwrap()), facts.language, *region);
                let expected = facts.amount(&facts.number(whole, fraction));
                assert_eq!(written, expected, "{} {region:?}", facts.language);
            }
        }
    }
}

#[test]
fn a_date_has_cldrs_month_and_digits_in_every_country() {
    for facts in facts() {
        for region in &facts.regions {
            // English dates are those of the Emirates everywhere.
            if facts.language == Language::English && region.is_none_or(|region| region.as_str() != "AE") {
                continue;
            }
            for (month, name) in (1..).zip(&facts.months) {
                let written = date(Date::constant(2026, month, 28), facts.language, *region);
                let at =
                    |part: &str| written.find(part).unwrap_or_else(|| panic!("no {part} in {written}, {region:?}"));
                let order = [at(&facts.digits("28")), at(name), at(&facts.digits("2026"))];
                assert!(order.is_sorted(), "{written}, {region:?}");
            }
        }
    }
}

#[test]
fn arabic_digits_are_those_of_the_country() {
    let written = ["AE", "SA", "EG", "KW", "MA", "DZ"]
        .map(|region| count(1_234, Language::Arabic, Some(region.parse().unwrap())));
    assert_eq!(written, ["1,234", "١٬٢٣٤", "١٬٢٣٤", "١٬٢٣٤", "1.234", "1.234"]);
}
