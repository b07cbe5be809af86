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
/// How long a target's way of being told is used without asking the page again.
const WAY_KEPT: Duration = Duration::from_secs(60 * 60);
/// How often in a row a notice is put off because a host's budget is used up, before that counts as a
/// site that cannot be reached.
const MOST_PUT_OFFS: i64 = 30;
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
    jobs::enqueue_once_for(tx, &job, &share, at, now).await
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

/// A webmention is sent again where the page changed; a pingback or a trackback that was taken, or may
/// have been, would only come a second time.
fn is_worth_telling_again(notice: &Notice) -> bool {
    match (notice.state, notice.protocol) {
        (NoticeState::Gone, _) => false,
        (
            NoticeState::Told | NoticeState::Unknown,
            Some(Protocol::Pingback | Protocol::Trackback),
        ) => !notice.is_linked,
        (NoticeState::Waiting, Some(Protocol::Trackback)) => notice.posts_begun == 0,
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
    // A notice that was given up may be tried again by hand.
    let is_open = matches!(
        notice.state,
        NoticeState::Waiting | NoticeState::Unreachable
    );
    if !is_open || notice.round != round || !app.sending.is_on() {
        return Ok(());
    }
    let way = match known_way(&notice, app.clock.now()) {
        Some(way) => Ok(way),
        None => find_way(app, &notice).await,
    };
    let outcome = match way {
        Ok(way) => tell(app, &notice, way).await?,
        Err(outcome) => Some(outcome),
    };
    let Some(outcome) = outcome else {
        return Ok(());
    };
    let now = app.clock.now();
    let told = settle(&notice, outcome, now);
    app.store
        .write(move |tx| {
            let (notice, told) = (notice.clone(), told.clone());
            Box::pin(async move {
                if let Some(at) = told.next_try {
                    enqueue_send(tx, &notice, at, now).await?;
                }
                rows::set_told(&**tx, &notice, told, now).await
            })
        })
        .await
}

/// How and where a target is told.
struct Way {
    protocol: Protocol,
    endpoint: Url,
    /// How long that is used without asking the page again.
    until: Moment,
}

/// What a try came to.
struct Outcome {
    end: End,
    way: Option<Way>,
    status: Option<u16>,
    answer: String,
    status_url: Option<String>,
}

enum End {
    /// That is that.
    Settled(NoticeState),
    /// Try later: the other side may have said when.
    Later(Option<Duration>),
    /// Come back then; this was no try.
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

/// The name of a notice among the jobs that wait for a host.
fn errand_of(notice: &Notice) -> String {
    format!("notice {}", notice.id)
}

/// How a target wants to be told, as it said not long ago.
fn known_way(notice: &Notice, now: Moment) -> Option<Way> {
    let until = notice.way_until.filter(|until| *until > now)?;
    let endpoint = Url::parse(notice.endpoint_url.as_deref()?).ok()?;
    Some(Way {
        protocol: notice.protocol?,
        endpoint,
        until,
    })
}

/// Asks the target how it wants to be told (Webmention, section 3.1.2; Pingback, section 2).
async fn find_way(app: &App, notice: &Notice) -> std::result::Result<Way, Outcome> {
    let refused = |answer: &str| Outcome::new(End::Settled(NoticeState::NoWay), answer);
    let url = Url::parse(&notice.target_url).map_err(|_| refused("Its address cannot be used."))?;
    let errand = errand_of(notice);
    let asked = app.sender.on_errand(&errand);
    let fetched = match asked.get(&url, Conditions::default()).await {
        Ok(fetched) if (200..300).contains(&fetched.status) => fetched,
        Ok(fetched) => return Err(Outcome::of_status(&fetched, app.clock.now())),
        Err(error) => return Err(Outcome::of_error(&error)),
    };
    let is_cut = fetched.truncated;
    let found = app.cpu.run("look for endpoints", move || {
        let document = Document::read(&fetched.body, fetched.content_type());
        discover(&fetched.headers, Some(&document), &fetched.url)
    });
    let Ok(found) = found.await else {
        // Too busy to read it: the page may well name a way.
        return Err(Outcome::new(
            End::Later(None),
            "This site was too busy to read the page.",
        ));
    };
    let until = app.clock.now().plus(WAY_KEPT);
    best(found, notice.is_linked, until).ok_or_else(|| {
        refused(match is_cut {
            true => "As much of the page as is read names no way of telling it of links.",
            false => "The page names no way of telling it of links.",
        })
    })
}

/// Webmention, else pingback, else trackback; the end of a link only by webmention.
fn best(found: Discovered, is_linked: bool, until: Moment) -> Option<Way> {
    let way = |protocol, endpoint: Option<Url>| {
        endpoint.map(|endpoint| Way {
            protocol,
            endpoint,
            until,
        })
    };
    way(Protocol::Webmention, found.webmention).or_else(|| {
        way(Protocol::Pingback, found.pingback)
            .or_else(|| way(Protocol::Trackback, found.trackback))
            .filter(|_| is_linked)
    })
}

/// How often a telling may begin without an answer. Who is told of a link twice by webmention or
/// pingback knows it already; a second trackback would be shown a second time.
fn most_posts(protocol: Protocol) -> i64 {
    match protocol {
        Protocol::Webmention | Protocol::Pingback => 2,
        Protocol::Trackback => 1,
    }
}

/// Tells a target; None where another round has begun meanwhile.
async fn tell(app: &App, notice: &Notice, way: Way) -> Result<Option<Outcome>> {
    let protocol = way.protocol;
    let lost = || Outcome {
        way: Some(Way {
            endpoint: way.endpoint.clone(),
            ..way
        }),
        ..Outcome::new(
            End::Settled(NoticeState::Unknown),
            "Whether it heard is not known: its answer was lost.",
        )
    };
    if notice.posts_begun >= most_posts(protocol) {
        return Ok(Some(lost()));
    }
    let (content_type, body, accept) = message(app, notice, protocol).await?;
    // Noted first: a process that is killed now must not tell again without end.
    if !begin_post(app, notice, &way).await? {
        return Ok(None);
    }
    let errand = errand_of(notice);
    let answer = app
        .sender
        .on_errand(&errand)
        .submit(&way.endpoint, content_type, body.into_bytes(), accept)
        .await;
    let now = app.clock.now();
    let mut outcome = match answer {
        // It went out, and may have been heard.
        Err(FetchError::Timeout | FetchError::Interrupted(_) | FetchError::Broken(_))
            if protocol == Protocol::Trackback =>
        {
            return Ok(Some(lost()));
        }
        Err(error) => Outcome::of_error(&error),
        Ok(fetched) if !(200..300).contains(&fetched.status) => Outcome::of_status(&fetched, now),
        Ok(fetched) => understand(protocol, &fetched),
    };
    outcome.way = Some(way);
    Ok(Some(outcome))
}

async fn begin_post(app: &App, notice: &Notice, way: &Way) -> Result<bool> {
    let (notice, protocol, until) = (notice.clone(), way.protocol, way.until);
    let endpoint = way.endpoint.to_string();
    app.store
        .write(move |tx| {
            let (notice, endpoint) = (notice.clone(), endpoint.clone());
            Box::pin(
                async move { rows::begin_post(&**tx, &notice, (protocol, &endpoint), until).await },
            )
        })
        .await
}

/// What is posted: its media type, its body, and what the answer may come as.
async fn message(
    app: &App,
    notice: &Notice,
    protocol: Protocol,
) -> Result<(&'static str, String, &'static str)> {
    let (source, target) = (&notice.source_url, &notice.target_url);
    Ok(match protocol {
        Protocol::Webmention => {
            let form = "application/x-www-form-urlencoded";
            (form, webmention::form_body(source, target), ANY)
        }
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
    })
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

fn settle(notice: &Notice, outcome: Outcome, now: Moment) -> Told {
    let wait = usize::try_from(notice.tries)
        .ok()
        .and_then(|tries| WAITS.get(tries))
        .copied();
    let (state, next_try, tries, put_offs) = match outcome.end {
        End::Settled(state) => (state, None, notice.tries + 1, 0),
        End::OverBudget(wait) if notice.put_offs < MOST_PUT_OFFS => {
            let at = Some(now.plus(wait));
            (NoticeState::Waiting, at, notice.tries, notice.put_offs + 1)
        }
        End::OverBudget(_) | End::Later(_) => {
            let asked = match outcome.end {
                End::Later(asked) => asked,
                _ => None,
            };
            let at = wait.map(|wait| now.plus(asked.unwrap_or(wait)));
            let state = match at {
                Some(_) => NoticeState::Waiting,
                None => NoticeState::Unreachable,
            };
            (state, at, notice.tries + 1, 0)
        }
    };
    // Where this try did not get that far, what is known of the way stays.
    let (protocol, endpoint_url, way_until) = match outcome.way {
        Some(way) => (
            Some(way.protocol),
            Some(way.endpoint.into()),
            Some(way.until),
        ),
        None => (notice.protocol, notice.endpoint_url.clone(), None),
    };
    Told {
        state,
        protocol,
        endpoint_url,
        status: outcome.status,
        answer: outcome.answer,
        status_url: outcome.status_url,
        next_try,
        tries,
        put_offs,
        way_until,
    }
}
