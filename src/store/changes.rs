//! Which parts of the site changed, so that a cached page knows when it is out of date.
//!
//! Changes are counted; each part remembers the count at which a commit touched it last. A page
//! remembers the count from *before* its rows were read, so that a commit in between makes the page
//! look old, never new. Nothing is written to the database for this:
//! PostgreSQL carries the touched parts to other nodes by NOTIFY inside the same transaction, and
//! on SQLite another process's commit shows in `PRAGMA data_version`.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, RwLock};

use tokio::sync::Notify;

use crate::store::entity::ids::PostId;

/// A part of the site that a page can depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
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

impl fmt::Display for Part {
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

impl FromStr for Part {
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

/// The generations of all parts, as this process knows them.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    state: Arc<RwLock<Generations>>,
    jobs: Arc<Notify>,
    linkbacks: Arc<Notify>,
}

#[derive(Debug, Default)]
struct Generations {
    /// Counts every change.
    now: u64,
    /// When something touched everything, such as lost contact with the database.
    all: u64,
    /// Whether other nodes' changes do not reach this process.
    deaf: bool,
    /// When each part was touched last.
    parts: HashMap<Part, u64>,
}

/// A point in the row of changes. A page remembers the one from before its rows were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark(u64);

impl Changes {
    /// Where the row of changes stands now. Take it before reading rows.
    pub fn mark(&self) -> Mark {
        Mark(self.read().now)
    }

    /// Whether none of `parts` has changed since `mark`.
    pub fn is_current(&self, mark: Mark, parts: &[Part]) -> bool {
        let state = self.read();
        !state.deaf
            && state.all <= mark.0
            && parts.iter().all(|part| {
                state
                    .parts
                    .get(part)
                    .is_none_or(|touched| *touched <= mark.0)
            })
    }

    /// Notes that `parts` changed.
    pub fn touch(&self, parts: &[Part]) {
        if parts.is_empty() {
            return;
        }
        {
            let mut state = self.write();
            state.now += 1;
            let now = state.now;
            state.parts.extend(parts.iter().map(|part| (*part, now)));
        }
        if parts.contains(&Part::Jobs) {
            self.jobs.notify_waiters();
        }
        if parts.contains(&Part::Linkbacks) {
            self.linkbacks.notify_waiters();
        }
    }

    /// Notes that anything may have changed.
    pub fn touch_all(&self) {
        {
            let mut state = self.write();
            state.now += 1;
            state.all = state.now;
        }
        self.jobs.notify_waiters();
        self.linkbacks.notify_waiters();
    }

    /// While deaf, this process cannot hear of other nodes' changes and no page counts as current.
    pub fn set_deaf(&self, deaf: bool) {
        let mut state = self.write();
        state.deaf = deaf;
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
        let parts = [Part::Identity, Part::Post(PostId(1))];
        let mark = changes.mark();
        changes.touch(&[Part::Post(PostId(2)), Part::Responses]);
        assert!(changes.is_current(mark, &parts));
        changes.touch(&[Part::Post(PostId(1))]);
        assert!(!changes.is_current(mark, &parts));
        assert!(changes.is_current(changes.mark(), &parts));
    }

    #[test]
    fn nothing_is_current_while_other_nodes_cannot_be_heard() {
        let changes = Changes::default();
        changes.set_deaf(true);
        assert!(!changes.is_current(changes.mark(), &[Part::Posts]));
        changes.set_deaf(false);
        let mark = changes.mark();
        assert!(changes.is_current(mark, &[Part::Posts]));
        changes.touch_all();
        assert!(!changes.is_current(mark, &[Part::Posts]));
    }

    #[test]
    fn a_part_keeps_its_name_on_the_way_to_another_node() {
        for part in [
            Part::Identity,
            Part::Posts,
            Part::Responses,
            Part::Post(PostId(7)),
        ] {
            assert_eq!(part.to_string().parse(), Ok(part));
        }
        assert_eq!("post:x".parse::<Part>(), Err(()));
    }
}
