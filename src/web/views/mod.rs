//! Pieces that pages share: data in, markup out. Know no database.

pub mod avatar;
pub mod body;
pub mod bounded;
pub mod comment_form;
pub mod error_page;
pub mod facepile;
pub mod fields;
pub mod kept_text;
pub mod layout;
pub mod paging;
pub mod post_list;
pub mod response_item;
pub mod staff;
pub mod when;
