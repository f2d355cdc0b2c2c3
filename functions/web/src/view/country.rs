//! Countries by their English names, as CLDR has them; written by `infra/holidays/country_names.py`.

use numo_domain::phone::CountryCode;

/// A country a line: its code, a blank, its name; in the order of codes.
const NAMES: &str = include_str!("country_names.txt");

/// Every country that has public holidays, with its name, in the order of names.
pub(crate) fn countries() -> Vec<(&'static str, &'static str)> {
    let mut all: Vec<(&str, &str)> = NAMES.lines().filter_map(|line| line.split_once(' ')).collect();
    all.sort_by_key(|(_, name)| plain(name));
    all
}

/// The name of a country; its code where it has none.
pub(crate) fn country_name(country: &CountryCode) -> &str {
    let found = NAMES.lines().filter_map(|line| line.split_once(' ')).find(|(code, _)| *code == country.as_str());
    found.map_or(country.as_str(), |(_, name)| name)
}

/// A name as it is sorted: letters with a mark stand where those without one do.
fn plain(name: &str) -> String {
    let without = |c| match c {
        'Å' => 'A',
        'ç' => 'c',
        'é' => 'e',
        'í' => 'i',
        'ã' => 'a',
        'ô' => 'o',
        'ü' => 'u',
        _ => c,
    };
    name.chars().map(without).collect()
}

#[cfg(test)]
mod tests {
    use numo_domain::holidays::NationalHolidays;

    use super::*;

    #[test]
    fn every_country_with_holidays_has_a_name_of_its_own_and_no_other_stands_there() {
        let codes: Vec<&str> = NAMES.lines().filter_map(|line| Some(line.split_once(' ')?.0)).collect();
        let with_holidays: Vec<String> =
            NationalHolidays::countries().map(|country| country.as_str().to_owned()).collect();
        assert_eq!(codes, with_holidays);
        let mut names: Vec<&str> = countries().into_iter().map(|(_, name)| name).collect();
        assert_eq!((names.first(), names.last()), (Some(&"Afghanistan"), Some(&"Zimbabwe")));
        let place = |name: &str| names.iter().position(|one| *one == name).unwrap();
        assert!(place("Åland Islands") < place("Albania") && place("Côte d’Ivoire") < place("Croatia"));
        assert!(names.iter().all(|name| plain(name).is_ascii() || name.contains('’')), "{names:?}");
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), codes.len());
    }

    #[test]
    fn a_country_is_called_as_people_call_it() {
        let name = |code: &str| country_name(&code.parse().unwrap()).to_owned();
        assert_eq!(["AE", "GB", "TR"].map(name), ["United Arab Emirates", "United Kingdom", "Türkiye"]);
    }
}
