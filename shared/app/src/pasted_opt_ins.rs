//! Opt-ins pasted from a spreadsheet, or those of a file: what each line says of whom, and nobody is guessed.

use std::fmt;

use jiff::civil::Date;
use numo_domain::contact::{Contact, ContactRef};

use crate::{
    csv_cell::without_sign,
    error::AppError,
    import_opt_ins::day_of,
    pasted_numbers::{Meant, folded, whom},
};

/// Lines of one paste, at most: a page shows each.
pub const MOST_LINES: usize = 200;

/// A line as it was understood.
#[derive(Clone, PartialEq, Eq)]
pub struct PastedOptIn {
    /// Its place, from 1.
    pub line: usize,
    /// Who, as it stands there.
    pub who: String,
    /// The number, as it stands there.
    pub number: String,
    /// When it was given.
    pub given_on: Option<Date>,
    /// Where it was given.
    pub source: String,
    /// Whom it means.
    pub meant: Meant,
}

/// What counts for a line that does not say it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Otherwise {
    /// When it was given.
    pub given_on: Option<Date>,
    /// Where it was given.
    pub source: String,
}

/// Columns by the names that they may have; the first is the one of our own files.
const COLUMNS: [(Column, &[&str]); 6] = [
    (Column::Connection, &["connection"]),
    (Column::Contact, &["contact", "reference", "id"]),
    (Column::Name, &["name", "customer"]),
    (Column::Number, &["number", "phone", "mobile", "telephone", "whatsapp"]),
    (Column::GivenOn, &["given_on", "given on", "date", "day"]),
    (Column::Source, &["source", "proof", "where"]),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Connection,
    Contact,
    Name,
    Number,
    GivenOn,
    Source,
}

/// Where each column stands.
struct Columns(Vec<(Column, usize)>);

/// What each line means: `lines` are cells with the place of their line.
///
/// A first line that names columns says where each stands; without one it is who, the number, the day and the source.
pub fn pasted_opt_ins(
    lines: &[(usize, Vec<String>)],
    otherwise: &Otherwise,
    contacts: &[Contact],
) -> Result<Vec<PastedOptIn>, AppError> {
    let (columns, rest) = match lines.split_first() {
        Some(((_, first), rest)) if first.iter().any(|cell| column_of(cell).is_some()) => {
            (Columns::named(first)?, rest)
        }
        Some(_) | None => (Columns::usual(), lines),
    };
    if rest.len() > MOST_LINES {
        let message = format!("at most {MOST_LINES} lines are read at once, and there are {}", rest.len());
        return Err(AppError::invalid("rows", message));
    }
    Ok(rest.iter().map(|(line, cells)| columns.read(*line, cells, otherwise, contacts)).collect())
}

fn column_of(head: &str) -> Option<Column> {
    let head = folded(head);
    COLUMNS.iter().find(|(_, names)| names.contains(&head.as_str())).map(|(column, _)| *column)
}

impl Columns {
    fn usual() -> Self {
        Self([Column::Name, Column::Number, Column::GivenOn, Column::Source].into_iter().zip(0..).collect())
    }

    fn named(heads: &[String]) -> Result<Self, AppError> {
        let named = heads.iter().enumerate().filter_map(|(place, head)| Some((column_of(head)?, place)));
        let columns = Self(named.collect());
        for (place, (column, _)) in columns.0.iter().enumerate() {
            if columns.0.iter().take(place).any(|(earlier, _)| earlier == column) {
                return Err(AppError::invalid("rows", format!("the first line names two columns for the {column}")));
            }
        }
        if columns.place(Column::Number).is_none() {
            return Err(AppError::invalid("rows", "the first line names no column for the number"));
        }
        if columns.place(Column::Name).or(columns.place(Column::Contact)).is_none() {
            return Err(AppError::invalid("rows", "the first line names no column for the customer"));
        }
        Ok(columns)
    }

    fn place(&self, column: Column) -> Option<usize> {
        self.0.iter().find(|(one, _)| *one == column).map(|(_, place)| *place)
    }

    fn read(&self, line: usize, cells: &[String], otherwise: &Otherwise, contacts: &[Contact]) -> PastedOptIn {
        let cell = |column| {
            let cell = self.place(column).and_then(|place| cells.get(place));
            without_sign(cell.map_or("", |cell| cell.trim())).to_owned()
        };
        let (name, id, number) = (cell(Column::Name), cell(Column::Contact), cell(Column::Number));
        let given_on = match cell(Column::GivenOn) {
            day if day.is_empty() => otherwise.given_on.ok_or("on which day it was given does not stand there"),
            day => day_of(&day),
        };
        let source = Some(cell(Column::Source)).filter(|source| !source.is_empty());
        let source = source.unwrap_or_else(|| otherwise.source.clone());
        let meant = match (given_on, number.is_empty(), source.is_empty()) {
            (Err(wrong), ..) => Meant::Nobody(wrong),
            (_, true, _) => Meant::Nobody("there is no number: an opt-in counts for one number alone"),
            (_, _, true) => Meant::Nobody("where it was given does not stand there"),
            (Ok(_), false, false) => meant(&cell(Column::Connection), (&name, &id), contacts),
        };
        PastedOptIn {
            line,
            who: if name.is_empty() { id } else { name },
            number,
            given_on: given_on.ok(),
            source,
            meant,
        }
    }
}

/// By the ledger's ids, where they stand there; else by the name.
fn meant(connection: &str, (name, id): (&str, &str), contacts: &[Contact]) -> Meant {
    if id.is_empty() {
        return whom((name, ""), contacts);
    }
    let is_meant = |at: &ContactRef| {
        at.contact.as_str() == id && (connection.is_empty() || at.connection.to_string() == connection)
    };
    let found: Vec<ContactRef> =
        contacts.iter().map(|contact| &contact.at).filter(|at| is_meant(at)).cloned().collect();
    match <[ContactRef; 1]>::try_from(found) {
        Ok([one]) => Meant::One(one),
        Err(none) if none.is_empty() => Meant::Nobody("no customer has this id"),
        Err(several) => Meant::Which(several),
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connection => "connection",
            Self::Contact => "id",
            Self::Name => "customer",
            Self::Number => "number",
            Self::GivenOn => "day",
            Self::Source => "source",
        })
    }
}

impl fmt::Debug for PastedOptIn {
    /// Without name and number, so that no log line can carry them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PastedOptIn").field("line", &self.line).field("meant", &self.meant).finish_non_exhaustive()
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

    fn contact(connection: u128, id: &str, name: &str) -> Contact {
        Contact {
            at: ContactRef { connection: ConnectionId::new(Uuid::from_u128(connection)), contact: id.parse().unwrap() },
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

    fn read(lines: &[&[&str]], otherwise: &Otherwise) -> Result<Vec<PastedOptIn>, AppError> {
        let contacts =
            [contact(1, "c-1", "Acme Trading"), contact(2, "c-1", "Blue Crane"), contact(1, "c-2", "Blue Crane")];
        let cells = |line: &&[&str]| line.iter().map(|cell| (*cell).to_owned()).collect();
        let lines: Vec<(usize, Vec<String>)> = (1..).zip(lines.iter().map(cells)).collect();
        pasted_opt_ins(&lines, otherwise, &contacts)
    }

    /// What is read of one line: day and source, with whom it means.
    fn of_line(lines: &[&[&str]], otherwise: &Otherwise) -> (Option<String>, String, Meant) {
        let line = read(lines, otherwise).unwrap().pop().unwrap();
        (line.given_on.map(|day| day.to_string()), line.source, line.meant)
    }

    fn at(connection: u128, id: &str) -> ContactRef {
        contact(connection, id, "").at
    }

    const ID_2: &str = "00000000-0000-0000-0000-000000000002";

    #[test]
    fn columns_are_found_by_their_names_and_stand_in_their_usual_order_without() {
        let one = (Some("2026-03-01".to_owned()), "Webform".to_owned(), Meant::One(at(1, "c-1")));
        let cases: [&[&[&str]]; 3] = [
            &[&["acme  trading", "0501234567", "2026-03-01", "Webform"]],
            &[
                &["Date", "Customer", "Proof", "Phone", "Colour"],
                &["2026-03-01", "Acme Trading", "Webform", "05", "red"],
            ],
            &[
                &["connection", "contact", "name", "status", "number", "given_on", "source"],
                &[
                    "00000000-0000-0000-0000-000000000001",
                    "c-1",
                    "Old Name",
                    "active",
                    "'+97150",
                    "2026-03-01",
                    "Webform",
                ],
            ],
        ];
        for lines in cases {
            assert_eq!(of_line(lines, &Otherwise::default()), one, "{lines:?}");
        }
    }

    #[test]
    fn what_a_line_does_not_say_is_what_was_said_of_all() {
        let otherwise = Otherwise { given_on: "2026-02-01".parse().ok(), source: "Contract".to_owned() };
        let of = |line: &[&str]| of_line(&[line], &otherwise);
        let one = Meant::One(at(1, "c-1"));
        assert_eq!(of(&["Acme Trading", "05"]), (Some("2026-02-01".to_owned()), "Contract".to_owned(), one.clone()));
        assert_eq!(
            of(&["Acme Trading", "05", "2026-03-01", "Form"]),
            (Some("2026-03-01".to_owned()), "Form".to_owned(), one)
        );
    }

    #[test]
    fn an_id_that_two_ledgers_have_and_a_name_that_two_have_are_asked_about() {
        let otherwise = Otherwise { given_on: "2026-02-01".parse().ok(), source: "Contract".to_owned() };
        let heads: &[&str] = &["connection", "contact", "number"];
        let of = |lines: &[&[&str]]| of_line(lines, &otherwise).2;
        assert_eq!(of(&[heads, &[ID_2, "c-1", "05"]]), Meant::One(at(2, "c-1")));
        assert_eq!(of(&[heads, &["", "c-1", "05"]]), Meant::Which(vec![at(1, "c-1"), at(2, "c-1")]));
        assert_eq!(of(&[&["Blue Crane", "05"]]), Meant::Which(vec![at(2, "c-1"), at(1, "c-2")]));
    }

    #[test]
    fn a_line_that_cannot_be_taken_says_why() {
        let of =
            |line: &[&str]| of_line(&[&["name", "contact", "number", "day", "source"], line], &Otherwise::default()).2;
        for (line, why) in [
            (&["Acme Trading", "", "05", "", "Form"][..], "on which day it was given does not stand there"),
            (&["Acme Trading", "", "05", "1.3.2026", "Form"], "a day is written as 2026-03-01"),
            (&["Acme Trading", "", "05", "2026-03-01", ""], "where it was given does not stand there"),
            (
                &["Acme Trading", "", "", "2026-03-01", "Form"],
                "there is no number: an opt-in counts for one number alone",
            ),
            (&["Nobody", "", "05", "2026-03-01", "Form"], "no customer has this name"),
            (&["Acme Trading", "c-9", "05", "2026-03-01", "Form"], "no customer has this id"),
        ] {
            assert_eq!(of(line), Meant::Nobody(why), "{line:?}");
        }
    }

    #[test]
    fn a_list_that_cannot_be_read_is_refused_as_a_whole() {
        let many = vec![&["Acme Trading", "05"][..]; MOST_LINES + 1];
        for (lines, why) in [
            (&[&["name", "date"][..]][..], "the first line names no column for the number"),
            (&[&["number", "date"]], "the first line names no column for the customer"),
            (&[&["name", "number", "Phone"]], "the first line names two columns for the number"),
            (&many, "at most 200 lines are read at once, and there are 201"),
        ] {
            let refused = read(lines, &Otherwise::default()).unwrap_err();
            assert_eq!(refused.to_string(), AppError::invalid("rows", why).to_string());
        }
    }
}
