//! The time zones of each country, from the table in `calendar/zones.txt`.

use crate::phone::CountryCode;

/// `zone.tab` of the IANA time zone database, one line per country; its first lines describe the form.
const TABLE: &str = include_str!("zones.txt");

/// The IANA names of a country's zones; none for a country without a line.
pub fn of_country(country: CountryCode) -> impl Iterator<Item = &'static str> {
    let names = TABLE.lines().find_map(|line| line.strip_prefix(country.as_str())?.strip_prefix(' '));
    names.unwrap_or_default().split_ascii_whitespace()
}

/// The countries that the table has.
pub fn countries() -> impl Iterator<Item = CountryCode> {
    // What follows the mark of a comment is no country.
    TABLE.lines().filter_map(|line| line.split_once(' ')?.0.parse().ok())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::{Timestamp, ToSpan, tz};
    use proptest::prelude::*;
    use rlibphonenumber::PHONE_NUMBER_UTIL;

    use super::*;
    use crate::calendar::Zone;

    /// Codes of numbering plans that are not in ISO 3166, nor in the database.
    const BEYOND_ISO: [&str; 3] = ["AC", "TA", "XK"];

    fn zone(name: &str) -> Zone {
        name.parse().unwrap_or_else(|_| panic!("the bundled database does not know {name}"))
    }

    fn names(country: &str) -> Vec<&'static str> {
        of_country(country.parse().unwrap()).collect()
    }

    /// Country and zone, as the table pairs them.
    fn table() -> BTreeSet<(String, String)> {
        let lines = countries().flat_map(|country| of_country(country).map(move |name| (country, name)));
        lines.map(|(country, name)| (country.as_str().to_owned(), name.to_owned())).collect()
    }

    /// Country and zone, as the bundled database pairs them.
    fn database() -> BTreeSet<(String, String)> {
        let zones = tz::db().available().filter_map(|name| tz::TimeZone::get(name.as_str()).ok());
        let pairs = zones
            .filter_map(|zone| Some((zone.location()?.country().to_owned(), zone.primary_iana_name()?.to_owned())));
        pairs.collect()
    }

    #[test]
    fn every_line_is_a_remark_or_a_country_with_zones() {
        let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
        for line in lines.clone() {
            let (country, zones) = line.split_once(' ').unwrap_or_else(|| panic!("{line}"));
            assert!(country.parse::<CountryCode>().is_ok(), "{line}");
            assert!(!zones.is_empty() && zones.split(' ').all(|name| !name.is_empty()), "{line}");
        }
        assert_eq!(countries().count(), lines.count());
        assert_eq!(countries().collect::<BTreeSet<_>>().len(), countries().count());
    }

    #[test]
    fn the_bundled_database_knows_every_zone_of_the_table() {
        for name in countries().flat_map(of_country) {
            assert_eq!(zone(name).name(), name);
        }
    }

    #[test]
    fn the_table_is_that_of_the_bundled_database() {
        let is_iso = |(country, _): &(String, String)| !BEYOND_ISO.contains(&country.as_str());
        let table: BTreeSet<_> = table().into_iter().filter(is_iso).collect();
        let database = database();
        assert_eq!(table.difference(&database).collect::<Vec<_>>(), Vec::<&(String, String)>::new(), "not in database");
        assert_eq!(database.difference(&table).collect::<Vec<_>>(), Vec::<&(String, String)>::new(), "not in table");
    }

    #[test]
    fn every_country_with_a_numbering_plan_has_a_zone() {
        for region in PHONE_NUMBER_UTIL.get_supported_regions() {
            assert!(!names(&region.to_string()).is_empty(), "{region}");
        }
    }

    #[test]
    fn a_country_has_all_its_zones_and_an_unknown_one_has_none() {
        assert_eq!(names("AE"), ["Asia/Dubai"]);
        assert_eq!(names("NZ"), ["Pacific/Auckland", "Pacific/Chatham"]);
        assert_eq!(names("XK"), ["Europe/Belgrade"]);
        assert_eq!(names("US").len(), 29);
        assert_eq!(names("ZZ"), Vec::<&str>::new());
    }

    /// The search for a slot walks dates forward and relies on it.
    #[test]
    fn no_zone_goes_back_to_a_date_that_has_ended() {
        let (from, until): (Timestamp, Timestamp) =
            ("2024-01-01T00:00:00Z".parse().unwrap(), "2045-01-01T00:00:00Z".parse().unwrap());
        for zone in countries().flat_map(of_country).map(zone) {
            let changes = zone.0.following(from).map(|change| change.timestamp());
            for change in changes.take_while(|change| *change < until) {
                assert!(zone.date(change - 1.nanosecond()) <= zone.date(change), "{} at {change}", zone.name());
            }
        }
    }

    proptest! {
        #[test]
        fn no_country_makes_the_table_panic(country in "[A-Z]{2}") {
            for name in names(&country) {
                prop_assert!(name.parse::<Zone>().is_ok());
            }
        }
    }
}
