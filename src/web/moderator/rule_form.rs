//! The form of a rule. A rule is tested on past comments before it can be saved: the form only starts the
//! test, and the test's page saves.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use maud::{Markup, html};
use serde::Deserialize;

use crate::accounts::permissions::Action;
use crate::error::{Error, Field};
use crate::moderation::bulk::{self, BulkTask};
use crate::moderation::dry_run;
use crate::moderation::rule_draft::{RuleDraft, RuleInput};
use crate::moderation::rules;
use crate::store::entity::ids::RuleId;
use crate::texts::{Message, Texts};
use crate::ui::fields::{self, Checkbox, Input, Select, TextArea};
use crate::ui::problems::{self, FieldText};
use crate::ui::staff_page::NavSection;
use crate::web::form::Form;
use crate::web::form_problems::form_problems;
use crate::web::moderator::labels::{kind_label, rule_action_label};
use crate::web::moderator::names::{
    KINDS, RULE_ACTIONS, find_rule_action, kind_name, rule_action_name,
};
use crate::web::respond::PageResult;
use crate::web::session::SignedIn;
use crate::web::state::Web;
use crate::web::views::staff::staff_page;

#[derive(Debug, Default, Deserialize)]
pub struct NewRuleQuery {
    /// The test whose rule fills the form.
    task: Option<String>,
}

/// `GET /queue/rules/new`
pub async fn new(
    State(web): State<Web>,
    who: SignedIn,
    Query(query): Query<NewRuleQuery>,
) -> PageResult {
    who.actor.must(Action::SetRules)?;
    let (input, id) = match &query.task {
        Some(token) => match bulk::load(&web.app, &who.actor, token).await? {
            (_, BulkTask::DryRun { draft }) => (RuleInput::from_draft(&draft), draft.id),
            _ => return Err(Error::NotFound("test of a rule").into()),
        },
        None => (RuleInput::default(), None),
    };
    form_page(&web, &who, &input, id, &[], StatusCode::OK).await
}

/// `GET /queue/rules/ID/edit`
pub async fn edit(State(web): State<Web>, who: SignedIn, Path(id): Path<String>) -> PageResult {
    who.actor.must(Action::SetRules)?;
    let id: RuleId = id.parse().map_err(|_| Error::NotFound("rule"))?;
    let draft = rules::load(&web.app, &who.actor, id).await?;
    let input = RuleInput::from_draft(&draft);
    form_page(&web, &who, &input, draft.id, &[], StatusCode::OK).await
}

/// `POST /queue/rules/test`: starts a test of what was typed.
pub async fn start_test(State(web): State<Web>, who: SignedIn, form: Form) -> PageResult {
    who.actor.must(Action::SetRules)?;
    let input = read_input(&form);
    let id = form.get("rule").parse().ok().map(RuleId);
    match start_dry_run(&web, &who, input.clone(), id).await {
        Ok(token) => Ok(Redirect::to(&format!("/queue/tasks/{token}")).into_response()),
        Err(error) => {
            let (status, problems) = form_problems(&web.texts, error)?;
            form_page(&web, &who, &input, id, &problems, status).await
        }
    }
}

async fn start_dry_run(
    web: &Web,
    who: &SignedIn,
    input: RuleInput,
    id: Option<RuleId>,
) -> Result<String, Error> {
    web.app.limits.check_staff_render(who.user.id.0).await?;
    let parse = move || input.parse(id);
    let draft = web.app.cpu.run("read a rule", parse).await??;
    rules::check_speed(&web.app, &draft).await?;
    bulk::start_dry_run(&web.app, &who.actor, draft).await
}

/// `POST /queue/rules`: saves the rule of the test `task`.
pub async fn create(State(web): State<Web>, who: SignedIn, form: Form) -> PageResult {
    who.actor.must(Action::SetRules)?;
    let draft = load_tested(&web, &who, form.get("task")).await?;
    rules::save(&web.app, &who.actor, &draft).await?;
    Ok(Redirect::to("/queue/rules?done=saved").into_response())
}

async fn load_tested(web: &Web, who: &SignedIn, token: &str) -> Result<RuleDraft, Error> {
    match bulk::load(&web.app, &who.actor, token).await? {
        (task, BulkTask::DryRun { .. }) if !task.error.is_empty() => {
            Err(Error::Conflict(Message::new("rule-test-failed")))
        }
        (task, BulkTask::DryRun { draft }) if task.ended_at.is_some() => Ok(*draft),
        (_, BulkTask::DryRun { .. }) => Err(Error::Conflict(Message::new("rule-test-running"))),
        _ => Err(Error::NotFound("test of a rule")),
    }
}

fn read_input(form: &Form) -> RuleInput {
    let text = |name: &str| form.get(name).replace("\r\n", "\n");
    RuleInput {
        name: text("rule_name"),
        priority: text("priority"),
        action: find_rule_action(form.get("action")),
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
    problems: &[FieldText],
    status: StatusCode,
) -> PageResult {
    let texts = &web.texts;
    let title = texts.text(match id {
        Some(_) => "rule-edit-title",
        None => "rule-new-title",
    });
    let summary = texts.with("problems-title", &[("count", problems.len().into())]);
    let tested = [("count", dry_run::MAX_RESPONSES.into())];
    let main = html! {
        div.title-row { h1 { (title) } a href="/queue/rules" { (texts.text("back-to-rules")) } }
        (problems::summary(texts, &summary, problems))
        form.rule method="post" action="/queue/rules/test" {
            @if let Some(id) = id { input type="hidden" name="rule" value=(id); }
            (fields::input(&Input {
                field: Field::RuleName, label: &texts.text("rule-name"), hint: Some(&texts.text("rule-name-hint")),
                kind: "text", autocomplete: Some("off"), value: &input.name, required: true,
            }, problems))
            (conditions(texts, input, problems))
            (fields::select(&Select {
                field: Field::RuleAction,
                label: &texts.text("rule-action"),
                hint: None,
                options: &RULE_ACTIONS.map(|action| (rule_action_name(action), rule_action_label(texts, action))),
                selected: input.action.map_or("", rule_action_name),
            }, problems))
            (fields::input(&Input {
                field: Field::Message, label: &texts.text("rule-message"), hint: Some(&texts.text("field-optional")),
                kind: "text", autocomplete: Some("off"), value: &input.message, required: false,
            }, problems))
            (line(texts, Field::RulePriority, "rule-priority", "rule-priority-hint", &input.priority, problems))
            p.buttons { button.primary type="submit" { (texts.text("rule-test")) } }
            p.hint { (texts.with("rule-test-hint", &tested)) }
        }
    };
    let page = staff_page(web, who, NavSection::Queue, &title, &main).await?;
    Ok((status, page).into_response())
}

fn conditions(texts: &Texts, input: &RuleInput, problems: &[FieldText]) -> Markup {
    let line = |field, label, hint, value| line(texts, field, label, hint, value, problems);
    let list = |field, label, hint, value| list(texts, field, label, hint, value, problems);
    html! {
        fieldset #conditions {
            legend { (texts.text("rule-conditions")) }
            p.hint { (texts.text("rule-conditions-hint")) }
            (problems::note("conditions", problems::of_field(Field::Conditions, problems)))
            (list(Field::RuleWords, "rule-words", "rule-words-hint", &input.words))
            (line(Field::RulePattern, "rule-pattern", "rule-pattern-hint", &input.pattern))
            (line(Field::RuleMinLinks, "rule-min-links", "rule-number-hint", &input.min_links))
            (list(Field::RuleHosts, "rule-hosts", "rule-hosts-hint", &input.hosts))
            (list(Field::RuleEmails, "rule-emails", "rule-emails-hint", &input.emails))
            (list(Field::RuleNames, "rule-names", "rule-names-hint", &input.names))
            (list(Field::RuleNetworks, "rule-networks", "rule-networks-hint", &input.networks))
            (list(Field::RuleLanguages, "rule-languages", "rule-languages-hint", &input.languages))
            (line(Field::RulePostAge, "rule-post-age", "rule-number-hint", &input.post_age))
            (fields::checkbox(&Checkbox {
                name: "first_time", value: "1", label: &texts.text("rule-first-time"),
                checked: input.first_time, required: false,
            }))
            p { (texts.text("rule-kinds")) " " span.hint { "(" (texts.text("rule-kinds-hint")) ")" } }
            @for kind in KINDS {
                (fields::checkbox(&Checkbox {
                    name: "kind", value: kind_name(kind), label: &kind_label(texts, kind),
                    checked: input.kinds.contains(&kind), required: false,
                }))
            }
        }
    }
}

fn line(
    texts: &Texts,
    field: Field,
    label: &'static str,
    hint: &'static str,
    value: &str,
    problems: &[FieldText],
) -> Markup {
    let input = Input {
        field,
        label: &texts.text(label),
        hint: Some(&texts.text(hint)),
        kind: "text",
        autocomplete: Some("off"),
        value,
        required: false,
    };
    fields::input(&input, problems)
}

fn list(
    texts: &Texts,
    field: Field,
    label: &'static str,
    hint: &'static str,
    value: &str,
    problems: &[FieldText],
) -> Markup {
    let area = TextArea {
        field,
        label: &texts.text(label),
        hint: Some(&texts.text(hint)),
        rows: 2,
        value,
    };
    fields::text_area(&area, problems)
}
