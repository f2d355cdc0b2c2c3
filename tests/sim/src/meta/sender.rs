use serde_json::Value;

use crate::meta::registration::Registration;

/// A business phone number with its WhatsApp Business Account.
#[derive(Debug, Clone)]
pub(crate) struct Sender {
    pub(crate) waba_id: &'static str,
    pub(crate) phone_number_id: &'static str,
    pub(crate) display: &'static str,
    pub(crate) name: &'static str,
    pub(crate) token: &'static str,
    pub(crate) registration: Registration,
    /// Overrides of the phone object, for example its status or quality.
    pub(crate) overrides: serde_json::Map<String, Value>,
}

impl Sender {
    /// The numbers that there are at first.
    pub(crate) fn all() -> Vec<Self> {
        vec![
            Self::new(
                "102290129340398",
                "106540352242922",
                "+971 4 555 0100",
                "Harbour Lane Trading",
                "EAAsim-harbour",
            ),
            Self::new("203391230451409", "207651463353033", "+44 131 496 0100", "Edinburgh Joinery", "EAAsim-joinery"),
            Self::new("304492341562510", "308762574464144", "+971 4 555 0200", "Gulf Marine Supplies", "EAAsim-gulf"),
            // Accounts that can be connected by Embedded Signup alone: their tokens are made by it.
            Self::unregistered("405593452673611", "409871562345871", "+971 4 555 0300", "Souk Trading", None),
            Self::unregistered("405593452673611", "409871562345872", "+971 4 555 0301", "Souk Home", Some("246810")),
            Self::on_phone_app("506694563784722", "510982673456982", "+971 4 555 0400", "Dune Cafe"),
        ]
    }

    fn new(
        waba_id: &'static str,
        phone_number_id: &'static str,
        display: &'static str,
        name: &'static str,
        token: &'static str,
    ) -> Self {
        Self {
            waba_id,
            phone_number_id,
            display,
            name,
            token,
            registration: Registration::done(),
            overrides: serde_json::Map::new(),
        }
    }

    /// A number that nobody registered yet, with a PIN if its owner set one.
    fn unregistered(
        waba_id: &'static str,
        phone_number_id: &'static str,
        display: &'static str,
        name: &'static str,
        pin: Option<&str>,
    ) -> Self {
        let registration = Registration::open(pin);
        Self { registration, ..Self::new(waba_id, phone_number_id, display, name, "") }
    }

    /// The number that an account without one can be given later.
    pub(crate) fn late() -> Self {
        Self::unregistered("607795674895833", "612094784567093", "+971 4 555 0500", "Palm Repairs", None)
    }

    /// A number of the WhatsApp Business app, which is registered there and stays so.
    fn on_phone_app(
        waba_id: &'static str,
        phone_number_id: &'static str,
        display: &'static str,
        name: &'static str,
    ) -> Self {
        let registration = Registration::on_phone_app();
        Self { registration, ..Self::new(waba_id, phone_number_id, display, name, "") }
    }

    /// The display number as digits, the form in webhooks.
    pub(crate) fn digits(&self) -> String {
        self.display.chars().filter(char::is_ascii_digit).collect()
    }
}
