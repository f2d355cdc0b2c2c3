//! A lint of texts: none may threaten, in any language, neither of the pack nor of Meta's library.
//!
//! WhatsApp's policy refuses threats of legal action and public shaming, and takes collection of debts for a business
//! model that it does not want; a first reminder of the business itself is neutral (Meta: template review, policy
//! enforcement).
//! The words are compared folded, so accents, case and harakat do not matter.

use crate::{language::Language, reply::fold::fold};

/// The threats that a text has.
pub(crate) fn threats_in(text: &str, language: Language) -> Vec<&'static str> {
    let folded = fold(text);
    let words: Vec<Vec<&str>> = folded.split(' ').map(|word| stems(word, language)).collect();
    let is = |stems: &[&str], wanted: &str| match wanted.strip_suffix('*') {
        Some(wanted) => stems.iter().any(|stem| stem.starts_with(&fold(wanted))),
        None => stems.contains(&fold(wanted).as_str()),
    };
    let has = |threat: &&str| {
        let wanted: Vec<&str> = threat.split(' ').collect();
        words.windows(wanted.len()).any(|found| found.iter().zip(&wanted).all(|(stems, wanted)| is(stems, wanted)))
    };
    threats_of(language).filter(has).collect()
}

/// Lawyers and courts, police, collectors and credit files, shaming, and last warnings.
fn threats_of(language: Language) -> impl Iterator<Item = &'static str> {
    let listed = lines_of(language).filter(|line| !line.starts_with(REFUSED) && !line.starts_with(PASSING));
    listed.flat_map(|line| line.split(',')).map(str::trim).filter(|threat| !threat.is_empty())
}

/// Marks of the examples in `threats.txt`: texts that have to be refused, and texts that have to pass.
const REFUSED: &str = "! ";
const PASSING: &str = "= ";

/// What `threats.txt` says of a language.
fn lines_of(language: Language) -> impl Iterator<Item = &'static str> {
    let is_heading =
        move |line: &&str| line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) == Some(language.code());
    let lines = include_str!("threats.txt").lines().skip_while(move |line| !is_heading(line)).skip(1);
    lines.take_while(|line| !line.starts_with('[')).filter(|line| !line.is_empty())
}

/// A word, and what it is without the article and the particles that Arabic writes onto it.
fn stems(word: &str, language: Language) -> Vec<&str> {
    let particles: &[&str] = if language == Language::Arabic {
        &["ال", "وال", "بال", "لل", "فال", "و", "ب", "ل"]
    } else {
        &[]
    };
    particles.iter().filter_map(|particle| word.strip_prefix(particle)).chain([word]).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::template::{every_text, texts_in};

    fn examples(mark: &str, language: Language) -> Vec<&'static str> {
        lines_of(language).filter_map(|line| line.strip_prefix(mark)).collect()
    }

    #[test]
    fn no_text_of_the_pack_threatens() {
        for text in every_text() {
            let words = [text.body().as_ref(), text.footer, &text.buttons.join(" ")].join(" ");
            assert_eq!(threats_in(&words, text.language), Vec::<&str>::new(), "{} {}", text.name(), text.language);
        }
    }

    #[test]
    fn every_language_has_texts_that_are_refused_whatever_their_case_and_accents_and_texts_that_pass() {
        for language in Language::ALL {
            let threats: Vec<&str> = threats_of(language).collect();
            let (refused, passing) = (examples(REFUSED, language), examples(PASSING, language));
            assert!(threats.len() >= 25 && refused.len() >= 6 && passing.len() >= 2, "{language}");
            for text in refused {
                for text in [text.to_owned(), text.to_uppercase()] {
                    assert!(!threats_in(&text, language).is_empty(), "{language}: {text}");
                }
            }
            for text in passing {
                assert_eq!(threats_in(text, language), Vec::<&str>::new(), "{language}: {text}");
            }
        }
    }

    #[test]
    fn every_threat_can_be_found_and_stands_once() {
        for language in Language::ALL {
            let mut seen = BTreeSet::new();
            for threat in threats_of(language) {
                let text = threat.replace('*', "");
                assert!(threats_in(&text, language).contains(&threat), "{language}: {threat}");
                let ending = if threat.ends_with('*') { "*" } else { "" };
                assert!(seen.insert(fold(&text) + ending), "{language}: {threat} twice");
            }
        }
    }

    #[test]
    fn a_text_of_the_pack_with_a_threat_in_it_is_refused() {
        for language in Language::ALL {
            let texts = texts_in(language).collect::<Vec<_>>();
            for (text, threat) in texts.iter().zip(examples(REFUSED, language).iter().cycle()) {
                let threatening = format!("{} {threat}", text.body());
                assert!(!threats_in(&threatening, language).is_empty(), "{} {threat}", text.name());
            }
        }
    }
}
