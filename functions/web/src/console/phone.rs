//! A drawn phone with messages as WhatsApp shows them.

use numo_domain::{
    language::Language,
    library::{LibraryText, entry::Button},
    message::Message,
    template::PackTemplate,
};

/// A conversation with the business.
pub(super) struct PhoneText {
    /// Who writes.
    pub(super) business: String,
    pub(super) messages: Vec<PhoneMessage>,
}

/// A message in it.
pub(super) struct PhoneMessage {
    /// The line between the messages that says when it comes.
    pub(super) when: String,
    /// Marks it within the page.
    pub(super) tone: &'static str,
    /// The name of the file above the text.
    pub(super) document: Option<String>,
    pub(super) text: String,
    pub(super) footer: String,
    pub(super) buttons: Vec<ButtonText>,
    /// For whoever reads it aloud, and for its direction.
    pub(super) language: &'static str,
    pub(super) is_right_to_left: bool,
    /// Where it can be sent to one's own number.
    pub(super) test: Option<String>,
}

/// What stands below a message.
pub(super) struct ButtonText {
    pub(super) label: String,
    /// Whether it opens a page; else it answers.
    pub(super) opens_page: bool,
}

impl PhoneText {
    /// Stands where the picture of the business would.
    pub(super) fn initial(&self) -> String {
        self.business.chars().next().into_iter().flat_map(char::to_uppercase).collect()
    }
}

impl PhoneMessage {
    /// A text of the pack, filled.
    pub(super) fn new(template: &PackTemplate, message: Message, (when, tone): (String, &'static str)) -> Self {
        let opens_page = template.variant.has_pay_button();
        let button = |label: &&str| ButtonText { label: (*label).to_owned(), opens_page };
        Self {
            when,
            tone,
            document: template.variant.has_pdf().then(|| "Invoice.pdf".to_owned()),
            text: message.text,
            footer: template.footer.to_owned(),
            buttons: template.buttons.iter().map(button).collect(),
            language: html_language(template.language),
            is_right_to_left: template.language.is_right_to_left(),
            test: None,
        }
    }
}

impl PhoneMessage {
    /// A text of Meta's library, filled.
    pub(super) fn of_library(text: &LibraryText, message: Message) -> Self {
        let button = |button: &Button| ButtonText {
            label: button.label().to_owned(),
            opens_page: matches!(button, Button::Link { .. }),
        };
        Self {
            when: "with an example".to_owned(),
            tone: "",
            document: None,
            text: message.text,
            footer: text.footer.clone().unwrap_or_default(),
            buttons: text.buttons.iter().map(button).collect(),
            language: html_language(text.language),
            is_right_to_left: text.language.is_right_to_left(),
            test: None,
        }
    }
}

/// A language as pages name it.
pub(super) const fn html_language(language: Language) -> &'static str {
    match language {
        Language::Portuguese => "pt-BR",
        Language::English
        | Language::Arabic
        | Language::Spanish
        | Language::French
        | Language::German
        | Language::Hindi => language.code(),
    }
}
