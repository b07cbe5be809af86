//! The header menu and the footer menu: items, nested one level, and how they are edited. Pure: whether a
//! target leads anywhere is not known here.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Field, Problem, Result};
use crate::markup::excerpt::clean_line;
use crate::markup::visible::is_visible;
use crate::store::entity::menu_item::MenuPlace;
use crate::texts::Message;
use crate::urls::Urls;

/// The most items in a menu, and in an item.
pub const MAX_ITEMS: usize = 20;
/// The longest label, in characters.
const MAX_LABEL: usize = 60;
/// The longest target, in characters.
const MAX_TARGET: usize = 500;

/// An item with those nested in it, which cannot have nested items themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MenuItem {
    pub label: String,
    /// A path of this site, or an http or https address.
    pub target: String,
    #[serde(default)]
    pub items: Vec<MenuItem>,
}

/// Both menus.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Menus {
    pub header: Vec<MenuItem>,
    pub footer: Vec<MenuItem>,
}

/// Where an item is, such as `header-0` or `header-0-2`, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ItemPlace {
    pub menu: MenuPlace,
    pub at: usize,
    /// The place in the item at `at`.
    pub nested_at: Option<usize>,
}

impl fmt::Display for ItemPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", menu_name(self.menu), self.at)?;
        match self.nested_at {
            Some(at) => write!(f, "-{at}"),
            None => Ok(()),
        }
    }
}

impl FromStr for ItemPlace {
    type Err = ();

    fn from_str(text: &str) -> std::result::Result<Self, ()> {
        let mut parts = text.split('-');
        let menu = parts.next().and_then(find_menu).ok_or(())?;
        let number = |part: &str| part.parse::<usize>().map_err(|_| ());
        let at = number(parts.next().ok_or(())?)?;
        let nested_at = parts.next().map(number).transpose()?;
        match parts.next() {
            None => Ok(Self {
                menu,
                at,
                nested_at,
            }),
            Some(_) => Err(()),
        }
    }
}

/// The name of a menu in forms.
pub fn menu_name(menu: MenuPlace) -> &'static str {
    match menu {
        MenuPlace::Header => "header",
        MenuPlace::Footer => "footer",
    }
}

/// The menu with this name.
pub fn find_menu(name: &str) -> Option<MenuPlace> {
    match name {
        "header" => Some(MenuPlace::Header),
        "footer" => Some(MenuPlace::Footer),
        _ => None,
    }
}

/// A change of the menus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MenuEdit {
    /// Adds an item at the end of a menu, or of the item at `parent`.
    Add {
        menu: MenuPlace,
        parent: Option<usize>,
        label: String,
        target: String,
    },
    Change {
        place: ItemPlace,
        label: String,
        target: String,
    },
    MoveUp(ItemPlace),
    MoveDown(ItemPlace),
    /// Removes an item with those in it.
    Remove(ItemPlace),
}

impl Menus {
    /// The items of a menu.
    pub fn of(&self, menu: MenuPlace) -> &[MenuItem] {
        match menu {
            MenuPlace::Header => &self.header,
            MenuPlace::Footer => &self.footer,
        }
    }

    /// The same to add to.
    pub fn of_mut(&mut self, menu: MenuPlace) -> &mut Vec<MenuItem> {
        match menu {
            MenuPlace::Header => &mut self.header,
            MenuPlace::Footer => &mut self.footer,
        }
    }

    /// Applies an edit. Moving the first item up or the last one down does nothing.
    pub fn apply(&mut self, urls: &Urls, edit: &MenuEdit) -> Result<()> {
        match edit {
            MenuEdit::Add {
                menu,
                parent,
                label,
                target,
            } => {
                let item = checked(urls, label, target)?;
                let list = match parent {
                    None => self.of_mut(*menu),
                    Some(at) => {
                        let parent = self.of_mut(*menu).get_mut(*at);
                        &mut parent.ok_or(Error::NotFound("menu item"))?.items
                    }
                };
                if list.len() >= MAX_ITEMS {
                    let message = Message::new("menu-full").with("max", MAX_ITEMS);
                    return Err(Error::field(Field::MenuLabel, Problem::Unusable(message)));
                }
                list.push(item);
            }
            MenuEdit::Change {
                place,
                label,
                target,
            } => {
                let item = checked(urls, label, target)?;
                let (list, at) = self.list_of(*place)?;
                let nested = std::mem::take(&mut list[at].items);
                list[at] = MenuItem {
                    items: nested,
                    ..item
                };
            }
            MenuEdit::MoveUp(place) => {
                let (list, at) = self.list_of(*place)?;
                if at > 0 {
                    list.swap(at - 1, at);
                }
            }
            MenuEdit::MoveDown(place) => {
                let (list, at) = self.list_of(*place)?;
                if at + 1 < list.len() {
                    list.swap(at, at + 1);
                }
            }
            MenuEdit::Remove(place) => {
                let (list, at) = self.list_of(*place)?;
                list.remove(at);
            }
        }
        Ok(())
    }

    /// The list that has the item at `place`, and where it is there.
    fn list_of(&mut self, place: ItemPlace) -> Result<(&mut Vec<MenuItem>, usize)> {
        let gone = || Error::NotFound("menu item");
        let list = self.of_mut(place.menu);
        let (list, at) = match place.nested_at {
            None => (list, place.at),
            Some(at) => (&mut list.get_mut(place.at).ok_or_else(gone)?.items, at),
        };
        if at < list.len() {
            Ok((list, at))
        } else {
            Err(gone())
        }
    }
}

fn checked(urls: &Urls, label: &str, target: &str) -> Result<MenuItem> {
    let mut errors = Vec::new();
    let mut refuse = |field, problem| errors.push(crate::error::FieldError { field, problem });
    let too_long = |max| Problem::TooLong { max };
    if label.chars().count() > MAX_LABEL {
        refuse(Field::MenuLabel, too_long(MAX_LABEL));
    } else if label.trim().is_empty() {
        refuse(Field::MenuLabel, Problem::Missing);
    } else if !is_visible(label) {
        refuse(Field::MenuLabel, Problem::Invisible);
    }
    let address = if target.chars().count() > MAX_TARGET {
        refuse(Field::MenuTarget, too_long(MAX_TARGET));
        None
    } else if target.trim().is_empty() {
        refuse(Field::MenuTarget, Problem::Missing);
        None
    } else {
        let address = read_target(urls, target.trim());
        if address.is_none() {
            let message = Message::new("menu-target-unusable");
            refuse(Field::MenuTarget, Problem::Unusable(message));
        }
        address
    };
    match address {
        Some(target) if errors.is_empty() => Ok(MenuItem {
            label: clean_line(label, MAX_LABEL),
            target,
            items: Vec::new(),
        }),
        _ => Err(Error::Invalid(errors)),
    }
}

/// A target in its stored form: a path for an address of this site; None for what a menu cannot lead to.
fn read_target(urls: &Urls, typed: &str) -> Option<String> {
    let lower = typed.to_ascii_lowercase();
    let is_path = typed.starts_with('/');
    if !is_path && !lower.starts_with("https://") && !lower.starts_with("http://") {
        return None;
    }
    // Browsers read some paths as hosts: `//other.example`, `/\other.example`.
    let url = urls.resolve("/", typed)?;
    let has_login = !url.username().is_empty() || url.password().is_some();
    if has_login || url.host_str().is_none_or(str::is_empty) {
        return None;
    }
    match url.as_str().strip_prefix(&urls.absolute("/")) {
        // With another slash, browsers would read a host: `//other.example`.
        Some(rest) if rest.starts_with('/') => None,
        Some(rest) => Some(format!("/{rest}")),
        None if is_path => None,
        None => Some(url.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn urls() -> Urls {
        Urls::new("https://news.example".to_owned())
    }

    fn add(menus: &mut Menus, parent: Option<usize>, label: &str) {
        let edit = MenuEdit::Add {
            menu: MenuPlace::Header,
            parent,
            label: label.to_owned(),
            target: "/about/".to_owned(),
        };
        menus.apply(&urls(), &edit).unwrap();
    }

    fn labels(items: &[MenuItem]) -> Vec<&str> {
        items.iter().map(|item| item.label.as_str()).collect()
    }

    #[test]
    fn items_are_added_moved_changed_and_removed() {
        let mut menus = Menus::default();
        for label in ["A", "B", "C"] {
            add(&mut menus, None, label);
        }
        add(&mut menus, Some(1), "B1");
        add(&mut menus, Some(1), "B2");
        let place = |text: &str| text.parse::<ItemPlace>().unwrap();
        let mut apply = |edit| menus.apply(&urls(), &edit);
        apply(MenuEdit::MoveUp(place("header-1"))).unwrap();
        apply(MenuEdit::MoveUp(place("header-0"))).unwrap();
        apply(MenuEdit::MoveDown(place("header-0-0"))).unwrap();
        apply(MenuEdit::Remove(place("header-2"))).unwrap();
        apply(MenuEdit::Change {
            place: place("header-0"),
            label: "Bee".to_owned(),
            target: "https://news.example/tag/b/".to_owned(),
        })
        .unwrap();
        assert!(apply(MenuEdit::Remove(place("header-2"))).is_err());
        assert!(apply(MenuEdit::Remove(place("footer-0"))).is_err());
        assert!(apply(MenuEdit::MoveDown(place("header-1-0"))).is_err());
        assert_eq!(labels(&menus.header), ["Bee", "A"]);
        assert_eq!(labels(&menus.header[0].items), ["B2", "B1"]);
        assert_eq!(menus.header[0].target, "/tag/b/");
    }

    #[test]
    fn a_place_is_read_as_it_is_written() {
        for text in ["header-0", "footer-12-3"] {
            assert_eq!(text.parse::<ItemPlace>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "header",
            "header--1",
            "side-0",
            "header-0-0-0",
            "header-x",
        ] {
            assert!(text.parse::<ItemPlace>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_target_is_a_path_or_a_web_address() {
        for (typed, stored) in [
            ("/about/", "/about/"),
            ("/about/?a=1#b", "/about/?a=1#b"),
            ("https://news.example/about/", "/about/"),
            ("HTTPS://Other.example", "https://other.example/"),
            ("/caf\u{e9}/", "/caf%C3%A9/"),
        ] {
            assert_eq!(
                read_target(&urls(), typed).as_deref(),
                Some(stored),
                "{typed}"
            );
        }
        for typed in [
            "javascript:alert(1)",
            "java\tscript:alert(1)",
            "data:text/html,x",
            "mailto:a@b.example",
            "about",
            "//other.example/",
            "/\\other.example/",
            "https://user@other.example/",
            "https://",
            "/\t/other.example",
            "/.//other.example/",
            "https://news.example//other.example/",
        ] {
            assert_eq!(read_target(&urls(), typed), None, "{typed}");
        }
    }

    #[test]
    fn a_menu_and_a_label_have_limits() {
        let mut menus = Menus::default();
        for _ in 0..MAX_ITEMS {
            add(&mut menus, None, "x");
        }
        let edit = |label: &str| MenuEdit::Add {
            menu: MenuPlace::Header,
            parent: None,
            label: label.to_owned(),
            target: "/".to_owned(),
        };
        assert!(menus.apply(&urls(), &edit("x")).is_err());
        for label in ["", " ", "\u{200b}", &"x".repeat(10_240)] {
            assert!(Menus::default().apply(&urls(), &edit(label)).is_err());
        }
    }
}
