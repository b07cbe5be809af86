//! How a handler marks a page that all anonymous readers may share. Knows nothing of the cache itself.

use crate::clock::Moment;
use crate::store::changes::CacheTag;

/// The extension of a response that may be cached.
#[derive(Clone, Debug)]
pub struct Cacheable {
    /// What it shows; it is out of date once one of these is invalidated.
    pub tags: Vec<CacheTag>,
    /// When it is out of date in any case, such as when a post closes.
    pub until: Option<Moment>,
}
