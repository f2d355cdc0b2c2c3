//! Text as it is compared: without what hands and keyboards do differently.

use icu_normalizer::DecomposingNormalizerBorrowed;

/// Words in lower case, parted by single spaces.
///
/// Accents, harakat, punctuation, apostrophes and invisible signs are gone; letters that keyboards mix up are one.
/// Digits are 0 to 9 and words of their own, and a sign between two of them stays: "AED500, ٠٣/٠٤" is "aed 500 03/04".
pub(crate) fn fold(text: &str) -> String {
    let decomposed = DecomposingNormalizerBorrowed::new_nfkd();
    let letters = decomposed.normalize_iter(text.chars().filter(|c| !is_dropped(*c))).flat_map(char::to_lowercase);
    // What was dropped may have kept two marks apart, so they are put in order once more.
    let letters = letters.filter(|c| !is_dropped(*c)).map(plain);
    spaced(decomposed.normalize_iter(letters)).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn spaced(letters: impl Iterator<Item = char>) -> String {
    let mut text = String::new();
    let mut before = ' ';
    let mut rest = letters.peekable();
    while let Some(c) = rest.next() {
        let in_number = before.is_ascii_digit() && rest.peek().is_some_and(char::is_ascii_digit);
        let is_kept = is_letter(c) || (is_number_sign(c) && in_number);
        if is_letter(c) && is_letter(before) && before.is_ascii_digit() != c.is_ascii_digit() {
            text.push(' ');
        }
        text.push(if is_kept { c } else { ' ' });
        before = c;
    }
    text
}

/// Letters that mean the same, digits of the scripts of our languages, and dashes.
fn plain(c: char) -> char {
    match c {
        'ٱ' => 'ا',
        'ى' | 'ی' => 'ي',
        'ة' | 'ہ' | 'ھ' => 'ه',
        'ک' => 'ك',
        'ँ' => 'ं',
        '٫' => '.',
        '٬' => ',',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        '٠'..='٩' => digit(c, '٠'),
        '۰'..='۹' => digit(c, '۰'),
        '०'..='९' => digit(c, '०'),
        other => other,
    }
}

fn digit(c: char, zero: char) -> char {
    u32::from(c).checked_sub(u32::from(zero)).and_then(|value| char::from_digit(value, 10)).unwrap_or(c)
}

/// Vowel signs of Devanagari are marks, yet a word without them is another word.
pub(super) fn is_letter(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '\u{0900}'..='\u{0903}' | '\u{093a}'..='\u{094f}' | '\u{0962}'..='\u{0963}')
}

/// Signs that stand in dates, times and amounts.
const fn is_number_sign(c: char) -> bool {
    matches!(c, '/' | '-' | '.' | ',' | ':')
}

/// What stands over, under or within a word without changing it.
const fn is_dropped(c: char) -> bool {
    is_mark(c) || is_invisible(c) || is_apostrophe(c)
}

/// Accents, harakat, hamzas that were parted from their letter, tatweel, nukta.
const fn is_mark(c: char) -> bool {
    matches!(
        c,
        '\u{0300}'..='\u{036f}'
            | '\u{0610}'..='\u{061a}'
            | '\u{0640}'
            | '\u{064b}'..='\u{065f}'
            | '\u{0670}'
            | '\u{06d6}'..='\u{06dc}'
            | '\u{06df}'..='\u{06e8}'
            | '\u{06ea}'..='\u{06ed}'
            | '\u{093c}'
            | '\u{fe00}'..='\u{fe0f}'
    )
}

/// Soft hyphens, joiners, signs of direction, byte order marks.
const fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{00ad}'
            | '\u{061c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

const fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '`' | '´' | '‘' | '’' | 'ʼ' | '′')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn case_accents_and_punctuation_do_not_matter() {
        assert_eq!(fold("  Désabonner!! "), "desabonner");
        assert_eq!(fold("I’ve PAID…"), "ive paid");
        assert_eq!(fold("PAY_ON_A_DATE"), "pay on a date");
        assert_eq!(fold("ＳＴＯＰ 𝐒𝐓𝐎𝐏"), "stop stop");
        assert_eq!(fold("st\u{200b}o\u{ad}p\u{feff}"), "stop");
    }

    #[test]
    fn arabic_is_read_without_harakat_tatweel_and_hamzas() {
        assert_eq!(fold("إِلْغَاء الإشتراك"), fold("الغاء الاشتراك"));
        assert_eq!(fold("تـــم الدفـع"), "تم الدفع");
        assert_eq!(fold("فاتورة على"), "فاتوره علي");
        assert_eq!(fold("\u{fe97}\u{fee2}"), "تم");
    }

    #[test]
    fn hindi_keeps_its_vowels() {
        assert_eq!(fold("बंद करें।"), "बंद करें");
        assert_ne!(fold("करें"), fold("करो"));
    }

    #[test]
    fn digits_of_every_script_are_words_and_keep_their_signs() {
        assert_eq!(fold("٠٣/٠٤/٢٠٢٧"), "03/04/2027");
        assert_eq!(fold("۱۲-۱۱, १५ दिन"), "12-11 15 दिन");
        assert_eq!(fold("AED1,200.50, on the 1st."), "aed 1,200.50 on the 1 st");
        assert_eq!(fold("١٬٢٠٠٫٥٠"), "1,200.50");
    }

    #[test]
    fn every_single_character_is_folded_for_good() {
        for c in '\u{0}'..='\u{2ffff}' {
            let once = fold(c.encode_utf8(&mut [0; 4]));
            assert_eq!(fold(&once), once, "{c:?}");
        }
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "\\PC{0,60}", marks in "[a1é٣/\\-\u{300}-\u{36f}\u{5b0}-\u{5bd}\u{640}-\u{655}\u{200b}\u{93c}-\u{94d}]{0,30}") {
            for text in [text, marks] {
                let once = fold(&text);
                prop_assert_eq!(fold(&once), once);
            }
        }
    }
}
