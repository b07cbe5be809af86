//! The first day of an organisation: an administrator gives the site its identity, its pages and its menus, and writes
//! a post with pictures; readers see all of it. In a real browser, with scripts and without.

use std::path::PathBuf;

use rejoinder::store::entity::user::Role;
use serde_json::json;
use tempfile::TempDir;

use crate::support::browser::bringing::Gesture;
use crate::support::browser::{Browser, Scripts};
use crate::support::database::Kind;
use crate::support::pictures;
use crate::support::site::{PASSWORD, Site};
use crate::working::until;

const NAME: &str = "Delta Watch";
const TAGLINE: &str = "What happens to our river";
const CAPTION: &str = "The map of the ministry, 3 May";

/// What the administrator types, around the screenshot.
const BEGINNING: &str = "The spill was larger than reported.[^spill]\n\n";
const END: &str = "\n\n## Spills by region\n\n| Region | Spills |\n| :----- | -----: |\n| Delta | 412 |\n| Coast | 96 |\n\n\
    Read on in [the figures](#spills-by-region).\n\n[^spill]: Ministry of the Environment, report of 3 May.\n";

/// Somebody who sets the site up, with pictures on their disk.
struct Administrator<'a> {
    site: &'a Site,
    browser: Browser,
    scripts: Scripts,
    disk: TempDir,
}

impl<'a> Administrator<'a> {
    async fn sign_in(site: &'a Site, scripts: Scripts) -> Self {
        let user = site.account_named("Ada Okoye", Role::Administrator).await;
        let browser = Browser::start(scripts).await;
        browser.goto(&format!("{}/login", site.base)).await;
        browser.fill("Email", &user.email).await;
        browser.fill("Password", PASSWORD).await;
        browser.press("Sign in").await;
        browser.wait_for_text("h1", "Posts").await;
        let disk = tempfile::tempdir().unwrap();
        Self {
            site,
            browser,
            scripts,
            disk,
        }
    }

    async fn open(&self, path: &str) {
        let address = format!("{}{path}", self.site.base);
        self.browser.goto(&address).await;
    }

    fn save(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.disk.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    async fn saved(&self) {
        self.browser.wait_for_text(".received", "Saved").await;
    }

    /// Name, tagline, colour, footer and profiles.
    async fn identify(&self) {
        let browser = &self.browser;
        self.open("/settings/").await;
        browser.fill("#site_name", NAME).await;
        browser.fill("#tagline", TAGLINE).await;
        browser
            .fill("#footer_text", "A charity registered in Bern.")
            .await;
        browser
            .fill("#social_links", "Mastodon https://social.example/@delta")
            .await;
        browser.fill("#accent", "#b3261e").await;
        // The last that was typed, among the notes on its contrast.
        self.previewed("preview.body.innerText.includes('#b3261e')")
            .await;
        assert_eq!(browser.value("#site_name").await, NAME);
        browser.click("form:has(#site_name) button.primary").await;
        self.saved().await;
        assert_eq!(browser.value("#accent").await, "#b3261e");
    }

    /// Waits until this is true of the preview of what was typed: by itself where scripts run, else at the press of
    /// its button. The form stays as it is.
    async fn previewed(&self, condition: &str) {
        if self.scripts == Scripts::Off {
            self.browser.press("Preview").await;
        }
        let is_so = format!(
            "const preview = document.querySelector('iframe.design-preview').contentDocument;
            return Boolean(preview?.querySelector('.tagline')) && Boolean({condition});"
        );
        until("the preview shows what was typed", async || {
            self.browser.execute(&is_so, json!([])).await == json!(true)
        })
        .await;
    }

    /// Logos that are uploaded in place, fonts, header, home page and a line of CSS.
    async fn design(&self) {
        let browser = &self.browser;
        let logo = self.save("logo.png", &pictures::png(400, 160, 30));
        let dark = self.save("logo-dark.png", &pictures::png(400, 160, 220));
        self.open("/settings/design").await;
        browser.fill("#logo_file", logo.to_str().unwrap()).await;
        browser
            .fill("#logo_dark_file", dark.to_str().unwrap())
            .await;
        browser
            .fill("#header_style", "Name above the menu, centred")
            .await;
        browser.fill("#fonts", "Atkinson Hyperlegible").await;
        browser.fill("#home_style", "Cards with pictures").await;
        browser
            .fill("#custom_css", ".tagline { letter-spacing: 3px; }")
            .await;
        self.previewed(
            "getComputedStyle(preview.querySelector('.tagline')).letterSpacing === '3px'",
        )
        .await;
        browser.click("form.design button.primary").await;
        self.saved().await;
        assert_ne!(browser.value("#logo").await, "");
        assert_ne!(browser.value("#logo_dark").await, "");
        assert_eq!(browser.broken_pictures().await, Vec::<String>::new());
    }

    async fn add_page(&self, title: &str, parent: Option<&str>) {
        let browser = &self.browser;
        self.open("/desk/posts/new?kind=page").await;
        browser.fill("Title", title).await;
        browser
            .fill("#body", &format!("All about “{title}”."))
            .await;
        if let Some(parent) = parent {
            browser.fill("Parent page", parent).await;
        }
        browser.press("Publish").await;
        browser.wait_for_text("article.post h1", title).await;
    }

    async fn add_menu_item(&self, label: &str, target: &str, into: &str) {
        let browser = &self.browser;
        browser.fill("#label", label).await;
        browser.fill("#target", target).await;
        browser.fill("#into", into).await;
        browser.press("Add item").await;
        self.saved().await;
        browser.wait_for(&format!("input[value='{label}']")).await;
    }

    /// A header menu with one nested item, put in order, and a footer menu.
    async fn arrange_menus(&self) {
        self.open("/settings/navigation").await;
        self.add_menu_item("Start", "/", "Header menu").await;
        self.add_menu_item("Who we are", "/about/", "Header menu")
            .await;
        self.add_menu_item("Our rules", "/about/how-we-work/", "– Who we are")
            .await;
        self.add_menu_item("Feed", "/feed/", "Footer menu").await;
        self.browser.press("Move up: Who we are").await;
        self.browser
            .wait_for("button[aria-label='Move down: Who we are']")
            .await;
        self.browser
            .wait_until_gone("button[aria-label='Move up: Who we are']")
            .await;
    }

    /// Uploads a picture in the library, and says its number and its Markdown.
    async fn add_picture(
        &self,
        file: &str,
        bytes: &[u8],
        alt: &str,
        caption: &str,
    ) -> (String, String) {
        let browser = &self.browser;
        let path = self.save(file, bytes);
        self.open("/desk/media").await;
        browser.fill("#alt", alt).await;
        browser.fill("#file", path.to_str().unwrap()).await;
        browser.press("Upload").await;
        browser.wait_for("#markdown").await;
        browser.fill("#caption", caption).await;
        browser.fill("#credit", "Mei Ito").await;
        browser.press("Save").await;
        self.saved().await;
        let item = browser
            .attribute("form:has(#caption)", "action")
            .await
            .unwrap();
        let number = item.rsplit('/').next().unwrap().to_owned();
        (number, browser.value("#markdown").await)
    }

    /// The text of the post, with a screenshot in it: pasted into the text where scripts run, else uploaded in the
    /// library.
    async fn write_text(&self, screenshot: &[u8]) -> String {
        let browser = &self.browser;
        match self.scripts {
            Scripts::On => {
                self.open("/desk/posts/new").await;
                browser.fill("#body", BEGINNING).await;
                browser
                    .bring(
                        Gesture::Paste,
                        "#body",
                        "image.png",
                        "image/png",
                        screenshot,
                    )
                    .await;
                let text = browser.wait_for_value("#body", "](/media/").await;
                let (_, address) = text.split_once("](").unwrap();
                let address = address.split([')', ' ']).next().unwrap();
                assert_eq!(browser.text("#upload-status").await, "");
                format!("{BEGINNING}![A map of the delta]({address} \"{CAPTION}\"){END}")
            }
            Scripts::Off => {
                let (_, markdown) = self
                    .add_picture("screenshot.png", screenshot, "A map of the delta", CAPTION)
                    .await;
                self.open("/desk/posts/new").await;
                format!("{BEGINNING}{markdown}{END}")
            }
        }
    }

    /// Writes a post with everything that news have, and publishes it; says its address.
    async fn publish_news(&self) -> String {
        let browser = &self.browser;
        let photo = pictures::jpeg(1600, 900, 40);
        let (featured, _) = self
            .add_picture("river.jpg", &photo, "The river at dusk", "The river in May")
            .await;
        let text = self.write_text(&pictures::png(900, 500, 200)).await;
        browser.fill("Title", "The spill was larger").await;
        browser.fill("#body", &text).await;
        browser.fill("Tags", "Rivers, Delta").await;
        browser.fill("#featured", &featured).await;
        if self.scripts == Scripts::Off {
            browser.press("Preview").await;
            assert_eq!(
                browser.value("#featured").await,
                featured,
                "nothing is lost"
            );
        }
        browser
            .wait_for_text("#preview-text figcaption", CAPTION)
            .await;
        browser.wait_for("#preview-text table").await;
        assert_eq!(browser.broken_pictures().await, Vec::<String>::new());
        browser.press("Publish").await;
        browser
            .wait_for_text("article.post h1", "The spill was larger")
            .await;
        browser.url().await
    }
}

/// What a reader sees of it on a page of this width.
async fn read(site: &Site, scripts: Scripts, news: &str) {
    let reader = Browser::start(scripts).await;
    reader.goto(&format!("{}/", site.base)).await;
    assert_eq!(reader.title().await, format!("{NAME} – {TAGLINE}"));
    assert_eq!(reader.text("header.site-header .tagline").await, TAGLINE);
    reader
        .wait_for_text("footer.site-footer", "A charity registered in Bern.")
        .await;
    reader
        .wait_for("footer a[rel='me'][href='https://social.example/@delta']")
        .await;
    assert_eq!(reader.broken_pictures().await, Vec::<String>::new());
    see_the_design(&reader).await;
    look_through_the_menu(&reader).await;
    reader.goto(&format!("{}/", site.base)).await;
    reader.follow("The spill was larger").await;
    reader
        .wait_for_text("article.post h1", "The spill was larger")
        .await;
    assert_eq!(reader.url().await, news);
    for (css, shown) in [
        ("figure.featured figcaption", "The river in May"),
        ("figure.featured figcaption", "Mei Ito"),
        (".text figure figcaption", CAPTION),
        (".tags", "Rivers"),
        (".text table", "412"),
    ] {
        reader.wait_for_text(css, shown).await;
    }
    for (css, alt) in [
        ("figure.featured img", "The river at dusk"),
        (".text figure img", "A map of the delta"),
    ] {
        assert_eq!(reader.attribute(css, "alt").await.as_deref(), Some(alt));
    }
    assert_eq!(reader.broken_pictures().await, Vec::<String>::new());
    let aligned =
        "return getComputedStyle(document.querySelector('.text td:nth-child(2)')).textAlign";
    let aligned = reader.execute(aligned, json!([])).await;
    assert!(
        ["right", "end"].contains(&aligned.as_str().unwrap()),
        "{aligned}"
    );
    // The reference to the footnote, the way back, and a link to a heading lead to what is there.
    let reached = "const link = document.querySelector(arguments[0]);
        return document.getElementById(decodeURIComponent(link.hash.slice(1)))?.textContent ?? 'nowhere'";
    for (link, there) in [
        (".text sup a", "Ministry of the Environment"),
        (".text p > a[href^='#']", "Spills by region"),
    ] {
        let text = reader.execute(reached, json!([link])).await;
        assert!(text.as_str().unwrap().contains(there), "{link}: {text}");
    }
    reader.set_size(360, 780).await;
    assert_eq!(reader.overflow().await, 0);
    assert_eq!(reader.foreign_requests().await, Vec::<String>::new());
    assert_eq!(reader.console_errors().await, Vec::<String>::new());
    reader.close().await;
}

/// The logo of each colour scheme, the card of the post with its picture, and the line of CSS.
async fn see_the_design(reader: &Browser) {
    let logo = "return document.querySelector('header.site-header img').currentSrc";
    let light = reader.execute(logo, json!([])).await;
    reader.prefer_dark(true).await;
    // The browser changes it once the page is painted again.
    until("the logo is the one for dark pages", async || {
        assert_eq!(reader.broken_pictures().await, Vec::<String>::new());
        reader.execute(logo, json!([])).await != light
    })
    .await;
    reader.prefer_dark(false).await;
    reader.wait_for("header.header-centred").await;
    reader.wait_for(".post-card.with-picture img").await;
    let look = "const style = css => getComputedStyle(document.querySelector(css));
        return [style('.tagline').letterSpacing, style('body').fontFamily.includes('Atkinson')]";
    let look = reader.execute(look, json!([])).await;
    assert_eq!(look, json!(["3px", true]));
}

/// The nested page by way of the menu, and back up by its breadcrumbs.
async fn look_through_the_menu(reader: &Browser) {
    let order = "return [...document.querySelectorAll('header nav a')].map(link => link.getAttribute('href'))";
    assert_eq!(
        reader.execute(order, json!([])).await,
        json!(["/about/", "/about/how-we-work/", "/"])
    );
    reader.press("Who we are").await;
    reader.follow("Our rules").await;
    reader.wait_for_text("article.post h1", "How we work").await;
    reader.follow("About").await;
    reader.wait_for_text("article.post h1", "About").await;
    assert!(reader.url().await.ends_with("/about/"));
}

async fn a_first_day(scripts: Scripts) {
    let site = Site::start(Kind::Sqlite).await;
    let admin = Administrator::sign_in(&site, scripts).await;
    admin.identify().await;
    admin.design().await;
    admin.add_page("About", None).await;
    admin.add_page("How we work", Some("About")).await;
    admin.arrange_menus().await;
    let news = admin.publish_news().await;
    assert_eq!(admin.browser.console_errors().await, Vec::<String>::new());
    admin.browser.close().await;
    read(&site, scripts, &news).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_is_set_up_and_read_with_scripts() {
    a_first_day(Scripts::On).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_is_set_up_and_read_without_scripts() {
    a_first_day(Scripts::Off).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_pasted_or_dropped_is_added_or_refused_without_losing_text() {
    let site = Site::start(Kind::Sqlite).await;
    let admin = Administrator::sign_in(&site, Scripts::On).await;
    let browser = &admin.browser;
    admin.open("/desk/posts/new").await;
    browser.fill("#body", "Typed before").await;
    for (gesture, name, kind, bytes, shown) in [
        (
            Gesture::Drop,
            "notes.exe",
            "image/png",
            b"MZ\x90 not a picture".to_vec(),
            "notes.exe",
        ),
        (
            Gesture::Paste,
            "cut.png",
            "image/png",
            pictures::png(400, 300, 1)[..200].to_vec(),
            "cut.png",
        ),
        (
            Gesture::Drop,
            "none.png",
            "image/png",
            Vec::new(),
            "none.png",
        ),
    ] {
        browser.bring(gesture, "#body", name, kind, &bytes).await;
        browser.wait_for_text("#upload-status", shown).await;
        assert_eq!(browser.value("#body").await, "Typed before");
    }
    let dropped = pictures::png(400, 300, 9);
    browser
        .bring(Gesture::Drop, "#body", "ok.png", "image/png", &dropped)
        .await;
    let text = browser.wait_for_value("#body", "/ok.png)").await;
    assert!(text.starts_with("Typed before\n\n!["), "{text}");
    browser.wait_for("#preview-text img").await;
    assert_eq!(browser.broken_pictures().await, Vec::<String>::new());
    // Refused uploads are answered with an error, which the browser's console tells.
    for error in browser.console_errors().await {
        assert!(
            error.contains("/desk/media") && error.contains("422"),
            "{error}"
        );
    }
    admin.browser.close().await;
}
