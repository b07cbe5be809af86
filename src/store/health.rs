//! Whether the database answers.

use sea_orm::{ConnectionTrait, Statement};

use crate::error::Result;

/// One round trip to the database.
pub async fn ping(db: &impl ConnectionTrait) -> Result<()> {
    db.query_one_raw(Statement::from_string(
        db.get_database_backend(),
        "SELECT 1",
    ))
    .await?;
    Ok(())
}
