//! The words around the values, in every language.

use icu_plurals::{PluralCategory, PluralRules};

use crate::{language::Language, phone::CountryCode};

/// Who is greeted when the ledger has no name; no language's form tells a gender.
pub const fn customer(language: Language) -> &'static str {
    match language {
        Language::English => "Customer",
        Language::Arabic => "عميلنا العزيز",
        Language::Spanish | Language::Portuguese => "cliente",
        Language::French => "chère clientèle",
        Language::German => "liebe Kundschaft",
        Language::Hindi => "प्रिय ग्राहक",
    }
}

/// Who writes when the organisation has no name; a word that needs no other ending after "from".
pub const fn business(language: Language) -> &'static str {
    match language {
        Language::English => "us",
        Language::Arabic => "قسم الحسابات",
        Language::Spanish => "su proveedor",
        Language::Portuguese => "seu fornecedor",
        Language::French => "votre fournisseur",
        Language::German => "Buchhaltung",
        Language::Hindi => "आपके विक्रेता",
    }
}

/// What stands for an invoice without a number.
pub const fn invoice(language: Language) -> &'static str {
    match language {
        Language::English => "Invoice",
        Language::Arabic => "فاتورة",
        Language::Spanish => "Factura",
        Language::Portuguese => "Fatura",
        Language::French => "Facture",
        Language::German => "Rechnung",
        Language::Hindi => "बिल",
    }
}

/// What stands for a list that cannot be written.
pub const fn your_invoices(language: Language) -> &'static str {
    match language {
        Language::English => "your invoices",
        Language::Arabic => "فواتيركم",
        Language::Spanish => "sus facturas",
        Language::Portuguese => "suas faturas",
        Language::French => "vos factures",
        Language::German => "Ihre Rechnungen",
        Language::Hindi => "आपके बिल",
    }
}

/// What stands between two invoices.
pub const fn separator(language: Language) -> &'static str {
    match language {
        Language::Arabic => "؛ ",
        Language::English
        | Language::Spanish
        | Language::Portuguese
        | Language::French
        | Language::German
        | Language::Hindi => "; ",
    }
}

/// An invoice with what is left and its due date, in words that hold before and after that date.
///
/// Where the code does not stand between them, a colon or a word keeps the number `1042` and the
/// amount `1 376,22` apart.
pub fn due(language: Language, number: &str, amount: &str, date: &str) -> String {
    match language {
        Language::English => format!("{number} {amount} due {date}"),
        Language::Arabic => format!("{number} بمبلغ {amount} مستحقة في {date}"),
        Language::Spanish => format!("{number}: {amount} (vencimiento: {date})"),
        Language::Portuguese => format!("{number}: {amount} (vencimento: {date})"),
        Language::French => format!("{number}\u{a0}: {amount} (échéance\u{a0}: {date})"),
        Language::German => format!("{number}: {amount} (fällig am {date})"),
        Language::Hindi => format!("{number}: {amount} (देय तिथि: {date})"),
    }
}

/// How many invoices are summed but not listed, as the end of a list.
pub fn and_more(n: usize, language: Language, region: Option<CountryCode>) -> String {
    let digits = super::count(n, language, region);
    let category = PluralRules::try_new_cardinal((&super::locale(language, None)).into())
        .map_or(PluralCategory::Other, |rules| rules.category_for(n));
    let [one, two, few, many, other] = forms(language);
    let form = match category {
        PluralCategory::One => one,
        PluralCategory::Two => two,
        PluralCategory::Few => few,
        PluralCategory::Many => many,
        PluralCategory::Zero | PluralCategory::Other => other,
    };
    form.replace('#', &digits)
}

/// The forms for one, two, few, many and other of CLDR's plural rules; `#` is the count.
///
/// Many is 11 to 99 in Arabic, and whole millions in Spanish, Portuguese and French.
const fn forms(language: Language) -> [&'static str; 5] {
    match language {
        Language::English => ["and # more"; 5],
        Language::Arabic => ["وفاتورة أخرى", "وفاتورتان أخريان", "و# فواتير أخرى", "و# فاتورة أخرى", "و# فاتورة أخرى"],
        Language::Spanish => {
            let other = "y # facturas más";
            ["y # factura más", other, other, "y # de facturas más", other]
        }
        Language::Portuguese => {
            let other = "e mais # faturas";
            ["e mais # fatura", other, other, "e mais # de faturas", other]
        }
        Language::French => {
            let other = "et # autres factures";
            ["et # autre facture", other, other, "et # d’autres factures", other]
        }
        Language::German => {
            let other = "und # weitere Rechnungen";
            ["und # weitere Rechnung", other, other, other, other]
        }
        Language::Hindi => ["और # अन्य बिल"; 5],
    }
}
