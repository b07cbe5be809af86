//! Reusable pieces of pages, so that the look has one home: data in, `Markup` out.
//! `/settings/components` shows them all.
//!
//! Knows no requests, no database and no `Web`.

pub mod assets;
pub mod author_box;
pub mod avatar;
pub mod badges;
pub mod buttons;
pub mod confirmation;
pub mod fields;
pub mod frame;
pub mod menu;
pub mod notices;
pub mod pager;
pub mod picture;
pub mod problems;
pub mod reader_page;
pub mod rows;
pub mod sections;
pub mod signed_out_page;
pub mod staff_page;
pub mod tables;
pub mod tabs;
pub mod text_block;
pub mod when;
