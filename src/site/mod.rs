//! What administrators edit: the site's identity, design, menus and settings. Every change is recorded, and the
//! latest can be undone. Knows no pages and no forms.

pub mod accent;
pub mod appearance;
pub mod changes;
pub mod css_problem;
pub mod css_properties;
pub mod css_selector;
pub mod css_tokens;
pub mod custom_css;
pub mod design;
pub mod discussion;
pub mod fonts;
pub mod general;
pub mod icons;
pub mod identity;
pub mod look;
pub mod mail_sender;
pub mod menus;
pub mod navigation;
pub mod numbers;
pub mod section;
pub mod social_links;
pub mod theme;
pub mod undo;
