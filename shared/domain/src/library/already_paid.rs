//! Words by which a text says that whoever has paid already need not mind it.

use crate::{language::Language, reply::fold::fold};

/// Whether a text has such words.
pub(super) fn speaks_of_it(text: &str, language: Language) -> bool {
    let text = format!(" {} ", fold(text));
    words(language).iter().any(|words| text.contains(&format!(" {} ", fold(words))))
}

const fn words(language: Language) -> &'static [&'static str] {
    match language {
        Language::English => &[
            "already paid",
            "already been paid",
            "already made",
            "already been made",
            "already settled",
            "you have paid",
            "you've paid",
        ],
        Language::Arabic => {
            &["سددت", "دفعت", "قمت بالدفع", "قمت بالسداد", "تم الدفع", "تم السداد", "تم دفعها", "تم سدادها"]
        }
        Language::Spanish => {
            &["ya pagó", "ya ha pagado", "ya pagaste", "ya realizó", "ya está pagado", "ya está pagada"]
        }
        Language::Portuguese => &[
            "já pagou",
            "já estiver pago",
            "já foi pago",
            "já foi paga",
            "já efetuou",
            "já realizou",
            "já fez o pagamento",
        ],
        Language::French => &["déjà payé", "déjà réglé", "déjà payée", "déjà réglée", "déjà effectué"],
        Language::German => {
            &["bereits bezahlt", "schon bezahlt", "bereits gezahlt", "bereits beglichen", "bereits überwiesen"]
        }
        Language::Hindi => &["पहले ही भुगतान", "भुगतान कर चुके", "भुगतान हो चुका", "भुगतान कर दिया"],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::{Purpose, Variant, template_for};

    #[test]
    fn a_language_knows_its_words_whatever_their_case_and_accents_and_nothing_else_is_taken_for_them() {
        for language in Language::ALL {
            for words in words(language) {
                let text = format!("a {}, b", words.to_uppercase());
                assert!(speaks_of_it(&text, language), "{text}");
            }
            let thanks = template_for(Purpose::ThankYou, language, Variant::Plain);
            assert!(!speaks_of_it(&thanks.body(), language), "{language}");
        }
        for text in ["Your invoice has not been paid.", "It is paid in part.", "unalready paidx", ""] {
            assert!(!speaks_of_it(text, Language::English), "{text}");
        }
    }

    #[test]
    fn what_the_pack_says_of_it_is_understood_in_every_language() {
        for language in Language::ALL {
            let text = template_for(Purpose::OverdueGentle, language, Variant::Plain);
            assert!(speaks_of_it(&text.body(), language), "{language}");
        }
    }
}
