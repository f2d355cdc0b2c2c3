//! Claims that it has been paid: every word is known, one of them says so, and none of them doubts it.
//!
//! Negations, conditions and the future are not among the known words, so "not paid yet" claims nothing.

use super::{
    calendar_words::{count, is_currency, is_number, is_ordinal_ending, month, two_of, unit, weekday},
    opens_a_question,
};

/// Whether a folded text claims a payment.
pub(super) fn is_claim(words: &[&str]) -> bool {
    !opens_a_question(words)
        && !asks_to_look_first(words)
        && !was_paid_himself(words)
        && says_so(words)
        && is_known(words)
}

fn says_so(words: &[&str]) -> bool {
    let contains = |list: &[&str]| words.iter().any(|word| list.contains(word));
    contains(PAID) || (contains(DONE) && contains(PAYMENT)) || words.windows(2).any(is_done_in_arabic)
}

/// "تم الدفع": it was done, and what was done is a payment.
fn is_done_in_arabic(pair: &[&str]) -> bool {
    matches!(
        pair,
        [
            "تم" | "وتم" | "تمت",
            "الدفع"
                | "السداد"
                | "التحويل"
                | "الايداع"
                | "دفع"
                | "سداد"
                | "تحويل"
                | "ايداع"
                | "تسديد"
                | "التسديد"
        ]
    )
}

/// "check if paid" wants an answer.
fn asks_to_look_first(words: &[&str]) -> bool {
    matches!(words, ["check" | "confirm" | "see", ..])
}

/// "I have been paid" tells of money that went the other way.
fn was_paid_himself(words: &[&str]) -> bool {
    words
        .windows(3)
        .any(|three| matches!(three, ["i" | "we", "have" | "had" | "has", "been"] | [_, "ive" | "weve", "been"]))
        || words
            .windows(2)
            .any(|two| matches!(two, ["i" | "we", "was" | "were" | "am" | "are"] | ["ive" | "weve", "been"]))
}

fn is_known(words: &[&str]) -> bool {
    let mut left = words;
    while let [word, rest @ ..] = left {
        left = match left {
            // "paid by Friday" is a promise rather than a claim.
            ["by", "the" | "today", ..] => return false,
            ["by", when, ..] if is_of_calendar(when) || is_number(when) => return false,
            ["thank", "you", rest @ ..] | ["in", "full", rest @ ..] => rest,
            ["to" | "into", "your" | "the", "account", rest @ ..]
            | ["to" | "into", "your", "bank", "account", rest @ ..] => rest,
            ["to", "you", rest @ ..] => rest,
            ["invoice" | "inv" | "bill", "no", number, rest @ ..] if is_number(number) => rest,
            [verb, "you", rest @ ..] if PAID.contains(verb) => rest,
            _ if is_known_word(word) => rest,
            _ => return false,
        };
    }
    true
}

fn is_known_word(word: &str) -> bool {
    is_of_calendar(word)
        || is_number(word)
        || is_currency(word)
        || is_ordinal_ending(word)
        || [PAID, DONE, PAYMENT, AROUND].iter().any(|list| list.contains(&word))
}

fn is_of_calendar(word: &str) -> bool {
    weekday(word).is_some()
        || month(&[word]).is_some()
        || unit(word).is_some()
        || two_of(word).is_some()
        || count(word).is_some()
}

const PAID: &[&str] = &[
    "paid",
    "payed",
    "transferred",
    "transfered",
    "settled",
    "cleared",
    "deposited",
    "remitted",
    "wired",
    "دفعت",
    "دفعنا",
    "دفعتها",
    "دفعته",
    "دفعناها",
    "سددت",
    "سددنا",
    "سددتها",
    "سددته",
    "حولت",
    "حولنا",
    "حولتها",
    "حولته",
    "حولناها",
    "مدفوع",
    "مدفوعه",
    "مسدد",
    "مسدده",
];

/// Only with a payment beside them.
const DONE: &[&str] =
    &["done", "made", "sent", "completed", "complete", "processed", "successful", "ارسلت", "ارسلنا", "تمت"];

const PAYMENT: &[&str] =
    &["payment", "payments", "transfer", "money", "amount", "funds", "المبلغ", "الدفعه", "الحواله", "حواله", "الفلوس"];

/// What may stand around a claim without changing it.
const AROUND: &[&str] = &[
    "a",
    "account",
    "afternoon",
    "ago",
    "all",
    "already",
    "also",
    "an",
    "and",
    "are",
    "at",
    "attached",
    "balance",
    "bank",
    "been",
    "bill",
    "bills",
    "both",
    "by",
    "card",
    "cash",
    "check",
    "cheque",
    "confirm",
    "dear",
    "due",
    "dues",
    "earlier",
    "evening",
    "for",
    "from",
    "full",
    "fully",
    "had",
    "has",
    "have",
    "hello",
    "hi",
    "i",
    "inv",
    "invoice",
    "invoices",
    "is",
    "it",
    "its",
    "ive",
    "just",
    "kindly",
    "last",
    "link",
    "month",
    "morning",
    "my",
    "night",
    "now",
    "number",
    "of",
    "ok",
    "okay",
    "on",
    "online",
    "our",
    "outstanding",
    "please",
    "pls",
    "plz",
    "ref",
    "reference",
    "sir",
    "thanks",
    "that",
    "the",
    "these",
    "this",
    "through",
    "thx",
    "today",
    "total",
    "using",
    "via",
    "was",
    "we",
    "were",
    "weve",
    "with",
    "yes",
    "yesterday",
    "your",
    "ا",
    "الي",
    "الي",
    "الان",
    "البارحه",
    "البنك",
    "الحساب",
    "الدفع",
    "السداد",
    "التحويل",
    "الفاتوره",
    "الفواتير",
    "القيمه",
    "المبلغ",
    "المستحق",
    "اليوم",
    "امس",
    "انا",
    "ايداع",
    "الايداع",
    "بالفعل",
    "بالكامل",
    "بنكي",
    "بنكيا",
    "تحويل",
    "تسديد",
    "التسديد",
    "تم",
    "حسابكم",
    "حسابك",
    "د",
    "دفع",
    "رقم",
    "سداد",
    "شكرا",
    "عبر",
    "طريق",
    "عن",
    "فاتوره",
    "في",
    "قبل",
    "قد",
    "قيمه",
    "كاش",
    "كامل",
    "كاملا",
    "كل",
    "كله",
    "لحسابكم",
    "لقد",
    "لك",
    "لكم",
    "مبارح",
    "مبلغ",
    "مسبقا",
    "من",
    "نحن",
    "نعم",
    "نقدا",
    "هذا",
    "هذه",
    "وتم",
    "يوم",
    "بقيمه",
    "جميع",
    "خلاص",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reply::fold::fold;

    #[test]
    fn every_word_is_written_folded() {
        for word in [PAID, DONE, PAYMENT, AROUND].into_iter().flatten() {
            assert_eq!(fold(word), *word);
        }
    }
}
