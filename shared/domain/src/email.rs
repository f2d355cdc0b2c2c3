//! Addresses of e-mail: of people of an organisation, never of customers.

use std::{fmt, str::FromStr};

/// An address that somebody else verified; it is never stored, and never parsed again.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmailAddress(String);

/// The text is no address that a mail can be sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an address is local@domain, in visible ASCII")]
pub struct InvalidEmailAddress;

/// Longest address (RFC 5321, 4.5.3.1.3).
const MAX_LENGTH: usize = 254;

impl FromStr for EmailAddress {
    type Err = InvalidEmailAddress;

    /// Reads an address without a display name; one that would need quotes is refused, since it might end a header.
    fn from_str(text: &str) -> Result<Self, InvalidEmailAddress> {
        let (local, domain) = text.rsplit_once('@').ok_or(InvalidEmailAddress)?;
        let is_plain = |part: &str| !part.is_empty() && part.bytes().all(is_allowed);
        if text.len() <= MAX_LENGTH && is_plain(local) && is_plain(domain) && domain.contains('.') {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidEmailAddress)
        }
    }
}

const fn is_allowed(byte: u8) -> bool {
    byte.is_ascii_graphic()
        && !matches!(byte, b'"' | b'(' | b')' | b',' | b':' | b';' | b'<' | b'>' | b'@' | b'[' | b'\\' | b']')
}

impl EmailAddress {
    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for EmailAddress {
    /// Masked, so that no log line can carry an address.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("•••@•••")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_addresses_are_read_and_whatever_could_end_a_header_is_refused() {
        for good in
            ["a@b.example", "olivia.owner+numo@harbour.example", "o'neill@x.co.uk", "x_y=z/1@sub.domain.example"]
        {
            assert_eq!(good.parse::<EmailAddress>().map(|address| address.as_str().to_owned()), Ok(good.to_owned()));
        }
        let long = format!("{}@b.example", "a".repeat(245));
        for bad in [
            "",
            "a",
            "@b.example",
            "a@",
            "a@localhost",
            "a b@c.example",
            "a@b.example\r\nBcc: x@y.example",
            "Olivia <a@b.example>",
            "a@b@c.example",
            "\"a\"@b.example",
            "ä@b.example",
            "a,b@c.example",
            &long,
        ] {
            assert_eq!(bad.parse::<EmailAddress>(), Err(InvalidEmailAddress), "{bad}");
        }
    }

    #[test]
    fn an_address_does_not_show_when_it_is_printed() {
        let address: EmailAddress = "olivia@harbour.example".parse().unwrap();
        assert_eq!(format!("{address:?}"), "•••@•••");
    }
}
