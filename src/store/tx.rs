//! A transaction that is under way, and the pieces of work that run in one.

use std::future::Future;
use std::ops::Deref;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard};

use sea_orm::DatabaseTransaction;

use crate::error::Result;
use crate::store::changes::Part;

/// What a boxed piece of work returns.
pub type Pending<'t, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 't>>;

/// A piece of work that writes: called with a transaction, perhaps more than once.
pub trait Work<T>: Send + Sync {
    /// Runs it.
    fn run<'t>(&'t self, tx: &'t Tx) -> Pending<'t, T>;
}

impl<T, F> Work<T> for F
where
    F: for<'t> Fn(&'t Tx) -> Pending<'t, T> + Send + Sync,
{
    fn run<'t>(&'t self, tx: &'t Tx) -> Pending<'t, T> {
        self(tx)
    }
}

/// A transaction that is under way. Query functions take it as any connection.
pub struct Tx {
    transaction: DatabaseTransaction,
    touched: Mutex<Vec<Part>>,
}

impl Tx {
    pub(super) fn new(transaction: DatabaseTransaction) -> Self {
        Self {
            transaction,
            touched: Mutex::new(Vec::new()),
        }
    }

    /// Notes that the commit changes `part`.
    pub fn touch(&self, part: Part) {
        let mut touched = self.touched();
        if !touched.contains(&part) {
            touched.push(part);
        }
    }

    /// What the commit changes.
    pub(super) fn touched(&self) -> MutexGuard<'_, Vec<Part>> {
        self.touched.lock().unwrap_or_else(|e| e.into_inner())
    }

    pub(super) async fn commit(self) -> Result<Vec<Part>> {
        let touched = self.touched.into_inner().unwrap_or_else(|e| e.into_inner());
        self.transaction.commit().await?;
        Ok(touched)
    }

    pub(super) async fn rollback(self) {
        if let Err(error) = self.transaction.rollback().await {
            tracing::warn!(%error, "roll back a transaction");
        }
    }
}

impl Deref for Tx {
    type Target = DatabaseTransaction;

    fn deref(&self) -> &DatabaseTransaction {
        &self.transaction
    }
}
