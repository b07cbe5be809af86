//! Writing a post: new posts, saving, previews, and what happens when two people save. The form itself is
//! in `editor::post_form`.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;

use crate::accounts::permissions::Action;
use crate::error::{Error, Field};
use crate::markup::sanitise::SafeHtml;
use crate::posts::draft::{PostDraft, PostInput, date_input, tags_input};
use crate::posts::publish;
use crate::posts::save::{self, SaveIntent, SaveOutcome, SaveTarget};
use crate::posts::{find, render};
use crate::store::entity::post::{DiscussionStatus, Model as Post, PostState};
use crate::store::{outgoing_linkbacks, users};
use crate::ui::staff_page::NavSection;
use crate::ui::{notices, problems};
use crate::web::editor::post_form::{FormState, PostForm, post_form};
use crate::web::editor::posts::post_id;
use crate::web::form::Form;
use crate::web::respond::{PageResult, message_of, status_of};
use crate::web::session::{SignedIn, Visitor};
use crate::web::sign_in_page;
use crate::web::state::Web;
use crate::web::views::staff::staff_page;

/// `GET /desk/posts/new`
pub async fn new(State(web): State<Web>, who: SignedIn) -> PageResult {
    who.actor.must(Action::WriteOwnPosts)?;
    let input = PostInput {
        comments: true,
        linkbacks: true,
        sends_linkbacks: true,
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
    let state = FormState {
        notice: query
            .saved
            .map_or_else(Markup::default, |_| saved_notice(&web, &post)),
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

/// `POST /desk/preview`: the text as it would look, for the script beside the form.
pub async fn preview(State(web): State<Web>, who: SignedIn, form: Form) -> PageResult {
    who.actor.must(Action::WriteOwnPosts)?;
    web.app.limits.check_staff_render(who.user.id.0).await?;
    let html = render::preview(&web.app, form.get("body")).await?;
    Ok(html! { (html) }.into_response())
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
    page(web, who, old, &read(form), state, StatusCode::OK).await
}

fn saved_notice(web: &Web, post: &Post) -> Markup {
    notices::done(web.texts.text(match post.state {
        PostState::Scheduled => "post-scheduled",
        PostState::Published => "post-published",
        PostState::Draft | PostState::Trash => "post-saved",
    }))
}

async fn save(web: &Web, who: &SignedIn, post: Option<Post>, form: &Form) -> PageResult {
    who.actor.must(Action::WriteOwnPosts)?;
    let input = read(form);
    let revision: i64 = form.get("revision").parse().unwrap_or(0);
    let old = post.as_ref().map(|post| (post, revision));
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
        Ok(SaveOutcome::Saved(saved)) => Ok(after_save(web, &saved, intent)),
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
    let draft = input.parse(web.app.urls.zone())?;
    web.app.limits.check_staff_render(who.user.id.0).await?;
    Ok(draft)
}

async fn preview_of(web: &Web, who: &SignedIn, input: &PostInput) -> Result<SafeHtml, Error> {
    web.app.limits.check_staff_render(who.user.id.0).await?;
    render::preview(&web.app, &input.body).await
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

fn after_save(web: &Web, post: &Post, intent: SaveIntent) -> Response {
    if intent == SaveIntent::Publish && post.state == PostState::Published {
        return Redirect::to(&find::permalink(&web.app, post)).into_response();
    }
    Redirect::to(&format!("/desk/posts/{}/edit?saved=1", post.id)).into_response()
}

fn read(form: &Form) -> PostInput {
    PostInput {
        title: form.get("title").to_owned(),
        slug: form.get("slug").to_owned(),
        body: form.get("body").to_owned(),
        tags: form.get("tags").to_owned(),
        date: form.get("date").to_owned(),
        comments: form.has("comments"),
        linkbacks: form.has("linkbacks"),
        sends_linkbacks: form.has("sends_linkbacks"),
    }
}

async fn input_of(web: &Web, post: &Post) -> Result<PostInput, Error> {
    let tags = find::tags_of(&web.app, post.id).await?;
    Ok(PostInput {
        title: post.title.clone(),
        slug: post.slug.clone(),
        body: post.body_markdown.clone(),
        tags: tags_input(tags.iter().map(|tag| tag.name.as_str())),
        date: post
            .published_at
            .map_or_else(String::new, |at| date_input(at, web.app.urls.zone())),
        comments: post.comments == DiscussionStatus::Open,
        linkbacks: post.linkbacks == DiscussionStatus::Open,
        sends_linkbacks: post.sends_linkbacks == DiscussionStatus::Open,
    })
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
    let title = web.texts.text(match old {
        Some(_) => "post-edit-title",
        None => "post-new-title",
    });
    let main = post_form(&PostForm {
        web,
        title: &title,
        may_publish: who.actor.may(Action::PublishOwnPosts),
        old,
        input,
        state: &state,
        outgoing: &outgoing,
    });
    let page = staff_page(web, who, NavSection::Desk, &title, &main).await?;
    Ok((status, page).into_response())
}
