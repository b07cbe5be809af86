//! The pages that a fresh site begins with, as drafts: About, and a Privacy page that says what this
//! program stores, with the settings as they are. Publishes nothing.

use crate::accounts::permissions::Actor;
use crate::app::App;
use crate::error::Result;
use crate::posts::draft::PostInput;
use crate::posts::save::{self, SaveIntent, SaveTarget};
use crate::store::entity::post::PostKind;
use crate::store::entity::user;
use crate::store::pages;
use crate::texts::Message;

/// Creates the drafts for the first administrator; does nothing where there are pages already.
pub async fn create(app: &App, user: &user::Model) -> Result<()> {
    if pages::count(app.store.read()).await? > 0 {
        return Ok(());
    }
    let about = PostInput {
        kind: PostKind::Page,
        title: app.texts.text("starter-about-title"),
        slug: "about".to_owned(),
        body: app.texts.text("starter-about") + "\n",
        ..PostInput::default()
    };
    for page in [about, privacy_page(app)] {
        let draft = page.parse(&app.zone())?;
        let (actor, new) = (Actor::from(user), SaveTarget::New);
        save::save_post(app, &actor, user.id, new, draft, SaveIntent::KeepState).await?;
    }
    Ok(())
}

/// The Privacy page, with the settings as they are.
pub fn privacy_page(app: &App) -> PostInput {
    let parts = privacy(app);
    let parts: Vec<String> = parts.iter().map(|part| app.texts.message(part)).collect();
    PostInput {
        kind: PostKind::Page,
        title: app.texts.text("starter-privacy-title"),
        slug: "privacy".to_owned(),
        body: parts.join("\n\n") + "\n",
        ..PostInput::default()
    }
}

/// What the program stores of readers and staff, as far as its settings make it do so.
fn privacy(app: &App) -> Vec<Message> {
    let (config, settings) = (&app.config, app.settings());
    let hosts = &config.media.allow_hosts;
    let mut parts = vec![
        Message::new("starter-privacy-readers"),
        match hosts.is_empty() {
            true => Message::new("starter-privacy-loads-nothing"),
            false => Message::new("starter-privacy-hosts").with("hosts", hosts.join(", ")),
        },
        Message::new("starter-privacy-comments"),
    ];
    if !config.moderation.spam_checker_url.is_empty() {
        let address = config.moderation.spam_checker_url.as_str();
        // Its host alone: the rest may be secret.
        let host = url::Url::parse(address).ok();
        let host = host
            .as_ref()
            .and_then(url::Url::host_str)
            .unwrap_or_default();
        parts.push(Message::new("starter-privacy-spam-checker").with("host", host));
    }
    if app.sends_mail() && settings.mail.digest_minutes > 0 {
        parts.push(Message::new("starter-privacy-email"));
    }
    if settings.discussion.public_log {
        parts.push(Message::new("starter-privacy-log"));
    }
    parts.push(Message::new("starter-privacy-limits"));
    if settings.discussion.accept_linkbacks {
        parts.push(Message::new("starter-privacy-linkbacks"));
    }
    parts.push(Message::new("starter-privacy-cookies"));
    let staff = Message::new("starter-privacy-staff").with("days", config.accounts.session_days);
    parts.push(staff);
    if config.accounts.session_max_days > 0 {
        let days = config.accounts.session_max_days;
        parts.push(Message::new("starter-privacy-staff-most").with("days", days));
    }
    parts.push(Message::new("starter-privacy-rights"));
    parts
}
