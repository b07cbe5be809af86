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
                if let Some(secret) = settings::find(&**tx, Setting::Secret).await? {
                    return Ok(secret);
                }
                let secret = format!("{}{}", Token::random().as_str(), Token::random().as_str());
                settings::set(&**tx, Setting::Secret, &secret).await?;
                Ok(secret)
            })
        })
        .await
}
