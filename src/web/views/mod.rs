//! Views of responses, posts and errors that several handlers share. Know no database.

pub mod article;
pub mod comment_form;
pub mod confirmation;
pub mod error_page;
pub mod facepile;
pub mod kept_text;
pub mod post_list;
pub mod related;
pub mod response_item;
pub mod staff;
pub mod text_limit;
