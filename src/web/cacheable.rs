//! What a handler says of a page that all anonymous readers may share.

use crate::clock::Moment;
use crate::store::changes::Part;

/// Says that a response may be kept, and what it shows.
#[derive(Clone, Debug)]
pub struct Cacheable {
    /// The parts of the site that it shows.
    pub parts: Vec<Part>,
    /// When it changes by itself, such as when a post closes.
    pub until: Option<Moment>,
}
