//! The one door for responses of every kind: judged, then stored in one transaction.

use std::collections::HashMap;
use std::time::Duration;

use crate::accounts::token::Token;
use crate::app::App;
use crate::clock::Moment;
use crate::error::{Error, Result};
use crate::jobs::{self, Job};
use crate::judge::burst::Threshold;
use crate::judge::features::{Bucket, Features, features};
use crate::judge::filter::{self, Count, Knowledge, Reading};
use crate::judge::verdict::Known;
use crate::judge::{Context, Outcome, Rule, SourceSigns, Submission, judge};
use crate::markup::links::link_hosts;
use crate::responses::person::{Sender, name_key, network_of};
use crate::responses::rules;
use crate::store::changes::Part;
use crate::store::db::Tx;
use crate::store::decisions::{self, NewDecision};
use crate::store::entity::ids::{PostId, ResponseId, RuleId};
use crate::store::entity::post::Model as Post;
use crate::store::entity::response::{MentionKind, Model as Response, ResponseKind, ResponseState};
use crate::store::entity::standing::{Model as StandingRow, Scope, Standing};
use crate::store::responses::{self as rows, NewResponse};
use crate::store::{filter as filter_rows, rules as rule_rows, shields, standings};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A response that is judged and may be stored.
#[derive(Clone, Debug)]
pub struct Judged {
    new: NewResponse,
    refused: Option<String>,
    matched: Vec<RuleId>,
    burst: Option<Burst>,
    asks_outside: bool,
    tells_by: Option<Moment>,
}

/// A burst that this response is part of.
#[derive(Clone, Copy, Debug)]
struct Burst {
    post: PostId,
    since: Moment,
    until: Moment,
}

impl Judged {
    /// Where the verdict put it.
    pub fn state(&self) -> ResponseState {
        self.new.state
    }

    /// What there is to store.
    pub fn response(&self) -> &NewResponse {
        &self.new
    }

    /// Where it is not taken, the words for its writer; they may be empty.
    pub fn refused(&self) -> Option<&str> {
        self.refused.as_deref()
    }
}

/// What the judge is shown of a response beside its row.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    /// The text, without marks.
    pub text: String,
    /// For a linkback, what its source looks like.
    pub source: Option<SourceSigns>,
}

/// Judges a response. What `new` says of its own state, risk and reasons is overwritten. What is not
/// taken goes to the trash where somebody stores it all the same.
pub async fn judge_response(
    app: &App,
    post: &Post,
    mut new: NewResponse,
    shown: Shown,
) -> Result<Judged> {
    let db = app.store.read();
    let now = app.clock.now();
    let is_known = match (new.kind, &new.author_email) {
        (ResponseKind::Comment, Some(email)) => rows::has_approved(db, email).await?,
        // Who links here has shown a page of their own: the source was fetched and read.
        (ResponseKind::Comment, None) => false,
        _ => true,
    };
    let age = now.since(post.published_at.unwrap_or(now)).as_secs() / DAY.as_secs();
    let submission = Submission {
        kind: new.kind,
        author_name: new.author_name.clone(),
        author_email: new.author_email.clone(),
        author_url: new.author_url.clone(),
        ip: new.ip.as_deref().and_then(|ip| ip.parse().ok()),
        link_hosts: link_hosts(&new.body_html, &shown.text),
        text: shown.text,
        post_age: u32::try_from(age).unwrap_or(u32::MAX),
        is_first: !is_known,
        source: shown.source,
    };
    let by_staff = new.author_id.is_some();
    let standing = match by_staff {
        true => None,
        false => find_standing(app, &new, now).await?,
    };
    let burst = find_burst(app, new.post_id, now).await?;
    let context = Context {
        moderation: app.config.comments.moderation,
        max_links: Some(app.config.moderation.max_links),
        hold_from: Some(app.config.moderation.hold_from).filter(|from| *from > 0),
        by_staff,
        known: standing.as_ref().map(|row| Known {
            standing: row.standing,
            subject: row.subject.clone(),
        }),
        ruling: rules::current(app).await?.rule_on(&submission),
        reading: read(app, &features(&submission)).await?,
        burst: burst.is_some() && !by_staff,
        asks_outside: !app.config.moderation.outside.is_empty(),
    };
    let verdict = judge(&submission, &context);
    let (state, refused) = match verdict.outcome {
        Outcome::Approve => (ResponseState::Approved, None),
        Outcome::Hold => (ResponseState::Pending, None),
        Outcome::Spam => (ResponseState::Spam, None),
        Outcome::Refuse(words) => (ResponseState::Trash, Some(words)),
    };
    new.state = state;
    new.risk = verdict.risk;
    new.standing_id = standing
        .filter(|row| row.standing == Standing::Approve)
        .map(|row| row.id);
    new.network = new.ip.as_deref().and_then(network_of);
    new.name_key = name_key(&new.author_name);
    new.reasons = serde_json::to_string(&verdict.reasons)
        .map_err(|error| Error::internal("write down reasons", error))?;
    let matched = verdict
        .reasons
        .iter()
        .filter_map(|reason| reason.site_rule.as_ref());
    Ok(Judged {
        refused,
        matched: matched.map(|(id, _)| *id).collect(),
        burst: burst.filter(|_| !by_staff),
        asks_outside: verdict
            .reasons
            .iter()
            .any(|reason| reason.rule == Rule::Outside),
        tells_by: tells_by(app, now),
        new,
    })
}

/// When moderators are told of what is held, where they are told at all.
fn tells_by(app: &App, now: Moment) -> Option<Moment> {
    let minutes = app.config.mail.held_minutes;
    let tells = app.mailer.is_some() && minutes > 0;
    tells.then(|| now.plus(Duration::from_secs(minutes.saturating_mul(60))))
}

/// What the filter makes of something.
pub async fn read(app: &App, features: &Features) -> Result<Reading> {
    let buckets: Vec<i64> = features.keys().map(|bucket| bucket.0.into()).collect();
    let ((spam, ham), found) = filter_rows::find(app.store.read(), &buckets).await?;
    let buckets: HashMap<Bucket, Count> = found
        .into_iter()
        .filter_map(|(bucket, spam, ham)| {
            Some((Bucket(u32::try_from(bucket).ok()?), Count { spam, ham }))
        })
        .collect();
    let knowledge = Knowledge {
        all: Count { spam, ham },
        buckets,
    };
    Ok(filter::read(features, &knowledge))
}

/// The gravest way in which the sender stands here.
async fn find_standing(app: &App, new: &NewResponse, now: Moment) -> Result<Option<StandingRow>> {
    let sender = Sender {
        email: new.author_email.as_deref(),
        ip: new.ip.as_deref(),
        url: new.author_url.as_deref(),
        source: new.source_url.as_deref(),
    };
    let found = standings::list_for(app.store.read(), &sender.subjects(), now).await?;
    // Anybody can type the address of a site that is let in: only a linkback, whose source was read,
    // has shown that it is from there.
    let is_proved = |row: &StandingRow| {
        let is_claim = matches!(row.scope, Scope::Host | Scope::Author);
        row.standing != Standing::Approve || !is_claim || new.source_url.is_some()
    };
    Ok(found
        .into_iter()
        .filter(is_proved)
        .max_by_key(|row| row.standing))
}

/// A burst that lasts, or begins with this response.
async fn find_burst(app: &App, post: PostId, now: Moment) -> Result<Option<Burst>> {
    let settings = &app.config.moderation;
    let db = app.store.read();
    let lasts = now.plus(Duration::from_secs(
        settings.burst_minutes.saturating_mul(60),
    ));
    let both = [post, shields::WHOLE_SITE];
    if let Some(row) = shields::list_lasting(db, Some(&both), now).await?.first() {
        // It goes on only while more comes than usual.
        let until = if begins(app, row.post_id, now).await? {
            lasts
        } else {
            row.until
        };
        return Ok(Some(Burst {
            post: row.post_id,
            since: row.since,
            until,
        }));
    }
    for post in both {
        if begins(app, post, now).await? {
            return Ok(Some(Burst {
                post,
                since: now,
                until: lasts,
            }));
        }
    }
    Ok(None)
}

async fn begins(app: &App, post: PostId, now: Moment) -> Result<bool> {
    let settings = &app.config.moderation;
    let (count, post) = if post == shields::WHOLE_SITE {
        (settings.burst_on_site, None)
    } else {
        (settings.burst_on_post, Some(post))
    };
    if count == 0 {
        return Ok(false);
    }
    let threshold = Threshold {
        count,
        within: Duration::from_secs(settings.burst_minutes.saturating_mul(60)),
    };
    let nth = shields::nth_newest(app.store.read(), post, count - 1).await?;
    Ok(threshold.is_burst(nth, now))
}

/// Counts the rules by which a response was not taken.
pub async fn note_refused(app: &App, judged: &Judged) -> Result<()> {
    let matched = judged.matched.clone();
    if matched.is_empty() {
        return Ok(());
    }
    app.store
        .write(move |tx| {
            let matched = matched.clone();
            Box::pin(async move { rule_rows::add_hits(&**tx, &matched).await })
        })
        .await
}

/// Stores a judged response; None where its post has it already.
pub async fn store_response(tx: &Tx, judged: Judged, now: Moment) -> Result<Option<ResponseId>> {
    let new = judged.new;
    let (post, state) = (new.post_id, new.state);
    let id = rows::insert(&**tx, new, now).await?;
    if let Some(id) = id {
        if judged.asks_outside {
            jobs::enqueue(tx, &Job::AskOutside { response: id }, now, now).await?;
        }
        if state == ResponseState::Pending
            && let Some(at) = judged.tells_by
        {
            jobs::enqueue_once(tx, &Job::TellHeld, at, now).await?;
        }
        rule_rows::add_hits(&**tx, &judged.matched).await?;
        if let Some(burst) = judged.burst {
            shields::set(&**tx, burst.post, burst.since, burst.until).await?;
        }
        if state == ResponseState::Approved {
            touch(tx, post);
        }
    }
    Ok(id)
}

/// The shown response that an answer to `id` hangs under, with the path to hang it at: deeper than
/// the site shows, an answer stands beside the one it answers. None where readers see no such
/// response in the post's thread.
pub async fn find_parent(
    app: &App,
    post: PostId,
    id: ResponseId,
) -> Result<Option<(ResponseId, Vec<u8>)>> {
    let levels = (app.config.comments.max_depth - 1) * 8;
    let parent = rows::find(app.store.read(), id).await?;
    Ok(parent
        .filter(|parent| {
            parent.post_id == post
                && parent.state == ResponseState::Approved
                && !parent.mention.is_some_and(MentionKind::is_face)
        })
        .map(|parent| {
            let mut path = parent.path;
            path.truncate(levels);
            (id, path)
        }))
}

/// Moves a response because of what its source did, and logs that.
pub async fn move_for_source(
    tx: &Tx,
    response: &Response,
    to: ResponseState,
    why: &str,
    now: Moment,
) -> Result<()> {
    if response.state == to {
        return Ok(());
    }
    rows::set_state(&**tx, &[response.id], to).await?;
    let decision = NewDecision {
        response_id: response.id,
        from_state: response.state,
        to_state: to,
        undoes: None,
    };
    let batch = Token::random();
    let log = decisions::Batch {
        name: batch.as_str(),
        actor: (None, why),
        note: "",
    };
    decisions::insert_batch(&**tx, log, vec![decision], now).await?;
    touch(tx, response.post_id);
    Ok(())
}

/// Pages that show this post's responses are out of date.
pub fn touch(tx: &Tx, post: PostId) {
    tx.touch(Part::Post(post));
    tx.touch(Part::Responses);
}
