//! Reading the activity log: of some days, of somebody, of some kind.

use jiff::civil::Date;
use numo_domain::id::OrgId;

use crate::{
    error::AppError,
    store::{
        Store,
        activity::{Actor, Line},
        keys::activity::place_before,
        part::{Part, Parted},
    },
};

/// Which lines are wanted; where nothing is said, all are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The first day, by the organisation's dates.
    pub from: Option<Date>,
    /// The last day.
    pub to: Option<Date>,
    /// Whose: the id of a member or an operator, `numo`, or `customer`.
    pub actor: Option<String>,
    /// What: an action, or a noun for all actions on it.
    pub action: Option<String>,
}

/// Lines that are looked at for one part, at most.
const MOST_READ: usize = 5_000;

/// The lines that are wanted, newest first; a part may have fewer than its limit and be followed by more.
pub async fn read_activity(store: &Store, org: &OrgId, wanted: &Wanted, part: &Part) -> Result<Parted<Line>, AppError> {
    let zone = store.organisation(org).await?.zone;
    let from = wanted.from.and_then(|day| day.yesterday().ok()).and_then(|day| zone.end_of(day));
    let end = wanted.to.and_then(|day| zone.end_of(day));
    let is_before = |line: &Line| from.is_some_and(|from| line.activity.at < from);
    let (mut values, mut read) = (Vec::new(), 0);
    let mut after = part.after.clone().or_else(|| end.map(place_before));
    while values.len() < part.limit && read < MOST_READ {
        let page = store.activity_part(org, &Part { limit: part.limit - values.len(), after }).await?;
        read += page.values.len();
        let is_over = page.next.is_none() || page.values.iter().any(is_before);
        values.extend(page.values.into_iter().filter(|line| !is_before(line) && wanted.has(line)));
        if is_over {
            return Ok(Parted { values, next: None });
        }
        after = page.next;
    }
    Ok(Parted { values, next: after })
}

impl Wanted {
    fn has(&self, line: &Line) -> bool {
        let is_whose = self.actor.as_ref().is_none_or(|wanted| wanted == line.activity.actor.name());
        let is_what = |wanted: &String| {
            let rest = line.activity.action.strip_prefix(wanted.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        is_whose && self.action.as_ref().is_none_or(is_what)
    }
}

impl Actor {
    /// The id of a person, or who else it was.
    pub fn name(&self) -> &str {
        match self {
            Self::User(user) => user.as_str(),
            Self::Operator(operator) => operator.as_str(),
            Self::Numo => "numo",
            Self::Customer => "customer",
        }
    }
}
