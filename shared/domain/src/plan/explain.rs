//! A decision in a sentence that a bookkeeper understands.

use jiff::civil::Date;

use crate::{
    plan::decision::{Decision, Outcome, PlannedSend},
    policy::Tone,
    reminder::Occasion,
};

impl Decision {
    /// Why a message goes out, or why none does, on the plan's date.
    pub fn sentence(&self, date: Date) -> String {
        match &self.outcome {
            Outcome::Send(send) => send.sentence(date),
            Outcome::Skip { reasons } => {
                let told = reasons.iter().map(|reason| match reason.until {
                    Some(until) => format!("{} Not before {}.", reason.code.sentence(), shown(until)),
                    None => reason.code.sentence().to_owned(),
                });
                told.collect::<Vec<_>>().join(" ")
            }
        }
    }
}

impl PlannedSend {
    fn sentence(&self, date: Date) -> String {
        let what = match self.occasion {
            Occasion::Step(step) => format!("Step {} ({}) goes out", step.0, tone(self.tone)),
            Occasion::Repeat { step, n } => format!("Step {} is repeated for the {} time", step.0, ordinal(n)),
            Occasion::PromiseMissed(_) => "A promised day passed without payment".to_owned(),
            Occasion::ThankYou(_) => "Thanks for a payment go out".to_owned(),
            Occasion::PartPayment(_) => "Thanks for a payment go out with what is still overdue".to_owned(),
        };
        // An older invoice may be listed whose own steps are over.
        let anchor = self.lines.iter().find(|line| line.invoice == self.anchor).or(self.lines.first());
        let why = anchor.map(|line| format!(": {} {}", line.number, age(line.due, date))).unwrap_or_default();
        let others = self.lines.len().saturating_sub(1) + self.more;
        let besides = match others {
            0 => String::new(),
            1 => ", and 1 more invoice is listed".to_owned(),
            n => format!(", and {n} more invoices are listed"),
        };
        let replaced = match self.superseded.len() {
            0 => String::new(),
            1 => " It takes the place of 1 earlier step.".to_owned(),
            n => format!(" It takes the place of {n} earlier steps."),
        };
        format!("{what}{why}{besides}.{replaced}")
    }
}

const fn tone(tone: Tone) -> &'static str {
    match tone {
        Tone::Friendly => "friendly",
        Tone::Gentle => "gentle",
        Tone::Firm => "firm",
        Tone::Final => "final",
    }
}

fn ordinal(n: u8) -> String {
    let suffix = match (n % 10, n % 100) {
        (1, 1) | (1, 21..) => "st",
        (2, 2) | (2, 22..) => "nd",
        (3, 3) | (3, 23..) => "rd",
        _ => "th",
    };
    format!("{n}{suffix}")
}

fn age(due: Date, date: Date) -> String {
    match date.since(due).map_or(0, |span| span.get_days()) {
        0 => "is due today".to_owned(),
        1 => "is 1 day overdue".to_owned(),
        days @ 2.. => format!("is {days} days overdue"),
        -1 => "is due tomorrow".to_owned(),
        days => format!("is due in {} days", -days),
    }
}

fn shown(date: Date) -> String {
    date.strftime("%-d %B %Y").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinals_are_english() {
        let told: Vec<String> = [1, 2, 3, 4, 11, 12, 13, 21, 22, 111].map(ordinal).into();
        assert_eq!(told, ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "22nd", "111th"]);
    }

    #[test]
    fn the_age_is_told_in_days_on_either_side_of_the_due_date() {
        let due = jiff::civil::date(2026, 11, 23);
        let told: Vec<String> = [20, 22, 23, 24, 30].map(|day| age(due, jiff::civil::date(2026, 11, day))).into();
        assert_eq!(
            told,
            ["is due in 3 days", "is due tomorrow", "is due today", "is 1 day overdue", "is 7 days overdue"]
        );
    }
}
