use serde_json::Value;

use crate::answer::Refusal;
use crate::field::Field as _;
use crate::meta::errors;
use crate::meta::placeholders;

const LONGEST_NAME: usize = 512;
const LONGEST_BODY: usize = 1024;
const LONGEST_SHORT_TEXT: usize = 60;
const LONGEST_BUTTON: usize = 25;

/// Checks a template to be created (Meta: message templates, components and review).
pub(crate) fn check(asked: &Value, named: bool) -> Result<(), Refusal> {
    let name = asked.at("name").as_str().unwrap_or_default();
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if name.is_empty() || name.chars().count() > LONGEST_NAME || !name.chars().all(allowed) {
        return Err(errors::template("Invalid name", "name may only have lower-case letters, digits and underscores"));
    }
    if asked.at("language").as_str().unwrap_or_default().is_empty() {
        return Err(errors::template("Missing language", "language is required"));
    }
    let category = asked.at("category").as_str().unwrap_or_default().to_uppercase();
    if !["UTILITY", "MARKETING", "AUTHENTICATION"].contains(&category.as_str()) {
        return Err(errors::template("Invalid category", "category must be UTILITY, MARKETING or AUTHENTICATION"));
    }
    if let Some(ttl) = asked.get("message_send_ttl_seconds").and_then(Value::as_i64)
        && ttl != -1
        && !(30..=43_200).contains(&ttl)
    {
        return Err(errors::template("Invalid time to live", "message_send_ttl_seconds must be 30 to 43200, or -1"));
    }
    let components = asked.list("components");
    if !components.iter().any(|component| kind(component) == "BODY") {
        return Err(errors::template("Missing body", "a component of type BODY is required"));
    }
    components.iter().try_for_each(|component| match kind(component).as_str() {
        "BODY" => body(component, named),
        "HEADER" | "FOOTER" => short_text(component),
        "BUTTONS" => buttons(component),
        other => Err(errors::template("Invalid component", &format!("unknown component type {other}"))),
    })
}

/// The component's type; Meta takes either case.
pub(crate) fn kind(component: &Value) -> String {
    component.at("type").as_str().unwrap_or_default().to_uppercase()
}

fn body(component: &Value, named: bool) -> Result<(), Refusal> {
    let text = component.at("text").as_str().unwrap_or_default();
    if text.is_empty() || text.chars().count() > LONGEST_BODY {
        return Err(errors::template("Invalid body", "the body must have 1 to 1024 characters"));
    }
    let variables = placeholders::names(text);
    let trimmed = text.trim();
    if trimmed.starts_with("{{") || trimmed.ends_with("}}") {
        return Err(errors::template("Variable at the edge", "variables can't be at the start or end of the template"));
    }
    if text.contains("}}{{") || text.contains("}} {{") {
        return Err(errors::template("Adjacent variables", "variables must have text between them"));
    }
    if text.split_whitespace().count() < 2 * variables.len() + 1 {
        return Err(errors::template("Too many variables", "too many variables for the length of the template"));
    }
    let well_named = |name: &String| match named {
        true => !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'),
        false => name.parse::<u32>().is_ok(),
    };
    if !variables.iter().all(well_named) {
        return Err(errors::template("Invalid variable", "a variable does not fit the parameter format"));
    }
    if variables.is_empty() || has_examples(component.at("example"), &variables, named) {
        return Ok(());
    }
    let details = "component of type BODY is missing expected field(s) (example)";
    Err(errors::template("Missing example", details))
}

fn has_examples(example: &Value, variables: &[String], named: bool) -> bool {
    if !named {
        let given = example.list("body_text").first().and_then(Value::as_array).map_or(0, Vec::len);
        return given == variables.len();
    }
    let given = example.list("body_text_named_params");
    given.len() == variables.len()
        && variables.iter().all(|name| {
            given.iter().any(|entry| {
                entry.at("param_name") == name && entry.at("example").as_str().is_some_and(|text| !text.is_empty())
            })
        })
}

fn short_text(component: &Value) -> Result<(), Refusal> {
    let text = component.at("text").as_str().unwrap_or_default();
    if text.chars().count() > LONGEST_SHORT_TEXT {
        return Err(errors::template("Text too long", "headers and footers have at most 60 characters"));
    }
    Ok(())
}

fn buttons(component: &Value) -> Result<(), Refusal> {
    let buttons = component.list("buttons");
    let too_long = |button: &Value| button.at("text").as_str().unwrap_or_default().chars().count() > LONGEST_BUTTON;
    if buttons.is_empty() || buttons.len() > 10 || buttons.iter().any(too_long) {
        return Err(errors::template("Invalid buttons", "1 to 10 buttons with labels of at most 25 characters"));
    }
    buttons.iter().try_for_each(url_button)
}

/// The address of a button may vary at its end, and shows the review an example then.
fn url_button(button: &Value) -> Result<(), Refusal> {
    let url = button.at("url").as_str().unwrap_or_default();
    let Some((fixed, end)) = url.split_once("{{") else { return Ok(()) };
    let example = button.list("example").first().and_then(Value::as_str).unwrap_or_default();
    if end == "1}}" && fixed.starts_with("http") && example.starts_with(fixed) && example.len() > fixed.len() {
        return Ok(());
    }
    Err(errors::template("Invalid button", "a URL may end with {{1}}, with one example of the whole address"))
}
