//! What a visitor brings into a page from elsewhere: files that are pasted or dropped. A file chooser is filled like
//! any field, with the path of a file.

use crate::support::browser::Browser;
use serde_json::json;

/// How a file gets into a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gesture {
    /// From the clipboard, such as a screenshot.
    Paste,
    /// By the mouse, from a folder.
    Drop,
}

impl Browser {
    /// Brings a file to the first element that fits, as the keyboard or the mouse would; the page's own scripts do
    /// with it what they do. Without scripts nothing happens.
    pub async fn bring(&self, gesture: Gesture, css: &str, name: &str, kind: &str, bytes: &[u8]) {
        self.wait_for(css).await;
        let script = "const [css, name, type, bytes, gesture] = arguments;
            const data = new DataTransfer();
            data.items.add(new File([new Uint8Array(bytes)], name, { type }));
            const settings = { bubbles: true, cancelable: true };
            const event = gesture === 'paste'
                ? new ClipboardEvent('paste', { ...settings, clipboardData: data })
                : new DragEvent('drop', { ...settings, dataTransfer: data });
            document.querySelector(css).dispatchEvent(event);";
        let gesture = match gesture {
            Gesture::Paste => "paste",
            Gesture::Drop => "drop",
        };
        self.execute(script, json!([css, name, kind, bytes, gesture]))
            .await;
    }

    /// Waits until a form field holds a text with the needle in it, and returns all of it.
    pub async fn wait_for_value(&self, css: &str, needle: &str) -> String {
        self.until(&format!("“{needle}” in the field {css}"), async || {
            for field in self.all("css selector", css).await? {
                let value = self.of(&field, "property/value").await?;
                if let Some(value) = value.as_str().filter(|value| value.contains(needle)) {
                    return Ok(Some(value.to_owned()));
                }
            }
            Ok(None)
        })
        .await
    }
}
