//! The code by which a member shows that a WhatsApp number is their own: written to the business from that number.

use std::{fmt, str::FromStr};

/// What stands before the code, so that no word of a customer is taken for one.
const WORD: &str = "NUMO";

/// 32 signs, so that each stands for five bits; those that are mixed up in reading (0 and O, 1 and I) are left out.
const SIGNS: [char; 32] = [
    'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'J', 'K', 'L', 'M', 'N', 'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y',
    'Z', '2', '3', '4', '5', '6', '7', '8', '9',
];

/// Signs of a code: 40 bits.
const LENGTH: usize = 8;

/// A code of 40 random bits, shown as `NUMO ABCD-EFGH`.
#[derive(Clone, PartialEq, Eq)]
pub struct ProofCode(String);

impl ProofCode {
    /// The code of random bytes that nobody can guess.
    pub fn of(random: [u8; 5]) -> Self {
        let bits = random.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        let sign = |place: usize| {
            let five = usize::try_from(bits >> (5 * (LENGTH - 1 - place)) & 31).unwrap_or_default();
            SIGNS.get(five).copied().unwrap_or_default()
        };
        Self((0..LENGTH).map(sign).collect())
    }

    /// The signs alone, of which a hash is stored.
    pub fn signs(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProofCode {
    /// The message that the member sends.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, second) = self.0.split_at_checked(LENGTH / 2).unwrap_or((&self.0, ""));
        write!(f, "{WORD} {first}-{second}")
    }
}

impl fmt::Debug for ProofCode {
    /// Hidden, so that no log line can carry it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProofCode")
    }
}

/// A message is something else than a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a code is written NUMO ABCD-EFGH")]
pub struct NotACode;

impl FromStr for ProofCode {
    type Err = NotACode;

    /// Reads a message that is a code and nothing else; case, spaces and dashes do not matter.
    fn from_str(message: &str) -> Result<Self, NotACode> {
        // Longer ones are not looked at: keyboards add a few spaces, and no more.
        let said: String = message.chars().take(64).filter(|c| !c.is_whitespace() && !is_dash(*c)).collect();
        let signs = said.to_ascii_uppercase();
        let signs = signs.strip_prefix(WORD).ok_or(NotACode)?;
        let is_code = signs.chars().count() == LENGTH && signs.chars().all(|c| SIGNS.contains(&c));
        if is_code && message.chars().count() <= 64 { Ok(Self(signs.to_owned())) } else { Err(NotACode) }
    }
}

/// Keyboards make longer dashes of short ones.
const fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_code_is_shown_with_the_word_before_it_and_a_dash_within() {
        assert_eq!(ProofCode::of([0; 5]).to_string(), "NUMO AAAA-AAAA");
        assert_eq!(ProofCode::of([255; 5]).to_string(), "NUMO 9999-9999");
        assert_eq!(ProofCode::of([0x00, 0x44, 0x32, 0x14, 0xc7]).to_string(), "NUMO ABCD-EFGH");
        assert_eq!(format!("{:?}", ProofCode::of([1; 5])), "ProofCode");
    }

    #[test]
    fn case_spaces_and_dashes_do_not_matter() {
        let code = ProofCode::of([0x00, 0x44, 0x32, 0x14, 0xc7]);
        for written in
            ["NUMO ABCD-EFGH", "numo abcd-efgh", " Numo\u{a0}ABCDEFGH\n", "NUMOABCDEFGH", "n u m o a b c d – e f g h"]
        {
            assert_eq!(written.parse(), Ok(code.clone()), "{written}");
        }
    }

    #[test]
    fn anything_else_is_no_code() {
        let long = format!("NUMO ABCD-EFGH{}", " ".repeat(60));
        for other in [
            "",
            "NUMO",
            "ABCD-EFGH",
            "NUMO ABCD-EFG",
            "NUMO ABCD-EFGHJ",
            "NUMO ABCD-EFG0",
            "NUMO ABCD-EFGI",
            "NUMO ABCD-EFGÉ",
            "NUMO ABCD-EFGH please",
            "my code: NUMO ABCD-EFGH",
            "NUMO: ABCD-EFGH",
            &long,
        ] {
            assert_eq!(other.parse::<ProofCode>(), Err(NotACode), "{other}");
        }
    }

    proptest! {
        #[test]
        fn every_code_is_read_as_it_is_shown_and_differs_from_every_other(a in any::<[u8; 5]>(), b in any::<[u8; 5]>()) {
            let [first, second] = [a, b].map(ProofCode::of);
            prop_assert_eq!(first.to_string().parse(), Ok(first.clone()));
            prop_assert_eq!(a == b, first == second);
        }

        #[test]
        fn no_message_makes_reading_panic(message in "(NUMO)?\\PC{0,70}") {
            if let Ok(code) = message.parse::<ProofCode>() {
                prop_assert_eq!(code.signs().len(), LENGTH);
            }
        }
    }
}
