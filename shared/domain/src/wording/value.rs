//! What people typed, made safe for a variable of a template.
//!
//! Meta refuses a value that is empty or has a line break, a tab or more than four spaces in a row.

use crate::language::Language;

const RIGHT_TO_LEFT_ISOLATE: char = '\u{2067}';
const FIRST_STRONG_ISOLATE: char = '\u{2068}';
const POP_ISOLATE: char = '\u{2069}';

/// A display name for a variable: clean, of bounded length, in its own direction.
pub fn name(typed: &str, fallback: &str, max_chars: usize, language: Language) -> String {
    isolated(&shorten(&clean(typed, fallback), max_chars), language)
}

/// One line, single spaces, nothing invisible, never empty.
pub fn clean(typed: &str, fallback: &str) -> String {
    let visible: String =
        typed.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|c| !is_invisible(*c)).collect();
    let mut clean = String::with_capacity(visible.len());
    for word in visible.split(' ').filter(|word| !word.is_empty()) {
        if !clean.is_empty() {
            clean.push(' ');
        }
        for c in word.chars() {
            // A customer called "{{total}}" must not be filled in turn.
            if c == '{' && clean.ends_with('{') {
                clean.push(' ');
            }
            clean.push(c);
        }
    }
    if clean.is_empty() { fallback.to_owned() } else { clean }
}

/// Whether somebody typed a name as it is shown: neither what surrounds it counts nor what nobody sees.
pub fn is_typed(typed: &str, name: &str) -> bool {
    let typed = clean(typed, "");
    !typed.is_empty() && typed == clean(name, "")
}

/// At most so many characters, cut between words where that costs less than half of it.
pub fn shorten(text: &str, max_chars: usize) -> String {
    if text.chars().count() <= max_chars {
        return text.to_owned();
    }
    let cut: String = text.chars().take(max_chars.saturating_sub(1)).collect();
    let whole_words = cut.rsplit_once(' ').map(|(head, _)| head).filter(|head| head.len() >= cut.len() / 2);
    format!("{}…", whole_words.unwrap_or(&cut).trim_end())
}

/// At most so many characters, cut in the middle: invoice numbers differ at their ends.
pub fn shorten_middle(text: &str, max_chars: usize) -> String {
    let chars: Vec<char> = text.chars().collect();
    if chars.len() <= max_chars {
        return text.to_owned();
    }
    let kept = max_chars.saturating_sub(1);
    let tail = kept / 2;
    let head: String = chars.iter().take(kept.saturating_sub(tail)).collect();
    let tail: String = chars.iter().skip(chars.len().saturating_sub(tail)).collect();
    format!("{}…{}", head.trim_end(), tail.trim_start())
}

/// A value that keeps its own direction within a text, if it runs against the text's.
pub fn isolated(value: &str, language: Language) -> String {
    let against = |c: char| {
        if language.is_right_to_left() { !is_right_to_left(c) && c != ' ' } else { is_right_to_left(c) }
    };
    if value.chars().any(against) { format!("{FIRST_STRONG_ISOLATE}{value}{POP_ISOLATE}") } else { value.to_owned() }
}

/// A value that is read from the right, whatever stands around it.
pub fn right_to_left(value: &str) -> String {
    format!("{RIGHT_TO_LEFT_ISOLATE}{value}{POP_ISOLATE}")
}

/// The length by which Meta's limits are kept: UTF-16 units, the largest count that may be meant by characters.
pub fn length(text: &str) -> usize {
    text.encode_utf16().count()
}

/// Letters of scripts that run from right to left.
const fn is_right_to_left(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

/// Control characters, those that change the direction, and those that show nothing.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}')
        || matches!(c, '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(c, '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}')
        || matches!(c, '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_is_typed_as_it_is_seen_and_nothing_is_no_name() {
        for (typed, name, is_it) in [
            (" Acme  LLC ", "\u{202e}Acme LLC\u{200b}", true),
            ("\u{202e}Acme LLC", "Acme\u{a0}LLC", true),
            ("acme llc", "Acme LLC", false),
            ("Acme", "Acme LLC", false),
            ("", "", false),
            ("\u{200b}", "\u{202e}", false),
        ] {
            assert_eq!(is_typed(typed, name), is_it, "{typed:?} {name:?}");
        }
    }

    #[test]
    fn line_breaks_tabs_and_runs_of_spaces_become_one_space() {
        assert_eq!(clean("INV\t1\r\n  2     3\u{2028}4\u{a0}\u{a0}5", "-"), "INV 1 2 3 4 5");
    }

    #[test]
    fn an_empty_or_invisible_value_becomes_the_fallback() {
        for empty in ["", " \n", "\u{200b}\u{202e}", "\u{3164}", "\u{2800} \u{fe0f}", "\u{2067}\u{2069}"] {
            assert_eq!(clean(empty, "Customer"), "Customer", "{empty:?}");
        }
    }

    #[test]
    fn a_value_that_looks_like_a_variable_stays_text() {
        for (typed, clean_text) in
            [("{{total}}", "{ {total}}"), ("{{{total}}}", "{ { {total}}}"), ("{\u{200b}{", "{ {")]
        {
            assert_eq!(clean(typed, "-"), clean_text);
        }
    }

    #[test]
    fn a_long_name_ends_between_two_words() {
        assert_eq!(shorten("Harbour Lane Trading and Shipping LLC", 24), "Harbour Lane Trading…");
        assert_eq!(shorten("Donaudampfschifffahrtsgesellschaft", 12), "Donaudampfs…");
        assert_eq!(shorten("Acme", 4), "Acme");
    }

    #[test]
    fn a_long_invoice_number_keeps_both_ends() {
        assert_eq!(shorten_middle("2026-11-BRANCH-0000000042", 11), "2026-…00042");
        assert_eq!(shorten_middle("INV-1", 5), "INV-1");
    }

    #[test]
    fn only_what_runs_against_the_text_is_isolated() {
        for (value, language, expected) in [
            ("Acme", Language::English, "Acme"),
            ("متجر النور", Language::English, "\u{2068}متجر النور\u{2069}"),
            ("متجر النور", Language::Arabic, "متجر النور"),
            ("Acme", Language::Arabic, "\u{2068}Acme\u{2069}"),
            ("2026-0042", Language::Arabic, "\u{2068}2026-0042\u{2069}"),
            ("2026-0042", Language::Hindi, "2026-0042"),
        ] {
            assert_eq!(isolated(value, language), expected, "{value} in {language}");
        }
    }

    #[test]
    fn marks_of_direction_in_a_name_never_reach_the_message() {
        assert_eq!(name("\u{202e}Acme\u{2069}\u{200f} LLC", "-", 60, Language::Arabic), "\u{2068}Acme LLC\u{2069}");
    }

    proptest! {
        #[test]
        fn no_value_breaks_metas_rules(
            value in "\\PC{0,400}|[ \\n\\t\\r{}\u{200b}\u{202e}\u{2068}]{0,20}|\\p{Arabic}{1,90}",
            language in prop::sample::select(&Language::ALL),
        ) {
            let named = name(&value, "fallback", 60, language);
            prop_assert!(!named.is_empty() && named.chars().count() <= 62);
            prop_assert!(!named.contains(char::is_control) && !named.contains("  ") && !named.contains("{{"));
            prop_assert_eq!(named.trim(), named.as_str());
            let marks = named.chars().filter(|c| is_invisible(*c)).count();
            prop_assert!(marks == 0 || marks == 2 && named.ends_with(POP_ISOLATE), "{:?}", named);
            let number = shorten_middle(&clean(&value, "fallback"), 40);
            prop_assert!(!number.is_empty() && number.chars().count() <= 40 && !number.contains("{{"));
        }
    }
}
