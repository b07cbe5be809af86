//! The form to write a post in, with its preview, its problems, and the version of whoever saved it
//! meanwhile. Reads and stores nothing.

use maud::{Markup, html};

use crate::error::Field;
use crate::posts::draft::PostInput;
use crate::posts::find;
use crate::posts::preview::Preview;
use crate::store::entity::outgoing_linkback::Model as OutgoingLinkback;
use crate::store::entity::post::{Model as Post, PostKind, PostState};
use crate::texts::Texts;
use crate::ui::buttons::{ButtonStyle, submit_value};
use crate::ui::fields::{self, Checkbox, Input, Select, TextArea};
use crate::ui::problems::{self, FieldText};
use crate::ui::sections::title_row;
use crate::ui::text_block::fresh_text;
use crate::ui::when;
use crate::web::editor::featured_field::{FeaturedChoices, featured_field};
use crate::web::editor::findings::findings_list;
use crate::web::editor::markdown_help::markdown_help;
use crate::web::editor::outgoing_linkbacks;
use crate::web::editor::posts::state_badge;
use crate::web::state::Web;

/// What the page shows beside what is in the form.
#[derive(Default)]
pub struct FormState {
    pub notice: Markup,
    pub problems: Vec<FieldText>,
    pub preview: Option<Preview>,
    /// Why pictures were not imported, by their addresses.
    pub import_failures: Vec<(String, String)>,
    /// Whether the text in the form is not stored anywhere, although nobody has typed in it.
    pub is_unsaved: bool,
    /// What somebody else saved meanwhile, and their name.
    pub conflict: Option<(Box<Post>, String)>,
}

pub struct PostForm<'a> {
    pub web: &'a Web,
    pub title: &'a str,
    pub may_publish: bool,
    /// The pages that may be above a page: slug and title.
    pub parents: &'a [(String, String)],
    pub featured: &'a FeaturedChoices,
    /// The post as it is stored, and the revision that the form began with.
    pub old: Option<(&'a Post, i64)>,
    pub input: &'a PostInput,
    pub state: &'a FormState,
    pub outgoing: &'a [OutgoingLinkback],
}

/// The main part of the page.
pub fn post_form(form: &PostForm<'_>) -> Markup {
    let (web, state) = (form.web, form.state);
    let texts = &web.texts;
    let action = match form.old {
        Some((post, _)) => format!("/desk/posts/{}", post.id),
        None => "/desk/posts".to_owned(),
    };
    let status = form.old.map(|(post, _)| post_status(web, post));
    html! {
        (title_row(form.title, status.unwrap_or_default()))
        (state.notice)
        @if let Some((theirs, name)) = &state.conflict { (conflict(web, theirs, name)) }
        (problems::summary(texts, &texts.text("post-not-saved"), &state.problems))
        form.compose method="post" action=(action) data-preview="/desk/preview"
            data-unsaved[state.is_unsaved] {
            @if form.input.kind == PostKind::Page { input type="hidden" name="kind" value="page"; }
            @if let Some((post, revision)) = form.old {
                input type="hidden" name="id" value=(post.id);
                input type="hidden" name="revision" value=(revision);
            }
            div.compose-text { (text_fields(form)) }
            div.compose-side { (side_fields(form)) }
            (preview_section(form))
        }
        @if !form.outgoing.is_empty() {
            section #outgoing-linkbacks aria-labelledby="outgoing-heading" {
                h2 #outgoing-heading { (texts.text("outgoing-title")) }
                (outgoing_linkbacks::sending_note(web))
                (outgoing_linkbacks::outgoing_linkback_list(web, form.outgoing, false))
            }
        }
    }
}

fn text_fields(form: &PostForm<'_>) -> Markup {
    let (texts, problems) = (&form.web.texts, &form.state.problems);
    html! {
        (fields::input(&Input {
            field: Field::Title, label: &texts.text("field-title"), hint: None, kind: "text",
            autocomplete: Some("off"), value: &form.input.title, required: false,
        }, problems))
        (fields::text_area(&TextArea {
            field: Field::Body, label: &texts.text("field-body"), hint: Some(&texts.text("field-body-hint")),
            rows: 18, value: &form.input.body,
        }, problems))
        (markdown_help(texts))
        (media_tools(texts))
    }
}

/// The text as readers will see it. After all fields: on a narrow screen it may be long.
fn preview_section(form: &PostForm<'_>) -> Markup {
    let texts = &form.web.texts;
    let preview = form.state.preview.as_ref();
    html! {
        section.preview #preview aria-label=(texts.text("preview-title")) hidden[preview.is_none()] {
            h2 { (texts.text("preview-title")) }
            div.text #preview-text dir="auto" {
                @if let Some(preview) = preview { (fresh_text(texts, &preview.html)) }
            }
        }
    }
}

/// The way to the library; with scripts, pictures can be added from here, pasted and dropped.
fn media_tools(texts: &Texts) -> Markup {
    html! {
        p.media-tools data-upload="/desk/media" data-uploading=(texts.text("post-uploading"))
            data-failed=(texts.text("post-upload-failed")) {
            button.with-scripts #add-media type="button" { (texts.text("post-insert-media")) } " "
            a href="/desk/media" target="_blank" rel="noopener" { (texts.text("post-media-library")) } " "
            span.hint #upload-status role="status" {}
        }
    }
}

fn side_fields(form: &PostForm<'_>) -> Markup {
    let (texts, problems, input) = (&form.web.texts, &form.state.problems, form.input);
    let line = |field, label, hint, kind, value| {
        let input = Input {
            field,
            label: &texts.text(label),
            hint: Some(&texts.text(hint)),
            kind,
            autocomplete: Some("off"),
            value,
            required: false,
        };
        fields::input(&input, problems)
    };
    let check = |name, value, label, checked| {
        fields::checkbox(&Checkbox {
            name,
            value,
            label: &texts.text(label),
            checked,
            required: false,
        })
    };
    html! {
        (buttons(form))
        (checks(form))
        @if input.kind == PostKind::Page {
            (parent_select(form))
            (line(Field::Slug, "field-slug", "field-page-slug-hint", "text", input.slug.as_str()))
        } @else {
            (line(Field::Tags, "field-tags", "field-tags-hint", "text", input.tags.as_str()))
            (line(Field::Slug, "field-slug", "field-slug-hint", "text", input.slug.as_str()))
            input type="hidden" name="zone" value=(form.web.app.settings().general.time_zone);
            (line(Field::Date, "field-date", "field-date-hint", "datetime-local", input.date.as_str()))
            (featured_field(texts, input.featured.as_deref().unwrap_or_default(), form.featured, problems))
        }
        fieldset {
            legend { (texts.text("post-discussion")) }
            (check("comments", "open", "post-allow-comments", input.comments))
            (check("linkbacks", "open", "post-allow-linkbacks", input.linkbacks))
            (check("sends_linkbacks", "yes", "post-send-linkbacks", input.sends_linkbacks))
        }
    }
}

/// What to look at in the text. After the buttons that save: the Enter key presses a form's first one.
fn checks(form: &PostForm<'_>) -> Markup {
    let (texts, state) = (&form.web.texts, form.state);
    html! {
        section.checks #checks aria-labelledby="checks-heading" hidden[state.preview.is_none()] {
            h2 #checks-heading { (texts.text("checks-title")) }
            div #checks-list {
                @if let Some(preview) = &state.preview {
                    (findings_list(texts, &preview.findings, &state.import_failures))
                }
            }
        }
    }
}

fn parent_select(form: &PostForm<'_>) -> Markup {
    let options: Vec<(&str, String)> = form
        .parents
        .iter()
        .map(|(slug, title)| (slug.as_str(), title.clone()))
        .collect();
    let select = Select {
        field: Field::PageParent,
        label: &form.web.texts.text("field-page-parent"),
        hint: None,
        options: &options,
        selected: &form.input.parent,
    };
    fields::select(&select, &form.state.problems)
}

fn buttons(form: &PostForm<'_>) -> Markup {
    let button = |value: &str, id: &str, style: ButtonStyle| {
        html! { (submit_value(style, "do", value, &form.web.texts.text(id))) " " }
    };
    let save_style = match form.may_publish {
        true => ButtonStyle::Secondary,
        false => ButtonStyle::Primary,
    };
    html! {
        p.buttons {
            @match form.old.map(|(post, _)| post.state) {
                Some(PostState::Published | PostState::Scheduled) => {
                    @if form.may_publish { (button("save", "button-update", ButtonStyle::Primary)) }
                },
                Some(PostState::Trash) => (button("save", "button-save", ButtonStyle::Primary)),
                Some(PostState::Draft) | None => {
                    (button("save", "button-save-draft", save_style))
                    @if form.may_publish { (button("publish", "button-publish", ButtonStyle::Primary)) }
                }
            }
            (button("preview", "button-preview", ButtonStyle::Secondary))
        }
    }
}

fn post_status(web: &Web, post: &Post) -> Markup {
    let texts = &web.texts;
    html! {
        p.meta {
            (state_badge(texts, post.state)) " "
            (saved_at(texts, "post-saved-at", web, post))
            @if post.state == PostState::Published {
                " " a href=(find::permalink(&web.app, post)) { (texts.text("post-view")) }
            }
        }
    }
}

fn saved_at(texts: &Texts, id: &'static str, web: &Web, post: &Post) -> String {
    let date = when::minute(post.updated_at, &web.app.zone());
    texts.with(id, &[("date", date.into())])
}

fn conflict(web: &Web, theirs: &Post, name: &str) -> Markup {
    let texts = &web.texts;
    html! {
        div.problems role="alert" {
            p { strong { (texts.around("post-conflict", ("name", name), &[])) } }
            p { (texts.text("post-conflict-next")) }
            details open {
                summary { (saved_at(texts, "post-their-version", web, theirs)) }
                p { strong dir="auto" { (theirs.title) } }
                textarea readonly dir="auto" rows="10" aria-label=(texts.text("post-their-text")) {
                    "\n" (theirs.body_markdown)
                }
            }
        }
    }
}
