//! A pool of a few threads for work that takes the processor for a while, such as rendering: whatever
//! clients send, the async threads that answer requests stay free. Knows nothing of the work.

use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::error::{Error, Result};
use crate::texts::Message;

/// The longest wait for a free thread.
const MAX_WAIT: Duration = Duration::from_secs(5);
/// Holds on machines with more cores too.
const MAX_THREADS: usize = 8;
const MAX_PICTURE_THREADS: usize = 4;
const MAX_WAIT_FOR_PICTURES: Duration = Duration::from_secs(120);

/// Limits how many threads work at once.
pub struct CpuPool {
    permits: Arc<Semaphore>,
    max_wait: Duration,
}

impl Default for CpuPool {
    /// As many threads as there are cores, up to a limit.
    fn default() -> Self {
        let cores = available_parallelism().map_or(1, usize::from);
        Self::new(cores.min(MAX_THREADS), MAX_WAIT)
    }
}

impl CpuPool {
    /// For pictures: a large one takes some seconds and some hundred MiB of memory, so few are worked on
    /// at once, and an upload waits longer for its turn.
    pub fn for_pictures() -> Self {
        let cores = available_parallelism().map_or(1, usize::from);
        Self::new(
            (cores / 2).clamp(1, MAX_PICTURE_THREADS),
            MAX_WAIT_FOR_PICTURES,
        )
    }

    fn new(threads: usize, max_wait: Duration) -> Self {
        Self {
            permits: Arc::new(Semaphore::new(threads)),
            max_wait,
        }
    }

    /// Runs `work` on a thread of its own; [`Error::Unavailable`] where none was free in time.
    ///
    /// The permit is released when the work ends, even where nobody waits for it any longer: a client
    /// that disconnects cannot start more work than there are threads.
    pub async fn run<T: Send + 'static>(
        &self,
        doing: &'static str,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        let permit = timeout(self.max_wait, Arc::clone(&self.permits).acquire_owned())
            .await
            .map_err(|_| {
                metrics::counter!("rejoinder_cpu_pool_full_total").increment(1);
                Error::Unavailable(Message::new("site-busy"))
            })?
            .map_err(|error| Error::internal(doing, error))?;
        spawn_blocking(move || {
            let _permit = permit;
            work()
        })
        .await
        .map_err(|error| Error::internal(doing, error))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn work_that_finds_no_free_thread_in_time_fails() {
        let pool = Arc::new(CpuPool::new(1, Duration::from_millis(20)));
        let (started, has_started) = mpsc::channel();
        let (finish, may_finish) = mpsc::channel::<()>();
        let first = tokio::spawn({
            let pool = Arc::clone(&pool);
            async move {
                pool.run("wait", move || {
                    let _ = started.send(());
                    may_finish.recv().is_ok()
                })
                .await
            }
        });
        spawn_blocking(move || has_started.recv())
            .await
            .unwrap()
            .unwrap();
        let second = pool.run("hurry", || ()).await;
        assert!(matches!(second, Err(Error::Unavailable(_))), "{second:?}");
        // Nobody waits for the first any longer: it keeps its permit until it is done.
        first.abort();
        assert!(pool.run("hurry", || ()).await.is_err());
        finish.send(()).unwrap();
        assert!(pool.run("hurry", || ()).await.is_ok());
    }

    #[tokio::test]
    async fn a_panic_releases_its_permit() {
        let pool = CpuPool::new(1, Duration::from_secs(5));
        let broken = pool.run("break", || panic!("on purpose")).await;
        assert!(matches!(broken, Err(Error::Internal { .. })));
        assert!(pool.run("go on", || ()).await.is_ok());
    }
}
