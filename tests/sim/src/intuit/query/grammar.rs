use crate::intuit::entity::Entity;
use crate::intuit::errors::{self, Problem};
use crate::intuit::query::field::{Comparable, Field};
use crate::intuit::query::selection::{Condition, Selection, Test, What};
use crate::intuit::query::words::{self, Word};

const DEFAULT_SIZE: usize = 100;
const LARGEST_SIZE: usize = 1000;

/// Understands a query, or says why not (Intuit: data queries).
pub(crate) fn parse(text: &str) -> Result<Selection, Problem> {
    let mut reader = Reader { words: words::split(text)?, at: 0 };
    reader.expect("SELECT")?;
    let what = reader.what()?;
    reader.expect("FROM")?;
    let name = reader.next()?;
    let entity = Entity::named(name.text()).ok_or_else(|| refused(&format!("no entity {}", name.text())))?;
    let mut selection =
        Selection { what, entity, conditions: Vec::new(), order: Vec::new(), start: 1, size: DEFAULT_SIZE };
    if reader.take("WHERE") {
        selection.conditions = reader.conditions(entity)?;
    }
    let ordered = reader.take("ORDERBY") || (reader.take("ORDER") && reader.expect("BY").is_ok());
    if ordered {
        selection.order = reader.order(entity)?;
    }
    if reader.take("STARTPOSITION") {
        selection.start = reader.number("STARTPOSITION", usize::MAX)?;
    }
    if reader.take("MAXRESULTS") {
        selection.size = reader.number("MAXRESULTS", LARGEST_SIZE)?;
    }
    match reader.words.get(reader.at) {
        None => Ok(selection),
        Some(word) => Err(refused(&format!("encountered \"{}\"", word.text()))),
    }
}

struct Reader {
    words: Vec<Word>,
    at: usize,
}

fn refused(detail: &str) -> Problem {
    errors::query(detail)
}

impl Reader {
    fn next(&mut self) -> Result<Word, Problem> {
        let word = self.words.get(self.at).cloned().ok_or_else(|| refused("the query ends too early"))?;
        self.at += 1;
        Ok(word)
    }

    fn take(&mut self, keyword: &str) -> bool {
        let found = self.words.get(self.at).is_some_and(|word| word.is(keyword));
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, keyword: &str) -> Result<(), Problem> {
        if self.take(keyword) { Ok(()) } else { Err(refused(&format!("expected {keyword}"))) }
    }

    fn what(&mut self) -> Result<What, Problem> {
        if self.take("*") {
            return Ok(What::Rows);
        }
        for keyword in ["COUNT", "(", "*", ")"] {
            self.expect(keyword)?;
        }
        Ok(What::Count)
    }

    fn field(&mut self, entity: Entity) -> Result<Field, Problem> {
        let name = self.next()?;
        let known = Field::of(entity, name.text());
        known.ok_or_else(|| refused(&format!("property '{}' is not queryable", name.text())))
    }

    fn conditions(&mut self, entity: Entity) -> Result<Vec<Condition>, Problem> {
        let mut conditions = vec![self.condition(entity)?];
        while self.take("AND") {
            conditions.push(self.condition(entity)?);
        }
        Ok(conditions)
    }

    fn condition(&mut self, entity: Entity) -> Result<Condition, Problem> {
        let field = self.field(entity)?;
        let sign = self.next()?;
        let test = match sign.text().to_ascii_uppercase().as_str() {
            "=" => Test::Equal(self.value(field)?),
            "!=" => Test::NotEqual(self.value(field)?),
            "<" => Test::Less(self.value(field)?),
            "<=" => Test::LessOrEqual(self.value(field)?),
            ">" => Test::Greater(self.value(field)?),
            ">=" => Test::GreaterOrEqual(self.value(field)?),
            "IN" => Test::In(self.list(field)?),
            "LIKE" if field.is_text() => Test::Like(self.next()?.text().to_lowercase()),
            other => return Err(refused(&format!("operator {other} on '{}'", field.name))),
        };
        Ok(Condition { field, test })
    }

    fn value(&mut self, field: Field) -> Result<Comparable, Problem> {
        let word = self.next()?;
        let parsed = field.parse(word.text());
        parsed.ok_or_else(|| refused(&format!("invalid value {} for '{}'", word.text(), field.name)))
    }

    fn list(&mut self, field: Field) -> Result<Vec<Comparable>, Problem> {
        self.expect("(")?;
        let mut values = vec![self.value(field)?];
        while self.take(",") {
            values.push(self.value(field)?);
        }
        self.expect(")")?;
        Ok(values)
    }

    fn order(&mut self, entity: Entity) -> Result<Vec<(Field, bool)>, Problem> {
        let mut order = Vec::new();
        loop {
            let field = self.field(entity)?;
            let descending = self.take("DESC");
            if !descending {
                self.take("ASC");
            }
            order.push((field, descending));
            if !self.take(",") {
                return Ok(order);
            }
        }
    }

    fn number(&mut self, name: &str, largest: usize) -> Result<usize, Problem> {
        let word = self.next()?;
        let number = word.text().parse().ok().filter(|number| (1..=largest).contains(number));
        number.ok_or_else(|| refused(&format!("{name} {} is out of range", word.text())))
    }
}
