use jiff::{Timestamp, civil::Date};
use proptest::prelude::*;

use super::*;
use crate::{
    contact::{ContactNumber, ContactStatus},
    id::ConnectionId,
    language::Language,
    library::{LibraryText, value::LibraryValue},
    money::Money,
    plan::decision::{InvoiceLine, Turn},
    policy::Tone,
    reminder::Occasion,
    reminder::TemplateRef,
    template::{Purpose, Variant, every_text, template_for},
};

/// A text in each language with every variable, as a pack has them.
const TEXTS: [PackTemplate; 7] = [
    text(
        Language::English,
        "Hello {{customer_name}}, this is {{business_name}}: {{invoice_list}}. The total is {{total}}. Thank you.",
    ),
    text(
        Language::Arabic,
        "مرحبا {{customer_name}}، معكم {{business_name}}: {{invoice_list}}. المجموع {{total}}. شكرا لكم.",
    ),
    text(
        Language::Spanish,
        "Hola, {{customer_name}}: le escribe {{business_name}}: {{invoice_list}}. Total: {{total}}. Gracias.",
    ),
    text(
        Language::Portuguese,
        "Olá, {{customer_name}}. Aqui é {{business_name}}: {{invoice_list}}. Total: {{total}}. Obrigado.",
    ),
    text(
        Language::French,
        "Bonjour {{customer_name}}, ici {{business_name}} : {{invoice_list}}. Total : {{total}}. Merci.",
    ),
    text(
        Language::German,
        "Guten Tag {{customer_name}}, hier ist {{business_name}}: {{invoice_list}}. Summe: {{total}}. Danke.",
    ),
    text(Language::Hindi, "नमस्ते {{customer_name}}, {{business_name}} की ओर से: {{invoice_list}}. कुल {{total}}. धन्यवाद."),
];

const fn text(language: Language, says: &'static str) -> PackTemplate {
    let (purpose, variant, footer) = (Purpose::OverdueGentle, Variant::Plain, "Reply STOP to end.");
    PackTemplate { purpose, variant, language, says, attached: "", leads: "", footer, buttons: &[] }
}

fn organisation(name: &str, country: &str) -> Organisation {
    let mut organisation = Organisation::new("org_a".parse().unwrap());
    organisation.name = name.to_owned();
    organisation.country = country.parse().ok();
    organisation
}

fn contact(name: &str) -> Contact {
    Contact {
        at: crate::contact::ContactRef {
            connection: ConnectionId::new(uuid::Uuid::from_u128(1)),
            contact: "c-1".parse().unwrap(),
        },
        name: name.to_owned(),
        status: ContactStatus::Active,
        number: ContactNumber::usable("+971501234567".parse().unwrap(), "k1".parse().unwrap()),
        first_key: None,
        typed: None,
        typed_before: None,
        payer: None,
        groups: Vec::new(),
        updated_at: Timestamp::UNIX_EPOCH,
    }
}

fn line(number: &str, minor: i64, currency: &str) -> InvoiceLine {
    InvoiceLine {
        invoice: "i-1".parse().unwrap(),
        number: number.to_owned(),
        remaining: Money::new(minor, currency.parse().unwrap()),
        due: Date::constant(2026, 11, 2),
    }
}

fn send(lines: Vec<InvoiceLine>, more: usize, total: Money) -> PlannedSend {
    PlannedSend {
        anchor: "i-1".parse().unwrap(),
        cycle: 0,
        occasion: Occasion::Step(crate::policy::StepId(1)),
        tone: Tone::Gentle,
        purpose: None,
        overdue: true,
        superseded: Vec::new(),
        recipient: "k1".parse().unwrap(),
        lines,
        more,
        total,
        paid: None,
        at: Timestamp::UNIX_EPOCH,
        until: None,
        variant: Variant::Plain,
        library: None,
        counted_from: None,
        delivered_before: 0,
        turn: Turn::default(),
        language: Language::English,
        charge: None,
        rests_on: Vec::new(),
    }
}

fn two_invoices() -> PlannedSend {
    let lines = vec![line("INV-1", 10_000, "AED"), line("INV-2", 127_622, "AED")];
    send(lines, 0, Money::new(137_622, "AED".parse().unwrap()))
}

/// A text without the marks and the spaces that keep values together, as it looks.
fn seen(text: &str) -> String {
    text.chars()
        .filter(|c| !('\u{2066}'..='\u{2069}').contains(c))
        .map(|c| if c == '\u{a0}' { ' ' } else { c })
        .collect()
}

#[test]
fn case_10_two_invoices_are_told_with_their_total_in_every_language() {
    let expected = [
        "Hello Acme, this is Harbour Lane: INV-1 AED 100.00 due 2 Nov 2026; INV-2 AED 1,276.22 due 2 Nov 2026. \
         The total is AED 1,376.22. Thank you.",
        "مرحبا Acme، معكم Harbour Lane: INV-1 بمبلغ 100.00 AED مستحقة في 2 نوفمبر 2026؛ \
         INV-2 بمبلغ 1,276.22 AED مستحقة في 2 نوفمبر 2026. المجموع 1,376.22 AED. شكرا لكم.",
        "Hola, Acme: le escribe Harbour Lane: INV-1: 100,00 AED (vencimiento: 2 de noviembre de 2026); \
         INV-2: 1276,22 AED (vencimiento: 2 de noviembre de 2026). Total: 1376,22 AED. Gracias.",
        "Olá, Acme. Aqui é Harbour Lane: INV-1: AED 100,00 (vencimento: 2 de nov. de 2026); \
         INV-2: AED 1.276,22 (vencimento: 2 de nov. de 2026). Total: AED 1.376,22. Obrigado.",
        "Bonjour Acme, ici Harbour Lane : INV-1 : 100,00 AED (échéance : 2 nov. 2026); \
         INV-2 : 1\u{202f}276,22 AED (échéance : 2 nov. 2026). Total : 1\u{202f}376,22 AED. Merci.",
        "Guten Tag Acme, hier ist Harbour Lane: INV-1: 100,00 AED (fällig am 2. November 2026); \
         INV-2: 1.276,22 AED (fällig am 2. November 2026). Summe: 1.376,22 AED. Danke.",
        "नमस्ते Acme, Harbour Lane की ओर से: INV-1: AED 100.00 (देय तिथि: 2 नव॰ 2026); \
         INV-2: AED 1,276.22 (देय तिथि: 2 नव॰ 2026). कुल AED 1,376.22. धन्यवाद.",
    ];
    for (template, expected) in TEXTS.into_iter().zip(expected) {
        let message = render(&organisation("Harbour Lane", "AE"), &contact("Acme"), &two_invoices(), template);
        assert_eq!(seen(&message.text), expected, "{}", template.language);
    }
}

#[test]
fn an_english_message_is_as_it_always_was() {
    let message = render(&organisation("Harbour Lane", "AE"), &contact("Acme"), &two_invoices(), TEXTS[0]);
    let list = "INV-1 AED 100.00 due 2 Nov 2026; INV-2 AED 1,276.22 due 2 Nov 2026";
    let variables = [
        ("customer_name", "Acme"),
        ("business_name", "Harbour Lane"),
        ("invoice_list", list),
        ("total", "AED 1,376.22"),
    ];
    assert_eq!(message.variables, variables.map(|(name, value)| (name, value.to_owned())));
}

#[test]
fn case_43_an_empty_name_is_never_an_empty_variable() {
    let names = |template| {
        let message = render(&organisation("\u{200b}", "AE"), &contact(" \n"), &two_invoices(), template);
        let [(_, customer), (_, business), ..] = message.variables.as_slice() else { panic!("{message:?}") };
        (customer.clone(), business.clone())
    };
    let expected = [
        ("Customer", "us"),
        ("عميلنا العزيز", "قسم الحسابات"),
        ("cliente", "su proveedor"),
        ("cliente", "seu fornecedor"),
        ("chère clientèle", "votre fournisseur"),
        ("liebe Kundschaft", "Buchhaltung"),
        ("प्रिय ग्राहक", "आपके विक्रेता"),
    ];
    let found = TEXTS.map(names);
    assert_eq!(found, expected.map(|(customer, business)| (customer.to_owned(), business.to_owned())));
}

#[test]
fn a_name_that_looks_like_a_variable_is_not_filled() {
    for typed in ["{{total}}", "{{{total}}}", "{", "}}"] {
        let message = render(&organisation("{{invoice_list}}", "AE"), &contact(typed), &two_invoices(), TEXTS[0]);
        assert_eq!(message.text.matches("AED 1,376.22").count(), 1, "{}", message.text);
    }
}

#[test]
fn every_text_of_the_pack_has_room_for_the_longest_names_and_one_of_the_longest_invoices() {
    let long = "Ö".repeat(80);
    let total = Money::new(i64::MAX, "INR".parse().unwrap());
    let lines = vec![line(&"9".repeat(300), i64::MAX, "INR")];
    let planned = PlannedSend { paid: Some(total), ..send(lines.clone(), 1_000_000, total) };
    for template in every_text() {
        let message = render(&organisation(&long, "IN"), &contact(&long), &planned, template);
        let language = template.language;
        let first = wording::invoice_line(&lines[0], language, "IN".parse().ok());
        let lists = message.variables.iter().any(|(name, _)| *name == INVOICE_LIST);
        let has_room = value::length(&message.text) <= MAX_BODY_LENGTH && message.text.contains(&first) == lists;
        assert!(has_room, "{}", message.text);
    }
}

#[test]
fn a_list_that_fills_the_body_is_shortened_by_whole_invoices() {
    let list = "INV-1 AED 1,376.22 due 2 Nov 2026; INV-2 AED 1,376.22 due 2 Nov 2026; and 5 more";
    let rest = "Hello Acme, this is Harbour Lane: . The total is AED 9,633.54. Thank you.";
    let lines = [1, 2, 3, 4, 5].map(|n| line(&format!("INV-{n}"), 137_622, "AED"));
    let planned = send(lines.to_vec(), 2, Money::new(963_354, "AED".parse().unwrap()));
    let listed = |filler: usize| {
        let body = format!("{}{}", TEXTS[0].says, ".".repeat(filler)).leak();
        let message =
            render(&organisation("Harbour Lane", "AE"), &contact("Acme"), &planned, text(Language::English, body));
        assert!(value::length(&message.text) <= MAX_BODY_LENGTH);
        assert!(message.text.contains(". The total is AED 9,633.54. Thank you."));
        message.variables[2].1.clone()
    };
    let filler = MAX_BODY_LENGTH - rest.len() - list.len();
    assert_eq!(listed(filler), list);
    assert_eq!(listed(filler + 1), "INV-1 AED 1,376.22 due 2 Nov 2026; and 6 more");
    assert_eq!(listed(filler + 40), "your invoices");
}

#[test]
fn the_variables_are_those_that_meta_approved_in_their_order() {
    let message = render(
        &organisation("Harbour Lane", "AE"),
        &contact("Acme"),
        &two_invoices(),
        template_for(Purpose::Upcoming, Language::English, Variant::Plain),
    );
    let names: Vec<&str> = message.variables.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["customer_name", "business_name", "invoice_list", "total"]);
}

#[test]
fn a_text_with_buttons_says_where_they_are() {
    let template = template_for(Purpose::OverdueFirm, Language::English, Variant::Replies);
    let message = render(&organisation("Harbour Lane", "AE"), &contact("Acme"), &two_invoices(), template);
    let end = "If it is already paid, please tell us. Please choose an answer below, or write to us.";
    assert!(message.text.ends_with(end), "{}", message.text);
}

#[test]
fn thanks_say_what_arrived_and_what_is_still_overdue() {
    let told = |send: &PlannedSend, purpose| {
        let template = template_for(purpose, Language::English, Variant::Plain);
        render(&organisation("Harbour Lane", "AE"), &contact("Acme"), send, template).text
    };
    let paid = Some(Money::new(50_000, "AED".parse().unwrap()));
    let nothing = send(Vec::new(), 0, Money::zero("AED".parse().unwrap()));
    assert_eq!(
        told(&PlannedSend { paid, ..nothing }, Purpose::ThankYou),
        "Hello Acme, Harbour Lane has received your payment of AED 500.00. Thank you."
    );
    assert_eq!(
        told(&PlannedSend { paid, ..two_invoices() }, Purpose::PartPayment),
        "Hello Acme, Harbour Lane has received your payment of AED 500.00. Thank you. Still open and past its due date: \
         INV-1 AED 100.00 due 2 Nov 2026; INV-2 AED 1,276.22 due 2 Nov 2026. The total is AED 1,376.22. \
         If it is already paid, please tell us."
    );
}

#[test]
fn a_text_of_the_library_is_filled_by_places_with_what_was_chosen_for_them() {
    let text = LibraryText {
        template: TemplateRef { name: String::from("numo_library_a"), language: String::from("en_US") },
        library_name: String::from("a"),
        language: Language::English,
        header: Some(String::from("A bill")),
        body: String::from("Hi {{1}},\n{{2}}: {{3}} was due on {{4}}, {{5}} days ago. {{ 6 }}, yes, {{1}}."),
        footer: None,
        buttons: Vec::new(),
        values: vec![
            LibraryValue::CustomerName,
            LibraryValue::InvoiceNumber,
            LibraryValue::Balance,
            LibraryValue::DueDate,
            LibraryValue::DaysOverdue,
            LibraryValue::BusinessName,
        ],
    };
    let lines = vec![line("INV-2", 127_622, "AED")];
    let planned = PlannedSend {
        library: Some(Box::new(text.clone())),
        at: "2026-11-12T05:00:00Z".parse().unwrap(),
        ..send(lines, 0, Money::new(127_622, "AED".parse().unwrap()))
    };
    let message = message(&organisation("Harbour Lane", "AE"), &contact("{{2}}"), &planned);
    let values = ["{ {2}}", "INV-2", "AED 1,276.22", "2 Nov 2026", "10", "Harbour Lane"].map(str::to_owned);
    let names = ["customer_name", "invoice_number", "balance", "due_date", "days_overdue", "business_name"];
    let expected = Message {
        template: text.template,
        variant: Variant::Plain,
        naming: Naming::Positional,
        variables: names.into_iter().zip(values).collect(),
        text: String::from(
            "A bill\nHi { {2}},\nINV-2: AED 1,276.22 was due on 2 Nov 2026, 10 days ago. Harbour Lane, yes, { {2}}.",
        ),
        pay_token: None,
        document: None,
    };
    assert_eq!(message, expected);
}

#[test]
fn a_text_of_the_library_never_speaks_of_several_invoices() {
    let text = LibraryText {
        template: TemplateRef { name: String::from("numo_library_a"), language: String::from("en_US") },
        library_name: String::from("a"),
        language: Language::English,
        header: None,
        body: String::from("{{1}} is due."),
        footer: None,
        buttons: Vec::new(),
        values: vec![LibraryValue::Balance],
    };
    let planned = PlannedSend { library: Some(Box::new(text)), ..two_invoices() };
    let message = message(&organisation("Harbour Lane", "AE"), &contact("Acme"), &planned);
    assert_eq!(message.template, planned.template().reference());
}

proptest! {
    #[test]
    fn no_message_breaks_metas_rules_in_any_language(
        customer in "\\PC{0,90}|[ \\n\\t{}\u{200b}\u{2068}]{0,20}|\\p{Arabic}{0,70}",
        business in "\\PC{0,90}|[ \\n\\t{}\u{202e}]{0,20}",
        number in "\\PC{0,300}|INV[\\n\\t ]{0,9}1",
        amounts in prop::collection::vec(1..=i64::MAX / 8, 0..6),
        more in 0usize..200,
        country in "AE|SA|MA|IN|ES|MX|BR|FR|CH|DE|XX",
        text in 0usize..7,
    ) {
        let currency = "KWD".parse().unwrap();
        let total = Money::new(amounts.iter().sum(), currency);
        let lines: Vec<InvoiceLine> = amounts.iter().map(|minor| line(&number, *minor, "KWD")).collect();
        let organisation = organisation(&business, &country);
        let message = render(&organisation, &contact(&customer), &send(lines, more, total), TEXTS[text]);
        for (name, value) in &message.variables {
            prop_assert!(!seen(value).trim().is_empty(), "{} is empty", name);
            prop_assert!(!value.contains(char::is_control) && !value.contains("  ") && !value.contains("{{"));
            let opened = value.chars().filter(|c| matches!(c, '\u{2067}' | '\u{2068}')).count();
            prop_assert_eq!(opened, value.chars().filter(|c| *c == '\u{2069}').count(), "{}", name);
        }
        let language = TEXTS[text].language;
        let amount = wording::amount(total, language, organisation.country);
        prop_assert_eq!(&message.variables[3], &("total", amount.clone()));
        prop_assert!(message.text.contains(&amount) && value::length(&message.text) <= MAX_BODY_LENGTH);
    }
}
