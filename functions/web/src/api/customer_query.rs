//! Which customers a query asks for.

use numo_domain::contact::Contact;

use crate::{failure::Failure, view::number::NumberState};

/// What is asked for; where nothing is said, all customers are.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct CustomerQuery {
    /// A part of the name, in small letters.
    name: Option<String>,
    number: Option<NumberState>,
    /// A group of the ledger's, in small letters.
    group: Option<String>,
}

/// The query as it is described.
#[cfg(feature = "openapi")]
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only described")]
pub(super) struct DescribedQuery {
    /// A part of the name, in capitals or not.
    #[param(min_length = 1, max_length = 100)]
    name: Option<String>,
    /// Whether there is a number that can be written to.
    number: Option<NumberState>,
    /// A group of the ledger's, whatever the case of its letters.
    #[param(min_length = 1, max_length = 100)]
    group: Option<String>,
}

/// Longest name, or part of one, that is looked for.
const LONGEST_CHARS: usize = 100;

impl CustomerQuery {
    /// Reads the query beside its limit and cursor.
    pub(super) fn read(query: &[(String, String)]) -> Result<Self, Failure> {
        let mut wanted = Self::default();
        for (name, value) in query {
            let wrong = |message: &'static str| Failure::invalid(name.as_str(), message);
            let is_new = match name.as_str() {
                "name" if value.trim().is_empty() || value.chars().count() > LONGEST_CHARS => {
                    return Err(wrong("a part of a name, of 1 to 100 characters, is needed"));
                }
                "group" if value.trim().is_empty() || value.chars().count() > LONGEST_CHARS => {
                    return Err(wrong("the name of a group, of 1 to 100 characters, is needed"));
                }
                "group" => wanted.group.replace(value.trim().to_lowercase()).is_none(),
                "name" => wanted.name.replace(value.trim().to_lowercase()).is_none(),
                "number" => {
                    let state = NumberState::read(value);
                    let state =
                        state.ok_or_else(|| wrong("one of usable, unusable, missing and being_read is needed"))?;
                    wanted.number.replace(state).is_none()
                }
                _ => return Err(wrong("this query takes name, number, group, limit and cursor")),
            };
            if !is_new {
                return Err(wrong("it is given twice"));
            }
        }
        Ok(wanted)
    }

    /// Whether every customer is asked for.
    pub(super) fn is_all(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a customer is asked for.
    pub(super) fn wants(&self, contact: &Contact) -> bool {
        self.name.as_ref().is_none_or(|name| contact.name.to_lowercase().contains(name))
            && self.number.is_none_or(|state| state == NumberState::of(&contact.number))
            && self.group.as_ref().is_none_or(|group| contact.groups.iter().any(|one| one.to_lowercase() == *group))
    }
}
