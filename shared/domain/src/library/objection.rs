//! What speaks against a text of the library, before anybody chooses it.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::{
    language::Language,
    library::{
        already_paid,
        entry::{Button, Header, LibraryEntry, ParameterKind},
        value::LibraryValue,
    },
    reply,
    template::{Purpose, threats::threats_in},
    wording::value::length,
};

/// Meta's longest body after parameters are filled.
const MAX_BODY_LENGTH: usize = 1024;

/// No value of ours is longer, marks of its direction included.
const LONGEST_VALUE: usize = 62;

/// Why a text of the library cannot be used for a purpose in a language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Objection {
    /// It is in another language.
    OtherLanguage,
    /// It is not of the category that reminders are sent in.
    NotUtility,
    /// Its parameters are not numbered from 1, or not as many as Meta tells.
    ParametersUnreadable,
    /// A parameter wants what nothing of ours is.
    ParameterUnknown,
    /// Two parameters stand side by side, so that nobody sees where one ends.
    ParametersAdjacent,
    /// With long names it would be longer than Meta lets through.
    TooLong,
    /// A picture, film or document stands above it.
    MediaHeader,
    /// The line above it has parameters.
    HeaderParameters,
    /// A button calls a telephone number.
    CallButton,
    /// A button does what nothing of ours does.
    ButtonUnknown,
    /// A button that opens a page has others beside it: a reminder says where it leads by its place, the first.
    LinkNotAlone,
    /// It threatens.
    Threatens,
    /// Nothing in it may be the name of the business (rule 5, for what is overdue).
    BusinessUnnamed,
    /// It does not say what somebody does who has paid already (rule 5).
    AlreadyPaidUnsaid,
    /// It does not say how to stop (rule 5).
    StopUnsaid,
}

impl Objection {
    /// It in a sentence for a person.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::OtherLanguage => "It is in another language.",
            Self::NotUtility => "Meta does not count it as a utility text.",
            Self::ParametersUnreadable => "What it leaves open is not what Meta says that it leaves open.",
            Self::ParameterUnknown => "It leaves something open that no reminder has, such as an address.",
            Self::ParametersAdjacent => "Two values would stand side by side.",
            Self::TooLong => "With long names it would be longer than WhatsApp lets through.",
            Self::MediaHeader => "It wants a picture or a document above it.",
            Self::HeaderParameters => "It leaves something open in the line above it.",
            Self::CallButton => "It has a button that calls a telephone number.",
            Self::ButtonUnknown => "It has a button that Numo has nothing for.",
            Self::LinkNotAlone => "It has other buttons beside the one that opens a page.",
            Self::Threatens => "It threatens.",
            Self::BusinessUnnamed => "It has no place for the name of your business.",
            Self::AlreadyPaidUnsaid => "It does not say what to do for those who have paid already.",
            Self::StopUnsaid => "It does not say how to stop reminders.",
        }
    }
}

/// Everything that speaks against a text for a purpose in a language.
pub fn objections(entry: &LibraryEntry, purpose: Purpose, language: Language) -> BTreeSet<Objection> {
    let of_values = parameters(entry, purpose);
    let of_rule_5 = purpose.is_overdue().then(|| rule_5(entry, language)).into_iter().flatten();
    let has_link = entry.buttons.iter().any(|button| matches!(button, Button::Link { .. }));
    let others = [
        (entry.language() != Some(language), Objection::OtherLanguage),
        (!entry.is_utility, Objection::NotUtility),
        (entry.header == Header::Media, Objection::MediaHeader),
        (matches!(&entry.header, Header::Text(text) if text.contains("{{")), Objection::HeaderParameters),
        (entry.buttons.iter().any(|button| matches!(button, Button::Call { .. })), Objection::CallButton),
        (entry.buttons.iter().any(|button| matches!(button, Button::Other { .. })), Objection::ButtonUnknown),
        (has_link && entry.buttons.len() > 1, Objection::LinkNotAlone),
        (!threats_in(&entry.words(), language).is_empty(), Objection::Threatens),
    ];
    of_values.into_iter().chain(of_rule_5).chain(those_that_are_so(others)).collect()
}

fn parameters(entry: &LibraryEntry, purpose: Purpose) -> BTreeSet<Objection> {
    let n = entry.parameters.len();
    let is_numbered =
        entry.places().is_some_and(|places| places.into_iter().collect::<BTreeSet<_>>().into_iter().eq(1..=n));
    let n_places = entry.body.matches("{{").count();
    let longest = length(&entry.body).saturating_add(n_places.saturating_mul(LONGEST_VALUE));
    let takes_something = |kind: ParameterKind| LibraryValue::that_fit(kind, purpose).next().is_some();
    let found = [
        (!is_numbered, Objection::ParametersUnreadable),
        (!entry.parameters.iter().all(|parameter| takes_something(parameter.kind)), Objection::ParameterUnknown),
        (entry.body.split("}}").skip(1).any(|rest| rest.trim_start().starts_with("{{")), Objection::ParametersAdjacent),
        (longest > MAX_BODY_LENGTH, Objection::TooLong),
    ];
    those_that_are_so(found).collect()
}

/// Every overdue text names the business, says "if already paid, tell us", and how to stop.
fn rule_5(entry: &LibraryEntry, language: Language) -> Vec<Objection> {
    let words = entry.words();
    let stops = |button: &Button| matches!(button, Button::Answer { label } if reply::ends_reminders(label));
    let tells_how_to_stop = reply::names_stop(&words) || entry.buttons.iter().any(stops);
    let found = [
        (entry.parameters.iter().all(|parameter| parameter.kind != ParameterKind::Text), Objection::BusinessUnnamed),
        (!already_paid::speaks_of_it(&words, language), Objection::AlreadyPaidUnsaid),
        (!tells_how_to_stop, Objection::StopUnsaid),
    ];
    those_that_are_so(found).collect()
}

fn those_that_are_so<const N: usize>(found: [(bool, Objection); N]) -> impl Iterator<Item = Objection> {
    found.into_iter().filter(|(is_so, _)| *is_so).map(|(_, objection)| objection)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        library::entry::{Parameter, tests::entry},
        template::{Variant, template_for},
    };

    const BEFORE: &str = "Hi {{1}}, {{2}} is due on {{3}}. Thank you.";
    const OVERDUE: &str = "Hi {{1}}, {{2}} was due on {{3}}. If you have already paid {{4}}, ignore this. Write STOP to end \
                           this.";

    fn before() -> LibraryEntry {
        entry(BEFORE, &[(ParameterKind::Text, "Jim"), (ParameterKind::Amount, "$75"), (ParameterKind::Date, "2 May")])
    }

    fn overdue() -> LibraryEntry {
        let business = Parameter { kind: ParameterKind::Text, example: String::from("CS Mutual") };
        let parameters = before().parameters.into_iter().chain([business]).collect();
        LibraryEntry { body: OVERDUE.to_owned(), parameters, ..before() }
    }

    fn against(entry: &LibraryEntry, purpose: Purpose) -> Vec<Objection> {
        objections(entry, purpose, Language::English).into_iter().collect()
    }

    #[test]
    fn nothing_speaks_against_a_text_that_is_not_about_debts_yet_or_keeps_rule_5() {
        assert_eq!(against(&before(), Purpose::Upcoming), []);
        assert_eq!(against(&before(), Purpose::DueToday), []);
        assert_eq!(against(&overdue(), Purpose::OverdueGentle), []);
    }

    #[test]
    fn each_objection_is_found() {
        use Objection::{
            ButtonUnknown, CallButton, HeaderParameters, LinkNotAlone, MediaHeader, NotUtility, OtherLanguage,
            ParameterUnknown, ParametersAdjacent, ParametersUnreadable, Threatens, TooLong,
        };
        let label = || String::from("Open");
        let says = |body: &str| LibraryEntry { body: body.to_owned(), ..before() };
        let with = |buttons| LibraryEntry { buttons, ..before() };
        let third = |kind| {
            let mut entry = before();
            entry.parameters[2].kind = kind;
            entry
        };
        for (entry, objection) in [
            (LibraryEntry { language: String::from("fr"), ..before() }, OtherLanguage),
            (LibraryEntry { language: String::from("it"), ..before() }, OtherLanguage),
            (LibraryEntry { is_utility: false, ..before() }, NotUtility),
            (says("Hi {{1}}, {{2}} is due."), ParametersUnreadable),
            (says("Hi {{1}}, {{2}} is due on {{4}}."), ParametersUnreadable),
            (says("Hi {{1}}, {{2}} is due on {{day}}."), ParametersUnreadable),
            (says("Hi {{1}}, {{2}} is due on {{3."), ParametersUnreadable),
            (third(ParameterKind::Other), ParameterUnknown),
            (third(ParameterKind::Number), ParameterUnknown),
            (says("Hi {{1}}, due {{2}}{{3}}."), ParametersAdjacent),
            (says("Hi {{1}}, due {{2}} \n{{3}}."), ParametersAdjacent),
            (says(&format!("{BEFORE}{}", "a".repeat(1024 - 3 * 62 - BEFORE.len() + 1))), TooLong),
            (LibraryEntry { header: Header::Media, ..before() }, MediaHeader),
            (LibraryEntry { header: Header::Text(String::from("For {{1}}")), ..before() }, HeaderParameters),
            (with(vec![Button::Call { label: label() }]), CallButton),
            (with(vec![Button::Other { label: label() }]), ButtonUnknown),
            (with(vec![Button::Link { label: label() }, Button::Answer { label: label() }]), LinkNotAlone),
            (with(vec![Button::Answer { label: String::from("See a lawyer") }]), Threatens),
            (says("Hi {{1}}, pay {{2}} by {{3}} or we will take legal action."), Threatens),
        ] {
            assert_eq!(against(&entry, Purpose::Upcoming), [objection], "{entry:?}");
        }
        let longest = says(&format!("{BEFORE}{}", "a".repeat(1024 - 3 * 62 - BEFORE.len())));
        assert_eq!(against(&longest, Purpose::Upcoming), []);
        for fine in [vec![Button::Link { label: label() }], vec![Button::Answer { label: label() }; 3]] {
            assert_eq!(against(&with(fine), Purpose::Upcoming), []);
        }
        let twice = says("Hi {{1}}, {{2}} is due on {{3}}. Thank you, {{1}}!");
        assert_eq!(against(&twice, Purpose::Upcoming), []);
    }

    #[test]
    fn what_is_overdue_is_told_only_as_rule_5_wants_it() {
        use Objection::{AlreadyPaidUnsaid, BusinessUnnamed, StopUnsaid};
        let says = |body: &str| LibraryEntry { body: body.to_owned(), ..overdue() };
        let without_stop = OVERDUE.replace("STOP", "us by the end or stop by");
        let without_paid = OVERDUE.replace("have already paid", "like");
        for (entry, expected) in [
            (says(&without_stop), vec![StopUnsaid]),
            (says(&without_paid), vec![AlreadyPaidUnsaid]),
            (says("Hi {{1}}, {{2}} was due on {{3}}. {{4}}!"), vec![AlreadyPaidUnsaid, StopUnsaid]),
        ] {
            assert_eq!(against(&entry, Purpose::OverdueGentle), expected, "{entry:?}");
            assert_eq!(against(&entry, Purpose::Upcoming), []);
        }
        let mut nameless = overdue();
        nameless.body = String::from("Pay {{1}}. If you have already paid, ignore this. Write STOP to end this.");
        nameless.parameters = vec![Parameter { kind: ParameterKind::Amount, example: String::from("$1") }];
        assert_eq!(against(&nameless, Purpose::OverdueGentle), [BusinessUnnamed]);
        let buttons = vec![Button::Answer { label: String::from("Stop reminders") }];
        assert_eq!(against(&LibraryEntry { buttons, ..says(&without_stop) }, Purpose::OverdueGentle), []);
        let footer = Some(String::from("Reply STOP to unsubscribe"));
        assert_eq!(against(&LibraryEntry { footer, ..says(&without_stop) }, Purpose::OverdueGentle), []);
    }

    #[test]
    fn the_words_of_the_pack_would_keep_rule_5_in_every_language() {
        for language in Language::ALL {
            let text = template_for(Purpose::OverdueGentle, language, Variant::Plain);
            let mut entry = overdue();
            (entry.body, entry.footer) = (text.body().into_owned(), Some(text.footer.to_owned()));
            assert_eq!(rule_5(&entry, language), [], "{language}");
        }
    }
}
