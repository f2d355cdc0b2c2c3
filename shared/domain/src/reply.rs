//! What a customer's words mean.

/// An understood reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    /// No more reminders, at once.
    Stop,
    /// Reminders again.
    Start,
    /// Anything else: a person has to read it.
    Unread,
}

/// Whole phrases that stop reminders, in lower case without accents and punctuation.
const STOP: &[&str] = &[
    "stop",
    "stop all",
    "stop messages",
    "stop reminders",
    "unsubscribe",
    "opt out",
    "optout",
    "remove me",
    "توقف",
    "ايقاف",
    "اوقفوا",
    "الغاء الاشتراك",
    "إلغاء الاشتراك",
    "اوقف",
    "أوقف",
    "baja",
    "detener",
    "cancelar",
    "parar",
    "cancelar suscripcion",
    "darse de baja",
    "sair",
    "pare",
    "cancelar inscricao",
    "arret",
    "arreter",
    "desabonner",
    "desinscrire",
    "stopp",
    "abmelden",
    "abbestellen",
    "रुको",
    "बंद करो",
    "बंद करें",
];

/// Whole phrases that start reminders again.
const START: &[&str] = &[
    "start",
    "unstop",
    "subscribe",
    "opt in",
    "optin",
    "ابدا",
    "ابدأ",
    "alta",
    "iniciar",
    "demarrer",
    "starten",
    "शुरू करो",
];

/// Reads a customer's text; only a whole phrase counts.
pub fn intent(text: &str) -> Intent {
    let phrase = fold(text);
    if STOP.iter().any(|stop| fold(stop) == phrase) {
        Intent::Stop
    } else if START.iter().any(|start| fold(start) == phrase) {
        Intent::Start
    } else {
        Intent::Unread
    }
}

/// Lower case, without accents of Latin letters, punctuation and doubled spaces.
fn fold(text: &str) -> String {
    let lower = text.chars().flat_map(char::to_lowercase).filter(|c| !is_accent(*c));
    let plain: String = lower.map(without_accent).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn without_accent(c: char) -> char {
    match c {
        'á' | 'à' | 'â' | 'ä' | 'ã' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'ó' | 'ò' | 'ô' | 'ö' | 'õ' => 'o',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        'ç' => 'c',
        'أ' | 'إ' | 'آ' => 'ا',
        mark if is_mark(mark) => mark,
        other if other.is_alphanumeric() => other,
        _ => ' ',
    }
}

/// Marks that are written over or into a word without changing it: accents, harakat, tatweel.
const fn is_accent(c: char) -> bool {
    matches!(c, '\u{0300}'..='\u{036f}' | '\u{064b}'..='\u{0652}' | '\u{0640}')
}

/// Vowel signs that belong to a word, as in Devanagari.
const fn is_mark(c: char) -> bool {
    matches!(c, '\u{0900}'..='\u{0903}' | '\u{093a}'..='\u{094f}' | '\u{0962}'..='\u{0963}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stop_is_understood_in_every_language_case_and_punctuation() {
        for text in [
            "STOP",
            " stop. ",
            "Stop!!",
            "UNSUBSCRIBE",
            "Arrêt",
            "Désabonner",
            "توقف",
            "إلغاء الاشتراك",
            "Parar",
            "STOPP",
            "बंद करो",
            "opt-out",
        ] {
            assert_eq!(intent(text), Intent::Stop, "{text}");
        }
    }

    #[test]
    fn a_phrase_that_only_contains_stop_stops_nothing() {
        for text in ["Stop by our office", "don't stop", "not paid yet", "", "please stop by", "nonstop"] {
            assert_eq!(intent(text), Intent::Unread, "{text}");
        }
    }

    #[test]
    fn start_opts_in_again() {
        assert_eq!((intent("START"), intent("ابدأ")), (Intent::Start, Intent::Start));
    }
}
