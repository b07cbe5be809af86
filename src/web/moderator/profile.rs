//! The profile of a sender: by what they are known, what they sent, and the form that approves, holds or
//! blocks them. The form is sent to `sender_policies`.

use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;
use maud::{Markup, html};
use serde::Deserialize;

use crate::accounts::permissions::Action;
use crate::error::Error;
use crate::moderation::profile::{self, KnownBy, SenderProfile, SenderRecord};
use crate::moderation::sender_policy;
use crate::store::entity::ids::ResponseId;
use crate::store::entity::response::ResponseState;
use crate::store::entity::sender_policy::Scope;
use crate::store::people::SenderKey;
use crate::texts::Texts;
use crate::ui::staff_page::NavSection;
use crate::ui::tables;
use crate::web::form::Form;
use crate::web::moderator::entry::entry_item;
use crate::web::moderator::labels::{record_text, scope_label, sender_policy_label, state_label};
use crate::web::moderator::names::{find_scope, scope_name, state_name};
use crate::web::moderator::sender_policies::{policy_fields, policy_since};
use crate::web::respond::PageResult;
use crate::web::session::SignedIn;
use crate::web::state::Web;
use crate::web::views::staff::staff_page;

/// The most responses that the form lists before it says how many more there are.
const MAX_LISTED: usize = 50;

/// Whose policy the form changes; no form is shown where this is empty.
#[derive(Debug, Default, Deserialize)]
pub struct ProfileQuery {
    /// The name of a scope.
    preview: Option<String>,
    subject: Option<String>,
}

/// `GET /queue/responses/ID/person`
pub async fn show(
    State(web): State<Web>,
    who: SignedIn,
    Path(id): Path<String>,
    Query(query): Query<ProfileQuery>,
) -> PageResult {
    let id: ResponseId = id.parse().map_err(|_| Error::NotFound("response"))?;
    let profile = profile::load_profile(&web.app, &who.actor, id).await?;
    let may_set = who.actor.may(Action::SetRules) && who.actor.may(Action::SeeAddresses);
    let chosen = match (&query.preview, &query.subject) {
        (Some(scope), Some(subject)) if may_set => {
            let scope = find_scope(scope).ok_or(Error::NotFound("person"))?;
            let subject = sender_policy::parse_subject(scope, subject)?;
            let ids = sender_policy::list_affected(&web.app, scope, &subject).await?;
            Some((scope, subject, ids))
        }
        _ => None,
    };
    let (texts, name) = (&web.texts, &profile.response.author_name);
    let main = html! {
        div.title-row {
            h1 dir="auto" { (name) }
            a href={ "/queue/responses/" (id) } { (texts.text("back-to-response")) }
        }
        (policies(&web, &profile))
        div {
            h2 #known { (texts.text("profile-known-by")) }
            (known_by_table(texts, &profile, id, may_set))
        }
        @if let Some((scope, subject, ids)) = &chosen { (policy_form(texts, id, *scope, subject, ids)) }
        div {
            h2 #sent { (texts.text("profile-sent")) }
            @for entry in &profile.entries {
                @let state = entry.response.state;
                (entry_item(&web, entry, None, None, None))
                p.meta { span class={ "state " (state_name(state)) } { (state_label(texts, state)) } }
            }
        }
    };
    let page = staff_page(&web, &who, NavSection::Queue, name, &main).await?;
    Ok(page.into_response())
}

fn policies(web: &Web, profile: &SenderProfile) -> Markup {
    let texts = &web.texts;
    html! {
        @for row in &profile.sender_policies {
            p.notice {
                strong { bdi { (row.subject) } } " "
                span class="state" { (sender_policy_label(texts, row.policy)) } " "
                (policy_since(web, row))
                @if !row.note.is_empty() { " " q dir="auto" { (row.note) } }
            }
        }
    }
}

/// A row of the table of what a sender is known by.
struct KnownByRow<'a> {
    label: String,
    value: &'a str,
    /// The queue with everything that is known by this.
    href: Option<String>,
    /// What a policy for this applies to.
    scope: Option<Scope>,
}

fn known_by_row<'a>(texts: &Texts, known: &'a KnownBy, proven: &'a str) -> KnownByRow<'a> {
    let state = first_state(&known.record);
    let queue = |name: &str, value: &str| {
        let pairs = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("state", state_name(state))
            .append_pair(name, value)
            .finish();
        Some(format!("/queue/?{pairs}"))
    };
    let (label, value, href, scope) = match &known.by {
        SenderKey::Proof(key) => match key.strip_prefix("host:") {
            Some(host) => ("profile-key-host", host, None, Some(Scope::Host)),
            // The key itself means nothing to people.
            None => ("profile-key-browser", proven, None, None),
        },
        SenderKey::Email(email) => (
            "profile-key-email",
            email.as_str(),
            queue("email", email),
            Some(Scope::Email),
        ),
        SenderKey::Url(url) => ("profile-key-url", url.as_str(), None, Some(Scope::Host)),
        SenderKey::Ip(ip) => (
            "profile-key-ip",
            ip.as_str(),
            queue("ip", ip),
            Some(Scope::Network),
        ),
        SenderKey::Network(network) => (
            "profile-key-network",
            network.as_str(),
            queue("network", network),
            Some(Scope::Network),
        ),
        SenderKey::Name(name) => ("profile-key-name", name.as_str(), queue("name", name), None),
    };
    KnownByRow {
        label: texts.text(label),
        value,
        href,
        scope,
    }
}

/// The first tab of the queue that has some of these responses.
fn first_state(record: &SenderRecord) -> ResponseState {
    [
        (record.pending, ResponseState::Pending),
        (record.approved, ResponseState::Approved),
        (record.spam, ResponseState::Spam),
        (record.trash, ResponseState::Trash),
    ]
    .into_iter()
    .find_map(|(count, state)| (count > 0).then_some(state))
    .unwrap_or(ResponseState::Approved)
}

fn known_by_table(texts: &Texts, profile: &SenderProfile, id: ResponseId, may_set: bool) -> Markup {
    let mut headings = ["profile-type", "profile-value", "profile-record"]
        .map(|id| texts.text(id))
        .to_vec();
    if may_set {
        headings.push(texts.text("profile-actions"));
    }
    let proven = texts.text("profile-key-proven");
    let rows: Vec<Vec<Markup>> = profile
        .known
        .iter()
        .map(|known| {
            let row = known_by_row(texts, known, &proven);
            let mut cells = vec![
                html! { (row.label) },
                html! {
                    @match &row.href {
                        Some(href) => a href=(href) { bdi { (row.value) } },
                        None => bdi { (row.value) },
                    }
                },
                html! { (record_text(texts, &known.record)) },
            ];
            if may_set {
                cells.push(html! {
                    @if let Some(scope) = row.scope { (choose_button(texts, id, scope, row.value)) }
                });
            }
            cells
        })
        .collect();
    tables::table(&texts.text("profile-known-by"), &headings, &rows)
}

/// Shows the form for one of the things that a sender is known by.
fn choose_button(texts: &Texts, id: ResponseId, scope: Scope, subject: &str) -> Markup {
    let full_label = texts.with("profile-change-named", &[("subject", subject.into())]);
    html! {
        form method="get" action={ "/queue/responses/" (id) "/person#decide" } {
            input type="hidden" name="preview" value=(scope_name(scope));
            input type="hidden" name="subject" value=(subject);
            button type="submit" aria-label=(full_label) { (texts.text("profile-change-open")) }
        }
    }
}

fn policy_form(
    texts: &Texts,
    id: ResponseId,
    scope: Scope,
    subject: &str,
    affected: &[ResponseId],
) -> Markup {
    let more = affected.len().saturating_sub(MAX_LISTED);
    html! {
        section aria-labelledby="decide" {
            h2 #decide dir="auto" { (subject) }
            p.hint { (scope_label(texts, scope)) }
            form method="post" action="/queue/senders" {
                input type="hidden" name="scope" value=(scope_name(scope));
                input type="hidden" name="subject" value=(subject);
                input type="hidden" name="shown" value="state=pending";
                (policy_fields(texts, &Form::default()))
                @if affected.is_empty() {
                    p.hint { (texts.text("profile-clean-up-none")) }
                } @else {
                    label.check {
                        input type="checkbox" name="clean_up" value="1" aria-describedby="clean-up-hint";
                        " " (texts.with("profile-clean-up", &[("count", affected.len().into())]))
                    }
                    p.hint #clean-up-hint { (texts.text("profile-clean-up-hint")) }
                    details {
                        summary { (texts.text("profile-clean-up-list")) }
                        ul {
                            @for id in affected.iter().take(MAX_LISTED) {
                                li { a href={ "/queue/responses/" (id) } { "#" (id) } }
                            }
                        }
                        @if more > 0 { p { (texts.with("profile-clean-up-more", &[("count", more.into())])) } }
                    }
                }
                p.buttons {
                    button.primary type="submit" { (texts.text("profile-change")) }
                    " " a href={ "/queue/responses/" (id) "/person" } { (texts.text("confirm-cancel")) }
                }
            }
        }
    }
}
