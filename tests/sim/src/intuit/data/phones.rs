use serde_json::{Value, json};

use crate::field::Field as _;

/// A number and the country's ways to write it.
#[derive(Debug, Clone)]
pub(crate) struct Number {
    country: &'static str,
    area: String,
    local: String,
    trunk: &'static str,
}

/// How often the ways of writing repeat.
pub(crate) const STYLES: usize = 11;

impl Number {
    pub(crate) fn e164(&self) -> String {
        format!("+{}{}{}", self.country, self.area, self.local)
    }

    /// One line of free text, as people type it, and the field they type it into.
    pub(crate) fn write(&self, customer: &mut Value, style: usize) {
        let Self { country, area, local, trunk } = self;
        let (head, tail) = local.split_at_checked(3).unwrap_or((local, ""));
        let at_home = *country == "971";
        let (field, text) = match style % STYLES {
            0 => ("Mobile", format!("+{country} {area} {head} {tail}")),
            1 if at_home => ("Mobile", format!("{trunk}{area} {head} {tail}")),
            2 => ("Mobile", format!("00{country}{area}{local}")),
            3 => ("PrimaryPhone", format!("+{country}-{area}-{head}-{tail}")),
            4 if at_home => ("PrimaryPhone", format!("({trunk}{area}) {local}")),
            5 if at_home => ("AlternatePhone", format!("{trunk}{area}-{head}-{tail}")),
            6 => ("Mobile", format!("Mob: +{country} {area} {head} {tail}")),
            7 => ("Mobile", format!("+{country} ({trunk}){area} {head} {tail}")),
            8 => ("PrimaryPhone", arabic(&format!("+{country}{area}{local}"))),
            9 => ("PrimaryPhone", format!("  +{country}\u{a0}{area}.{head}.{tail} ")),
            _ => ("Mobile", format!("+{country}{area}{local}")),
        };
        put(customer, field, &text);
        if field == "AlternatePhone" {
            put(customer, "PrimaryPhone", "04 331 2200");
        }
    }
}

/// The `n`-th mobile in the Emirates.
pub(crate) fn emirati(n: usize) -> Number {
    let areas = ["50", "52", "54", "55", "56", "58"];
    let area = areas.get(n % areas.len()).copied().unwrap_or("50");
    Number { country: "971", area: area.to_owned(), local: format!("3{}", six_digits(n)), trunk: "0" }
}

/// The `n`-th mobile of a neighbour or a trading partner.
pub(crate) fn abroad(n: usize) -> Number {
    let ranges = [("44", "7400", "", "0"), ("966", "55", "3", "0"), ("91", "9812", "", "0"), ("965", "66", "", "")];
    let (country, area, lead, trunk) = ranges.get(n % ranges.len()).copied().unwrap_or(("44", "7400", "", "0"));
    Number { country, area: area.to_owned(), local: format!("{lead}{}", six_digits(n)), trunk }
}

/// The `n`-th of New York's fictional numbers (555-0100 to 555-0199), written as at home.
pub(crate) fn american(n: usize) -> (String, String) {
    let last = 100 + n % 100;
    (format!("+17185550{last}"), format!("(718) 555-0{last}"))
}

/// What people type into a field that they do not want to fill in.
pub(crate) fn junk(n: usize) -> &'static str {
    ["n/a", "-", "555-1234", "see email", "+971", "OtherWhat", "0"].get(n % 7).copied().unwrap_or("n/a")
}

/// A landline in Dubai, sometimes with an extension.
pub(crate) fn landline(n: usize) -> String {
    let extension = if n.is_multiple_of(2) { " ext. 12" } else { "" };
    format!("04 33{:05}{extension}", 10_000 + n)
}

pub(crate) fn put(customer: &mut Value, field: &str, text: &str) {
    customer.put(field, json!({ "FreeFormNumber": text }));
}

/// The same digits as an Arabic keyboard types them.
fn arabic(text: &str) -> String {
    let digits = ['٠', '١', '٢', '٣', '٤', '٥', '٦', '٧', '٨', '٩'];
    let typed = |c: char| c.to_digit(10).and_then(|digit| digits.get(usize::try_from(digit).ok()?).copied());
    text.chars().map(|c| typed(c).unwrap_or(c)).collect()
}

/// Six digits that differ for every `n` below a million.
fn six_digits(n: usize) -> String {
    format!("{:06}", (n * 6151 + 271_828) % 1_000_000)
}
