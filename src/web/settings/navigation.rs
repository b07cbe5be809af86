//! The header menu and the footer menu, edited without scripts: each button sends one small change.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use maud::{Markup, html};
use serde::Deserialize;

use crate::accounts::permissions::Action;
use crate::error::{Error, Field};
use crate::site::menus::{ItemPlace, MenuEdit, MenuItem, find_menu, menu_name};
use crate::site::navigation;
use crate::store::entity::menu_item::MenuPlace;
use crate::store::entity::setting_change::SettingsSection;
use crate::texts::Texts;
use crate::ui::buttons::{ButtonStyle, submit_value};
use crate::ui::fields::{self, Input};
use crate::ui::notices;
use crate::ui::problems::{self, FieldText};
use crate::ui::sections::{section, title_row};
use crate::ui::staff_page::NavSection;
use crate::web::form::TypedForm;
use crate::web::form_problems::form_problems;
use crate::web::respond::PageResult;
use crate::web::session::SignedIn;
use crate::web::settings::changes::change_list;
use crate::web::settings::menu_targets::{DeadTargets, find_dead_targets};
use crate::web::settings::settings_tabs::{SettingsPage, settings_tabs};
use crate::web::state::Web;
use crate::web::views::staff::staff_page;

/// The query of the page.
#[derive(Debug, Default, Deserialize)]
pub struct NavigationQuery {
    /// What was just done.
    done: Option<String>,
}

/// What every form of the page sends.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct NavigationForm {
    revision: i64,
    /// The button: `add`, `change`, `up`, `down` or `remove`.
    #[serde(rename = "do")]
    button: String,
    /// The item, such as `header-0-2`.
    item: String,
    /// Where an item is added: a menu, such as `header`, or an item of it, such as `header-0`.
    into: String,
    label: String,
    target: String,
}

/// The form that was refused, with what to fix.
struct Refused {
    form: NavigationForm,
    problems: Vec<FieldText>,
}

/// `GET /settings/navigation`
pub async fn show(
    State(web): State<Web>,
    who: SignedIn,
    Query(query): Query<NavigationQuery>,
) -> PageResult {
    who.actor.must(Action::ChangeSettings)?;
    let notice = match query.done.as_deref() {
        Some("saved") => notices::done(web.texts.text("settings-saved")),
        Some("undone") => notices::done(web.texts.text("settings-undone")),
        _ => Markup::default(),
    };
    page(&web, &who, notice, None, StatusCode::OK).await
}

/// `POST /settings/navigation`
pub async fn update(
    State(web): State<Web>,
    who: SignedIn,
    TypedForm(form): TypedForm<NavigationForm>,
) -> PageResult {
    who.actor.must(Action::ChangeSettings)?;
    let edit = read_edit(&form)?;
    match navigation::edit(&web.app, &who.actor, edit, Some(form.revision)).await {
        Ok(()) => Ok(Redirect::to("/settings/navigation?done=saved").into_response()),
        Err(error) => {
            let (status, problems) = form_problems(&web.texts, error)?;
            let refused = Refused { form, problems };
            page(&web, &who, Markup::default(), Some(refused), status).await
        }
    }
}

fn read_edit(form: &NavigationForm) -> Result<MenuEdit, Error> {
    let unknown = || Error::NotFound("menu item");
    let place = || form.item.parse::<ItemPlace>().map_err(|()| unknown());
    let (label, target) = (form.label.clone(), form.target.clone());
    Ok(match form.button.as_str() {
        "add" => {
            let (menu, parent) = match find_menu(&form.into) {
                Some(menu) => (menu, None),
                None => {
                    let place: ItemPlace = form.into.parse().map_err(|()| unknown())?;
                    // Items are nested one level.
                    if place.nested_at.is_some() {
                        return Err(unknown());
                    }
                    (place.menu, Some(place.at))
                }
            };
            MenuEdit::Add {
                menu,
                parent,
                label,
                target,
            }
        }
        "change" => MenuEdit::Change {
            place: place()?,
            label,
            target,
        },
        "up" => MenuEdit::MoveUp(place()?),
        "down" => MenuEdit::MoveDown(place()?),
        "remove" => MenuEdit::Remove(place()?),
        _ => return Err(unknown()),
    })
}

async fn page(
    web: &Web,
    who: &SignedIn,
    notice: Markup,
    refused: Option<Refused>,
    status: StatusCode,
) -> PageResult {
    let (menus, revision) = navigation::find(&web.app).await?;
    let dead = find_dead_targets(web, &menus).await?;
    let texts = &web.texts;
    let title = texts.text("navigation-title");
    let problems = refused
        .as_ref()
        .map_or(&[][..], |refused| refused.problems.as_slice());
    let view = MenuView {
        texts,
        revision,
        dead: &dead,
        refused: refused.as_ref(),
    };
    let main = html! {
        (title_row(&title, ""))
        (settings_tabs(texts, SettingsPage::Navigation))
        (notice)
        (problems::summary(texts, &texts.text("form-problems"), problems))
        p { (texts.text("navigation-intro")) }
        (section("header-heading", &texts.text("menu-header"), view.menu(MenuPlace::Header, &menus.header)))
        (section("footer-heading", &texts.text("menu-footer"), view.menu(MenuPlace::Footer, &menus.footer)))
        (section("add-heading", &texts.text("menu-add"), view.add_form(&menus.header, &menus.footer)))
        (change_list(web, SettingsSection::Navigation).await?)
    };
    let page = staff_page(web, who, NavSection::Settings, &title, &main).await?;
    Ok((status, page).into_response())
}

struct MenuView<'a> {
    texts: &'a Texts,
    revision: i64,
    dead: &'a DeadTargets,
    refused: Option<&'a Refused>,
}

impl MenuView<'_> {
    fn menu(&self, menu: MenuPlace, items: &[MenuItem]) -> Markup {
        let texts = self.texts;
        let empty = match menu {
            MenuPlace::Header => "menu-header-empty",
            MenuPlace::Footer => "menu-footer-empty",
        };
        html! {
            @if items.is_empty() { (notices::note(texts.text(empty))) }
            @else {
                ul.rows.menu-items {
                    @for (at, item) in items.iter().enumerate() {
                        @let place = ItemPlace { menu, at, nested_at: None };
                        (self.row(place, item, items.len()))
                        @for (nested_at, nested) in item.items.iter().enumerate() {
                            @let place = ItemPlace { menu, at, nested_at: Some(nested_at) };
                            (self.row(place, nested, item.items.len()))
                        }
                    }
                }
            }
        }
    }

    fn row(&self, place: ItemPlace, item: &MenuItem, siblings: usize) -> Markup {
        let texts = self.texts;
        let at = place.nested_at.unwrap_or(place.at);
        let full = |label: &str| {
            let values = [
                ("action", label.to_owned().into()),
                ("title", item.label.as_str().into()),
            ];
            texts.with("post-action-on", &values)
        };
        let refused = self.refused.filter(|refused| {
            refused.form.button == "change" && refused.form.item == place.to_string()
        });
        let (label, target) = match refused {
            Some(refused) => (&refused.form.label, &refused.form.target),
            None => (&item.label, &item.target),
        };
        let button = |value: &str, id: &'static str| {
            let label = texts.text(id);
            html! { button type="submit" name="do" value=(value) aria-label=(full(&label)) { (label) } }
        };
        html! {
            li.row.nested[place.nested_at.is_some()] {
                form method="post" action="/settings/navigation" {
                    (self.hidden())
                    input type="hidden" name="item" value=(place);
                    // Enter in a field presses the first button of its form.
                    div.menu-fields {
                        label {
                            (texts.text("field-menu-label"))
                            input type="text" name="label" dir="auto" autocomplete="off" value=(label);
                        }
                        label {
                            (texts.text("field-menu-target"))
                            input type="text" name="target" dir="auto" autocomplete="off" value=(target);
                        }
                    }
                    @if self.dead.contains(&item.target) {
                        p.problem { (texts.with("menu-target-dead", &[("target", item.target.as_str().into())])) }
                    }
                    div.row-actions {
                        (button("change", "button-save"))
                        @if at > 0 { (button("up", "menu-up")) }
                        @if at + 1 < siblings { (button("down", "menu-down")) }
                        (button("remove", "menu-remove"))
                    }
                }
            }
        }
    }

    fn add_form(&self, header: &[MenuItem], footer: &[MenuItem]) -> Markup {
        let texts = self.texts;
        let refused = self.refused.filter(|refused| refused.form.button == "add");
        let typed = refused.map_or_else(NavigationForm::default, |refused| refused.form.clone());
        let problems = refused.map_or(&[][..], |refused| refused.problems.as_slice());
        let line = |field, label: &'static str, hint: Option<&str>, value: &str| {
            let input = Input {
                field,
                label: &texts.text(label),
                hint,
                kind: "text",
                autocomplete: Some("off"),
                value,
                required: false,
            };
            fields::input(&input, problems)
        };
        let places = [
            (MenuPlace::Header, "menu-header", header),
            (MenuPlace::Footer, "menu-footer", footer),
        ];
        html! {
            form method="post" action="/settings/navigation" {
                (self.hidden())
                (line(Field::MenuLabel, "field-menu-label", None, &typed.label))
                (line(Field::MenuTarget, "field-menu-target", Some(&texts.text("field-menu-target-hint")), &typed.target))
                div.field {
                    label for="into" { (texts.text("field-menu-into")) }
                    select #into name="into" {
                        @for (menu, label, items) in places {
                            @let name = menu_name(menu);
                            option value=(name) selected[typed.into == name] { (texts.text(label)) }
                            @for (at, item) in items.iter().enumerate() {
                                @let place = ItemPlace { menu, at, nested_at: None }.to_string();
                                option value=(place) selected[typed.into == place] { "– " (item.label) }
                            }
                        }
                    }
                }
                p.buttons { (submit_value(ButtonStyle::Primary, "do", "add", &texts.text("menu-add"))) }
            }
        }
    }

    fn hidden(&self) -> Markup {
        html! { input type="hidden" name="revision" value=(self.revision); }
    }
}
