//! Why a fetch failed, in the words of logs. Never shown to visitors: it would let them map the network.

use std::error::Error as StdError;
use std::time::Duration;

use thiserror::Error;

use crate::net::guard::GuardError;

/// Why nothing was fetched. For operators and logs, like [`GuardError`].
#[derive(Debug, Error)]
pub enum FetchError {
    /// The guard does not allow the URL or one of its addresses.
    #[error("refused: {0}")]
    Refused(#[from] GuardError),
    /// The name has no address, or the DNS lookup failed.
    #[error("cannot resolve the name: {0}")]
    Resolve(String),
    /// No connection, or no TLS on it.
    #[error("cannot connect: {0}")]
    Connect(String),
    /// This server has sent the host as many requests as it may; how long to wait.
    #[error("the rate limit of the host is reached for {0:?}")]
    RateLimited(Duration),
    #[error("took too long")]
    Timeout,
    /// More redirects than allowed, or a loop of them.
    #[error("too many redirects")]
    TooManyRedirects,
    /// A URL that cannot be requested, or a redirect to something that is not a URL.
    #[error("not a usable URL: {0}")]
    BadUrl(String),
    /// The connection broke, or the reply is not HTTP.
    #[error("the connection broke off: {0}")]
    Interrupted(String),
    /// A reply that cannot be used.
    #[error("the reply is broken: {0}")]
    Broken(String),
    /// The fetcher could not be set up.
    #[error("cannot prepare to fetch: {0}")]
    Setup(String),
}

impl FetchError {
    /// Whether the same fetch may succeed later.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Resolve(_)
            | Self::Connect(_)
            | Self::RateLimited(_)
            | Self::Timeout
            | Self::Interrupted(_) => true,
            Self::Refused(_)
            | Self::TooManyRedirects
            | Self::BadUrl(_)
            | Self::Broken(_)
            | Self::Setup(_) => false,
        }
    }

    pub(super) fn setup(error: impl ToString) -> Self {
        Self::Setup(error.to_string())
    }

    pub(super) fn resolve(error: impl ToString) -> Self {
        Self::Resolve(error.to_string())
    }

    pub(super) fn of_request(error: reqwest::Error) -> Self {
        let error = error.without_url();
        let text = with_causes(&error);
        if error.is_connect() {
            Self::Connect(text)
        } else if error.is_builder() {
            Self::BadUrl(text)
        } else {
            Self::Interrupted(text)
        }
    }
}

/// The error with its causes, which reqwest leaves out of its own text.
pub(super) fn with_causes(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
