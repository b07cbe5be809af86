//! What one attempt to deliver a linkback came to, from the other site's answer to the row that is stored.
//! Sends nothing.

use std::time::Duration;

use jiff::fmt::rfc2822;
use url::Url;

use crate::clock::Moment;
use crate::linkbacks::protocol::address::is_web;
use crate::linkbacks::protocol::pingback::{self, FaultCode, PingError};
use crate::linkbacks::protocol::trackback::{self, PingRefusal};
use crate::markup::excerpt::clean_line;
use crate::net::fetch::{FetchError, Fetched};
use crate::store::entity::linkback::Protocol;
use crate::store::entity::outgoing_linkback::{Model as OutgoingLinkback, OutgoingState};
use crate::store::outgoing_linkbacks::DeliveryOutcome;
use crate::texts::{Message, Texts};

/// A longer answer is cut, in characters.
const MAX_ANSWER: usize = 300;
/// The delays before a site that did not answer is tried again.
const RETRY_DELAYS: [Duration; 6] = [
    Duration::from_secs(60),
    Duration::from_secs(5 * 60),
    Duration::from_secs(30 * 60),
    Duration::from_secs(2 * 60 * 60),
    Duration::from_secs(6 * 60 * 60),
    Duration::from_secs(24 * 60 * 60),
];
/// The longest delay that another site can ask for.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(2 * 24 * 60 * 60);
/// A delivery is deferred this often in a row because the rate limit of a host is reached, before that
/// counts as a site that cannot be reached.
const MAX_DEFERRALS: i64 = 30;

/// Where a target takes linkbacks.
#[derive(Clone, Debug)]
pub struct Endpoint {
    pub protocol: Protocol,
    pub url: Url,
    /// Until when it may be used without another discovery.
    pub known_until: Moment,
}

/// The result of one attempt.
#[derive(Debug)]
pub struct DeliveryAttempt {
    pub result: AttemptResult,
    /// None where it is not known, or did not matter.
    pub endpoint: Option<Endpoint>,
    /// The HTTP status of the answer.
    pub status: Option<u16>,
    pub answer: DeliveryAnswer,
    /// The other site's status page for it.
    pub status_url: Option<String>,
}

#[derive(Debug)]
pub enum AttemptResult {
    /// There is no other attempt.
    Final(OutgoingState),
    /// Try again, after the delay that the other site asked for.
    Retry(Option<Duration>),
    /// Try again after this delay, which this site imposes on itself: it does not count as an attempt.
    Deferred(Duration),
}

/// What the author of the post reads of an attempt.
#[derive(Debug)]
pub enum DeliveryAnswer {
    /// On one line; may be empty.
    FromSite(String),
    Message(Message),
}

impl DeliveryAttempt {
    pub fn new(result: AttemptResult, answer: DeliveryAnswer) -> Self {
        Self {
            result,
            endpoint: None,
            status: None,
            answer,
            status_url: None,
        }
    }

    /// An attempt whose answer is the message `id`.
    pub fn with_message(result: AttemptResult, id: &'static str) -> Self {
        Self::new(result, DeliveryAnswer::Message(Message::new(id)))
    }

    pub fn of_error(error: &FetchError) -> Self {
        tracing::info!(%error, "deliver a linkback");
        match error {
            FetchError::RateLimited(delay) => {
                Self::with_message(AttemptResult::Deferred(*delay), "delivery-rate-limited")
            }
            error if error.is_temporary() => {
                Self::with_message(AttemptResult::Retry(None), "delivery-unreachable")
            }
            _ => Self::with_message(
                AttemptResult::Final(OutgoingState::Unreachable),
                "delivery-unreachable",
            ),
        }
    }

    /// For an HTTP status that is not a success.
    pub fn of_error_status(fetched: &Fetched, now: Moment) -> Self {
        let status = fetched.status;
        let result = match status {
            410 => AttemptResult::Final(OutgoingState::Gone),
            429 | 500..=599 => AttemptResult::Retry(retry_after(fetched, now)),
            _ => AttemptResult::Final(OutgoingState::Refused),
        };
        let answer = match plain_answer(fetched) {
            answer if answer.is_empty() => DeliveryAnswer::Message(
                Message::new("delivery-status").with("status", status.to_string()),
            ),
            answer => DeliveryAnswer::FromSite(answer),
        };
        Self {
            status: Some(status),
            ..Self::new(result, answer)
        }
    }

    /// For an HTTP status of success.
    pub fn of_success_status(protocol: Protocol, fetched: &Fetched) -> Self {
        let attempt = match protocol {
            Protocol::Webmention => webmention_attempt(fetched),
            Protocol::Pingback => pingback_attempt(fetched),
            Protocol::Trackback => trackback_attempt(fetched),
        };
        Self {
            status: Some(fetched.status),
            ..attempt
        }
    }

    fn sent(answer: &str) -> Self {
        let answer = DeliveryAnswer::FromSite(clean_line(answer, MAX_ANSWER));
        Self::new(AttemptResult::Final(OutgoingState::Sent), answer)
    }

    fn refused(answer: &str) -> Self {
        let answer = DeliveryAnswer::FromSite(clean_line(answer, MAX_ANSWER));
        Self::new(AttemptResult::Final(OutgoingState::Refused), answer)
    }

    fn refused_with_message(id: &'static str) -> Self {
        Self::with_message(AttemptResult::Final(OutgoingState::Refused), id)
    }

    /// What is stored of it.
    pub fn into_outcome(
        self,
        linkback: &OutgoingLinkback,
        texts: &Texts,
        now: Moment,
    ) -> DeliveryOutcome {
        let (state, next_try, tries, deferrals) = match self.result {
            AttemptResult::Final(state) => (state, None, linkback.tries + 1, 0),
            AttemptResult::Deferred(delay) if linkback.deferrals < MAX_DEFERRALS => {
                let (at, deferrals) = (now.plus(delay), linkback.deferrals + 1);
                (OutgoingState::Waiting, Some(at), linkback.tries, deferrals)
            }
            AttemptResult::Deferred(_) => retry(linkback, None, now),
            AttemptResult::Retry(delay) => retry(linkback, delay, now),
        };
        // Where this attempt did not get as far as an endpoint, the one before stays.
        let (protocol, endpoint_url, endpoint_known_until) = match self.endpoint {
            Some(endpoint) => (
                Some(endpoint.protocol),
                Some(endpoint.url.into()),
                Some(endpoint.known_until),
            ),
            None => (linkback.protocol, linkback.endpoint_url.clone(), None),
        };
        DeliveryOutcome {
            state,
            protocol,
            endpoint_url,
            status: self.status,
            answer: match self.answer {
                DeliveryAnswer::FromSite(answer) => answer,
                DeliveryAnswer::Message(message) => texts.message(&message),
            },
            status_url: self.status_url,
            next_try,
            tries,
            deferrals,
            endpoint_known_until,
        }
    }
}

/// State, time of the next try, tries and deferrals; after the last try the site counts as unreachable.
fn retry(
    linkback: &OutgoingLinkback,
    delay: Option<Duration>,
    now: Moment,
) -> (OutgoingState, Option<Moment>, i64, i64) {
    let tries = usize::try_from(linkback.tries).unwrap_or(usize::MAX);
    let at = RETRY_DELAYS
        .get(tries)
        .map(|default| now.plus(delay.unwrap_or(*default)));
    let state = match at {
        Some(_) => OutgoingState::Waiting,
        None => OutgoingState::Unreachable,
    };
    (state, at, linkback.tries + 1, 0)
}

fn webmention_attempt(fetched: &Fetched) -> DeliveryAttempt {
    let status_url = fetched
        .header("location")
        .filter(|_| fetched.status == 201)
        .and_then(|location| fetched.url.join(location).ok())
        .filter(is_web);
    DeliveryAttempt {
        status_url: status_url.map(Into::into),
        ..DeliveryAttempt::sent(&plain_answer(fetched))
    }
}

fn pingback_attempt(fetched: &Fetched) -> DeliveryAttempt {
    match pingback::parse_response(&fetched.body) {
        Ok(answer) => DeliveryAttempt::sent(&answer),
        // The other site has the link already, which is what counts.
        Err(PingError::Fault { code, message }) if code == FaultCode::AlreadyRegistered.code() => {
            DeliveryAttempt::sent(&message)
        }
        Err(PingError::Fault { code, message }) => {
            DeliveryAttempt::refused(&format!("{message} ({code})"))
        }
        Err(PingError::NotXmlRpc) => DeliveryAttempt::refused_with_message("delivery-not-pingback"),
    }
}

fn trackback_attempt(fetched: &Fetched) -> DeliveryAttempt {
    match trackback::parse_answer(&fetched.body) {
        Ok(()) => DeliveryAttempt::sent(""),
        Err(PingRefusal::Refused(message)) if message.is_empty() => {
            DeliveryAttempt::refused_with_message("delivery-refused")
        }
        Err(PingRefusal::Refused(message)) => DeliveryAttempt::refused(&message),
        Err(PingRefusal::NotTrackback) => {
            DeliveryAttempt::refused_with_message("delivery-not-trackback")
        }
    }
}

/// An answer in plain text; HTML pages are not quoted.
fn plain_answer(fetched: &Fetched) -> String {
    let is_plain = fetched
        .content_type()
        .is_some_and(|media_type| media_type.starts_with("text/plain"));
    match is_plain {
        true => clean_line(&String::from_utf8_lossy(&fetched.body), MAX_ANSWER),
        false => String::new(),
    }
}

/// What `Retry-After` asks for: seconds or a date (RFC 9110, section 10.2.3).
fn retry_after(fetched: &Fetched, now: Moment) -> Option<Duration> {
    let value = fetched.header("retry-after")?.trim();
    let delay = match value.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let at: Moment = rfc2822::parse(value).ok()?.timestamp().into();
            at.since(now)
        }
    };
    Some(delay.clamp(Duration::from_secs(1), MAX_RETRY_AFTER))
}
