//! An emulator that lives as long as the test.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use aws_types::SdkConfig;
use numo_aws::config::{Account, Keys, sdk_config};

const START: Duration = Duration::from_secs(60);
/// What it prints when it answers.
const READY: &str = "Running on http://";

/// MiniStack on a loopback port of its own; ends when dropped.
pub(crate) struct Stack {
    process: Child,
    scratch: PathBuf,
    endpoint: String,
}

impl Stack {
    /// Starts the emulator and waits until it answers.
    pub(crate) fn start() -> Self {
        let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("ministack-{}", std::process::id()));
        fs::create_dir_all(&scratch).unwrap();
        let port = free_port();
        let endpoint = format!("http://127.0.0.1:{port}");
        let mut process = command(&python(), &scratch, port).spawn().unwrap();
        let output = process.stderr.take().unwrap();
        let stack = Self { process, scratch, endpoint };
        wait_until_ready(output);
        stack
    }

    /// Clients of this emulator.
    pub(crate) fn config(&self) -> SdkConfig {
        sdk_config(&self.account()).unwrap()
    }

    /// Where this emulator is, and who calls it.
    pub(crate) fn account(&self) -> Account {
        let keys = Keys { id: "test".to_owned(), secret: "test".into(), session: None };
        Account { region: "eu-west-1".to_owned(), endpoint: Some(self.endpoint.clone()), keys }
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
        fs::remove_dir_all(&self.scratch).ok();
    }
}

fn command(python: &Path, scratch: &Path, port: u16) -> Command {
    let mut command = Command::new(python);
    command
        .args(["-m", "ministack.app"])
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .envs([("BIND_HOST", "127.0.0.1"), ("GATEWAY_PORT", &port.to_string())])
        .envs([("IOT_MTLS_ENABLED", "0"), ("SFTP_ENABLED", "0"), ("MINISTACK_REGION", "eu-west-1")])
        .envs([("PYTHONDONTWRITEBYTECODE", "1"), ("PYTHONUNBUFFERED", "1")])
        .envs([("HOME", scratch), ("TMPDIR", scratch)])
        .envs([("STATE_DIR", scratch.join("state")), ("S3_DATA_DIR", scratch.join("s3"))])
        // No container engine is needed, so none is looked for.
        .env("DOCKER_HOST", format!("unix://{}/no-container-engine", scratch.display()))
        .current_dir(scratch)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command
}

/// The interpreter that has the emulator; made as for the local stack when it is missing.
fn python() -> PathBuf {
    if let Some(given) = std::env::var_os("NUMO_VENV_PYTHON") {
        return given.into();
    }
    let made = Command::new("python3")
        .args(["-c", "from numo_local import venv; venv.ensure(); print(venv.PYTHON)"])
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra/local"))
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(made.status.success(), "the virtual environment of infra/local cannot be made");
    String::from_utf8(made.stdout).unwrap().lines().last().unwrap().into()
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Reads what the emulator prints, to its end, so that it never waits for a reader.
fn wait_until_ready(output: impl Read + Send + 'static) {
    let (ready, waiting) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if line.contains(READY) {
                ready.send(()).ok();
            }
        }
    });
    assert_eq!(waiting.recv_timeout(START), Ok(()), "the emulator did not start");
}
