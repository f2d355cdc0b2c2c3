//! The language that a customer writes in, where a text leaves no doubt.
//!
//! Scripts tell Arabic and Hindi from the rest, and small words tell the other languages apart. Short texts, mixed ones
//! and languages outside of the pack say nothing: a suggestion that is wrong is worse than none.

use super::fold::fold;
use crate::language::Language;

/// Letters of the shortest text that says anything.
const FEWEST_LETTERS: usize = 8;

/// Small words of one language that a Latin text has at least, each counted once.
const FEWEST_WORDS: usize = 3;

/// The language of a text, if it is clearly one of the pack's.
pub fn written_in(text: &str) -> Option<Language> {
    let letters: Vec<char> = text.chars().filter(|c| c.is_alphabetic()).collect();
    let of = |script: fn(char) -> bool| letters.iter().filter(|c| script(**c)).count();
    let is_mostly = |count: usize| count * 10 >= letters.len() * 9;
    if letters.len() < FEWEST_LETTERS {
        return None;
    }
    if is_mostly(of(is_arabic)) {
        // Persian and Urdu have letters of their own.
        let is_another = text.contains(|c| OTHER_ARABIC_SCRIPTS.contains(&c));
        return (!is_another && text.split_whitespace().nth(1).is_some()).then_some(Language::Arabic);
    }
    if is_mostly(of(is_devanagari)) {
        return hindi(&fold(text));
    }
    if is_mostly(of(is_latin)) { latin(&fold(text)) } else { None }
}

const fn is_arabic(c: char) -> bool {
    matches!(c, '\u{0600}'..='\u{06ff}')
}

const fn is_devanagari(c: char) -> bool {
    matches!(c, '\u{0900}'..='\u{097f}')
}

const fn is_latin(c: char) -> bool {
    matches!(c, 'a'..='z' | 'A'..='Z' | '\u{00c0}'..='\u{024f}')
}

/// Letters of Persian, Urdu, Pashto and Kurdish that Arabic has not.
const OTHER_ARABIC_SCRIPTS: [char; 17] =
    ['پ', 'چ', 'ژ', 'گ', 'ک', 'ی', 'ے', 'ٹ', 'ڈ', 'ڑ', 'ں', 'ھ', 'ہ', 'ۀ', 'ڤ', 'ۆ', 'ړ'];

/// Marathi and Nepali are written with the same letters.
fn hindi(folded: &str) -> Option<Language> {
    let has = |words: &[&str]| folded.split_whitespace().filter(|word| words.contains(word)).count();
    (has(HINDI) >= 2 && has(OTHER_DEVANAGARI) == 0).then_some(Language::Hindi)
}

/// The one language whose small words a text has, and none of another's.
fn latin(folded: &str) -> Option<Language> {
    let mut words: Vec<&str> = folded.split_whitespace().collect();
    words.sort_unstable();
    words.dedup();
    let found = |list: &[&str]| words.iter().filter(|word| list.contains(word)).count();
    let mut clear = LATIN.iter().filter(|(_, list)| found(list) >= FEWEST_WORDS);
    let (language, _) = clear.next()?;
    let others = LATIN.iter().filter(|(other, _)| other != language).map(|(_, list)| found(list)).sum::<usize>();
    (others == 0).then_some(*language)
}

const HINDI: &[&str] = &[
    "है",
    "हैं",
    "हूं",
    "का",
    "की",
    "के",
    "को",
    "में",
    "मैं",
    "हम",
    "से",
    "नहीं",
    "और",
    "कर",
    "कल",
    "दिया",
    "दूंगा",
    "करेंगे",
    "करूंगा",
    "गया",
    "यह",
    "कृपया",
];

const OTHER_DEVANAGARI: &[&str] = &["आहे", "आहेत", "नाही", "मी", "आणि", "छ", "छैन", "हुन्छ", "गर्नुहोस्", "लाई"];

/// Words of one language alone, written folded: without accents, and an apostrophe joins what it parts.
///
/// None of them is a word of another language of the list, and not even two of a neighbour's make three.
const LATIN: [(Language, &[&str]); 5] = [
    (
        Language::English,
        &[
            "the",
            "we",
            "you",
            "your",
            "our",
            "will",
            "have",
            "this",
            "with",
            "please",
            "paid",
            "already",
            "payment",
            "invoice",
            "tomorrow",
            "today",
            "week",
            "been",
            "is",
            "not",
            "would",
            "can",
            "and",
            "sent",
            "yesterday",
        ],
    ),
    (
        Language::Spanish,
        &[
            "el",
            "los",
            "las",
            "ya",
            "hemos",
            "he",
            "pagado",
            "pago",
            "pagare",
            "pagaremos",
            "manana",
            "hoy",
            "ayer",
            "gracias",
            "factura",
            "pero",
            "usted",
            "favor",
            "hola",
            "muy",
            "hacer",
            "transferencia",
        ],
    ),
    (
        Language::Portuguese,
        &[
            "nao", "voce", "ja", "paguei", "pagamos", "vou", "pagar", "amanha", "hoje", "ontem", "obrigado",
            "obrigada", "fatura", "boleto", "nos", "uma", "bom", "dia", "ola", "com", "foi", "fazer",
        ],
    ),
    (
        Language::French,
        &[
            "je",
            "nous",
            "vous",
            "est",
            "avons",
            "jai",
            "deja",
            "paye",
            "facture",
            "demain",
            "aujourdhui",
            "hier",
            "merci",
            "bonjour",
            "paiement",
            "virement",
            "cette",
            "semaine",
            "avec",
            "votre",
            "les",
            "pas",
            "vais",
        ],
    ),
    (
        Language::German,
        &[
            "ich",
            "wir",
            "sie",
            "nicht",
            "und",
            "haben",
            "habe",
            "ist",
            "das",
            "der",
            "schon",
            "bereits",
            "bezahlt",
            "rechnung",
            "heute",
            "gestern",
            "bitte",
            "danke",
            "werde",
            "werden",
            "uberweisung",
            "wurde",
            "zahlen",
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clear_text_is_known_and_a_doubtful_one_is_not() {
        for (text, expected) in [
            ("We have already paid this invoice, please check.", Some(Language::English)),
            ("Hola, ya hemos pagado la factura ayer. Gracias", Some(Language::Spanish)),
            ("Bom dia, já paguei o boleto ontem, obrigado", Some(Language::Portuguese)),
            ("Bonjour, nous avons déjà payé votre facture hier, merci", Some(Language::French)),
            ("Guten Tag, wir haben die Rechnung bereits gestern bezahlt", Some(Language::German)),
            ("لقد دفعنا الفاتورة أمس، شكرا", Some(Language::Arabic)),
            ("हमने कल भुगतान कर दिया है", Some(Language::Hindi)),
            // Too short, or the same in several languages.
            ("ok", None),
            ("Gracias!", None),
            ("شكرا", None),
            ("OK thanks, paid", None),
            ("Ref 12345 AED 500.00 ADCB Dubai", None),
            // Mixed.
            ("Please check, ya hemos pagado la factura", None),
            ("We paid الفاتورة أمس والحمد لله", None),
            // Languages outside of the pack.
            ("ہم نے کل ادائیگی کر دی ہے، شکریہ", None),
            ("ما دیروز صورتحساب را پرداخت کردیم", None),
            ("आम्ही काल पैसे दिले आहेत, धन्यवाद", None),
            ("Abbiamo già pagato la fattura ieri, grazie mille", None),
            ("Wij hebben de factuur gisteren al betaald, dank u", None),
            ("Nabayaran na po namin ang invoice kahapon, salamat", None),
            ("Kami sudah membayar tagihan ini kemarin, terima kasih", None),
            ("Мы уже оплатили счёт вчера, спасибо", None),
            ("我们昨天已经付款了，谢谢您的提醒", None),
            ("", None),
        ] {
            assert_eq!(written_in(text), expected, "{text}");
        }
    }

    #[test]
    fn every_small_word_is_written_folded_and_belongs_to_its_language_alone() {
        for (language, list) in LATIN {
            for word in list {
                assert_eq!(fold(word), *word);
                let others = LATIN.iter().filter(|(other, list)| *other != language && list.contains(word));
                assert_eq!(others.count(), 0, "{word}");
            }
        }
        for word in HINDI.iter().chain(OTHER_DEVANAGARI) {
            assert_eq!(fold(word), *word);
        }
    }
}
