//! Pages for readers.

pub mod archives;
pub mod comment_link;
pub mod comment_status;
pub mod front_page;
pub mod home;
pub mod moderation_log;
pub mod page;
pub mod page_view;
pub mod permalink;
pub mod post;
pub mod post_view;
pub mod report;
pub mod respond;
pub mod shown;
pub mod single_response;
