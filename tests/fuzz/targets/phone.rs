//! What somebody typed where a telephone number belongs.

use numo_domain::phone::{CountryCode, PhoneNumber};

/// Countries whose mobile numbers have more than one spelling, and some that have one.
const HOMES: [&str; 6] = ["AE", "AR", "BR", "GB", "IN", "MX"];

/// Reads it: nothing panics, a number is stored as it is read back, and no log can carry it.
pub(crate) fn run(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let homes = HOMES.into_iter().map(|home| home.parse::<CountryCode>().ok());
    for home in homes.chain([None]) {
        let Ok(number) = PhoneNumber::parse(&text, home) else { continue };
        let written = number.as_e164();
        assert_eq!(written.parse::<PhoneNumber>().as_ref(), Ok(&number), "{text:?}");
        assert_eq!(PhoneNumber::parse(written, None).as_ref(), Ok(&number), "{text:?}");
        assert!(!format!("{number:?}").contains(written), "{text:?}");
        assert!(number.matching_form().bytes().all(|byte| byte.is_ascii_digit()), "{text:?}");
        let _any = number.country();
    }
}
