//! Gathers what the judge needs to know of a response and asks for its verdict. Reads rows; stores
//! nothing.

use std::collections::HashMap;
use std::time::Duration;

use crate::app::App;
use crate::clock::Moment;
use crate::error::{Error, Result};
use crate::judge::features::{Bucket, Features, features};
use crate::judge::filter::{self, ClassCounts, FilterModel, FilterScore};
use crate::judge::verdict::MatchedPolicy;
use crate::judge::{Check, JudgeContext, Reason, SourceSignals, Submission, VerdictAction, judge};
use crate::markup::fold;
use crate::markup::links::link_hosts;
use crate::markup::mailbox::block_key;
use crate::responses::burst::BurstCheck;
use crate::responses::person::{SenderIdentifiers, name_key, network_of};
use crate::responses::proof::{self, SenderHistory};
use crate::responses::rules;
use crate::store::entity::ids::RuleId;
use crate::store::entity::post::Model as Post;
use crate::store::entity::response::{ResponseKind, ResponseState};
use crate::store::entity::sender_policy::{Model as SenderPolicyRow, Scope, SenderPolicy};
use crate::store::responses::NewResponse;
use crate::store::{filter as filter_rows, sender_policies, users};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A response that is judged and may be stored.
#[derive(Clone, Debug)]
pub struct JudgedResponse {
    pub(super) new: NewResponse,
    refused: Option<String>,
    /// The rules of the site that matched.
    pub(super) matched: Vec<RuleId>,
    /// None where bursts do not matter: they are off, or staff wrote it.
    pub(super) burst_check: Option<BurstCheck>,
    is_decided_by_rules: bool,
    pub(super) asks_spam_checker: bool,
    /// When moderators are emailed about it if it is held; None for never.
    pub(super) notify_at: Option<Moment>,
}

impl JudgedResponse {
    /// The state that the verdict gave it.
    pub fn state(&self) -> ResponseState {
        self.new.state
    }

    /// The row to store.
    pub fn response(&self) -> &NewResponse {
        &self.new
    }

    /// Whether a sender policy or a rule of the site decided, rather than something temporary such
    /// as a burst or what the filter has learned by now.
    pub fn is_decided_by_rules(&self) -> bool {
        self.is_decided_by_rules
    }

    /// The message for the sender of a refused response, which may be empty; None where it is
    /// accepted.
    pub fn refused(&self) -> Option<&str> {
        self.refused.as_deref()
    }
}

/// What the judge sees of a response beside its row.
#[derive(Clone, Debug, Default)]
pub struct SubmittedContent {
    /// Plain text, without markup.
    pub text: String,
    /// What was found on the source of a linkback.
    pub source: Option<SourceSignals>,
}

/// Judges a response and stores nothing. The state, risk and reasons in `new` are overwritten; a
/// refused response gets the state trash, for callers that store it all the same.
pub async fn judge_response(
    app: &App,
    post: &Post,
    mut new: NewResponse,
    content: SubmittedContent,
) -> Result<JudgedResponse> {
    let now = app.clock.now();
    if let Some(source) = new.source_url.as_deref() {
        new.proof_key = proof::source_key(source);
    }
    // Anybody may send a webmention or pingback for a page: the page is judged, not its sender.
    let is_sent_by_anybody = matches!(new.kind, ResponseKind::Webmention | ResponseKind::Pingback);
    let sender_ip = new.ip.as_deref().filter(|_| !is_sent_by_anybody);
    let history = proof::sender_history(app, &new).await?;
    let age = now.since(post.published_at.unwrap_or(now)).as_secs() / DAY.as_secs();
    let submission = Submission {
        kind: new.kind,
        author_name: new.author_name.clone(),
        author_email: new.author_email.clone(),
        author_url: new.author_url.clone(),
        ip: sender_ip.and_then(|ip| ip.parse().ok()),
        link_hosts: link_hosts(&new.body_html, &content.text),
        text: content.text,
        post_age: u32::try_from(age).unwrap_or(u32::MAX),
        is_first: history == SenderHistory::Unknown,
        is_proven: history == SenderHistory::Approved,
        source_host: new
            .proof_key
            .as_deref()
            .and_then(|key| key.strip_prefix("host:"))
            .map(str::to_owned),
        source: content.source,
    };
    // Patterns on long texts take processor time: not on the async threads, and only a few at once.
    let site_rules = rules::load(app).await?;
    let (submission, rule_decision, found) = app
        .cpu
        .run("judge a response", move || {
            let rule_decision = site_rules.evaluate(&submission);
            let found = features(&submission);
            (submission, rule_decision, found)
        })
        .await?;
    let by_staff = new.author_id.is_some();
    let policy = match by_staff {
        true => None,
        false => find_sender_policy(app, &new, sender_ip, history, now).await?,
    };
    let is_approved = policy
        .as_ref()
        .is_some_and(|row| row.policy == SenderPolicy::Approve);
    // An approved page says nothing about other authors of its host, and the name in a trackback is
    // only claimed by its sender.
    let is_vouched = new.source_url.is_some() && new.kind != ResponseKind::Trackback && is_approved;
    let claims_staff = !by_staff && !is_vouched && claims_staff(app, &new).await?;
    let discussion = &app.settings().discussion;
    let context = JudgeContext {
        moderation: discussion.moderation,
        max_links: Some(discussion.max_links),
        hold_at_risk: Some(discussion.hold_at_risk).filter(|from| *from > 0),
        by_staff,
        claims_staff,
        sender_policy: policy.as_ref().map(|row| MatchedPolicy {
            policy: row.policy,
            subject: row.subject.clone(),
        }),
        rule_decision,
        filter_score: classify(app, &found).await?,
        in_burst: false,
        asks_spam_checker: !app.config.moderation.spam_checker_url.is_empty(),
    };
    let verdict = judge(&submission, &context);
    // Bursts are detected when it is stored, together with the responses that arrive at the same
    // time.
    let in_burst = JudgeContext {
        in_burst: true,
        ..context
    };
    let in_burst = judge(&submission, &in_burst);
    let settings = &app.config.moderation;
    let burst_check = BurstCheck {
        on_post: settings.burst_per_post,
        on_site: settings.burst_per_site,
        within: Duration::from_secs(settings.burst_minutes.saturating_mul(60)),
        reasons_to_hold: match in_burst.action {
            VerdictAction::Hold => Some(write_reasons(&in_burst.reasons)?),
            _ => None,
        },
    };
    let checks_bursts = !by_staff && (burst_check.on_post > 0 || burst_check.on_site > 0);
    let is_decided_by_rules = verdict.reasons.iter().any(|reason| {
        matches!(
            reason.check,
            Check::Blocked | Check::AlwaysHeld | Check::Rule | Check::UnprovenIdentity
        )
    });
    let (state, refused) = match verdict.action {
        VerdictAction::Approve => (ResponseState::Approved, None),
        VerdictAction::Hold => (ResponseState::Pending, None),
        VerdictAction::Spam => (ResponseState::Spam, None),
        VerdictAction::Refuse(message) => (ResponseState::Trash, Some(message)),
    };
    new.state = state;
    new.risk = verdict.risk;
    new.sender_policy_id = policy
        .filter(|row| row.policy == SenderPolicy::Approve)
        .map(|row| row.id);
    new.network = new.ip.as_deref().and_then(network_of);
    new.name_key = name_key(&new.author_name);
    new.reasons = write_reasons(&verdict.reasons)?;
    let matched = verdict
        .reasons
        .iter()
        .filter_map(|reason| reason.rule.as_ref());
    Ok(JudgedResponse {
        refused,
        matched: matched.map(|(id, _)| *id).collect(),
        burst_check: Some(burst_check).filter(|_| checks_bursts),
        is_decided_by_rules,
        asks_spam_checker: verdict
            .reasons
            .iter()
            .any(|reason| reason.check == Check::SpamChecker),
        notify_at: notify_at(app, now),
        new,
    })
}

/// Reasons as JSON, for the column `reasons`.
pub fn write_reasons(reasons: &[Reason]) -> Result<String> {
    serde_json::to_string(reasons).map_err(|error| Error::internal("write reasons", error))
}

/// Whether a sender who is not signed in uses the email address of a member of staff or a name that
/// looks like theirs. Such a response is only held, as others are, so that nobody can probe for
/// staff addresses.
async fn claims_staff(app: &App, new: &NewResponse) -> Result<bool> {
    let email = new.author_email.as_deref().map(block_key);
    let is_comment = new.kind == ResponseKind::Comment;
    let staff = users::list(app.store.read()).await?;
    Ok(staff.iter().any(|user| {
        email
            .as_ref()
            .is_some_and(|email| *email == block_key(&user.email))
            || fold::is_same_name(&new.author_name, &user.name)
            // The title of a linking page may well mention somebody.
            || (is_comment && fold::has_name(&new.author_name, &user.name))
    }))
}

/// When moderators are emailed about a response that is held now; None where they are not.
fn notify_at(app: &App, now: Moment) -> Option<Moment> {
    let minutes = app.settings().mail.digest_minutes;
    let is_on = app.sends_mail() && minutes > 0;
    is_on.then(|| now.plus(Duration::from_secs(minutes.saturating_mul(60))))
}

/// The filter's score for these features, from what it has learned.
pub async fn classify(app: &App, features: &Features) -> Result<FilterScore> {
    let buckets: Vec<i64> = features.keys().map(|bucket| bucket.0.into()).collect();
    let (totals, found) = filter_rows::find(app.store.read(), &buckets).await?;
    let buckets: HashMap<Bucket, ClassCounts> = found
        .into_iter()
        .filter_map(|(bucket, spam, ham)| {
            Some((
                Bucket(u32::try_from(bucket).ok()?),
                ClassCounts { spam, ham },
            ))
        })
        .collect();
    let count = |(spam, ham)| ClassCounts { spam, ham };
    let model = FilterModel {
        features: count(totals.features),
        responses: count(totals.responses),
        buckets,
    };
    Ok(filter::score(features, &model))
}

/// The strictest sender policy that applies. Claimed identities are enough to be held or blocked,
/// in any spelling; to be approved takes proof.
async fn find_sender_policy(
    app: &App,
    new: &NewResponse,
    sender_ip: Option<&str>,
    history: SenderHistory,
    now: Moment,
) -> Result<Option<SenderPolicyRow>> {
    let sender = SenderIdentifiers {
        email: new.author_email.as_deref(),
        ip: sender_ip,
        url: new.author_url.as_deref(),
        source: new.source_url.as_deref(),
    };
    let found = sender_policies::list_for(app.store.read(), &sender.block_subjects(), now).await?;
    let exact = sender.subjects();
    let applies = |row: &SenderPolicyRow| match (row.policy, row.scope) {
        (SenderPolicy::Block | SenderPolicy::Hold, _) => true,
        (SenderPolicy::Approve, Scope::Host | Scope::Author) => new.source_url.is_some(),
        (SenderPolicy::Approve, Scope::Email | Scope::Domain) => {
            let is_exact = exact
                .iter()
                .any(|(scope, subject)| *scope == row.scope && *subject == row.subject);
            is_exact && history == SenderHistory::Approved
        }
        // The address of a request cannot be claimed.
        (SenderPolicy::Approve, Scope::Network) => true,
    };
    Ok(found
        .into_iter()
        .filter(applies)
        .max_by_key(|row| row.policy))
}
