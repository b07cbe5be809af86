//! Caches for a short time which sessions exist, so that a forged cookie costs one query and gets the cached
//! pages. Never decides who is signed in.

use std::time::Duration;

use axum::http::HeaderMap;
use moka::sync::Cache;

use crate::clock::Clock;
use crate::store::db::Store;
use crate::store::sessions;
use crate::web::session_cookie;

const MAX_SESSIONS: u64 = 20_000;
const TTL: Duration = Duration::from_secs(30);

/// Decides only whether a cached page may be sent: who is signed in is looked up for each page that is
/// made.
pub struct SessionCache {
    store: Store,
    clock: Clock,
    alive: Cache<String, bool>,
}

impl SessionCache {
    pub fn new(store: Store, clock: Clock) -> Self {
        let alive = Cache::builder()
            .max_capacity(MAX_SESSIONS)
            .time_to_live(TTL)
            .build();
        Self {
            store,
            clock,
            alive,
        }
    }

    /// Whether the request has the cookie of a session that is alive, or was within the TTL. A negative
    /// answer may be cached because ids are random: nobody can send one before it is created.
    pub async fn is_alive(&self, headers: &HeaderMap) -> bool {
        let Some(id) = session_cookie::cookie_id(headers) else {
            return false;
        };
        let key = session_cookie::key(&id);
        if let Some(alive) = self.alive.get(&key) {
            return alive;
        }
        match sessions::find(self.store.read(), &key, self.clock.now()).await {
            Ok(found) => {
                self.alive.insert(key, found.is_some());
                found.is_some()
            }
            // The handler reports what is wrong.
            Err(_) => true,
        }
    }
}
