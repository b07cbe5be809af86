//! What administrators change from the site's own pages.

pub mod accent_notes;
pub mod change_values;
pub mod changes;
pub mod components;
pub mod design;
pub mod design_form;
pub mod design_preview;
pub mod discussion;
pub mod general;
pub mod identity_form;
pub mod jobs;
pub mod mail_sender;
pub mod menu_targets;
pub mod navigation;
pub mod people;
pub mod preview_frame;
pub mod roles;
pub mod section_form;
pub mod section_page;
pub mod setting_labels;
pub mod settings_tabs;
pub mod site;
pub mod upload_form;
