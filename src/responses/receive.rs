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
use crate::judge::{Context, Outcome, Reason, Rule, SourceSigns, Submission, judge};
use crate::markup::fold;
use crate::markup::links::link_hosts;
use crate::markup::mailbox::block_key;
use crate::responses::person::{Sender, name_key, network_of};
use crate::responses::proof::{self, Acquaintance};
use crate::responses::rules;
use crate::store::changes::Part;
use crate::store::db::Tx;
use crate::store::decisions::{self, NewDecision};
use crate::store::entity::ids::{PostId, ResponseId, RuleId};
use crate::store::entity::post::Model as Post;
use crate::store::entity::response::{MentionKind, Model as Response, ResponseKind, ResponseState};
use crate::store::entity::standing::{Model as StandingRow, Scope, Standing};
use crate::store::responses::{self as rows, NewResponse};
use crate::store::{
    filter as filter_rows, held_notices, rules as rule_rows, shields, standings, users,
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A response that is judged and may be stored.
#[derive(Clone, Debug)]
pub struct Judged {
    new: NewResponse,
    refused: Option<String>,
    matched: Vec<RuleId>,
    bursts: Option<Bursts>,
    is_ruled: bool,
    asks_outside: bool,
    tells_by: Option<Moment>,
}

/// From how many responses on there is a burst, and what becomes of a response in one.
#[derive(Clone, Debug)]
struct Bursts {
    on_post: u64,
    on_site: u64,
    within: Duration,
    /// Where it would be held then: the reasons for that.
    held: Option<String>,
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

    /// Whether a block, a policy or a rule of the site's own decided, and not what is so just now.
    pub fn is_ruled(&self) -> bool {
        self.is_ruled
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
    let now = app.clock.now();
    if let Some(source) = new.source_url.as_deref() {
        new.proof_key = proof::source_key(source);
    }
    // Who told of a page by webmention or pingback may be anybody: the page is judged, not them.
    let told_by_anybody = matches!(new.kind, ResponseKind::Webmention | ResponseKind::Pingback);
    let sender_ip = new.ip.as_deref().filter(|_| !told_by_anybody);
    let known = proof::acquaintance(app, &new).await?;
    let age = now.since(post.published_at.unwrap_or(now)).as_secs() / DAY.as_secs();
    let submission = Submission {
        kind: new.kind,
        author_name: new.author_name.clone(),
        author_email: new.author_email.clone(),
        author_url: new.author_url.clone(),
        ip: sender_ip.and_then(|ip| ip.parse().ok()),
        link_hosts: link_hosts(&new.body_html, &shown.text),
        text: shown.text,
        post_age: u32::try_from(age).unwrap_or(u32::MAX),
        is_first: known == Acquaintance::Stranger,
        is_proven: known == Acquaintance::Vetted,
        source_host: new
            .proof_key
            .as_deref()
            .and_then(|key| key.strip_prefix("host:"))
            .map(str::to_owned),
        source: shown.source,
    };
    // Patterns and long texts take the processor: beside the async threads, and in turns.
    let site_rules = rules::current(app).await?;
    let (submission, ruling, found) = app
        .cpu
        .run("judge a response", move || {
            let ruling = site_rules.rule_on(&submission);
            let found = features(&submission);
            (submission, ruling, found)
        })
        .await?;
    let by_staff = new.author_id.is_some();
    let standing = match by_staff {
        true => None,
        false => find_standing(app, &new, sender_ip, known, now).await?,
    };
    let is_let_in = standing
        .as_ref()
        .is_some_and(|row| row.standing == Standing::Approve);
    // One page that was approved vouches for no other author of its host, and what a trackback calls
    // itself is its sender's word.
    let is_vouched = new.source_url.is_some() && new.kind != ResponseKind::Trackback && is_let_in;
    let claims_staff = !by_staff && !is_vouched && claims_staff(app, &new).await?;
    let context = Context {
        moderation: app.config.comments.moderation,
        max_links: Some(app.config.moderation.max_links),
        hold_from: Some(app.config.moderation.hold_from).filter(|from| *from > 0),
        by_staff,
        claims_staff,
        known: standing.as_ref().map(|row| Known {
            standing: row.standing,
            subject: row.subject.clone(),
        }),
        ruling,
        reading: read(app, &found).await?,
        burst: false,
        asks_outside: !app.config.moderation.outside.is_empty(),
    };
    let verdict = judge(&submission, &context);
    // Whether there is a burst is seen when it is stored, together with those that come in at once.
    let in_burst = Context {
        burst: true,
        ..context
    };
    let in_burst = judge(&submission, &in_burst);
    let settings = &app.config.moderation;
    let bursts = Bursts {
        on_post: settings.burst_on_post,
        on_site: settings.burst_on_site,
        within: Duration::from_secs(settings.burst_minutes.saturating_mul(60)),
        held: match in_burst.outcome {
            Outcome::Hold => Some(write_reasons(&in_burst.reasons)?),
            _ => None,
        },
    };
    let looks_for_bursts = !by_staff && (bursts.on_post > 0 || bursts.on_site > 0);
    let is_ruled = verdict.reasons.iter().any(|reason| {
        matches!(
            reason.rule,
            Rule::Banned | Rule::AlwaysHeld | Rule::Site | Rule::Unproven
        )
    });
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
    new.reasons = write_reasons(&verdict.reasons)?;
    let matched = verdict
        .reasons
        .iter()
        .filter_map(|reason| reason.site_rule.as_ref());
    Ok(Judged {
        refused,
        matched: matched.map(|(id, _)| *id).collect(),
        bursts: Some(bursts).filter(|_| looks_for_bursts),
        is_ruled,
        asks_outside: verdict
            .reasons
            .iter()
            .any(|reason| reason.rule == Rule::Outside),
        tells_by: tells_by(app, now),
        new,
    })
}

/// Reasons as a row keeps them.
pub fn write_reasons(reasons: &[Reason]) -> Result<String> {
    serde_json::to_string(reasons).map_err(|error| Error::internal("write down reasons", error))
}

/// Whether somebody who is not signed in uses the address of somebody of the staff, or a name that is
/// taken for theirs. It is held, as much else is: nobody learns from that whose address it is.
async fn claims_staff(app: &App, new: &NewResponse) -> Result<bool> {
    let email = new.author_email.as_deref().map(block_key);
    let is_comment = new.kind == ResponseKind::Comment;
    let staff = users::list(app.store.read()).await?;
    Ok(staff.iter().any(|user| {
        email
            .as_ref()
            .is_some_and(|email| *email == block_key(&user.email))
            || fold::is_same_name(&new.author_name, &user.name)
            // The title of a page may well speak of somebody.
            || (is_comment && fold::has_name(&new.author_name, &user.name))
    }))
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
    let (totals, found) = filter_rows::find(app.store.read(), &buckets).await?;
    let buckets: HashMap<Bucket, Count> = found
        .into_iter()
        .filter_map(|(bucket, spam, ham)| {
            Some((Bucket(u32::try_from(bucket).ok()?), Count { spam, ham }))
        })
        .collect();
    let count = |(spam, ham)| Count { spam, ham };
    let knowledge = Knowledge {
        all: count(totals.features),
        responses: count(totals.responses),
        buckets,
    };
    Ok(filter::read(features, &knowledge))
}

/// The gravest way in which the sender stands here. Blocks meet claims, in any spelling; only who has
/// proved to be the one that is meant is let in.
async fn find_standing(
    app: &App,
    new: &NewResponse,
    sender_ip: Option<&str>,
    known: Acquaintance,
    now: Moment,
) -> Result<Option<StandingRow>> {
    let sender = Sender {
        email: new.author_email.as_deref(),
        ip: sender_ip,
        url: new.author_url.as_deref(),
        source: new.source_url.as_deref(),
    };
    let found = standings::list_for(app.store.read(), &sender.blockable(), now).await?;
    let exact = sender.subjects();
    let is_proved = |row: &StandingRow| match (row.standing, row.scope) {
        (Standing::Ban | Standing::Hold, _) => true,
        (Standing::Approve, Scope::Host | Scope::Author) => new.source_url.is_some(),
        (Standing::Approve, Scope::Email | Scope::Domain) => {
            let is_meant = exact
                .iter()
                .any(|(scope, subject)| *scope == row.scope && *subject == row.subject);
            is_meant && known == Acquaintance::Vetted
        }
        // Where a request comes from is no claim.
        (Standing::Approve, Scope::Network) => true,
    };
    Ok(found
        .into_iter()
        .filter(is_proved)
        .max_by_key(|row| row.standing))
}

/// A burst that lasts, or begins with this response. Nobody else looks for one until the transaction
/// ends.
async fn find_burst(
    tx: &Tx,
    bursts: &Bursts,
    post: PostId,
    now: Moment,
) -> Result<Option<shields::Burst>> {
    shields::lock(&**tx).await?;
    let until = now.plus(bursts.within);
    let both = [post, shields::WHOLE_SITE];
    if let Some(row) = shields::list_lasting(&**tx, Some(&both), now)
        .await?
        .first()
    {
        // It goes on only while more comes than usual.
        let goes_on = begins(tx, bursts, row.post_id, now).await?;
        return Ok(Some(shields::Burst {
            post: row.post_id,
            since: row.since,
            until: if goes_on { until } else { row.until },
        }));
    }
    for post in both {
        if begins(tx, bursts, post, now).await? {
            return Ok(Some(shields::Burst {
                post,
                since: now,
                until,
            }));
        }
    }
    Ok(None)
}

async fn begins(tx: &Tx, bursts: &Bursts, post: PostId, now: Moment) -> Result<bool> {
    let (count, post) = if post == shields::WHOLE_SITE {
        (bursts.on_site, None)
    } else {
        (bursts.on_post, Some(post))
    };
    if count == 0 {
        return Ok(false);
    }
    let threshold = Threshold {
        count,
        within: bursts.within,
    };
    let nth = shields::nth_newest(&**tx, post, count - 1).await?;
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
    Ok(store(tx, judged, now).await?.map(|(id, _)| id))
}

/// The same, with where it stands: what comes in at the same time may make it a burst.
pub async fn store(
    tx: &Tx,
    mut judged: Judged,
    now: Moment,
) -> Result<Option<(ResponseId, ResponseState)>> {
    let burst = match &judged.bursts {
        Some(bursts) => find_burst(tx, bursts, judged.new.post_id, now).await?,
        None => None,
    };
    settle(tx, &mut judged, burst.is_some()).await?;
    let new = judged.new;
    let (post, state) = (new.post_id, new.state);
    let Some(id) = rows::insert(&**tx, new, now).await? else {
        return Ok(None);
    };
    if judged.asks_outside {
        jobs::enqueue(tx, &Job::AskOutside { response: id }, now, now).await?;
    }
    if state == ResponseState::Pending
        && let Some(at) = judged.tells_by
    {
        held_notices::insert(&**tx, id).await?;
        jobs::enqueue_once(tx, &Job::TellHeld, at, now).await?;
    }
    rule_rows::add_hits(&**tx, &judged.matched).await?;
    if let Some(burst) = burst {
        shields::set(&**tx, burst).await?;
    }
    if state == ResponseState::Approved {
        touch(tx, post);
    }
    Ok(Some((id, state)))
}

/// What has changed since it was judged holds it: a burst, or that who let it in has lost that.
async fn settle(tx: &Tx, judged: &mut Judged, in_burst: bool) -> Result<()> {
    let new = &mut judged.new;
    if new.state == ResponseState::Approved
        && let Some(standing) = new.standing_id
    {
        let row = standings::lock(&**tx, standing).await?;
        if row.is_none_or(|row| row.standing != Standing::Approve) {
            new.standing_id = None;
            new.state = ResponseState::Pending;
            new.reasons = write_reasons(&[Reason::new(Rule::Unproven)])?;
        }
    }
    if !in_burst {
        return Ok(());
    }
    let held = judged
        .bursts
        .as_ref()
        .and_then(|bursts| bursts.held.clone());
    if let Some(reasons) = held
        && matches!(new.state, ResponseState::Approved | ResponseState::Pending)
    {
        new.state = ResponseState::Pending;
        new.reasons = reasons;
        judged.asks_outside = false;
    }
    Ok(())
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
    // Behind the lock is seen what a person decided meanwhile: that stands.
    let locked = rows::lock_states(&**tx, &[response.id]).await?;
    let is_as_seen = locked
        .first()
        .is_some_and(|row| row.state == response.state);
    if response.state == to || !is_as_seen {
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
    jobs::enqueue(tx, &Job::Learn, now, now).await?;
    touch(tx, response.post_id);
    Ok(())
}

/// Pages that show this post's responses are out of date.
pub fn touch(tx: &Tx, post: PostId) {
    tx.touch(Part::Post(post));
    tx.touch(Part::Responses);
}
