//! What a visitor cannot do: measure, photograph and judge a page, and change the screen.
//! Never acts on the page in a visitor's place.

use crate::support::browser::{Browser, Scripts, words};
use reqwest::Method;
use serde_json::{Value, json};
use std::path::Path;

const AXE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/node_modules/axe-core/axe.min.js"
);

impl Browser {
    /// Sets the viewport in CSS pixels. Windows have a least width, viewports have none.
    pub async fn set_size(&self, width: u32, height: u32) {
        let size = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false,
        });
        self.devtools("Emulation.setDeviceMetricsOverride", size)
            .await;
    }

    /// How many CSS pixels the page is wider than the viewport: a reader would scroll sideways.
    pub async fn overflow(&self) -> i64 {
        let metrics = self.devtools("Page.getLayoutMetrics", json!({})).await;
        let width = |of: &str, name: &str| metrics[of][name].as_f64().unwrap_or_default();
        (width("cssContentSize", "width") - width("cssLayoutViewport", "clientWidth")) as i64
    }

    /// Says to pages that the visitor prefers dark colours, or that they prefer light ones.
    pub async fn prefer_dark(&self, dark: bool) {
        let value = if dark { "dark" } else { "light" };
        let features = json!([{"name": "prefers-color-scheme", "value": value}]);
        self.devtools(
            "Emulation.setEmulatedMedia",
            json!({ "features": features }),
        )
        .await;
    }

    /// Writes a picture of the whole page, beyond the viewport too, as PNG.
    pub async fn screenshot(&self, path: impl AsRef<Path>) {
        let metrics = self.devtools("Page.getLayoutMetrics", json!({})).await;
        let size = &metrics["cssContentSize"];
        let clip = json!({
            "x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1,
        });
        let request = json!({"format": "png", "captureBeyondViewport": true, "clip": clip});
        let picture = self.devtools("Page.captureScreenshot", request).await;
        let bytes = base64(picture["data"].as_str().expect("a picture"));
        std::fs::write(path, bytes).expect("write the picture");
    }

    /// What axe-core finds against WCAG 2.2 A and AA and its best practices, a line for each
    /// element. The page needs no scripts of its own and its content policy need not allow any.
    pub async fn axe_violations(&self) -> Vec<String> {
        let axe = std::fs::read_to_string(AXE)
            .unwrap_or_else(|_| panic!("{AXE} is missing: run `npm ci` in tests/"));
        let run = r"
            const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
            return axe.run(document, {runOnly: tags, resultTypes: ['violations']}).then(report =>
                report.violations.flatMap(rule => rule.nodes.map(node =>
                    `${rule.id} (${node.impact || rule.impact}) at ${node.target.join(' ')}: ${rule.help}`
                    + [node.any, node.all, node.none].filter(checks => checks.length)
                        .map(checks => '; ' + checks[0].message).join(''))));
        ";
        // Its promises and timers need a page that may run scripts. The page's own do not run
        // belatedly: they were dropped while the page was read, and what noscript holds stays.
        self.allow_scripts(Scripts::On).await;
        let found = self.execute(&format!("{axe};{run}"), json!([])).await;
        self.allow_scripts(self.scripts).await;
        lines(&found)
    }

    /// The errors in the console since the last call: of scripts, of the content policy, and of
    /// things that did not load.
    pub async fn console_errors(&self) -> Vec<String> {
        let entries = self
            .must(Method::POST, "/se/log", json!({"type": "browser"}))
            .await;
        let entries = entries.as_array().into_iter().flatten();
        let severe = entries.filter(|entry| entry["level"] == "SEVERE");
        severe
            .map(|entry| words(entry["message"].clone()))
            .collect()
    }

    /// The addresses of the pictures on the page that cannot be shown, those that are not yet in sight included.
    pub async fn broken_pictures(&self) -> Vec<String> {
        let decode = "return Promise.all([...document.images].map(picture => {
            picture.loading = 'eager';
            // A picture whose source changes meanwhile, as with the colour scheme, is asked again.
            const again = () => new Promise(done => setTimeout(done, 300)).then(() => picture.decode());
            return picture.decode().catch(again)
                .then(() => '', () => picture.currentSrc || picture.src || 'no address');
        })).then(all => all.filter(address => address !== ''));";
        // As above: promises need a page that may run scripts.
        self.allow_scripts(Scripts::On).await;
        let broken = self.execute(decode, json!([])).await;
        self.allow_scripts(self.scripts).await;
        lines(&broken)
    }

    /// The addresses on other sites that the page has asked for, in vain or not.
    pub async fn foreign_requests(&self) -> Vec<String> {
        let foreign = "return performance.getEntriesByType('resource').map(entry => entry.name)
            .filter(address => !address.startsWith(location.origin + '/') && !address.startsWith('data:'));";
        lines(&self.execute(foreign, json!([])).await)
    }

    /// How many bytes the page and all that belongs to it took, with the answers' headers. Pictures and fonts that
    /// are loaded later, when they come into view, are not among them.
    pub async fn bytes_on_the_wire(&self) -> u64 {
        let sum =
            "return ['navigation', 'resource'].flatMap(kind => performance.getEntriesByType(kind))
            .reduce((sum, entry) => sum + entry.transferSize, 0);";
        let sum = self.execute(sum, json!([])).await;
        sum.as_u64().expect("a number of bytes")
    }

    /// As Chromium's developer tools do it: unlike the setting for visitors, it can be lifted for
    /// a tool that looks at the page.
    pub(super) async fn allow_scripts(&self, scripts: Scripts) {
        let value = scripts == Scripts::Off;
        self.devtools(
            "Emulation.setScriptExecutionDisabled",
            json!({ "value": value }),
        )
        .await;
    }

    async fn devtools(&self, command: &str, parameters: Value) -> Value {
        let body = json!({"cmd": command, "params": parameters});
        self.must(Method::POST, "/goog/cdp/execute", body).await
    }
}

fn lines(list: &Value) -> Vec<String> {
    let list = list.as_array().expect("a list");
    list.iter().map(|line| words(line.clone())).collect()
}

fn base64(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0_u32, 0);
    for character in text.bytes() {
        let Some(value) = ALPHABET.iter().position(|known| *known == character) else {
            break;
        };
        bits = (bits << 6) | value as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    bytes
}
