//! Writing a post: new posts, saving, previews, and what happens when two people save. The form itself is
//! in `editor::post_form`.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::tz::TimeZone;
use maud::{Markup, html};
use serde::Deserialize;

use crate::accounts::permissions::Action;
use crate::error::{Error, Field};
use crate::posts::date;
use crate::posts::draft::{PostDraft, PostInput, date_input, tags_input};
use crate::posts::find;
use crate::posts::hierarchy::MAX_LEVELS;
use crate::posts::preview::{self, Preview};
use crate::posts::publish;
use crate::posts::save::{self, SaveIntent, SaveOutcome, SaveTarget};
use crate::store::entity::post::{DiscussionStatus, Model as Post, PostKind, PostState};
use crate::store::{featured_pictures, outgoing_linkbacks, pages, users};
use crate::ui::staff_page::NavSection;
use crate::ui::text_block::fresh_text;
use crate::ui::{notices, problems};
use crate::web::editor::featured_field::FeaturedChoices;
use crate::web::editor::findings::{IMPORT, findings_list};
use crate::web::editor::import;
use crate::web::editor::post_form::{FormState, PostForm, post_form};
use crate::web::editor::posts::post_id;
use crate::web::form::Form;
use crate::web::negotiation::{Representation, preferred};
use crate::web::respond::{PageResult, message_of, status_of};
use crate::web::session::{SignedIn, Visitor};
use crate::web::sign_in_page;
use crate::web::state::Web;
use crate::web::views::staff::staff_page;

/// The query of the page for a new post.
#[derive(Debug, Default, Deserialize)]
pub struct NewQuery {
    kind: Option<String>,
}

/// `GET /desk/posts/new` and `GET /desk/posts/new?kind=page`
pub async fn new(
    State(web): State<Web>,
    who: SignedIn,
    Query(query): Query<NewQuery>,
) -> PageResult {
    who.actor.must(Action::WriteOwnPosts)?;
    let kind = read_kind(query.kind.as_deref().unwrap_or_default());
    let is_post = kind == PostKind::Post;
    let input = PostInput {
        kind,
        comments: is_post,
        linkbacks: is_post,
        sends_linkbacks: is_post,
        ..PostInput::default()
    };
    page(
        &web,
        &who,
        None,
        &input,
        FormState::default(),
        StatusCode::OK,
    )
    .await
}

/// The query of the edit page.
#[derive(Debug, Default, Deserialize)]
pub struct EditQuery {
    /// Set after the post was saved.
    saved: Option<String>,
}

/// `GET /desk/posts/ID/edit`
pub async fn edit(
    State(web): State<Web>,
    who: SignedIn,
    Path(id): Path<String>,
    Query(query): Query<EditQuery>,
) -> PageResult {
    let post = publish::find_writable(&web.app, &who.actor, post_id(&id)?).await?;
    let input = input_of(&web, &post).await?;
    // Shown again only where there is something to look at; the text can be edited without it, too.
    let preview = preview::preview(&web.app, &input.body).await.ok();
    let hides_pictures = preview
        .as_ref()
        .is_some_and(|preview| preview.findings.hides_pictures());
    let state = FormState {
        notice: query.saved.map_or_else(Markup::default, |_| {
            html! {
                (saved_notice(&web, &post))
                @if hides_pictures { (notices::warning(web.texts.text("post-hides-pictures"))) }
            }
        }),
        preview: preview.filter(|preview| !preview.findings.is_empty()),
        ..FormState::default()
    };
    let old = Some((&post, post.revision));
    page(&web, &who, old, &input, state, StatusCode::OK).await
}

/// `POST /desk/posts`
pub async fn create(State(web): State<Web>, Visitor(user): Visitor, form: Form) -> PageResult {
    match user {
        Some(user) => save(&web, &user.into(), None, &form).await,
        None => sign_in_page::ask_again(&web, &form).await,
    }
}

/// `POST /desk/posts/ID`
pub async fn update(
    State(web): State<Web>,
    Visitor(user): Visitor,
    Path(id): Path<String>,
    form: Form,
) -> PageResult {
    match user {
        Some(user) => {
            let who = SignedIn::from(user);
            let post = publish::find_writable(&web.app, &who.actor, post_id(&id)?).await?;
            save(&web, &who, Some(post), &form).await
        }
        None => sign_in_page::ask_again(&web, &form).await,
    }
}

/// `POST /desk/preview`: the text as it would look, for the script beside the form, which asks for JSON and
/// gets what to look at too.
pub async fn preview(
    State(web): State<Web>,
    who: SignedIn,
    headers: HeaderMap,
    form: Form,
) -> PageResult {
    who.actor.must(Action::WriteOwnPosts)?;
    web.app.limits.check_staff_render(who.user.id.0).await?;
    let preview = preview::preview(&web.app, form.get("body")).await?;
    let html = fresh_text(&web.texts, &preview.html);
    if preferred(&headers) != Some(Representation::Json) {
        return Ok(html.into_response());
    }
    let checks = findings_list(&web.texts, &preview.findings, &[]);
    let answer = serde_json::json!({
        "html": html.into_string(),
        "checks": checks.into_string(),
    });
    Ok(Json(answer).into_response())
}

/// Gives a text back to somebody whose session had ended. Nothing is saved yet.
pub async fn resume(web: &Web, who: &SignedIn, form: &Form) -> PageResult {
    let post = match form.get("id") {
        "" => None,
        id => publish::find_writable(&web.app, &who.actor, post_id(id)?)
            .await
            .ok(),
    };
    let revision = form.get("revision").parse().unwrap_or(0);
    let state = FormState {
        notice: notices::info(web.texts.text("post-resumed")),
        ..FormState::default()
    };
    let old = post.as_ref().map(|post| (post, revision));
    let kind = kind_of(post.as_ref(), form);
    page(web, who, old, &read(web, form, kind), state, StatusCode::OK).await
}

fn saved_notice(web: &Web, post: &Post) -> Markup {
    notices::done(web.texts.text(match (post.state, post.kind) {
        (PostState::Scheduled, _) => "post-scheduled",
        (PostState::Published, PostKind::Post) => "post-published",
        (PostState::Published, PostKind::Page) => "page-published",
        (PostState::Draft | PostState::Trash, _) => "post-saved",
    }))
}

async fn save(web: &Web, who: &SignedIn, post: Option<Post>, form: &Form) -> PageResult {
    who.actor.must(Action::WriteOwnPosts)?;
    let mut input = read(web, form, kind_of(post.as_ref(), form));
    let revision: i64 = form.get("revision").parse().unwrap_or(0);
    let old = post.as_ref().map(|post| (post, revision));
    if let Some(wanted) = form.find(IMPORT) {
        let state = match import_into(web, who, &mut input, wanted).await {
            Ok(state) => state,
            Err(error) => {
                let status = status_of(&error);
                return page(web, who, old, &input, refused(web, &error), status).await;
            }
        };
        return page(web, who, old, &input, state, StatusCode::OK).await;
    }
    if form.get("do") == "preview" {
        let (state, status) = match preview_of(web, who, &input).await {
            Ok(preview) => {
                let preview = Some(preview);
                let state = FormState {
                    preview,
                    ..FormState::default()
                };
                (state, StatusCode::OK)
            }
            Err(error) => (refused(web, &error), status_of(&error)),
        };
        return page(web, who, old, &input, state, status).await;
    }
    let intent = match form.get("do") {
        "publish" => SaveIntent::Publish,
        _ => SaveIntent::KeepState,
    };
    let target = old.map_or(SaveTarget::New, |(post, revision)| {
        SaveTarget::Existing(post.id, revision)
    });
    let saved = match parse(web, who, &input).await {
        Ok(draft) => {
            save::save_post(&web.app, &who.actor, who.user.id, target, draft, intent).await
        }
        Err(error) => Err(error),
    };
    match saved {
        Ok(SaveOutcome::Saved(saved)) => Ok(after_save(web, &saved, intent).await),
        Ok(SaveOutcome::Conflict(theirs)) => {
            let state = FormState {
                conflict: Some((theirs.clone(), editor_name(web, &theirs).await?)),
                ..FormState::default()
            };
            // Saved again, it replaces theirs: by then the person has seen both.
            let old = Some((&*theirs, theirs.revision));
            page(web, who, old, &input, state, StatusCode::CONFLICT).await
        }
        Err(error @ (Error::Invalid(_) | Error::Unavailable(_) | Error::TooMany { .. })) => {
            let state = refused(web, &error);
            page(web, who, old, &input, state, status_of(&error)).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn parse(web: &Web, who: &SignedIn, input: &PostInput) -> Result<PostDraft, Error> {
    let draft = input.parse(&web.app.zone())?;
    web.app.limits.check_staff_render(who.user.id.0).await?;
    Ok(draft)
}

async fn preview_of(web: &Web, who: &SignedIn, input: &PostInput) -> Result<Preview, Error> {
    web.app.limits.check_staff_render(who.user.id.0).await?;
    preview::preview(&web.app, &input.body).await
}

/// Imports pictures into the text of a form, which is changed.
async fn import_into(
    web: &Web,
    who: &SignedIn,
    input: &mut PostInput,
    wanted: &str,
) -> Result<FormState, Error> {
    let imported = import::import_into(web, who, &input.body, wanted).await?;
    input.body = imported.body;
    Ok(FormState {
        notice: imported.notice,
        preview: Some(preview::preview(&web.app, &input.body).await?),
        import_failures: imported.failures,
        is_unsaved: true,
        ..FormState::default()
    })
}

/// The name of whoever saved `post` last.
async fn editor_name(web: &Web, post: &Post) -> Result<String, Error> {
    let editor = match post.edited_by {
        Some(id) => users::find(web.app.store.read(), id).await?,
        None => None,
    };
    Ok(editor.map_or_else(|| web.texts.text("post-unknown-editor"), |user| user.name))
}

/// The form with what to fix, and its text kept.
fn refused(web: &Web, error: &Error) -> FormState {
    let problems = match error {
        Error::Invalid(errors) => problems::texts(&web.texts, errors),
        error => vec![(Field::Form, web.texts.message(&message_of(error)))],
    };
    FormState {
        problems,
        ..FormState::default()
    }
}

async fn after_save(web: &Web, post: &Post, intent: SaveIntent) -> Response {
    let is_published = intent == SaveIntent::Publish && post.state == PostState::Published;
    if is_published && !hides_pictures(web, post).await {
        return Redirect::to(&find::permalink(&web.app, post)).into_response();
    }
    Redirect::to(&format!("/desk/posts/{}/edit?saved=1", post.id)).into_response()
}

/// Whether readers see less than was written: the editor is told before they leave.
async fn hides_pictures(web: &Web, post: &Post) -> bool {
    let body = &post.body_markdown;
    if !body.contains("![") && !body.contains("<img") {
        return false;
    }
    let preview = preview::preview(&web.app, body).await;
    preview.is_ok_and(|preview| preview.findings.hides_pictures())
}

fn read_kind(name: &str) -> PostKind {
    match name {
        "page" => PostKind::Page,
        _ => PostKind::Post,
    }
}

/// What is being written: a stored post keeps what it is, whatever the form says.
fn kind_of(post: Option<&Post>, form: &Form) -> PostKind {
    post.map_or_else(|| read_kind(form.get("kind")), |post| post.kind)
}

fn read(web: &Web, form: &Form, kind: PostKind) -> PostInput {
    PostInput {
        kind,
        parent: form.get("parent").to_owned(),
        title: form.get("title").to_owned(),
        slug: form.get("slug").to_owned(),
        body: form.get("body").to_owned(),
        tags: form.get("tags").to_owned(),
        date: read_date(web, form),
        comments: form.has("comments"),
        linkbacks: form.has("linkbacks"),
        sends_linkbacks: form.has("sends_linkbacks"),
        featured: form.find("featured").map(str::to_owned),
        featured_alt: None,
    }
}

/// The date that was typed. If the site has moved to another time zone since the form was shown, it is the
/// same moment there.
fn read_date(web: &Web, form: &Form) -> String {
    let (typed, shown_in) = (form.get("date"), form.get("zone"));
    let settings = web.app.settings();
    let has_moved = !shown_in.is_empty() && shown_in != settings.general.time_zone;
    let moment = TimeZone::get(shown_in)
        .ok()
        .filter(|_| has_moved)
        .and_then(|zone| date::parse(typed, &zone).ok());
    match moment {
        Some(date) => date_input(date.at, &settings.zone),
        None => typed.to_owned(),
    }
}

async fn input_of(web: &Web, post: &Post) -> Result<PostInput, Error> {
    let tags = find::tags_of(&web.app, post.id).await?;
    let featured = featured_pictures::find(web.app.store.read(), post.id).await?;
    // The second to last slug of its path.
    let parent = post
        .page_path
        .as_deref()
        .unwrap_or_default()
        .rsplit('/')
        .nth(1);
    Ok(PostInput {
        kind: post.kind,
        parent: parent.unwrap_or_default().to_owned(),
        title: post.title.clone(),
        slug: post.slug.clone(),
        body: post.body_markdown.clone(),
        tags: tags_input(tags.iter().map(|tag| tag.name.as_str())),
        // A page has no date to change.
        date: post
            .published_at
            .filter(|_| post.kind == PostKind::Post)
            .map_or_else(String::new, |at| date_input(at, &web.app.zone())),
        comments: post.comments == DiscussionStatus::Open,
        linkbacks: post.linkbacks == DiscussionStatus::Open,
        sends_linkbacks: post.sends_linkbacks == DiscussionStatus::Open,
        featured: Some(featured.map_or_else(String::new, |picture| picture.to_string())),
        featured_alt: None,
    })
}

/// The most pages to choose a parent from.
const MAX_PARENTS: u64 = 500;

/// The pages that may be above one: by slug, with their titles, indented by level.
async fn parent_choices(
    web: &Web,
    who: &SignedIn,
    page: Option<&Post>,
    input: &PostInput,
) -> Result<Vec<(String, String)>, Error> {
    let own = (!who.actor.may(Action::WriteAnyPost)).then_some(who.user.id);
    let pages = pages::list_for_choice(web.app.store.read(), own, MAX_PARENTS).await?;
    let own_path = page.and_then(|page| page.page_path.as_deref());
    let mut choices = vec![(String::new(), web.texts.text("page-no-parent"))];
    for choice in pages {
        let path = choice.page_path.unwrap_or_default();
        let level = path.matches('/').count();
        let is_self_or_below = own_path.is_some_and(|own| {
            let rest = path.strip_prefix(own);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        });
        // Below the last level there is nothing.
        if level + 1 >= MAX_LEVELS || is_self_or_below {
            continue;
        }
        let title = match choice.title.as_str() {
            "" => web.texts.text("post-untitled"),
            title => title.to_owned(),
        };
        choices.push((choice.slug, format!("{}{title}", "– ".repeat(level))));
    }
    // Such as one in the trash: it stays chosen until the person chooses another one.
    if !choices.iter().any(|(slug, _)| *slug == input.parent) {
        choices.push((input.parent.clone(), input.parent.clone()));
    }
    Ok(choices)
}

async fn page(
    web: &Web,
    who: &SignedIn,
    old: Option<(&Post, i64)>,
    input: &PostInput,
    state: FormState,
    status: StatusCode,
) -> PageResult {
    let outgoing = match old {
        Some((post, _)) => outgoing_linkbacks::list_for_post(web.app.store.read(), post.id).await?,
        None => Vec::new(),
    };
    let title = web.texts.text(match (old, input.kind) {
        (Some(_), PostKind::Post) => "post-edit-title",
        (None, PostKind::Post) => "post-new-title",
        (Some(_), PostKind::Page) => "page-edit-title",
        (None, PostKind::Page) => "page-new-title",
    });
    let parents = match input.kind {
        PostKind::Post => Vec::new(),
        PostKind::Page => parent_choices(web, who, old.map(|(page, _)| page), input).await?,
    };
    let featured = FeaturedChoices::find(web, input).await?;
    let main = post_form(&PostForm {
        web,
        title: &title,
        may_publish: who.actor.may(publish::publishing(input.kind)),
        parents: &parents,
        featured: &featured,
        old,
        input,
        state: &state,
        outgoing: &outgoing,
    });
    let page = staff_page(web, who, NavSection::Desk, &title, &main).await?;
    Ok((status, page).into_response())
}
