use jiff::civil::Date;

use crate::answer::Refusal;
use crate::xero::filter::{Clause, Filter, Operand, Operator};
use crate::xero::{dates, errors, money};

/// Reads a whole `where`; AND binds closer than OR.
pub(crate) fn filter(text: &str) -> Result<Filter, Refusal> {
    let refused = || errors::query(&format!("cannot parse the where clause {text}"));
    let tokens = tokens(text).ok_or_else(refused)?;
    let mut reader = Reader { tokens: &tokens };
    let read = reader.any().ok_or_else(refused)?;
    reader.tokens.is_empty().then_some(read).ok_or_else(refused)
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    Quoted(String),
    Symbol(&'static str),
}

/// Longer ones first, so that `>=` is not read as `>`.
const SYMBOLS: &[&str] = &[">=", "<=", "==", "!=", "&&", "||", ">", "<", "(", ")", ","];

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (token, after) = token(rest)?;
        tokens.push(token);
        rest = after.trim_start();
    }
    Some(tokens)
}

fn token(text: &str) -> Option<(Token, &str)> {
    if let Some(symbol) = SYMBOLS.iter().find(|symbol| text.starts_with(**symbol)) {
        return Some((Token::Symbol(symbol), text.strip_prefix(symbol)?));
    }
    if let Some(quoted) = text.strip_prefix('"') {
        let (inner, after) = quoted.split_once('"')?;
        return Some((Token::Quoted(inner.to_owned()), after));
    }
    let is_word = |letter: char| letter.is_alphanumeric() || "._-".contains(letter);
    let (word, after) = text.split_at(text.find(|letter| !is_word(letter)).unwrap_or(text.len()));
    (!word.is_empty()).then(|| (Token::Word(word.to_owned()), after))
}

struct Reader<'a> {
    tokens: &'a [Token],
}

impl Reader<'_> {
    fn next(&mut self) -> Option<Token> {
        let (first, rest) = self.tokens.split_first()?;
        self.tokens = rest;
        Some(first.clone())
    }

    fn skip(&mut self, symbol: &str, word: &str) -> bool {
        let found = match self.tokens.first() {
            Some(Token::Symbol(held)) => *held == symbol,
            Some(Token::Word(held)) => !word.is_empty() && held.eq_ignore_ascii_case(word),
            Some(Token::Quoted(_)) | None => false,
        };
        if found {
            self.next();
        }
        found
    }

    fn any(&mut self) -> Option<Filter> {
        let mut parts = vec![self.all()?];
        while self.skip("||", "OR") {
            parts.push(self.all()?);
        }
        Some(if parts.len() == 1 { parts.pop()? } else { Filter::Any(parts) })
    }

    fn all(&mut self) -> Option<Filter> {
        let mut parts = vec![self.part()?];
        while self.skip("&&", "AND") {
            parts.push(self.part()?);
        }
        Some(if parts.len() == 1 { parts.pop()? } else { Filter::All(parts) })
    }

    fn part(&mut self) -> Option<Filter> {
        if self.skip("(", "") {
            let inner = self.any()?;
            return self.skip(")", "").then_some(inner);
        }
        let Token::Word(path) = self.next()? else { return None };
        let operator = match self.next()? {
            Token::Symbol("==") => Operator::Equal,
            Token::Symbol("!=") => Operator::NotEqual,
            Token::Symbol(">=") => Operator::AtLeast,
            Token::Symbol("<=") => Operator::AtMost,
            Token::Symbol(">") => Operator::More,
            Token::Symbol("<") => Operator::Less,
            Token::Symbol(_) | Token::Word(_) | Token::Quoted(_) => return None,
        };
        let operand = self.operand()?;
        Some(Filter::Clause(Clause { path: path.split('.').map(String::from).collect(), operator, operand }))
    }

    fn operand(&mut self) -> Option<Operand> {
        let word = match self.next()? {
            Token::Quoted(text) => return Some(Operand::Text(text)),
            Token::Word(word) => word.to_lowercase(),
            Token::Symbol(_) => return None,
        };
        match word.as_str() {
            "guid" => self.guid(),
            "datetime" => self.date(),
            "true" => Some(Operand::Flag(true)),
            "false" => Some(Operand::Flag(false)),
            "null" => Some(Operand::Null),
            number => money::parse(number).map(Operand::Amount),
        }
    }

    fn guid(&mut self) -> Option<Operand> {
        if !self.skip("(", "") {
            return None;
        }
        let Token::Quoted(id) = self.next()? else { return None };
        self.skip(")", "").then(|| Operand::Text(id.to_lowercase()))
    }

    /// `DateTime(y, m, d)`, with the time of day if it is given.
    fn date(&mut self) -> Option<Operand> {
        if !self.skip("(", "") {
            return None;
        }
        let mut parts: Vec<i64> = Vec::new();
        loop {
            let Token::Word(part) = self.next()? else { return None };
            parts.push(part.parse().ok()?);
            if self.skip(")", "") {
                break;
            }
            if !self.skip(",", "") {
                return None;
            }
        }
        let (year, month, day, time) = match *parts.as_slice() {
            [year, month, day] => (year, month, day, 0),
            [year, month, day, hour, minute, second] => (year, month, day, (hour * 60 + minute) * 60 + second),
            _ => return None,
        };
        let date = Date::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?).ok()?;
        Some(Operand::Instant(dates::start_ms(date) + time * 1000))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clause(path: &[&str], operator: Operator, operand: Operand) -> Filter {
        Filter::Clause(Clause { path: path.iter().map(|name| String::from(*name)).collect(), operator, operand })
    }

    fn text(name: &str, value: &str) -> Filter {
        clause(&[name], Operator::Equal, Operand::Text(String::from(value)))
    }

    #[test]
    fn and_binds_closer_than_or_and_parentheses_closest() {
        let (a, b, c) = (|| text("A", "1"), || text("B", "2"), || text("C", "3"));
        for (where_text, expected) in [
            (r#"A=="1" AND B=="2" OR C=="3""#, Filter::Any(vec![Filter::All(vec![a(), b()]), c()])),
            (r#"A=="1"&&(B=="2"||C=="3")"#, Filter::All(vec![a(), Filter::Any(vec![b(), c()])])),
            (r#"((A == "1"))"#, a()),
        ] {
            assert_eq!(filter(where_text).unwrap(), expected, "{where_text}");
        }
    }

    #[test]
    fn every_kind_of_operand_is_read() {
        let day_ms = 86_400_000;
        for (where_text, expected) in [
            (
                r#"Contact.ContactID==Guid("AB-1")"#,
                clause(&["Contact", "ContactID"], Operator::Equal, Operand::Text(String::from("ab-1"))),
            ),
            ("Date>=DateTime(1970,1,2)", clause(&["Date"], Operator::AtLeast, Operand::Instant(day_ms))),
            (
                "DueDate < DateTime(1970, 01, 02, 0, 0, 1)",
                clause(&["DueDate"], Operator::Less, Operand::Instant(day_ms + 1000)),
            ),
            ("AmountDue>-1.5", clause(&["AmountDue"], Operator::More, Operand::Amount(-15_000))),
            ("DueDate!=null", clause(&["DueDate"], Operator::NotEqual, Operand::Null)),
            ("IsCustomer==true", clause(&["IsCustomer"], Operator::Equal, Operand::Flag(true))),
            (r#"Name=="a AND (b)""#, text("Name", "a AND (b)")),
        ] {
            assert_eq!(filter(where_text).unwrap(), expected, "{where_text}");
        }
    }

    #[test]
    fn what_is_no_comparison_is_refused() {
        for where_text in ["", "A", "A==", "A==\"1", "(A==1", "A==1)", "A==1 B==2", "A=1", "DateTime(2026)<Date"] {
            assert_eq!(filter(where_text).unwrap_err().status, 400, "{where_text}");
        }
    }
}
