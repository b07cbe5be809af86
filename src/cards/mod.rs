//! Link cards: what a page of another site says about itself, fetched once by a job. `posts` asks for them and
//! shows them.

pub mod fetch;
pub mod page_facts;
