//! The form under a post.

use maud::{Markup, html};

use crate::config::Moderation;
use crate::error::Field;
use crate::markup::sanitise::SafeHtml;
use crate::responses::comment::CommentInput;
use crate::responses::ticket;
use crate::store::entity::user;
use crate::store::thread::ThreadRow;
use crate::urls::comment_link;
use crate::web::assets;
use crate::web::state::Web;
use crate::web::views::body::{body, shown};
use crate::web::views::fields::{self, Input};

/// What the form shows.
#[derive(Default)]
pub struct CommentForm<'a> {
    /// What was typed before.
    pub input: CommentInput,
    /// What to fix, in words.
    pub problems: Vec<(Field, String)>,
    /// How the comment would look.
    pub preview: Option<SafeHtml>,
    /// The comment that is answered.
    pub parent: Option<&'a ThreadRow>,
    /// What a guest needs during a burst.
    pub ticket: Option<String>,
    /// Who is signed in.
    pub visitor: Option<&'a user::Model>,
}

/// The form for a comment on the post at `permalink`.
pub fn comment_form(web: &Web, permalink: &str, form: &CommentForm<'_>) -> Markup {
    let texts = &web.texts;
    let input = &form.input;
    let problem = fields::problem_of(Field::Comment, &form.problems);
    html! {
        section #respond data-title=(texts.text("respond-title"))
            data-cancel=(texts.text("respond-cancel")) data-kept=(texts.text("respond-kept")) {
            h2 {
                @match form.parent {
                    Some(parent) => (texts.around("respond-to-title", ("name", &parent.author_name), &[])),
                    None => (texts.text("respond-title")),
                }
            }
            @if let Some(parent) = form.parent {
                div.quoted {
                    p.meta { (texts.text("respond-quote")) }
                    blockquote dir="auto" { (body(web, &parent.body_html)) }
                    p {
                        a.cancel-reply.with-scripts href=(comment_link(parent.id)) { (texts.text("respond-cancel")) }
                        button.link.without-scripts type="submit" form="comment-form" formnovalidate
                            name="do" value="cancel-reply" { (texts.text("respond-cancel")) }
                    }
                }
            }
            (fields::problem_summary(
                &texts.with("problems-title", &[("count", form.problems.len().into())]),
                &form.problems,
            ))
            @if let Some(preview) = &form.preview {
                div.preview role="status" {
                    h3 { (texts.text("preview-title")) }
                    p.meta { (texts.text("preview-note")) }
                    div.text dir="auto" { (shown(web, preview)) }
                }
            }
            form.comment-form #comment-form method="post" action={ (permalink) "respond#respond" } {
                @match form.visitor {
                    Some(user) => p.meta { (texts.around("respond-as", ("name", &user.name), &[])) },
                    None => (guest_fields(web, form)),
                }
                div.field {
                    label for="comment" { (texts.text("field-comment")) }
                    textarea #comment name="comment" rows="8" required dir="auto"
                        aria-invalid=[problem.map(|_| "true")]
                        aria-describedby={ "comment-hint" @if problem.is_some() { " comment-problem" } } {
                        // HTML drops the first line break of a textarea.
                        "\n" (input.comment)
                    }
                    (fields::problem_note("comment", problem))
                    p.hint #comment-hint { (texts.text("field-comment-hint")) }
                }
                div.trap aria-hidden="true" {
                    label for="contact_me" { (texts.text("field-trap")) }
                    input #contact_me name="contact_me" type="text" tabindex="-1" autocomplete="off";
                }
                input type="hidden" name="parent" value=(input.parent);
                @if let Some(ticket) = &form.ticket {
                    input type="hidden" name="ticket" value=(ticket) data-bits=(ticket::BITS);
                    input type="hidden" name="work" value="";
                    p.received #busy-done role="status" hidden { (texts.text("busy-done")) }
                    script src=(assets::path("work.js")) defer {}
                }
                script src=(assets::path("comments.js")) defer {}
                p.buttons {
                    button.primary type="submit" name="do" value="send" { (texts.text("button-send")) }
                    " "
                    button type="submit" name="do" value="preview" { (texts.text("button-preview")) }
                }
                @if form.visitor.is_none() {
                    @match web.app.config.comments.moderation {
                        Moderation::First => p.hint { (texts.text("respond-first")) },
                        Moderation::All => p.hint { (texts.text("respond-all")) },
                        Moderation::None => {},
                    }
                }
            }
        }
    }
}

fn guest_fields(web: &Web, form: &CommentForm<'_>) -> Markup {
    let texts = &web.texts;
    let input = &form.input;
    let labels = ["field-name", "field-email", "field-url"].map(|id| texts.text(id));
    let [never_shown, optional] = ["field-email-hint", "field-optional"].map(|id| texts.text(id));
    html! {
        div.guest {
            (fields::input(&Input {
                field: Field::Name, label: &labels[0], hint: None, kind: "text",
                autocomplete: Some("name"), value: &input.author, required: true,
            }, &form.problems))
            (fields::input(&Input {
                field: Field::Email, label: &labels[1], hint: Some(&never_shown), kind: "email",
                autocomplete: Some("email"), value: &input.email, required: true,
            }, &form.problems))
            // Not type="url": browsers would refuse a site without its scheme.
            (fields::input(&Input {
                field: Field::Url, label: &labels[2], hint: Some(&optional), kind: "text",
                autocomplete: Some("url"), value: &input.url, required: false,
            }, &form.problems))
        }
    }
}
