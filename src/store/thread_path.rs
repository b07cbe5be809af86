//! The sort key of a response in its thread.
//!
//! Each level of replies adds 16 bytes: the creation time in milliseconds and the id, both big-endian. So
//! byte order is reading order, siblings stand in the order of their time whatever their ids are, a
//! branch is a range of keys, and a page of a thread is a range of an index.

use crate::clock::Moment;
use crate::store::entity::ids::ResponseId;

/// The first byte of the paths of likes, reposts and bookmarks, which stand behind the thread and on no
/// page of it. A time before the year 292,000,000 begins with a lower byte.
pub const REACTIONS: u8 = 0xff;

/// How much each level of replies adds.
pub const BYTES_PER_LEVEL: usize = 16;

/// The path of a response below `parent`, or of a root where `parent` is empty.
pub fn below(parent: &[u8], created_at: Moment, id: ResponseId) -> Vec<u8> {
    let mut path = parent.to_vec();
    // With the sign bit flipped, times before 1970 sort before later ones.
    path.extend_from_slice(&(created_at.0 ^ i64::MIN).to_be_bytes());
    path.extend_from_slice(&id.0.to_be_bytes());
    path
}

/// The path of a like, a repost or a bookmark.
pub fn of_reaction(created_at: Moment, id: ResponseId) -> Vec<u8> {
    below(&[REACTIONS], created_at, id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn byte_order_is_time_order_whatever_the_ids() {
        let paths = [
            below(&[], Moment(-5), ResponseId(9)),
            below(&[], Moment(1_340_000_000_000), ResponseId(8)),
            below(&[], Moment(1_790_000_000_000), ResponseId(1)),
            below(&[], Moment(1_790_000_000_000), ResponseId(2)),
            of_reaction(Moment(0), ResponseId(1)),
        ];
        assert!(paths.is_sorted());
    }

    #[test]
    fn a_branch_stands_between_its_root_and_the_next_root() {
        let root = below(&[], Moment(10), ResponseId(1));
        let reply = below(&root, Moment(1), ResponseId(7));
        let next = below(&[], Moment(11), ResponseId(2));
        assert!(root < reply && reply < next && reply.starts_with(&root));
    }
}
