//! The one way out to foreign URLs.
//!
//! Every hop is judged anew: the URL, then every address its name resolves to, and only those
//! very addresses are connected to, so a name that changes its answer between the check and the
//! connection gains nothing. Time, size, redirects and the number of fetches at once are bounded,
//! the size both as sent and as unpacked.
//!
//! It never uses a proxy, never follows a redirect unjudged, never keeps cookies, connections or
//! TLS sessions from one fetch to the next, never tells where a link was found, and never
//! interprets what it fetched.

use std::error::Error as StdError;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use flate2::write::MultiGzDecoder;
use hickory_resolver::TokioResolver;
use hickory_resolver::config::{
    ConnectionConfig, LookupIpStrategy, NameServerConfig, ResolveHosts, ResolverConfig,
};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use reqwest::dns::{Name, Resolve, Resolving};
use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap,
    HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, LOCATION,
};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, Response};
use rustls::ClientConfig;
use thiserror::Error;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use url::{Host, Url};

use crate::net::guard::{Guard, Refusal};
use crate::net::pace::Pace;
use crate::net::turns::{Place, Turns};

/// How many fetches run at once; the others wait within their own deadline.
const AT_ONCE: usize = 16;

/// The most addresses of one name that are tried.
const MOST_ADDRESSES: usize = 8;
/// The longest address that a redirect may lead to, in bytes.
const LONGEST_REDIRECT: usize = 8 * 1024;

/// What a page that is looked at for links may come as.
const ACCEPT_PAGES: &str = "text/html, application/xhtml+xml;q=0.9, */*;q=0.5";

/// How far a fetch may go.
#[derive(Clone, Debug)]
pub struct FetchLimits {
    /// For the whole fetch, waiting for a free place and all redirects included.
    pub deadline: Duration,
    /// For each hop, from asking for the name's addresses to the end of the reply's headers.
    pub first_byte: Duration,
    /// The longest silence within a body, and how long it may take before its rate counts.
    pub pause: Duration,
    /// The fewest bytes a second of a body that takes longer than that.
    pub slowest: usize,
    /// Of a body, both as sent and as unpacked.
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
            first_byte: Duration::from_secs(4),
            pause: Duration::from_secs(3),
            slowest: 1024,
            max_bytes: 1024 * 1024,
            max_redirects: 20,
            max_header_bytes: 64 * 1024,
        }
    }
}

/// What is known of an earlier reply, so that an unchanged page need not be sent again.
#[derive(Clone, Debug, Default)]
pub struct Conditions {
    /// Its `ETag`.
    pub etag: Option<String>,
    /// Its `Last-Modified`.
    pub last_modified: Option<String>,
}

/// A reply, whatever its status.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// Where it came from after all redirects.
    pub url: Url,
    /// The HTTP status.
    pub status: u16,
    /// Names in lower case, in the order received; without the encoding and the length of a body
    /// that was unpacked.
    pub headers: Vec<(String, String)>,
    /// The body, unpacked.
    pub body: Vec<u8>,
    /// Whether the body was longer than allowed and is cut.
    pub truncated: bool,
}

impl Fetched {
    /// The first header of that name in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(header, _)| header.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The `Content-Type` as sent.
    pub fn content_type(&self) -> Option<&str> {
        self.header("content-type")
    }
}

/// Why nothing was fetched. For operators and logs, like [`Refusal`].
#[derive(Debug, Error)]
pub enum FetchError {
    /// The guard said no.
    #[error("refused: {0}")]
    Refused(#[from] Refusal),
    /// The name has no address, or nobody could say.
    #[error("cannot resolve the name: {0}")]
    Resolve(String),
    /// No connection, or no TLS on it.
    #[error("cannot connect: {0}")]
    Connect(String),
    /// The host has had as many requests as this server sends it; how long to wait.
    #[error("the host's budget is used up for {0:?}")]
    OverBudget(Duration),
    /// Too slow.
    #[error("took too long")]
    Timeout,
    /// More redirects than allowed, or a loop of them.
    #[error("too many redirects")]
    TooManyRedirects,
    /// A URL that cannot be asked for, or a redirect to something that is none.
    #[error("not a usable URL: {0}")]
    BadUrl(String),
    /// The connection broke off, or what came was no HTTP.
    #[error("the connection broke off: {0}")]
    Interrupted(String),
    /// A reply that cannot be used.
    #[error("the reply is broken: {0}")]
    Broken(String),
    /// The fetcher could not be prepared.
    #[error("cannot prepare to fetch: {0}")]
    Setup(String),
}

impl FetchError {
    /// Whether the same fetch may well succeed later.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Resolve(_)
            | Self::Connect(_)
            | Self::OverBudget(_)
            | Self::Timeout
            | Self::Interrupted(_) => true,
            Self::Refused(_)
            | Self::TooManyRedirects
            | Self::BadUrl(_)
            | Self::Broken(_)
            | Self::Setup(_) => false,
        }
    }
}

/// Fetches foreign URLs; cheap to clone.
#[derive(Clone)]
pub struct Fetcher(Arc<Parts>);

struct Parts {
    guard: Guard,
    limits: FetchLimits,
    names: Names,
    tls: ClientConfig,
    user_agent: HeaderValue,
    places: Semaphore,
    turns: Arc<Turns>,
}

/// Who is asked for the addresses of a name.
enum Names {
    System,
    Server(Box<TokioResolver>),
}

/// What to ask for.
struct Ask {
    method: Method,
    headers: HeaderMap,
    body: Option<Vec<u8>>,
    moved: Moved,
}

/// What a POST does where it is told that the page is elsewhere (301, 302 and 303).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moved {
    /// That is the reply.
    Stay,
    /// What was posted is posted there; after a 303 the result is fetched from there.
    Follow,
}

impl Ask {
    fn follows(&self, status: u16) -> bool {
        match status {
            307 | 308 => true,
            301..=303 => self.method == Method::GET || self.moved == Moved::Follow,
            _ => false,
        }
    }

    /// After a 303 what was posted has arrived, and only the result is still to be fetched.
    fn turn_to_get(&mut self) {
        self.method = Method::GET;
        self.body = None;
        self.headers.remove(CONTENT_TYPE);
    }
}

/// Fetches for one job, which comes back when a host's budget was used up.
pub struct Errand<'a> {
    fetcher: &'a Fetcher,
    job: &'a str,
}

impl Errand<'_> {
    /// As [`Fetcher::get`]; goes on where it was put off.
    pub async fn get(&self, url: &Url, conditions: Conditions) -> Result<Fetched, FetchError> {
        self.fetcher
            .fetch(url, Ask::get(conditions), Some(self.job))
            .await
    }

    /// As [`Fetcher::post`], and also where the address has moved (301, 302): what is posted is
    /// posted there. After a 303 the result is fetched.
    pub async fn submit(
        &self,
        url: &Url,
        content_type: &str,
        body: Vec<u8>,
        accept: &str,
    ) -> Result<Fetched, FetchError> {
        let ask = Ask::post(content_type, body, accept, Moved::Follow)?;
        self.fetcher.fetch(url, ask, Some(self.job)).await
    }
}

impl Fetcher {
    /// A fetcher that asks the DNS server `resolver`, or the system where there is none.
    pub fn new(
        guard: Guard,
        limits: FetchLimits,
        resolver: Option<SocketAddr>,
        user_agent: String,
        turns: Arc<Turns>,
    ) -> Result<Self, FetchError> {
        let names = match resolver {
            Some(server) => Names::Server(Box::new(ask_server(server)?)),
            None => Names::System,
        };
        Ok(Self(Arc::new(Parts {
            guard,
            limits,
            names,
            tls: tls_config()?,
            user_agent: HeaderValue::from_str(&user_agent).map_err(setup)?,
            places: Semaphore::new(AT_ONCE),
            turns,
        })))
    }

    /// Fetches for a job, named so that no other has its name.
    pub fn on_errand<'a>(&'a self, job: &'a str) -> Errand<'a> {
        Errand { fetcher: self, job }
    }

    /// Gets a page, or the word that it is unchanged (status 304).
    pub async fn get(&self, url: &Url, conditions: Conditions) -> Result<Fetched, FetchError> {
        self.fetch(url, Ask::get(conditions), None).await
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
        let ask = Ask::post(content_type, body, accept, Moved::Stay)?;
        self.fetch(url, ask, None).await
    }

    /// Forgets the hosts that were left alone long enough; keeps memory bounded.
    pub fn forget_idle(&self) {
        self.0.turns.forget_idle();
    }

    async fn fetch(&self, url: &Url, ask: Ask, job: Option<&str>) -> Result<Fetched, FetchError> {
        let parts = &self.0;
        let place = job
            .filter(|_| ask.method == Method::GET)
            .and_then(|job| parts.turns.place(job, url))
            .unwrap_or_else(|| Place {
                asked: url.clone(),
                url: url.clone(),
                redirects: 0,
            });
        // The free place is waited for within the deadline, so nobody waits longer than that in all.
        let fetch = async {
            let _place = parts.places.acquire().await.map_err(setup)?;
            parts.follow(place, ask, job).await
        };
        let fetched = timeout(parts.limits.deadline, fetch)
            .await
            .unwrap_or(Err(FetchError::Timeout));
        if let Some(job) = job
            && !matches!(fetched, Err(FetchError::OverBudget(_)))
        {
            parts.turns.end(job);
        }
        fetched
    }
}

impl Ask {
    fn get(conditions: Conditions) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static(ACCEPT_PAGES));
        // What cannot be sent back as a header is left out: the page merely comes once more.
        let sendable = |value: Option<String>| value.and_then(|value| value.parse().ok());
        if let Some(etag) = sendable(conditions.etag) {
            headers.insert(IF_NONE_MATCH, etag);
        }
        if let Some(last_modified) = sendable(conditions.last_modified) {
            headers.insert(IF_MODIFIED_SINCE, last_modified);
        }
        Self {
            method: Method::GET,
            headers,
            body: None,
            moved: Moved::Follow,
        }
    }

    fn post(
        content_type: &str,
        body: Vec<u8>,
        accept: &str,
        moved: Moved,
    ) -> Result<Self, FetchError> {
        let mut headers = HeaderMap::new();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_str(content_type).map_err(setup)?,
        );
        headers.insert(ACCEPT, HeaderValue::from_str(accept).map_err(setup)?);
        Ok(Self {
            method: Method::POST,
            headers,
            body: Some(body),
            moved,
        })
    }
}

impl Parts {
    async fn follow(
        &self,
        mut place: Place,
        mut ask: Ask,
        job: Option<&str>,
    ) -> Result<Fetched, FetchError> {
        while place.redirects <= self.limits.max_redirects {
            // What is posted begins again at the beginning, and so needs more turns to get further.
            let ahead = match ask.method {
                Method::GET => 1 + place.redirects,
                _ => 1 + 2 * place.redirects,
            };
            let ahead = ahead.min(1 + self.limits.max_redirects);
            // One limit for all of it: a name that nobody answers for is as slow as a silent host.
            let hop = timeout(
                self.limits.first_byte,
                self.hop(&place.url, &ask, job, ahead),
            );
            let response = match hop.await.unwrap_or(Err(FetchError::Timeout)) {
                Err(error @ FetchError::OverBudget(_)) => {
                    if let Some(job) = job {
                        self.turns.mark(job, place);
                    }
                    return Err(error);
                }
                response => response?,
            };
            match next_url(&place.url, &response, &ask)? {
                Some(next) => {
                    if response.status().as_u16() == 303 && ask.method != Method::GET {
                        ask.turn_to_get();
                    }
                    place.url = next;
                    place.redirects += 1;
                }
                None => return self.read(place.url, response).await,
            }
        }
        Err(FetchError::TooManyRedirects)
    }

    /// One request to one server, up to the end of the reply's headers.
    async fn hop(
        &self,
        url: &Url,
        ask: &Ask,
        job: Option<&str>,
        ahead: usize,
    ) -> Result<Response, FetchError> {
        self.guard.check_url(url)?;
        let mut addresses = self.resolve(url).await?;
        for address in &addresses {
            self.guard.check_address(address.ip(), address.port())?;
        }
        addresses.truncate(MOST_ADDRESSES);
        // Every request counts, so that neither redirects nor many names for one machine make this
        // server hammer it.
        self.turns
            .take(job, url, &addresses, ahead)
            .map_err(FetchError::OverBudget)?;
        let client = self.client(url.host_str().unwrap_or_default(), &addresses)?;
        let mut request = client.request(ask.method.clone(), url.clone());
        request = request
            .headers(ask.headers.clone())
            .header(ACCEPT_ENCODING, "gzip");
        if let Some(body) = &ask.body {
            request = request.body(body.clone());
        }
        let response = request.send().await.map_err(failure)?;
        // HTTP/2 announces the limit beforehand, HTTP/1 has only a larger one of its own.
        let size = |(name, value): (&reqwest::header::HeaderName, &HeaderValue)| {
            name.as_str().len() + value.len()
        };
        if response.headers().iter().map(size).sum::<usize>() > self.limits.max_header_bytes {
            return Err(FetchError::Broken("the headers are too long".into()));
        }
        Ok(response)
    }

    /// All addresses of the URL's host, asked for once.
    async fn resolve(&self, url: &Url) -> Result<Vec<SocketAddr>, FetchError> {
        let port = url.port_or_known_default().ok_or(Refusal::NoHost)?;
        let name = match url.host().ok_or(Refusal::NoHost)? {
            Host::Ipv4(address) => return Ok(vec![(address, port).into()]),
            Host::Ipv6(address) => return Ok(vec![(address, port).into()]),
            Host::Domain(name) => name,
        };
        let addresses: Vec<SocketAddr> = match &self.names {
            Names::System => tokio::net::lookup_host((name, port))
                .await
                .map_err(unresolved)?
                .collect(),
            Names::Server(resolver) => {
                // The final dot makes the name absolute: no search list is gone through.
                let absolute = format!("{}.", name.trim_end_matches('.'));
                let found = resolver.lookup_ip(absolute).await.map_err(unresolved)?;
                found
                    .iter()
                    .map(|address| SocketAddr::new(address, port))
                    .collect()
            }
        };
        if addresses.is_empty() {
            return Err(FetchError::Resolve("no addresses".into()));
        }
        Ok(addresses)
    }

    /// A client for one hop that can reach nothing but `addresses`.
    fn client(&self, host: &str, addresses: &[SocketAddr]) -> Result<Client, FetchError> {
        let header_list = u32::try_from(self.limits.max_header_bytes).unwrap_or(u32::MAX);
        Client::builder()
            .tls_backend_preconfigured(self.tls.clone())
            .resolve_to_addrs(host, addresses)
            .dns_resolver(Arc::new(Nobody))
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
            .map_err(|error| FetchError::Setup(chain(&error)))
    }

    async fn read(&self, url: Url, mut response: Response) -> Result<Fetched, FetchError> {
        let status = response.status().as_u16();
        let packed = is_packed(response.headers())?;
        let headers = response
            .headers()
            .iter()
            .filter(|(name, _)| !packed || ![CONTENT_ENCODING, CONTENT_LENGTH].contains(name))
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.as_str().to_owned(), value)
            })
            .collect();
        let mut body = Body::new(packed, self.limits.max_bytes);
        let mut pace = Pace::new(self.limits.pause, self.limits.slowest);
        while let Some(chunk) = timeout(self.limits.pause, response.chunk())
            .await
            .map_err(|_| FetchError::Timeout)?
            .map_err(failure)?
        {
            if !pace.keeps_up(chunk.len()) {
                return Err(FetchError::Timeout);
            }
            if !body.take(&chunk)? {
                break;
            }
        }
        let (body, truncated) = body.finish()?;
        Ok(Fetched {
            url,
            status,
            headers,
            body,
            truncated,
        })
    }
}

/// Where the reply redirects to, if it is a redirect to be followed.
fn next_url(url: &Url, response: &Response, ask: &Ask) -> Result<Option<Url>, FetchError> {
    if !ask.follows(response.status().as_u16()) {
        return Ok(None);
    }
    let Some(location) = response.headers().get(LOCATION) else {
        return Ok(None);
    };
    let location = std::str::from_utf8(location.as_bytes())
        .map_err(|_| FetchError::BadUrl("the redirect is not in UTF-8".into()))?;
    if location.len() > LONGEST_REDIRECT {
        return Err(FetchError::BadUrl("the redirect is too long".into()));
    }
    let next = url
        .join(location)
        .map_err(|error| FetchError::BadUrl(format!("a redirect to {location:?}: {error}")))?;
    Ok(Some(next))
}

/// Whether the body comes as gzip; anything else was not asked for.
fn is_packed(headers: &HeaderMap) -> Result<bool, FetchError> {
    let codings: Vec<String> = headers
        .get_all(CONTENT_ENCODING)
        .iter()
        .flat_map(|value| {
            let value = String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase();
            value
                .split(',')
                .map(|coding| coding.trim().to_owned())
                .collect::<Vec<_>>()
        })
        .filter(|coding| !coding.is_empty() && coding != "identity")
        .collect();
    match codings.as_slice() {
        [] => Ok(false),
        [coding] if coding == "gzip" || coding == "x-gzip" => Ok(true),
        _ => Err(FetchError::Broken(format!(
            "encoded as {:?}, which was not asked for",
            codings.join(", ")
        ))),
    }
}

/// A body on its way in.
struct Body {
    /// How many bytes may still come from the network.
    left: usize,
    /// Whether more came than may.
    cut: bool,
    /// Whether anything came.
    begun: bool,
    sink: Sink,
}

enum Sink {
    Plain(Bounded),
    Gzip(Box<MultiGzDecoder<Bounded>>),
}

impl Body {
    fn new(packed: bool, limit: usize) -> Self {
        let bounded = Bounded {
            bytes: Vec::new(),
            limit,
            full: false,
        };
        Self {
            left: limit,
            cut: false,
            begun: false,
            sink: if packed {
                Sink::Gzip(Box::new(MultiGzDecoder::new(bounded)))
            } else {
                Sink::Plain(bounded)
            },
        }
    }

    /// Takes what came; says whether more may come.
    fn take(&mut self, chunk: &[u8]) -> Result<bool, FetchError> {
        let allowed = &chunk[..chunk.len().min(self.left)];
        self.left -= allowed.len();
        self.cut |= allowed.len() < chunk.len();
        self.begun |= !allowed.is_empty();
        let written = match &mut self.sink {
            Sink::Plain(bounded) => bounded.write_all(allowed),
            Sink::Gzip(decoder) => decoder.write_all(allowed),
        };
        self.settle(written)?;
        Ok(!self.cut)
    }

    /// An error of a full sink is a cut, any other one is the sender's.
    fn settle(&mut self, written: io::Result<()>) -> Result<(), FetchError> {
        let full = match &self.sink {
            Sink::Plain(bounded) => bounded.full,
            Sink::Gzip(decoder) => decoder.get_ref().full,
        };
        self.cut |= full;
        match written {
            Err(error) if !full => Err(FetchError::Broken(format!("not gzip: {error}"))),
            _ => Ok(()),
        }
    }

    /// The bytes, and whether some are missing.
    fn finish(mut self) -> Result<(Vec<u8>, bool), FetchError> {
        let finished = match &mut self.sink {
            Sink::Gzip(decoder) if self.begun && !self.cut => decoder.try_finish(),
            // Brings out what the decoder still holds of a body that ends in the middle.
            Sink::Gzip(decoder) if self.begun => decoder.flush(),
            _ => Ok(()),
        };
        self.settle(finished)?;
        let bytes = match &mut self.sink {
            Sink::Plain(bounded) => std::mem::take(&mut bounded.bytes),
            Sink::Gzip(decoder) => std::mem::take(&mut decoder.get_mut().bytes),
        };
        Ok((bytes, self.cut))
    }
}

/// Keeps up to `limit` bytes, and fails from the first byte beyond. The failure is what stops the
/// decoder: it would unpack the rest for nothing otherwise.
struct Bounded {
    bytes: Vec<u8>,
    limit: usize,
    full: bool,
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = self.limit.saturating_sub(self.bytes.len());
        if self.full || (room == 0 && !bytes.is_empty()) {
            self.full = true;
            return Err(io::Error::other("longer than allowed"));
        }
        let taken = bytes.len().min(room);
        self.bytes.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Resolves nothing, so that a name without its judged addresses leads nowhere.
struct Nobody;

impl Resolve for Nobody {
    fn resolve(&self, name: Name) -> Resolving {
        let error = format!("{} was not resolved beforehand", name.as_str());
        Box::pin(async move { Err(error.into()) })
    }
}

fn ask_server(server: SocketAddr) -> Result<TokioResolver, FetchError> {
    let mut connections = vec![ConnectionConfig::udp(), ConnectionConfig::tcp()];
    for connection in &mut connections {
        connection.port = server.port();
    }
    let server = NameServerConfig::new(server.ip(), true, connections);
    let config = ResolverConfig::from_parts(None, Vec::new(), vec![server]);
    let mut builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
    let options = builder.options_mut();
    options.timeout = Duration::from_secs(2);
    options.attempts = 2;
    options.ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
    // The server asked is the one that was named: neither the hosts file nor an older answer.
    options.use_hosts_file = ResolveHosts::Never;
    options.cache_size = 0;
    builder.build().map_err(setup)
}

/// The TLS settings, with the system's root certificates: read once, as that takes a while, however
/// many ways out there are.
fn tls_config() -> Result<ClientConfig, FetchError> {
    static MADE: OnceLock<ClientConfig> = OnceLock::new();
    if let Some(made) = MADE.get() {
        return Ok(made.clone());
    }
    let config = make_tls_config()?;
    Ok(MADE.get_or_init(|| config).clone())
}

fn make_tls_config() -> Result<ClientConfig, FetchError> {
    // Named here and not installed for the whole process, which can be done only once.
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(setup)?;
    let mut config = match rustls_platform_verifier::Verifier::new(provider) {
        Ok(verifier) => builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth(),
        Err(error) => {
            // Trusting nobody keeps the rest working: each https fetch fails, nothing else.
            tracing::warn!(%error, "no root certificates found, so no https URL can be fetched");
            builder
                .with_root_certificates(rustls::RootCertStore::empty())
                .with_no_client_auth()
        }
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config.resumption = rustls::client::Resumption::disabled();
    Ok(config)
}

fn setup(error: impl ToString) -> FetchError {
    FetchError::Setup(error.to_string())
}

fn unresolved(error: impl ToString) -> FetchError {
    FetchError::Resolve(error.to_string())
}

fn failure(error: reqwest::Error) -> FetchError {
    let error = error.without_url();
    let text = chain(&error);
    if error.is_connect() {
        FetchError::Connect(text)
    } else if error.is_builder() {
        FetchError::BadUrl(text)
    } else {
        FetchError::Interrupted(text)
    }
}

/// The error with its causes, which reqwest leaves out of its own text.
fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Instant;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream, UdpSocket};
    use tokio::time::sleep;

    use super::*;
    use crate::clock::{Clock, Moment};

    // Nothing here may send a packet off the machine: every server, the DNS server included, is
    // at a loopback address, and so is every address the guards of these tests let through.

    const HOME: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    /// What a server does once it has read a request.
    enum Step {
        Send(Vec<u8>),
        Wait(u64),
        /// Sends this again and again, with as many milliseconds in between.
        Forever(Vec<u8>, u64),
    }

    struct Server {
        port: u16,
        connections: Arc<AtomicUsize>,
        requests: Arc<Mutex<Vec<String>>>,
        sent: Arc<AtomicUsize>,
    }

    impl Server {
        async fn start(
            ip: IpAddr,
            reply: impl Fn(&str, u16) -> Vec<Step> + Send + Sync + 'static,
        ) -> Option<Self> {
            let listener = TcpListener::bind((ip, 0)).await.ok()?;
            let server = Self {
                port: listener.local_addr().unwrap().port(),
                connections: Arc::default(),
                requests: Arc::default(),
                sent: Arc::default(),
            };
            let (port, reply) = (server.port, Arc::new(reply));
            let connections = server.connections.clone();
            let requests = server.requests.clone();
            let sent = server.sent.clone();
            tokio::spawn(async move {
                while let Ok((stream, _)) = listener.accept().await {
                    connections.fetch_add(1, Ordering::SeqCst);
                    let (reply, requests, sent) = (reply.clone(), requests.clone(), sent.clone());
                    tokio::spawn(async move {
                        let mut stream = stream;
                        let request = read_request(&mut stream).await;
                        let steps = reply(&request, port);
                        requests.lock().unwrap().push(request);
                        play(stream, steps, &sent).await;
                    });
                }
            });
            Some(server)
        }

        async fn home(reply: impl Fn(&str, u16) -> Vec<Step> + Send + Sync + 'static) -> Self {
            Self::start(HOME, reply).await.unwrap()
        }

        fn url(&self, path: &str) -> Url {
            Url::parse(&format!("http://127.0.0.1:{}{path}", self.port)).unwrap()
        }

        fn count(&self) -> usize {
            self.connections.load(Ordering::SeqCst)
        }

        fn requests(&self) -> Vec<String> {
            self.requests.lock().unwrap().clone()
        }
    }

    async fn read_request(stream: &mut TcpStream) -> String {
        let mut bytes = Vec::new();
        let mut buffer = [0; 4096];
        loop {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let length = head
                    .lines()
                    .find_map(|line| line.strip_prefix("content-length: "))
                    .map_or(0, |length| length.parse().unwrap());
                if body.len() >= length {
                    return text;
                }
            }
            match stream.read(&mut buffer).await {
                Ok(read) if read > 0 => bytes.extend_from_slice(&buffer[..read]),
                _ => return text,
            }
        }
    }

    async fn play(mut stream: TcpStream, steps: Vec<Step>, sent: &AtomicUsize) {
        for step in steps {
            match step {
                Step::Send(bytes) => {
                    if stream.write_all(&bytes).await.is_err() {
                        return;
                    }
                    sent.fetch_add(bytes.len(), Ordering::SeqCst);
                }
                Step::Wait(millis) => sleep(Duration::from_millis(millis)).await,
                Step::Forever(bytes, millis) => {
                    while stream.write_all(&bytes).await.is_ok() {
                        sent.fetch_add(bytes.len(), Ordering::SeqCst);
                        sleep(Duration::from_millis(millis)).await;
                    }
                    return;
                }
            }
        }
        let _ = stream.shutdown().await;
    }

    fn send(text: impl Into<Vec<u8>>) -> Step {
        Step::Send(text.into())
    }

    fn page(body: &str) -> Vec<Step> {
        vec![send(format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        ))]
    }

    fn redirect(status: u16, to: &str) -> Vec<Step> {
        vec![send(format!(
            "HTTP/1.1 {status} There\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n"
        ))]
    }

    fn packed(body: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(body).unwrap();
        encoder.finish().unwrap()
    }

    fn gzip_reply(body: &[u8]) -> Vec<Step> {
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        vec![send(head), send(body)]
    }

    /// Short enough for tests that wait for them.
    fn limits() -> FetchLimits {
        FetchLimits {
            deadline: Duration::from_millis(1500),
            first_byte: Duration::from_millis(700),
            ..FetchLimits::default()
        }
    }

    fn unlimited() -> Arc<Turns> {
        Arc::new(Turns::new(Clock::system(), 0, 0))
    }

    fn fetcher_with(
        allow: &[String],
        ports: &[u16],
        limits: FetchLimits,
        resolver: Option<SocketAddr>,
    ) -> Fetcher {
        let allow = allow
            .iter()
            .map(|network| network.parse().unwrap())
            .collect();
        Fetcher::new(
            Guard::new(allow, ports.to_vec()),
            limits,
            resolver,
            "Tester/1".into(),
            unlimited(),
        )
        .unwrap()
    }

    /// May reach that one server and nothing else.
    fn fetcher_for(server: &Server, limits: FetchLimits) -> Fetcher {
        fetcher_with(
            &[format!("127.0.0.1/32:{}", server.port)],
            &[80, 443],
            limits,
            None,
        )
    }

    async fn get(fetcher: &Fetcher, url: &Url) -> Result<Fetched, FetchError> {
        fetcher.get(url, Conditions::default()).await
    }

    struct Dns {
        address: SocketAddr,
        asked: Arc<Mutex<Vec<(String, u16)>>>,
    }

    impl Dns {
        /// Answers with what `answer` says for a name and the how-manieth time it is asked for
        /// that kind of address.
        async fn start(answer: impl Fn(&str, usize) -> Vec<IpAddr> + Send + 'static) -> Self {
            let socket = UdpSocket::bind((HOME, 0)).await.unwrap();
            let dns = Self {
                address: socket.local_addr().unwrap(),
                asked: Arc::default(),
            };
            let asked = dns.asked.clone();
            tokio::spawn(async move {
                let mut buffer = [0; 1500];
                while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
                    let query = &buffer[..length];
                    let (name, kind, end) = question(query);
                    let time = {
                        let mut asked = asked.lock().unwrap();
                        asked.push((name.clone(), kind));
                        asked.iter().filter(|(_, other)| *other == kind).count()
                    };
                    let answers = answer(&name, time);
                    let reply = dns_reply(query, kind, end, &answers);
                    let _ = socket.send_to(&reply, from).await;
                }
            });
            dns
        }

        /// How often IPv4 and how often IPv6 addresses were asked for.
        fn counts(&self) -> (usize, usize) {
            let asked = self.asked.lock().unwrap();
            let count = |kind| asked.iter().filter(|(_, asked)| *asked == kind).count();
            (count(1), count(28))
        }
    }

    fn question(query: &[u8]) -> (String, u16, usize) {
        let mut labels = Vec::new();
        let mut at = 12;
        while query[at] > 0 {
            let next = at + 1 + usize::from(query[at]);
            labels.push(String::from_utf8_lossy(&query[at + 1..next]).to_ascii_lowercase());
            at = next;
        }
        (
            labels.join("."),
            u16::from_be_bytes([query[at + 1], query[at + 2]]),
            at + 5,
        )
    }

    fn dns_reply(query: &[u8], kind: u16, end: usize, answers: &[IpAddr]) -> Vec<u8> {
        let answers: Vec<_> = answers
            .iter()
            .filter(|address| address.is_ipv4() == (kind == 1))
            .collect();
        let mut reply = query[..2].to_vec();
        reply.extend([0x81, 0x80, 0, 1, 0, answers.len() as u8, 0, 0, 0, 0]);
        reply.extend(&query[12..end]);
        for answer in answers {
            reply.extend([0xc0, 12]);
            reply.extend(kind.to_be_bytes());
            reply.extend([0, 1, 0, 0, 0, 60]);
            match answer {
                IpAddr::V4(address) => {
                    reply.extend([0, 4]);
                    reply.extend(address.octets());
                }
                IpAddr::V6(address) => {
                    reply.extend([0, 16]);
                    reply.extend(address.octets());
                }
            }
        }
        reply
    }

    #[tokio::test]
    async fn by_default_no_spelling_reaches_a_loopback_listener() {
        let mut servers = vec![Server::home(|_, _| page("secret")).await];
        servers.extend(Server::start(Ipv6Addr::LOCALHOST.into(), |_, _| page("secret")).await);
        let dns = Dns::start(|name, _| match name {
            "six.example" => vec![Ipv6Addr::LOCALHOST.into()],
            "mapped.example" => vec![Ipv4Addr::LOCALHOST.to_ipv6_mapped().into()],
            "zero.example" => vec![Ipv4Addr::UNSPECIFIED.into()],
            "none.example" => vec![Ipv6Addr::UNSPECIFIED.into()],
            _ => vec![HOME],
        })
        .await;
        for server in &servers {
            let port = server.port;
            // Once with the ordinary ports, and once so that the port does not help.
            for ports in [vec![80, 443], vec![80, 443, port]] {
                let named = fetcher_with(&[], &ports, limits(), Some(dns.address));
                let system = fetcher_with(&[], &ports, limits(), None);
                for host in [
                    "127.0.0.1",
                    "127.0.0.1.",
                    "127.1",
                    "2130706433",
                    "0x7f000001",
                    "0x7f.1",
                    "0177.0.0.1",
                    "%31%32%37.0.0.1",
                    "１２７.０.０.１",
                    "127。0。0。1",
                    "127.0.0.2",
                    "0",
                    "0.0.0.0",
                    "[::1]",
                    "[::]",
                    "[0:0::0:1]",
                    "[::ffff:127.0.0.1]",
                    "[::ffff:7f00:1]",
                    "[::127.0.0.1]",
                    "user@127.0.0.1",
                ] {
                    let url = Url::parse(&format!("http://{host}:{port}/")).unwrap();
                    let error = get(&system, &url).await.unwrap_err();
                    assert!(matches!(error, FetchError::Refused(_)), "{url}: {error}");
                    let posted = system.post(&url, "text/plain", b"a".to_vec(), "*/*").await;
                    assert!(matches!(posted, Err(FetchError::Refused(_))), "{url}");
                }
                // Names go to the DNS server of this test only: the system might ask the network.
                for name in [
                    "four.example",
                    "six.example",
                    "mapped.example",
                    "zero.example",
                    "none.example",
                    "LOCALHOST",
                    "localhost.",
                ] {
                    let url = Url::parse(&format!("http://{name}:{port}/")).unwrap();
                    let error = get(&named, &url).await.unwrap_err();
                    assert!(matches!(error, FetchError::Refused(_)), "{url}: {error}");
                    assert!(!error.is_temporary());
                }
            }
        }
        sleep(Duration::from_millis(50)).await;
        for server in &servers {
            assert_eq!(server.count(), 0);
        }
    }

    #[tokio::test]
    async fn an_allowed_server_is_asked_plainly_and_its_reply_handed_over() {
        let server = Server::home(|_, _| page("<p>Hello")).await;
        let fetched = get(&fetcher_for(&server, limits()), &server.url("/a?b#c"))
            .await
            .unwrap();
        assert_eq!(fetched.status, 200);
        assert_eq!(fetched.body, b"<p>Hello");
        assert!(!fetched.truncated);
        assert_eq!(fetched.content_type(), Some("text/html; charset=utf-8"));
        assert_eq!(fetched.header("CONTENT-LENGTH"), Some("8"));
        assert_eq!(fetched.header("etag"), None);
        let request = server.requests().remove(0);
        assert!(request.starts_with("GET /a?b HTTP/1.1\r\n"), "{request}");
        assert!(request.contains("accept-encoding: gzip\r\n"), "{request}");
        assert!(request.contains("user-agent: Tester/1\r\n"), "{request}");
        for absent in ["cookie", "referer", "authorization", "if-none-match"] {
            assert!(!request.contains(absent), "{request}");
        }
    }

    #[tokio::test]
    async fn an_allowed_ipv6_server_is_reached() {
        let server = Server::start(Ipv6Addr::LOCALHOST.into(), |_, _| page("six")).await;
        // Not every machine has IPv6.
        let Some(server) = server else { return };
        let allow = format!("[::1]/128:{}", server.port);
        let fetcher = fetcher_with(&[allow], &[80], limits(), None);
        let url = Url::parse(&format!("http://[::1]:{}/", server.port)).unwrap();
        assert_eq!(get(&fetcher, &url).await.unwrap().body, b"six");
    }

    #[tokio::test]
    async fn conditions_are_sent_and_an_unchanged_page_is_told() {
        let server = Server::home(|_, _| {
            vec![send(
                "HTTP/1.1 304 Not Modified\r\nContent-Encoding: gzip\r\n\r\n",
            )]
        })
        .await;
        let conditions = Conditions {
            etag: Some("\"abc\"".into()),
            last_modified: Some("Thu, 01 Jan 2026\r\nX-Evil: 1".into()),
        };
        let fetcher = fetcher_for(&server, limits());
        let fetched = fetcher.get(&server.url("/"), conditions).await.unwrap();
        assert_eq!((fetched.status, fetched.body.len()), (304, 0));
        let request = server.requests().remove(0);
        assert!(request.contains("if-none-match: \"abc\"\r\n"), "{request}");
        assert!(
            !request.contains("if-modified-since") && !request.contains("Evil"),
            "{request}"
        );
    }

    #[tokio::test]
    async fn redirects_are_followed_and_the_last_url_is_told() {
        let server = Server::home(|request, _| match request.split(' ').nth(1) {
            Some("/a/b") => {
                let mut steps = redirect(302, "../c");
                steps.insert(0, send(""));
                steps
            }
            Some("/c") => redirect(308, "/d?e"),
            Some("/set") => vec![send(
                "HTTP/1.1 303 There\r\nSet-Cookie: a=b\r\nLocation: /d\r\n\
                 Content-Length: 0\r\n\r\n",
            )],
            _ => page("end"),
        })
        .await;
        let fetcher = fetcher_for(&server, limits());
        let fetched = get(&fetcher, &server.url("/a/b")).await.unwrap();
        assert_eq!(fetched.url, server.url("/d?e"));
        assert_eq!(fetched.body, b"end");
        get(&fetcher, &server.url("/set")).await.unwrap();
        let requests = server.requests();
        assert_eq!(requests.len(), 5);
        assert!(requests.iter().all(|request| !request.contains("cookie:")));
        assert!(requests.iter().all(|request| !request.contains("referer:")));
    }

    #[tokio::test]
    async fn a_redirect_to_a_disallowed_server_is_refused_without_a_connection() {
        let inner = Server::home(|_, _| page("secret")).await;
        let port = inner.port;
        let outer = Server::home(move |request, _| {
            let to = match request.split(' ').nth(1) {
                Some("/name") => format!("http://inner.example:{port}/"),
                Some("/hex") => format!("//0x7f.1:{port}/"),
                Some("/user") => format!("http://a:b@127.0.0.1:{port}/"),
                Some("/six") => format!("http://[::ffff:127.0.0.1]:{port}/"),
                Some("/file") => "file:///etc/passwd".to_owned(),
                Some("/data") => "data:text/html,a".to_owned(),
                _ => format!("http://127.0.0.1:{port}/"),
            };
            redirect(302, &to)
        })
        .await;
        let dns = Dns::start(|_, _| vec![HOME]).await;
        let allow = format!("127.0.0.1/32:{}", outer.port);
        // The inner port is an ordinary one here, so only its address speaks against it.
        let fetcher = fetcher_with(&[allow], &[80, 443, port], limits(), Some(dns.address));
        for path in ["/", "/name", "/hex", "/user", "/six", "/file", "/data"] {
            let error = get(&fetcher, &outer.url(path)).await.unwrap_err();
            assert!(matches!(error, FetchError::Refused(_)), "{path}: {error}");
        }
        sleep(Duration::from_millis(50)).await;
        assert_eq!((outer.count(), inner.count()), (7, 0));
    }

    #[tokio::test]
    async fn a_redirect_loop_ends_after_the_allowed_number() {
        let server = Server::home(|_, _| redirect(301, "/again")).await;
        let error = get(
            &fetcher_for(&server, FetchLimits::default()),
            &server.url("/"),
        )
        .await;
        let error = error.unwrap_err();
        assert!(matches!(error, FetchError::TooManyRedirects), "{error}");
        assert!(!error.is_temporary());
        assert_eq!(server.count(), 21);
    }

    #[tokio::test]
    async fn exactly_the_allowed_number_of_redirects_is_followed() {
        let server = Server::home(|request, _| {
            let step: u32 = request.split([' ', '/']).nth(2).unwrap().parse().unwrap();
            if step == 3 {
                page("end")
            } else {
                redirect(302, &format!("/{}", step + 1))
            }
        })
        .await;
        let limits = FetchLimits {
            max_redirects: 2,
            ..limits()
        };
        let fetcher = fetcher_for(&server, limits);
        assert_eq!(get(&fetcher, &server.url("/1")).await.unwrap().body, b"end");
        let error = get(&fetcher, &server.url("/0")).await.unwrap_err();
        assert!(matches!(error, FetchError::TooManyRedirects), "{error}");
    }

    #[tokio::test]
    async fn a_redirect_to_nowhere_is_no_usable_url() {
        let server = Server::home(|request, _| match request.split(' ').nth(1) {
            Some("/bad") => redirect(302, "http://[::1/"),
            _ => vec![send("HTTP/1.1 302 There\r\nContent-Length: 0\r\n\r\n")],
        })
        .await;
        let fetcher = fetcher_for(&server, limits());
        let error = get(&fetcher, &server.url("/bad")).await.unwrap_err();
        assert!(matches!(error, FetchError::BadUrl(_)), "{error}");
        assert_eq!(
            get(&fetcher, &server.url("/none")).await.unwrap().status,
            302
        );
    }

    #[tokio::test]
    async fn a_post_is_repeated_only_where_the_redirect_keeps_it_a_post() {
        let server = Server::home(|request, _| match request.split(' ').nth(1) {
            Some("/307") => redirect(307, "/end"),
            Some("/308") => redirect(308, "/end"),
            Some("/302") => redirect(302, "/end"),
            Some("/303") => redirect(303, "/end"),
            _ => page("end"),
        })
        .await;
        let fetcher = fetcher_for(&server, limits());
        for (path, status) in [("/307", 200), ("/308", 200), ("/302", 302), ("/303", 303)] {
            let url = server.url(path);
            let posted = fetcher
                .post(&url, "text/xml", b"<a/>".to_vec(), "text/xml")
                .await;
            assert_eq!(posted.unwrap().status, status, "{path}");
        }
        let requests = server.requests();
        assert_eq!(requests.len(), 6);
        for request in requests {
            assert!(request.starts_with("POST ") && request.ends_with("\r\n\r\n<a/>"));
            assert!(request.contains("content-type: text/xml\r\n"), "{request}");
            assert!(request.contains("accept: text/xml\r\n"), "{request}");
        }
    }

    #[tokio::test]
    async fn what_is_submitted_follows_wherever_the_address_has_moved() {
        let server = Server::home(|request, _| match request.split(' ').nth(1) {
            Some("/301") => redirect(301, "/302"),
            Some("/302") => redirect(302, "/308"),
            Some("/308") => redirect(308, "/end"),
            Some("/303") => redirect(303, "/result"),
            Some("/loop") => redirect(302, "/loop"),
            Some("/away") => redirect(302, "http://127.0.0.1:1/"),
            _ => page("end"),
        })
        .await;
        let fetcher = fetcher_for(&server, limits());
        let submit = async |path: &str| {
            let (url, body) = (server.url(path), b"a=b".to_vec());
            let errand = fetcher.on_errand("notice 1");
            errand.submit(&url, "text/plain", body, "*/*").await
        };
        assert_eq!(submit("/301").await.unwrap().url, server.url("/end"));
        let requests = server.requests();
        assert_eq!(requests.len(), 4);
        for request in requests {
            assert!(request.starts_with("POST ") && request.ends_with("\r\n\r\na=b"));
        }
        assert_eq!(submit("/303").await.unwrap().body, b"end");
        let last = server.requests().pop().unwrap();
        assert!(last.starts_with("GET /result ") && !last.contains("content-type"));
        let error = submit("/loop").await.unwrap_err();
        assert!(matches!(error, FetchError::TooManyRedirects), "{error}");
        let error = submit("/away").await.unwrap_err();
        assert!(matches!(error, FetchError::Refused(_)), "{error}");
    }

    #[tokio::test]
    async fn a_job_that_was_put_off_goes_on_where_it_was() {
        let server = Server::home(|request, _| {
            let path = request.split(' ').nth(1).unwrap_or_default();
            match path[1..].parse::<usize>() {
                Ok(count) if count < 12 => redirect(302, &format!("/{}", count + 1)),
                _ => page("end"),
            }
        })
        .await;
        let clock = Clock::stepped(Moment(1_700_000_000_000));
        let guard = Guard::new(
            vec![format!("127.0.0.1/32:{}", server.port).parse().unwrap()],
            Vec::new(),
        );
        let turns = Arc::new(Turns::new(clock.clone(), 5, 0));
        let fetcher = Fetcher::new(guard, limits(), None, "T/1".into(), turns).unwrap();
        let errand = fetcher.on_errand("linkback 1");
        let mut waits = 0;
        let fetched = loop {
            match errand.get(&server.url("/0"), Conditions::default()).await {
                Err(FetchError::OverBudget(wait)) => clock.step(wait),
                other => break other.unwrap(),
            }
            waits += 1;
        };
        assert_eq!(fetched.url, server.url("/12"));
        assert_eq!(server.count(), 13, "nothing is asked for twice");
        assert!(waits <= 2, "{waits}");
    }

    #[tokio::test]
    async fn a_body_that_trickles_is_given_up_before_the_deadline() {
        let server = Server::home(|request, _| match request.split(' ').nth(1) {
            Some("/silent") => vec![
                send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nab"),
                Step::Wait(20_000),
            ],
            _ => vec![
                send("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"),
                Step::Forever(b"a".to_vec(), 20),
            ],
        })
        .await;
        let limits = FetchLimits {
            pause: Duration::from_millis(500),
            ..FetchLimits::default()
        };
        let fetcher = fetcher_for(&server, limits);
        for path in ["/silent", "/trickle"] {
            let began = Instant::now();
            let error = get(&fetcher, &server.url(path)).await.unwrap_err();
            assert!(matches!(error, FetchError::Timeout), "{path}: {error}");
            assert!(began.elapsed() < Duration::from_secs(3), "{path}");
        }
    }

    #[tokio::test]
    async fn a_name_with_many_addresses_is_counted_at_each_of_them() {
        let server = Server::home(|_, _| page("many")).await;
        let dns = Dns::start(|name, _| match name {
            "both.example" => vec![HOME, Ipv4Addr::new(127, 0, 0, 2).into()],
            _ => vec![Ipv4Addr::new(127, 0, 0, 2).into()],
        })
        .await;
        let guard = Guard::new(vec!["127.0.0.0/30".parse().unwrap()], Vec::new());
        let turns = Arc::new(Turns::new(Clock::system(), 0, 3));
        let fetcher =
            Fetcher::new(guard, limits(), Some(dns.address), "T/1".into(), turns).unwrap();
        let url = |name| Url::parse(&format!("http://{name}:{}/", server.port)).unwrap();
        for _ in 0..3 {
            get(&fetcher, &url("both.example")).await.unwrap();
        }
        let error = get(&fetcher, &url("second.example")).await.unwrap_err();
        assert!(matches!(error, FetchError::OverBudget(_)), "{error}");
    }

    #[tokio::test]
    async fn a_late_first_byte_is_not_waited_for() {
        let server = Server::home(|_, _| {
            let mut steps = vec![Step::Wait(5000)];
            steps.extend(page("late"));
            steps
        })
        .await;
        let began = Instant::now();
        let error = get(&fetcher_for(&server, limits()), &server.url("/"))
            .await
            .unwrap_err();
        assert!(matches!(error, FetchError::Timeout), "{error}");
        assert!(error.is_temporary());
        assert!(began.elapsed() < Duration::from_millis(1400));
    }

    #[tokio::test]
    async fn dripping_replies_end_with_the_deadline() {
        let server = Server::home(|request, _| match request.split(' ').nth(1) {
            Some("/body") => vec![
                send("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"),
                Step::Forever(b"a".to_vec(), 20),
            ],
            Some("/hops") => {
                let mut steps = vec![Step::Wait(200)];
                steps.extend(redirect(302, "/hops"));
                steps
            }
            _ => vec![
                send("HTTP/1.1 200 OK\r\nX: "),
                Step::Forever(b"a".to_vec(), 20),
            ],
        })
        .await;
        let fetcher = fetcher_for(&server, limits());
        for path in ["/body", "/hops", "/headers"] {
            let began = Instant::now();
            let error = get(&fetcher, &server.url(path)).await.unwrap_err();
            assert!(matches!(error, FetchError::Timeout), "{path}: {error}");
            assert!(began.elapsed() < Duration::from_millis(2500), "{path}");
        }
    }

    #[tokio::test]
    async fn a_body_is_cut_only_beyond_the_limit() {
        let server = Server::home(|request, _| {
            let length = request.split([' ', '/']).nth(2).unwrap().parse().unwrap();
            page(&"a".repeat(length))
        })
        .await;
        let limits = FetchLimits {
            max_bytes: 1000,
            ..limits()
        };
        let fetcher = fetcher_for(&server, limits);
        for (length, kept, truncated) in [
            (0, 0, false),
            (999, 999, false),
            (1000, 1000, false),
            (1001, 1000, true),
        ] {
            let fetched = get(&fetcher, &server.url(&format!("/{length}")))
                .await
                .unwrap();
            assert_eq!(
                (fetched.body.len(), fetched.truncated),
                (kept, truncated),
                "{length}"
            );
        }
    }

    #[tokio::test]
    async fn an_endless_body_is_cut_and_the_connection_let_go() {
        let server = Server::home(|_, _| {
            vec![
                send("HTTP/1.1 200 OK\r\n\r\n"),
                Step::Forever(vec![b'a'; 65536], 0),
            ]
        })
        .await;
        let fetched = get(&fetcher_for(&server, limits()), &server.url("/"))
            .await
            .unwrap();
        assert!(fetched.truncated);
        assert_eq!(fetched.body.len(), 1024 * 1024);
        sleep(Duration::from_millis(100)).await;
        let sent = server.sent.load(Ordering::SeqCst);
        sleep(Duration::from_millis(100)).await;
        assert_eq!(server.sent.load(Ordering::SeqCst), sent);
    }

    #[tokio::test]
    async fn a_packed_body_is_unpacked_and_its_packing_forgotten() {
        let body = packed("Straße".repeat(1000).as_bytes());
        let server = Server::home(move |_, _| gzip_reply(&body)).await;
        let fetched = get(&fetcher_for(&server, limits()), &server.url("/"))
            .await
            .unwrap();
        assert_eq!(fetched.body, "Straße".repeat(1000).as_bytes());
        assert!(!fetched.truncated);
        assert_eq!(fetched.header("content-encoding"), None);
        assert_eq!(fetched.header("content-length"), None);
    }

    #[tokio::test]
    async fn a_gzip_bomb_is_cut_once_unpacked_that_far() {
        let bomb = packed(&vec![0; 200 * 1024 * 1024]);
        assert!(bomb.len() < 1024 * 1024);
        let server = Server::home(move |_, _| gzip_reply(&bomb)).await;
        let fetcher = fetcher_for(&server, FetchLimits::default());
        let began = Instant::now();
        let fetched = get(&fetcher, &server.url("/")).await.unwrap();
        assert!(fetched.truncated);
        assert_eq!(fetched.body, vec![0; 1024 * 1024]);
        assert!(began.elapsed() < Duration::from_secs(1));
    }

    #[tokio::test]
    async fn a_packed_body_is_cut_by_its_packed_size_too() {
        // Each member unpacks to nothing, so only the bytes as sent ever grow.
        let empty = packed(b"");
        let server = Server::home(move |_, _| {
            vec![
                send("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"),
                Step::Forever(empty.repeat(1000), 0),
            ]
        })
        .await;
        let limits = FetchLimits {
            max_bytes: 100 * 1024,
            ..FetchLimits::default()
        };
        let fetched = get(&fetcher_for(&server, limits), &server.url("/"))
            .await
            .unwrap();
        assert!(fetched.truncated && fetched.body.is_empty());
    }

    #[tokio::test]
    async fn broken_replies_are_told_from_broken_connections() {
        let half = packed(&b"abc".repeat(1000));
        let half = half[..half.len() - 6].to_vec();
        let server = Server::home(move |request, _| match request.split(' ').nth(1) {
            Some("/no-gzip") => gzip_reply(b"this is no gzip at all, is it"),
            Some("/half-gzip") => gzip_reply(&half),
            Some("/brotli") => {
                vec![send(
                    "HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 0\r\n\r\n",
                )]
            }
            Some("/twice") => vec![send(
                "HTTP/1.1 200 OK\r\nContent-Encoding: gzip, gzip\r\nContent-Length: 0\r\n\r\n",
            )],
            Some("/headers") => {
                vec![send(format!(
                    "HTTP/1.1 200 OK\r\nX: {}\r\n\r\n",
                    "a".repeat(70_000)
                ))]
            }
            Some("/early") => vec![send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")],
            Some("/nothing") => vec![],
            Some("/many") => {
                let many = "X: a\r\n".repeat(1000);
                vec![send(format!("HTTP/1.1 200 OK\r\n{many}\r\n"))]
            }
            _ => vec![send("SSH-2.0-OpenSSH\r\n\r\n")],
        })
        .await;
        let fetcher = fetcher_for(&server, limits());
        for path in ["/no-gzip", "/half-gzip", "/brotli", "/twice", "/headers"] {
            let error = get(&fetcher, &server.url(path)).await.unwrap_err();
            assert!(matches!(error, FetchError::Broken(_)), "{path}: {error}");
            assert!(!error.is_temporary());
        }
        for path in ["/early", "/nothing", "/many", "/ssh"] {
            let error = get(&fetcher, &server.url(path)).await.unwrap_err();
            assert!(
                matches!(error, FetchError::Interrupted(_)),
                "{path}: {error}"
            );
            assert!(error.is_temporary());
        }
    }

    #[tokio::test]
    async fn a_closed_port_is_a_failed_connection() {
        let listener = TcpListener::bind((HOME, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let fetcher = fetcher_with(&["127.0.0.1/32".into()], &[], limits(), None);
        let url = Url::parse(&format!("http://127.0.0.1:{port}/")).unwrap();
        let error = get(&fetcher, &url).await.unwrap_err();
        assert!(matches!(error, FetchError::Connect(_)), "{error}");
        assert!(error.is_temporary());
    }

    #[tokio::test]
    async fn https_begins_with_tls_and_fails_where_there_is_none() {
        let listener = TcpListener::bind((HOME, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let first = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut hello = vec![0; 2048];
            let read = stream.read(&mut hello).await.unwrap();
            stream
                .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                .await
                .unwrap();
            hello.truncate(read);
            hello
        });
        let dns = Dns::start(|_, _| vec![HOME]).await;
        let allow = [format!("127.0.0.1/32:{port}")];
        let fetcher = fetcher_with(&allow, &[], limits(), Some(dns.address));
        let url = Url::parse(&format!("https://secure.example:{port}/")).unwrap();
        let error = get(&fetcher, &url).await.unwrap_err();
        assert!(matches!(error, FetchError::Connect(_)), "{error}");
        let hello = first.await.unwrap();
        assert_eq!(hello[0], 0x16);
        let contains = |text: &[u8]| hello.windows(text.len()).any(|window| window == text);
        assert!(contains(b"secure.example") && contains(b"http/1.1"));
    }

    #[tokio::test]
    async fn one_bad_address_among_good_ones_refuses_the_name() {
        let server = Server::home(|_, _| page("good")).await;
        let bad = Server::start(Ipv4Addr::new(127, 0, 0, 2).into(), |_, _| page("bad")).await;
        let dns = Dns::start(|name, _| match name {
            "good.example" => vec![HOME],
            "mixed.example" => vec![HOME, Ipv4Addr::new(127, 0, 0, 2).into()],
            "six.example" => vec![HOME, Ipv6Addr::LOCALHOST.into()],
            _ => vec![],
        })
        .await;
        let allow = [format!("127.0.0.1/32:{}", server.port)];
        let fetcher = fetcher_with(&allow, &[80, 443], limits(), Some(dns.address));
        let url = |name| Url::parse(&format!("http://{name}:{}/", server.port)).unwrap();
        for name in ["mixed.example", "six.example"] {
            let error = get(&fetcher, &url(name)).await.unwrap_err();
            assert!(
                matches!(error, FetchError::Refused(Refusal::Address(..))),
                "{name}: {error}"
            );
        }
        let error = get(&fetcher, &url("missing.example")).await.unwrap_err();
        assert!(matches!(error, FetchError::Resolve(_)), "{error}");
        assert!(error.is_temporary());
        assert_eq!(server.count(), 0);
        for name in ["good.example", "good.example.", "GOOD.example"] {
            assert_eq!(
                get(&fetcher, &url(name)).await.unwrap().body,
                b"good",
                "{name}"
            );
        }
        assert!(server.requests()[0].contains(&format!("host: good.example:{}", server.port)));
        // Binding to a second loopback address does not work everywhere.
        assert_eq!(bad.map_or(0, |bad| bad.count()), 0);
    }

    #[tokio::test]
    async fn a_name_is_looked_up_once_for_each_hop() {
        let server = Server::home(|request, port| match request.split(' ').nth(1) {
            Some("/a") => redirect(302, "/b"),
            Some("/b") => redirect(302, &format!("http://other.example:{port}/c")),
            _ => page("end"),
        })
        .await;
        let dns = Dns::start(|_, _| vec![HOME]).await;
        let allow = [format!("127.0.0.1/32:{}", server.port)];
        let fetcher = fetcher_with(&allow, &[], limits(), Some(dns.address));
        let url = Url::parse(&format!("http://one.example:{}/a", server.port)).unwrap();
        assert_eq!(get(&fetcher, &url).await.unwrap().body, b"end");
        assert_eq!(server.count(), 3);
        let mut names: Vec<String> = dns
            .asked
            .lock()
            .unwrap()
            .iter()
            .map(|(name, _)| name.clone())
            .collect();
        // A resolver that is slow to be heard is asked once more; that is no other lookup.
        let asked = names.len();
        assert!((6..=12).contains(&asked), "{names:?}");
        names.dedup();
        assert_eq!(names, ["one.example", "other.example"]);
    }

    #[tokio::test]
    async fn a_name_that_changes_its_answer_between_hops_is_judged_again() {
        let server = Server::home(|_, _| redirect(302, "/again")).await;
        let dns = Dns::start(|_, time| match time {
            1 => vec![HOME],
            _ => vec![Ipv4Addr::new(127, 0, 0, 2).into()],
        })
        .await;
        let allow = [format!("127.0.0.1/32:{}", server.port)];
        let fetcher = fetcher_with(&allow, &[], limits(), Some(dns.address));
        let url = Url::parse(&format!("http://rebind.example:{}/", server.port)).unwrap();
        let error = get(&fetcher, &url).await.unwrap_err();
        assert!(
            matches!(error, FetchError::Refused(Refusal::Address(..))),
            "{error}"
        );
        assert_eq!((server.count(), dns.counts()), (1, (2, 2)));
    }

    #[tokio::test]
    async fn a_silent_dns_server_ends_with_the_deadline() {
        let socket = UdpSocket::bind((HOME, 0)).await.unwrap();
        let fetcher = fetcher_with(&[], &[80], limits(), Some(socket.local_addr().unwrap()));
        let began = Instant::now();
        let error = get(&fetcher, &Url::parse("http://silent.example/").unwrap()).await;
        assert!(matches!(error, Err(FetchError::Timeout)));
        assert!(began.elapsed() < Duration::from_millis(2500));
    }

    #[tokio::test]
    async fn no_more_than_the_allowed_number_run_at_once_and_the_rest_get_their_turn() {
        let server = Server::home(|_, _| {
            let mut steps = vec![Step::Wait(400)];
            steps.extend(page("turn"));
            steps
        })
        .await;
        let fetcher = fetcher_for(&server, limits());
        let fetches: Vec<_> = (0..AT_ONCE + 4)
            .map(|_| {
                let (fetcher, url) = (fetcher.clone(), server.url("/"));
                tokio::spawn(async move { get(&fetcher, &url).await })
            })
            .collect();
        sleep(Duration::from_millis(200)).await;
        assert_eq!(server.count(), AT_ONCE);
        for fetch in fetches {
            assert_eq!(fetch.await.unwrap().unwrap().body, b"turn");
        }
        assert_eq!(server.count(), AT_ONCE + 4);
    }

    #[test]
    fn a_user_agent_that_is_no_header_cannot_be_set_up() {
        let guard = Guard::new(Vec::new(), Vec::new());
        let made = Fetcher::new(
            guard,
            FetchLimits::default(),
            None,
            "a\r\nb".into(),
            unlimited(),
        );
        assert!(matches!(made, Err(FetchError::Setup(_))));
    }
}
