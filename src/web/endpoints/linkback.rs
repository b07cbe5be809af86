//! What the three protocols' endpoints have in common: the words for what became of a linkback.

use axum::http::{HeaderMap, header};

use crate::app::App;
use crate::error::Result;
use crate::linkbacks::passport;
use crate::linkbacks::receive::{self, NotTaken, Taken};
use crate::store::entity::linkback::{LinkbackState, Refusal};

/// What became of a linkback while its answer waited.
pub enum Became {
    /// There is a response.
    Verified,
    /// The check goes on.
    Checking,
    /// It is not accepted.
    Refused(Refusal),
}

/// Waits a while for the check of a linkback.
pub async fn wait(app: &App, taken: &Taken) -> Result<Became> {
    let linkback = receive::wait_for_check(app, taken.id).await?;
    Ok(match linkback {
        None => Became::Refused(Refusal::Closed),
        Some(linkback) => match linkback.state {
            LinkbackState::Checking => Became::Checking,
            LinkbackState::Verified => Became::Verified,
            LinkbackState::Refused | LinkbackState::Withdrawn => {
                Became::Refused(linkback.refusal.unwrap_or(Refusal::Unreadable))
            }
        },
    })
}

/// The address of a linkback's status page, for who told of it first.
pub fn status_url(app: &App, taken: &Taken) -> Option<String> {
    let passport = taken.passport.as_deref()?;
    Some(app.urls.absolute(&passport::path(passport)))
}

/// Why a linkback is not taken, for its sender. One text for whatever was wrong with the source, so
/// that nobody can use this site to find out what answers where.
pub fn words_for(not_taken: NotTaken) -> String {
    match not_taken {
        NotTaken::BadSource => {
            "The source page could not be read. Check its address, and that it is public."
                .to_owned()
        }
        NotTaken::TargetGone => "The target page no longer exists.".to_owned(),
        NotTaken::TargetUnknown => {
            "The target is not a post of this site that accepts linkbacks.".to_owned()
        }
        NotTaken::TargetClosed => "The target no longer accepts linkbacks.".to_owned(),
        NotTaken::OwnPage => {
            "The source is a page of this site: its links are shown without being sent.".to_owned()
        }
        NotTaken::SamePage => "The source and the target are the same page.".to_owned(),
        NotTaken::Already => "This link is already registered.".to_owned(),
        NotTaken::SenderBanned => "This site accepts no linkbacks from your network.".to_owned(),
        NotTaken::TooMany(seconds) => {
            format!("Too many linkbacks: wait {seconds} seconds, then try again.")
        }
    }
}

/// Why a linkback was refused after its source was looked at, for its sender.
pub fn words_for_refusal(refusal: Refusal) -> String {
    match refusal {
        Refusal::NoLink => {
            "The source page does not link to the target page. Publish the link first, then send this again."
                .to_owned()
        }
        Refusal::Closed => words_for(NotTaken::TargetClosed),
        Refusal::TooLong => {
            "As much of the source page as is read holds no link to the target page. Put the link further up, then send this again."
                .to_owned()
        }
        Refusal::OwnPage => words_for(NotTaken::OwnPage),
        Refusal::Failed => {
            "Something went wrong on our side. Send this again.".to_owned()
        }
        Refusal::Unreadable | Refusal::Gone => words_for(NotTaken::BadSource),
    }
}

/// Whether the sender is a person with a browser.
pub fn wants_page(headers: &HeaderMap) -> bool {
    accepts(headers, "text/html")
}

/// Whether the sender asked for a media type by its name.
pub fn accepts(headers: &HeaderMap, media_type: &str) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains(media_type))
}
