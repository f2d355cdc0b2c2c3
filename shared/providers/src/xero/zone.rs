//! Xero's names of time zones and what the rest of the world calls them.

use numo_domain::calendar::Zone;

/// The zone of an organisation; `None` for a name that is not in the table.
///
/// Xero: accounting API, `Timezone` of Organisation: Windows names in capitals without spaces.
pub(crate) fn zone(name: &str) -> Option<Zone> {
    let name = name.trim().to_ascii_uppercase();
    let at = TABLE.binary_search_by(|(known, _)| (*known).cmp(name.as_str())).ok()?;
    TABLE.get(at)?.1.parse().ok()
}

/// Sorted by Xero's name; the right side is where the Windows zone is at home (Unicode CLDR, windowsZones).
const TABLE: &[(&str, &str)] = &[
    ("AFGHANISTANSTANDARDTIME", "Asia/Kabul"),
    ("ALASKANSTANDARDTIME", "America/Anchorage"),
    ("ALEUTIANSTANDARDTIME", "America/Adak"),
    ("ALTAISTANDARDTIME", "Asia/Barnaul"),
    ("ARABIANSTANDARDTIME", "Asia/Dubai"),
    ("ARABICSTANDARDTIME", "Asia/Baghdad"),
    ("ARABSTANDARDTIME", "Asia/Riyadh"),
    ("ARGENTINASTANDARDTIME", "America/Argentina/Buenos_Aires"),
    ("ASTRAKHANSTANDARDTIME", "Europe/Astrakhan"),
    ("ATLANTICSTANDARDTIME", "America/Halifax"),
    ("AUSCENTRALSTANDARDTIME", "Australia/Darwin"),
    ("AUSCENTRALWSTANDARDTIME", "Australia/Eucla"),
    ("AUSEASTERNSTANDARDTIME", "Australia/Sydney"),
    ("AZERBAIJANSTANDARDTIME", "Asia/Baku"),
    ("AZORESSTANDARDTIME", "Atlantic/Azores"),
    ("BAHIASTANDARDTIME", "America/Bahia"),
    ("BANGLADESHSTANDARDTIME", "Asia/Dhaka"),
    ("BELARUSSTANDARDTIME", "Europe/Minsk"),
    ("BOUGAINVILLESTANDARDTIME", "Pacific/Bougainville"),
    ("CANADACENTRALSTANDARDTIME", "America/Regina"),
    ("CAPEVERDESTANDARDTIME", "Atlantic/Cape_Verde"),
    ("CAUCASUSSTANDARDTIME", "Asia/Yerevan"),
    ("CENAUSTRALIASTANDARDTIME", "Australia/Adelaide"),
    ("CENTRALAMERICASTANDARDTIME", "America/Guatemala"),
    ("CENTRALASIASTANDARDTIME", "Asia/Bishkek"),
    ("CENTRALBRAZILIANSTANDARDTIME", "America/Cuiaba"),
    ("CENTRALEUROPEANSTANDARDTIME", "Europe/Warsaw"),
    ("CENTRALEUROPESTANDARDTIME", "Europe/Budapest"),
    ("CENTRALPACIFICSTANDARDTIME", "Pacific/Guadalcanal"),
    ("CENTRALSTANDARDTIME", "America/Chicago"),
    ("CENTRALSTANDARDTIME(MEXICO)", "America/Mexico_City"),
    ("CHATHAMISLANDSSTANDARDTIME", "Pacific/Chatham"),
    ("CHINASTANDARDTIME", "Asia/Shanghai"),
    ("CUBASTANDARDTIME", "America/Havana"),
    ("DATELINESTANDARDTIME", "Etc/GMT+12"),
    ("EAFRICASTANDARDTIME", "Africa/Nairobi"),
    ("EASTERISLANDSTANDARDTIME", "Pacific/Easter"),
    ("EASTERNSTANDARDTIME", "America/New_York"),
    ("EASTERNSTANDARDTIME(MEXICO)", "America/Cancun"),
    ("EAUSTRALIASTANDARDTIME", "Australia/Brisbane"),
    ("EEUROPESTANDARDTIME", "Europe/Chisinau"),
    ("EGYPTSTANDARDTIME", "Africa/Cairo"),
    ("EKATERINBURGSTANDARDTIME", "Asia/Yekaterinburg"),
    ("ESOUTHAMERICASTANDARDTIME", "America/Sao_Paulo"),
    ("FIJISTANDARDTIME", "Pacific/Fiji"),
    ("FLESTANDARDTIME", "Europe/Kyiv"),
    ("GEORGIANSTANDARDTIME", "Asia/Tbilisi"),
    ("GMTSTANDARDTIME", "Europe/London"),
    ("GREENLANDSTANDARDTIME", "America/Nuuk"),
    ("GREENWICHSTANDARDTIME", "Atlantic/Reykjavik"),
    ("GTBSTANDARDTIME", "Europe/Bucharest"),
    ("HAITISTANDARDTIME", "America/Port-au-Prince"),
    ("HAWAIIANSTANDARDTIME", "Pacific/Honolulu"),
    ("INDIASTANDARDTIME", "Asia/Kolkata"),
    ("IRANSTANDARDTIME", "Asia/Tehran"),
    ("ISRAELSTANDARDTIME", "Asia/Jerusalem"),
    ("JORDANSTANDARDTIME", "Asia/Amman"),
    ("KALININGRADSTANDARDTIME", "Europe/Kaliningrad"),
    ("KAMCHATKASTANDARDTIME", "Asia/Kamchatka"),
    ("KOREASTANDARDTIME", "Asia/Seoul"),
    ("LIBYASTANDARDTIME", "Africa/Tripoli"),
    ("LINEISLANDSSTANDARDTIME", "Pacific/Kiritimati"),
    ("LORDHOWESTANDARDTIME", "Australia/Lord_Howe"),
    ("MAGADANSTANDARDTIME", "Asia/Magadan"),
    ("MAGALLANESSTANDARDTIME", "America/Punta_Arenas"),
    ("MARQUESASSTANDARDTIME", "Pacific/Marquesas"),
    ("MAURITIUSSTANDARDTIME", "Indian/Mauritius"),
    ("MIDATLANTICSTANDARDTIME", "Etc/GMT+2"),
    ("MIDDLEEASTSTANDARDTIME", "Asia/Beirut"),
    ("MONTEVIDEOSTANDARDTIME", "America/Montevideo"),
    ("MOROCCOSTANDARDTIME", "Africa/Casablanca"),
    ("MOUNTAINSTANDARDTIME", "America/Denver"),
    ("MOUNTAINSTANDARDTIME(MEXICO)", "America/Mazatlan"),
    ("MYANMARSTANDARDTIME", "Asia/Yangon"),
    ("NAMIBIASTANDARDTIME", "Africa/Windhoek"),
    ("NCENTRALASIASTANDARDTIME", "Asia/Novosibirsk"),
    ("NEPALSTANDARDTIME", "Asia/Kathmandu"),
    ("NEWFOUNDLANDSTANDARDTIME", "America/St_Johns"),
    ("NEWZEALANDSTANDARDTIME", "Pacific/Auckland"),
    ("NORFOLKSTANDARDTIME", "Pacific/Norfolk"),
    ("NORTHASIAEASTSTANDARDTIME", "Asia/Irkutsk"),
    ("NORTHASIASTANDARDTIME", "Asia/Krasnoyarsk"),
    ("NORTHKOREASTANDARDTIME", "Asia/Pyongyang"),
    ("OMSKSTANDARDTIME", "Asia/Omsk"),
    ("PACIFICSASTANDARDTIME", "America/Santiago"),
    ("PACIFICSTANDARDTIME", "America/Los_Angeles"),
    ("PACIFICSTANDARDTIME(MEXICO)", "America/Tijuana"),
    ("PAKISTANSTANDARDTIME", "Asia/Karachi"),
    ("PARAGUAYSTANDARDTIME", "America/Asuncion"),
    ("QYZYLORDASTANDARDTIME", "Asia/Qyzylorda"),
    ("ROMANCESTANDARDTIME", "Europe/Paris"),
    ("RUSSIANSTANDARDTIME", "Europe/Moscow"),
    ("RUSSIATIMEZONE10", "Asia/Srednekolymsk"),
    ("RUSSIATIMEZONE11", "Asia/Kamchatka"),
    ("RUSSIATIMEZONE3", "Europe/Samara"),
    ("SAEASTERNSTANDARDTIME", "America/Cayenne"),
    ("SAINTPIERRESTANDARDTIME", "America/Miquelon"),
    ("SAKHALINSTANDARDTIME", "Asia/Sakhalin"),
    ("SAMOASTANDARDTIME", "Pacific/Apia"),
    ("SAOTOMESTANDARDTIME", "Africa/Sao_Tome"),
    ("SAPACIFICSTANDARDTIME", "America/Bogota"),
    ("SARATOVSTANDARDTIME", "Europe/Saratov"),
    ("SAWESTERNSTANDARDTIME", "America/La_Paz"),
    ("SEASIASTANDARDTIME", "Asia/Bangkok"),
    ("SINGAPORESTANDARDTIME", "Asia/Singapore"),
    ("SOUTHAFRICASTANDARDTIME", "Africa/Johannesburg"),
    ("SOUTHSUDANSTANDARDTIME", "Africa/Juba"),
    ("SRILANKASTANDARDTIME", "Asia/Colombo"),
    ("SUDANSTANDARDTIME", "Africa/Khartoum"),
    ("SYRIASTANDARDTIME", "Asia/Damascus"),
    ("TAIPEISTANDARDTIME", "Asia/Taipei"),
    ("TASMANIASTANDARDTIME", "Australia/Hobart"),
    ("TOCANTINSSTANDARDTIME", "America/Araguaina"),
    ("TOKYOSTANDARDTIME", "Asia/Tokyo"),
    ("TOMSKSTANDARDTIME", "Asia/Tomsk"),
    ("TONGASTANDARDTIME", "Pacific/Tongatapu"),
    ("TRANSBAIKALSTANDARDTIME", "Asia/Chita"),
    ("TURKEYSTANDARDTIME", "Europe/Istanbul"),
    ("TURKSANDCAICOSSTANDARDTIME", "America/Grand_Turk"),
    ("ULAANBAATARSTANDARDTIME", "Asia/Ulaanbaatar"),
    ("USEASTERNSTANDARDTIME", "America/Indiana/Indianapolis"),
    ("USMOUNTAINSTANDARDTIME", "America/Phoenix"),
    ("UTC", "Etc/UTC"),
    ("UTC+12", "Etc/GMT-12"),
    ("UTC+13", "Etc/GMT-13"),
    ("UTC02", "Etc/GMT+2"),
    ("UTC08", "Etc/GMT+8"),
    ("UTC09", "Etc/GMT+9"),
    ("UTC11", "Etc/GMT+11"),
    ("VENEZUELASTANDARDTIME", "America/Caracas"),
    ("VLADIVOSTOKSTANDARDTIME", "Asia/Vladivostok"),
    ("VOLGOGRADSTANDARDTIME", "Europe/Volgograd"),
    ("WAUSTRALIASTANDARDTIME", "Australia/Perth"),
    ("WCENTRALAFRICASTANDARDTIME", "Africa/Lagos"),
    ("WESTASIASTANDARDTIME", "Asia/Tashkent"),
    ("WESTBANKSTANDARDTIME", "Asia/Hebron"),
    ("WESTPACIFICSTANDARDTIME", "Pacific/Port_Moresby"),
    ("WEUROPESTANDARDTIME", "Europe/Berlin"),
    ("WMONGOLIASTANDARDTIME", "Asia/Hovd"),
    ("YAKUTSKSTANDARDTIME", "Asia/Yakutsk"),
    ("YUKONSTANDARDTIME", "America/Whitehorse"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn the_table_is_sorted_and_every_zone_of_it_exists() {
        assert!(TABLE.is_sorted_by(|(a, _), (b, _)| a < b));
        for (name, iana) in TABLE {
            assert_eq!(zone(name).as_ref().map(Zone::name), Some(*iana), "{name}");
        }
    }

    #[test]
    fn well_known_organisations_have_their_own_midnight() {
        for (name, iana) in [
            ("ARABIANSTANDARDTIME", "Asia/Dubai"),
            ("EASTERNSTANDARDTIME", "America/New_York"),
            ("GMTSTANDARDTIME", "Europe/London"),
            ("aUSEasternStandardTime", "Australia/Sydney"),
            ("UTC", "Etc/UTC"),
        ] {
            assert_eq!(zone(name), iana.parse().ok(), "{name}");
        }
    }

    #[test]
    fn an_unknown_name_is_no_zone() {
        assert_eq!((zone(""), zone("MARSSTANDARDTIME"), zone("Asia/Dubai")), (None, None, None));
    }

    #[test]
    fn every_name_of_the_official_description_is_known() {
        let Some(yaml) = samples::text("openapi/xero_accounting.yaml") else { return };
        let names: Vec<&str> = yaml
            .lines()
            .skip_while(|line| *line != "    TimeZone:")
            .skip_while(|line| line.trim() != "enum:")
            .skip(1)
            .map_while(|line| line.trim().strip_prefix("- "))
            .collect();
        let unknown: Vec<&&str> = names.iter().filter(|name| zone(name).is_none()).collect();
        assert_eq!((names.len(), unknown), (141, Vec::new()));
        assert_eq!(TABLE.len(), names.len());
    }
}
