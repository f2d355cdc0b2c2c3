//! The steps of a policy on a line around the due date.

use numo_domain::policy::{Step, Tone};

/// Where everything stands on the line.
pub(super) struct LineText {
    pub(super) steps: Vec<MarkText>,
    /// Where the due date stands, as a part of the width.
    pub(super) due_at: String,
}

/// A step on the line.
pub(super) struct MarkText {
    /// `3 days before the due date`
    pub(super) when: String,
    pub(super) tone: &'static str,
    /// `-3`
    pub(super) days: String,
    /// Where it stands, as a part of the width.
    pub(super) at: String,
    /// Whether its label stands above the line: labels of neighbours do not touch.
    pub(super) is_above: bool,
}

impl LineText {
    /// Steps in the order of their days.
    pub(super) fn new(steps: &[Step]) -> Self {
        let offsets = || steps.iter().map(|step| i32::from(step.offset_days)).chain([0]);
        let (first, last) = (offsets().min().unwrap_or_default(), offsets().max().unwrap_or_default());
        // A step at either end keeps its distance from the edge.
        let place = |days: i32| {
            let thousandths = 50 + (days - first).saturating_mul(900).checked_div(last - first).unwrap_or(450);
            format!("{}.{}%", thousandths / 10, thousandths % 10)
        };
        let mark = |(n, step): (usize, &Step)| MarkText {
            when: when(step.offset_days),
            tone: tone_words(step.tone),
            days: if step.offset_days == 0 { "0".to_owned() } else { format!("{:+}", step.offset_days) },
            at: place(step.offset_days.into()),
            is_above: n % 2 == 1,
        };
        Self { steps: steps.iter().enumerate().map(mark).collect(), due_at: place(0) }
    }
}

/// The day of a step in words.
pub(super) fn when(offset_days: i16) -> String {
    let days = offset_days.unsigned_abs();
    let unit = if days == 1 { "day" } else { "days" };
    match offset_days {
        0 => "on the due date".to_owned(),
        1.. => format!("{days} {unit} after the due date"),
        _ => format!("{days} {unit} before the due date"),
    }
}

/// A tone in words, which the stylesheet knows as well.
pub(super) const fn tone_words(tone: Tone) -> &'static str {
    match tone {
        Tone::Friendly => "friendly",
        Tone::Gentle => "gentle",
        Tone::Firm => "firm",
        Tone::Final => "final",
    }
}

#[cfg(test)]
mod tests {
    use numo_domain::policy::StepId;

    use super::*;

    fn line(offsets: &[i16]) -> LineText {
        let step =
            |offset_days: &i16| Step { id: StepId::NEW, offset_days: *offset_days, tone: Tone::Firm, text: None };
        LineText::new(&offsets.iter().map(step).collect::<Vec<_>>())
    }

    #[test]
    fn the_line_reaches_from_the_first_to_the_last_day_and_has_the_due_date_on_it() {
        let places = |offsets: &[i16]| {
            let line = line(offsets);
            (line.due_at, line.steps.into_iter().map(|step| (step.at, step.days)).collect::<Vec<_>>())
        };
        let step = |at: &str, days: &str| (at.to_owned(), days.to_owned());
        let around = vec![step("5.0%", "-3"), step("35.0%", "+3"), step("95.0%", "+15")];
        assert_eq!(places(&[-3, 3, 15]), ("20.0%".to_owned(), around));
        assert_eq!(places(&[7]), ("5.0%".to_owned(), vec![step("95.0%", "+7")]));
        assert_eq!(places(&[0]), ("50.0%".to_owned(), vec![step("50.0%", "0")]));
        assert_eq!(places(&[]), ("50.0%".to_owned(), Vec::new()));
    }

    #[test]
    fn a_day_is_told_in_words() {
        assert_eq!(
            [-1, 0, 1, 21].map(when),
            ["1 day before the due date", "on the due date", "1 day after the due date", "21 days after the due date"]
        );
    }
}
