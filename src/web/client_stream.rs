//! A client's TCP stream, which reports what is read and written on it to its [`Connection`]. Decides nothing
//! about timeouts.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::web::connections::connection::Connection;

/// How long, for how many connections at once and up to how many bytes what a client still sends is
/// discarded before its connection is closed: closed at once, the client would not see its answer.
const LINGER: Duration = Duration::from_secs(2);
const MAX_LINGERING: usize = 256;
const MAX_LINGER_BYTES: usize = 32 * 1024 * 1024;

static LINGERING: Semaphore = Semaphore::const_new(MAX_LINGERING);

pub struct ClientStream {
    stream: Option<TcpStream>,
    connection: Arc<Connection>,
    write_timeout: Duration,
}

impl ClientStream {
    pub fn new(stream: TcpStream, connection: Arc<Connection>, write_timeout: Duration) -> Self {
        Self {
            stream: Some(stream),
            connection,
            write_timeout,
        }
    }

    fn stream(&mut self) -> io::Result<Pin<&mut TcpStream>> {
        self.stream
            .as_mut()
            .map(Pin::new)
            .ok_or_else(|| io::ErrorKind::NotConnected.into())
    }

    fn note_written(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match &written {
            Poll::Ready(Ok(bytes)) => self.connection.note_sent(*bytes),
            Poll::Ready(Err(_)) => {}
            Poll::Pending => self.connection.note_blocked(self.write_timeout),
        }
        written
    }
}

impl AsyncRead for ClientStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(self.stream()?.poll_read(cx, buffer))?;
        if buffer.filled().len() > before {
            self.connection.note_received();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for ClientStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = self.stream()?.poll_write(cx, bytes);
        self.note_written(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = self.stream()?.poll_write_vectored(cx, slices);
        self.note_written(written)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.stream()?.poll_flush(cx))?;
        self.connection.note_flushed();
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream()?.poll_shutdown(cx)
    }
}

impl Drop for ClientStream {
    fn drop(&mut self) {
        let Some(stream) = self.stream.take() else {
            return;
        };
        if self.connection.has_unread_body()
            && let Ok(permit) = LINGERING.try_acquire()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(async move {
                let _ = timeout(LINGER, discard(stream)).await;
                drop(permit);
            });
        }
    }
}

async fn discard(mut stream: TcpStream) -> io::Result<()> {
    stream.shutdown().await?;
    let mut buffer = vec![0; 16 * 1024];
    let mut discarded = 0;
    while discarded < MAX_LINGER_BYTES {
        match stream.read(&mut buffer).await? {
            0 => break,
            bytes => discarded += bytes,
        }
    }
    Ok(())
}
