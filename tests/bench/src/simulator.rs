//! The simulated providers in a process of their own, and what they counted.

use std::{collections::BTreeMap, process::Stdio};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};

use crate::Failure;

/// A running simulator; it ends when dropped.
pub(crate) struct Simulator {
    pub(crate) base_url: String,
    http: reqwest::Client,
    _process: Option<Child>,
}

impl Simulator {
    /// Starts the `numo-sim` that was built beside this program.
    pub(crate) async fn start() -> Result<Self, Failure> {
        let program = std::env::current_exe()?.with_file_name("numo-sim");
        let mut process = Command::new(program)
            .args(["--port", "0"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let output = process.stdout.take().ok_or("the simulator has no output")?;
        let line = BufReader::new(output).lines().next_line().await?.ok_or("the simulator ended at once")?;
        let told: Value = serde_json::from_str(&line)?;
        let base_url = told["base_url"].as_str().ok_or("the simulator tells no address")?.to_owned();
        Ok(Self { base_url, http: client()?, _process: Some(process) })
    }

    /// One that somebody else started.
    pub(crate) fn at(base_url: &str) -> Result<Self, Failure> {
        Ok(Self { base_url: base_url.to_owned(), http: client()?, _process: None })
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Value, Failure> {
        let answer = self.http.get(format!("{}/_control/{path}", self.base_url)).send().await?;
        Ok(answer.error_for_status()?.json().await?)
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        let answer = self.http.post(format!("{}/_control/{path}", self.base_url)).json(body).send().await?;
        let text = answer.error_for_status()?.text().await?;
        Ok(if text.is_empty() { Value::Null } else { serde_json::from_str(&text)? })
    }

    /// Moves the simulator's clock beyond the minute in which the calls so far were counted.
    pub(crate) async fn next_minute(&self) -> Result<(), Failure> {
        self.post("clock", &json!({"advance_s": 61})).await.map(drop)
    }

    /// Forgets the calls of a service that were counted so far.
    pub(crate) async fn count_anew(&self, service: &str) -> Result<(), Failure> {
        self.post(&format!("{service}/calls/reset"), &json!({})).await.map(drop)
    }

    /// The calls of a service since then.
    pub(crate) async fn calls(&self, service: &str) -> Result<u64, Failure> {
        let counted: BTreeMap<String, u64> = serde_json::from_value(self.get(&format!("{service}/calls")).await?)?;
        Ok(counted.values().sum())
    }
}

fn client() -> Result<reqwest::Client, reqwest::Error> {
    reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build()
}
