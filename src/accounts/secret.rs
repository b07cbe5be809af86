//! The secret with which the site signs cookies and tokens: created once, the same on every node.
//! Never logged and never sent anywhere.

use crate::accounts::token::Token;
use crate::app::App;
use crate::error::Result;
use crate::store::settings::{self, Setting};

/// The secret, created where there is none yet.
pub async fn find(app: &App) -> Result<String> {
    if let Some(secret) = settings::find(app.store.read(), Setting::Secret).await? {
        return Ok(secret);
    }
    app.store
        .write(move |tx| {
            Box::pin(async move {
                let secret = format!("{}{}", Token::random().as_str(), Token::random().as_str());
                settings::insert(tx, Setting::Secret, &secret).await?;
                // Another node may have been first: its secret wins.
                let stored = settings::find(tx, Setting::Secret).await?;
                Ok(stored.unwrap_or(secret))
            })
        })
        .await
}
