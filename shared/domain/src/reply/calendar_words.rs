//! Names of days, months, units and small numbers, folded.

use jiff::civil::Weekday;

/// A word for a length of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Day,
    Week,
    Fortnight,
    Month,
}

pub(super) fn unit(word: &str) -> Option<Unit> {
    match word {
        "day" | "days" | "يوم" | "يوما" | "ايام" => Some(Unit::Day),
        "week" | "weeks" | "اسبوع" | "اسابيع" => Some(Unit::Week),
        "fortnight" => Some(Unit::Fortnight),
        "month" | "months" | "شهر" | "شهور" | "اشهر" => Some(Unit::Month),
        _ => None,
    }
}

/// Arabic has a form of its own for two of a kind.
pub(super) fn two_of(word: &str) -> Option<Unit> {
    match word {
        "يومين" | "يومان" => Some(Unit::Day),
        "اسبوعين" | "اسبوعان" => Some(Unit::Week),
        "شهرين" | "شهران" => Some(Unit::Month),
        _ => None,
    }
}

/// A whole number in digits, or one to ten and a few more in words.
pub(super) fn count(word: &str) -> Option<u16> {
    let value = match word {
        "one" | "واحد" => 1,
        "two" | "اثنين" => 2,
        "three" | "ثلاث" | "ثلاثه" => 3,
        "four" | "اربع" | "اربعه" => 4,
        "five" | "خمس" | "خمسه" => 5,
        "six" | "ست" | "سته" => 6,
        "seven" | "سبع" | "سبعه" => 7,
        "eight" | "ثمان" | "ثماني" | "ثمانيه" => 8,
        "nine" | "تسع" | "تسعه" => 9,
        "ten" | "عشر" | "عشره" => 10,
        "fourteen" => 14,
        "fifteen" => 15,
        "twenty" => 20,
        "thirty" => 30,
        digits => return digits.parse().ok(),
    };
    Some(value)
}

pub(super) fn weekday(word: &str) -> Option<Weekday> {
    match word {
        "monday" | "mon" | "الاثنين" | "اثنين" => Some(Weekday::Monday),
        "tuesday" | "tue" | "tues" | "الثلاثاء" | "ثلاثاء" | "الثلاثا" => Some(Weekday::Tuesday),
        "wednesday" | "wed" | "wednsday" | "الاربعاء" | "اربعاء" | "الاربعا" => {
            Some(Weekday::Wednesday)
        }
        "thursday" | "thu" | "thur" | "thurs" | "الخميس" | "خميس" => Some(Weekday::Thursday),
        "friday" | "fri" | "الجمعه" | "جمعه" => Some(Weekday::Friday),
        "saturday" | "sat" | "السبت" | "سبت" => Some(Weekday::Saturday),
        "sunday" | "sun" | "الاحد" => Some(Weekday::Sunday),
        _ => None,
    }
}

/// The month that a list of words starts with, and the words after it.
pub(super) fn month<'w, 't>(words: &'w [&'t str]) -> Option<(i8, &'w [&'t str])> {
    let two = match words {
        ["كانون", "الثاني", ..] => Some(1),
        ["تشرين", "الاول", ..] => Some(10),
        ["تشرين", "الثاني", ..] => Some(11),
        ["كانون", "الاول", ..] => Some(12),
        // Short forms in Portuguese, which are English words by themselves.
        ["de", "set", ..] => Some(9),
        ["de", "out", ..] => Some(10),
        _ => None,
    };
    match words {
        [_, _, rest @ ..] if two.is_some() => two.map(|month| (month, rest)),
        [word, rest @ ..] => month_word(word).map(|month| (month, rest)),
        [] => None,
    }
}

/// The names and short forms of months: English and Arabic, then Spanish, Portuguese, French, German and Hindi.
fn month_word(word: &str) -> Option<i8> {
    match word {
        "january" | "jan" | "يناير" | "جانفي" => Some(1),
        "february" | "feb" | "فبراير" | "فيفري" | "شباط" => Some(2),
        "march" | "mar" | "مارس" | "اذار" => Some(3),
        "april" | "apr" | "ابريل" | "افريل" | "نيسان" => Some(4),
        "may" | "مايو" | "ماي" | "ايار" => Some(5),
        "june" | "jun" | "يونيو" | "جوان" | "حزيران" => Some(6),
        "july" | "jul" | "يوليو" | "جويليه" | "تموز" => Some(7),
        "august" | "aug" | "اغسطس" | "اوت" | "اب" => Some(8),
        "september" | "sep" | "sept" | "سبتمبر" | "ايلول" => Some(9),
        "october" | "oct" | "اكتوبر" => Some(10),
        "november" | "nov" | "نوفمبر" => Some(11),
        "december" | "dec" | "ديسمبر" => Some(12),
        "enero" | "ene" | "janeiro" | "janvier" | "janv" | "januar" | "जनवरी" | "जन" => Some(1),
        "febrero" | "fevereiro" | "fev" | "fevrier" | "fevr" | "februar" | "फरवरी" | "फर" => Some(2),
        "marzo" | "marco" | "mars" | "marz" | "maerz" | "मार्च" => Some(3),
        "abril" | "abr" | "avril" | "avr" | "अप्रैल" => Some(4),
        "mayo" | "maio" | "mai" | "मई" => Some(5),
        "junio" | "junho" | "juin" | "juni" | "जून" => Some(6),
        "julio" | "julho" | "juillet" | "juil" | "juli" | "जुलाई" | "जुल" => Some(7),
        "agosto" | "ago" | "aout" | "अगस्त" | "अग" => Some(8),
        "septiembre" | "setembro" | "septembre" | "सितंबर" | "सितम्बर" | "सित" => {
            Some(9)
        }
        "octubre" | "outubro" | "octobre" | "oktober" | "okt" | "अक्टूबर" | "अक्टू" => Some(10),
        "noviembre" | "novembro" | "novembre" | "नवंबर" | "नवम्बर" | "नव" => Some(11),
        "diciembre" | "dic" | "dezembro" | "dez" | "decembre" | "dezember" | "दिसंबर" | "दिसम्बर" | "दिस" => {
            Some(12)
        }
        _ => None,
    }
}

pub(super) fn is_ordinal_ending(word: &str) -> bool {
    matches!(word, "st" | "nd" | "rd" | "th")
}

/// Currencies as people write them next to an amount.
pub(super) fn is_currency(word: &str) -> bool {
    matches!(
        word,
        "aed"
            | "dhs"
            | "dh"
            | "dirham"
            | "dirhams"
            | "usd"
            | "dollars"
            | "eur"
            | "euro"
            | "euros"
            | "gbp"
            | "pounds"
            | "inr"
            | "rs"
            | "rupees"
            | "zar"
            | "rand"
            | "aud"
            | "nzd"
            | "cad"
            | "sgd"
            | "sar"
            | "riyal"
            | "riyals"
            | "qar"
            | "kwd"
            | "bhd"
            | "omr"
            | "egp"
            | "درهم"
            | "دراهم"
            | "ريال"
            | "دينار"
            | "جنيه"
            | "دولار"
            | "يورو"
    )
}

/// Digits, with or without the signs that may stand between them.
pub(super) fn is_number(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit())
}
