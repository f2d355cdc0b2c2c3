//! Configuration from the environment: everything that is wrong with it is told at once.

use std::{collections::BTreeMap, fmt::Display, str::FromStr};

/// The environment, with what was found wrong so far.
#[derive(Debug)]
pub struct Env {
    source: Source,
    problems: Vec<String>,
}

#[derive(Debug)]
enum Source {
    Process,
    Given(BTreeMap<&'static str, &'static str>),
}

/// The configuration cannot be used; every missing and every invalid key is named, no value is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("configuration: {}", .0.join("; "))]
pub struct ConfigError(Vec<String>);

impl Env {
    /// The environment of this process.
    pub const fn process() -> Self {
        Self { source: Source::Process, problems: Vec::new() }
    }

    /// Given values and nothing else, for tests.
    pub fn given(values: impl IntoIterator<Item = (&'static str, &'static str)>) -> Self {
        Self { source: Source::Given(values.into_iter().collect()), problems: Vec::new() }
    }

    /// A value that must be there; when it is missing or invalid, that is remembered.
    pub fn required<T>(&mut self, key: &'static str) -> Option<T>
    where
        T: FromStr<Err: Display>,
    {
        if self.value(key).is_none() {
            self.problems.push(format!("{key} is missing"));
        }
        self.optional(key)
    }

    /// A value that may be absent; when it is invalid, that is remembered.
    pub fn optional<T>(&mut self, key: &'static str) -> Option<T>
    where
        T: FromStr<Err: Display>,
    {
        match self.value(key)?.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.problems.push(format!("{key}: {error}"));
                None
            }
        }
    }

    /// What `make` makes of the values, or everything that was wrong with them.
    pub fn finish<T>(self, make: impl FnOnce() -> Option<T>) -> Result<T, ConfigError> {
        if !self.problems.is_empty() {
            return Err(ConfigError(self.problems));
        }
        make().ok_or_else(|| ConfigError(vec!["a value was left out without a reason".to_owned()]))
    }

    /// A value that is there; empty counts as absent, since templates cannot leave a variable out.
    fn value(&self, key: &str) -> Option<String> {
        let value = match &self.source {
            Source::Process => variable(key),
            Source::Given(values) => values.get(key).map(|value| (*value).to_owned()),
        };
        value.filter(|value| !value.is_empty())
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
fn variable(key: &str) -> Option<String> {
    std::env::var(key).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_complete_environment_is_read() {
        let mut env = Env::given([("A", "1"), ("B", "two")]);
        let (a, b) = (env.required::<u8>("A"), env.required::<String>("B"));
        assert_eq!(env.finish(|| Some((a?, b?))), Ok((1, "two".to_owned())));
    }

    #[test]
    fn every_missing_empty_and_invalid_key_is_named_at_once_and_no_value_is() {
        let mut env = Env::given([("A", "many"), ("B", ""), ("D", "-7")]);
        let (a, b) = (env.required::<u8>("A"), env.required::<String>("B"));
        let (c, d) = (env.required::<u8>("C"), env.optional::<u8>("D"));
        let error = env.finish(|| Some((a?, b?, c?, d?))).unwrap_err().to_string();
        assert_eq!(
            error,
            "configuration: A: invalid digit found in string; B is missing; C is missing; \
             D: invalid digit found in string"
        );
    }
}
