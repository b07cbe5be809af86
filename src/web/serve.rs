//! The HTTP server: accepts connections within limits on their number and on how long a client may take for
//! each part of a request, and stops once active requests are finished. Knows no routes.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderValue, Method, Version, header};
use axum::response::Response;
use hyper::body::{Body as HttpBody, Incoming};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{interval, sleep, timeout};
use tower::ServiceExt;

use crate::config::ServerSettings;
use crate::web::bodies::{AnswerBody, BodyKind, RequestBody};
use crate::web::body_limits;
use crate::web::client_stream::ClientStream;
use crate::web::connections::connection::ConnectionTimeouts;
use crate::web::connections::{ConnectionLimits, ConnectionSlot, Connections};

/// The largest head of a request, in bytes, and the number of its header lines.
const MAX_HEAD: usize = 32 * 1024;
const MAX_HEADER_LINES: usize = 100;
/// HTTP/2: requests at once on a connection; how much of their bodies may wait to be read, for each
/// and for all of them, and of their answers to be sent, in bytes; requests that the client reset.
const MAX_STREAMS: u32 = 64;
const STREAM_WINDOW: u32 = 64 * 1024;
const CONNECTION_WINDOW: u32 = 256 * 1024;
const SEND_BUFFER: usize = 16 * 1024;
const MAX_RESETS: usize = 64;
/// HTTP/2: how often a silent client is asked whether it is still there, and how long it may take.
const PING_INTERVAL: Duration = Duration::from_secs(20);
const PING_TIMEOUT: Duration = Duration::from_secs(10);
/// How often the timeouts of connections are checked.
const CHECK_INTERVAL: Duration = Duration::from_millis(500);
/// Open files that are not connections from clients: databases, logs, connections to other sites.
const OTHER_FILES: u64 = 256;

/// The answer where the limit on connections is reached.
const TOO_MANY_CONNECTIONS: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\nretry-after: 5\r\n\
    content-type: text/plain; charset=utf-8\r\ncontent-length: 32\r\n\r\nToo many connections right now.\n";

/// Serves `router` on `listener` until `stop` is set, and then for up to `stop_timeout` until active
/// requests are finished.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    settings: ServerSettings,
    mut stop: watch::Receiver<bool>,
    stop_timeout: Duration,
) {
    let connections = Arc::new(Connections::new(
        connection_limits(&settings),
        ConnectionTimeouts {
            head: Duration::from_secs(settings.header_timeout),
            body: Duration::from_secs(settings.body_timeout),
            write: Duration::from_secs(settings.write_timeout),
            idle: Duration::from_secs(settings.idle_timeout),
        },
    ));
    let builder = builder();
    let mut check = interval(CHECK_INTERVAL);
    let mut serving = JoinSet::new();
    loop {
        let (stream, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Most likely out of file descriptors: close an idle connection.
                    tracing::warn!(%error, "accept a connection");
                    connections.close_idle();
                    sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
            _ = check.tick() => {
                connections.enforce_timeouts();
                while serving.try_join_next().is_some() {}
                continue;
            }
            () = stopped(&mut stop) => break,
        };
        let client = (!settings.trusts(peer.ip().to_canonical())).then(|| peer.ip());
        let Some(slot) = connections.open(client) else {
            refuse(&stream);
            continue;
        };
        let connection = serve_connection(
            builder.clone(),
            stream,
            peer,
            router.clone(),
            slot,
            connections.timeouts(),
            stop.clone(),
        );
        serving.spawn(connection);
    }
    drop(listener);
    let finished = async {
        loop {
            tokio::select! {
                done = serving.join_next() => if done.is_none() { break },
                _ = check.tick() => connections.enforce_timeouts(),
            }
        }
    };
    if timeout(stop_timeout, finished).await.is_err() {
        tracing::warn!("stop although requests are still active");
    }
}

fn builder() -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        // Timed by `connections`, which distinguishes an idle connection from a slow head.
        .header_read_timeout(None)
        .max_buf_size(MAX_HEAD)
        .max_headers(MAX_HEADER_LINES);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(Some(PING_INTERVAL))
        .keep_alive_timeout(PING_TIMEOUT)
        .max_concurrent_streams(MAX_STREAMS)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_send_buf_size(SEND_BUFFER)
        .max_header_list_size(u32::try_from(MAX_HEAD).unwrap_or(u32::MAX))
        .max_pending_accept_reset_streams(MAX_RESETS)
        .max_local_error_reset_streams(MAX_RESETS);
    builder
}

async fn serve_connection(
    builder: auto::Builder<TokioExecutor>,
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    slot: ConnectionSlot,
    timeouts: ConnectionTimeouts,
    mut stop: watch::Receiver<bool>,
) {
    let _ = stream.set_nodelay(true);
    let slot = Arc::new(slot);
    let stream = ClientStream::new(stream, Arc::clone(&slot.connection), timeouts.write);
    let service = {
        let slot = Arc::clone(&slot);
        hyper::service::service_fn(move |request| {
            answer(router.clone(), request, peer, Arc::clone(&slot), timeouts)
        })
    };
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
    let mut is_finishing = false;
    loop {
        tokio::select! {
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "serve a connection");
                }
                break;
            }
            () = slot.connection.close.notified() => {
                metrics::counter!("rejoinder_connections_cut_total").increment(1);
                break;
            }
            () = slot.connection.finish.notified(), if !is_finishing => {
                is_finishing = true;
                connection.as_mut().graceful_shutdown();
            }
            () = stopped(&mut stop), if !is_finishing => {
                is_finishing = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}

async fn answer(
    router: Router,
    request: hyper::Request<Incoming>,
    peer: SocketAddr,
    slot: Arc<ConnectionSlot>,
    timeouts: ConnectionTimeouts,
) -> Result<hyper::Response<AnswerBody>, Infallible> {
    let is_http2 = request.version() == Version::HTTP_2;
    let is_head = request.method() == Method::HEAD;
    let is_chunked = request.headers().contains_key(header::TRANSFER_ENCODING);
    let active = Arc::new(slot.begin_request(is_http2));
    let kind = match body_limits::is_upload(request.method(), request.uri().path()) {
        true => BodyKind::Streamed,
        false => BodyKind::Kept,
    };
    let mut request = request.map(|body| {
        Body::new(RequestBody::new(
            body,
            kind,
            timeouts.body,
            Arc::clone(&active),
        ))
    });
    request.extensions_mut().insert(ConnectInfo(peer));
    let mut response: Response = match router.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    if is_head && is_http2 {
        // hyper leaves the body out for HTTP/1 alone.
        if let Some(length) = response.body().size_hint().exact()
            && length > 0
        {
            response
                .headers_mut()
                .entry(header::CONTENT_LENGTH)
                .or_insert(HeaderValue::from(length));
        }
        *response.body_mut() = Body::empty();
    }
    if is_chunked && !is_http2 {
        // Where a proxy in between saw another end of this request than we did, the next one on this
        // connection would not be its reader's own (RFC 9112, section 6.1).
        response
            .headers_mut()
            .insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    Ok(response.map(|body| AnswerBody::new(body, is_http2, active)))
}

/// Sends the refusal as far as that is possible without waiting.
fn refuse(stream: &TcpStream) {
    metrics::counter!("rejoinder_connections_refused_total").increment(1);
    let _ = stream.try_write(TOO_MANY_CONNECTIONS);
}

/// What the settings allow, as far as the process may open files.
fn connection_limits(settings: &ServerSettings) -> ConnectionLimits {
    let files = open_files();
    let total = match files {
        Some(files) => settings
            .max_connections
            .min(usize::try_from(files.saturating_sub(OTHER_FILES).max(64)).unwrap_or(usize::MAX)),
        None => settings.max_connections,
    };
    if total < settings.max_connections {
        tracing::warn!(
            total,
            "serve fewer connections than server.max_connections: this process may not open more files"
        );
    }
    ConnectionLimits {
        total,
        per_client: settings.max_connections_per_address,
    }
}

/// How many files this process may open, after raising its limit as far as it is allowed; None for no
/// limit.
pub fn open_files() -> Option<u64> {
    let limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        let wanted = Rlimit {
            current: limit.maximum,
            maximum: limit.maximum,
        };
        let _ = setrlimit(Resource::Nofile, wanted);
    }
    getrlimit(Resource::Nofile).current
}

/// Waits until `stop` is set, or nobody is left who could set it.
pub async fn stopped(stop: &mut watch::Receiver<bool>) {
    // The result borrows from the channel and must not be held across an await.
    let _ = stop.wait_for(|stop| *stop).await;
}
