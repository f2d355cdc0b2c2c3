//! Every acceptance case of the reminder engine has a test that bears its number.

use std::{collections::BTreeSet, fs};

use crate::tree::files;

/// Cases of the design.
const CASES: u32 = 77;

#[test]
fn every_acceptance_case_of_the_reminder_engine_has_a_test_of_its_number() {
    let mut found = BTreeSet::new();
    for file in ["functions", "shared", "tests"].into_iter().flat_map(|folder| files(folder, "rs")) {
        let text = fs::read_to_string(&file).unwrap();
        for name in text.split("fn case_").skip(1) {
            let name = name.split('(').next().unwrap();
            // `12_it_does` has one number, `51_and_52_it_does` two.
            let words: Vec<&str> = name.split('_').collect();
            found.extend(words.first().and_then(|word| word.parse::<u32>().ok()));
            let others = words.windows(2).filter(|pair| pair.first() == Some(&"and"));
            found.extend(others.filter_map(|pair| pair.last()?.parse::<u32>().ok()));
        }
    }
    let missing: Vec<u32> = (1..=CASES).filter(|case| !found.contains(case)).collect();
    assert_eq!(missing, Vec::<u32>::new());
}
