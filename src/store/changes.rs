//! Which cache tags were invalidated, so that a cached page knows when it is out of date.
//!
//! Changes are counted; each tag remembers the count at which a commit invalidated it last. A page
//! remembers the count from *before* its rows were read, so that a commit in between makes the page
//! look old, never new. Nothing is written to the database for this:
//! PostgreSQL carries the invalidated tags to other nodes by NOTIFY inside the same transaction, and
//! on SQLite another process's commit shows in `PRAGMA data_version`.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, RwLock};

use tokio::sync::Notify;

use crate::store::entity::ids::PostId;

/// A tag of the site that a page can depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CacheTag {
    /// What the site calls itself, and who its people are.
    Identity,
    /// Which posts there are, in which order, with which titles.
    Posts,
    /// Which responses are shown, anywhere.
    Responses,
    /// One post and what is shown under it.
    Post(PostId),
    /// Not a page: the rules that moderators wrote.
    Rules,
    /// Not a page: a job waits.
    Jobs,
    /// Not a page: the check of a linkback ended.
    Linkbacks,
}

impl fmt::Display for CacheTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Identity => f.write_str("identity"),
            Self::Posts => f.write_str("posts"),
            Self::Responses => f.write_str("responses"),
            Self::Post(id) => write!(f, "post:{id}"),
            Self::Rules => f.write_str("rules"),
            Self::Jobs => f.write_str("jobs"),
            Self::Linkbacks => f.write_str("linkbacks"),
        }
    }
}

impl FromStr for CacheTag {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "identity" => Ok(Self::Identity),
            "posts" => Ok(Self::Posts),
            "responses" => Ok(Self::Responses),
            "rules" => Ok(Self::Rules),
            "jobs" => Ok(Self::Jobs),
            "linkbacks" => Ok(Self::Linkbacks),
            other => other
                .strip_prefix("post:")
                .and_then(|id| id.parse().ok())
                .map(Self::Post)
                .ok_or(()),
        }
    }
}

/// The generations of all tags, as this process knows them.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    state: Arc<RwLock<Generations>>,
    jobs: Arc<Notify>,
    linkbacks: Arc<Notify>,
}

#[derive(Debug, Default)]
struct Generations {
    now: u64,
    /// When something invalidated everything, such as lost contact with the database.
    all: u64,
    /// Whether other nodes' changes do not reach this process.
    disconnected: bool,
    /// The generation at which each tag was invalidated last.
    tags: HashMap<CacheTag, u64>,
}

/// A point in the row of changes. A page remembers the one from before its rows were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Generation(u64);

impl Changes {
    /// The current generation. Take it before reading rows.
    pub fn generation(&self) -> Generation {
        Generation(self.read().now)
    }

    /// Whether none of `tags` was invalidated after `generation`.
    pub fn is_current(&self, generation: Generation, tags: &[CacheTag]) -> bool {
        let state = self.read();
        !state.disconnected
            && state.all <= generation.0
            && tags.iter().all(|tag| {
                state
                    .tags
                    .get(tag)
                    .is_none_or(|invalidated| *invalidated <= generation.0)
            })
    }

    /// Invalidates `tags`.
    pub fn invalidate(&self, tags: &[CacheTag]) {
        if tags.is_empty() {
            return;
        }
        {
            let mut state = self.write();
            state.now += 1;
            let now = state.now;
            state.tags.extend(tags.iter().map(|tag| (*tag, now)));
        }
        if tags.contains(&CacheTag::Jobs) {
            self.jobs.notify_waiters();
        }
        if tags.contains(&CacheTag::Linkbacks) {
            self.linkbacks.notify_waiters();
        }
    }

    /// Invalidates everything.
    pub fn invalidate_all(&self) {
        {
            let mut state = self.write();
            state.now += 1;
            state.all = state.now;
        }
        self.jobs.notify_waiters();
        self.linkbacks.notify_waiters();
    }

    /// While disconnected, this process cannot hear of other nodes' changes and no page counts as current.
    pub fn set_disconnected(&self, disconnected: bool) {
        let mut state = self.write();
        state.disconnected = disconnected;
        state.now += 1;
        state.all = state.now;
    }

    /// Wakes when a job was enqueued.
    pub fn jobs(&self) -> &Notify {
        &self.jobs
    }

    /// Wakes when the check of a linkback ended.
    pub fn linkbacks(&self) -> &Notify {
        &self.linkbacks
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, Generations> {
        self.state
            .read()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn write(&self) -> std::sync::RwLockWriteGuard<'_, Generations> {
        self.state
            .write()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_current_until_one_of_its_parts_changes() {
        let changes = Changes::default();
        let tags = [CacheTag::Identity, CacheTag::Post(PostId(1))];
        let generation = changes.generation();
        changes.invalidate(&[CacheTag::Post(PostId(2)), CacheTag::Responses]);
        assert!(changes.is_current(generation, &tags));
        changes.invalidate(&[CacheTag::Post(PostId(1))]);
        assert!(!changes.is_current(generation, &tags));
        assert!(changes.is_current(changes.generation(), &tags));
    }

    #[test]
    fn nothing_is_current_while_other_nodes_cannot_be_heard() {
        let changes = Changes::default();
        changes.set_disconnected(true);
        assert!(!changes.is_current(changes.generation(), &[CacheTag::Posts]));
        changes.set_disconnected(false);
        let generation = changes.generation();
        assert!(changes.is_current(generation, &[CacheTag::Posts]));
        changes.invalidate_all();
        assert!(!changes.is_current(generation, &[CacheTag::Posts]));
    }

    #[test]
    fn a_part_keeps_its_name_on_the_way_to_another_node() {
        for tag in [
            CacheTag::Identity,
            CacheTag::Posts,
            CacheTag::Responses,
            CacheTag::Post(PostId(7)),
        ] {
            assert_eq!(tag.to_string().parse(), Ok(tag));
        }
        assert_eq!("post:x".parse::<CacheTag>(), Err(()));
    }
}
