//! Numbers pasted from a spreadsheet: each line says who and which number, and nobody is guessed.

use numo_domain::{
    contact::{Contact, ContactRef},
    phone::typed::TypedPhone,
};

/// Lines of one paste, at most.
pub const MOST_LINES: usize = 300;

/// A line as it was understood.
#[derive(Clone, PartialEq, Eq)]
pub struct PastedLine {
    /// Its place, from 1.
    pub line: usize,
    /// Who, as it stands there.
    pub who: String,
    /// The number, as it stands there.
    pub number: String,
    /// Whom it means.
    pub meant: Meant,
}

/// Whom a line means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meant {
    /// One customer: by the ledger's id, or by a name that nobody else has.
    One(ContactRef),
    /// One of these, and a person has to say which.
    Which(Vec<ContactRef>),
    /// Nobody, or the line cannot be read; with what is wrong.
    Nobody(&'static str),
}

/// Customers that are offered for a line at most.
const MOST_OFFERED: usize = 8;

/// What each line of a text means; a first line that names the columns, and empty lines, are passed over.
pub fn pasted_numbers(text: &str, contacts: &[Contact]) -> Vec<PastedLine> {
    let lines = text.lines().enumerate().map(|(place, line)| (place + 1, line.trim()));
    let filled = lines.filter(|(_, line)| !line.is_empty());
    let read = filled.filter_map(|(line, text)| {
        let cells = cells(text);
        let (who, number) = match cells.as_slice() {
            [] | [_] => (text.to_owned(), String::new()),
            [who @ .., number] => (who.join(", "), number.clone()),
        };
        // Only a line that names columns has no digit where the number should be.
        let is_heads = line == 1 && cells.len() > 1 && !number.chars().any(char::is_numeric);
        // Of our own file the ledger's id comes first, and other columns stand between it and the number.
        let id = cells.first().filter(|_| cells.len() > 2).map_or("", String::as_str);
        (!is_heads).then(|| PastedLine { line, meant: meant((&who, id), &number, contacts), who, number })
    });
    read.collect()
}

fn meant((who, id): (&str, &str), number: &str, contacts: &[Contact]) -> Meant {
    if number.is_empty() {
        return Meant::Nobody("a name and a number are needed, with a tab, a comma or a semicolon between them");
    }
    if number.parse::<TypedPhone>().is_err() {
        return Meant::Nobody("this is no telephone number");
    }
    whom((who, id), contacts)
}

/// Whom a name, or the ledger's id in a column of its own, means.
pub(crate) fn whom((who, id): (&str, &str), contacts: &[Contact]) -> Meant {
    let who = folded(who);
    if who.is_empty() {
        return Meant::Nobody("whose number it is does not stand there");
    }
    let refs = |wanted: &dyn Fn(&Contact) -> bool| -> Vec<ContactRef> {
        contacts.iter().filter(|contact| wanted(contact)).map(|contact| contact.at.clone()).collect()
    };
    let is_id = |contact: &Contact| contact.at.contact.as_str() == id || folded(contact.at.contact.as_str()) == who;
    let exact = refs(&|contact| is_id(contact) || folded(&contact.name) == who);
    match <[ContactRef; 1]>::try_from(exact) {
        Ok([one]) => Meant::One(one),
        Err(several) if !several.is_empty() => Meant::Which(several),
        // A part of a name is asked about, even where one customer alone has it.
        Err(_) => match refs(&|contact| folded(&contact.name).contains(&who)) {
            found if found.is_empty() => Meant::Nobody("no customer has this name"),
            found if found.len() > MOST_OFFERED => Meant::Nobody("too many customers have this in their name"),
            found => Meant::Which(found),
        },
    }
}

/// The cells of a line, without quotes and what surrounds them: tabs separate, else semicolons, else commas.
fn cells(line: &str) -> Vec<String> {
    let separator = ['\t', ';'].into_iter().find(|separator| line.contains(*separator)).unwrap_or(',');
    let bare = |cell: &str| cell.trim().trim_matches('"').trim().to_owned();
    line.split(separator).map(bare).filter(|cell| !cell.is_empty()).collect()
}

/// A name as it is compared: one space between words, small letters, no marks that nobody sees.
pub(crate) fn folded(text: &str) -> String {
    let seen: String =
        text.chars().filter(|c| !matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{feff}')).collect();
    seen.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

impl std::fmt::Debug for PastedLine {
    /// Without name and number, so that no log line can carry them.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PastedLine").field("line", &self.line).field("meant", &self.meant).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use numo_domain::{
        contact::{ContactNumber, ContactStatus},
        id::ConnectionId,
    };
    use uuid::Uuid;

    use super::*;

    fn contact(id: &str, name: &str) -> Contact {
        Contact {
            at: ContactRef { connection: ConnectionId::new(Uuid::nil()), contact: id.parse().unwrap() },
            name: name.to_owned(),
            status: ContactStatus::Active,
            number: ContactNumber::Missing,
            first_key: None,
            typed: None,
            typed_before: None,
            payer: None,
            groups: Vec::new(),
            updated_at: "2026-11-20T00:00:00Z".parse().unwrap(),
        }
    }

    /// How a line was meant, the ids of whom or why nobody, and its number.
    type Told = (String, Result<Vec<String>, &'static str>, String);

    fn read(text: &str) -> Vec<Told> {
        let contacts = [
            contact("c-1", "Acme, Trading LLC"),
            contact("c-2", "Blue  Crane"),
            contact("c-3", "Blue Crane"),
            contact("c-4", "شركة النور"),
            contact("100", "Century"),
        ];
        let ids = |refs: Vec<ContactRef>| refs.iter().map(|at| at.contact.to_string()).collect::<Vec<_>>();
        let told = pasted_numbers(text, &contacts).into_iter().map(|line| match line.meant {
            Meant::One(one) => ("one".to_owned(), Ok(ids(vec![one])), line.number),
            Meant::Which(several) => ("which".to_owned(), Ok(ids(several)), line.number),
            Meant::Nobody(why) => ("nobody".to_owned(), Err(why), line.number),
        });
        told.collect()
    }

    #[test]
    fn a_whole_name_or_an_id_means_one_customer_however_the_spreadsheet_separates() {
        let one = |id: &str, number: &str| vec![("one".to_owned(), Ok(vec![id.to_owned()]), number.to_owned())];
        for line in [
            "Acme, Trading LLC\t+971 50 123 4567",
            "  acme,  TRADING llc ;+971 50 123 4567",
            "\"Acme, Trading LLC\",+971 50 123 4567",
            "Acme, Trading LLC, +971 50 123 4567",
            "c-1,+971 50 123 4567",
            "c-1,\"Acme, Trading LLC\",AED 500.00,+971 50 123 4567",
            "Name\tNumber\r\nAcme, Trading LLC\t+971 50 123 4567\r\n\r\n",
        ] {
            assert_eq!(read(line), one("c-1", "+971 50 123 4567"), "{line}");
        }
        assert_eq!(read("شركة النور\t٠٥٠١٢٣٤٥٦٧"), one("c-4", "٠٥٠١٢٣٤٥٦٧"));
        assert_eq!(read("100;0501234567"), one("100", "0501234567"));
    }

    #[test]
    fn a_name_that_two_have_and_a_part_of_one_are_asked_about() {
        let which = |ids: &[&str]| {
            let ids = ids.iter().map(|id| (*id).to_owned()).collect();
            vec![("which".to_owned(), Ok(ids), "0501234567".to_owned())]
        };
        assert_eq!(read("Blue Crane,0501234567"), which(&["c-2", "c-3"]));
        assert_eq!(read("acme,0501234567"), which(&["c-1"]));
    }

    #[test]
    fn a_line_that_means_nobody_says_why() {
        let told = read("Acme, Trading LLC\nNobody Ltd,0501234567\nAcme\tcall 05 later\n,0501234567\nc-9;;\n");
        let why: Vec<&str> = told.iter().map(|(_, meant, _)| *meant.as_ref().unwrap_err()).collect();
        let expected = [
            "no customer has this name",
            "this is no telephone number",
            "a name and a number are needed, with a tab, a comma or a semicolon between them",
            "a name and a number are needed, with a tab, a comma or a semicolon between them",
        ];
        assert_eq!(why, expected);
    }
}
