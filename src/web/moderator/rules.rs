//! The list of the site's rules: switching one on or off, deleting one. Writing one is in `rule_form`.

use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Redirect};
use maud::{Markup, html};

use crate::accounts::permissions::Action;
use crate::error::Error;
use crate::moderation::rules;
use crate::store::entity::ids::RuleId;
use crate::store::entity::rule::Model as RuleRow;
use crate::texts::Texts;
use crate::ui::confirmation::Confirmation;
use crate::ui::staff_page::NavSection;
use crate::ui::{notices, tables, when};
use crate::web::form::Form;
use crate::web::moderator::labels::rule_action_label;
use crate::web::respond::PageResult;
use crate::web::session::SignedIn;
use crate::web::state::Web;
use crate::web::views::confirmation::confirmation_page;
use crate::web::views::staff::staff_page;

/// `GET /queue/rules`; `done=` names what was just done.
pub async fn index(State(web): State<Web>, who: SignedIn, RawQuery(query): RawQuery) -> PageResult {
    let rows = rules::list(&web.app, &who.actor).await?;
    let texts = &web.texts;
    let params = Form::parse(query.unwrap_or_default().as_bytes());
    let done = match params.get("done") {
        "saved" => Some("rule-saved"),
        "on" => Some("rule-switched-on"),
        "off" => Some("rule-switched-off"),
        "deleted" => Some("rule-deleted"),
        _ => None,
    };
    let title = texts.text("rules-title");
    let main = html! {
        div.title-row {
            h1 { (title) }
            p.beside {
                a href="/queue/rules/new" { (texts.text("rule-new-title")) }
                " " a href="/queue/" { (texts.text("back-to-queue")) }
            }
        }
        @if let Some(done) = done { (notices::done(texts.text(done))) }
        p { (texts.text("rules-intro")) }
        @if rows.is_empty() {
            div.empty {
                p { (texts.text("rules-none")) }
                p { a href="/queue/rules/new" { (texts.text("rules-write-first")) } }
            }
        } @else { (rule_table(&web, &rows)) }
    };
    let page = staff_page(&web, &who, NavSection::Queue, &title, &main).await?;
    Ok(page.into_response())
}

fn rule_table(web: &Web, rows: &[RuleRow]) -> Markup {
    let texts = &web.texts;
    let headings = [
        "rules-priority",
        "rules-rule",
        "rules-action",
        "rules-matches",
        "rules-changed",
        "rules-actions",
    ];
    let cells: Vec<_> = rows.iter().map(|row| rule_cells(web, row)).collect();
    tables::table(
        &texts.text("rules-title"),
        &headings.map(|id| texts.text(id)),
        &cells,
    )
}

fn rule_cells(web: &Web, row: &RuleRow) -> Vec<Markup> {
    let texts = &web.texts;
    let day = when::day(row.changed_at, &web.app.zone());
    let changed = [("day", day.into())];
    vec![
        html! { (row.priority) },
        html! {
            a href={ "/queue/rules/" (row.id) "/edit" } { bdi { (row.name) } }
            @if !row.is_on { " " span.state { (texts.text("rules-off")) } }
        },
        html! { (rule_action_label(texts, row.action)) },
        html! { a href={ "/queue/?state=pending&rule=" (row.id) } { (row.hits) } },
        texts.around("rules-changed-by", ("name", &row.changed_by), &changed),
        html! {
            @if row.is_on { (action_button(texts, row, "off", "rule-switch-off", "rule-switch-off-named")) }
            @else { (action_button(texts, row, "on", "rule-switch-on", "rule-switch-on-named")) }
            (action_button(texts, row, "delete", "rule-delete", "rule-delete-named"))
        },
    ]
}

/// A button that sends `action` for one rule; the message `full_label_id` says which rule that is.
fn action_button(
    texts: &Texts,
    row: &RuleRow,
    action: &str,
    label_id: &'static str,
    full_label_id: &'static str,
) -> Markup {
    let full_label = texts.with(full_label_id, &[("name", row.name.as_str().into())]);
    html! {
        form method="post" action={ "/queue/rules/" (row.id) "/" (action) } {
            button.link type="submit" aria-label=(full_label) { (texts.text(label_id)) }
        }
    }
}

/// `POST /queue/rules/ID/ACTION`: `on`, `off` or `delete`.
pub async fn update(
    State(web): State<Web>,
    Path((id, action)): Path<(String, String)>,
    who: SignedIn,
    form: Form,
) -> PageResult {
    who.actor.must(Action::SetRules)?;
    let id: RuleId = id.parse().map_err(|_| Error::NotFound("rule"))?;
    let done = match action.as_str() {
        "on" => {
            rules::set_enabled(&web.app, &who.actor, id, true).await?;
            "on"
        }
        "off" => {
            rules::set_enabled(&web.app, &who.actor, id, false).await?;
            "off"
        }
        "delete" if form.get("sure") != id.0.to_string() => {
            let name = rules::load(&web.app, &who.actor, id).await?.name;
            return confirm_deletion(&web, &who, id, &name).await;
        }
        "delete" => {
            rules::delete(&web.app, &who.actor, id).await?;
            "deleted"
        }
        _ => return Err(Error::NotFound("page").into()),
    };
    Ok(Redirect::to(&format!("/queue/rules?done={done}")).into_response())
}

async fn confirm_deletion(web: &Web, who: &SignedIn, id: RuleId, name: &str) -> PageResult {
    let texts = &web.texts;
    let confirmation = Confirmation {
        title: &texts.text("rule-delete-confirm"),
        consequence: html! { p { (texts.around("rule-delete-consequence", ("name", name), &[])) } },
        action: &format!("/queue/rules/{id}/delete"),
        fields: &[("sure", &id.to_string())],
        button: &texts.text("rule-delete-button"),
        back: "/queue/rules",
    };
    confirmation_page(web, who, NavSection::Queue, confirmation).await
}
