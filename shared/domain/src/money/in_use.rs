//! The currencies in which people pay, by ISO 4217.

use crate::money::Currency;

/// Codes of money that is in use, in alphabetical order, as of November 2026; funds, metals and units of account are none.
///
/// The Antillean guilder gave way to `XCG` in 2025, and the lev to the euro in 2026.
const IN_USE: [[u8; 3]; 155] = [
    *b"AED", *b"AFN", *b"ALL", *b"AMD", *b"AOA", *b"ARS", *b"AUD", *b"AWG", *b"AZN", *b"BAM", *b"BBD", *b"BDT",
    *b"BHD", *b"BIF", *b"BMD", *b"BND", *b"BOB", *b"BRL", *b"BSD", *b"BTN", *b"BWP", *b"BYN", *b"BZD", *b"CAD",
    *b"CDF", *b"CHF", *b"CLP", *b"CNY", *b"COP", *b"CRC", *b"CUP", *b"CVE", *b"CZK", *b"DJF", *b"DKK", *b"DOP",
    *b"DZD", *b"EGP", *b"ERN", *b"ETB", *b"EUR", *b"FJD", *b"FKP", *b"GBP", *b"GEL", *b"GHS", *b"GIP", *b"GMD",
    *b"GNF", *b"GTQ", *b"GYD", *b"HKD", *b"HNL", *b"HTG", *b"HUF", *b"IDR", *b"ILS", *b"INR", *b"IQD", *b"IRR",
    *b"ISK", *b"JMD", *b"JOD", *b"JPY", *b"KES", *b"KGS", *b"KHR", *b"KMF", *b"KPW", *b"KRW", *b"KWD", *b"KYD",
    *b"KZT", *b"LAK", *b"LBP", *b"LKR", *b"LRD", *b"LSL", *b"LYD", *b"MAD", *b"MDL", *b"MGA", *b"MKD", *b"MMK",
    *b"MNT", *b"MOP", *b"MRU", *b"MUR", *b"MVR", *b"MWK", *b"MXN", *b"MYR", *b"MZN", *b"NAD", *b"NGN", *b"NIO",
    *b"NOK", *b"NPR", *b"NZD", *b"OMR", *b"PAB", *b"PEN", *b"PGK", *b"PHP", *b"PKR", *b"PLN", *b"PYG", *b"QAR",
    *b"RON", *b"RSD", *b"RUB", *b"RWF", *b"SAR", *b"SBD", *b"SCR", *b"SDG", *b"SEK", *b"SGD", *b"SHP", *b"SLE",
    *b"SOS", *b"SRD", *b"SSP", *b"STN", *b"SVC", *b"SYP", *b"SZL", *b"THB", *b"TJS", *b"TMT", *b"TND", *b"TOP",
    *b"TRY", *b"TTD", *b"TWD", *b"TZS", *b"UAH", *b"UGX", *b"USD", *b"UYU", *b"UZS", *b"VED", *b"VES", *b"VND",
    *b"VUV", *b"WST", *b"XAF", *b"XCD", *b"XCG", *b"XOF", *b"XPF", *b"YER", *b"ZAR", *b"ZMW", *b"ZWG",
];

impl Currency {
    /// Whether people pay in it today.
    ///
    /// What a person types is checked by this, so that a slip is no currency of its own; what a ledger says is taken as it
    /// is, since an invoice of last year may be in a currency that is gone.
    pub fn is_in_use(self) -> bool {
        IN_USE.binary_search(&self.0).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_are_in_order_and_each_is_there_once() {
        assert!(IN_USE.is_sorted_by(|one, next| one < next));
    }

    #[test]
    fn a_slip_and_a_currency_that_is_gone_are_not_in_use() {
        let in_use = |code: &str| code.parse::<Currency>().unwrap().is_in_use();
        for code in ["AED", "EUR", "GBP", "INR", "KWD", "USD", "XCG", "ZAR", "ZWG"] {
            assert!(in_use(code), "{code}");
        }
        for code in ["AAA", "ADE", "ANG", "BGN", "HRK", "XAU", "XXX", "ZWL", "ZZZ"] {
            assert!(!in_use(code), "{code}");
        }
    }

    #[test]
    fn of_the_currencies_in_use_these_have_other_decimals_than_two() {
        let with = |exponent: usize| -> Vec<String> {
            let codes = IN_USE.iter().map(|code| Currency(*code));
            codes.filter(|currency| currency.exponent() == exponent).map(String::from).collect()
        };
        let none = [
            "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF",
            "XPF",
        ];
        assert_eq!(with(0), none);
        assert_eq!(with(3), ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"]);
        assert_eq!(with(2).len(), IN_USE.len() - none.len() - 7);
    }
}
