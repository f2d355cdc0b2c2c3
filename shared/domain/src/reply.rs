//! What a customer's words mean.

mod fold;

use fold::fold;

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
