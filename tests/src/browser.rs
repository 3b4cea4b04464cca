//! Drives headless Chromium through its driver.
//!
//! **Invariants.** A browser has a profile of its own and a driver on a free port; both end with it. A machine without
//! Chromium is told so in one line and the test is passed over, but never where the environment says `CI=true`.

mod touch;

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::{Context, bail, ensure};
use fantoccini::{
    Client, ClientBuilder, Locator,
    actions::{InputSource, MOUSE_BUTTON_LEFT, MouseActions, PointerAction},
    elements::Element,
};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

/// How long a page may take to show what a test waits for.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long to look away before looking at the page again.
const GLANCE: Duration = Duration::from_millis(50);

/// A headless browser with one window.
pub struct Browser {
    client: Client,
    driver_url: String,
    screenshots: PathBuf,
    // Order matters: the driver ends before its profile is removed.
    _driver: Child,
    _profile: TempDir,
}

impl Browser {
    /// Starts a browser; `None` where there is none to start.
    ///
    /// # Errors
    /// When there is one and it does not start, or there is none although `CI=true`.
    pub async fn start() -> anyhow::Result<Option<Self>> {
        let (Some(chromium), Some(driver)) = (find("chromium"), find("chromedriver")) else {
            let missing =
                "chromium and chromedriver are not on the PATH (Debian: apt install chromium chromium-driver)";
            ensure!(std::env::var("CI").as_deref() != Ok("true"), "{missing}");
            writeln!(std::io::stderr(), "skipped: {missing}")?;
            return Ok(None);
        };
        let profile = TempDir::new()?;
        let (driver, driver_url) = start_driver(&driver).await?;
        let client = connect(&driver_url, &chromium, profile.path()).await?;
        let screenshots = screenshot_folder()?;
        Ok(Some(Self { client, driver_url, screenshots, _driver: driver, _profile: profile }))
    }

    /// Opens an address.
    ///
    /// # Errors
    /// When the browser cannot.
    pub async fn open(&self, address: &str) -> anyhow::Result<()> {
        self.client.goto(address).await.with_context(|| format!("open {address}"))
    }

    /// Makes the window this large.
    ///
    /// # Errors
    /// When the browser cannot.
    pub async fn resize(&self, width: u32, height: u32) -> anyhow::Result<()> {
        Ok(self.client.set_window_size(width, height).await?)
    }

    /// Lets pages believe that the screen is this large; a window itself cannot be made as narrow as a phone.
    ///
    /// # Errors
    /// When the driver does not pass it on.
    pub async fn pretend_screen(&self, width: u32, height: u32) -> anyhow::Result<()> {
        let params = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", &params).await
    }

    /// Waits for an element.
    ///
    /// # Errors
    /// When it does not appear in time.
    pub async fn element(&self, css: &str) -> anyhow::Result<Element> {
        let found = self.client.wait().at_most(PATIENCE).for_element(Locator::Css(css)).await;
        match found {
            Ok(element) => Ok(element),
            Err(error) => {
                let (url, text) = (self.client.current_url().await?, self.text("body").await.unwrap_or_default());
                bail!("no {css} at {url}: {error}\n{text}")
            }
        }
    }

    /// The visible text of an element, once it is there.
    ///
    /// # Errors
    /// When it does not appear.
    pub async fn text(&self, css: &str) -> anyhow::Result<String> {
        let reading = async {
            loop {
                let element = self.client.wait().at_most(PATIENCE).for_element(Locator::Css(css)).await?;
                match element.text().await {
                    // The page it was found on has just given way to the next one.
                    Err(error) if error.is_stale_element_reference() => tokio::time::sleep(GLANCE).await,
                    text => return Ok(text?),
                }
            }
        };
        tokio::time::timeout(PATIENCE, reading).await.with_context(|| format!("read {css}"))?
    }

    /// The visible text of an element, once it holds `wanted`. A key that leads to another page does not wait for it,
    /// so the element may still be the old page's, or go stale while it is read.
    ///
    /// # Errors
    /// When the text does not appear in time; the last one seen is named.
    pub async fn text_with(&self, css: &str, wanted: &str) -> anyhow::Result<String> {
        let mut seen = String::new();
        let reading = async {
            loop {
                seen = self.text(css).await.unwrap_or_default();
                if seen.contains(wanted) {
                    return;
                }
                tokio::time::sleep(GLANCE).await;
            }
        };
        match tokio::time::timeout(PATIENCE, reading).await {
            Ok(()) => Ok(seen),
            Err(_) => bail!("{wanted} does not appear in {css}: {seen}"),
        }
    }

    /// How many elements there are now.
    ///
    /// # Errors
    /// When the browser cannot say.
    pub async fn count(&self, css: &str) -> anyhow::Result<usize> {
        Ok(self.client.find_all(Locator::Css(css)).await?.len())
    }

    /// Clicks an element.
    ///
    /// # Errors
    /// When it does not appear or cannot be clicked.
    pub async fn click(&self, css: &str) -> anyhow::Result<()> {
        Ok(self.element(css).await?.click().await?)
    }

    /// Types into a field, in place of what stands there.
    ///
    /// # Errors
    /// When there is no such field.
    pub async fn fill(&self, css: &str, text: &str) -> anyhow::Result<()> {
        let field = self.element(css).await?;
        field.clear().await?;
        Ok(field.send_keys(text).await?)
    }

    /// Presses keys where the focus is.
    ///
    /// # Errors
    /// When the browser cannot.
    pub async fn press(&self, keys: &str) -> anyhow::Result<()> {
        Ok(self.client.active_element().await?.send_keys(keys).await?)
    }

    /// Draws with the mouse from one point of the window to another, in CSS pixels.
    ///
    /// # Errors
    /// When the browser cannot.
    pub async fn drag(&self, from: (f64, f64), to: (f64, f64)) -> anyhow::Result<()> {
        let to_point = |(x, y): (f64, f64)| PointerAction::MoveTo { duration: None, x, y };
        let middle = (f64::midpoint(from.0, to.0), f64::midpoint(from.1, to.1));
        let mouse = MouseActions::new("mouse".to_owned())
            .then(to_point(from))
            .then(PointerAction::Down { button: MOUSE_BUTTON_LEFT })
            .then(to_point(middle))
            .then(to_point(to))
            .then(PointerAction::Up { button: MOUSE_BUTTON_LEFT });
        Ok(self.client.perform_actions(mouse).await?)
    }

    /// Lets the browser keep what it downloads in a folder.
    ///
    /// # Errors
    /// When the driver does not pass it on.
    pub async fn download_into(&self, folder: &Path) -> anyhow::Result<()> {
        let params = json!({ "behavior": "allow", "downloadPath": folder });
        self.devtools("Browser.setDownloadBehavior", &params).await
    }

    /// The file of an ending that the browser has brought into a folder, once it is whole.
    ///
    /// # Errors
    /// When it does not come in time.
    pub async fn downloaded(&self, folder: &Path, ending: &str) -> anyhow::Result<Vec<u8>> {
        // Until it is whole it has another ending.
        let found = || -> std::io::Result<Option<PathBuf>> {
            for file in std::fs::read_dir(folder)? {
                let path = file?.path();
                if path.extension().is_some_and(|end| end == ending) {
                    return Ok(Some(path));
                }
            }
            Ok(None)
        };
        let waiting = async {
            loop {
                if let Some(file) = found()? {
                    let bytes = std::fs::read(&file)?;
                    std::fs::remove_file(file)?;
                    return Ok::<_, std::io::Error>(bytes);
                }
                tokio::time::sleep(GLANCE).await;
            }
        };
        Ok(tokio::time::timeout(PATIENCE, waiting).await.context("a download")??)
    }

    /// Runs a script in the page and gives back what it returns.
    ///
    /// # Errors
    /// When the script fails.
    pub async fn script(&self, script: &str) -> anyhow::Result<Value> {
        Ok(self.client.execute(script, Vec::new()).await?)
    }

    /// Lets the browser say that its user prefers dark colours, or light ones.
    ///
    /// # Errors
    /// When the driver does not pass it on.
    pub async fn prefer(&self, scheme: &str) -> anyhow::Result<()> {
        let feature = json!({ "name": "prefers-color-scheme", "value": scheme });
        let params = json!({ "features": [feature] });
        self.devtools("Emulation.setEmulatedMedia", &params).await
    }

    /// The page's address.
    ///
    /// # Errors
    /// When the browser cannot say.
    pub async fn address(&self) -> anyhow::Result<String> {
        Ok(self.client.current_url().await?.to_string())
    }

    /// Keeps a picture of the window as `target/screenshots/<name>.png`.
    ///
    /// # Errors
    /// When the browser or the disk cannot.
    pub async fn screenshot(&self, name: &str) -> anyhow::Result<()> {
        let picture = self.client.screenshot().await?;
        Ok(std::fs::write(self.screenshots.join(format!("{name}.png")), picture)?)
    }

    /// What the page's scripts and the browser complained about since the last call.
    ///
    /// # Errors
    /// When the driver does not say.
    pub async fn complaints(&self) -> anyhow::Result<Vec<String>> {
        let answer = self.ask_driver("se/log", &json!({ "type": "browser" })).await?;
        let entries = answer["value"].as_array().context("a log")?;
        let is_complaint = |entry: &&Value| matches!(entry["level"].as_str(), Some("SEVERE" | "WARNING"));
        Ok(entries.iter().filter(is_complaint).map(|entry| entry["message"].to_string()).collect())
    }

    /// Sends a command of the browser's own protocol.
    async fn devtools(&self, command: &str, params: &Value) -> anyhow::Result<()> {
        let answer = self.ask_driver("goog/cdp/execute", &json!({ "cmd": command, "params": params })).await?;
        ensure!(answer["value"].get("error").is_none(), "{command}: {answer}");
        Ok(())
    }

    /// Sends a command that is the driver's own.
    async fn ask_driver(&self, command: &str, body: &Value) -> anyhow::Result<Value> {
        // The provider of the phone's own transport; a second call finds it in place already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let session = self.client.session_id().await?.context("a session")?;
        let address = format!("{}/session/{session}/{command}", self.driver_url);
        let answer = reqwest::Client::new().post(address).body(body.to_string()).send().await?.text().await?;
        Ok(serde_json::from_str(&answer)?)
    }

    /// Ends the browser.
    ///
    /// # Errors
    /// When the driver does not answer.
    pub async fn close(self) -> anyhow::Result<()> {
        Ok(self.client.close().await?)
    }
}

fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// Starts the driver on a port it chooses, which it tells on its standard output.
async fn start_driver(program: &Path) -> anyhow::Result<(Child, String)> {
    let mut driver = Command::new(program)
        .arg("--port=0")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let output = driver.stdout.take().context("the driver's output")?;
    let mut lines = BufReader::new(output).lines();
    while let Some(line) = lines.next_line().await? {
        if let Some((_, port)) = line.split_once("started successfully on port ") {
            let url = format!("http://127.0.0.1:{}", port.trim_end_matches('.'));
            // The driver goes on writing; nobody needs to read it, but its pipe must stay open.
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return Ok((driver, url));
        }
    }
    bail!("the driver ended without saying its port")
}

async fn connect(driver_url: &str, chromium: &Path, profile: &Path) -> anyhow::Result<Client> {
    let mut args: Vec<String> = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--force-color-profile=srgb",
        "--hide-scrollbars",
        "--lang=en-US",
        "--window-size=1280,900",
    ]
    .map(str::to_owned)
    .into();
    args.push(format!("--user-data-dir={}", profile.display()));
    let capabilities = json!({
        "browserName": "chrome",
        "goog:chromeOptions": { "binary": chromium, "args": args },
        "goog:loggingPrefs": { "browser": "ALL" },
    });
    let Value::Object(capabilities) = capabilities else { bail!("capabilities are an object") };
    let mut builder = ClientBuilder::new(HttpConnector::new());
    builder.capabilities(capabilities);
    builder.connect(driver_url).await.context("start a browser session")
}

/// `target/screenshots` of this build.
fn screenshot_folder() -> anyhow::Result<PathBuf> {
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target"), PathBuf::from);
    let folder = target.join("screenshots");
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}
