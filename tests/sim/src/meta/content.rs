use serde_json::Value;

use crate::answer::Refusal;
use crate::field::Field as _;
use crate::meta::template::Template;
use crate::meta::{errors, library, placeholders, template_rules};

const LONGEST_HYDRATED: usize = 1024;

/// Checks the components of a send against the approved template (Meta: error codes 132xxx).
pub(crate) fn check(template: &Template, components: &Value) -> Result<(), Refusal> {
    let sent = components.as_array().map(Vec::as_slice).unwrap_or_default();
    let approved = template.components.as_array().map(Vec::as_slice).unwrap_or_default();
    for component in approved {
        match template_rules::kind(component).as_str() {
            "BODY" => text(template, component, sent, "body")?,
            "HEADER" => header(template, component, sent)?,
            "BUTTONS" => buttons(component, sent)?,
            _ => {}
        }
    }
    let known = ["header", "body", "button"];
    let unknown = |component: &&Value| !known.contains(&component_kind(component).as_str());
    match sent.iter().find(unknown) {
        Some(component) => Err(errors::invalid_parameter(&format!("unexpected component {}", component.at("type")))),
        None => Ok(()),
    }
}

fn component_kind(component: &Value) -> String {
    component.at("type").as_str().unwrap_or_default().to_lowercase()
}

fn parameters<'a>(sent: &'a [Value], kind: &str) -> &'a [Value] {
    sent.iter()
        .find(|component| component_kind(component) == kind)
        .and_then(|component| component.at("parameters").as_array())
        .map(Vec::as_slice)
        .unwrap_or_default()
}

fn text(template: &Template, component: &Value, sent: &[Value], kind: &str) -> Result<(), Refusal> {
    let approved = component.at("text").as_str().unwrap_or_default();
    let variables = placeholders::names(approved);
    let given = parameters(sent, kind);
    if given.len() != variables.len() {
        let details = format!(
            "{kind}: number of localizable_params ({}) does not match the expected number of params ({})",
            given.len(),
            variables.len()
        );
        return Err(errors::graph(
            400,
            132_000,
            "Number of parameters does not match the expected number of params",
            &details,
        ));
    }
    if template.named {
        names_match(&variables, given)?;
    } else if given.iter().any(|parameter| parameter.get("parameter_name").is_some()) {
        return Err(format_mismatch("a positional template takes no parameter_name"));
    }
    given.iter().try_for_each(value_is_sound)?;
    if kind == "body" {
        library::check(template, approved, given)?;
    }
    let value = |name: &str| value_of(template.named, &variables, given, name);
    let hydrated = placeholders::filled(approved, value);
    if hydrated.chars().count() > LONGEST_HYDRATED {
        return Err(errors::graph(
            400,
            132_005,
            "Translated text too long",
            &format!("{kind}: translated text is too long"),
        ));
    }
    Ok(())
}

fn names_match(variables: &[String], given: &[Value]) -> Result<(), Refusal> {
    let has =
        |name: &String| given.iter().filter(|parameter| parameter.at("parameter_name") == name.as_str()).count() == 1;
    match variables.iter().find(|name| !has(name)) {
        Some(name) => Err(format_mismatch(&format!("Parameter name is missing or empty: {name}"))),
        None => Ok(()),
    }
}

fn value_of<'a>(named: bool, variables: &[String], given: &'a [Value], name: &str) -> Option<&'a str> {
    let parameter = if named {
        given.iter().find(|parameter| parameter.at("parameter_name") == name)?
    } else {
        given.get(variables.iter().position(|variable| variable == name)?)?
    };
    parameter.at("text").as_str()
}

fn value_is_sound(parameter: &Value) -> Result<(), Refusal> {
    if parameter.at("type") != "text" {
        return Err(format_mismatch("a text parameter is expected"));
    }
    let text = parameter.at("text").as_str().unwrap_or_default();
    if text.trim().is_empty() {
        return Err(errors::graph(400, 131_008, "Required parameter is missing", "the text of a parameter is empty"));
    }
    if text.contains(['\n', '\r', '\t']) || text.contains("     ") {
        let details = "Param text cannot have new-line/tab characters or more than 4 consecutive spaces";
        return Err(format_mismatch(details));
    }
    Ok(())
}

fn header(template: &Template, component: &Value, sent: &[Value]) -> Result<(), Refusal> {
    let format = component.at("format").as_str().unwrap_or("TEXT").to_lowercase();
    if format == "text" {
        return text(template, component, sent, "header");
    }
    let given = parameters(sent, "header");
    let fits = given.len() == 1
        && given.iter().all(|parameter| *parameter.at("type") == *format && !parameter.at(&format).is_null());
    if fits { Ok(()) } else { Err(format_mismatch(&format!("header: a {format} parameter is expected"))) }
}

/// A URL button with a variable needs its suffix.
fn buttons(component: &Value, sent: &[Value]) -> Result<(), Refusal> {
    let buttons = component.list("buttons");
    for (index, button) in buttons.iter().enumerate() {
        if !button.at("url").as_str().unwrap_or_default().contains("{{") {
            continue;
        }
        let here = |component: &&Value| {
            component_kind(component) == "button"
                && (component.at("index") == index.to_string().as_str()
                    || component.at("index").as_u64() == u64::try_from(index).ok())
        };
        let given = sent
            .iter()
            .find(here)
            .and_then(|component| component.list("parameters").first())
            .map(|first| first.at("text"));
        if given.and_then(Value::as_str).unwrap_or_default().is_empty() {
            let details = format!("Button at index {index} of type Url requires a parameter");
            return Err(errors::graph(400, 131_008, "Required parameter is missing", &details));
        }
    }
    Ok(())
}

fn format_mismatch(details: &str) -> Refusal {
    errors::graph(400, 132_012, "Parameter format does not match format in the created template", details)
}
