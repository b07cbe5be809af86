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
use crate::store::tx::{Pending, Tx, Work};

/// A batch no longer than this keeps the first of its writers from waiting long.
const BATCH: usize = 128;
/// How many writes may wait before writers are held back.
const WAITING: usize = 1024;
/// How often another process's commits are looked for while nothing is written.
const LOOK: Duration = Duration::from_millis(250);

/// A write whose result type is hidden, so that different ones fit one queue.
trait Job: Send + Sync {
    fn run<'t>(&'t self, tx: &'t Tx) -> Pending<'t, ()>;
    fn settle(self: Box<Self>, outcome: Result<()>);
}

struct Asked<T, F> {
    work: F,
    done: Mutex<Option<T>>,
    answer: oneshot::Sender<Result<T>>,
}

impl<T: Send, F: Work<T>> Job for Asked<T, F> {
    fn run<'t>(&'t self, tx: &'t Tx) -> Pending<'t, ()> {
        Box::pin(async move {
            let value = self.work.run(tx).await?;
            *self.done.lock().unwrap_or_else(|e| e.into_inner()) = Some(value);
            Ok(())
        })
    }

    fn settle(self: Box<Self>, outcome: Result<()>) {
        let value = self.done.into_inner().unwrap_or_else(|e| e.into_inner());
        let answer = outcome.and_then(|()| {
            value.ok_or_else(|| Error::internal("finish a write", "it left no result"))
        });
        // The one who asked may have gone away; the write stands all the same.
        let _ = self.answer.send(answer);
    }
}

/// The way into the writer's queue.
#[derive(Clone)]
pub(super) struct Writer {
    queue: mpsc::Sender<Box<dyn Job>>,
}

impl Writer {
    /// Starts the writer on a connection that nothing else uses.
    pub(super) fn start(connection: DatabaseConnection, changes: Changes) -> Self {
        let (queue, waiting) = mpsc::channel(WAITING);
        tokio::spawn(work_off(connection, changes, waiting));
        Self { queue }
    }

    pub(super) async fn write<T: Send + 'static, F: Work<T> + 'static>(
        &self,
        work: F,
    ) -> Result<T> {
        let (answer, outcome) = oneshot::channel();
        let job = Asked {
            work,
            done: Mutex::new(None),
            answer,
        };
        let stopped =
            || Error::Unavailable("this could not be stored now: try again in a moment".to_owned());
        self.queue
            .send(Box::new(job))
            .await
            .map_err(|_| stopped())?;
        outcome.await.map_err(|_| stopped())?
    }
}

async fn work_off(
    connection: DatabaseConnection,
    changes: Changes,
    mut waiting: mpsc::Receiver<Box<dyn Job>>,
) {
    let mut seen = data_version(&connection).await;
    loop {
        let first = tokio::time::timeout(LOOK, waiting.recv()).await;
        let version = data_version(&connection).await;
        if version != seen {
            seen = version;
            changes.touch_all();
        }
        let mut batch = match first {
            Err(_) => continue,
            Ok(None) => break,
            Ok(Some(job)) => vec![job],
        };
        while batch.len() < BATCH {
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

async fn run_batch(connection: DatabaseConnection, changes: Changes, batch: Vec<Box<dyn Job>>) {
    let together = run_together(&connection, &changes, &batch).await;
    let replay = together.is_err() && batch.len() > 1;
    let mut outcome = Some(together);
    for job in batch {
        let settled = if replay {
            run_together(&connection, &changes, std::slice::from_ref(&job)).await
        } else {
            // An error can be told once; here it belongs to the only job there is.
            outcome.take().unwrap_or(Ok(()))
        };
        job.settle(settled);
    }
}

async fn run_together(
    connection: &DatabaseConnection,
    changes: &Changes,
    batch: &[Box<dyn Job>],
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
    let touched = tx.commit().await?;
    changes.touch(&touched);
    Ok(())
}

/// Differs from the last time asked only where *another* connection has committed; zero where it
/// cannot be read, which the next try fixes.
async fn data_version(connection: &DatabaseConnection) -> i64 {
    let statement =
        Statement::from_string(connection.get_database_backend(), "PRAGMA data_version");
    match connection.query_one_raw(statement).await {
        Ok(Some(row)) => row.try_get_by_index(0).unwrap_or(0),
        _ => 0,
    }
}
