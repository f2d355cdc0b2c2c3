//! What a form says, as a policy; or what is wrong with which of its fields.

pub(in crate::console) mod audience;
mod calendar;

use std::{collections::BTreeMap, str::FromStr};

use jiff::Timestamp;
use numo_domain::{
    id::PolicyId,
    language::Language,
    money::{Currency, Money},
    policy::{
        Approval, Caps, Policy, PolicyState, Step, StepId, WhoseClock,
        repeat::{Every, Repeat},
        validate::MAX_STEPS,
    },
    template::Purpose,
};

use crate::console::{
    policy_form::{TONES, Wrong},
    sent::Fields,
};

/// Fields of which every step has one.
pub(super) const OF_A_STEP: [&str; 5] = ["id", "days", "side", "tone", "text"];

/// Rows that a form may have: one more than a policy may have steps, so that a person is told.
const MOST_ROWS: usize = MAX_STEPS + 2;

const A_NUMBER: &str = "A whole number is needed.";

/// Reads fields one by one, and notes what is wrong.
struct Reader<'f> {
    fields: &'f Fields,
    wrong: Wrong,
}

/// The policy that a form describes, in a state; steps that it knows from before keep their numbers.
///
/// # Errors
/// What is wrong with which field; every one of them.
pub(in crate::console) fn read(
    fields: &Fields,
    id: &PolicyId,
    (state, before): (PolicyState, Option<&Policy>),
    now: Timestamp,
) -> Result<Policy, Wrong> {
    let mut reader = Reader { fields, wrong: Wrong::new() };
    let policy = Policy {
        id: id.clone(),
        name: fields.optional("name").unwrap_or_default().to_owned(),
        audience: reader.audience(id),
        version: 0,
        state,
        steps: reader.steps(before),
        repeat: reader.repeat(),
        calendar: reader.calendar(),
        clock: match fields.optional("clock") {
            Some("customer") => WhoseClock::Customer,
            Some(_) | None => WhoseClock::Organisation,
        },
        caps: Caps { gap_days: reader.number("gap_days"), per_seven_days: reader.number("per_seven_days") },
        minimum_total: reader.amounts("minimum_total").into_iter().map(|money| (money.currency, money.minor)).collect(),
        catch_up_days: reader.number("catch_up_days"),
        only_marked_sent: is_ticked(fields, "only_marked_sent"),
        hold_when_we_owe: is_ticked(fields, "hold_when_we_owe"),
        thank_you: is_ticked(fields, "thank_you"),
        pay_link: is_ticked(fields, "pay_link"),
        pdf: is_ticked(fields, "pdf"),
        release_holds_after: fields.optional("release_holds_after").map(|_| reader.number("release_holds_after")),
        language: language(fields),
        approval: match fields.optional("approval") {
            Some("automatic") => Approval::Automatic,
            Some(_) | None => Approval::Required,
        },
        active_since: None,
        highest_step: 0,
        edited_at: now,
    };
    if reader.wrong.is_empty() { Ok(policy) } else { Err(reader.wrong) }
}

/// The steps of a form that can be read, by their days.
pub(in crate::console) fn steps(fields: &Fields) -> Vec<Step> {
    let rows = places(fields).filter_map(|place| step(fields, place).ok().flatten());
    let mut steps: Vec<Step> = rows.collect();
    steps.sort_by_key(|step| step.offset_days);
    steps
}

/// What its messages are written in, where it says so.
pub(in crate::console) fn language(fields: &Fields) -> Option<Language> {
    fields.optional("language").and_then(|code| code.parse().ok())
}

pub(in crate::console) fn is_ticked(fields: &Fields, name: &str) -> bool {
    fields.optional(name).is_some()
}

/// The numbers of the rows that a form has.
pub(super) fn places(fields: &Fields) -> impl Iterator<Item = usize> {
    (0..MOST_ROWS.saturating_mul(2)).filter(|place| fields.all(&format!("days_{place}")).next().is_some())
}

/// A step, none where its row was left empty.
fn step(fields: &Fields, place: usize) -> Result<Option<Step>, &'static str> {
    let field = |name: &str| fields.optional(&format!("{name}_{place}"));
    let Some(days) = field("days") else { return Ok(None) };
    let days: i16 = days.parse().map_err(|_unreadable| A_NUMBER)?;
    let tone = TONES.iter().find(|(_, word)| field("tone") == Some(word)).ok_or("Choose how firm it is.")?.0;
    let text = match field("text") {
        None => None,
        Some(name) => {
            let known = Purpose::ALL.into_iter().find(|purpose| purpose.to_string() == name);
            Some(known.ok_or("Choose one of the texts.")?)
        }
    };
    let is_before = field("side") == Some("before");
    let offset_days = if is_before { days.saturating_neg() } else { days };
    let id = field("id").and_then(|id| id.parse().ok()).map_or(StepId::NEW, StepId);
    Ok(Some(Step { id, offset_days, tone, text }))
}

impl Reader<'_> {
    fn steps(&mut self, before: Option<&Policy>) -> Vec<Step> {
        let mut steps: Vec<Step> = Vec::new();
        for place in places(self.fields) {
            match step(self.fields, place) {
                Ok(step) => steps.extend(step),
                Err(why) => self.is_wrong(&format!("days_{place}"), why),
            }
        }
        keep_numbers(&mut steps, before.map_or(&[][..], |before| before.steps.as_slice()));
        steps
    }

    fn repeat(&mut self) -> Option<Repeat> {
        if !is_ticked(self.fields, "repeat") {
            return None;
        }
        let every = match self.fields.optional("repeat_unit") {
            Some("months") => Every::Months(self.number("repeat_every")),
            Some(_) | None => Every::Days(self.number("repeat_every")),
        };
        Some(Repeat { every, at_most: self.number("repeat_at_most") })
    }

    /// A number that has to be there.
    fn number<T: FromStr + Default>(&mut self, name: &str) -> T {
        match self.fields.optional(name).and_then(|text| text.parse().ok()) {
            Some(number) => number,
            None => {
                self.is_wrong(name, A_NUMBER);
                T::default()
            }
        }
    }

    /// Amounts, one a line, of different currencies.
    fn amounts(&mut self, name: &str) -> Vec<Money> {
        let mut found: BTreeMap<Currency, Money> = BTreeMap::new();
        for line in lines(self.fields, name) {
            match amount(line) {
                Ok(money) if found.contains_key(&money.currency) => {
                    self.is_wrong(name, format!("{} stands there twice.", money.currency));
                }
                Ok(money) => drop(found.insert(money.currency, money)),
                Err(why) => self.is_wrong(name, format!("{line}: {why}")),
            }
        }
        found.into_values().collect()
    }

    fn is_wrong(&mut self, name: &str, why: impl Into<String>) {
        self.wrong.entry(name.to_owned()).or_insert_with(|| why.into());
    }
}

/// `AED 150.00`, or the other way round.
fn amount(line: &str) -> Result<Money, String> {
    const NEEDED: &str = "write a currency and an amount, such as AED 150.00.";
    let (first, second) = line.split_once(char::is_whitespace).ok_or(NEEDED)?;
    let of = |code: &str| code.to_ascii_uppercase().parse::<Currency>().ok();
    let (currency, digits) = match (of(first), of(second.trim())) {
        (Some(currency), _) => (currency, second.trim()),
        (None, Some(currency)) => (currency, first),
        (None, None) => return Err(NEEDED.to_owned()),
    };
    Money::parse_decimal(digits, currency).map_err(|error| format!("the {error}."))
}

/// The lines of a field that say something.
fn lines<'f>(fields: &'f Fields, name: &str) -> impl Iterator<Item = &'f str> {
    fields.optional(name).unwrap_or_default().lines().map(str::trim).filter(|line| !line.is_empty())
}

/// A day that was a step's before keeps that step's number, whichever row it stands in now; what is left over is new.
///
/// Numbers say what was sent already. People move steps around without thinking of numbers.
fn keep_numbers(steps: &mut [Step], before: &[Step]) {
    let of_day = |step: &Step| before.iter().find(|known| known.offset_days == step.offset_days).map(|known| known.id);
    let by_day: Vec<StepId> = steps.iter().filter_map(of_day).collect();
    let is_known = |id: StepId| before.iter().any(|known| known.id == id);
    for step in steps {
        step.id = match of_day(step) {
            Some(id) => id,
            None if is_known(step.id) && !by_day.contains(&step.id) => step.id,
            None => StepId::NEW,
        };
    }
}
