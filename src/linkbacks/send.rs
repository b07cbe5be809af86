//! Telling the sites that a post links to: once per target, by the best of the protocols that it
//! offers, again where the post changes, and also when the link is gone.

use std::collections::HashSet;
use std::time::Duration;

use jiff::fmt::rfc2822;
use url::Url;

use crate::accounts::permissions::Actor;
use crate::app::App;
use crate::clock::Moment;
use crate::error::{Error, Result};
use crate::jobs::{self, Job};
use crate::linkbacks::protocol::discovery::{Discovered, discover};
use crate::linkbacks::protocol::pingback::{Answered, FaultCode, parse_response, ping_request};
use crate::linkbacks::protocol::source::Document;
use crate::linkbacks::protocol::trackback::{self, Trackback};
use crate::linkbacks::protocol::webmention;
use crate::markup::excerpt::clean_line;
use crate::markup::links::text_links;
use crate::markup::sanitise::SafeHtml;
use crate::net::fetch::{Conditions, FetchError, Fetched};
use crate::posts::{find, publish};
use crate::store::db::Tx;
use crate::store::entity::ids::{NoticeId, PostId};
use crate::store::entity::linkback::Protocol;
use crate::store::entity::outgoing_notice::{Model as Notice, NoticeState};
use crate::store::entity::post::{Model as Post, Openness, PostState};
use crate::store::outgoing::{self as rows, NewNotice, Told};
use crate::store::posts;
use crate::store::settings::{self, Setting};

/// The most sites that one post tells.
const MOST_TARGETS: usize = 100;
/// The longest address that is told.
const MAX_URL: usize = 2048;
/// The most of an answer that is kept, in characters.
const MAX_ANSWER: usize = 300;
/// The waits before a site that did not answer is tried again.
const WAITS: [Duration; 6] = [
    Duration::from_secs(60),
    Duration::from_secs(5 * 60),
    Duration::from_secs(30 * 60),
    Duration::from_secs(2 * 60 * 60),
    Duration::from_secs(6 * 60 * 60),
    Duration::from_secs(24 * 60 * 60),
];
/// The longest wait that another site can ask for.
const LONGEST_WAIT: Duration = Duration::from_secs(2 * 24 * 60 * 60);
/// What an answer to a form may come as.
const ANY: &str = "*/*;q=0.5, text/plain";

/// Sees whom a post's links concern now, and asks for them to be told.
pub async fn tell_links(app: &App, id: PostId) -> Result<()> {
    if !app.sending.is_on() {
        return Ok(());
    }
    let post = posts::find(app.store.read(), id).await?;
    if post.as_ref().is_some_and(is_silent) {
        return Ok(());
    }
    let shown = post.filter(|post| post.state == PostState::Published);
    let wanted = shown.map_or_else(Vec::new, |post| notices_of(app, &post));
    let now = app.clock.now();
    app.store
        .write(move |tx| {
            let wanted = wanted.clone();
            Box::pin(async move {
                let known = rows::list_for_post(&**tx, id).await?;
                let keys: HashSet<String> =
                    wanted.iter().map(|new| new.target_key.clone()).collect();
                let mut to_send = Vec::new();
                for new in wanted {
                    let before = known.iter().find(|old| old.target_key == new.target_key);
                    match before {
                        None => to_send.push(rows::insert(&**tx, new, now).await?),
                        Some(old) if is_worth_telling_again(old) => {
                            to_send
                                .push(rows::set_waiting(&**tx, old.clone(), Some(new), now).await?);
                        }
                        Some(_) => {}
                    }
                }
                for old in known {
                    if keys.contains(&old.target_key) || !old.is_linked {
                        continue;
                    }
                    // Of the three protocols only webmention knows that a link can go.
                    if old.protocol == Some(Protocol::Webmention) && old.state != NoticeState::Gone
                    {
                        to_send.push(rows::set_waiting(&**tx, old, None, now).await?);
                    } else {
                        rows::set_unlinked(&**tx, old, now).await?;
                    }
                }
                for notice in to_send {
                    enqueue_send(tx, &notice, now, now).await?;
                }
                Ok(())
            })
        })
        .await
}

/// Each post has its share of the workers: one with many links delays no other.
async fn enqueue_send(tx: &Tx, notice: &Notice, at: Moment, now: Moment) -> Result<()> {
    let job = Job::SendNotice {
        notice: notice.id,
        round: notice.round,
    };
    let share = format!("post {}", notice.post_id);
    jobs::enqueue_for(tx, &job, &share, at, now).await?;
    Ok(())
}

/// Tells a target again by hand.
pub async fn retry_notice(app: &App, actor: &Actor, id: NoticeId) -> Result<Notice> {
    let notice = rows::find(app.store.read(), id)
        .await?
        .ok_or(Error::NotFound("notice"))?;
    publish::find_writable(app, actor, notice.post_id).await?;
    let now = app.clock.now();
    app.store
        .write(move |tx| {
            let notice = notice.clone();
            Box::pin(async move {
                let same = notice.is_linked.then(|| NewNotice {
                    post_id: notice.post_id,
                    source_url: notice.source_url.clone(),
                    target_url: notice.target_url.clone(),
                    target_key: notice.target_key.clone(),
                    title: notice.title.clone(),
                    excerpt: notice.excerpt.clone(),
                });
                let notice = rows::set_waiting(&**tx, notice, same, now).await?;
                enqueue_send(tx, &notice, now, now).await?;
                Ok(notice)
            })
        })
        .await
}

fn is_silent(post: &Post) -> bool {
    post.tells == Openness::Closed
}

/// A webmention is sent again where the page changed; a pingback or a trackback that was taken would
/// only come a second time.
fn is_worth_telling_again(notice: &Notice) -> bool {
    match (notice.state, notice.protocol) {
        (NoticeState::Gone, _) => false,
        (NoticeState::Told, Some(Protocol::Pingback | Protocol::Trackback)) => !notice.is_linked,
        _ => true,
    }
}

/// What a post's links give to tell.
fn notices_of(app: &App, post: &Post) -> Vec<NewNotice> {
    let path = find::permalink(app, post);
    let mut seen = HashSet::new();
    text_links(&SafeHtml::stored(post.body_html.clone()))
        .into_iter()
        .filter_map(|link| {
            let url = app.urls.resolve(&path, &link.href)?;
            let is_elsewhere = app.urls.read(url.as_str()).is_none();
            let can_be_told = url.username().is_empty() && url.as_str().len() <= MAX_URL;
            if !(is_elsewhere && can_be_told) {
                return None;
            }
            let mut key = url.clone();
            key.set_fragment(None);
            seen.insert(key.clone()).then(|| NewNotice {
                post_id: post.id,
                source_url: app.urls.absolute(&path),
                target_url: url.into(),
                target_key: key.into(),
                title: post.title.clone(),
                excerpt: link.excerpt,
            })
        })
        .take(MOST_TARGETS)
        .collect()
}

/// Tells one target of the link to it, or of its end.
pub async fn send_notice(app: &App, id: NoticeId, round: i64) -> Result<()> {
    let Some(notice) = rows::find(app.store.read(), id).await? else {
        return Ok(());
    };
    if notice.state != NoticeState::Waiting || notice.round != round || !app.sending.is_on() {
        return Ok(());
    }
    let outcome = match find_way(app, &notice).await {
        Ok(Way { protocol, endpoint }) => tell(app, &notice, protocol, endpoint).await?,
        Err(outcome) => outcome,
    };
    let now = app.clock.now();
    let (told, tries) = settle(&notice, outcome, now);
    app.store
        .write(move |tx| {
            let (notice, told) = (notice.clone(), told.clone());
            Box::pin(async move {
                if let Some(at) = told.next_try {
                    enqueue_send(tx, &notice, at, now).await?;
                }
                rows::set_told(&**tx, &notice, told, tries, now).await
            })
        })
        .await
}

/// How and where a target is told.
struct Way {
    protocol: Protocol,
    endpoint: Url,
}

/// What a try came to.
struct Outcome {
    end: End,
    way: Option<(Protocol, Url)>,
    status: Option<u16>,
    answer: String,
    status_url: Option<String>,
}

enum End {
    /// That is that.
    Settled(NoticeState),
    /// Try later: the other side may have said when.
    Later(Option<Duration>),
    /// Try later; this was no try.
    OverBudget(Duration),
}

impl Outcome {
    fn new(end: End, answer: impl Into<String>) -> Self {
        Self {
            end,
            way: None,
            status: None,
            answer: answer.into(),
            status_url: None,
        }
    }

    fn of_error(error: &FetchError) -> Self {
        tracing::info!(%error, "tell another site");
        match error {
            FetchError::OverBudget(wait) => Self::new(
                End::OverBudget(*wait),
                "This site asks that one as often as it may.",
            ),
            error if error.is_temporary() => {
                Self::new(End::Later(None), "The site could not be reached.")
            }
            _ => Self::new(
                End::Settled(NoticeState::Unreachable),
                "The site could not be reached.",
            ),
        }
    }

    /// For an HTTP status that is no success.
    fn of_status(fetched: &Fetched, now: Moment) -> Self {
        let status = fetched.status;
        let end = match status {
            410 => End::Settled(NoticeState::Gone),
            429 | 500..=599 => End::Later(retry_after(fetched, now)),
            _ => End::Settled(NoticeState::Refused),
        };
        let answer = match words_of(fetched) {
            words if words.is_empty() => format!("It answered with status {status}."),
            words => words,
        };
        Self {
            status: Some(status),
            ..Self::new(end, answer)
        }
    }
}

/// Asks the target how it wants to be told (Webmention, section 3.1.2; Pingback, section 2).
async fn find_way(app: &App, notice: &Notice) -> std::result::Result<Way, Outcome> {
    let refused = |answer: &str| Outcome::new(End::Settled(NoticeState::NoWay), answer);
    let url = Url::parse(&notice.target_url).map_err(|_| refused("Its address cannot be used."))?;
    let fetched = match app.sender.get(&url, Conditions::default()).await {
        Ok(fetched) if (200..300).contains(&fetched.status) => fetched,
        Ok(fetched) => return Err(Outcome::of_status(&fetched, app.clock.now())),
        Err(error) => return Err(Outcome::of_error(&error)),
    };
    let found = app.cpu.run("look for endpoints", move || {
        let document = Document::read(&fetched.body, fetched.content_type());
        discover(&fetched.headers, Some(&document), &fetched.url)
    });
    let found = found.await.unwrap_or_default();
    best(found, notice.is_linked)
        .ok_or_else(|| refused("The page names no way of telling it of links."))
}

/// Webmention, else pingback, else trackback; the end of a link only by webmention.
fn best(found: Discovered, is_linked: bool) -> Option<Way> {
    let way = |protocol, endpoint: Option<Url>| endpoint.map(|endpoint| Way { protocol, endpoint });
    way(Protocol::Webmention, found.webmention).or_else(|| {
        way(Protocol::Pingback, found.pingback)
            .or_else(|| way(Protocol::Trackback, found.trackback))
            .filter(|_| is_linked)
    })
}

async fn tell(app: &App, notice: &Notice, protocol: Protocol, endpoint: Url) -> Result<Outcome> {
    let (source, target) = (&notice.source_url, &notice.target_url);
    let form = "application/x-www-form-urlencoded";
    let (content_type, body, accept) = match protocol {
        Protocol::Webmention => (form, webmention::form_body(source, target), ANY),
        Protocol::Pingback => ("text/xml", ping_request(source, target), "text/xml"),
        Protocol::Trackback => {
            let site = settings::find(app.store.read(), Setting::SiteName).await?;
            let ping = Trackback {
                url: source.clone(),
                title: notice.title.clone(),
                excerpt: notice.excerpt.clone(),
                blog_name: site.unwrap_or_else(|| app.config.site.name.clone()),
            };
            let form = "application/x-www-form-urlencoded; charset=utf-8";
            (form, trackback::form_body(&ping), "text/xml")
        }
    };
    let answer = app
        .sender
        .post(&endpoint, content_type, body.into_bytes(), accept)
        .await;
    let now = app.clock.now();
    let mut outcome = match answer {
        Err(error) => Outcome::of_error(&error),
        Ok(fetched) if !(200..300).contains(&fetched.status) => Outcome::of_status(&fetched, now),
        Ok(fetched) => understand(protocol, &fetched),
    };
    outcome.way = Some((protocol, endpoint));
    Ok(outcome)
}

/// What an answer with a status of success says.
fn understand(protocol: Protocol, fetched: &Fetched) -> Outcome {
    let told = |answer: String| Outcome::new(End::Settled(NoticeState::Told), answer);
    let refused = |answer: String| Outcome::new(End::Settled(NoticeState::Refused), answer);
    let mut outcome = match protocol {
        Protocol::Webmention => {
            let location = fetched
                .header("location")
                .filter(|_| fetched.status == 201)
                .and_then(|location| fetched.url.join(location).ok())
                .filter(|url| matches!(url.scheme(), "http" | "https"));
            Outcome {
                status_url: location.map(Into::into),
                ..told(words_of(fetched))
            }
        }
        Protocol::Pingback => match parse_response(&fetched.body) {
            Ok(words) => told(words),
            // It knows the link already, which is all that was wanted.
            Err(Answered::Fault { code, message })
                if code == FaultCode::AlreadyRegistered.code() =>
            {
                told(message)
            }
            Err(Answered::Fault { code, message }) => refused(format!("{message} ({code})")),
            Err(Answered::NotXmlRpc) => refused("It did not answer as Pingback has it.".to_owned()),
        },
        Protocol::Trackback => match trackback::parse_answer(&fetched.body) {
            Ok(()) => told(String::new()),
            Err(words) => refused(words),
        },
    };
    outcome.status = Some(fetched.status);
    outcome.answer = clean_line(&outcome.answer, MAX_ANSWER);
    outcome
}

/// The words of a plain answer; pages are not quoted.
fn words_of(fetched: &Fetched) -> String {
    let is_plain = fetched
        .content_type()
        .is_some_and(|media_type| media_type.starts_with("text/plain"));
    if is_plain {
        clean_line(&String::from_utf8_lossy(&fetched.body), MAX_ANSWER)
    } else {
        String::new()
    }
}

/// What `Retry-After` asks for: seconds or a date (RFC 9110, section 10.2.3).
fn retry_after(fetched: &Fetched, now: Moment) -> Option<Duration> {
    let value = fetched.header("retry-after")?.trim();
    let wait = match value.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let at: Moment = rfc2822::parse(value).ok()?.timestamp().into();
            at.since(now)
        }
    };
    Some(wait.clamp(Duration::from_secs(1), LONGEST_WAIT))
}

fn settle(notice: &Notice, outcome: Outcome, now: Moment) -> (Told, i64) {
    let mut tries = notice.tries + 1;
    let wait = usize::try_from(notice.tries)
        .ok()
        .and_then(|tries| WAITS.get(tries))
        .copied();
    let (state, next_try) = match outcome.end {
        End::Settled(state) => (state, None),
        End::OverBudget(wait) => {
            tries = notice.tries;
            (NoticeState::Waiting, Some(now.plus(wait)))
        }
        End::Later(asked) => match wait {
            Some(wait) => (NoticeState::Waiting, Some(now.plus(asked.unwrap_or(wait)))),
            None => (NoticeState::Unreachable, None),
        },
    };
    // Where this try did not get that far, what is known of the way stays.
    let (protocol, endpoint_url) = match outcome.way {
        Some((protocol, endpoint)) => (Some(protocol), Some(endpoint.into())),
        None => (notice.protocol, notice.endpoint_url.clone()),
    };
    let told = Told {
        state,
        protocol,
        endpoint_url,
        status: outcome.status,
        answer: outcome.answer,
        status_url: outcome.status_url,
        next_try,
    };
    (told, tries)
}
