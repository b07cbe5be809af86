//! Importing the pictures of other sites in a text that is being written. The text stays in the form with the
//! new addresses; nothing of the post is saved.

use std::time::Duration;

use maud::{Markup, html};

use crate::error::Error;
use crate::markup::picture_addresses;
use crate::media::address;
use crate::media::import::{self, ForeignPicture};
use crate::posts::preview;
use crate::store::entity::media::Model as Media;
use crate::ui::notices;
use crate::web::editor::findings::IMPORT_ALL;
use crate::web::respond::message_of;
use crate::web::session::SignedIn;
use crate::web::state::Web;

/// The longest that an editor waits for pictures.
const MAX_TIME: Duration = Duration::from_secs(20);
/// What is left of the time for a request, to answer it.
const TIME_TO_ANSWER: Duration = Duration::from_secs(5);

/// A text after the import.
pub struct ImportedText {
    pub body: String,
    pub notice: Markup,
    /// Why pictures were not imported, by their addresses.
    pub failures: Vec<(String, String)>,
}

/// Imports the picture at the address `wanted`, or all, and writes the new addresses into the text.
pub async fn import_into(
    web: &Web,
    who: &SignedIn,
    body: &str,
    wanted: &str,
) -> Result<ImportedText, Error> {
    web.app.limits.check_staff_render(who.user.id.0).await?;
    // Only pictures in the text are fetched, whatever the form says.
    let mut pictures = preview::list_foreign(&web.app, body).await?;
    pictures.retain(|picture| wanted == IMPORT_ALL || picture.address == wanted);
    let limit = web.app.config.request_timeout();
    let time = MAX_TIME.min(limit.saturating_sub(TIME_TO_ANSWER));
    let report = import::import_all(&web.app, &who.actor, &pictures, time).await?;
    let imported = report.imported.len() as u64;
    let (text, left_over) = write_addresses(web, body.to_owned(), report.imported).await?;
    let count = imported - left_over.len() as u64;
    let mut failures: Vec<(String, String)> = Vec::new();
    for (from, media) in left_over {
        let values = [("markdown", address::markdown(&media).into())];
        failures.push((from, web.texts.with("import-not-replaced", &values)));
    }
    for (from, error) in report.failed {
        tracing::debug!(%error, "import a picture");
        failures.push((from, web.texts.message(&message_of(&error))));
    }
    Ok(ImportedText {
        notice: notice(web, count, &pictures, &failures, report.left),
        body: text,
        failures,
    })
}

/// The text with the new addresses, and the pictures that were not found in it.
async fn write_addresses(
    web: &Web,
    mut text: String,
    imported: Vec<(String, Media)>,
) -> Result<(String, Vec<(String, Media)>), Error> {
    let work = web.app.cpu.run("change addresses of pictures", move || {
        let mut left_over = Vec::new();
        for (from, media) in imported {
            match picture_addresses::replace(&text, &from, &address::of_original(&media)) {
                Some(changed) => text = changed,
                None => left_over.push((from, media)),
            }
        }
        (text, left_over)
    });
    work.await
}

fn notice(
    web: &Web,
    count: u64,
    asked: &[ForeignPicture],
    failures: &[(String, String)],
    left: usize,
) -> Markup {
    let texts = &web.texts;
    html! {
        @if asked.is_empty() { (notices::info(texts.text("import-nothing"))) }
        @if count > 0 { (notices::done(texts.with("import-done", &[("count", count.into())]))) }
        @if !failures.is_empty() {
            @let failed = failures.len() as u64;
            (notices::warning(texts.with("import-failed", &[("count", failed.into())])))
        }
        @if left > 0 {
            (notices::info(texts.with("import-left", &[("count", (left as u64).into())])))
        }
    }
}
