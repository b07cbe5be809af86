//! Remembers for a moment which sessions there are, so that a made-up cookie costs one look into the
//! database and gets the pages that everybody gets.

use std::time::Duration;

use axum::http::HeaderMap;
use moka::sync::Cache;

use crate::clock::Clock;
use crate::store::db::Store;
use crate::store::sessions;
use crate::web::session_cookie;

/// How many sessions are remembered, and for how long.
const MAX_SESSIONS: u64 = 20_000;
const REMEMBERED: Duration = Duration::from_secs(30);

/// Which sessions there are. What it remembers decides nothing but whether a kept page will do: who
/// is signed in is looked up for each page that is made.
pub struct SessionMemory {
    store: Store,
    clock: Clock,
    alive: Cache<String, bool>,
}

impl SessionMemory {
    /// Remembers nothing yet.
    pub fn new(store: Store, clock: Clock) -> Self {
        let alive = Cache::builder()
            .max_capacity(MAX_SESSIONS)
            .time_to_live(REMEMBERED)
            .build();
        Self {
            store,
            clock,
            alive,
        }
    }

    /// Whether the request brings a session that is alive, or was a moment ago. That there is none
    /// may be remembered because ids are random: nobody can ask for one before it is given out.
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
            // Whoever makes the page finds out what is wrong.
            Err(_) => true,
        }
    }
}
