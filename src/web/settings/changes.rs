//! Who changed which settings and when, with a button that undoes the latest change.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect};
use maud::{Markup, html};
use serde::Deserialize;

use crate::accounts::permissions::Action;
use crate::error::Error;
use crate::site::design::SiteDesign;
use crate::site::identity::SiteIdentity;
use crate::site::menus::{MenuItem, Menus};
use crate::site::undo;
use crate::store::entity::ids::MediaId;
use crate::store::entity::setting_change::{Model as Change, SettingsSection};
use crate::store::setting_changes;
use crate::texts::{Message, Texts};
use crate::ui::buttons::{ButtonStyle, submit};
use crate::ui::sections::section;
use crate::ui::{notices, when};
use crate::web::form::TypedForm;
use crate::web::respond::PageResult;
use crate::web::session::SignedIn;
use crate::web::settings::change_values::change_values;
use crate::web::settings::setting_labels::yes_or_no_id;
use crate::web::state::Web;

/// How many changes are listed.
const MAX_SHOWN: u64 = 10;
/// The longest value in the list, in characters.
const MAX_VALUE: usize = 80;
/// How many of the characters before a difference are shown, where the start of a long value is left out.
const CONTEXT: usize = 20;

/// The form of the button.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct UndoForm {
    section: String,
    revision: i64,
}

/// `POST /settings/undo`
pub async fn undo(
    State(web): State<Web>,
    who: SignedIn,
    TypedForm(form): TypedForm<UndoForm>,
) -> PageResult {
    who.actor.must(Action::ChangeSettings)?;
    let section = match form.section.as_str() {
        "identity" => SettingsSection::Identity,
        "design" => SettingsSection::Design,
        "navigation" => SettingsSection::Navigation,
        "general" => SettingsSection::General,
        "discussion" => SettingsSection::Discussion,
        "mail" => SettingsSection::Mail,
        _ => return Err(Error::NotFound("section of the settings").into()),
    };
    undo::undo(&web.app, &who.actor, section, form.revision).await?;
    let (page, _) = address_and_name(section);
    Ok(Redirect::to(&format!("{page}?done=undone")).into_response())
}

fn address_and_name(section: SettingsSection) -> (&'static str, &'static str) {
    match section {
        SettingsSection::Identity => ("/settings/", "identity"),
        SettingsSection::Design => ("/settings/design", "design"),
        SettingsSection::Navigation => ("/settings/navigation", "navigation"),
        SettingsSection::General => ("/settings/general", "general"),
        SettingsSection::Discussion => ("/settings/discussion", "discussion"),
        SettingsSection::Mail => ("/settings/mail", "mail"),
    }
}

/// The notice above a page of the settings about what was just done.
pub fn done_notice(texts: &Texts, done: Option<&str>) -> Markup {
    match done {
        Some("saved") => notices::done(texts.text("settings-saved")),
        Some("undone") => notices::done(texts.text("settings-undone")),
        _ => Markup::default(),
    }
}

/// The latest changes of a section; nothing where there are none.
pub async fn change_list(web: &Web, section_of: SettingsSection) -> Result<Markup, Error> {
    let changes = setting_changes::list_newest(web.app.store.read(), section_of, MAX_SHOWN).await?;
    let texts = &web.texts;
    let (_, name) = address_and_name(section_of);
    let list = html! {
        ul.rows {
            @for (nth, change) in changes.iter().enumerate() {
                li.row {
                    div {
                        p {
                            (texts.around("settings-changed-by", ("name", &change.actor_name), &[])) ", "
                            (when::time_of_minute(change.changed_at, &web.app.zone()))
                            @if change.undoes.is_some() { " (" (texts.text("settings-change-undid")) ")" }
                        }
                        ul { @for line in describe(texts, change) { li dir="auto" { (line) } } }
                    }
                    @if nth == 0 {
                        form method="post" action="/settings/undo" {
                            input type="hidden" name="section" value=(name);
                            input type="hidden" name="revision" value=(change.revision);
                            (submit(ButtonStyle::Secondary, &texts.text("settings-undo")))
                        }
                    }
                }
            }
        }
    };
    Ok(match changes.is_empty() {
        true => Markup::default(),
        false => section("changes-heading", &texts.text("settings-changes"), list),
    })
}

fn describe(texts: &Texts, change: &Change) -> Vec<String> {
    let values: Vec<(Message, String, String)> = match change.section {
        SettingsSection::Identity => {
            let before: SiteIdentity = read(&change.value_before);
            let after: SiteIdentity = read(&change.value_after);
            vec![
                (Message::new("field-name"), before.name, after.name),
                (Message::new("field-tagline"), before.tagline, after.tagline),
                (
                    Message::new("field-footer-text"),
                    before.footer_text,
                    after.footer_text,
                ),
                (
                    Message::new("field-social-links"),
                    before.social_links,
                    after.social_links,
                ),
                (Message::new("field-accent"), before.accent, after.accent),
            ]
        }
        SettingsSection::Design => {
            let values = |json| design_values(texts, &read(json));
            let (before, after) = (values(&change.value_before), values(&change.value_after));
            before
                .into_iter()
                .zip(after)
                .map(|((field, before), (_, after))| (field, before, after))
                .collect()
        }
        SettingsSection::General | SettingsSection::Discussion | SettingsSection::Mail => {
            change_values(texts, &change.value_before, &change.value_after)
        }
        SettingsSection::Navigation => {
            let before: Menus = read(&change.value_before);
            let after: Menus = read(&change.value_after);
            vec![
                (
                    Message::new("menu-header"),
                    outline(&before.header),
                    outline(&after.header),
                ),
                (
                    Message::new("menu-footer"),
                    outline(&before.footer),
                    outline(&after.footer),
                ),
            ]
        }
    };
    values
        .into_iter()
        .filter(|(_, before, after)| before != after)
        .map(|(field, before, after)| {
            let skipped = skipped(&before, &after);
            let values = [
                ("field", texts.message(&field).into()),
                ("before", value(texts, &before, skipped).into()),
                ("after", value(texts, &after, skipped).into()),
            ];
            texts.with("settings-change", &values)
        })
        .collect()
}

/// The values of a design by the labels of their fields, as people read them.
fn design_values(texts: &Texts, design: &SiteDesign) -> Vec<(Message, String)> {
    let numbered = |number: Option<i64>| {
        number.map_or_else(String::new, |number| {
            texts.with("design-change-number", &[("number", number.into())])
        })
    };
    let picture = |id: Option<MediaId>| numbered(id.map(|id| id.0));
    vec![
        (Message::new("field-logo"), picture(design.logo)),
        (Message::new("field-logo-dark"), picture(design.logo_dark)),
        (
            Message::new("field-hides-name"),
            texts.text(yes_or_no_id(design.hides_name)),
        ),
        (Message::new("field-icon"), picture(design.icon)),
        (
            Message::new("field-header-style"),
            texts.text(design.header_style.label_id()),
        ),
        (
            Message::new("field-fonts"),
            texts.text(design.fonts.label_id()),
        ),
        (
            Message::new("field-home-style"),
            texts.text(design.home_style.label_id()),
        ),
        (
            Message::new("field-home-page"),
            numbered(design.home_page.map(|id| id.0)),
        ),
        (Message::new("field-custom-css"), design.custom_css.clone()),
    ]
}

/// A menu as one line.
fn outline(items: &[MenuItem]) -> String {
    let shown: Vec<String> = items
        .iter()
        .map(|item| {
            let own = format!("{} ({})", item.label, item.target);
            match item.items.is_empty() {
                true => own,
                false => format!("{own} [{}]", outline(&item.items)),
            }
        })
        .collect();
    shown.join(", ")
}

/// How many characters at the start of both values are left out, so that long values show where they differ.
fn skipped(before: &str, after: &str) -> usize {
    let pairs = before.chars().zip(after.chars());
    let same = pairs.take_while(|(before, after)| before == after).count();
    match same > MAX_VALUE / 2 {
        true => same - CONTEXT,
        false => 0,
    }
}

fn value(texts: &Texts, text: &str, skipped: usize) -> String {
    if text.is_empty() {
        return texts.text("settings-change-nothing");
    }
    let mut chars = text.chars().skip(skipped);
    let mut shown = String::from(if skipped > 0 { "…" } else { "" });
    shown.extend(chars.by_ref().take(MAX_VALUE));
    if chars.next().is_some() {
        shown.push('…');
    }
    shown
}

/// Values that cannot be read, such as those of another version, are shown as none.
fn read<T: serde::de::DeserializeOwned + Default>(json: &str) -> T {
    serde_json::from_str(json).unwrap_or_default()
}
