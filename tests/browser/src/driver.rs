//! A headless Chromium with one session, driven through its `chromedriver` (W3C `WebDriver`).

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    time::Duration,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use reqwest::{Client, Method};
use serde_json::{Value, json};

/// A headless Chromium with one session; it ends when dropped.
#[derive(Debug)]
pub struct Browser {
    driver: Child,
    http: Client,
    session: String,
}

/// How long the driver looks for something on a page before it gives up.
const PATIENCE_MS: u64 = 20_000;

/// Looks for a window that was just opened.
const MOST_LOOKS: usize = 2_000;

/// The key under which an element's id stands.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

impl Browser {
    /// A new browser; `None`, and a line that says so, where there is none.
    pub async fn start() -> Option<Self> {
        let mut driver = match Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).spawn() {
            Ok(driver) if is_there("chromium") => driver,
            missing => {
                missing.ok().into_iter().for_each(|mut driver| end(&mut driver));
                return absent();
            }
        };
        let lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = lines.map_while(Result::ok).find_map(|line| {
            let (_, port) = line.split_once("started successfully on port ")?;
            port.trim_end_matches('.').parse::<u16>().ok()
        });
        let (http, base) = (
            Client::builder().no_proxy().timeout(Duration::from_secs(60)).build().unwrap(),
            format!("http://127.0.0.1:{}", port.unwrap()),
        );
        let mut browser = Self { driver, http, session: base };
        let asked = json!({ "capabilities": { "alwaysMatch": {
            "goog:chromeOptions": { "args": ARGUMENTS },
            "goog:loggingPrefs": { "browser": "ALL" },
            "timeouts": { "implicit": PATIENCE_MS },
        } } });
        let made = browser.call(Method::POST, "/session", &asked).await;
        browser.session = format!("{}/session/{}", browser.session, made["sessionId"].as_str().unwrap());
        Some(browser)
    }

    /// Opens an address and waits until its page has loaded.
    pub async fn open(&self, url: &str) {
        self.post("/url", &json!({ "url": url })).await;
    }

    /// Clicks the first element that a CSS selector finds, once there is one.
    pub async fn click(&self, css: &str) {
        let found = self.post("/element", &json!({ "using": "css selector", "value": css })).await;
        self.post(&format!("/element/{}/click", found[ELEMENT].as_str().unwrap()), &json!({})).await;
    }

    /// Writes into a field.
    pub async fn write(&self, css: &str, text: &str) {
        let found = self.post("/element", &json!({ "using": "css selector", "value": css })).await;
        let path = format!("/element/{}/value", found[ELEMENT].as_str().unwrap());
        self.post(&path, &json!({ "text": text })).await;
    }

    /// Waits until an element has some words among its own.
    pub async fn says(&self, id: &str, words: &str) {
        let value = format!("//*[@id=\"{id}\"][contains(., \"{words}\")]");
        self.post("/element", &json!({ "using": "xpath", "value": value })).await;
    }

    /// Waits until an element that a CSS selector finds has some words.
    pub async fn reads(&self, css: &str, words: &str) {
        for _ in 0..MOST_LOOKS {
            let script = "return [...document.querySelectorAll(arguments[0])].map(one => one.textContent).join(' ');";
            let found = self.post("/execute/sync", &json!({ "script": script, "args": [css] })).await;
            if found.as_str().unwrap().contains(words) {
                return;
            }
        }
        panic!("{css} never read {words:?}: {}", self.run("return document.body.innerText;").await);
    }

    /// Waits until nothing of the page is being loaded any more.
    pub async fn is_complete(&self) {
        for _ in 0..MOST_LOOKS {
            if self.run("return document.querySelector('[aria-busy]') === null;").await == json!(true) {
                return;
            }
        }
        panic!("a part never came: {}", self.run("return document.body.innerText;").await);
    }

    /// The open page once more, as the server sends it to whoever is signed in, before any script touches it.
    pub async fn sent(&self) -> String {
        let (address, kept) = (self.get("/url").await, self.get("/cookie").await);
        let cookies: Vec<String> = kept.as_array().unwrap().iter().map(cookie).collect();
        let asked = self.http.get(address.as_str().unwrap()).header("cookie", cookies.join("; "));
        asked.send().await.unwrap().text().await.unwrap()
    }

    /// Runs the body of a function that calls `done` with what it found.
    pub async fn run_and_wait(&self, script: &str) -> Value {
        let script = format!("const done = arguments[arguments.length - 1]; {script}");
        self.post("/execute/async", &json!({ "script": script, "args": [] })).await
    }

    /// Shows pages as on a screen of some size, to somebody who prefers light or dark.
    pub async fn show_as(&self, width: u32, height: u32, scheme: &str) {
        let screen = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600 });
        self.devtools("Emulation.setDeviceMetricsOverride", &screen).await;
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.devtools("Emulation.setEmulatedMedia", &features).await;
    }

    /// The whole page as PNG.
    pub async fn picture(&self) -> Vec<u8> {
        let taken = self.devtools("Page.captureScreenshot", &json!({ "captureBeyondViewport": true })).await;
        BASE64_STANDARD.decode(taken["data"].as_str().unwrap()).unwrap()
    }

    /// What the browser said about the pages of a site since the session began: refused scripts, missing files, errors.
    pub async fn complaints(&self, site: &str) -> Vec<String> {
        let lines = self.post("/se/log", &json!({ "type": "browser" })).await;
        let errors = lines.as_array().unwrap().iter().filter(|line| line["level"] == "SEVERE");
        let messages = errors.map(|line| line["message"].as_str().unwrap());
        messages.filter(|message| message.starts_with(site)).map(str::to_owned).collect()
    }

    async fn devtools(&self, command: &str, parameters: &Value) -> Value {
        self.post("/goog/cdp/execute", &json!({ "cmd": command, "params": parameters })).await
    }

    /// Runs the body of a function in the page.
    pub async fn run(&self, script: &str) -> Value {
        self.post("/execute/sync", &json!({ "script": script, "args": [] })).await
    }

    /// Does something in the one window beside this one, which it closes or which is closed then.
    pub async fn in_the_other_window(&self, act: impl AsyncFnOnce(&Self)) {
        let here = self.get("/window").await;
        let other = self.other(&here).await;
        self.post("/window", &json!({ "handle": other })).await;
        act(self).await;
        self.post("/window", &json!({ "handle": here })).await;
    }

    /// Closes the window at hand.
    pub async fn close(&self) {
        self.call(Method::DELETE, "/window", &Value::Null).await;
    }

    async fn other(&self, here: &Value) -> Value {
        for _ in 0..MOST_LOOKS {
            let handles = self.get("/window/handles").await;
            if let Some(other) = handles.as_array().unwrap().iter().find(|handle| *handle != here) {
                return other.clone();
            }
        }
        panic!("no other window was opened");
    }

    async fn get(&self, path: &str) -> Value {
        self.call(Method::GET, path, &Value::Null).await
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        self.call(Method::POST, path, body).await
    }

    async fn call(&self, method: Method, path: &str, body: &Value) -> Value {
        let request = self.http.request(method, format!("{}{path}", self.session));
        let request = if body.is_null() { request } else { request.json(body) };
        let answer = request.send().await.unwrap();
        let (status, mut told) = (answer.status(), answer.json::<Value>().await.unwrap());
        assert!(status.is_success(), "{path} {body}: {told}");
        told["value"].take()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The browser hangs on a pipe of the driver and ends with it.
        end(&mut self.driver);
    }
}

fn cookie(kept: &Value) -> String {
    format!("{}={}", kept["name"].as_str().unwrap(), kept["value"].as_str().unwrap())
}

/// Nothing is fetched that a test did not ask for; root has no sandbox, and a container little shared memory.
const ARGUMENTS: [&str; 9] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--remote-debugging-pipe",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE *.localhost",
];

fn is_there(program: &str) -> bool {
    let asked = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    asked.is_ok_and(|status| status.success())
}

#[expect(clippy::print_stdout, reason = "a test that passes over says so")]
fn absent<T>() -> Option<T> {
    let required = std::env::var_os("NUMO_REQUIRE_BROWSER").is_some_and(|value| value == "1");
    let how = "chromium and chromedriver are needed (Debian: apt-get install chromium chromium-driver)";
    assert!(!required, "{how}");
    println!("passed over: {how}");
    None
}

fn end(driver: &mut Child) {
    drop(driver.kill());
    drop(driver.wait());
}
