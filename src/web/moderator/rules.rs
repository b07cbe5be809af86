//! The rules that moderators write. A rule is tried on the past before it is kept.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use maud::{Markup, html};
use serde::Deserialize;

use crate::accounts::permissions::Action;
use crate::error::{Error, Field};
use crate::moderation::bulk::{self, Work};
use crate::moderation::rules::{self, RuleInput};
use crate::moderation::time_machine::Draft;
use crate::store::entity::ids::RuleId;
use crate::store::entity::rule::{Model as RuleRow, RuleOutcome};
use crate::web::form::Form;
use crate::web::moderator::asking::{self, Question};
use crate::web::moderator::shown::KINDS;
use crate::web::moderator::words::{kind_name, outcome_words};
use crate::web::respond::{PageResult, status_of};
use crate::web::session::SignedIn;
use crate::web::state::Web;
use crate::web::views::fields::{self, Input};
use crate::web::views::staff::{Room, staff_page};
use crate::web::views::when;

const OUTCOMES: [(RuleOutcome, &str); 4] = [
    (RuleOutcome::Hold, "hold"),
    (RuleOutcome::Approve, "approve"),
    (RuleOutcome::Spam, "spam"),
    (RuleOutcome::Refuse, "refuse"),
];

/// `GET /queue/rules`
pub async fn index(State(web): State<Web>, who: SignedIn) -> PageResult {
    let rows = rules::list(&web.app, &who.actor).await?;
    let main = html! {
        div.title-row {
            h1 { "Rules" }
            p.beside { a href="/queue/rules/new" { "New rule" } " " a href="/queue/" { "Back to the queue" } }
        }
        p { "Every response is tried against these rules, those with the lowest priority number first; the first priority at which a rule matches decides, and among rules of one priority the strictest action. How people and sites stand counts before any rule." }
        @if rows.is_empty() {
            div.empty {
                p { "No rules yet: the site's own checks, and what the filter has learned, hold what needs a look." }
                p { a href="/queue/rules/new" { "Write the first rule" } }
            }
        } @else {
            div.table-scroll tabindex="0" role="region" aria-label="Rules" {
                table {
                    thead { tr {
                        th scope="col" { "Priority" } th scope="col" { "Rule" } th scope="col" { "Action" }
                        th scope="col" { "Matched" } th scope="col" { "Changed" } th scope="col" { "Do" }
                    } }
                    tbody { @for row in &rows { (rule_row(&web, row)) } }
                }
            }
        }
    };
    let site = web.site_name().await?;
    Ok(staff_page(&site, &who, Room::Queue, "Rules", &main).into_response())
}

fn rule_row(web: &Web, row: &RuleRow) -> Markup {
    let press = |action: &str, label: &str| {
        html! {
            form method="post" action={ "/queue/rules/" (row.id) "/" (action) } {
                button.link type="submit" aria-label={ (label) ": " (row.name) } { (label) }
            }
        }
    };
    html! {
        tr {
            td { (row.rank) }
            td { a href={ "/queue/rules/" (row.id) "/edit" } { bdi { (row.name) } } @if !row.is_on { " " span.state { "off" } } }
            td { (outcome_words(row.outcome)) }
            td { a href={ "/queue/?state=pending&site_rule=" (row.id) } { (row.hits) } }
            td { (when::day(row.changed_at, web.app.urls.zone())) ", " bdi { (row.changed_by) } }
            td {
                @if row.is_on { (press("off", "Switch off")) } @else { (press("on", "Switch on")) }
                (press("deletion", "Delete"))
            }
        }
    }
}

/// The trial that a draft comes from.
#[derive(Debug, Default, Deserialize)]
pub struct FromTask {
    task: Option<String>,
}

async fn draft_of(web: &Web, who: &SignedIn, token: &str) -> Result<Draft, Error> {
    match bulk::find(&web.app, &who.actor, token).await? {
        (task, Work::Try { draft }) if task.ended_at.is_some() => Ok(*draft),
        (_, Work::Try { .. }) => Err(Error::Conflict(
            "the rule is still being tried on the past: wait until that is done".to_owned(),
        )),
        _ => Err(Error::NotFound("trial of a rule")),
    }
}

/// `GET /queue/rules/new`
pub async fn new(
    State(web): State<Web>,
    who: SignedIn,
    Query(from): Query<FromTask>,
) -> PageResult {
    who.actor.must(Action::SetRules)?;
    let (input, id) = match &from.task {
        Some(token) => match bulk::find(&web.app, &who.actor, token).await? {
            (_, Work::Try { draft }) => (rules::typed(&draft), draft.id),
            _ => return Err(Error::NotFound("trial of a rule").into()),
        },
        None => (RuleInput::default(), None),
    };
    form_page(&web, &who, &input, id, &[], StatusCode::OK).await
}

/// `GET /queue/rules/ID/edit`
pub async fn edit(State(web): State<Web>, who: SignedIn, Path(id): Path<String>) -> PageResult {
    who.actor.must(Action::SetRules)?;
    let draft = rules::find(&web.app, &who.actor, read_id(&id)?).await?;
    let input = rules::typed(&draft);
    form_page(&web, &who, &input, draft.id, &[], StatusCode::OK).await
}

/// `POST /queue/rules/trial`: tries what was typed on the past.
pub async fn try_out(State(web): State<Web>, who: SignedIn, form: Form) -> PageResult {
    who.actor.must(Action::SetRules)?;
    let input = read(&form);
    let id = form.get("rule").parse().ok().map(RuleId);
    let begun = try_typed(&web, &who, input.clone(), id).await;
    match begun {
        Ok(token) => Ok(Redirect::to(&format!("/queue/tasks/{token}")).into_response()),
        Err(Error::Invalid(errors)) => {
            let problems = fields::plain_problems(&errors);
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            form_page(&web, &who, &input, id, &problems, status).await
        }
        Err(error @ (Error::TooMany { .. } | Error::Unavailable(_) | Error::Conflict(_))) => {
            let problems = [(Field::Form, error.to_string())];
            form_page(&web, &who, &input, id, &problems, status_of(&error)).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn try_typed(
    web: &Web,
    who: &SignedIn,
    input: RuleInput,
    id: Option<RuleId>,
) -> Result<String, Error> {
    web.app.limits.take_staff_render(who.user.id.0).await?;
    let reading = move || rules::read(&input, id);
    let draft = web.app.cpu.run("read a rule", reading).await??;
    rules::measure(&web.app, &draft).await?;
    bulk::try_rule(&web.app, &who.actor, draft).await
}

/// `POST /queue/rules`: keeps the rule of the trial `task`.
pub async fn create(State(web): State<Web>, who: SignedIn, form: Form) -> PageResult {
    who.actor.must(Action::SetRules)?;
    let draft = draft_of(&web, &who, form.get("task")).await?;
    rules::save(&web.app, &who.actor, &draft).await?;
    Ok(Redirect::to("/queue/rules").into_response())
}

/// `POST /queue/rules/ID/ACTION`: `on`, `off` or `deletion`.
pub async fn change(
    State(web): State<Web>,
    Path((id, action)): Path<(String, String)>,
    who: SignedIn,
    form: Form,
) -> PageResult {
    who.actor.must(Action::SetRules)?;
    let id = read_id(&id)?;
    match action.as_str() {
        "on" => rules::switch(&web.app, &who.actor, id, true).await?,
        "off" => rules::switch(&web.app, &who.actor, id, false).await?,
        "deletion" if form.get("sure") != id.0.to_string() => {
            let name = rules::find(&web.app, &who.actor, id).await?.name;
            return ask_to_delete(&web, &who, id, &name).await;
        }
        "deletion" => rules::delete(&web.app, &who.actor, id).await?,
        _ => return Err(Error::NotFound("page").into()),
    }
    Ok(Redirect::to("/queue/rules").into_response())
}

async fn ask_to_delete(web: &Web, who: &SignedIn, id: RuleId, name: &str) -> PageResult {
    let question = Question {
        title: "Delete this rule?",
        what: html! {
            p { "The rule “" bdi { (name) } "” is deleted, and nobody can undo that. To stop it for a while, switch it off instead." }
        },
        action: &format!("/queue/rules/{id}/deletion"),
        fields: &[("sure", &id.to_string())],
        yes: "Yes, delete the rule",
        back: "/queue/rules",
    };
    asking::ask(web, who, Room::Queue, question).await
}

fn read_id(id: &str) -> Result<RuleId, Error> {
    id.parse().map_err(|_| Error::NotFound("rule"))
}

fn read(form: &Form) -> RuleInput {
    let text = |name: &str| form.get(name).replace("\r\n", "\n");
    RuleInput {
        name: text("rule_name"),
        rank: text("rank"),
        outcome: OUTCOMES
            .iter()
            .find(|(_, name)| *name == form.get("outcome"))
            .map(|(outcome, _)| *outcome),
        message: text("message"),
        words: text("words"),
        pattern: text("pattern"),
        min_links: text("min_links"),
        hosts: text("hosts"),
        emails: text("emails"),
        names: text("names"),
        networks: text("networks"),
        languages: text("languages"),
        post_age: text("post_age"),
        first_time: form.has("first_time"),
        kinds: KINDS
            .into_iter()
            .filter(|kind| form.all("kind").any(|name| name == kind_name(*kind)))
            .collect(),
    }
}

async fn form_page(
    web: &Web,
    who: &SignedIn,
    input: &RuleInput,
    id: Option<RuleId>,
    problems: &[(Field, String)],
    status: StatusCode,
) -> PageResult {
    let title = if id.is_some() {
        "Change a rule"
    } else {
        "New rule"
    };
    let main = html! {
        div.title-row { h1 { (title) } a href="/queue/rules" { "Back to the rules" } }
        (fields::problem_summary("Please fix this:", problems))
        form.rule method="post" action="/queue/rules/trial" {
            @if let Some(id) = id { input type="hidden" name="rule" value=(id); }
            (fields::input(&Input {
                field: Field::RuleName, label: "Name", hint: Some("moderators see it beside what it holds"), kind: "text",
                autocomplete: Some("off"), value: &input.name, required: true,
            }, problems))
            fieldset #conditions {
                legend { "Match responses that meet all of these" }
                p.hint { "Empty fields are ignored. In a list, any line can match." }
                (list("words", "Words or phrases", "whole words, in the text, the name or the site; a line each", &input.words))
                (line("pattern", "Pattern", "a regular expression, such as v[i1]agra", &input.pattern))
                (line("min_links", "Minimum number of links", "a number", &input.min_links))
                (list("hosts", "Hosts of links", "such as shop.example, with all below it", &input.hosts))
                (list("emails", "E-mail addresses", "or @mail.example for all of a domain", &input.emails))
                (list("names", "Names of writers", "whole names", &input.names))
                (list("networks", "Networks", "of comments and trackbacks, such as 192.0.2.0/24", &input.networks))
                (list("languages", "Languages", "in English, such as Russian", &input.languages))
                (line("post_age", "On posts that are at least so many days old", "a number", &input.post_age))
                label.check { input type="checkbox" name="first_time" value="1" checked[input.first_time]; " Only from writers with no approved responses" }
                p { "Only these kinds " span.hint { "(none ticked: every kind)" } }
                @for kind in KINDS {
                    label.check { input type="checkbox" name="kind" value=(kind_name(kind)) checked[input.kinds.contains(&kind)]; " " (kind_name(kind)) }
                }
            }
            div.field {
                label for="outcome" { "Then" }
                select #outcome name="outcome" {
                    @for (outcome, name) in OUTCOMES { option value=(name) selected[input.outcome == Some(outcome)] { (outcome_words(outcome)) } }
                }
            }
            div.field {
                label for="message" { "What a refused writer is told " span.hint { "(optional)" } }
                input #message name="message" type="text" dir="auto" autocomplete="off" value=(input.message);
                (fields::problem_note("message", fields::problem_of(Field::Message, problems)))
            }
            (line("rank", "Priority", "rules with a lower number are tried first; usually 100", &input.rank))
            p.buttons { button.primary type="submit" { "Test on past comments" } }
            p.hint { "Nothing is changed yet: you will see what the rule would have done to the last 100,000 responses, and can then save it." }
        }
    };
    let site = web.site_name().await?;
    Ok((status, staff_page(&site, who, Room::Queue, title, &main)).into_response())
}

fn line(name: &str, label: &str, hint: &str, value: &str) -> Markup {
    html! {
        div.field {
            label for={ "rule-" (name) } { (label) " " span.hint { "(" (hint) ")" } }
            input id={ "rule-" (name) } name=(name) type="text" dir="auto" autocomplete="off" value=(value);
        }
    }
}

fn list(name: &str, label: &str, hint: &str, value: &str) -> Markup {
    html! {
        div.field {
            label for={ "rule-" (name) } { (label) " " span.hint { "(" (hint) ")" } }
            textarea id={ "rule-" (name) } name=(name) rows="2" dir="auto" { "\n" (value) }
        }
    }
}
