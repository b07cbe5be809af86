//! The site's design: logo, icon, fonts, header, home page and custom CSS, with a preview beside the form.

use axum::extract::{Query, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use maud::{Markup, html};

use crate::accounts::permissions::Action;
use crate::error::{Error, Field};
use crate::site::design::{self, DesignInput};
use crate::store::entity::ids::MediaId;
use crate::store::entity::media::Model as Media;
use crate::store::entity::setting_change::SettingsSection;
use crate::store::{media, pages};
use crate::ui::frame::PageFrame;
use crate::ui::problems::FieldText;
use crate::ui::sections::title_row;
use crate::ui::staff_page::{self, NavSection};
use crate::web::form_problems::form_problems;
use crate::web::respond::{PageResult, message_of, status_of};
use crate::web::session::SignedIn;
use crate::web::settings::changes::{change_list, done_notice};
use crate::web::settings::design_form::{self, Choices};
use crate::web::settings::preview_frame;
use crate::web::settings::settings_tabs::{SettingsPage, settings_tabs};
use crate::web::settings::site::SettingsQuery;
use crate::web::settings::upload_form;
use crate::web::state::Web;

/// The most pictures and pages that are offered.
const MAX_PICTURES: u64 = 100;
const MAX_PAGES: u64 = 500;

/// The form as it is shown.
struct Shown {
    notice: Markup,
    /// As it was typed, if it was refused.
    typed: Option<DesignInput>,
    problems: Vec<FieldText>,
}

/// `GET /settings/design`
pub async fn show(
    State(web): State<Web>,
    who: SignedIn,
    Query(query): Query<SettingsQuery>,
) -> PageResult {
    who.actor.must(Action::ChangeSettings)?;
    let shown = Shown {
        notice: done_notice(&web.texts, query.done.as_deref()),
        typed: None,
        problems: Vec::new(),
    };
    page(&web, &who, shown, StatusCode::OK).await
}

/// `POST /settings/design`: pictures in the form are added to the library, even if something else in it has to be
/// fixed.
pub async fn update(State(web): State<Web>, who: SignedIn, request: Request) -> PageResult {
    who.actor.must(Action::ChangeSettings)?;
    web.app.limits.check_staff_render(who.user.id.0).await?;
    let received = upload_form::read(&web, &who, request, |name| {
        design_form::field_of_file(name).is_some()
    })
    .await?;
    let mut typed = design_form::read(&received.form);
    let mut problems: Vec<FieldText> = Vec::new();
    let mut status = StatusCode::UNPROCESSABLE_ENTITY;
    for (name, taken) in received.files {
        let Some(field) = design_form::field_of_file(&name) else {
            continue;
        };
        match taken {
            Ok(media) => choose(&mut typed, field, &media),
            Err(error) => {
                status = status_of(&error);
                problems.push((field, web.texts.message(&message_of(&error))));
            }
        }
    }
    if problems.is_empty() {
        let seen = received.form.get("revision").parse().unwrap_or(0);
        match design::save(&web.app, &who.actor, &typed, Some(seen)).await {
            Ok(()) => return Ok(Redirect::to("/settings/design?done=saved").into_response()),
            // After a conflict, the form has the new revision: saving it again replaces what was saved in the
            // meantime, which the list of changes shows.
            Err(error) => (status, problems) = form_problems(&web.texts, error)?,
        }
    }
    let shown = Shown {
        notice: Markup::default(),
        typed: Some(typed),
        problems,
    };
    page(&web, &who, shown, status).await
}

fn choose(typed: &mut DesignInput, field: Field, media: &Media) {
    let chosen = match field {
        Field::LogoDark => &mut typed.logo_dark,
        Field::Icon => &mut typed.icon,
        _ => &mut typed.logo,
    };
    *chosen = media.id.to_string();
}

async fn page(web: &Web, who: &SignedIn, shown: Shown, status: StatusCode) -> PageResult {
    let (stored, revision) = design::find(&web.app).await?;
    let design = shown.typed.unwrap_or_else(|| DesignInput::from(&stored));
    let choices = choices(web, &design).await?;
    let texts = &web.texts;
    let title = texts.text("design-title");
    let main = html! {
        (title_row(&title, ""))
        (settings_tabs(texts, SettingsPage::Design))
        (shown.notice)
        (preview_frame::beside(texts, &design_form::design_form(texts, &design, revision, &choices, &shown.problems)))
        (change_list(web, SettingsSection::Design).await?)
    };
    let site = web.site_name().await?;
    let frame = PageFrame {
        head: preview_frame::script(),
        ..web.frame(&site).titled(&title)
    };
    let page = staff_page::staff_page(&frame, &who.user, NavSection::Settings, &main);
    Ok(preview_frame::allow_frame((status, page).into_response()))
}

/// The newest pictures, those that are chosen whatever their age, and the published pages.
async fn choices(web: &Web, design: &DesignInput) -> Result<Choices, Error> {
    let db = web.app.store.read();
    let mut pictures = media::list_newest_pictures(db, MAX_PICTURES).await?;
    let chosen: Vec<MediaId> = [&design.logo, &design.logo_dark, &design.icon]
        .into_iter()
        .filter_map(|id| id.parse().ok())
        .filter(|id| !pictures.iter().any(|media| media.id == *id))
        .collect();
    pictures.extend(media::list_by_ids(db, &chosen).await?);
    Ok(Choices {
        pictures,
        pages: pages::list_published(db, MAX_PAGES).await?,
    })
}
