//! Fetching foreign URLs: the only code that does.
//!
//! Each request along a fetch is checked anew: the URL, then every address its name resolves to, and
//! only those addresses are connected to, so a name that changes its answer between the check and the
//! connection gains nothing. Time, size, redirects and the number of fetches at once are limited, the
//! size both as sent and as decompressed.
//!
//! It never uses a proxy, never follows a redirect unchecked, never keeps cookies, connections or
//! TLS sessions from one fetch to the next, never sends a referrer, and never interprets what it
//! fetched.

mod error;
mod request;
mod resolver;
mod response;
pub(in crate::net) mod tls;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{ACCEPT_ENCODING, HeaderName, HeaderValue, LOCATION};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, Response};
use rustls::ClientConfig;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use url::Url;

pub use crate::net::fetch::error::FetchError;
pub use crate::net::fetch::request::Validators;
pub use crate::net::fetch::response::Fetched;

use crate::net::fetch::request::{FetchRequest, PostRedirects};
use crate::net::fetch::resolver::{NameResolver, NoResolver};
use crate::net::fetch::response::BodyLimits;
use crate::net::guard::Guard;
use crate::net::host_limits::{HostLimits, RedirectProgress};

/// How many fetches run at once; the others wait within their own deadline.
const MAX_CONCURRENT: usize = 16;
/// How many addresses of one name are tried.
const MAX_ADDRESSES: usize = 8;
/// The longest address that a redirect may lead to, in bytes.
const MAX_REDIRECT_LENGTH: usize = 8 * 1024;

/// Limits on time and size of each fetch.
#[derive(Clone, Debug)]
pub struct FetchLimits {
    /// For the whole fetch, with the wait for a free slot and all redirects.
    pub deadline: Duration,
    /// For each request, from the DNS lookup to the end of the reply's headers.
    pub response_timeout: Duration,
    /// The longest silence within a body, and how long it may take before its speed counts.
    pub read_timeout: Duration,
    /// Of a body that takes longer than that.
    pub min_bytes_per_second: usize,
    /// Of a body, both as sent and as decompressed.
    pub max_bytes: usize,
    /// How many redirects are followed.
    pub max_redirects: usize,
    /// Of the names and values of a reply's headers together.
    pub max_header_bytes: usize,
}

impl Default for FetchLimits {
    fn default() -> Self {
        Self {
            deadline: Duration::from_secs(10),
            response_timeout: Duration::from_secs(4),
            read_timeout: Duration::from_secs(3),
            min_bytes_per_second: 1024,
            max_bytes: 1024 * 1024,
            max_redirects: 20,
            max_header_bytes: 64 * 1024,
        }
    }
}

/// Fetches foreign URLs; cheap to clone.
#[derive(Clone)]
pub struct Fetcher(Arc<Inner>);

struct Inner {
    guard: Guard,
    limits: FetchLimits,
    resolver: NameResolver,
    tls: ClientConfig,
    user_agent: HeaderValue,
    slots: Semaphore,
    host_limits: Arc<HostLimits>,
}

/// Fetches for one job, which comes back when the rate limit of a host was reached.
pub struct JobFetcher<'a> {
    fetcher: &'a Fetcher,
    job: &'a str,
}

impl JobFetcher<'_> {
    /// As [`Fetcher::get`]; continues where it was deferred.
    pub async fn get(&self, url: &Url, validators: Validators) -> Result<Fetched, FetchError> {
        self.fetcher
            .fetch(url, FetchRequest::get(validators), Some(self.job))
            .await
    }

    /// As [`Fetcher::post`], and also where the address has moved (301, 302): the body is posted
    /// there. After a 303 the result is fetched.
    pub async fn submit(
        &self,
        url: &Url,
        content_type: &str,
        body: Vec<u8>,
        accept: &str,
    ) -> Result<Fetched, FetchError> {
        let request = FetchRequest::post(content_type, body, accept, PostRedirects::Follow)?;
        self.fetcher.fetch(url, request, Some(self.job)).await
    }
}

impl Fetcher {
    /// A fetcher that asks the DNS server `resolver`, or the system where there is none.
    pub fn new(
        guard: Guard,
        limits: FetchLimits,
        resolver: Option<SocketAddr>,
        user_agent: String,
        host_limits: Arc<HostLimits>,
    ) -> Result<Self, FetchError> {
        Ok(Self(Arc::new(Inner {
            guard,
            limits,
            resolver: NameResolver::new(resolver)?,
            tls: tls::client_config()?,
            user_agent: HeaderValue::from_str(&user_agent).map_err(FetchError::setup)?,
            slots: Semaphore::new(MAX_CONCURRENT),
            host_limits,
        })))
    }

    /// Fetches for a job, by a name that no other job has.
    pub fn for_job<'a>(&'a self, job: &'a str) -> JobFetcher<'a> {
        JobFetcher { fetcher: self, job }
    }

    /// Gets a page, or status 304 where it is unchanged.
    pub async fn get(&self, url: &Url, validators: Validators) -> Result<Fetched, FetchError> {
        self.fetch(url, FetchRequest::get(validators), None).await
    }

    /// Gets a picture of up to `max_bytes`.
    pub async fn get_picture(&self, url: &Url, max_bytes: usize) -> Result<Fetched, FetchError> {
        self.fetch(url, FetchRequest::get_picture(max_bytes), None)
            .await
    }

    /// Posts `body`, and posts it again wherever a redirect asks for that (307 and 308); any
    /// other redirect is the reply.
    pub async fn post(
        &self,
        url: &Url,
        content_type: &str,
        body: Vec<u8>,
        accept: &str,
    ) -> Result<Fetched, FetchError> {
        let request = FetchRequest::post(content_type, body, accept, PostRedirects::Return)?;
        self.fetch(url, request, None).await
    }

    /// Removes the state of hosts that are idle, which keeps memory bounded.
    pub fn forget_idle(&self) {
        self.0.host_limits.forget_idle();
    }

    async fn fetch(
        &self,
        url: &Url,
        request: FetchRequest,
        job: Option<&str>,
    ) -> Result<Fetched, FetchError> {
        let inner = &self.0;
        let progress = job
            .filter(|_| request.method == Method::GET)
            .and_then(|job| inner.host_limits.find_progress(job, url))
            .unwrap_or_else(|| RedirectProgress {
                requested: url.clone(),
                url: url.clone(),
                redirects: 0,
            });
        // The wait for a slot is within the deadline, so nobody waits longer than that in all.
        let fetch = async {
            let _slot = inner.slots.acquire().await.map_err(FetchError::setup)?;
            inner.follow(progress, request, job).await
        };
        let fetched = timeout(inner.limits.deadline, fetch)
            .await
            .unwrap_or(Err(FetchError::Timeout));
        if let Some(job) = job
            && !matches!(fetched, Err(FetchError::RateLimited(_)))
        {
            inner.host_limits.finish_job(job);
        }
        fetched
    }
}

impl Inner {
    /// Sends the request, and again wherever it is redirected.
    async fn follow(
        &self,
        mut progress: RedirectProgress,
        mut request: FetchRequest,
        job: Option<&str>,
    ) -> Result<Fetched, FetchError> {
        while progress.redirects <= self.limits.max_redirects {
            // A POST starts again at the first address, so it needs more requests to get further.
            let ahead = match request.method {
                Method::GET => 1 + progress.redirects,
                _ => 1 + 2 * progress.redirects,
            };
            let ahead = ahead.min(1 + self.limits.max_redirects);
            // One timeout for all of it: a slow DNS server holds up as much as a silent host.
            let hop = timeout(
                self.limits.response_timeout,
                self.send(&progress.url, &request, job, ahead),
            );
            let response = match hop.await.unwrap_or(Err(FetchError::Timeout)) {
                Err(error @ FetchError::RateLimited(_)) => {
                    if let Some(job) = job {
                        self.host_limits.save_progress(job, progress);
                    }
                    return Err(error);
                }
                response => response?,
            };
            match next_url(&progress.url, &response, &request)? {
                Some(next) => {
                    if response.status().as_u16() == 303 && request.method != Method::GET {
                        request.turn_into_get();
                    }
                    progress.url = next;
                    progress.redirects += 1;
                }
                None => {
                    let limits = BodyLimits {
                        max_bytes: request.max_bytes.unwrap_or(self.limits.max_bytes),
                        read_timeout: self.limits.read_timeout,
                        min_bytes_per_second: self.limits.min_bytes_per_second,
                    };
                    return response::read(progress.url, response, &limits).await;
                }
            }
        }
        Err(FetchError::TooManyRedirects)
    }

    /// One request to one server, up to the end of the reply's headers.
    async fn send(
        &self,
        url: &Url,
        request: &FetchRequest,
        job: Option<&str>,
        ahead: usize,
    ) -> Result<Response, FetchError> {
        self.guard.check_url(url)?;
        let mut addresses = self.resolver.resolve(url).await?;
        for address in &addresses {
            self.guard.check_address(address.ip(), address.port())?;
        }
        addresses.truncate(MAX_ADDRESSES);
        // Every request counts, so that neither redirects nor many names for one machine make this
        // server hammer it.
        self.host_limits
            .check(job, url, &addresses, ahead)
            .map_err(FetchError::RateLimited)?;
        let client = self.client(url.host_str().unwrap_or_default(), &addresses)?;
        let mut outgoing = client
            .request(request.method.clone(), url.clone())
            .headers(request.headers.clone())
            .header(ACCEPT_ENCODING, "gzip");
        if let Some(body) = &request.body {
            outgoing = outgoing.body(body.clone());
        }
        let response = outgoing.send().await.map_err(FetchError::of_request)?;
        // HTTP/2 announces the limit beforehand, HTTP/1 has only a larger one of its own.
        let size = |(name, value): (&HeaderName, &HeaderValue)| name.as_str().len() + value.len();
        if response.headers().iter().map(size).sum::<usize>() > self.limits.max_header_bytes {
            return Err(FetchError::Broken("the headers are too long".into()));
        }
        Ok(response)
    }

    /// A client for one request that can reach nothing but `addresses`.
    fn client(&self, host: &str, addresses: &[SocketAddr]) -> Result<Client, FetchError> {
        let header_list = u32::try_from(self.limits.max_header_bytes).unwrap_or(u32::MAX);
        Client::builder()
            .tls_backend_preconfigured(self.tls.clone())
            .resolve_to_addrs(host, addresses)
            .dns_resolver(Arc::new(NoResolver))
            .no_proxy()
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_gzip()
            .no_brotli()
            .no_deflate()
            .user_agent(self.user_agent.clone())
            .pool_max_idle_per_host(0)
            .http2_max_header_list_size(header_list)
            .build()
            .map_err(|error| FetchError::Setup(error::with_causes(&error)))
    }
}

/// Where the reply redirects to, if it is a redirect to be followed.
fn next_url(
    url: &Url,
    response: &Response,
    request: &FetchRequest,
) -> Result<Option<Url>, FetchError> {
    if !request.follows(response.status().as_u16()) {
        return Ok(None);
    }
    let Some(location) = response.headers().get(LOCATION) else {
        return Ok(None);
    };
    let location = std::str::from_utf8(location.as_bytes())
        .map_err(|_| FetchError::BadUrl("the redirect is not in UTF-8".into()))?;
    if location.len() > MAX_REDIRECT_LENGTH {
        return Err(FetchError::BadUrl("the redirect is too long".into()));
    }
    let next = url
        .join(location)
        .map_err(|error| FetchError::BadUrl(format!("a redirect to {location:?}: {error}")))?;
    Ok(Some(next))
}

#[cfg(test)]
mod tests;
