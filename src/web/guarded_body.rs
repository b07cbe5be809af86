//! The body of an upload while it is read as a form with parts: the parser buffers bytes that do not
//! belong to a part yet, and this limits them. Never looks at what a body says.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use hyper::body::{Body as HttpBody, Frame, SizeHint};

use crate::web::bodies::BodyError;

/// The most bytes that may arrive without a piece of a part.
const MAX_UNREAD: usize = 1024 * 1024;

/// Knows how much of the body arrived since the last piece.
#[derive(Clone, Debug, Default)]
pub struct Progress(Arc<AtomicUsize>);

impl Progress {
    /// A piece was read.
    pub fn note(&self) {
        self.0.store(0, Ordering::Relaxed);
    }
}

/// The body; fails with a [`BodyError`] where nothing is read from it.
pub struct GuardedBody {
    inner: Body,
    progress: Progress,
}

impl GuardedBody {
    pub fn new(inner: Body, progress: Progress) -> Self {
        Self { inner, progress }
    }
}

impl HttpBody for GuardedBody {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let polled = Pin::new(&mut self.inner).poll_frame(cx);
        if let Poll::Ready(Some(Ok(frame))) = &polled
            && let Some(data) = frame.data_ref()
        {
            let before = self.progress.0.fetch_add(data.len(), Ordering::Relaxed);
            if before + data.len() > MAX_UNREAD {
                return Poll::Ready(Some(Err(BodyError::TooLarge.into())));
            }
        }
        polled.map_err(Into::into)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    #[tokio::test]
    async fn what_nobody_reads_is_limited() {
        let progress = Progress::default();
        let body = || GuardedBody::new(Body::from(vec![0; MAX_UNREAD]), progress.clone());
        assert!(body().frame().await.unwrap().is_ok());
        assert!(body().frame().await.unwrap().is_err());
        progress.note();
        assert!(body().frame().await.unwrap().is_ok());
    }
}
