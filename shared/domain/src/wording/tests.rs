use jiff::civil::Date;
use proptest::prelude::*;

use super::*;
use crate::{
    language::Language::{self, Arabic, English, French, German, Hindi, Portuguese, Spanish},
    money::Money,
    phone::CountryCode,
    plan::decision::InvoiceLine,
};

const MESSAGE: usize = 1024;

fn region(code: &str) -> Option<CountryCode> {
    code.parse().ok()
}

fn money(minor: i64, currency: &str) -> Money {
    Money::new(minor, currency.parse().unwrap())
}

fn invoice(number: &str, minor: i64, currency: &str) -> InvoiceLine {
    InvoiceLine {
        invoice: "i-1".parse().unwrap(),
        number: number.to_owned(),
        remaining: money(minor, currency),
        due: Date::constant(2026, 11, 2),
    }
}

/// A message without the marks and the spaces that keep values together, as it looks.
fn seen(text: &str) -> String {
    text.chars()
        .filter(|c| !('\u{2066}'..='\u{2069}').contains(c))
        .map(|c| if c == '\u{a0}' { ' ' } else { c })
        .collect()
}

#[test]
fn an_amount_is_written_as_each_language_writes_it() {
    for (language, country, expected) in [
        (English, "AE", "AED 1,376.22"),
        (English, "", "AED 1,376.22"),
        (English, "ZA", "AED 1,376.22"),
        (Arabic, "AE", "\u{2067}1,376.22\u{a0}AED\u{2069}"),
        (Arabic, "SA", "\u{2067}١٬٣٧٦٫٢٢\u{a0}AED\u{2069}"),
        (Arabic, "MA", "\u{2067}1.376,22\u{a0}AED\u{2069}"),
        (Spanish, "ES", "1376,22\u{a0}AED"),
        (Spanish, "MX", "AED\u{a0}1,376.22"),
        (Spanish, "AR", "AED\u{a0}1.376,22"),
        (Portuguese, "BR", "AED\u{a0}1.376,22"),
        (Portuguese, "PT", "AED\u{a0}1.376,22"),
        (French, "FR", "1\u{202f}376,22\u{a0}AED"),
        (French, "CH", "1'376.22\u{a0}AED"),
        (German, "DE", "1.376,22\u{a0}AED"),
        (German, "AT", "AED\u{a0}1.376,22"),
        (German, "CH", "AED\u{a0}1'376.22"),
        (Hindi, "IN", "AED\u{a0}1,376.22"),
    ] {
        assert_eq!(amount(money(137_622, "AED"), language, region(country)), expected, "{language} {country}");
    }
}

#[test]
fn a_currency_has_its_own_number_of_decimals_in_every_language() {
    let written = |minor, code| Language::ALL.map(|language| seen(&amount(money(minor, code), language, None)));
    assert_eq!(
        written(1_234_567, "JPY"),
        [
            "JPY 1,234,567",
            "1,234,567 JPY",
            "1.234.567 JPY",
            "JPY 1.234.567",
            "1\u{202f}234\u{202f}567 JPY",
            "1.234.567 JPY",
            "JPY 12,34,567",
        ],
    );
    assert_eq!(
        written(1_234_500, "KWD"),
        [
            "KWD 1,234.500",
            "1,234.500 KWD",
            "1234,500 KWD",
            "KWD 1.234,500",
            "1\u{202f}234,500 KWD",
            "1.234,500 KWD",
            "KWD 1,234.500",
        ],
    );
    assert_eq!(seen(&amount(money(5, "KWD"), Arabic, region("KW"))), "٠٫٠٠٥ KWD");
}

#[test]
fn lakh_and_crore_are_grouped_in_india_and_for_rupees() {
    for (language, country, currency, expected) in [
        (English, "IN", "INR", "INR 1,23,45,678.90"),
        (English, "AE", "INR", "INR 1,23,45,678.90"),
        (English, "IN", "USD", "USD 1,23,45,678.90"),
        (English, "AE", "USD", "USD 12,345,678.90"),
        (Hindi, "", "INR", "INR 1,23,45,678.90"),
        (German, "IN", "INR", "12.345.678,90 INR"),
        (Arabic, "EG", "INR", "١٢٬٣٤٥٬٦٧٨٫٩٠ INR"),
        (Spanish, "MX", "INR", "INR 12,345,678.90"),
    ] {
        assert_eq!(seen(&amount(money(1_234_567_890, currency), language, region(country))), expected, "{language}");
    }
    assert_eq!(amount(money(10_000_000, "INR"), English, None), "INR 1,00,000.00");
}

#[test]
fn every_other_country_writes_a_language_as_it_is_written_without_one() {
    let own_way = |language| {
        let written = |region| {
            let day = Date::constant(2026, 9, 2);
            (amount(money(1_234_567_890, "EUR"), language, region), date(day, language, region))
        };
        let countries = ('A'..='Z').flat_map(|first| ('A'..='Z').map(move |second| format!("{first}{second}")));
        let own: Vec<String> = countries.filter(|country| written(region(country)) != written(None)).collect();
        own.join(" ")
    };
    let expected = [
        "IN",
        "BH DJ DZ EG ER IL IQ JO KM KW LB LY MA MR OM PS QA SA SD SO SS SY TD TN YE",
        "AR BO BR BZ CL CO CR CU DO EC GQ GT HN JP MX NI PA PE PR PY SV US UY VE",
        "",
        "CA CH LU MA RW",
        "AT CH LI",
        "",
    ];
    assert_eq!(Language::ALL.map(own_way), expected);
}

#[test]
fn the_largest_amount_is_written_in_full() {
    assert_eq!(amount(money(i64::MAX, "USD"), English, None), "USD 92,233,720,368,547,758.07");
    assert_eq!(seen(&amount(money(i64::MAX, "USD"), Arabic, region("EG"))), "٩٢٬٢٣٣٬٧٢٠٬٣٦٨٬٥٤٧٬٧٥٨٫٠٧ USD");
}

#[test]
fn nobody_is_asked_for_less_than_nothing() {
    for minor in [-1, -137_622, i64::MIN] {
        assert_eq!(amount(money(minor, "USD"), English, None), "USD 0.00");
        assert_eq!(seen(&amount(money(minor, "USD"), German, None)), "0,00 USD");
    }
}

#[test]
fn a_date_names_its_month_in_every_language() {
    for (language, country, expected) in [
        (English, "AE", "2 Nov 2026"),
        (English, "US", "2 Nov 2026"),
        (Arabic, "AE", "2 نوفمبر 2026"),
        (Arabic, "EG", "٢ نوفمبر ٢٠٢٦"),
        (Arabic, "MA", "2 نونبر 2026"),
        (Arabic, "JO", "٢ تشرين الثاني ٢٠٢٦"),
        (Spanish, "ES", "2 de noviembre de 2026"),
        (Portuguese, "BR", "2 de nov. de 2026"),
        (French, "FR", "2 nov. 2026"),
        (German, "DE", "2. November 2026"),
        (Hindi, "IN", "2 नव॰ 2026"),
    ] {
        assert_eq!(date(Date::constant(2026, 11, 2), language, region(country)), expected, "{language} {country}");
    }
}

#[test]
fn english_months_are_those_of_every_message_so_far() {
    for month in 1..=12 {
        let day = Date::constant(2026, month, 2);
        assert_eq!(date(day, English, region("GB")), day.strftime("%-d %b %Y").to_string());
    }
}

#[test]
fn an_invoice_is_named_with_what_is_left_and_its_due_date() {
    let line = |language, country| seen(&invoice_line(&invoice("INV-1", 137_622, "EUR"), language, region(country)));
    assert_eq!(line(English, "AE"), "INV-1 EUR 1,376.22 due 2 Nov 2026");
    assert_eq!(line(Arabic, "AE"), "INV-1 بمبلغ 1,376.22 EUR مستحقة في 2 نوفمبر 2026");
    assert_eq!(line(Arabic, "SA"), "INV-1 بمبلغ ١٬٣٧٦٫٢٢ EUR مستحقة في ٢ نوفمبر ٢٠٢٦");
    assert_eq!(line(Spanish, "ES"), "INV-1: 1376,22 EUR (vencimiento: 2 de noviembre de 2026)");
    assert_eq!(line(Portuguese, "BR"), "INV-1: EUR 1.376,22 (vencimento: 2 de nov. de 2026)");
    assert_eq!(line(French, "FR"), "INV-1 : 1\u{202f}376,22 EUR (échéance : 2 nov. 2026)");
    assert_eq!(line(German, "DE"), "INV-1: 1.376,22 EUR (fällig am 2. November 2026)");
    assert_eq!(line(Hindi, "IN"), "INV-1: EUR 1,376.22 (देय तिथि: 2 नव॰ 2026)");
}

#[test]
fn a_latin_number_in_an_arabic_text_keeps_its_order() {
    let line = invoice_line(&invoice("2026-0042", 100, "AED"), Arabic, region("AE"));
    assert_eq!(line, "\u{2068}2026-0042\u{2069} بمبلغ \u{2067}1.00\u{a0}AED\u{2069} مستحقة في 2 نوفمبر 2026",);
}

#[test]
fn an_invoice_without_a_number_is_called_an_invoice() {
    for (language, expected) in Language::ALL.into_iter().zip([
        "Invoice EUR 1.00 due 2 Nov 2026",
        "فاتورة بمبلغ 1.00 EUR مستحقة في 2 نوفمبر 2026",
        "Factura: 1,00 EUR (vencimiento: 2 de noviembre de 2026)",
        "Fatura: EUR 1,00 (vencimento: 2 de nov. de 2026)",
        "Facture : 1,00 EUR (échéance : 2 nov. 2026)",
        "Rechnung: 1,00 EUR (fällig am 2. November 2026)",
        "बिल: EUR 1.00 (देय तिथि: 2 नव॰ 2026)",
    ]) {
        assert_eq!(seen(&invoice_line(&invoice(" \t\u{200b}", 100, "EUR"), language, None)), expected);
    }
}

#[test]
fn and_more_has_the_plural_form_of_its_number() {
    let more = |language| [1, 2, 3, 11, 100].map(|n| phrase::and_more(n, language, None));
    assert_eq!(more(English), ["and 1 more", "and 2 more", "and 3 more", "and 11 more", "and 100 more"]);
    assert_eq!(
        more(Arabic),
        ["وفاتورة أخرى", "وفاتورتان أخريان", "و3 فواتير أخرى", "و11 فاتورة أخرى", "و100 فاتورة أخرى"],
    );
    assert_eq!(
        more(Spanish),
        ["y 1 factura más", "y 2 facturas más", "y 3 facturas más", "y 11 facturas más", "y 100 facturas más"],
    );
    assert_eq!(
        more(Portuguese),
        ["e mais 1 fatura", "e mais 2 faturas", "e mais 3 faturas", "e mais 11 faturas", "e mais 100 faturas"],
    );
    assert_eq!(
        more(French),
        [
            "et 1 autre facture",
            "et 2 autres factures",
            "et 3 autres factures",
            "et 11 autres factures",
            "et 100 autres factures",
        ],
    );
    assert_eq!(
        more(German),
        [
            "und 1 weitere Rechnung",
            "und 2 weitere Rechnungen",
            "und 3 weitere Rechnungen",
            "und 11 weitere Rechnungen",
            "und 100 weitere Rechnungen",
        ],
    );
    assert_eq!(more(Hindi), ["और 1 अन्य बिल", "और 2 अन्य बिल", "और 3 अन्य बिल", "और 11 अन्य बिल", "और 100 अन्य बिल"],);
}

#[test]
fn and_more_is_counted_in_the_digits_of_the_country() {
    assert_eq!(phrase::and_more(3, Arabic, region("EG")), "و٣ فواتير أخرى");
    assert_eq!(phrase::and_more(103, Arabic, region("SA")), "و١٠٣ فواتير أخرى");
    assert_eq!(phrase::and_more(1_234, German, region("DE")), "und 1.234 weitere Rechnungen");
    assert_eq!(phrase::and_more(1_000_000, Spanish, region("ES")), "y 1.000.000 de facturas más");
}

#[test]
fn case_19_seven_invoices_are_five_and_two_more() {
    let five = [1, 2, 3, 4, 5].map(|n| invoice(&format!("INV-{n}"), n * 10_000, "AED"));
    let list = |language, country| seen(&invoice_list(&five, 2, language, region(country), MESSAGE));
    assert_eq!(
        list(English, "AE"),
        "INV-1 AED 100.00 due 2 Nov 2026; INV-2 AED 200.00 due 2 Nov 2026; INV-3 AED 300.00 due 2 Nov 2026; \
         INV-4 AED 400.00 due 2 Nov 2026; INV-5 AED 500.00 due 2 Nov 2026; and 2 more",
    );
    assert_eq!(
        list(Arabic, "EG"),
        "INV-1 بمبلغ ١٠٠٫٠٠ AED مستحقة في ٢ نوفمبر ٢٠٢٦؛ INV-2 بمبلغ ٢٠٠٫٠٠ AED مستحقة في ٢ نوفمبر ٢٠٢٦؛ \
         INV-3 بمبلغ ٣٠٠٫٠٠ AED مستحقة في ٢ نوفمبر ٢٠٢٦؛ INV-4 بمبلغ ٤٠٠٫٠٠ AED مستحقة في ٢ نوفمبر ٢٠٢٦؛ \
         INV-5 بمبلغ ٥٠٠٫٠٠ AED مستحقة في ٢ نوفمبر ٢٠٢٦؛ وفاتورتان أخريان",
    );
}

#[test]
fn more_than_five_lines_are_counted_and_not_listed() {
    let seven = [1, 2, 3, 4, 5, 6, 7].map(|n| invoice(&n.to_string(), 100, "AED"));
    let list = invoice_list(&seven, 3, English, None, MESSAGE);
    assert!(list.ends_with("5 AED 1.00 due 2 Nov 2026; and 5 more"), "{list}");
}

#[test]
fn a_line_with_nothing_to_pay_is_left_out() {
    let lines = [invoice("INV-1", 100, "AED"), invoice("INV-2", -100, "AED"), invoice("INV-3", 0, "AED")];
    assert_eq!(invoice_list(&lines, 0, English, None, MESSAGE), "INV-1 AED 1.00 due 2 Nov 2026");
}

#[test]
fn lines_give_way_to_and_more_before_an_amount_is_cut() {
    let lines = [1, 2, 3].map(|n| invoice(&format!("INV-{n}"), n * 10_000, "AED"));
    let list = |room| invoice_list(&lines, 0, English, None, room);
    let three = "INV-1 AED 100.00 due 2 Nov 2026; INV-2 AED 200.00 due 2 Nov 2026; INV-3 AED 300.00 due 2 Nov 2026";
    let two = "INV-1 AED 100.00 due 2 Nov 2026; INV-2 AED 200.00 due 2 Nov 2026; and 1 more";
    let one = "INV-1 AED 100.00 due 2 Nov 2026; and 2 more";
    assert_eq!([list(three.len()), list(three.len() - 1), list(two.len())], [three, two, two]);
    assert_eq!([list(two.len() - 1), list(one.len()), list(one.len() - 1)], [one, one, "your invoices"]);
}

#[test]
fn an_empty_list_is_still_a_text() {
    for language in Language::ALL {
        assert_eq!(invoice_list(&[], 0, language, None, MESSAGE), phrase::your_invoices(language));
    }
}

#[test]
fn an_invoice_number_of_300_characters_leaves_the_amount_whole() {
    let number = format!("A{}Z", "7".repeat(298));
    let line = invoice_line(&invoice(&number, 137_622, "AED"), English, None);
    assert_eq!(line, format!("A{}…{}Z AED 1,376.22 due 2 Nov 2026", "7".repeat(19), "7".repeat(18)));
}

#[test]
fn case_44_a_line_break_tab_or_spaces_in_an_invoice_number_are_one_space() {
    let line = invoice_line(&invoice("INV\n1\t2     3", 100, "AED"), English, None);
    assert_eq!(line, "INV 1 2 3 AED 1.00 due 2 Nov 2026");
}

/// The value of a decimal digit, Latin or Arabic.
fn digit(c: char) -> Option<u32> {
    c.to_digit(10).or_else(|| u32::from(c).checked_sub(0x660).filter(|value| *value < 10))
}

proptest! {
    #[test]
    fn the_digits_of_an_amount_read_back_as_its_minor_units(
        minor in 0..=i64::MAX,
        code in "JPY|USD|KWD|INR",
        language in prop::sample::select(&Language::ALL),
        country in "AE|SA|EG|MA|IN|ES|MX|CR|BR|FR|CH|CA|DE|AT|US|GB|ZA|XX",
    ) {
        let written = amount(money(minor, &code), language, region(&country));
        let read = written.chars().filter_map(digit).fold(0, |sum, value| sum * 10 + i128::from(value));
        prop_assert_eq!(read, i128::from(minor));
        prop_assert!(written.contains(&code) && !written.contains('-'));
    }

    #[test]
    fn a_list_keeps_within_its_room_and_every_amount_in_it_is_whole(
        amounts in prop::collection::vec(1..=i64::MAX, 0..8),
        number in "\\PC{0,60}|[0-9]{1,300}|\\p{Arabic}{0,40}",
        more in 0usize..2_000,
        room in 20usize..700,
        language in prop::sample::select(&Language::ALL),
        country in "AE|SA|MA|IN|ES|MX|BR|FR|CH|DE|XX",
    ) {
        let region = region(&country);
        let lines: Vec<InvoiceLine> = amounts.iter().map(|minor| invoice(&number, *minor, "AED")).collect();
        let list = invoice_list(&lines, more, language, region, room);
        prop_assert!(value::length(&list) <= room, "{}", list);
        let mut rest = list.as_str();
        let mut listed = 0;
        for line in &lines {
            let Some(after) = rest.strip_prefix(&invoice_line(line, language, region)) else { break };
            listed += 1;
            rest = after.strip_prefix(phrase::separator(language)).unwrap_or(after);
        }
        let left = more + lines.len() - listed;
        let end = match (listed, left) {
            (0, _) => phrase::your_invoices(language).to_owned(),
            (_, 0) => String::new(),
            (_, left) => phrase::and_more(left, language, region),
        };
        prop_assert_eq!(rest, end);
    }
}
