//! Time zone, language, posts on a page and entries in a feed.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use maud::{Markup, html};

use crate::accounts::permissions::Action;
use crate::config::effective::GeneralSettings;
use crate::error::{Error, Field};
use crate::site::general::{self, GeneralInput, MAX_ENTRIES};
use crate::site::section::{self, SectionState};
use crate::store::entity::setting_change::SettingsSection;
use crate::texts::languages;
use crate::ui::sections::title_row;
use crate::ui::staff_page::NavSection;
use crate::web::form::Form;
use crate::web::form_problems::form_problems;
use crate::web::respond::PageResult;
use crate::web::session::SignedIn;
use crate::web::settings::changes::{change_list, done_notice};
use crate::web::settings::section_form::{SectionForm, USE_DEFAULTS, default_text};
use crate::web::settings::settings_tabs::{SettingsPage, settings_tabs};
use crate::web::settings::site::SettingsQuery;
use crate::web::state::Web;
use crate::web::views::staff::staff_page;

const ADDRESS: &str = "/settings/general";

/// `GET /settings/general`
pub async fn show(
    State(web): State<Web>,
    who: SignedIn,
    Query(query): Query<SettingsQuery>,
) -> PageResult {
    who.actor.must(Action::ChangeSettings)?;
    let notice = done_notice(&web.texts, query.done.as_deref());
    page(&web, &who, notice, None).await
}

/// `POST /settings/general`
pub async fn update(State(web): State<Web>, who: SignedIn, form: Form) -> PageResult {
    who.actor.must(Action::ChangeSettings)?;
    let typed: GeneralInput = form.read().unwrap_or_default();
    let (app, actor) = (&web.app, &who.actor);
    let seen = Some(form.get("revision").parse().unwrap_or(0));
    let saved = match form.get("do") {
        USE_DEFAULTS => section::use_defaults::<GeneralSettings>(app, actor, seen).await,
        _ => general::save(app, actor, &typed, seen).await,
    };
    match saved {
        Ok(()) => Ok(Redirect::to("/settings/general?done=saved").into_response()),
        Err(error) => page(&web, &who, Markup::default(), Some((form, error))).await,
    }
}

async fn page(
    web: &Web,
    who: &SignedIn,
    notice: Markup,
    refused: Option<(Form, Error)>,
) -> PageResult {
    let state: SectionState<GeneralSettings> = section::find(&web.app).await?;
    let mut input = GeneralInput::from(&state.values);
    let (mut status, mut problems) = (StatusCode::OK, Vec::new());
    if let Some((form, error)) = refused {
        (status, problems) = form_problems(&web.texts, error)?;
        if form.get("do") != USE_DEFAULTS {
            input = form.read().unwrap_or_default();
        }
    }
    let texts = &web.texts;
    let title = texts.text("general-title");
    let form = SectionForm {
        texts,
        action: ADDRESS,
        revision: state.revision,
        problems: &problems,
        is_changed: state.is_changed(),
    };
    let main = html! {
        (title_row(&title, ""))
        (settings_tabs(texts, SettingsPage::General))
        (notice)
        (form.form(&fields(&form, &input, &state)))
        (change_list(web, SettingsSection::General).await?)
    };
    let page = staff_page(web, who, NavSection::Settings, &title, &main).await?;
    Ok((status, page).into_response())
}

fn fields(
    form: &SectionForm<'_>,
    input: &GeneralInput,
    state: &SectionState<GeneralSettings>,
) -> Markup {
    let (texts, values, defaults) = (form.texts, &state.values, &state.defaults);
    let mut zones = general::time_zones();
    if !zones.contains(&input.time_zone) {
        // What the file or the form says stays chosen.
        zones.insert(0, input.time_zone.clone());
    }
    let zones: Vec<(&str, String)> = zones
        .iter()
        .map(|zone| (zone.as_str(), zone.clone()))
        .collect();
    let languages: Vec<(&str, String)> = languages()
        .map(|language| (language, language.to_owned()))
        .collect();
    let range = texts.with(
        "setting-range",
        &[("min", 1.into()), ("max", MAX_ENTRIES.into())],
    );
    html! {
        (form.choice(Field::TimeZone, &texts.text("field-time-zone"), &zones,
            (&input.time_zone, default_text(&values.time_zone, &defaults.time_zone))))
        p.note { (texts.text("time-zone-note")) }
        @if languages.len() > 1 {
            (form.choice(Field::Language, &texts.text("field-language"), &languages,
                (&input.language, default_text(&values.language, &defaults.language))))
        }
        (form.line((Field::PostsPerPage, "number"), &texts.text("field-posts-per-page"), Some(range.clone()),
            (&input.posts_per_page, default_text(&values.posts_per_page, &defaults.posts_per_page))))
        (form.line((Field::FeedEntries, "number"), &texts.text("field-feed-entries"), Some(range.clone()),
            (&input.feed_entries, default_text(&values.feed_entries, &defaults.feed_entries))))
    }
}
