//! Work that takes the processor for a while, done beside the async threads, and only so much at
//! once: whatever strangers send, the threads that answer requests stay free.

use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::error::{Error, Result};

/// The longest wait for a turn.
const MAX_WAIT: Duration = Duration::from_secs(5);
/// The most threads that work at once, however many cores there are.
const MAX_THREADS: usize = 8;

/// A bounded number of threads for work that takes the processor.
pub struct CpuPool {
    turns: Arc<Semaphore>,
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
    fn new(threads: usize, max_wait: Duration) -> Self {
        Self {
            turns: Arc::new(Semaphore::new(threads)),
            max_wait,
        }
    }

    /// Does `work` on a thread of its own. [`Error::Unavailable`] where no turn came in time.
    ///
    /// The turn is given back when the work is done, even where nobody waits for it any more: a
    /// client that hangs up cannot start more of it than there are threads.
    pub async fn run<T: Send + 'static>(
        &self,
        doing: &'static str,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        let turn = timeout(self.max_wait, Arc::clone(&self.turns).acquire_owned())
            .await
            .map_err(|_| {
                metrics::counter!("rejoinder_cpu_pool_full_total").increment(1);
                Error::Unavailable(
                    "the site is very busy right now: please try again in a moment".to_owned(),
                )
            })?
            .map_err(|error| Error::internal(doing, error))?;
        spawn_blocking(move || {
            let _turn = turn;
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
    async fn who_gets_no_turn_in_time_is_told_so() {
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
        // Nobody waits for the first any more: its turn is its own until it is done.
        first.abort();
        assert!(pool.run("hurry", || ()).await.is_err());
        finish.send(()).unwrap();
        assert!(pool.run("hurry", || ()).await.is_ok());
    }

    #[tokio::test]
    async fn a_panic_gives_its_turn_back() {
        let pool = CpuPool::new(1, Duration::from_secs(5));
        let broken = pool.run("break", || panic!("on purpose")).await;
        assert!(matches!(broken, Err(Error::Internal { .. })));
        assert!(pool.run("go on", || ()).await.is_ok());
    }
}
