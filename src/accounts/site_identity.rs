//! The site's name and tagline.

use crate::accounts::permissions::{Action, Actor};
use crate::app::App;
use crate::error::{Error, Field, Problem, Result};
use crate::markup::excerpt::clean_line;
use crate::store::changes::CacheTag;
use crate::store::settings::{self, Setting};

/// The longest name or tagline, in characters.
const MAX_CHARS: usize = 150;

/// Changes the name and the tagline; the tagline may be empty.
pub async fn name_site(app: &App, actor: &Actor, name: &str, tagline: &str) -> Result<()> {
    actor.must(Action::ChangeSettings)?;
    let (name, tagline) = (clean_line(name, MAX_CHARS), clean_line(tagline, MAX_CHARS));
    if name.is_empty() {
        return Err(Error::field(Field::SiteName, Problem::Missing));
    }
    app.store
        .write(move |tx| {
            let (name, tagline) = (name.clone(), tagline.clone());
            Box::pin(async move {
                tx.invalidate(CacheTag::Identity);
                settings::set(tx, Setting::SiteName, &name).await?;
                settings::set(tx, Setting::SiteTagline, &tagline).await
            })
        })
        .await
}
