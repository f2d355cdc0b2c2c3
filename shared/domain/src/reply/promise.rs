//! Promises: a wish to pay, and the date it names.

use jiff::civil::Date;

use super::{DayOrder, Intent, Unclear, date, opens_a_question};

/// Reads a promise in a folded text; every word of it has to be known.
pub(super) fn read(words: &[&str], today: Date, order: DayOrder) -> Option<Intent> {
    if opens_a_question(words) {
        return None;
    }
    let words = without_asides(words);
    let reading = date::read(&words, today, order);
    let is_known = |word: &&str| LISTS.iter().any(|list| list.contains(word));
    if !reading.words.iter().all(is_known) || claims(&reading.words) || demands(&reading.words) {
        return None;
    }
    let contains = |list: &[&str]| reading.words.iter().any(|word| list.contains(word));
    let has_payment = contains(PAYMENT);
    let pays = contains(PAY) || contains(WILL_PAY) || (contains(GIVE) && has_payment);
    let is_bare = !reading.has_numbers && reading.words.iter().all(|word| LINK.contains(word));
    let agreed = date::agreed(&reading.dates, today);
    // A day alone answers "when?"; "now" alone or a day long ago says nothing.
    let answers = is_bare && !reading.dates.iter().all(|named| matches!(named, date::Named::Now));
    let promises = pays || has_payment || contains(DONE);
    match agreed {
        None if pays && (contains(WILL) || contains(WILL_PAY)) => Some(Intent::PayOnUnclear(Unclear::NoDate)),
        None => None,
        // The 5 of "Friday 5" may be a day as well.
        Some(Ok(_)) if promises && reading.has_small_number => Some(Intent::PayOnUnclear(Unclear::SeveralDates)),
        Some(Ok(day)) => (promises || answers).then_some(Intent::PayOn(day)),
        Some(Err(Unclear::OutOfRange)) => promises.then_some(Intent::PayOnUnclear(Unclear::OutOfRange)),
        Some(Err(unclear)) => (promises || answers).then_some(Intent::PayOnUnclear(unclear)),
    }
}

/// "Paid" says that it will be only after "be", as in "will be paid".
fn claims(words: &[&str]) -> bool {
    let mut before = "";
    for word in words {
        if DONE.contains(word) && before != "be" {
            return true;
        }
        before = word;
    }
    false
}

/// "I want the money on Friday" is no promise, "I want to pay" is.
fn demands(words: &[&str]) -> bool {
    words.windows(2).any(|two| matches!(two, ["want" | "need" | "like", next] if *next != "to"))
}

/// A promise may start with the admission that nothing has been paid so far, and it may say "pay you".
fn without_asides<'t>(words: &[&'t str]) -> Vec<&'t str> {
    let mut kept = Vec::new();
    let mut left = words;
    while let [word, rest @ ..] = left {
        left = match left {
            ["not", "yet", "paid" | "transferred" | "settled", rest @ ..]
            | ["not", "paid" | "transferred" | "settled", "yet", rest @ ..]
            | ["not" | "havent", "paid" | "transferred" | "settled", rest @ ..]
            | ["havent", "yet", "paid", rest @ ..]
            | ["didnt", "pay", "yet", rest @ ..]
            | ["didnt", "pay", rest @ ..]
            | ["unpaid", rest @ ..]
            | ["not", "yet", rest @ ..]
            | ["لم", "ادفع" | "ندفع" | "اسدد" | "نسدد" | "احول" | "نحول", "بعد", rest @ ..]
            | ["لم", "يتم", "الدفع" | "السداد" | "التحويل", "بعد", rest @ ..]
                if !rest.first().is_some_and(|word| is_after(word)) =>
            {
                rest
            }
            ["لم", "ادفع" | "ندفع" | "اسدد" | "نسدد" | "احول" | "نحول", rest @ ..]
            | ["لم", "يتم", "الدفع" | "السداد" | "التحويل", rest @ ..]
            | ["ما", "دفعت" | "دفعنا" | "حولت" | "حولنا", rest @ ..] => rest,
            [_, "you", rest @ ..] if PAY.contains(word) => {
                kept.push(*word);
                rest
            }
            _ => {
                kept.push(*word);
                rest
            }
        };
    }
    kept
}

/// Words that make the "بعد" before them "after" instead of "yet".
fn is_after(word: &str) -> bool {
    matches!(word, "غد" | "غدا" | "الغد" | "بكره" | "بكرا" | "باكر")
}

const LISTS: [&[&str]; 8] = [LINK, WILL, WILL_PAY, PAY, GIVE, PAYMENT, DONE, AROUND];

/// What may stand beside a day that answers "when?".
const LINK: &[&str] = &[
    "a",
    "on",
    "by",
    "before",
    "until",
    "till",
    "at",
    "the",
    "this",
    "coming",
    "next",
    "latest",
    "maximum",
    "max",
    "or",
    "and",
    "ok",
    "okay",
    "yes",
    "sure",
    "inshallah",
    "insha",
    "inshaallah",
    "allah",
    "god",
    "morning",
    "afternoon",
    "evening",
    "noon",
    "date",
    "within",
    "i",
    "we",
    "ان",
    "شاء",
    "الله",
    "انشاء",
    "انشالله",
    "يوم",
    "في",
    "قبل",
    "حتي",
    "بحلول",
    "القادم",
    "القادمه",
    "المقبل",
    "المقبله",
    "الجاي",
    "الجايه",
    "هذا",
    "او",
    "نعم",
    "تمام",
    "حسنا",
    "صباحا",
    "مساء",
    "موعد",
    "بتاريخ",
    "بيوم",
    "ليوم",
    "in",
];

const WILL: &[&str] = &[
    "will",
    "ill",
    "well",
    "shall",
    "going",
    "gonna",
    "can",
    "want",
    "would",
    "like",
    "plan",
    "planning",
    "promise",
    "need",
    "سوف",
    "راح",
    "رح",
    "اريد",
    "نريد",
    "سيتم",
    "ساقوم",
    "سنقوم",
];

/// One word that is both.
const WILL_PAY: &[&str] = &[
    "سادفع",
    "سندفع",
    "ساحول",
    "سنحول",
    "ساسدد",
    "سنسدد",
    "سادفعها",
    "سادفعه",
    "سندفعها",
    "سيدفع",
    "هادفع",
    "هدفع",
    "بدفع",
    "بندفع",
    "حدفع",
    "بحول",
];

const PAY: &[&str] = &[
    "pay",
    "paying",
    "transfer",
    "transferring",
    "settle",
    "settling",
    "deposit",
    "remit",
    "ادفع",
    "ندفع",
    "احول",
    "نحول",
    "اسدد",
    "نسدد",
    "ادفعها",
    "ادفعه",
];

/// Only with a payment beside them.
const GIVE: &[&str] = &["send", "sending", "make", "making", "do", "doing", "clear", "process", "release", "complete"];

const PAYMENT: &[&str] = &[
    "payment",
    "payments",
    "money",
    "amount",
    "funds",
    "الدفع",
    "السداد",
    "التحويل",
    "دفع",
    "سداد",
    "تحويل",
    "المبلغ",
    "بالدفع",
    "بالسداد",
    "بالتحويل",
];

const DONE: &[&str] = &[
    "paid",
    "transferred",
    "settled",
    "cleared",
    "done",
    "made",
    "sent",
    "completed",
    "processed",
    "released",
    "deposited",
];

const AROUND: &[&str] = &[
    "a",
    "all",
    "also",
    "am",
    "are",
    "as",
    "balance",
    "be",
    "bill",
    "bills",
    "but",
    "by",
    "cash",
    "due",
    "for",
    "from",
    "full",
    "have",
    "im",
    "inv",
    "invoice",
    "invoices",
    "is",
    "it",
    "just",
    "my",
    "of",
    "our",
    "outstanding",
    "please",
    "sir",
    "sorry",
    "still",
    "that",
    "them",
    "these",
    "to",
    "total",
    "via",
    "bank",
    "online",
    "were",
    "with",
    "yet",
    "your",
    "number",
    "account",
    "الفاتوره",
    "الفواتير",
    "فاتوره",
    "القيمه",
    "كامل",
    "كاملا",
    "بالكامل",
    "المستحق",
    "لكن",
    "و",
    "لكم",
    "رقم",
    "من",
    "انا",
    "نحن",
    "مبلغ",
    "شكرا",
    "د",
    "ا",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reply::fold::fold;

    #[test]
    fn every_word_is_written_folded() {
        for word in LISTS.into_iter().flatten() {
            assert_eq!(fold(word), *word);
        }
    }
}
