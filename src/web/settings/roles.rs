//! Roles in forms and lists. What each role may do is in `accounts::permissions`.

use maud::Markup;

use crate::error::Field;
use crate::store::entity::user::Role;
use crate::texts::Texts;
use crate::ui::fields::{self, Select};
use crate::ui::problems::FieldText;

/// The roles and their names in forms, the most powerful first.
const ROLES: [(Role, &str); 5] = [
    (Role::Administrator, "administrator"),
    (Role::Editor, "editor"),
    (Role::Author, "author"),
    (Role::Contributor, "contributor"),
    (Role::Moderator, "moderator"),
];

/// The role with this name.
pub fn find_role(name: &str) -> Option<Role> {
    ROLES
        .iter()
        .find(|(_, other)| *other == name)
        .map(|(role, _)| *role)
}

/// The name of `role` in forms.
pub fn role_name(role: Role) -> &'static str {
    ROLES
        .iter()
        .find(|(other, _)| *other == role)
        .map_or("", |(_, name)| name)
}

/// The message with the name of `role`.
pub fn role_label_id(role: Role) -> &'static str {
    match role {
        Role::Administrator => "role-administrator",
        Role::Editor => "role-editor",
        Role::Author => "role-author",
        Role::Contributor => "role-contributor",
        Role::Moderator => "role-moderator",
    }
}

/// The message with the name of `role` and what it may do.
fn role_description_id(role: Role) -> &'static str {
    match role {
        Role::Administrator => "role-administrator-may",
        Role::Editor => "role-editor-may",
        Role::Author => "role-author-may",
        Role::Contributor => "role-contributor-may",
        Role::Moderator => "role-moderator-may",
    }
}

/// The field to choose a role; `selected` is its name in forms.
pub fn role_field(texts: &Texts, selected: &str, problems: &[FieldText]) -> Markup {
    let options = ROLES.map(|(role, name)| (name, texts.text(role_description_id(role))));
    let select = Select {
        field: Field::Role,
        label: &texts.text("field-role"),
        hint: None,
        options: &options,
        selected,
    };
    fields::select(&select, problems)
}
