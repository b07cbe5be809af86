//! A person's card: everything that is known of who sent a response, with what can be done.

use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;
use maud::{Markup, html};
use serde::Deserialize;

use crate::accounts::permissions::Action;
use crate::error::Error;
use crate::moderation::people::{self, Card, Known};
use crate::moderation::standing;
use crate::store::entity::ids::ResponseId;
use crate::store::entity::standing::Scope;
use crate::store::people::Trait;
use crate::web::form::Form;
use crate::web::moderator::entry::queue_entry;
use crate::web::moderator::standing::standing_choice;
use crate::web::moderator::words::{
    record_words, scope_name, scope_named, scope_words, standing_words, state_name,
};
use crate::web::respond::PageResult;
use crate::web::session::SignedIn;
use crate::web::state::Web;
use crate::web::views::staff::{Room, staff_page};
use crate::web::views::when;

/// What is asked of a card: a preview of what a ban with “clean up” would take away.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    preview: Option<String>,
    subject: Option<String>,
}

/// `GET /queue/responses/ID/person`
pub async fn show(
    State(web): State<Web>,
    who: SignedIn,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> PageResult {
    let id: ResponseId = id.parse().map_err(|_| Error::NotFound("response"))?;
    let card = people::find_card(&web.app, &who.actor, id).await?;
    let may_set = who.actor.may(Action::SetRules) && who.actor.may(Action::SeeAddresses);
    let preview = match (&asked.preview, &asked.subject) {
        (Some(scope), Some(subject)) if may_set => {
            let scope = scope_named(scope).ok_or(Error::NotFound("person"))?;
            let subject = standing::read_subject(scope, subject)?;
            let ids = standing::taken_away(&web.app, scope, &subject).await?;
            Some((scope, subject, ids))
        }
        _ => None,
    };
    let main = html! {
        div.title-row {
            h1 dir="auto" { (card.response.author_name) }
            a href={ "/queue/responses/" (id) } { "Back to the response" }
        }
        (standings(&web, &card))
        div {
            h2 #known { "Known by" }
            (known_table(&card, id, may_set))
        }
        @if let Some((scope, subject, ids)) = &preview { (ban_form(&web, id, *scope, subject, ids)) }
        div {
            h2 #sent { "What they sent" }
            @for entry in &card.entries {
                (queue_entry(&web, entry, None, None, None))
                p.meta { span class={ "state " (state_name(entry.response.state)) } { (state_name(entry.response.state)) } }
            }
        }
    };
    let site = web.site_name().await?;
    Ok(staff_page(&site, &who, Room::Queue, &card.response.author_name, &main).into_response())
}

fn standings(web: &Web, card: &Card) -> Markup {
    html! {
        @for row in &card.standings {
            p.received {
                 bdi { strong { (row.subject) } } " is " (standing_words(row.standing)) ", since "
                (when::day(row.given_at, web.app.urls.zone())) ", by " (row.given_by_name)
                @if let Some(until) = row.until { ", until " (when::day(until, web.app.urls.zone())) }
                @if !row.note.is_empty() { ": " (row.note) }
            }
        }
    }
}

/// What a trait is called, its value, the filter of the queue that shows it, and by what it can stand
/// in some way.
fn row_of(known: &Known) -> (&'static str, &str, String, Option<Scope>) {
    let (by, record) = (&known.by, &known.record);
    let state = [
        (record.pending, "pending"),
        (record.approved, "approved"),
        (record.spam, "spam"),
        (record.trash, "trash"),
    ]
    .into_iter()
    .find_map(|(count, name)| (count > 0).then_some(name))
    .unwrap_or("approved");
    let query = |name: &str, value: &str| {
        let pairs = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("state", state)
            .append_pair(name, value)
            .finish();
        format!("/queue/?{pairs}")
    };
    match by {
        Trait::Proof(key) => match key.strip_prefix("host:") {
            Some(host) => ("Host of their page", host, String::new(), Some(Scope::Host)),
            // The key itself says nothing to anybody.
            None => ("The same browser", "proven", String::new(), None),
        },
        Trait::Email(email) => (
            "E-mail address, as typed",
            email,
            query("email", email),
            Some(Scope::Email),
        ),
        Trait::Url(url) => ("Own site", url, String::new(), Some(Scope::Host)),
        Trait::Ip(ip) => ("Network address", ip, query("ip", ip), Some(Scope::Network)),
        Trait::Network(network) => (
            "Network",
            network,
            query("network", network),
            Some(Scope::Network),
        ),
        Trait::Name(name) => ("Similar names", name, query("name", name), None),
    }
}

fn known_table(card: &Card, id: ResponseId, may_set: bool) -> Markup {
    html! {
        div.table-scroll tabindex="0" role="region" aria-label="Known by" {
            table {
                thead { tr {
                    th scope="col" { "By" } th scope="col" { "Value" } th scope="col" { "Record" }
                    @if may_set { th scope="col" { "Do" } }
                } }
                tbody {
                    @for known in &card.known {
                        @let (name, value, href, scope) = row_of(known);
                        tr {
                            td { (name) }
                            td { @if href.is_empty() { (value) } @else { a href=(href) { (value) } } }
                            td { (record_words(&known.record)) }
                            @if may_set {
                                td {
                                    @if let Some(scope) = scope {
                                        form method="get" action={ "/queue/responses/" (id) "/person#decide" } {
                                            input type="hidden" name="preview" value=(scope_name(scope));
                                            input type="hidden" name="subject" value=(value);
                                            button type="submit" aria-label={ "Change status of " (value) } { "Change status …" }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn ban_form(web: &Web, id: ResponseId, scope: Scope, subject: &str, ids: &[ResponseId]) -> Markup {
    let _ = web;
    html! {
        section aria-labelledby="decide" {
            h2 #decide { (subject) }
            p.hint { (scope_words(scope)) }
            form method="post" action="/queue/standings" {
                input type="hidden" name="scope" value=(scope_name(scope));
                input type="hidden" name="subject" value=(subject);
                input type="hidden" name="shown" value={ "state=pending" };
                (standing_choice(&Form::default()))
                @if ids.is_empty() {
                    p.hint { "Nothing of what they sent would be moved." }
                } @else {
                    label.check {
                        input type="checkbox" name="clean_up" value="1";
                        " Clean up: this moves "
                        strong { (ids.len()) @if ids.len() == 1 { " response" } @else { " responses" } }
                        " that are published or waiting (banned: to the trash; held: to the queue; approved: shown). You can undo it."
                    }
                    details {
                        summary { "Which?" }
                        ul { @for id in ids.iter().take(50) { li { a href={ "/queue/responses/" (id) } { "#" (id) } } } }
                        @if ids.len() > 50 { p { "and " (ids.len() - 50) " more" } }
                    }
                }
                p.buttons {
                    button.primary type="submit" { "Change status" }
                    " " a href={ "/queue/responses/" (id) "/person" } { "Cancel" }
                }
            }
        }
    }
}
