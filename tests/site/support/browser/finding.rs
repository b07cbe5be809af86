//! Finds elements as a visitor finds them, and waits for them as a visitor waits: until they are
//! there, or a timeout. Never answers before it has looked, nor later than it has to.

use crate::support::browser::driver::Failure;
use crate::support::browser::{Browser, words};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::time::{Duration, Instant};

/// How long a page may take to show what a test waits for.
const PATIENCE: Duration = Duration::from_secs(10);

/// The pause between two checks of the page.
const BREATH: Duration = Duration::from_millis(20);

/// The name under which WebDriver hands out elements.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

impl Browser {
    /// The field of a label: exactly so, else beginning so; else the element of a CSS selector.
    pub(super) async fn field(&self, label_or_css: &str) -> Result<Option<String>, Failure> {
        let text = quoted(label_or_css);
        for fits in [
            format!("normalize-space()={text}"),
            format!("starts-with(normalize-space(), {text})"),
        ] {
            let fields = "self::input or self::textarea or self::select";
            let path = format!(
                "//*[{fields}][@id=//label[{fits}]/@for or ancestor::label[{fits}] \
                 or @aria-label={text}]"
            );
            if let Some(field) = self.all("xpath", &path).await?.into_iter().next() {
                return Ok(Some(field));
            }
        }
        match self.all("css selector", label_or_css).await {
            Ok(fields) => Ok(fields.into_iter().next()),
            // The text of a label is rarely a selector.
            Err(failure) if failure.error == "invalid selector" => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// Tries until there is an answer; fails the test when there is none in time.
    pub(super) async fn until<T>(
        &self,
        condition: &str,
        attempt: impl AsyncFn() -> Result<Option<T>, Failure>,
    ) -> T {
        let end = Instant::now() + PATIENCE;
        loop {
            let obstacle = match attempt().await {
                Ok(Some(answer)) => return answer,
                Ok(None) => String::from("not there"),
                Err(failure) if passes(&failure) => failure.message,
                Err(failure) => panic!("{condition}: {}: {}", failure.error, failure.message),
            };
            if Instant::now() >= end {
                panic!(
                    "waited in vain for {condition}: {obstacle}\n{}",
                    self.plight().await
                );
            }
            tokio::time::sleep(BREATH).await;
        }
    }

    /// Waits until the page that the last act leads to is loaded, if it leads to one. A click is
    /// done when its page has handled it, but the old page answers until the new one arrives, and
    /// chromedriver does not always notice in time that one is on its way.
    pub(super) async fn settle(&self) {
        // The page's answer comes after all that it had to say about the act.
        let _ = self
            .call(
                Method::POST,
                "/execute/sync",
                json!({"script": "", "args": []}),
            )
            .await;
        let (mut planned, mut loading) = (HashSet::new(), HashSet::new());
        let end = Instant::now() + PATIENCE;
        loop {
            let log = self
                .must(Method::POST, "/se/log", json!({"type": "performance"}))
                .await;
            for entry in log.as_array().into_iter().flatten() {
                let entry = entry["message"].as_str().unwrap_or_default();
                let event: Value = serde_json::from_str(entry).unwrap_or_default();
                let (method, about) = (&event["message"]["method"], &event["message"]["params"]);
                let frame = words(about["frameId"].clone());
                match method.as_str() {
                    // Forms ask first and plan later; what opens elsewhere is not waited for.
                    // A frame of the page begins at once, and nothing clears its plan.
                    Some("Page.frameRequestedNavigation") => {
                        about["disposition"] == "currentTab"
                            && about["reason"] != "initialFrameNavigation"
                            && planned.insert(frame)
                    }
                    Some("Page.frameScheduledNavigation") => planned.insert(frame),
                    Some("Page.frameClearedScheduledNavigation") => planned.remove(&frame),
                    Some("Page.frameStartedLoading") => loading.insert(frame),
                    Some("Page.frameStoppedLoading") => loading.remove(&frame),
                    // A frame that is taken away never finishes; one that is swapped goes on in another process.
                    Some("Page.frameDetached") if about["reason"] != "swap" => {
                        planned.remove(&frame) | loading.remove(&frame)
                    }
                    _ => false,
                };
            }
            if planned.is_empty() && loading.is_empty() {
                return;
            }
            assert!(
                Instant::now() < end,
                "waited in vain for the next page\n{}",
                self.plight().await
            );
            tokio::time::sleep(BREATH).await;
        }
    }

    /// What the page shows, for the message of a test that failed.
    async fn plight(&self) -> String {
        let script = "return document.body ? document.body.innerText : ''";
        let condition = json!({"script": script, "args": []});
        let text = words(
            self.read(Method::POST, "/execute/sync", condition)
                .await
                .unwrap_or_default(),
        );
        let text: String = text.chars().take(1500).collect();
        format!(
            "the page is {} “{}”:\n{text}",
            self.url().await,
            self.title().await
        )
    }

    pub(super) async fn all(&self, using: &str, what: &str) -> Result<Vec<String>, Failure> {
        let found = self
            .read(
                Method::POST,
                "/elements",
                json!({"using": using, "value": what}),
            )
            .await?;
        Ok(found.as_array().into_iter().flatten().map(id).collect())
    }

    pub(super) async fn of(&self, element: &str, what: &str) -> Result<Value, Failure> {
        self.read(
            Method::GET,
            &format!("/element/{element}/{what}"),
            Value::Null,
        )
        .await
    }

    pub(super) async fn on(
        &self,
        element: &str,
        verb: &str,
        body: Value,
    ) -> Result<Value, Failure> {
        self.call(Method::POST, &format!("/element/{element}/{verb}"), body)
            .await
    }

    /// A question, which may be asked again when the page it was put to went away meanwhile.
    async fn read(&self, method: Method, path: &str, body: Value) -> Result<Value, Failure> {
        let gone = ["aborted by navigation", "does not belong to the document"];
        self.call(method, path, body).await.map_err(|mut failure| {
            if gone.iter().any(|words| failure.message.contains(words)) {
                failure.error = String::from("stale element reference");
            }
            failure
        })
    }
}

/// Whether a page that is still at work may get over it.
fn passes(failure: &Failure) -> bool {
    matches!(
        failure.error.as_str(),
        "no such element"
            | "stale element reference"
            | "element not interactable"
            | "element click intercepted"
            | "invalid element state"
    )
}

/// The handle of an element that WebDriver found.
pub(super) fn id(element: &Value) -> String {
    element[ELEMENT].as_str().expect("an element").to_owned()
}

/// A text as XPath writes it: the language has no escapes, so a text with both kinds of quotes is
/// put together from pieces.
pub(super) fn quoted(text: &str) -> String {
    if !text.contains('"') {
        return format!("\"{text}\"");
    }
    let pieces: Vec<String> = text
        .split('"')
        .map(|piece| format!("\"{piece}\""))
        .collect();
    format!("concat({})", pieces.join(", '\"', "))
}
