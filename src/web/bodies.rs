//! The bodies of requests and answers, with limits on the time and the memory that they take. Never look
//! at what a body says.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes};
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::web::connections::active_request::ActiveRequest;

/// How much of an answer is handed to HTTP/2 at once, in bytes. What it has is out of reach: a client that
/// stops reading must not keep much of it in memory.
const HTTP2_CHUNK: usize = 8 * 1024;

/// Why the body of a request was not read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    #[error("the body did not arrive in time")]
    TooSlow,
    /// Other bodies use all the memory that there is for them.
    #[error("too many bodies arrive at once")]
    NoMemory,
    #[error("the body is too large")]
    TooLarge,
}

impl BodyError {
    /// Finds it among the causes of an extractor's error.
    pub fn find_in(error: &(dyn std::error::Error + 'static)) -> Option<Self> {
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

/// What happens to the body of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyKind {
    /// It is kept in memory, and has to arrive within the time.
    Kept,
    /// Each piece is written to a file as it arrives, which takes no memory, and no pause may be longer
    /// than the time.
    Streamed,
}

/// The body of a request; fails with a [`BodyError`].
pub struct RequestBody {
    inner: Incoming,
    kind: BodyKind,
    timeout: Duration,
    deadline: Instant,
    timer: Option<Pin<Box<Sleep>>>,
    active: Arc<ActiveRequest>,
}

impl RequestBody {
    /// The time of a body that is kept begins now.
    pub fn new(
        inner: Incoming,
        kind: BodyKind,
        timeout: Duration,
        active: Arc<ActiveRequest>,
    ) -> Self {
        Self {
            inner,
            kind,
            timeout,
            deadline: Instant::now() + timeout,
            timer: None,
            active,
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
                if self.kind == BodyKind::Streamed {
                    self.timer = None;
                } else if let Some(data) = frame.data_ref()
                    && !self.active.reserve_body(data.len())
                {
                    return Poll::Ready(Some(Err(BodyError::NoMemory.into())));
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(error.into()))),
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => {
                let deadline = match self.kind {
                    BodyKind::Kept => self.deadline,
                    BodyKind::Streamed => Instant::now() + self.timeout,
                };
                let timer = self
                    .timer
                    .get_or_insert_with(|| Box::pin(sleep_until(deadline)));
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
            self.active.note_unread_body();
        }
    }
}

/// The body of an answer, in chunks.
pub struct AnswerBody {
    inner: Body,
    rest: Bytes,
    chunk_size: usize,
    active: Arc<ActiveRequest>,
}

impl AnswerBody {
    pub fn new(inner: Body, is_http2: bool, active: Arc<ActiveRequest>) -> Self {
        active.note_progress();
        active.release_body(inner.size_hint().lower());
        Self {
            inner,
            rest: Bytes::new(),
            chunk_size: if is_http2 { HTTP2_CHUNK } else { usize::MAX },
            active,
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
                    self.active.note_pending();
                    return Poll::Pending;
                }
            }
        }
        self.active.note_progress();
        let size = self.chunk_size.min(self.rest.len());
        let chunk = self.rest.split_to(size);
        Poll::Ready(Some(Ok(Frame::data(chunk))))
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
