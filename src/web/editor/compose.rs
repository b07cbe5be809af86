//! Writing a post: the form, its preview, saving, and what happens when two people save.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;

use crate::accounts::permissions::Action;
use crate::error::{Error, Field};
use crate::markup::sanitise::SafeHtml;
use crate::posts::draft::{PostInput, date_input, tags_input};
use crate::posts::publish::{self, Intent, Saved, Target};
use crate::posts::{find, render};
use crate::store::entity::post::{Model as Post, Openness, PostState};
use crate::store::{outgoing, users};
use crate::web::editor::notices;
use crate::web::editor::posts::{post_id, state_name};
use crate::web::form::Form;
use crate::web::respond::{PageResult, status_of};
use crate::web::session::{SignedIn, Visitor};
use crate::web::sign_in_page;
use crate::web::state::Web;
use crate::web::views::fields::{self, Input};
use crate::web::views::staff::{Room, staff_page};
use crate::web::views::when;

/// What the page shows beside the form.
#[derive(Default)]
struct Extras {
    problems: Vec<(Field, String)>,
    preview: Option<SafeHtml>,
    notice: Option<&'static str>,
    /// What somebody else saved meanwhile, and their name.
    theirs: Option<(Box<Post>, String)>,
}

/// `GET /desk/posts/new`
pub async fn new(State(web): State<Web>, who: SignedIn) -> PageResult {
    who.actor.must(Action::WriteOwnPosts)?;
    let input = PostInput {
        comments: true,
        linkbacks: true,
        tells: true,
        ..PostInput::default()
    };
    page(&web, &who, None, &input, Extras::default(), StatusCode::OK).await
}

/// What was just done.
#[derive(Debug, Default, Deserialize)]
pub struct Done {
    saved: Option<String>,
}

/// `GET /desk/posts/ID/edit`
pub async fn edit(
    State(web): State<Web>,
    who: SignedIn,
    Path(id): Path<String>,
    Query(done): Query<Done>,
) -> PageResult {
    let post = publish::find_writable(&web.app, &who.actor, post_id(&id)?).await?;
    let input = input_of(&web, &post).await?;
    let extras = Extras {
        notice: done.saved.map(|_| match post.state {
            PostState::Scheduled => "Scheduled.",
            PostState::Published => "Published.",
            PostState::Draft | PostState::Trash => "Saved.",
        }),
        ..Extras::default()
    };
    let old = Some((&post, post.revision));
    page(&web, &who, old, &input, extras, StatusCode::OK).await
}

/// `POST /desk/posts`
pub async fn create(State(web): State<Web>, Visitor(user): Visitor, form: Form) -> PageResult {
    match user {
        Some(user) => save(&web, &signed_in(user), None, &form).await,
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
            let who = signed_in(user);
            let post = publish::find_writable(&web.app, &who.actor, post_id(&id)?).await?;
            save(&web, &who, Some(post), &form).await
        }
        None => sign_in_page::ask_again(&web, &form).await,
    }
}

/// `POST /desk/preview`: the text as it would look, for the script beside the form.
pub async fn preview(State(web): State<Web>, who: SignedIn, form: Form) -> PageResult {
    who.actor.must(Action::WriteOwnPosts)?;
    web.app.limits.take_staff_render(who.user.id.0).await?;
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
    let extras = Extras {
        notice: Some("You are signed in again. Your text is here; it has not been saved yet."),
        ..Extras::default()
    };
    let old = post.as_ref().map(|post| (post, revision));
    page(web, who, old, &read(form), extras, StatusCode::OK).await
}

fn signed_in(user: crate::store::entity::user::Model) -> SignedIn {
    SignedIn {
        actor: (&user).into(),
        user,
    }
}

async fn save(web: &Web, who: &SignedIn, post: Option<Post>, form: &Form) -> PageResult {
    who.actor.must(Action::WriteOwnPosts)?;
    let input = read(form);
    let revision: i64 = form.get("revision").parse().unwrap_or(0);
    let old = post.as_ref().map(|post| (post, revision));
    let wanted = form.get("do");
    if wanted == "preview" {
        let (extras, status) = match preview_of(web, who, &input).await {
            Ok(preview) => {
                let preview = Some(preview);
                let extras = Extras {
                    preview,
                    ..Extras::default()
                };
                (extras, StatusCode::OK)
            }
            Err(error) => (refused(&error), status_of(&error)),
        };
        return page(web, who, old, &input, extras, status).await;
    }
    let intent = if wanted == "publish" {
        Intent::Publish
    } else {
        Intent::Keep
    };
    let target = old.map_or(Target::New, |(post, revision)| {
        Target::Old(post.id, revision)
    });
    let parsed = match input.parse(web.app.urls.zone()) {
        Ok(draft) => {
            let taken = web.app.limits.take_staff_render(who.user.id.0).await;
            taken.map(|()| draft)
        }
        Err(error) => Err(error),
    };
    let saved = match parsed {
        Ok(draft) => {
            publish::save_post(&web.app, &who.actor, who.user.id, target, draft, intent).await
        }
        Err(error) => Err(error),
    };
    match saved {
        Ok(Saved::Done(saved)) => Ok(after_save(web, &saved, intent)),
        Ok(Saved::Clash(theirs)) => {
            let editor = match theirs.edited_by {
                Some(id) => users::find(web.app.store.read(), id).await?,
                None => None,
            };
            let name = editor.map_or_else(|| "Somebody".to_owned(), |user| user.name);
            let extras = Extras {
                theirs: Some((theirs.clone(), name)),
                ..Extras::default()
            };
            // Saved again, it goes over theirs: by then the editor has seen both.
            let old = Some((&*theirs, theirs.revision));
            page(web, who, old, &input, extras, StatusCode::CONFLICT).await
        }
        Err(error @ (Error::Invalid(_) | Error::Unavailable(_) | Error::TooMany { .. })) => {
            page(web, who, old, &input, refused(&error), status_of(&error)).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn preview_of(web: &Web, who: &SignedIn, input: &PostInput) -> Result<SafeHtml, Error> {
    web.app.limits.take_staff_render(who.user.id.0).await?;
    render::preview(&web.app, &input.body).await
}

/// What to fix, on the form with its text.
fn refused(error: &Error) -> Extras {
    let problems = match error {
        Error::Invalid(errors) => fields::plain_problems(errors),
        error => vec![(Field::Form, error.to_string())],
    };
    Extras {
        problems,
        ..Extras::default()
    }
}

fn after_save(web: &Web, post: &Post, intent: Intent) -> Response {
    if intent == Intent::Publish && post.state == PostState::Published {
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
        tells: form.has("tells"),
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
        comments: post.comments == Openness::Open,
        linkbacks: post.linkbacks == Openness::Open,
        tells: post.tells == Openness::Open,
    })
}

async fn page(
    web: &Web,
    who: &SignedIn,
    old: Option<(&Post, i64)>,
    input: &PostInput,
    extras: Extras,
    status: StatusCode,
) -> PageResult {
    let site = web.site_name().await?;
    let title = if old.is_some() {
        "Edit post"
    } else {
        "New post"
    };
    let action = old.map_or_else(
        || "/desk/posts".to_owned(),
        |(post, _)| format!("/desk/posts/{}", post.id),
    );
    let main = html! {
        div.title-row {
            h1 { (title) }
            @if let Some((post, _)) = old { (standing(web, post)) }
        }
        @if let Some(notice) = extras.notice { p.received role="status" { (notice) } }
        @if let Some((theirs, name)) = &extras.theirs { (clash(web, theirs, name)) }
        (fields::problem_summary("This was not saved. Please fix:", &extras.problems))
        form.compose method="post" action=(action) data-preview="/desk/preview" {
            @if let Some((post, revision)) = old {
                input type="hidden" name="id" value=(post.id);
                input type="hidden" name="revision" value=(revision);
            }
            div.compose-text {
                (fields::input(&Input {
                    field: Field::Title, label: "Title", hint: None, kind: "text",
                    autocomplete: Some("off"), value: &input.title, required: false,
                }, &extras.problems))
                (body_field(input, &extras.problems))
                (preview_pane(extras.preview.as_ref()))
            }
            div.compose-side {
                (buttons(old.map(|(post, _)| post.state), who.actor.may(Action::PublishOwnPosts)))
                (fields::input(&Input {
                    field: Field::Tags, label: "Tags", hint: Some("with commas between them"), kind: "text",
                    autocomplete: Some("off"), value: &input.tags, required: false,
                }, &extras.problems))
                (fields::input(&Input {
                    field: Field::Slug, label: "Slug", hint: Some("empty: from the title"), kind: "text",
                    autocomplete: Some("off"), value: &input.slug, required: false,
                }, &extras.problems))
                (fields::input(&Input {
                    field: Field::Date, label: "Date", hint: Some("empty = now, future = scheduled"), kind: "datetime-local",
                    autocomplete: Some("off"), value: &input.date, required: false,
                }, &extras.problems))
                fieldset {
                    legend { "Responses" }
                    label.check { input type="checkbox" name="comments" value="open" checked[input.comments]; " Allow comments" }
                    label.check { input type="checkbox" name="linkbacks" value="open" checked[input.linkbacks]; " Allow linkbacks from other blogs" }
                    label.check { input type="checkbox" name="tells" value="yes" checked[input.tells]; " Notify linked sites" }
                }
            }
        }
    };
    let notices = match old {
        Some((post, _)) => outgoing::list_for_post(web.app.store.read(), post.id).await?,
        None => Vec::new(),
    };
    let main = html! {
        (main)
        @if !notices.is_empty() {
            section #notices {
                h2 { "Outgoing linkbacks" }
                (notices::sending_note(web))
                (notices::notice_list(web, &notices, false))
            }
        }
    };
    let page = staff_page(&site, who, Room::Desk, title, &main);
    Ok((status, page).into_response())
}

fn body_field(input: &PostInput, problems: &[(Field, String)]) -> Markup {
    let problem = fields::problem_of(Field::Body, problems);
    html! {
        div.field {
            label for="body" { "Text " span.hint { "(Markdown)" } }
            textarea #body name="body" rows="18" dir="auto" aria-invalid=[problem.map(|_| "true")]
                aria-describedby=[problem.map(|_| "body-problem")] { "\n" (input.body) }
            (fields::problem_note("body", problem))
        }
    }
}

fn preview_pane(preview: Option<&SafeHtml>) -> Markup {
    html! {
        section.preview #preview aria-label="Preview" hidden[preview.is_none()] {
            h2 { "Preview" }
            div.text #preview-text dir="auto" {
                @if let Some(preview) = preview { (preview) }
            }
        }
    }
}

fn buttons(state: Option<PostState>, may_publish: bool) -> Markup {
    let button = |value: &str, label: &str, primary: bool| {
        html! { button type="submit" name="do" value=(value) class=[primary.then_some("primary")] { (label) } " " }
    };
    html! {
        p.buttons {
            @match state {
                Some(PostState::Published | PostState::Scheduled) => {
                    @if may_publish { (button("save", "Update", true)) }
                },
                Some(PostState::Trash) => (button("save", "Save", true)),
                Some(PostState::Draft) | None => {
                    (button("save", "Save draft", !may_publish))
                    @if may_publish { (button("publish", "Publish", true)) }
                }
            }
            (button("preview", "Preview", false))
        }
    }
}

fn standing(web: &Web, post: &Post) -> Markup {
    html! {
        p.meta {
            span class={ "state " (state_name(post.state)) } { (state_name(post.state)) }
            " saved " (when::time_of_minute(post.updated_at, web.app.urls.zone()))
            @if post.state == PostState::Published {
                " " a href=(find::permalink(&web.app, post)) { "View" }
            }
        }
    }
}

fn clash(web: &Web, theirs: &Post, name: &str) -> Markup {
    html! {
        div.problems role="alert" {
            p { strong { bdi { (name) } " saved this post while you wrote." } }
            p {
                "Nothing of yours was saved, and nothing of theirs was overwritten. Your text is in the form; theirs is here. "
                "Merge the two versions, then save: that replaces their version with yours."
            }
            details open {
                summary { "Their version, saved " (when::time_of_minute(theirs.updated_at, web.app.urls.zone())) }
                p { strong dir="auto" { (theirs.title) } }
                textarea readonly dir="auto" rows="10" aria-label="Their text" { "\n" (theirs.body_markdown) }
            }
        }
    }
}
