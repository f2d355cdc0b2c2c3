//! Greetings and thanks, which change nothing about what is said between them.

/// A folded phrase without courtesies at its start and end.
pub(super) fn without(phrase: &str) -> &str {
    let mut left = phrase;
    while let Some(shorter) = COURTESIES.iter().find_map(|courtesy| without_one(left, courtesy)) {
        left = shorter;
    }
    left
}

fn without_one<'a>(phrase: &'a str, courtesy: &str) -> Option<&'a str> {
    if phrase == courtesy {
        return Some("");
    }
    let after = phrase.strip_prefix(courtesy).and_then(|rest| rest.strip_prefix(' '));
    after.or_else(|| phrase.strip_suffix(courtesy).and_then(|rest| rest.strip_suffix(' ')))
}

/// Folded, as every list of phrases is.
pub(super) const COURTESIES: &[&str] = &[
    "hi",
    "hello",
    "hey",
    "dear",
    "sir",
    "madam",
    "team",
    "hi all",
    "hello all",
    "dear all",
    "good morning",
    "good afternoon",
    "good evening",
    "good day",
    "please",
    "pls",
    "plz",
    "kindly",
    "thanks",
    "thank you",
    "thank you very much",
    "thank you so much",
    "many thanks",
    "thx",
    "ty",
    "cheers",
    "regards",
    "best regards",
    "kind regards",
    "ok",
    "okay",
    "yes",
    "sorry",
    "noted",
    "salam",
    "sent from my iphone",
    "السلام عليكم",
    "وعليكم السلام",
    "السلام عليكم ورحمه الله",
    "السلام عليكم ورحمه الله وبركاته",
    "سلام",
    "مرحبا",
    "اهلا",
    "صباح الخير",
    "مساء الخير",
    "شكرا",
    "شكرا لكم",
    "شكرا جزيلا",
    "من فضلك",
    "من فضلكم",
    "لو سمحت",
    "لو سمحتم",
    "رجاء",
    "الرجاء",
    "ارجوكم",
    "اسف",
    "عفوا",
    "نعم",
    "حسنا",
    "تمام",
    "por favor",
    "gracias",
    "hola",
    "buenos dias",
    "buenas tardes",
    "ola",
    "bom dia",
    "boa tarde",
    "obrigado",
    "obrigada",
    "bonjour",
    "bonsoir",
    "merci",
    "svp",
    "sil vous plait",
    "hallo",
    "guten tag",
    "guten morgen",
    "bitte",
    "danke",
    "कृपया",
    "नमस्ते",
    "धन्यवाद",
    "namaste",
    "ji",
    "bhai",
];
