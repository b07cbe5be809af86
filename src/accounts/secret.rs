//! The site's own secret, with which it signs what it hands out: made once, the same on every node.

use crate::accounts::token::Token;
use crate::app::App;
use crate::error::Result;
use crate::store::settings::{self, Setting};

/// The secret.
pub async fn find(app: &App) -> Result<String> {
    if let Some(secret) = settings::find(app.store.read(), Setting::Secret).await? {
        return Ok(secret);
    }
    app.store
        .write(move |tx| {
            Box::pin(async move {
                let secret = format!("{}{}", Token::random().as_str(), Token::random().as_str());
                settings::insert(&**tx, Setting::Secret, &secret).await?;
                // Another node may have been first: then its secret is the site's.
                let kept = settings::find(&**tx, Setting::Secret).await?;
                Ok(kept.unwrap_or(secret))
            })
        })
        .await
}
