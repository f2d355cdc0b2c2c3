//! Files stay small enough to be read in one go.

use std::fs;
use std::path::Path;

use crate::tree::{files, shown};

const MAIN_LINES: usize = 45;
const FILE_LINES: usize = 400;

#[test]
fn the_entry_point_of_a_function_is_wiring_only() {
    let findings: Vec<String> = files("functions", "rs")
        .into_iter()
        .filter(|path| path.ends_with("src/main.rs"))
        .filter(|path| lines(path) > MAIN_LINES)
        .map(|path| format!("{} has {} lines", shown(&path), lines(&path)))
        .collect();
    assert_eq!(findings, Vec::<String>::new());
}

#[test]
fn no_file_grows_beyond_400_lines_without_its_tests() {
    let findings: Vec<String> = ["functions", "shared", "tests"]
        .iter()
        .flat_map(|folder| files(folder, "rs"))
        .filter(|path| !is_test(path))
        .filter(|path| code_lines(&fs::read_to_string(path).unwrap()) > FILE_LINES)
        .map(|path| shown(&path))
        .collect();
    assert_eq!(findings, Vec::<String>::new());
}

#[test]
fn the_tests_at_the_end_of_a_file_do_not_count() {
    assert_eq!(code_lines("one\ntwo\n\n#[cfg(test)]\nmod tests {\n}\n"), 3);
}

fn lines(path: &Path) -> usize {
    fs::read_to_string(path).unwrap().lines().count()
}

fn code_lines(source: &str) -> usize {
    source.lines().take_while(|line| line.trim() != "#[cfg(test)]").count()
}

/// Whether the file is a test itself: below `tests/` of a crate, or a `tests.rs` module.
fn is_test(path: &Path) -> bool {
    let below_source = path.components().any(|part| part.as_os_str() == "src");
    !below_source || path.file_stem().is_some_and(|stem| stem == "tests")
}
