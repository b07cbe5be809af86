//! Who is signed in: sessions in the database, and the extractors by which a handler requires a signed-in
//! user. Decides nothing about permissions.

use async_trait::async_trait;
use axum::extract::FromRequestParts;
use axum::http::Uri;
use axum::http::request::Parts;
use tower_sessions::cookie::SameSite;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{self, SessionStore};
use tower_sessions::{Expiry, Session, SessionManagerLayer};

use crate::accounts::permissions::Actor;
use crate::clock::{Clock, Moment};
use crate::error::{Error, Result};
use crate::store::db::Store;
use crate::store::entity::ids::UserId;
use crate::store::entity::{session, user};
use crate::store::{sessions, users};
use crate::texts::Message;
use crate::web::respond::Failure;
use crate::web::session_cookie::{COOKIE, has_cookie, key};
use crate::web::state::Web;

/// The key of the account's id in the session's data.
const USER: &str = "user";
/// The key of when the session was last extended: using the site extends it once a day.
const RENEWED: &str = "renewed";
/// The keys of when it began, and of the account's session epoch then.
const STARTED: &str = "started";
const EPOCH: &str = "epoch";
const DAY: std::time::Duration = std::time::Duration::from_secs(24 * 60 * 60);

/// The layer for routes on which somebody may be signed in.
pub fn layer(web: &Web) -> SessionManagerLayer<DatabaseSessions> {
    let sessions = DatabaseSessions {
        store: web.app.store.clone(),
        clock: web.app.clock.clone(),
    };
    let days = i64::from(web.app.config.accounts.session_days);
    SessionManagerLayer::new(sessions)
        .with_name(COOKIE)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_secure(web.app.urls.is_https())
        .with_expiry(Expiry::OnInactivity(time::Duration::days(days)))
}

/// Begins a session for `user`, under a new id against session fixation.
pub async fn begin(session: &Session, user: &user::Model, now: Moment) -> Result<()> {
    let failed = |error| Error::internal("begin a session", error);
    session.cycle_id().await.map_err(failed)?;
    session.insert(RENEWED, now).await.map_err(failed)?;
    session.insert(STARTED, now).await.map_err(failed)?;
    session
        .insert(EPOCH, user.session_epoch)
        .await
        .map_err(failed)?;
    session.insert(USER, user.id).await.map_err(failed)
}

/// Whether the session is valid: the account's sessions were not ended since it began, and it is not too
/// old.
async fn is_valid(session: &Session, user: &user::Model, web: &Web) -> Result<bool> {
    let epoch: Option<i64> = session.get(EPOCH).await.map_err(unreadable)?;
    let started: Option<Moment> = session.get(STARTED).await.map_err(unreadable)?;
    let max_days = web.app.config.accounts.session_max_days;
    let is_young = max_days == 0
        || started.is_some_and(|started| web.app.clock.now().since(started) < DAY * max_days);
    Ok(user.disabled_at.is_none() && epoch == Some(user.session_epoch) && is_young)
}

/// Extends the session, once a day.
async fn renew(session: &Session, now: Moment) -> Result<()> {
    let failed = |error| Error::internal("renew a session", error);
    let renewed: Option<Moment> = session.get(RENEWED).await.map_err(failed)?;
    if renewed.is_none_or(|renewed| now.since(renewed) > DAY) {
        session.insert(RENEWED, now).await.map_err(failed)?;
    }
    Ok(())
}

pub async fn end(session: &Session) -> Result<()> {
    session
        .flush()
        .await
        .map_err(|error| Error::internal("end a session", error))
}

/// The signed-in user, or None for a guest.
#[derive(Clone, Debug)]
pub struct Visitor(pub Option<user::Model>);

impl FromRequestParts<Web> for Visitor {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Failure> {
        if !has_cookie(&parts.headers) {
            return Ok(Self(None));
        }
        let Some(session) = parts.extensions.get::<Session>() else {
            return Ok(Self(None));
        };
        let id: Option<UserId> = session.get(USER).await.map_err(unreadable)?;
        let user = match id {
            Some(id) => users::find(web.app.store.read(), id).await?,
            None => None,
        };
        let Some(user) = user else {
            return Ok(Self(None));
        };
        if !is_valid(session, &user, web).await? {
            end(session).await?;
            return Ok(Self(None));
        }
        renew(session, web.app.clock.now()).await?;
        Ok(Self(Some(user)))
    }
}

/// The signed-in user; a guest is sent to the sign-in page.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub user: user::Model,
    pub actor: Actor,
}

impl From<user::Model> for SignedIn {
    fn from(user: user::Model) -> Self {
        Self {
            actor: Actor::from(&user),
            user,
        }
    }
}

impl FromRequestParts<Web> for SignedIn {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Failure> {
        let Visitor(user) = Visitor::from_request_parts(parts, web).await?;
        Ok(user.ok_or(Error::SignInNeeded)?.into())
    }
}

/// Sessions are rows: where they cannot be read, the database does not respond.
fn unreadable(error: tower_sessions::session::Error) -> Error {
    match error {
        tower_sessions::session::Error::Store(cause) => {
            tracing::error!(%cause, "read a session");
            Error::Unavailable(Message::new("database-no-answer"))
        }
        other => Error::internal("read a session", other),
    }
}

/// The page after signing in: a path of this site, never another site.
pub fn safe_next(next: &str) -> &str {
    let is_path = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains(['\\', '\r', '\n', '\t'])
        && next.parse::<Uri>().is_ok();
    if is_path { next } else { "/desk/" }
}

/// Sessions as rows, keyed by a hash of the cookie's value.
#[derive(Clone)]
pub struct DatabaseSessions {
    store: Store,
    clock: Clock,
}

impl std::fmt::Debug for DatabaseSessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DatabaseSessions")
    }
}

fn backend(error: &Error) -> session_store::Error {
    session_store::Error::Backend(error.to_string())
}

fn row_of(record: &Record) -> session_store::Result<session::Model> {
    let data = serde_json::to_string(&record.data)
        .map_err(|error| session_store::Error::Encode(error.to_string()))?;
    let user = record.data.get(USER).cloned();
    Ok(session::Model {
        id: key(&record.id),
        data,
        expires_at: Moment(record.expiry_date.unix_timestamp().saturating_mul(1000)),
        user_id: user.and_then(|user| serde_json::from_value(user).ok()),
    })
}

#[async_trait]
impl SessionStore for DatabaseSessions {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        let row = row_of(record)?;
        let is_new = self
            .store
            .write(move |tx| {
                let row = row.clone();
                Box::pin(async move { sessions::insert(tx, row).await })
            })
            .await
            .map_err(|error| backend(&error))?;
        if is_new {
            Ok(())
        } else {
            // 128 random bits do not collide: this is not a new session.
            Err(session_store::Error::Backend(
                "a session with this key already exists".to_owned(),
            ))
        }
    }

    async fn save(&self, record: &Record) -> session_store::Result<()> {
        let row = row_of(record)?;
        self.store
            .write(move |tx| {
                let row = row.clone();
                Box::pin(async move { sessions::update(tx, row).await })
            })
            .await
            .map_err(|error| backend(&error))
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        let row = sessions::find(self.store.read(), &key(id), self.clock.now())
            .await
            .map_err(|error| backend(&error))?;
        let Some(row) = row else { return Ok(None) };
        let data = serde_json::from_str(&row.data)
            .map_err(|error| session_store::Error::Decode(error.to_string()))?;
        let expiry_date = time::OffsetDateTime::from_unix_timestamp(row.expires_at.0 / 1000)
            .map_err(|error| session_store::Error::Decode(error.to_string()))?;
        Ok(Some(Record {
            id: *id,
            data,
            expiry_date,
        }))
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        let key = key(id);
        self.store
            .write(move |tx| {
                let key = key.clone();
                Box::pin(async move { sessions::delete(tx, &key).await })
            })
            .await
            .map_err(|error| backend(&error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_in_leads_only_to_pages_of_this_site() {
        assert_eq!(safe_next("/queue/?state=spam"), "/queue/?state=spam");
        for elsewhere in [
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "",
            "x",
        ] {
            assert_eq!(safe_next(elsewhere), "/desk/", "{elsewhere}");
        }
    }
}
