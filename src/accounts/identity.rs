//! What the site calls itself.

use crate::accounts::permissions::{Action, Actor};
use crate::app::App;
use crate::error::{Error, Field, Problem, Result};
use crate::markup::excerpt::clean_line;
use crate::store::changes::Part;
use crate::store::settings::{self, Setting};

/// The longest name or tagline, in characters.
const MAX: usize = 150;

/// Names the site.
pub async fn name_site(app: &App, actor: &Actor, name: &str, tagline: &str) -> Result<()> {
    actor.must(Action::ChangeSettings)?;
    let (name, tagline) = (clean_line(name, MAX), clean_line(tagline, MAX));
    if name.is_empty() {
        return Err(Error::field(Field::SiteName, Problem::Missing));
    }
    app.store
        .write(move |tx| {
            let (name, tagline) = (name.clone(), tagline.clone());
            Box::pin(async move {
                tx.touch(Part::Identity);
                settings::set(&**tx, Setting::SiteName, &name).await?;
                settings::set(&**tx, Setting::SiteTagline, &tagline).await
            })
        })
        .await
}
