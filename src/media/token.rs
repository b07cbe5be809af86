//! The tokens in the addresses of files, which are also the names of their folders. Each begins with a sign of
//! its site, so that no site removes the files of another one that uses the same folder.

use crate::accounts::token::Token;
use crate::app::App;
use crate::error::{Error, Result};
use crate::store::settings::{self, Setting};

/// How many digits of a token are its site's.
const SITE_DIGITS: usize = 8;

/// What the tokens of this site begin with.
pub async fn site_prefix(app: &App) -> Result<String> {
    let id = settings::find(app.store.read(), Setting::SiteId).await?;
    id.as_deref()
        .and_then(|id| id.get(..SITE_DIGITS))
        .map(str::to_owned)
        .ok_or_else(|| Error::internal("name a file", "the site has no id"))
}

/// A new token, with 96 random bits.
pub async fn random(app: &App) -> Result<String> {
    let prefix = site_prefix(app).await?;
    Ok(format!(
        "{prefix}{}",
        &Token::random().as_str()[SITE_DIGITS..]
    ))
}
