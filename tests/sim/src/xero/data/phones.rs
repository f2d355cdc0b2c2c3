use serde_json::{Value, json};

use crate::field::Field as _;
use crate::random::Random;

/// A mobile number of one country, in the parts that people type separately.
#[derive(Debug, Clone)]
pub(crate) struct Number {
    pub(crate) country: &'static str,
    pub(crate) area: String,
    pub(crate) local: String,
    pub(crate) trunk: &'static str,
}

impl Number {
    pub(crate) fn e164(&self) -> String {
        format!("+{}{}{}", self.country, self.area, self.local)
    }

    fn spaced(&self) -> String {
        let (head, tail) = self.local.split_at_checked(3).unwrap_or((&self.local, ""));
        format!("{head} {tail}")
    }
}

/// The `n`-th mobile in the Emirates: 50, 52, 54, 55, 56 and 58 are mobile ranges.
pub(crate) fn emirati(n: usize) -> Number {
    let areas = ["50", "52", "54", "55", "56", "58"];
    let area = areas.get(n % areas.len()).copied().unwrap_or("50");
    Number { country: "971", area: area.to_owned(), local: format!("2{}", six_digits(n)), trunk: "0" }
}

/// The `n`-th mobile of some other country.
pub(crate) fn foreign(n: usize) -> Number {
    let ranges = [
        ("44", "7410", "", "0"),
        ("966", "50", "2", "0"),
        ("91", "9876", "", "0"),
        ("965", "50", "", ""),
        ("49", "1511", "2", "0"),
        ("20", "10", "02", "0"),
    ];
    let (country, area, lead, trunk) = ranges.get(n % ranges.len()).copied().unwrap_or(("44", "7410", "", "0"));
    Number { country, area: area.to_owned(), local: format!("{lead}{}", six_digits(n)), trunk }
}

/// The `n`-th mobile in Great Britain.
pub(crate) fn british(n: usize) -> Number {
    Number { country: "44", area: String::from("7410"), local: six_digits(n), trunk: "0" }
}

/// The `n`-th number of Toronto's two hundred fictional ones (555-0100 to 555-0199).
pub(crate) fn canadian(n: usize) -> Number {
    let area = if n < 100 { "416" } else { "647" };
    Number { country: "1", area: area.to_owned(), local: format!("55501{:02}", n % 100), trunk: "" }
}

/// How often the ways of writing repeat.
pub(crate) const STYLES: usize = 9;

/// The four phone entries of a contact whose mobile is written in one of many ways.
pub(crate) fn written(number: &Number, style: usize) -> Value {
    let Number { country, area, local, trunk } = number;
    let spaced = number.spaced();
    let mobile = match style % STYLES {
        0 => entry("MOBILE", country, area, &spaced),
        1 => entry("MOBILE", "", "", &format!("+{country} {area} {spaced}")),
        2 => entry("MOBILE", &format!("+{country}"), &format!("{trunk}{area}"), local),
        3 => entry("MOBILE", "", "", &format!("00{country}{area}{local}")),
        4 if *country == "971" => entry("MOBILE", "", "", &format!("{trunk}{area} {spaced}")),
        5 => entry("MOBILE", country, "", &format!("{area}-{}", spaced.replace(' ', "-"))),
        6 => return only_default(&format!("+{country} ({area}) {spaced}")),
        7 => entry("MOBILE", &format!("00{country}"), area, local),
        _ => entry("MOBILE", "", &format!("({area})"), local).country(country),
    };
    json!([bare("DEFAULT"), blank("DDI"), mobile.0, bare("FAX")])
}

/// The same number twice, once for abroad and once as dialled at home.
pub(crate) fn written_twice(number: &Number) -> Value {
    let at_home = format!("{}{} {}", number.trunk, number.area, number.local);
    json!([
        entry("DEFAULT", "", "", &at_home).0,
        blank("DDI"),
        entry("MOBILE", number.country, &number.area, &number.local).0,
        bare("FAX"),
    ])
}

/// Only landlines in Dubai.
pub(crate) fn landline(random: &mut Random, note: &str) -> Value {
    let number = format!("3{:06}{note}", random.between(0, 999_999));
    json!([entry("DEFAULT", "971", "4", &number).0, bare("DDI"), bare("MOBILE"), entry("FAX", "971", "04", &number).0])
}

/// No number at all; the entries are there nevertheless.
pub(crate) fn none() -> Value {
    json!([bare("DEFAULT"), bare("DDI"), blank("MOBILE"), bare("FAX")])
}

/// What people type into a field that they must fill in.
pub(crate) fn junk(index: usize) -> Value {
    let texts = ["n/a", "-", "555-1234", "see email", "+971"];
    let text = texts.get(index % texts.len()).copied().unwrap_or("n/a");
    json!([entry("DEFAULT", "", "", text).0, bare("DDI"), entry("MOBILE", "", "", text).0, bare("FAX")])
}

struct Entry(Value);

impl Entry {
    fn country(mut self, code: &str) -> Self {
        self.0.put("PhoneCountryCode", json!(code));
        self
    }
}

fn entry(kind: &str, country: &str, area: &str, number: &str) -> Entry {
    Entry(json!({
        "PhoneType": kind, "PhoneNumber": number, "PhoneAreaCode": area, "PhoneCountryCode": country,
    }))
}

/// Nearly half of all real entries have no number key at all.
fn bare(kind: &str) -> Value {
    json!({ "PhoneType": kind })
}

fn blank(kind: &str) -> Value {
    entry(kind, "", "", "").0
}

fn only_default(number: &str) -> Value {
    json!([entry("DEFAULT", "", "", number).0, bare("DDI"), bare("MOBILE"), bare("FAX")])
}

/// Six digits that differ for every `n` below a million.
fn six_digits(n: usize) -> String {
    format!("{:06}", (n * 7919 + 104_729) % 1_000_000)
}
