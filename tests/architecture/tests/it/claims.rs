//! What the documents about security name is there: every file, and every test.

use std::collections::BTreeSet;
use std::fs;

use crate::tree::{files, root, shown};

/// Documents that say which file does something and which test shows it.
const DOCUMENTS: [&str; 2] = ["docs/security.md", "docs/asvs.md"];

/// Words of several parts that are no names of tests.
const NO_TESTS: [&str; 1] = ["meta_app_secret_previous"];

#[test]
fn every_file_that_the_documents_about_security_name_is_there() {
    let known: BTreeSet<String> = everything();
    let exists = |name: &str| {
        let name = name.trim_end_matches('/');
        root().join(name).exists() || known.iter().any(|path| path.ends_with(&format!("/{name}")))
    };
    let missing: Vec<String> = named().filter(|(_, name)| is_file(name) && !exists(name)).map(told).collect();
    assert_eq!(missing, Vec::<String>::new());
}

#[test]
fn every_test_that_the_documents_about_security_name_is_there() {
    let tests = tests();
    let missing: Vec<String> =
        named().filter(|(_, name)| is_test(name) && !tests.contains(name.as_str())).map(told).collect();
    assert_eq!(missing, Vec::<String>::new());
}

#[test]
fn what_is_met_by_code_of_ours_says_where_and_every_requirement_stands_once() {
    let text = fs::read_to_string(root().join("docs/asvs.md")).unwrap();
    let rows: Vec<Vec<&str>> = text
        .lines()
        .filter(|line| line.starts_with("| ") && line.chars().nth(2).is_some_and(|first| first.is_ascii_digit()))
        .map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect())
        .filter(|row: &Vec<&str>| row.len() == 6)
        .collect();
    let numbers: BTreeSet<&str> = rows.iter().map(|row| row[0]).collect();
    assert_eq!((rows.len(), numbers.len()), (253, 253));
    let states = ["met", "partly", "not met", "at Clerk", "not applicable"];
    let unclear: Vec<&str> =
        rows.iter().filter(|row| !states.contains(&row[3]) || row[4].is_empty()).map(|row| row[0]).collect();
    assert_eq!(unclear, Vec::<&str>::new());
    // What is missing is work: each such number is in the list of it.
    let work = text.split("## Work that follows").nth(1).unwrap().split("\n## ").next().unwrap();
    let listed: BTreeSet<&str> = work
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(" | ").next())
        .flat_map(|numbers| numbers.split(", "))
        .filter(|number| number.starts_with(|first: char| first.is_ascii_digit()))
        .collect();
    let missing: BTreeSet<&str> =
        rows.iter().filter(|row| ["partly", "not met"].contains(&row[3])).map(|row| row[0]).collect();
    assert_eq!(listed, missing);
}

#[test]
fn every_word_of_the_glossary_is_in_the_code_as_it_says() {
    let code: Vec<String> = ["functions", "shared"]
        .into_iter()
        .flat_map(|folder| files(folder, "rs"))
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    let is_letter = |letter: char| letter.is_alphanumeric() || letter == '_';
    let words: BTreeSet<&str> = code.iter().flat_map(|text| text.split(|letter| !is_letter(letter))).collect();
    let glossary = fs::read_to_string(root().join("docs/glossary.md")).unwrap();
    let rows: Vec<(&str, &str)> = glossary
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.strip_suffix("` |"))
        .filter_map(|row| Some((row.split(" | ").next()?, row.rsplit('`').next()?)))
        .collect();
    let missing: Vec<&(&str, &str)> = rows.iter().filter(|(_, word)| !words.contains(word)).collect();
    assert_eq!(missing, Vec::<&(&str, &str)>::new());
    let names: Vec<String> = rows.iter().map(|(name, _)| name.to_lowercase()).collect();
    assert!(names.len() > 100 && names.is_sorted_by(|one, next| one < next), "each once, in order: {names:?}");
}

#[test]
fn an_address_with_a_token_is_shown_by_its_pattern_in_logs() {
    let shown_in_logs = fs::read_to_string(root().join("shared/runtime/src/http/request.rs")).unwrap();
    let mut open = Vec::new();
    for file in
        files("functions", "rs").into_iter().filter(|path| !path.components().any(|part| part.as_os_str() == "tests"))
    {
        let text = fs::read_to_string(&file).unwrap();
        let routes = text.split(".route(\"").skip(1).filter_map(|rest| rest.split('"').next());
        let secret = routes.filter(|route| route.contains("{token}") || route.contains("{code}"));
        open.extend(
            secret
                .filter(|route| !shown_in_logs.contains(&format!("\"{route}\"")))
                .map(|route| format!("{}: {route}", shown(&file))),
        );
    }
    assert_eq!(open, Vec::<String>::new());
}

#[test]
fn names_in_code_are_told_apart() {
    let text = "`a/b.rs` and `it_is_a_test`\n```\n`c.rs`\n```\n`Token`, `/v1/…`, `application/json`, `main.rs`";
    let found: Vec<String> = quoted(text).collect();
    let kinds: Vec<(bool, bool)> = found.iter().map(|name| (is_file(name), is_test(name))).collect();
    assert_eq!(found, ["a/b.rs", "it_is_a_test", "Token", "/v1/…", "application/json", "main.rs"]);
    let none = (false, false);
    assert_eq!(kinds, [(true, false), (false, true), none, none, none, (true, false)]);
}

/// Everything in code marks in the documents, with the document.
fn named() -> impl Iterator<Item = (&'static str, String)> {
    DOCUMENTS.into_iter().flat_map(|document| {
        let text = fs::read_to_string(root().join(document)).unwrap();
        quoted(&text).map(move |name| (document, name)).collect::<Vec<_>>()
    })
}

fn told((document, name): (&str, String)) -> String {
    format!("{document}: {name}")
}

fn quoted(text: &str) -> impl Iterator<Item = String> + '_ {
    let mut in_code = false;
    let prose = text.lines().filter(move |line| {
        let is_fence = line.starts_with("```");
        in_code ^= is_fence;
        !in_code && !is_fence
    });
    prose.flat_map(|line| line.split('`').skip(1).step_by(2)).map(str::to_owned)
}

/// Whether a name is a path of the repository: folders of it, or an ending of its files.
fn is_file(name: &str) -> bool {
    let endings = [".rs", ".md", ".py", ".json", ".yaml", ".yml", ".toml", ".html", ".js"];
    let folders = ["functions/", "shared/", "tests/", "infra/", "docs/", ".github/"];
    let is_plain = name.chars().all(|letter| letter.is_ascii_alphanumeric() || "_-./".contains(letter));
    is_plain
        && !name.starts_with('/')
        && (endings.iter().any(|ending| name.ends_with(ending))
            || folders.iter().any(|folder| name.starts_with(folder)))
}

/// Whether a name is that of a test: a sentence.
fn is_test(name: &str) -> bool {
    let is_plain = name.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_');
    is_plain && name.matches('_').count() >= 3 && !NO_TESTS.contains(&name)
}

fn everything() -> BTreeSet<String> {
    ["rs", "md", "py", "json", "yaml", "yml", "toml", "html", "js"]
        .into_iter()
        .flat_map(|ending| files("", ending))
        .map(|path| format!("/{}", shown(&path)))
        .collect()
}

/// Names of the tests of every crate, of the scenarios of the journey, and of the Python tests.
fn tests() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (folder, ending) in [("functions", "rs"), ("shared", "rs"), ("tests", "rs"), ("infra", "rs"), ("infra", "py")] {
        for file in files(folder, ending) {
            let text = fs::read_to_string(&file).unwrap();
            let is_scenario = shown(&file).starts_with("tests/e2e/tests/journey");
            let lines: Vec<&str> = text.lines().map(str::trim).collect();
            for (place, line) in lines.iter().enumerate() {
                let name = ["fn ", "async fn ", "pub(crate) async fn ", "def "]
                    .iter()
                    .find_map(|start| line.strip_prefix(start))
                    .and_then(|rest| rest.split('(').next());
                let marks = lines[..place].iter().rev().take_while(|line| line.starts_with('#'));
                let is_marked = marks.into_iter().any(|mark| mark.contains("test]") || mark.contains("::test("));
                found.extend(
                    name.filter(|name| is_marked || is_scenario || name.starts_with("test_")).map(str::to_owned),
                );
            }
        }
    }
    found
}
