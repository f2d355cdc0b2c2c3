//! The message of a reminder: the template's variables, filled and made safe.

use crate::{
    contact::Contact,
    organisation::Organisation,
    plan::decision::{InvoiceLine, PlannedSend},
    template::PackTemplate,
};

/// Meta's longest body after variables are filled.
const MAX_BODY_CHARS: usize = 1024;

/// Longest text that one variable may take.
const MAX_VALUE_CHARS: usize = 300;

/// A filled template, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The template at Meta.
    pub template: &'static PackTemplate,
    /// Named variables in the template's order.
    pub variables: Vec<(&'static str, String)>,
    /// The body as the customer reads it.
    pub text: String,
}

/// Fills the template of a planned send.
pub fn render(
    organisation: &Organisation,
    contact: &Contact,
    send: &PlannedSend,
    template: &'static PackTemplate,
) -> Message {
    let variables = vec![
        ("customer_name", clean(&contact.name, "Customer", 60)),
        ("business_name", clean(&organisation.name, "us", 60)),
        ("invoice_list", clean(&list(&send.lines, send.more), "your invoices", MAX_VALUE_CHARS)),
        ("total", clean(&send.total.to_string(), "see above", 40)),
    ];
    let filled = variables
        .iter()
        .fold(template.body.to_owned(), |body, (name, value)| body.replace(&format!("{{{{{name}}}}}"), value));
    Message { template, variables, text: filled.chars().take(MAX_BODY_CHARS).collect() }
}

/// `INV-1 AED 300.00 due 2 Nov 2026; INV-2 …; and 2 more`, on one line.
fn list(lines: &[InvoiceLine], more: usize) -> String {
    let mut parts: Vec<String> = lines
        .iter()
        .map(|line| format!("{} {} due {}", line.number, line.remaining, line.due.strftime("%-d %b %Y")))
        .collect();
    if more > 0 {
        parts.push(format!("and {more} more"));
    }
    parts.join("; ")
}

/// A value that Meta accepts: one line, single spaces, nothing invisible, never empty.
pub fn clean(value: &str, fallback: &str, max_chars: usize) -> String {
    let visible: String =
        value.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|c| !is_invisible(*c)).collect();
    let single_spaced = visible.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    // A customer called "{{total}}" must not be filled in turn.
    let inert = single_spaced.replace("{{", "{ {");
    if inert.is_empty() {
        return fallback.to_owned();
    }
    if inert.chars().count() <= max_chars {
        return inert;
    }
    let cut: String = inert.chars().take(max_chars.saturating_sub(1)).collect();
    format!("{}…", cut.trim_end())
}

/// Control characters and those that change the direction or have no width.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{00ad}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn line_breaks_tabs_and_runs_of_spaces_become_one_space() {
        assert_eq!(clean("INV\t1\r\n  2     3", "-", 60), "INV 1 2 3");
    }

    #[test]
    fn an_empty_or_invisible_value_becomes_the_fallback() {
        for empty in ["", " \n", "\u{200b}\u{202e}"] {
            assert_eq!(clean(empty, "Customer", 60), "Customer");
        }
    }

    #[test]
    fn a_value_that_looks_like_a_variable_stays_text() {
        assert_eq!(clean("{{total}}", "-", 60), "{ {total}}");
    }

    proptest! {
        #[test]
        fn no_value_breaks_metas_rules(value in "\\PC{0,400}|[ \\n\\t\\r]{0,20}") {
            let cleaned = clean(&value, "fallback", 60);
            prop_assert!(!cleaned.is_empty() && cleaned.chars().count() <= 60);
            prop_assert!(!cleaned.contains(['\n', '\r', '\t']) && !cleaned.contains("  "));
        }
    }
}
