use std::iter::Peekable;
use std::str::Chars;

use crate::intuit::errors::{self, Problem};

/// A piece of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Word {
    /// A keyword, a name, a number or a sign.
    Bare(String),
    /// Text between single quotes.
    Quoted(String),
}

impl Word {
    pub(crate) fn is(&self, keyword: &str) -> bool {
        matches!(self, Self::Bare(text) if text.eq_ignore_ascii_case(keyword))
    }

    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Bare(text) | Self::Quoted(text) => text,
        }
    }
}

/// The pieces of a query in their order.
pub(crate) fn split(query: &str) -> Result<Vec<Word>, Problem> {
    let mut words = Vec::new();
    let mut rest = query.chars().peekable();
    while let Some(first) = rest.next() {
        match first {
            space if space.is_whitespace() => {}
            '\'' => words.push(Word::Quoted(quoted(&mut rest)?)),
            '<' | '>' | '!' if rest.next_if_eq(&'=').is_some() => words.push(Word::Bare(format!("{first}="))),
            '=' | '<' | '>' | '(' | ')' | ',' | '*' => words.push(Word::Bare(first.to_string())),
            _ => {
                let mut text = String::from(first);
                while let Some(next) = rest.next_if(|next| is_of_a_name(*next)) {
                    text.push(next);
                }
                words.push(Word::Bare(text));
            }
        }
    }
    Ok(words)
}

/// Text up to the closing quote; `\'` stands for a quote.
fn quoted(rest: &mut Peekable<Chars<'_>>) -> Result<String, Problem> {
    let mut text = String::new();
    while let Some(next) = rest.next() {
        match next {
            '\'' => return Ok(text),
            '\\' => text.extend(rest.next()),
            other => text.push(other),
        }
    }
    Err(errors::query("a quote is not closed"))
}

fn is_of_a_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '+' | ':')
}
