//! The form under a post, to comment or to reply. Stores nothing.

use maud::{Markup, html};

use crate::config::CommentModeration;
use crate::error::Field;
use crate::markup::sanitise::SafeHtml;
use crate::responses::challenge;
use crate::responses::comment_input::CommentInput;
use crate::store::entity::user;
use crate::store::thread::ThreadRow;
use crate::ui::assets;
use crate::ui::fields::{self, Input};
use crate::ui::problems::{self, FieldText};
use crate::ui::text_block::{fresh_text, stored_text};
use crate::urls::comment_link;
use crate::web::state::Web;

#[derive(Default)]
pub struct CommentForm<'a> {
    /// What was typed before.
    pub input: CommentInput,
    pub problems: Vec<FieldText>,
    pub preview: Option<SafeHtml>,
    /// The comment that this one replies to.
    pub parent: Option<&'a ThreadRow>,
    /// The proof-of-work challenge for guests during a burst.
    pub challenge: Option<String>,
    /// Who is signed in.
    pub visitor: Option<&'a user::Model>,
}

/// The form for a comment on the post at `permalink`.
pub fn comment_form(web: &Web, permalink: &str, form: &CommentForm<'_>) -> Markup {
    let texts = &web.texts;
    let input = &form.input;
    let problem = problems::of_field(Field::Comment, &form.problems);
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
                    blockquote dir="auto" { (stored_text(&web.texts, &parent.body_html)) }
                    p {
                        a.cancel-reply.with-scripts href=(comment_link(parent.id)) { (texts.text("respond-cancel")) }
                        button.link.without-scripts type="submit" form="comment-form" formnovalidate
                            name="do" value="cancel-reply" { (texts.text("respond-cancel")) }
                    }
                }
            }
            (problems::summary(
                texts,
                &texts.with("problems-title", &[("count", form.problems.len().into())]),
                &form.problems,
            ))
            @if let Some(preview) = &form.preview {
                div.preview role="status" {
                    h3 { (texts.text("preview-title")) }
                    p.meta { (texts.text("preview-note")) }
                    div.text dir="auto" { (fresh_text(&web.texts, preview)) }
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
                    (problems::note("comment", problem))
                    p.hint #comment-hint { (texts.text("field-comment-hint")) }
                }
                div.trap aria-hidden="true" {
                    label for="contact_me" { (texts.text("field-trap")) }
                    input #contact_me name="contact_me" type="text" tabindex="-1" autocomplete="off";
                }
                input type="hidden" name="parent" value=(input.parent);
                @if let Some(challenge) = &form.challenge {
                    input type="hidden" name="challenge" value=(challenge) data-bits=(challenge::PROOF_BITS);
                    input type="hidden" name="proof" value="";
                    p.received #busy-done role="status" hidden { (texts.text("busy-done")) }
                    script src=(assets::path("proof-of-work.js")) defer {}
                }
                script src=(assets::path("comments.js")) defer {}
                p.buttons {
                    button.primary type="submit" name="do" value="send" { (texts.text("button-send")) }
                    " "
                    button type="submit" name="do" value="preview" { (texts.text("button-preview")) }
                }
                @if form.visitor.is_none() {
                    @match web.app.settings().discussion.moderation {
                        CommentModeration::First => p.hint { (texts.text("respond-first")) },
                        CommentModeration::All => p.hint { (texts.text("respond-all")) },
                        CommentModeration::None => {},
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
