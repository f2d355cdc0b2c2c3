//! How amounts, dates, counts and names are written in a customer's language.
//!
//! Digits, separators, grouping, months and plural forms come from CLDR by way of ICU4X.
//! Where a currency's code stands and the words around the values are ours: [`phrase`] has the words.
//!
//! **Directions.** A Latin name or number in an Arabic text, or the reverse, would pull the digits and
//! punctuation beside it into its own direction: `2026-0042` after an Arabic word is shown as `0042-2026`.
//! Such a value therefore stands between the marks of a Unicode isolate, which have no width.
//! [`value::clean`] takes every such mark out of what people typed, so that those of a message are ours
//! alone, always in pairs, and a customer's name cannot turn a total around.
//! A text whose values all run its own way gets none: an English message to an English name is plain.

pub mod phrase;
pub mod value;

use icu_datetime::{FixedCalendarDateTimeFormatter, fieldsets::YMD, input::Date as CalendarDate};
use icu_decimal::{DecimalFormatter, input::Decimal};
use icu_locale_core::{
    LanguageIdentifier, Locale,
    subtags::{Region, Variants, language as subtag, region as region_subtag},
};
use jiff::civil::Date;

use crate::{
    language::Language,
    money::{Currency, Money},
    phone::CountryCode,
    plan::decision::InvoiceLine,
};

/// How many invoices a message lists; the rest is "and N more".
pub const MAX_LINES: usize = 5;

/// Longest invoice number; QuickBooks ends at 21 characters, Xero at 255.
const MAX_NUMBER_CHARS: usize = 40;

/// Countries whose Spanish has the currency before the number; CLDR counts Japan's with Latin America's.
const SPANISH_WITH_CODE_FIRST: [&str; 24] = [
    "AR", "BO", "BR", "BZ", "CL", "CO", "CR", "CU", "DO", "EC", "GQ", "GT", "HN", "JP", "MX", "NI", "PA", "PE", "PR",
    "PY", "SV", "US", "UY", "VE",
];

/// No-break space, so that an amount and its code stay on one line of the screen.
const NO_BREAK_SPACE: char = '\u{a0}';

/// An amount with its ISO code, such as `AED 1,376.22` or `1.376,22 AED`.
///
/// The code and not the sign, since a dollar sign stands for twenty currencies.
/// Nobody is asked for less than nothing: a negative amount is written as zero.
/// English has a plain space, as in the texts that Meta approved; the others keep code and number together.
pub fn amount(money: Money, language: Language, region: Option<CountryCode>) -> String {
    let owed = Money::new(money.minor.max(0), money.currency);
    let mut number = Decimal::from(owed.minor);
    (0..owed.currency.exponent()).for_each(|_| number.multiply_pow10(-1));
    let digits = number_locale(language, region_of_digits(owed.currency, language, region));
    let Some(number) = decimal(&number, digits) else { return owed.to_string() };
    let space = if language == Language::English { ' ' } else { NO_BREAK_SPACE };
    let written = if code_comes_first(language, region) {
        format!("{}{space}{number}", owed.currency)
    } else {
        format!("{number}{space}{}", owed.currency)
    };
    // Read from the right: number, then code, as CLDR has it, whatever stands before and after.
    if language.is_right_to_left() { value::right_to_left(&written) } else { written }
}

/// A date with the month's name, such as `2 Nov 2026`: `02/11` means two days.
///
/// It is CLDR's medium form in the languages where that names the month in every country, and the
/// long one in the others. English has the day first in every country, the United States included.
pub fn date(date: Date, language: Language, region: Option<CountryCode>) -> String {
    let form = match language {
        Language::English | Language::Portuguese | Language::French | Language::Hindi => YMD::medium(),
        Language::Arabic | Language::Spanish | Language::German => YMD::long(),
    };
    let written = || {
        let (month, day) = (u8::try_from(date.month()).ok()?, u8::try_from(date.day()).ok()?);
        let date = CalendarDate::try_new_gregorian(date.year().into(), month, day).ok()?;
        let formatter = FixedCalendarDateTimeFormatter::try_new((&date_locale(language, region)).into(), form).ok()?;
        Some(formatter.format(&date).to_string())
    };
    // The data of every language is compiled in; without it the ISO form can still be read.
    written().unwrap_or_else(|| date.to_string())
}

/// A count with the language's digits and grouping.
pub fn count(n: usize, language: Language, region: Option<CountryCode>) -> String {
    decimal(&Decimal::from(n), number_locale(language, region)).unwrap_or_else(|| n.to_string())
}

/// One invoice: number, what is left to pay, due date.
pub fn invoice_line(line: &InvoiceLine, language: Language, region: Option<CountryCode>) -> String {
    let number = invoice_number(line, language);
    phrase::due(language, &number, &amount(line.remaining, language, region), &date(line.due, language, region))
}

/// The number of an invoice; what the ledger left empty is called an invoice.
pub fn invoice_number(line: &InvoiceLine, language: Language) -> String {
    let number = value::shorten_middle(&value::clean(&line.number, phrase::invoice(language)), MAX_NUMBER_CHARS);
    value::isolated(&number, language)
}

/// At most five invoices on one line, then how many more there are, within `room`.
///
/// What does not fit is counted and not cut: half an amount is a wrong amount.
/// Without room for a single invoice the text speaks of invoices, and the total says the rest.
pub fn invoice_list(
    lines: &[InvoiceLine],
    more: usize,
    language: Language,
    region: Option<CountryCode>,
    room: usize,
) -> String {
    let written: Vec<String> = lines
        .iter()
        .filter(|line| line.remaining.is_positive())
        .map(|line| invoice_line(line, language, region))
        .collect();
    (1..=written.len().min(MAX_LINES))
        .rev()
        .map(|listed| {
            let rest = more.saturating_add(written.len().saturating_sub(listed));
            let and_more = (rest > 0).then(|| phrase::and_more(rest, language, region));
            let parts: Vec<String> = written.iter().take(listed).cloned().chain(and_more).collect();
            parts.join(phrase::separator(language))
        })
        .find(|list| value::length(list) <= room)
        .unwrap_or_else(|| phrase::your_invoices(language).to_owned())
}

fn decimal(number: &Decimal, locale: Locale) -> Option<String> {
    let formatter = DecimalFormatter::try_new((&locale).into(), Default::default()).ok()?;
    Some(formatter.format(number).to_string())
}

/// Where an amount is at home: an English text counts rupees in lakh and crore wherever the business is.
///
/// Hindi does so by itself, and in the other languages `1.23.456` looks like a mistake.
fn region_of_digits(currency: Currency, language: Language, region: Option<CountryCode>) -> Option<CountryCode> {
    if language == Language::English && currency.as_str() == "INR" { "IN".parse().ok() } else { region }
}

/// Whose digits, separators and grouping a number has.
///
/// English is written as in the Gulf, Britain and America in every country but India: `1 376,22` in an
/// English text of South Africa would follow CLDR and no South African ledger.
/// Two countries write money in another way than plain numbers, and so as a neighbour writes its numbers:
/// French Switzerland as German Switzerland, Austria as Germany.
fn number_locale(language: Language, region: Option<CountryCode>) -> Locale {
    let in_region = |code| region.is_some_and(|region| region.as_str() == code);
    match language {
        Language::English if in_region("IN") => locale(Language::English, Some(region_subtag!("IN"))),
        Language::English => locale(Language::English, None),
        Language::French if in_region("CH") => locale(Language::German, Some(region_subtag!("CH"))),
        Language::German if in_region("AT") => locale(Language::German, None),
        Language::Arabic
        | Language::Spanish
        | Language::Portuguese
        | Language::French
        | Language::German
        | Language::Hindi => locale(language, subtag_of(region)),
    }
}

/// Whose months and order a date has.
fn date_locale(language: Language, region: Option<CountryCode>) -> Locale {
    match language {
        // The Emirates write `2 Sep 2026`; Britain `2 Sept 2026`, the United States `Sep 2, 2026`.
        Language::English => locale(language, Some(region_subtag!("AE"))),
        Language::Arabic
        | Language::Spanish
        | Language::Portuguese
        | Language::French
        | Language::German
        | Language::Hindi => locale(language, subtag_of(region)),
    }
}

fn subtag_of(region: Option<CountryCode>) -> Option<Region> {
    region.and_then(|region| Region::try_from_str(region.as_str()).ok())
}

fn locale(language: Language, region: Option<Region>) -> Locale {
    let (language, region) = match language {
        Language::English => (subtag!("en"), region),
        Language::Arabic => (subtag!("ar"), region),
        Language::Spanish => (subtag!("es"), region),
        // The text is Brazilian wherever the business is.
        Language::Portuguese => (subtag!("pt"), Some(region_subtag!("BR"))),
        Language::French => (subtag!("fr"), region),
        Language::German => (subtag!("de"), region),
        Language::Hindi => (subtag!("hi"), region),
    };
    LanguageIdentifier { language, script: None, region, variants: Variants::new() }.into()
}

/// Whether the currency stands before the number, by CLDR's pattern for amounts.
fn code_comes_first(language: Language, region: Option<CountryCode>) -> bool {
    let region = region.as_ref().map_or("", CountryCode::as_str);
    match language {
        Language::English | Language::Portuguese | Language::Hindi => true,
        Language::Arabic | Language::French => false,
        Language::Spanish => SPANISH_WITH_CODE_FIRST.contains(&region),
        Language::German => matches!(region, "AT" | "CH" | "LI"),
    }
}

#[cfg(test)]
mod cldr_tests;
#[cfg(test)]
mod tests;
