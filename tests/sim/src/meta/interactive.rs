use serde_json::Value;

use crate::answer::Refusal;
use crate::field::Field as _;
use crate::meta::errors;

/// Rows of a list, in all of its sections together.
const MOST_ROWS: usize = 10;

/// What the description of an interactive message does not say of a list (Meta: interactive list messages): how many
/// rows all of its sections have, that each has a name of its own, and that several sections need titles.
pub(crate) fn list(asked: &Value) -> Result<(), Refusal> {
    let sections = asked.at("action").list("sections");
    let rows: Vec<&Value> = sections.iter().flat_map(|section| section.list("rows")).collect();
    let is_named_twice = |at: usize, row: &Value| rows.iter().take(at).any(|before| before.at("id") == row.at("id"));
    if rows.len() > MOST_ROWS {
        return Err(errors::invalid_parameter("Total row count exceed max allowed count: 10"));
    }
    if rows.iter().enumerate().any(|(at, row)| is_named_twice(at, row)) {
        return Err(errors::invalid_parameter("Duplicated row id"));
    }
    if sections.len() > 1 && sections.iter().any(|section| section.at("title").as_str().unwrap_or_default().is_empty())
    {
        return Err(errors::invalid_parameter("A section title is required with more than one section."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn asked(sections: &[usize]) -> Value {
        let row = |n: usize| json!({ "id": format!("r{n}"), "title": format!("Day {n}") });
        let mut next = 0..;
        let section = |count: &usize| {
            let rows: Vec<Value> = next.by_ref().take(*count).map(row).collect();
            json!({ "title": "Days", "rows": rows })
        };
        let sections: Vec<Value> = sections.iter().map(section).collect();
        json!({ "type": "list", "action": { "button": "Choose", "sections": sections } })
    }

    #[test]
    fn a_list_has_ten_rows_at_most_each_with_a_name_of_its_own() {
        assert!(list(&asked(&[10])).is_ok() && list(&asked(&[4, 6])).is_ok());
        assert!(list(&asked(&[11])).is_err() && list(&asked(&[5, 6])).is_err());
        let mut twice = asked(&[2]);
        twice["action"]["sections"][0]["rows"][1]["id"] = json!("r0");
        assert!(list(&twice).is_err());
        let (mut untitled, mut alone) = (asked(&[2, 2]), asked(&[2]));
        untitled["action"]["sections"][0]["title"] = json!("");
        alone["action"]["sections"][0]["title"] = Value::Null;
        assert!(list(&untitled).is_err() && list(&alone).is_ok());
    }
}
