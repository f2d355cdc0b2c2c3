//! Countries by their three letters.

use numo_domain::phone::CountryCode;

/// The country of a two- or three-letter code (ISO 3166-1); `None` for anything else.
///
/// Intuit: changes to the accounting API of August 2025; three letters came in beside two.
pub(crate) fn country(text: &str) -> Option<CountryCode> {
    let text = text.trim().to_ascii_uppercase();
    match text.len() {
        2 => text.parse().ok(),
        3 => TABLE.iter().find_map(|entry| entry.strip_prefix(text.as_str()))?.parse().ok(),
        _ => None,
    }
}

/// Three letters and then the two of the same country.
#[rustfmt::skip]
const TABLE: &[&str] = &[
    "ABWAW", "AFGAF", "AGOAO", "AIAAI", "ALAAX", "ALBAL", "ANDAD", "AREAE", "ARGAR", "ARMAM", "ASMAS", "ATAAQ",
    "ATFTF", "ATGAG", "AUSAU", "AUTAT", "AZEAZ", "BDIBI", "BELBE", "BENBJ", "BESBQ", "BFABF", "BGDBD", "BGRBG",
    "BHRBH", "BHSBS", "BIHBA", "BLMBL", "BLRBY", "BLZBZ", "BMUBM", "BOLBO", "BRABR", "BRBBB", "BRNBN", "BTNBT",
    "BVTBV", "BWABW", "CAFCF", "CANCA", "CCKCC", "CHECH", "CHLCL", "CHNCN", "CIVCI", "CMRCM", "CODCD", "COGCG",
    "COKCK", "COLCO", "COMKM", "CPVCV", "CRICR", "CUBCU", "CUWCW", "CXRCX", "CYMKY", "CYPCY", "CZECZ", "DEUDE",
    "DJIDJ", "DMADM", "DNKDK", "DOMDO", "DZADZ", "ECUEC", "EGYEG", "ERIER", "ESHEH", "ESPES", "ESTEE", "ETHET",
    "FINFI", "FJIFJ", "FLKFK", "FRAFR", "FROFO", "FSMFM", "GABGA", "GBRGB", "GEOGE", "GGYGG", "GHAGH", "GIBGI",
    "GINGN", "GLPGP", "GMBGM", "GNBGW", "GNQGQ", "GRCGR", "GRDGD", "GRLGL", "GTMGT", "GUFGF", "GUMGU", "GUYGY",
    "HKGHK", "HMDHM", "HNDHN", "HRVHR", "HTIHT", "HUNHU", "IDNID", "IMNIM", "INDIN", "IOTIO", "IRLIE", "IRNIR",
    "IRQIQ", "ISLIS", "ISRIL", "ITAIT", "JAMJM", "JEYJE", "JORJO", "JPNJP", "KAZKZ", "KENKE", "KGZKG", "KHMKH",
    "KIRKI", "KNAKN", "KORKR", "KWTKW", "LAOLA", "LBNLB", "LBRLR", "LBYLY", "LCALC", "LIELI", "LKALK", "LSOLS",
    "LTULT", "LUXLU", "LVALV", "MACMO", "MAFMF", "MARMA", "MCOMC", "MDAMD", "MDGMG", "MDVMV", "MEXMX", "MHLMH",
    "MKDMK", "MLIML", "MLTMT", "MMRMM", "MNEME", "MNGMN", "MNPMP", "MOZMZ", "MRTMR", "MSRMS", "MTQMQ", "MUSMU",
    "MWIMW", "MYSMY", "MYTYT", "NAMNA", "NCLNC", "NERNE", "NFKNF", "NGANG", "NICNI", "NIUNU", "NLDNL", "NORNO",
    "NPLNP", "NRUNR", "NZLNZ", "OMNOM", "PAKPK", "PANPA", "PCNPN", "PERPE", "PHLPH", "PLWPW", "PNGPG", "POLPL",
    "PRIPR", "PRKKP", "PRTPT", "PRYPY", "PSEPS", "PYFPF", "QATQA", "REURE", "ROURO", "RUSRU", "RWARW", "SAUSA",
    "SDNSD", "SENSN", "SGPSG", "SGSGS", "SHNSH", "SJMSJ", "SLBSB", "SLESL", "SLVSV", "SMRSM", "SOMSO", "SPMPM",
    "SRBRS", "SSDSS", "STPST", "SURSR", "SVKSK", "SVNSI", "SWESE", "SWZSZ", "SXMSX", "SYCSC", "SYRSY", "TCATC",
    "TCDTD", "TGOTG", "THATH", "TJKTJ", "TKLTK", "TKMTM", "TLSTL", "TONTO", "TTOTT", "TUNTN", "TURTR", "TUVTV",
    "TWNTW", "TZATZ", "UGAUG", "UKRUA", "UMIUM", "URYUY", "USAUS", "UZBUZ", "VATVA", "VCTVC", "VENVE", "VGBVG",
    "VIRVI", "VNMVN", "VUTVU", "WLFWF", "WSMWS", "YEMYE", "ZAFZA", "ZMBZM", "ZWEZW",
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn two_and_three_letters_name_the_same_country() {
        for (text, expected) in
            [("US", "US"), ("USA", "US"), ("are", "AE"), (" GBR ", "GB"), ("KOR", "KR"), ("CHE", "CH"), ("SGP", "SG")]
        {
            assert_eq!(country(text), expected.parse().ok(), "{text}");
        }
        for text in ["", "U", "XXX", "United States", "U1"] {
            assert_eq!(country(text), None, "{text}");
        }
    }

    #[test]
    fn the_table_has_every_country_once() {
        let threes: BTreeSet<&str> = TABLE.iter().map(|entry| &entry[..3]).collect();
        let twos: BTreeSet<CountryCode> = TABLE.iter().filter_map(|entry| entry[3..].parse().ok()).collect();
        assert_eq!((TABLE.len(), threes.len(), twos.len()), (249, 249, 249));
    }
}
