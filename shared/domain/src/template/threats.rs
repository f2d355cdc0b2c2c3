//! A lint of the pack: no text threatens, in any language.
//!
//! WhatsApp's policy refuses threats of legal action and public shaming, and takes collection of debts for a business
//! model that it does not want; a first reminder of the business itself is neutral (Meta: template review, policy
//! enforcement).
//! The words are compared folded, so accents, case and harakat do not matter.

use std::collections::BTreeSet;

use crate::{
    language::Language,
    reply::fold::fold,
    template::{every_text, texts_in},
};

/// What `threats.txt` says of a language.
#[derive(Default)]
struct Section {
    /// Lawyers and courts, police, collectors and credit files, shaming, and last warnings.
    threats: Vec<&'static str>,
    refused: Vec<&'static str>,
    passing: Vec<&'static str>,
}

fn section(language: Language) -> Section {
    let heading = format!("[{}]", language.code());
    let lines = include_str!("threats.txt").lines().skip_while(|line| *line != heading).skip(1);
    let mut section = Section::default();
    for line in lines.take_while(|line| !line.starts_with('[')).filter(|line| !line.is_empty()) {
        match line.split_at_checked(2) {
            Some(("! ", text)) => section.refused.push(text),
            Some(("= ", text)) => section.passing.push(text),
            _ => section.threats.extend(line.split(',').map(str::trim).filter(|threat| !threat.is_empty())),
        }
    }
    section
}

/// The threats that a text has.
fn threats_in(text: &str, language: Language) -> Vec<&'static str> {
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
    section(language).threats.into_iter().filter(has).collect()
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
        let Section { threats, refused, passing } = section(language);
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
        for threat in section(language).threats {
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
        for (text, threat) in texts.iter().zip(section(language).refused.iter().cycle()) {
            let threatening = format!("{} {threat}", text.body());
            assert!(!threats_in(&threatening, language).is_empty(), "{} {threat}", text.name());
        }
    }
}
