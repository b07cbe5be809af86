//! Chromium, driven as a visitor would: by labels, buttons and keys.
//!
//! A method that needs something on the page waits for it, up to a bound, and fails with what the
//! page showed instead; none takes the passing of time for an answer. A click or a key that leads
//! to another page returns when that page is loaded. The browser reaches loopback and nothing else,
//! starts with an empty profile, and ends with its test.

#![allow(
    dead_code,
    reason = "a vocabulary, of which the tests use what they need"
)]

pub mod bringing;
mod driver;
mod finding;
mod instruments;
pub mod validator;

use crate::support::browser::driver::{Driver, Failure};
use crate::support::browser::finding::{id, quoted};
use reqwest::Method;
use serde_json::{Value, json};
use std::path::Path;
use tokio::sync::{Semaphore, SemaphorePermit};

/// Browsers at one time, as each takes some 300 MB and a core while it starts.
static SEATS: Semaphore = Semaphore::const_new(2);

/// Keep Chromium from calling home, and make it draw the same everywhere.
const FLAGS: &[&str] = &[
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-breakpad",
    "--disable-client-side-phishing-detection",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-extensions",
    "--disable-features=AutofillServerCommunication,CertificateTransparencyComponentUpdater,\
     DialMediaRouteProvider,MediaRouter,OptimizationHints,Translate",
    "--disable-sync",
    // A page that scrolls smoothly on a busy machine still moves when it is clicked on.
    "--force-prefers-reduced-motion",
    "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
    "--lang=en",
    "--metrics-recording-only",
    "--no-default-browser-check",
    "--no-first-run",
    "--no-pings",
    "--no-proxy-server",
    "--password-store=basic",
];

/// Keys for [`Browser::keys`] that are not characters. Shift, Control and Alt stay down until the
/// end of the call.
pub mod key {
    /// To the next element; after [`SHIFT`], to the one before.
    pub const TAB: &str = "\u{E004}";
    /// Follow, press, submit.
    pub const ENTER: &str = "\u{E007}";
    /// Leave a dialog or a menu.
    pub const ESCAPE: &str = "\u{E00C}";
    /// Press a button, tick a box, scroll.
    pub const SPACE: &str = " ";
    /// Towards the top.
    pub const UP: &str = "\u{E013}";
    /// Towards the bottom.
    pub const DOWN: &str = "\u{E015}";
    /// Held while the following keys are pressed.
    pub const SHIFT: &str = "\u{E008}";
    /// Held while the following keys are pressed.
    pub const CONTROL: &str = "\u{E009}";
    /// Held while the following keys are pressed.
    pub const ALT: &str = "\u{E00A}";
}

/// Whether pages may run their scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scripts {
    /// As most visitors have it.
    On,
    /// As some visitors choose it; the tests' own commands work nevertheless.
    Off,
}

/// A browser with one window and an empty profile.
pub struct Browser {
    // Before the seat: the browser is gone when the next one may start.
    driver: Driver,
    session: String,
    scripts: Scripts,
    _seat: SemaphorePermit<'static>,
}

impl Browser {
    /// Starts a browser, as soon as there is room for one, with a viewport of 1280 by 800.
    pub async fn start(scripts: Scripts) -> Browser {
        let seat = SEATS.acquire().await.expect("the seats stay open");
        let driver = Driver::start().await;
        let preferences = json!({
            "credentials_enable_service": false,
            "profile.password_manager_enabled": false,
            "profile.password_manager_leak_detection": false,
            "safebrowsing.enabled": false,
            "search.suggest_enabled": false,
            "intl.accept_languages": "en",
        });
        let mut options = json!({
            "args": FLAGS,
            "prefs": preferences,
            // What `settle` reads; the network's events would be many and none of its business.
            "perfLoggingPrefs": {"enableNetwork": false, "enablePage": true},
        });
        let debian = "/usr/bin/chromium";
        if Path::new(debian).exists() {
            options["binary"] = json!(debian);
        }
        let request = json!({"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": options,
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
            "timeouts": {"pageLoad": 30_000, "script": 30_000},
        }}});
        let session = match driver.call(Method::POST, "/session", &request).await {
            Ok(value) => value["sessionId"]
                .as_str()
                .expect("a session id")
                .to_owned(),
            Err(failure) => panic!("Chromium does not start: {}", failure.message),
        };
        let browser = Browser {
            driver,
            session,
            scripts,
            _seat: seat,
        };
        browser.set_size(1280, 800).await;
        browser.allow_scripts(scripts).await;
        browser
    }

    /// Opens an address and waits until the page is loaded.
    pub async fn goto(&self, url: &str) {
        self.must(Method::POST, "/url", json!({ "url": url })).await;
    }

    /// Loads the page again.
    pub async fn reload(&self) {
        self.must(Method::POST, "/refresh", json!({})).await;
    }

    /// Goes back, as the browser's button does.
    pub async fn back(&self) {
        self.must(Method::POST, "/back", json!({})).await;
    }

    /// The address that the window shows.
    pub async fn url(&self) -> String {
        words(self.must(Method::GET, "/url", Value::Null).await)
    }

    /// The title of the page.
    pub async fn title(&self) -> String {
        words(self.must(Method::GET, "/title", Value::Null).await)
    }

    /// Writes into a field, in place of what it held. The field is named by its label, by the
    /// beginning of its label, or by a CSS selector. In a `select`, takes the option of that text.
    pub async fn fill(&self, label_or_css: &str, text: &str) {
        self.until(
            &format!("a field “{label_or_css}” to fill"),
            async || {
                let Some(field) = self.field(label_or_css).await? else {
                    return Ok(None);
                };
                let tag = words(self.of(&field, "name").await?);
                if tag == "select" {
                    let path = format!(".//option[normalize-space()={}]", quoted(text));
                    let request = json!({"using": "xpath", "value": path});
                    let option = self.on(&field, "element", request).await?;
                    self.on(&id(&option), "click", json!({})).await?;
                    return Ok(Some(()));
                }
                if self.of(&field, "attribute/type").await? != "file" {
                    self.on(&field, "clear", json!({})).await?;
                }
                self.on(&field, "value", json!({ "text": text })).await?;
                Ok(Some(()))
            },
        )
        .await;
    }

    /// Clicks on the first element that fits, such as a box to tick.
    pub async fn click(&self, css: &str) {
        self.click_on(&format!("an element {css} to click"), "css selector", css)
            .await;
    }

    /// Clicks on a point of the viewport as a hand would: nothing is scrolled there first.
    pub async fn click_at(&self, x: i64, y: i64) {
        let presses = json!([
            {"type": "pointerMove", "duration": 0, "x": x, "y": y},
            {"type": "pointerDown", "button": 0},
            {"type": "pause", "duration": 50},
            {"type": "pointerUp", "button": 0},
        ]);
        let mouse = json!({
            "type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"},
            "actions": presses,
        });
        self.must(Method::POST, "/actions", json!({ "actions": [mouse] }))
            .await;
    }

    /// Presses the button of that text, be it drawn or spoken.
    pub async fn press(&self, button_text: &str) {
        let text = quoted(button_text);
        let path = format!(
            "//*[self::button or self::summary or @role='button']\
             [not(@hidden)][normalize-space()={text} or @aria-label={text}] \
             | //input[(@type='submit' or @type='button') and @value={text}]"
        );
        self.click_on(&format!("a button “{button_text}”"), "xpath", &path)
            .await;
    }

    /// Follows the link of that text, be it drawn or spoken.
    pub async fn follow(&self, link_text: &str) {
        let text = quoted(link_text);
        let path = format!("//a[@href][normalize-space()={text} or @aria-label={text}]");
        self.click_on(&format!("a link “{link_text}”"), "xpath", &path)
            .await;
    }

    /// Ticks or unticks the box of that label, or chooses the radio button.
    pub async fn tick(&self, label_or_css: &str) {
        self.until(
            &format!("a box “{label_or_css}” to tick"),
            async || match self.field(label_or_css).await? {
                Some(field) => self.on(&field, "click", json!({})).await.map(|_| Some(())),
                None => Ok(None),
            },
        )
        .await;
    }

    /// Types on the keyboard, wherever the focus is. See [`key`] for keys without a character.
    pub async fn keys(&self, keys: &str) {
        self.strike(keys).await;
        self.settle().await;
    }

    /// The same, for who waits for something of their own afterwards.
    pub async fn strike(&self, keys: &str) {
        let (mut presses, mut held) = (Vec::new(), Vec::new());
        for name in keys.chars() {
            presses.push(json!({"type": "keyDown", "value": name}));
            if [key::SHIFT, key::CONTROL, key::ALT].contains(&name.to_string().as_str()) {
                held.push(json!({"type": "keyUp", "value": name}));
            } else {
                presses.push(json!({"type": "keyUp", "value": name}));
            }
        }
        presses.append(&mut held);
        let keyboard = json!({"type": "key", "id": "keyboard", "actions": presses});
        self.must(Method::POST, "/actions", json!({ "actions": [keyboard] }))
            .await;
    }

    /// What the first element that fits shows as text, once there is one.
    pub async fn text(&self, css: &str) -> String {
        self.until(&format!("an element {css}"), async || {
            match self.all("css selector", css).await?.first() {
                Some(element) => Ok(Some(words(self.of(element, "text").await?))),
                None => Ok(None),
            }
        })
        .await
    }

    /// An attribute of the first element that fits, once there is one.
    pub async fn attribute(&self, css: &str, name: &str) -> Option<String> {
        self.look(css, &format!("attribute/{name}")).await
    }

    /// What a form field holds now.
    pub async fn value(&self, css: &str) -> String {
        self.look(css, "property/value").await.unwrap_or_default()
    }

    /// Whether such an element is on the page at this moment.
    pub async fn exists(&self, css: &str) -> bool {
        self.count(css).await > 0
    }

    /// How many such elements are on the page at this moment.
    pub async fn count(&self, css: &str) -> usize {
        match self.all("css selector", css).await {
            Ok(elements) => elements.len(),
            Err(failure) => panic!("{css}: {}", failure.message),
        }
    }

    /// Waits until such an element is on the page.
    pub async fn wait_for(&self, css: &str) {
        self.until(&format!("an element {css}"), async || {
            Ok((!self.all("css selector", css).await?.is_empty()).then_some(()))
        })
        .await;
    }

    /// Waits until no such element is on the page.
    pub async fn wait_until_gone(&self, css: &str) {
        self.until(&format!("no element {css}"), async || {
            Ok(self
                .all("css selector", css)
                .await?
                .is_empty()
                .then_some(()))
        })
        .await;
    }

    /// Waits until an element that fits shows a text with the needle in it.
    pub async fn wait_for_text(&self, css: &str, needle: &str) {
        self.until(&format!("“{needle}” in {css}"), async || {
            for element in self.all("css selector", css).await? {
                if words(self.of(&element, "text").await?).contains(needle) {
                    return Ok(Some(()));
                }
            }
            Ok(None)
        })
        .await;
    }

    /// The opening tag of the element that has the focus.
    pub async fn focused(&self) -> String {
        let script = "const e = document.activeElement; return e ? e.cloneNode().outerHTML : ''";
        words(self.execute(script, json!([])).await)
    }

    /// Runs a script as the body of a function, and returns what it returns; a promise is awaited.
    pub async fn execute(&self, script: &str, arguments: Value) -> Value {
        self.must(
            Method::POST,
            "/execute/sync",
            json!({"script": script, "args": arguments}),
        )
        .await
    }

    /// Ends the browser. Dropping it does so too, without asking it first.
    pub async fn close(self) {
        self.must(Method::DELETE, "", Value::Null).await;
    }

    async fn click_on(&self, request: &str, using: &str, what: &str) {
        self.until(request, async || {
            match self.all(using, what).await?.first() {
                Some(element) => self.on(element, "click", json!({})).await.map(|_| Some(())),
                None => Ok(None),
            }
        })
        .await;
        self.settle().await;
    }

    async fn look(&self, css: &str, what: &str) -> Option<String> {
        self.until(&format!("an element {css}"), async || {
            match self.all("css selector", css).await?.first() {
                Some(element) => Ok(Some(
                    self.of(element, what).await?.as_str().map(str::to_owned),
                )),
                None => Ok(None),
            }
        })
        .await
    }

    async fn must(&self, method: Method, path: &str, body: Value) -> Value {
        match self.call(method.clone(), path, body).await {
            Ok(value) => value,
            Err(failure) => panic!("{method} {path}: {}: {}", failure.error, failure.message),
        }
    }

    async fn call(&self, method: Method, path: &str, body: Value) -> Result<Value, Failure> {
        self.driver
            .call(method, &format!("/session/{}{path}", self.session), &body)
            .await
    }
}

fn words(value: Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
