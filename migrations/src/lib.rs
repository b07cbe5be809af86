//! The schema of Rejoinder, step by step, for SQLite and PostgreSQL.
//!
//! Each step states its SQL once; what the two databases spell differently stands in [`Dialect`].
//! Never imports the application: a step must mean the same thing for ever.

mod dialect;
mod m20261123_000001_accounts;
mod m20261123_000002_posts;
mod m20261123_000003_responses;
mod m20261123_000004_linkbacks;
mod m20261123_000005_jobs;
mod m20261123_000006_living_linkbacks;
mod m20261124_000007_moderation;
mod m20261127_000008_trust;
mod m20261127_000009_lanes;
mod m20261127_000010_accounts;
mod m20261127_000011_linkbacks_under_load;
mod m20261127_000012_lasting_names;
mod m20261127_000013_repeated_comments;

pub use dialect::Dialect;
pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::prelude::*;

/// Every step, in order; the runner remembers which of them a database has.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261123_000001_accounts::Migration),
            Box::new(m20261123_000002_posts::Migration),
            Box::new(m20261123_000003_responses::Migration),
            Box::new(m20261123_000004_linkbacks::Migration),
            Box::new(m20261123_000005_jobs::Migration),
            Box::new(m20261123_000006_living_linkbacks::Migration),
            Box::new(m20261124_000007_moderation::Migration),
            Box::new(m20261127_000008_trust::Migration),
            Box::new(m20261127_000009_lanes::Migration),
            Box::new(m20261127_000010_accounts::Migration),
            Box::new(m20261127_000011_linkbacks_under_load::Migration),
            Box::new(m20261127_000012_lasting_names::Migration),
            Box::new(m20261127_000013_repeated_comments::Migration),
        ]
    }
}

/// Rows that every later step must carry over unharmed: the migration test inserts them on a
/// database of the first release and reads them back after the last step.
pub const SAMPLE_ROWS: &[&str] = &[
    m20261123_000001_accounts::SAMPLE,
    m20261123_000002_posts::SAMPLE,
    m20261123_000003_responses::SAMPLE,
    m20261123_000004_linkbacks::SAMPLE,
    m20261123_000005_jobs::SAMPLE,
    m20261123_000006_living_linkbacks::SAMPLE,
    m20261124_000007_moderation::SAMPLE,
    m20261127_000008_trust::SAMPLE,
    m20261127_000009_lanes::SAMPLE,
    m20261127_000012_lasting_names::SAMPLE,
    m20261127_000013_repeated_comments::SAMPLE,
];
