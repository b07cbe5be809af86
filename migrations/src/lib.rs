//! The database schema of Rejoinder for SQLite and PostgreSQL, as steps that are only ever added.
//!
//! A step builds its tables with sea-orm's schema builder; what the builder cannot say stands in
//! [`dialect`], once per database. Never imports the application: a step means the same thing whatever
//! the application becomes.

mod build;
mod dialect;
mod m20261127_000001_initial;

pub use dialect::Dialect;
pub use m20261127_000001_initial::SAMPLE_ROWS;
pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::prelude::*;

/// Every step, in order; sea-orm-migration records in `seaql_migrations` which of them a database has.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(m20261127_000001_initial::Migration)]
    }
}
