//! A transaction in progress, and the work that runs in one.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard};

use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, Statement,
};

use crate::error::Result;
use crate::store::changes::CacheTag;

/// What a boxed piece of work returns.
pub type TxFuture<'t, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 't>>;

/// A piece of work that writes: called with a transaction, perhaps more than once.
pub trait TxWork<T>: Send + Sync {
    fn run<'t>(&'t self, tx: &'t Tx) -> TxFuture<'t, T>;
}

impl<T, F> TxWork<T> for F
where
    F: for<'t> Fn(&'t Tx) -> TxFuture<'t, T> + Send + Sync,
{
    fn run<'t>(&'t self, tx: &'t Tx) -> TxFuture<'t, T> {
        self(tx)
    }
}

/// A transaction in progress. Query functions take it like any connection.
pub struct Tx {
    transaction: DatabaseTransaction,
    invalidated: Mutex<Vec<CacheTag>>,
}

impl Tx {
    pub(super) fn new(transaction: DatabaseTransaction) -> Self {
        Self {
            transaction,
            invalidated: Mutex::new(Vec::new()),
        }
    }

    /// Records that the commit invalidates `tag`.
    pub fn invalidate(&self, tag: CacheTag) {
        let mut invalidated = self.invalidated();
        if !invalidated.contains(&tag) {
            invalidated.push(tag);
        }
    }

    /// What the commit changes.
    pub(super) fn invalidated(&self) -> MutexGuard<'_, Vec<CacheTag>> {
        self.invalidated.lock().unwrap_or_else(|e| e.into_inner())
    }

    pub(super) async fn commit(self) -> Result<Vec<CacheTag>> {
        let invalidated = self
            .invalidated
            .into_inner()
            .unwrap_or_else(|e| e.into_inner());
        self.transaction.commit().await?;
        Ok(invalidated)
    }

    pub(super) async fn rollback(self) {
        if let Err(error) = self.transaction.rollback().await {
            tracing::warn!(%error, "roll back a transaction");
        }
    }
}

/// A transaction is queried like any connection, so that queries do not know which they run on.
#[async_trait::async_trait]
impl ConnectionTrait for Tx {
    fn get_database_backend(&self) -> DbBackend {
        self.transaction.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.transaction.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.transaction.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.transaction.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.transaction.query_all_raw(statement).await
    }
}
