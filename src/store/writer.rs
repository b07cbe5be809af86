//! SQLite's one writer: runs the writes that wait as one transaction, so that many share the cost
//! of making it durable. Each is acknowledged only after the commit; when one of a batch fails,
//! all are rolled back and replayed singly, so that the others do not suffer.

use std::sync::Mutex;
use std::time::Duration;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, SqliteTransactionMode, Statement, TransactionOptions,
    TransactionTrait,
};
use tokio::sync::{mpsc, oneshot};

use crate::error::{Error, Result};
use crate::store::changes::Changes;
use crate::store::tx::{Tx, TxFuture, TxWork};
use crate::texts::Message;

/// A batch no longer than this keeps the first of its writers from waiting long.
const MAX_BATCH: usize = 128;
/// How many writes may wait before writers are held back.
const MAX_WAITING: usize = 1024;
/// How often the writer looks for another process's commits while it has nothing to write.
const POLL_INTERVAL: Duration = Duration::from_millis(250);

/// A write whose result type is hidden, so that different ones fit one queue.
trait QueuedWrite: Send + Sync {
    fn run<'t>(&'t self, tx: &'t Tx) -> TxFuture<'t, ()>;
    fn answer(self: Box<Self>, outcome: Result<()>);
}

struct PendingWrite<T, F> {
    work: F,
    done: Mutex<Option<T>>,
    answer: oneshot::Sender<Result<T>>,
}

impl<T: Send, F: TxWork<T>> QueuedWrite for PendingWrite<T, F> {
    fn run<'t>(&'t self, tx: &'t Tx) -> TxFuture<'t, ()> {
        Box::pin(async move {
            let value = self.work.run(tx).await?;
            *self.done.lock().unwrap_or_else(|e| e.into_inner()) = Some(value);
            Ok(())
        })
    }

    fn answer(self: Box<Self>, outcome: Result<()>) {
        let value = self.done.into_inner().unwrap_or_else(|e| e.into_inner());
        let answer = outcome.and_then(|()| {
            value.ok_or_else(|| Error::internal("finish a write", "it left no result"))
        });
        // The caller may have gone away; the write is committed all the same.
        let _ = self.answer.send(answer);
    }
}

/// Sends writes to the writer.
#[derive(Clone)]
pub(super) struct Writer {
    queue: mpsc::Sender<Box<dyn QueuedWrite>>,
}

impl Writer {
    /// Starts the writer on a connection that nothing else uses.
    pub(super) fn start(connection: DatabaseConnection, changes: Changes) -> Self {
        let (queue, waiting) = mpsc::channel(MAX_WAITING);
        tokio::spawn(run(connection, changes, waiting));
        Self { queue }
    }

    pub(super) async fn write<T: Send + 'static, F: TxWork<T> + 'static>(
        &self,
        work: F,
    ) -> Result<T> {
        let (answer, outcome) = oneshot::channel();
        let job = PendingWrite {
            work,
            done: Mutex::new(None),
            answer,
        };
        let stopped = || Error::Unavailable(Message::new("database-busy"));
        self.queue
            .send(Box::new(job))
            .await
            .map_err(|_| stopped())?;
        outcome.await.map_err(|_| stopped())?
    }
}

async fn run(
    connection: DatabaseConnection,
    changes: Changes,
    mut waiting: mpsc::Receiver<Box<dyn QueuedWrite>>,
) {
    let mut seen = data_version(&connection).await;
    loop {
        let first = tokio::time::timeout(POLL_INTERVAL, waiting.recv()).await;
        let version = data_version(&connection).await;
        if version != seen {
            seen = version;
            changes.invalidate_all();
        }
        let mut batch = match first {
            Err(_) => continue,
            Ok(None) => break,
            Ok(Some(job)) => vec![job],
        };
        while batch.len() < MAX_BATCH {
            match waiting.try_recv() {
                Ok(job) => batch.push(job),
                Err(_) => break,
            }
        }
        // In a task of its own: a defect in one write must not end all writing.
        let batch = tokio::spawn(run_batch(connection.clone(), changes.clone(), batch));
        if let Err(error) = batch.await {
            tracing::error!(%error, "finish a batch of writes");
        }
    }
    if let Err(error) = connection.close().await {
        tracing::warn!(%error, "close the writing connection");
    }
}

async fn run_batch(
    connection: DatabaseConnection,
    changes: Changes,
    batch: Vec<Box<dyn QueuedWrite>>,
) {
    let together = run_together(&connection, &changes, &batch).await;
    let replay = together.is_err() && batch.len() > 1;
    let mut outcome = Some(together);
    for job in batch {
        let outcome_of_job = if replay {
            run_together(&connection, &changes, std::slice::from_ref(&job)).await
        } else {
            // An error cannot be cloned; here it belongs to the only write there is.
            outcome.take().unwrap_or(Ok(()))
        };
        job.answer(outcome_of_job);
    }
}

async fn run_together(
    connection: &DatabaseConnection,
    changes: &Changes,
    batch: &[Box<dyn QueuedWrite>],
) -> Result<()> {
    let transaction = connection
        .begin_with_options(TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..Default::default()
        })
        .await?;
    let tx = Tx::new(transaction);
    for job in batch {
        if let Err(error) = job.run(&tx).await {
            tx.rollback().await;
            return Err(error);
        }
    }
    let invalidated = tx.commit().await?;
    changes.invalidate(&invalidated);
    Ok(())
}

/// Differs from the last reading only where *another* connection has committed; zero where it
/// cannot be read, which the next try fixes.
async fn data_version(connection: &DatabaseConnection) -> i64 {
    let statement =
        Statement::from_string(connection.get_database_backend(), "PRAGMA data_version");
    match connection.query_one_raw(statement).await {
        Ok(Some(row)) => row.try_get_by_index(0).unwrap_or(0),
        _ => 0,
    }
}
