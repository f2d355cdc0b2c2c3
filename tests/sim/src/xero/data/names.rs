/// A customer name that looks real, or is hostile on purpose; unique per index.
pub(crate) fn customer(index: usize) -> String {
    if let Some(name) = CURATED.get(index / 3).filter(|_| index.is_multiple_of(3)) {
        return String::from(*name);
    }
    if index.is_multiple_of(2) {
        let place = PLACES.get(index % PLACES.len()).copied().unwrap_or_default();
        let trade = TRADES.get(index / PLACES.len() % TRADES.len()).copied().unwrap_or_default();
        return format!("{place} {trade} {}", forms(index));
    }
    let (first, last) = person(index);
    format!("{first} {last}")
}

/// First and last name of the person behind a contact.
pub(crate) fn person(index: usize) -> (&'static str, &'static str) {
    let first = FIRST.get(index % FIRST.len()).copied().unwrap_or_default();
    let last = LAST.get((index / FIRST.len() + index) % LAST.len()).copied().unwrap_or_default();
    (first, last)
}

fn forms(index: usize) -> &'static str {
    FORMS.get(index % FORMS.len()).copied().unwrap_or_default()
}

const FORMS: &[&str] = &["LLC", "FZE", "FZCO", "Trading LLC", "& Co", "Group"];

const PLACES: &[&str] = &[
    "Deira",
    "Jumeirah",
    "Marina",
    "Al Barsha",
    "Karama",
    "Satwa",
    "Mirdif",
    "Al Quoz",
    "Ras Al Khor",
    "Creek",
    "Corniche",
    "Palm",
    "Desert Rose",
    "Falcon",
    "Oasis",
    "Pearl",
    "Gulf Star",
    "Sand Dune",
    "Blue Dhow",
];

const TRADES: &[&str] = &[
    "Interiors",
    "Logistics",
    "Catering",
    "Print House",
    "Contracting",
    "Dental Clinic",
    "Gardens",
    "Tyres",
    "Electronics",
    "Fitness",
    "Bakery",
    "Stationery",
];

const FIRST: &[&str] = &[
    "Amira", "Yusuf", "Priya", "Chen", "Olga", "Lars", "Fatima", "Diego", "Aisha", "Tom", "Noor", "Ravi", "Mei",
    "Hassan", "Elena", "Samuel", "Layla", "Kenji", "Zainab", "Pierre", "Grace", "Omar", "Ingrid",
];

const LAST: &[&str] = &[
    "Rahman",
    "Khoury",
    "Nair",
    "Wei",
    "Petrova",
    "Svensson",
    "Al Mansoori",
    "Fernández",
    "Mwangi",
    "Whitfield",
    "Haddad",
    "Iyer",
    "Tan",
    "El-Sayed",
    "Popescu",
    "Okafor",
    "Darwish",
    "Sato",
    "Siddiqui",
    "Lefèvre",
    "Osei",
    "Al Suwaidi",
    "Bergström",
    "D'Souza",
    "Van der Berg",
    "Kapoor",
    "Yılmaz",
    "Novák",
    "Müller",
];

const CURATED: &[&str] = &[
    "شركة الخليج للتجارة ذ.م.م",
    "مؤسسة النور للمقاولات",
    "مطعم البيت الدمشقي",
    "Café Zürich & Söhne GmbH",
    "<script>alert('hello')</script> Trading",
    "O'Brien & \"Sons\" Ltd",
    "株式会社さくら商事",
    "上海明珠贸易有限公司",
    "ООО «Северный ветер»",
    "Ελληνικό Φως Α.Ε.",
    "Société Générale d'Épices",
    "Müller & Töchter KG",
    "Łódź Stal Sp. z o.o.",
    "İstanbul Çini Atölyesi",
    "Nguyễn Văn Thành",
    "राजेश ट्रेडर्स",
    "Robert'); DROP TABLE invoices;--",
    "Mohammed Al-Farsi / محمد الفارسي",
    "A",
    "The Exceptionally Long-Winded General Trading, Contracting, Import, Export and Facilities Company of the Northern Emirates (Branch) LLC",
    "  Spaced     Out   Trading  ",
    "Tab\tand Friends",
    "{{name}} ${amount} %s",
    "100% Fruit; Juice, Bar",
    "Smile 😀 Dental",
    "Al-Wasl \u{200f}للعطور\u{200e} Perfumes",
    "=HYPERLINK(\"https://example.com\",\"Click\")",
    "José María Ñandú",
    "Þór Jónsson ehf.",
    "한강 무역",
    "מאפיית השקד",
    "ร้านดอกไม้สยาม",
    "Zoë O\u{2019}Hara",
    "Smith & Smith & Smith",
    "Zéro Déchet SARL",
    "Gómez e Hijos, S.L.",
    "Ahmed",
    "Ahmed Ahmed",
];
