//! The PIN of a WhatsApp number: whoever registers it has to know it (Meta: two-step verification).

use std::str::FromStr;

use secrecy::{ExposeSecret as _, SecretString};

/// Six digits, as secret as a token.
#[derive(Debug, Clone)]
pub struct RegistrationPin(SecretString);

/// The text is no PIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a PIN has six digits")]
pub struct InvalidPin;

impl RegistrationPin {
    /// One that nobody can guess, of random bytes.
    pub fn random(bytes: [u8; 32]) -> Self {
        let number = bytes.iter().take(8).fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
        Self(format!("{:06}", number % 1_000_000).into())
    }

    /// The digits, for Meta and for the vault.
    pub const fn secret(&self) -> &SecretString {
        &self.0
    }
}

impl FromStr for RegistrationPin {
    type Err = InvalidPin;

    fn from_str(text: &str) -> Result<Self, InvalidPin> {
        let is_pin = text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit());
        if is_pin { Ok(Self(text.to_owned().into())) } else { Err(InvalidPin) }
    }
}

impl TryFrom<&SecretString> for RegistrationPin {
    type Error = InvalidPin;

    fn try_from(text: &SecretString) -> Result<Self, InvalidPin> {
        text.expose_secret().trim().parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_has_six_digits_and_nothing_else() {
        for good in ["000000", "123456"] {
            assert_eq!(good.parse::<RegistrationPin>().unwrap().secret().expose_secret(), good);
        }
        for bad in ["", "12345", "1234567", "12345a", "١٢٣٤٥٦", "12 456"] {
            assert_eq!(bad.parse::<RegistrationPin>().unwrap_err(), InvalidPin, "{bad}");
        }
    }

    #[test]
    fn a_random_pin_has_six_digits_too_and_shows_none() {
        for byte in [0, 1, 7, 255] {
            let pin = RegistrationPin::random([byte; 32]);
            let digits = pin.secret().expose_secret().to_owned();
            assert!(digits.parse::<RegistrationPin>().is_ok(), "{digits}");
            assert!(!format!("{pin:?}").contains(&digits));
        }
    }
}
