//! Phone fields: three parts that people fill in as they like, joined into one number.

use numo_domain::{
    contact::{LedgerPhone, LedgerPhoneKind},
    phone::{PhoneError, PhoneNumber},
};
use serde::Deserialize;

/// One entry of `Phones`; nearly half of all have no number at all.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct RawPhone {
    #[serde(rename = "PhoneType")]
    kind: Option<String>,
    #[serde(rename = "PhoneNumber")]
    number: Option<String>,
    #[serde(rename = "PhoneAreaCode")]
    area: Option<String>,
    #[serde(rename = "PhoneCountryCode")]
    country: Option<String>,
}

/// A phone field with its parts joined; `None` for kinds that Xero does not document.
pub(crate) fn phone(raw: &RawPhone) -> Option<LedgerPhone> {
    let kind = match raw.kind.as_deref()? {
        "MOBILE" => LedgerPhoneKind::Mobile,
        "DEFAULT" | "OFFICE" => LedgerPhoneKind::Default,
        "DDI" => LedgerPhoneKind::Direct,
        "FAX" => LedgerPhoneKind::Fax,
        _ => return None,
    };
    let part = |text: &Option<String>| text.as_deref().unwrap_or_default().trim().to_owned();
    Some(LedgerPhone { kind, text: joined(&part(&raw.country), &part(&raw.area), &part(&raw.number)) })
}

/// Country, area and number as one text that a number can be read from.
fn joined(country: &str, area: &str, number: &str) -> String {
    let number = without_extension(number.trim());
    if number.is_empty() {
        return String::new();
    }
    if let Some(rest) = international(number) {
        return format!("+{}", rest.replace("(0)", " ").trim());
    }
    let code: String = country.chars().filter(char::is_ascii_digit).collect();
    let code = code.trim_start_matches('0');
    if code.is_empty() {
        return spaced(&[area, number]);
    }
    let candidates = candidates(code, area, number);
    // Which zeros and repetitions belong to a number only its country's numbering plan knows.
    let plausible = candidates.iter().find(|text| is_number(text));
    plausible.or(candidates.first()).cloned().unwrap_or_default()
}

/// The ways to read the parts, the likeliest first.
fn candidates(code: &str, area: &str, number: &str) -> Vec<String> {
    let whole = spaced(&[area, number]);
    let kept = format!("+{code} {}", whole.replace("(0)", "0"));
    let stripped = format!("+{code} {}", without_trunk_zero(&whole));
    // In Italy the zero is part of the number.
    let mut texts = if code == "39" { vec![kept, stripped] } else { vec![stripped, kept] };
    // The code, or the area, once more in the number's own field.
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    if digits.starts_with(code) {
        texts.push(format!("+{digits}"));
    }
    texts.push(format!("+{code} {}", without_trunk_zero(number)));
    texts
}

/// What follows `+` or `00` in a number that brings its own country code.
fn international(number: &str) -> Option<&str> {
    let bare = number.trim_start_matches(['(', ' ']);
    if let Some(rest) = bare.strip_prefix(['+', '\u{ff0b}']) {
        return Some(rest);
    }
    let rest = bare.strip_prefix("00")?;
    let n_digits = rest.chars().filter(char::is_ascii_digit).count();
    (n_digits >= 8 && !rest.starts_with('0')).then_some(rest)
}

/// The number up to an extension or a note, `04 331 1111 ext 12`.
fn without_extension(number: &str) -> &str {
    let mut n_digits = 0;
    for (at, c) in number.char_indices() {
        n_digits += usize::from(c.is_numeric());
        let ends = c.is_alphabetic() || matches!(c, '#' | ';' | ',' | '/');
        // Fewer digits are the first part of a number, as in 01511/2345678.
        if ends && n_digits >= 7 {
            let (head, _) = number.split_at_checked(at).unwrap_or((number, ""));
            return head.trim_end_matches(|c: char| !c.is_numeric());
        }
    }
    number
}

/// Without the zero that is dialled at home only, written as `0`, `(0)` or as an area of its own.
fn without_trunk_zero(text: &str) -> String {
    let text = text.replace("(0)", " ");
    let first = text.find(|c: char| c.is_ascii_digit());
    match first.and_then(|at| text.split_at_checked(at)) {
        Some((head, rest)) => spaced(&[head, rest.strip_prefix('0').unwrap_or(rest)]).replace("( ", "("),
        None => text,
    }
}

fn is_number(text: &str) -> bool {
    match PhoneNumber::parse(text, None) {
        Ok(_) | Err(PhoneError::NotMobile) => true,
        Err(PhoneError::NoDigits | PhoneError::NotANumber) => false,
    }
}

/// Parts joined with single spaces.
fn spaced(parts: &[&str]) -> String {
    parts.iter().flat_map(|part| part.split_whitespace()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(country: &str, area: &str, number: &str) -> Result<String, PhoneError> {
        let text = joined(country, area, number);
        PhoneNumber::parse(&text, "AE".parse().ok()).map(|number| number.as_e164().to_owned())
    }

    #[test]
    fn every_way_to_write_a_mobile_reads_as_the_same_number() {
        for (country, area, number) in [
            ("971", "50", "123 4567"),
            ("+971", "050", "1234567"),
            ("00971", "50", "1234567"),
            ("(971)", "(50)", "1234567"),
            ("971", "(0)50", "123-4567"),
            ("971", "(050)", "123-4567"),
            ("971", "0", "50 123 4567"),
            ("971", "", "050 123 4567"),
            ("971", "", "50-123-4567"),
            ("971", "", "971501234567"),
            ("971", "", "+971 50 123 4567"),
            ("971", "50", "+971 50 123 4567"),
            ("971", "50", "050 123 4567"),
            ("", "", "00971501234567"),
            ("", "", "+971 (0)50 123 4567"),
            ("", "", "(+971) 50 123 4567"),
            ("", "", "\u{ff0b}971 50 123 4567"),
            ("", "050", "123 4567"),
            ("", "", "050 123 4567"),
            ("", "", "050 123 4567 ext. 12"),
            ("", "", "050 123 4567 x12"),
            ("", "", "050 123 4567 (Ahmed)"),
            ("", "", "050 123 4567 / 04 331 1111"),
            ("", "", "Mob: 050 123 4567"),
            ("", "", "\u{665}\u{660}\u{661}\u{662}\u{663}\u{664}\u{665}\u{666}\u{667}"),
            ("971", "50", "123 4567 #12"),
        ] {
            assert_eq!(read(country, area, number).as_deref(), Ok("+971501234567"), "{country:?} {area:?} {number:?}");
        }
    }

    #[test]
    fn other_countries_keep_or_lose_their_zeros_as_their_plans_have_it() {
        for (country, area, number, expected) in [
            ("44", "07410", "123456", "+447410123456"),
            ("+44", "", "(0)7410 123456", "+447410123456"),
            ("39", "347", "123 4567", "+393471234567"),
            ("225", "", "07 08 09 10 11", "+2250708091011"),
            ("1", "(416)", "555-0100", "+14165550100"),
            ("49", "", "01511/2345678", "+4915112345678"),
            ("44", "", "07410 123456 ext 5", "+447410123456"),
            ("91", "", "9198765432", "+919198765432"),
            ("965", "", "50012345", "+96550012345"),
            ("971", "", "+44 7410 123456", "+447410123456"),
        ] {
            assert_eq!(read(country, area, number).as_deref(), Ok(expected), "{country} {area} {number}");
        }
        assert_eq!(joined("39", "06", "1234 5678"), "+39 06 1234 5678");
    }

    #[test]
    fn what_is_no_number_stays_none() {
        assert_eq!(read("971", "50", ""), Err(PhoneError::NoDigits));
        assert_eq!(joined("971", "50", " "), "");
        assert_eq!(read("", "", "n/a"), Err(PhoneError::NoDigits));
        assert_eq!(read("", "", "+971"), Err(PhoneError::NotANumber));
        assert_eq!(read("971", "4", "331 1111"), Err(PhoneError::NotMobile));
        assert_eq!(read("", "", "555-1234"), Err(PhoneError::NotANumber));
    }

    #[test]
    fn every_documented_kind_is_known() {
        let kinds = ["MOBILE", "DEFAULT", "OFFICE", "DDI", "FAX", "TELEX"].map(|kind| {
            phone(&RawPhone { kind: Some(kind.to_owned()), ..RawPhone::default() }).map(|phone| phone.kind)
        });
        let expected = [
            Some(LedgerPhoneKind::Mobile),
            Some(LedgerPhoneKind::Default),
            Some(LedgerPhoneKind::Default),
            Some(LedgerPhoneKind::Direct),
            Some(LedgerPhoneKind::Fax),
            None,
        ];
        assert_eq!(kinds, expected);
    }
}
