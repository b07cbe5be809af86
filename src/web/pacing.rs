//! Streams and bodies that note how a client gets on with them, for `connections` to judge.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes};
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::{Instant, Sleep, sleep_until, timeout};

use crate::web::connections::{Connection, UnderWay};

/// How much of an answer is handed to HTTP/2 at once. What it was handed is out of reach: a client
/// that stops reading must not keep much of it in memory.
const PIECE: usize = 8 * 1024;
/// How long, for how many connections at once and for how many bytes what a client still sends is
/// thrown away before its connection is closed: closed at once, it would not see its answer.
const LINGER: Duration = Duration::from_secs(2);
const MAX_LINGERING: usize = 256;
const MAX_LINGER_BYTES: usize = 32 * 1024 * 1024;

static LINGERING: Semaphore = Semaphore::const_new(MAX_LINGERING);

/// A client's stream.
pub struct Watched {
    stream: Option<TcpStream>,
    connection: Arc<Connection>,
    write_patience: Duration,
}

impl Watched {
    /// Watches `stream`.
    pub fn new(stream: TcpStream, connection: Arc<Connection>, write_patience: Duration) -> Self {
        Self {
            stream: Some(stream),
            connection,
            write_patience,
        }
    }

    fn stream(&mut self) -> io::Result<Pin<&mut TcpStream>> {
        self.stream
            .as_mut()
            .map(Pin::new)
            .ok_or_else(|| io::ErrorKind::NotConnected.into())
    }

    fn note(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match &written {
            Poll::Ready(Ok(bytes)) => self.connection.has_written(*bytes),
            Poll::Ready(Err(_)) => {}
            Poll::Pending => self.connection.is_blocked(self.write_patience),
        }
        written
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(self.stream()?.poll_read(cx, buffer))?;
        if buffer.filled().len() > before {
            self.connection.has_read();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = self.stream()?.poll_write(cx, bytes);
        self.note(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = self.stream()?.poll_write_vectored(cx, slices);
        self.note(written)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.stream()?.poll_flush(cx))?;
        self.connection.has_flushed();
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream()?.poll_shutdown(cx)
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let Some(stream) = self.stream.take() else {
            return;
        };
        if self.connection.has_unread_body()
            && let Ok(permit) = LINGERING.try_acquire()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(async move {
                let _ = timeout(LINGER, throw_away(stream)).await;
                drop(permit);
            });
        }
    }
}

async fn throw_away(mut stream: TcpStream) -> io::Result<()> {
    stream.shutdown().await?;
    let mut rubbish = vec![0; 16 * 1024];
    let mut seen = 0;
    while seen < MAX_LINGER_BYTES {
        match stream.read(&mut rubbish).await? {
            0 => break,
            bytes => seen += bytes,
        }
    }
    Ok(())
}

/// Why a body was not read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// The client took too long.
    #[error("the body did not arrive in time")]
    TooSlow,
    /// The bodies of other requests fill the memory that there is for them.
    #[error("too many bodies arrive at once")]
    NoRoom,
    /// It is larger than what is taken.
    #[error("the body is too large")]
    TooLarge,
}

impl BodyError {
    /// Finds it under what an extractor made of it.
    pub fn under(error: &(dyn std::error::Error + 'static)) -> Option<Self> {
        let mut next = Some(error);
        while let Some(error) = next {
            if let Some(found) = error.downcast_ref::<Self>() {
                return Some(*found);
            }
            if error.is::<http_body_util::LengthLimitError>() {
                return Some(Self::TooLarge);
            }
            next = error.source();
        }
        None
    }
}

/// The body of a request, which has to arrive in time.
pub struct RequestBody {
    inner: Incoming,
    end: Instant,
    timer: Option<Pin<Box<Sleep>>>,
    under_way: Arc<UnderWay>,
}

impl RequestBody {
    /// `inner`, within `patience` from now.
    pub fn new(inner: Incoming, patience: Duration, under_way: Arc<UnderWay>) -> Self {
        Self {
            inner,
            end: Instant::now() + patience,
            timer: None,
            under_way,
        }
    }
}

impl HttpBody for RequestBody {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        match Pin::new(&mut self.inner).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                if let Some(data) = frame.data_ref()
                    && !self.under_way.holds(data.len())
                {
                    return Poll::Ready(Some(Err(BodyError::NoRoom.into())));
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(error.into()))),
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => {
                let end = self.end;
                let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(end)));
                ready!(timer.as_mut().poll(cx));
                Poll::Ready(Some(Err(BodyError::TooSlow.into())))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        if !self.inner.is_end_stream() {
            self.under_way.leaves_body_unread();
        }
    }
}

/// The body of an answer, handed out in pieces.
pub struct AnswerBody {
    inner: Body,
    rest: Bytes,
    piece: usize,
    under_way: Arc<UnderWay>,
}

impl AnswerBody {
    /// `inner`; in small pieces for HTTP/2.
    pub fn new(inner: Body, is_http2: bool, under_way: Arc<UnderWay>) -> Self {
        under_way.has_progressed();
        under_way.is_answered(inner.size_hint().lower());
        Self {
            inner,
            rest: Bytes::new(),
            piece: if is_http2 { PIECE } else { usize::MAX },
            under_way,
        }
    }
}

impl HttpBody for AnswerBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.rest.is_empty() {
            match Pin::new(&mut self.inner).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                    Ok(data) => self.rest = data,
                    Err(other) => return Poll::Ready(Some(Ok(other))),
                },
                Poll::Ready(other) => return Poll::Ready(other),
                Poll::Pending => {
                    self.under_way.is_being_made();
                    return Poll::Pending;
                }
            }
        }
        self.under_way.has_progressed();
        let piece = self.piece.min(self.rest.len());
        let piece = self.rest.split_to(piece);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let rest = self.rest.len() as u64;
        let inner = self.inner.size_hint();
        let mut hint = SizeHint::new();
        hint.set_lower(inner.lower() + rest);
        if let Some(upper) = inner.upper() {
            hint.set_upper(upper + rest);
        }
        hint
    }
}
