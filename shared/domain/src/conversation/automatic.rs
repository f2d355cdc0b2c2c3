//! What the product answers by itself, within the window that the customer's message opened.

use jiff::civil::Date;

use crate::{
    language::Language,
    organisation::Organisation,
    wording::{self, phrase, value},
};

/// What the product answers by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Automatic {
    /// That a wish to hear nothing more is heeded.
    OptedOut,
    /// That reminders come again.
    OptedIn,
    /// That a day was understood.
    PromiseNoted(Date),
    /// Which of two days is meant.
    WhichDate {
        /// The day before the month.
        day_first: Date,
        /// The month before the day.
        month_first: Date,
    },
    /// On which day; another one shows how to write it.
    WhichDay {
        /// A day to come.
        example: Date,
        /// Whether days stand below the words, from which one may be chosen.
        is_listed: bool,
    },
}

/// Longest name of a business in an answer.
const MAX_NAME_CHARS: usize = 60;

impl Automatic {
    /// The words in a language, with dates as the organisation's country writes them.
    pub fn text(self, organisation: &Organisation, language: Language) -> String {
        let name = value::name(&organisation.name, phrase::business(language), MAX_NAME_CHARS, language);
        let date = |date| wording::date(date, language, organisation.country);
        let words = words(language);
        match self {
            Self::OptedOut => words.opted_out.replace("{business}", &name),
            Self::OptedIn => words.opted_in.replace("{business}", &name),
            Self::PromiseNoted(on) => words.promise_noted.replace("{date}", &date(on)).replace("{business}", &name),
            Self::WhichDate { day_first, month_first } => {
                words.which_date.replace("{first}", &date(day_first)).replace("{second}", &date(month_first))
            }
            Self::WhichDay { example, is_listed: false } => words.which_day.replace("{example}", &date(example)),
            Self::WhichDay { example, is_listed: true } => words.which_of_days.replace("{example}", &date(example)),
        }
    }
}

/// The answers of one language.
struct Words {
    opted_out: &'static str,
    opted_in: &'static str,
    promise_noted: &'static str,
    which_date: &'static str,
    which_day: &'static str,
    which_of_days: &'static str,
}

const fn words(language: Language) -> Words {
    match language {
        Language::English => Words {
            opted_out: "You will get no more payment reminders from {business} here. Write START if you want them again.",
            opted_in: "You will get payment reminders from {business} here again. Write STOP to end them.",
            promise_noted: "Thank you. {business} has noted that you will pay by {date}.",
            which_date: "Do you mean {first} or {second}? Please write the day with the name of the month.",
            which_day: "Thank you. On which day will you pay? Please write a date, such as {example}.",
            which_of_days: "Thank you. On which day will you pay? Please choose one below, or write a date, such as {example}.",
        },
        Language::Arabic => Words {
            opted_out: "لن تصلكم هنا تذكيرات بالدفع من {business} بعد الآن. أرسلوا كلمة ابدأ إذا أردتم استلامها من جديد.",
            opted_in: "ستصلكم تذكيرات الدفع من {business} هنا من جديد. أرسلوا كلمة إيقاف لوقفها.",
            promise_noted: "شكرًا لكم. سجّلنا في {business} أنكم ستدفعون في موعد أقصاه {date}.",
            which_date: "هل تقصدون {first} أم {second}؟ نرجو كتابة اليوم مع اسم الشهر.",
            which_day: "شكرًا لكم. في أي يوم ستدفعون؟ نرجو كتابة تاريخ، مثل {example}.",
            which_of_days: "شكرًا لكم. في أي يوم ستدفعون؟ نرجو اختيار يوم من القائمة أو كتابة تاريخ، مثل {example}.",
        },
        Language::Spanish => Words {
            opted_out: "No recibirá más recordatorios de pago de {business} aquí. Escriba ALTA si quiere recibirlos de nuevo.",
            opted_in: "Volverá a recibir aquí recordatorios de pago de {business}. Escriba BAJA para no recibirlos más.",
            promise_noted: "Gracias. {business} ha anotado que pagará a más tardar el {date}.",
            which_date: "¿Quiere decir {first} o {second}? Por favor, escriba el día con el nombre del mes.",
            which_day: "Gracias. ¿Qué día pagará? Por favor, escriba una fecha, por ejemplo {example}.",
            which_of_days: "Gracias. ¿Qué día pagará? Por favor, elija uno de la lista o escriba una fecha, por ejemplo {example}.",
        },
        Language::Portuguese => Words {
            opted_out: "Você não receberá mais lembretes de pagamento de {business} aqui. Escreva INICIAR se quiser recebê-los de novo.",
            opted_in: "Você voltará a receber aqui lembretes de pagamento de {business}. Escreva PARAR para não receber mais.",
            promise_noted: "Obrigado. {business} anotou que você pagará até {date}.",
            which_date: "Você quer dizer {first} ou {second}? Por favor, escreva o dia com o nome do mês.",
            which_day: "Obrigado. Em que dia você pagará? Por favor, escreva uma data, por exemplo {example}.",
            which_of_days: "Obrigado. Em que dia você pagará? Por favor, escolha um da lista ou escreva uma data, por exemplo {example}.",
        },
        Language::French => Words {
            opted_out: "Vous ne recevrez plus ici de rappels de paiement de {business}. Écrivez START si vous souhaitez les recevoir à nouveau.",
            opted_in: "Vous recevrez de nouveau ici des rappels de paiement de {business}. Écrivez STOP pour ne plus les recevoir.",
            promise_noted: "Merci. {business} a noté que vous paierez au plus tard le {date}.",
            which_date: "Voulez-vous dire {first} ou {second} ? Merci d'écrire le jour avec le nom du mois.",
            which_day: "Merci. Quel jour paierez-vous ? Merci d'écrire une date, par exemple {example}.",
            which_of_days: "Merci. Quel jour paierez-vous ? Merci d'en choisir un dans la liste ou d'écrire une date, par exemple {example}.",
        },
        Language::German => Words {
            opted_out: "Sie erhalten hier keine Zahlungserinnerungen von {business} mehr. Schreiben Sie START, wenn Sie wieder welche möchten.",
            opted_in: "Sie erhalten hier wieder Zahlungserinnerungen von {business}. Schreiben Sie STOP, um sie zu beenden.",
            promise_noted: "Danke. {business} hat notiert, dass Sie spätestens am {date} zahlen.",
            which_date: "Meinen Sie {first} oder {second}? Bitte schreiben Sie den Tag mit dem Namen des Monats.",
            which_day: "Danke. An welchem Tag werden Sie zahlen? Bitte schreiben Sie ein Datum, zum Beispiel {example}.",
            which_of_days: "Danke. An welchem Tag werden Sie zahlen? Bitte wählen Sie einen aus der Liste oder schreiben Sie ein Datum, zum Beispiel {example}.",
        },
        Language::Hindi => Words {
            opted_out: "अब आपको यहाँ {business} की ओर से भुगतान की सूचनाएँ नहीं मिलेंगी। फिर से पाने के लिए START लिखें।",
            opted_in: "अब आपको यहाँ {business} की ओर से भुगतान की सूचनाएँ फिर से मिलेंगी। बंद करने के लिए STOP लिखें।",
            promise_noted: "धन्यवाद। {business} ने नोट कर लिया है कि आप {date} तक भुगतान करेंगे।",
            which_date: "आपका मतलब {first} है या {second}? कृपया दिन के साथ महीने का नाम लिखें।",
            which_day: "धन्यवाद। आप किस दिन भुगतान करेंगे? कृपया कोई तारीख लिखें, जैसे {example}।",
            which_of_days: "धन्यवाद। आप किस दिन भुगतान करेंगे? कृपया सूची में से एक दिन चुनें या कोई तारीख लिखें, जैसे {example}।",
        },
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::reply::{DayOrder, Intent, understand};

    fn organisation() -> Organisation {
        Organisation { name: "Harbour Lane".to_owned(), ..Organisation::new("org_a".parse().unwrap()) }
    }

    /// Every answer, in every language.
    fn answers() -> Vec<(Language, [String; 6])> {
        let (third, fourth) = (date(2026, 12, 3), date(2027, 3, 12));
        let all = [
            Automatic::OptedOut,
            Automatic::OptedIn,
            Automatic::PromiseNoted(third),
            Automatic::WhichDate { day_first: third, month_first: fourth },
            Automatic::WhichDay { example: third, is_listed: false },
            Automatic::WhichDay { example: third, is_listed: true },
        ];
        let in_language = |language| (language, all.map(|answer| answer.text(&organisation(), language)));
        Language::ALL.map(in_language).into()
    }

    #[test]
    fn every_answer_fills_its_blanks_in_every_language() {
        for (language, texts) in answers() {
            for text in &texts {
                assert!(!text.contains(['{', '}']), "{language}: {text}");
                assert!(text.chars().count() < 300, "{language}: {text}");
            }
            assert!(texts[..3].iter().all(|text| text.contains("Harbour Lane")), "{language}: {texts:?}");
        }
    }

    #[test]
    fn the_word_that_an_answer_names_is_understood() {
        let understood = |text: &str| {
            let today = date(2026, 11, 23);
            let words: Vec<&str> = text.split([' ', '.', ',', '،', '।']).collect();
            words.iter().map(|word| understand(word, today, DayOrder::DayFirst)).collect::<Vec<_>>()
        };
        for (language, [opted_out, opted_in, ..]) in answers() {
            assert!(understood(&opted_out).contains(&Intent::Start), "{language}: {opted_out}");
            assert!(understood(&opted_in).contains(&Intent::Stop), "{language}: {opted_in}");
        }
    }

    #[test]
    fn a_date_written_as_an_answer_shows_it_is_understood() {
        for (language, month) in Language::ALL.into_iter().flat_map(|language| (1..=12).map(move |m| (language, m))) {
            let (on, today) = (date(2026, month, 13), date(2026, 1, 1));
            let written = wording::date(on, language, None);
            assert_eq!(understand(&written, today, DayOrder::DayFirst), Intent::PayOn(on), "{language}: {written}");
        }
    }

    #[test]
    fn a_date_is_understood_with_the_word_that_stands_before_it_and_a_word_that_is_also_a_month_is_none() {
        let on = |text: &str| understand(text, date(2026, 11, 23), DayOrder::DayFirst);
        for text in ["El 3 de diciembre", "le 3 décembre", "am 3. Dez.", "em 3 de dez. de 2026", "3 दिसंबर"]
        {
            assert_eq!(on(text), Intent::PayOn(date(2026, 12, 3)), "{text}");
        }
        for text in ["I am out", "all set", "mai", "नव", "am", "I am ok Friday", "Gracias, Julio", "April", "Marco"]
        {
            assert_eq!(on(text), Intent::Unread, "{text}");
        }
    }

    #[test]
    fn a_name_in_braces_is_not_filled_in_again() {
        let organisation = Organisation { name: "{date} & Co".to_owned(), ..organisation() };
        let text = Automatic::PromiseNoted(date(2026, 12, 3)).text(&organisation, Language::English);
        assert_eq!(text, "Thank you. {date} & Co has noted that you will pay by 3 Dec 2026.");
    }
}
