//! The local stack of a journey: started, asked and stopped through `infra/local/stack.py`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use serde::Deserialize;

use crate::error::JourneyError;

/// What a stack starts from.
#[derive(Debug, Clone, Default)]
pub struct StackOptions {
    /// Folder of its state and logs; a stack has one of its own.
    pub folder: PathBuf,
    /// Further variables for `stack.py`, as `docs/operations.md` lists them.
    pub variables: BTreeMap<String, String>,
}

/// A running local stack; it stops when dropped.
#[derive(Debug)]
pub struct LocalStack {
    /// Its state file.
    pub state: StackState,
    guard: Guard,
}

/// The state file of a running stack.
#[derive(Debug, Clone, Deserialize)]
pub struct StackState {
    /// Address for browsers.
    pub api_url: String,
    /// Address of the console for browsers.
    pub console_url: String,
    /// The same API for clients that do not resolve `*.localhost`.
    pub loopback_url: String,
    /// The emulator.
    pub aws_endpoint: String,
    /// Its region.
    pub region: String,
    /// The emulator administrator's key.
    pub access_key: String,
    /// The emulator administrator's secret.
    pub secret_key: String,
    /// The stage, which queues and secret are named after.
    pub stage: String,
    /// The table.
    pub table: String,
    /// The secret of the stage.
    pub secrets_id: String,
    /// Queue addresses by name.
    pub queues: BTreeMap<String, String>,
    /// Dead-letter queue addresses by name.
    pub dead_letter_queues: BTreeMap<String, String>,
    /// Everything that was mailed.
    pub mailbox_url: String,
    /// The simulated providers.
    pub sim_url: String,
    /// What runs.
    pub pids: Pids,
}

/// The processes of a stack.
#[derive(Debug, Clone, Deserialize)]
pub struct Pids {
    /// The emulator, whose children the functions are.
    pub ministack: u32,
}

impl LocalStack {
    /// Whether a stack runs in the folder.
    pub async fn is_running(options: &StackOptions) -> Result<bool, JourneyError> {
        Ok(command(options, "status").output().await.map_err(unusable)?.status.success())
    }

    /// Starts a stack and waits until it is deployed.
    ///
    /// If this is given up half way, what was started is stopped.
    pub async fn start(options: StackOptions) -> Result<Self, JourneyError> {
        let guard = Guard { options };
        let output = command(&guard.options, "up").output().await.map_err(unusable)?;
        if !output.status.success() {
            return Err(JourneyError::Stack(reason(&output)));
        }
        Ok(Self { state: state(&guard.options)?, guard })
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.guard.options.folder
    }

    /// Stops the emulator with all functions and starts it again: it has to keep its state.
    pub async fn restart(&mut self) -> Result<(), JourneyError> {
        let output = command(&self.guard.options, "restart").output().await.map_err(unusable)?;
        if !output.status.success() {
            return Err(JourneyError::Stack(reason(&output)));
        }
        self.state = state(&self.guard.options)?;
        Ok(())
    }

    /// Sends the API all kinds of calls, with session tokens of admins, and compares the answers with its description.
    pub async fn compare_with_description(&self, tokens: &str) -> Result<(), JourneyError> {
        let mut command = command(&self.guard.options, "described");
        let output = command.env("NUMO_API_TOKENS", tokens).output().await.map_err(unusable)?;
        if output.status.success() { Ok(()) } else { Err(JourneyError::Stack(reason(&output))) }
    }

    /// Compares what functions did since the start with what their roles allow.
    pub async fn compare_with_roles(&self) -> Result<(), JourneyError> {
        let output = command(&self.guard.options, "permissions").output().await.map_err(unusable)?;
        if output.status.success() { Ok(()) } else { Err(JourneyError::Stack(reason(&output))) }
    }

    /// Copies the functions' logs and returns them by function name.
    pub async fn logs(&self) -> Result<BTreeMap<String, String>, JourneyError> {
        let output = command(&self.guard.options, "logs").output().await.map_err(unusable)?;
        if !output.status.success() {
            return Err(JourneyError::Stack(reason(&output)));
        }
        let listed = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut logs = BTreeMap::new();
        for path in listed.lines().map(Path::new) {
            let name = path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let text = fs::read(path).map_err(|error| JourneyError::Stack(format!("{}: {error}", path.display())))?;
            logs.insert(name, String::from_utf8_lossy(&text).into_owned());
        }
        Ok(logs)
    }
}

/// What the state file of a running stack says.
fn state(options: &StackOptions) -> Result<StackState, JourneyError> {
    let path = options.folder.join("stack.json");
    let text = fs::read_to_string(&path).map_err(|error| JourneyError::Stack(format!("no state file: {error}")))?;
    serde_json::from_str(&text).map_err(|source| JourneyError::Unreadable { path: path.display().to_string(), source })
}

/// Stops the stack of a folder, if one runs there.
pub async fn stop(options: &StackOptions) -> Result<(), JourneyError> {
    let output = command(options, "down").output().await.map_err(unusable)?;
    if output.status.success() { Ok(()) } else { Err(JourneyError::Stack(reason(&output))) }
}

/// The root of the workspace.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// A folder below cargo's target folder.
pub fn target_folder(name: &str) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    root().join(target).join(name)
}

/// Stops the stack when it goes out of scope, a panic or an interrupted start included.
#[derive(Debug)]
struct Guard {
    options: StackOptions,
}

impl Drop for Guard {
    fn drop(&mut self) {
        // `down` takes the same lock as `up`, so it also ends a start that is still under way.
        let mut down = command(&self.options, "down").into_std();
        // Nobody is left to tell; `stack.py up` clears what a failed stop leaves.
        drop(down.stdout(Stdio::null()).status());
    }
}

fn command(options: &StackOptions, name: &str) -> tokio::process::Command {
    let python = std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
    let mut command = tokio::process::Command::new(python);
    // Relative paths in variables count from the root, wherever cargo runs this program.
    command.arg("infra/local/stack.py").arg(name).current_dir(root()).stdin(Stdio::null());
    command.env("NUMO_LOCAL_DIR", &options.folder).envs(&options.variables);
    command
}

fn unusable(error: std::io::Error) -> JourneyError {
    JourneyError::Stack(format!("python3 cannot be run: {error}"))
}

/// The last line that a failed command printed.
fn reason(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let line = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it failed without a word");
    line.trim_start_matches("error: ").to_owned()
}
