//! One picture or document of the library: its texts, where it is used, and deleting it. Replacing it is
//! in `editor::media_replace`.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use maud::{Markup, html};
use serde::Deserialize;

use crate::accounts::permissions::Action;
use crate::error::{Error, Field};
use crate::markup::pictures::shown_address;
use crate::media::{address, library};
use crate::posts::rerender;
use crate::site::design;
use crate::store::entity::ids::{MediaId, PostId};
use crate::store::entity::media::{MediaKind, Model as Media};
use crate::store::media::MediaTexts;
use crate::store::media_sources;
use crate::ui::buttons::{self, ButtonStyle};
use crate::ui::confirmation::Confirmation;
use crate::ui::fields::{self, Input, TextArea};
use crate::ui::problems::{self, FieldText};
use crate::ui::sections::{section, title_row};
use crate::ui::staff_page::NavSection;
use crate::ui::{notices, when};
use crate::web::editor::media_uses::{list_uses, use_list};
use crate::web::form::{Form, TypedForm};
use crate::web::respond::{PageResult, status_of};
use crate::web::session::SignedIn;
use crate::web::state::Web;
use crate::web::views::confirmation::confirmation_page;
use crate::web::views::staff::staff_page;

/// The most posts that are rendered again before a change of a file is answered.
const MAX_RENDERED_AT_ONCE: usize = 20;

/// The query of a file's page.
#[derive(Debug, Default, Deserialize)]
pub struct ItemQuery {
    /// Set after it was uploaded.
    added: Option<String>,
    /// Set after its texts were saved.
    saved: Option<String>,
    /// Set after it was replaced.
    replaced: Option<String>,
}

/// The texts as they are sent.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct TextsForm {
    alt: String,
    caption: String,
    credit: String,
}

/// `GET /desk/media/ID`
pub async fn show(
    State(web): State<Web>,
    who: SignedIn,
    Path(id): Path<String>,
    Query(query): Query<ItemQuery>,
) -> PageResult {
    let media = library::find(&web.app, &who.actor, media_id(&id)?).await?;
    let notice = match (query.added, query.saved, query.replaced) {
        (Some(_), _, _) => notices::done(web.texts.text("media-added")),
        (None, Some(_), _) => notices::done(web.texts.text("media-saved")),
        (None, None, Some(_)) => notices::done(web.texts.text("media-replaced")),
        (None, None, None) => Markup::default(),
    };
    let typed = texts_of(&media);
    page(&web, &who, &media, &typed, notice, &[], StatusCode::OK).await
}

/// `POST /desk/media/ID`: its texts. Posts that show it get them too.
pub async fn update(
    State(web): State<Web>,
    who: SignedIn,
    Path(id): Path<String>,
    TypedForm(form): TypedForm<TextsForm>,
) -> PageResult {
    let media = library::find(&web.app, &who.actor, media_id(&id)?).await?;
    let typed = MediaTexts {
        alt: form.alt,
        caption: form.caption,
        credit: form.credit,
    };
    match library::set_texts(&web.app, &who.actor, media.id, &typed).await {
        Ok(()) => {}
        Err(error @ Error::Invalid(_)) => {
            let status = status_of(&error);
            let problems = match &error {
                Error::Invalid(errors) => problems::texts(&web.texts, errors),
                _ => Vec::new(),
            };
            let notice = Markup::default();
            return page(&web, &who, &media, &typed, notice, &problems, status).await;
        }
        Err(error) => return Err(error.into()),
    }
    let used_in = library::list_uses(&web.app, media.id).await?;
    render_first(&web, &used_in).await;
    Ok(Redirect::to(&format!("/desk/media/{}?saved=1", media.id)).into_response())
}

/// `GET /desk/media/ID/delete`: asks first.
pub async fn confirm_deletion(
    State(web): State<Web>,
    who: SignedIn,
    Path(id): Path<String>,
) -> PageResult {
    let media = find_own(&web, &who, &id).await?;
    confirmation(&web, &who, &media).await
}

/// `POST /desk/media/ID/delete`: permanently, and only when confirmed.
pub async fn delete(
    State(web): State<Web>,
    who: SignedIn,
    Path(id): Path<String>,
    form: Form,
) -> PageResult {
    let media = find_own(&web, &who, &id).await?;
    if !form.has("sure") {
        return confirmation(&web, &who, &media).await;
    }
    let used_in = library::delete(&web.app, &who.actor, media.id).await?;
    render_first(&web, &used_in).await;
    Ok(Redirect::to("/desk/media?deleted=1").into_response())
}

/// Renders some of the posts that use a file at once, for whoever looks next. A job does all of them, even if
/// this fails.
pub async fn render_first(web: &Web, posts: &[PostId]) {
    let first = &posts[..posts.len().min(MAX_RENDERED_AT_ONCE)];
    if let Err(error) = rerender::rerender(&web.app, first).await {
        tracing::warn!(%error, "render posts again at once");
    }
}

pub async fn find_own(web: &Web, who: &SignedIn, id: &str) -> Result<Media, Error> {
    let media = library::find_changeable(&web.app, &who.actor, media_id(id)?).await?;
    match may_change(web, who, &media).await? {
        true => Ok(media),
        false => Err(library::in_use()),
    }
}

/// Whether a person may change a file. With a picture of the site's design, every page would change.
async fn may_change(web: &Web, who: &SignedIn, media: &Media) -> Result<bool, Error> {
    let may_change = library::may_change(&web.app, &who.actor, media).await?;
    let is_editor = who.actor.may(Action::WriteAnyPost);
    Ok(may_change && (is_editor || !design::shows(&web.app, media.id).await?))
}

fn media_id(id: &str) -> Result<MediaId, Error> {
    id.parse().map_err(|_| Error::NotFound("file"))
}

fn texts_of(media: &Media) -> MediaTexts {
    MediaTexts {
        alt: media.alt.clone(),
        caption: media.caption.clone(),
        credit: media.credit.clone(),
    }
}

async fn confirmation(web: &Web, who: &SignedIn, media: &Media) -> PageResult {
    let texts = &web.texts;
    let uses = list_uses(web, &who.actor, media.id).await?;
    let count = uses.count();
    let is_of_design = design::shows(&web.app, media.id).await?;
    let title = texts.with(
        "media-delete-title",
        &[("name", media.file_name.as_str().into())],
    );
    let question = Confirmation {
        title: &title,
        consequence: html! {
            @if count > 0 {
                (notices::warning(texts.with("media-delete-used", &[("count", count.into())])))
                (use_list(web, &who.actor, &uses))
            }
            @if is_of_design { (notices::warning(texts.text("media-used-by-design"))) }
            p { (texts.text("media-delete-consequence")) }
        },
        action: &format!("/desk/media/{}/delete", media.id),
        fields: &[("sure", "1")],
        button: &texts.text("media-delete"),
        back: &format!("/desk/media/{}", media.id),
    };
    confirmation_page(web, who, NavSection::Media, question).await
}

async fn page(
    web: &Web,
    who: &SignedIn,
    media: &Media,
    typed: &MediaTexts,
    notice: Markup,
    problems: &[FieldText],
    status: StatusCode,
) -> PageResult {
    let texts = &web.texts;
    let uses = list_uses(web, &who.actor, media.id).await?;
    let source = media_sources::find(web.app.store.read(), media.id).await?;
    let may_change = may_change(web, who, media).await?;
    let title = media.file_name.as_str();
    let back = html! { p.beside { a href="/desk/media" { (texts.text("media-back")) } } };
    let main = html! {
        (title_row(html! { bdi { (title) } }, back))
        (notice)
        (problems::summary(texts, &texts.text("form-problems"), problems))
        div.media-item {
            div { (preview(web, media)) (facts(web, media)) (origin(web, source.as_deref())) }
            div {
                @if may_change { (texts_form(web, media, typed, problems)) }
                (markdown_field(web, media))
                (section("media-uses", &texts.text("media-used-in"), use_list(web, &who.actor, &uses)))
                @if may_change {
                    p {
                        (buttons::link(ButtonStyle::Secondary, &format!("/desk/media/{}/replace", media.id), &texts.text("media-replace")))
                        " "
                        (buttons::link(ButtonStyle::Danger, &format!("/desk/media/{}/delete", media.id), &texts.text("media-delete")))
                    }
                }
            }
        }
    };
    let page = staff_page(web, who, NavSection::Media, title, &main).await?;
    Ok((status, page).into_response())
}

fn preview(web: &Web, media: &Media) -> Markup {
    let address = address::of_original(media);
    html! {
        @if media.kind == MediaKind::Picture {
            p {
                img.media-preview src=(address) alt=(media.alt) width=[media.width] height=[media.height];
            }
        } @else {
            p { a href=(address) { (web.texts.text("media-download")) } }
        }
    }
}

fn facts(web: &Web, media: &Media) -> Markup {
    let texts = &web.texts;
    let kib = u64::try_from(media.size).unwrap_or_default().div_ceil(1024);
    html! {
        p.meta {
            (texts.with("media-number", &[("number", media.id.to_string().into())])) ", "
            (media.media_type.split(';').next().unwrap_or_default()) ", "
            @if let Some((width, height)) = media.width.zip(media.height) {
                (texts.with("media-pixels", &[("width", width.to_string().into()), ("height", height.to_string().into())])) ", "
            }
            (texts.with("media-size", &[("size", kib.into())])) ", "
            (when::time_of_minute(media.created_at, &web.app.zone()))
        }
    }
}

/// The address that a picture was imported from.
fn origin(web: &Web, source: Option<&str>) -> Markup {
    html! {
        @if let Some(address) = source.filter(|source| source.starts_with("http")) {
            p.meta {
                (web.texts.text("media-imported-from")) " "
                a href=(address) rel="noopener noreferrer" { bdi { (shown_address(address)) } }
            }
        }
    }
}

fn texts_form(web: &Web, media: &Media, typed: &MediaTexts, problems: &[FieldText]) -> Markup {
    let texts = &web.texts;
    let is_picture = media.kind == MediaKind::Picture;
    let line = |field, label: &str, hint: &str, value: &str| {
        let input = Input {
            field,
            label,
            hint: Some(hint),
            kind: "text",
            autocomplete: Some("off"),
            value,
            required: false,
        };
        fields::input(&input, problems)
    };
    html! {
        form method="post" action={ "/desk/media/" (media.id) } {
            @if is_picture {
                (fields::text_area(&TextArea {
                    field: Field::Alt, label: &texts.text("field-alt"), hint: Some(&texts.text("field-alt-hint")),
                    rows: 3, value: &typed.alt,
                }, problems))
            }
            (line(Field::Caption, &texts.text("field-caption"), &texts.text("field-caption-hint"), &typed.caption))
            @if is_picture {
                (line(Field::Credit, &texts.text("field-credit"), &texts.text("field-credit-hint"), &typed.credit))
            }
            p { (buttons::submit(ButtonStyle::Primary, &texts.text("button-save"))) }
        }
    }
}

fn markdown_field(web: &Web, media: &Media) -> Markup {
    let texts = &web.texts;
    html! {
        div.field {
            label for="markdown" { (texts.text("media-markdown")) }
            textarea #markdown readonly rows="3" dir="ltr" aria-describedby="markdown-hint" {
                "\n" (address::markdown(media))
            }
            p.hint #markdown-hint { (texts.text("media-markdown-hint")) }
        }
    }
}
