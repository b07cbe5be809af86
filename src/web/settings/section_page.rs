//! The page of a section of the settings for which the settings file has defaults: shows it, saves it, and lets
//! it follow the file again. What its fields are, each section says itself.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use maud::{Markup, html};

use crate::accounts::permissions::Action;
use crate::site::section::{self, SectionState, TypedSection};
use crate::ui::problems::FieldText;
use crate::ui::sections::title_row;
use crate::ui::staff_page::NavSection;
use crate::web::form::Form;
use crate::web::form_problems::form_problems;
use crate::web::respond::PageResult;
use crate::web::session::SignedIn;
use crate::web::settings::changes::{change_list, done_notice};
use crate::web::settings::section_form::{SectionForm, USE_DEFAULTS};
use crate::web::settings::settings_tabs::{SettingsPage, settings_tabs};
use crate::web::settings::site::SettingsQuery;
use crate::web::state::Web;
use crate::web::views::staff::staff_page;

/// A section with a page of its own.
pub trait SectionPage: TypedSection {
    const PAGE: SettingsPage;

    /// The fields, with what is stored or was typed.
    fn fields(form: &SectionForm<'_>, input: &Self::Input, state: &SectionState<Self>) -> Markup;

    /// What stands between the form and the list of changes.
    fn below_form(_web: &Web, _who: &SignedIn) -> Markup {
        Markup::default()
    }
}

/// `GET` of the section's page.
pub async fn show<S: SectionPage>(
    State(web): State<Web>,
    who: SignedIn,
    Query(query): Query<SettingsQuery>,
) -> PageResult {
    who.actor.must(Action::ChangeSettings)?;
    let notice = done_notice(&web.texts, query.done.as_deref());
    page_with_notice::<S>(&web, &who, &notice, StatusCode::OK).await
}

/// `POST` to the section's page: saves what was typed, or lets everything follow the settings file again.
pub async fn update<S: SectionPage>(
    State(web): State<Web>,
    who: SignedIn,
    form: Form,
) -> PageResult {
    who.actor.must(Action::ChangeSettings)?;
    let typed: S::Input = form.read().unwrap_or_default();
    let (app, actor) = (&web.app, &who.actor);
    let seen = Some(form.get("revision").parse().unwrap_or(0));
    let saved = match form.get("do") {
        USE_DEFAULTS => section::use_defaults::<S>(app, actor, seen).await,
        _ => section::save::<S>(app, actor, &typed, seen).await,
    };
    match saved {
        Ok(()) => {
            let to = format!("{}?done=saved", S::PAGE.address());
            Ok(Redirect::to(&to).into_response())
        }
        Err(error) => {
            let (status, problems) = form_problems(&web.texts, error)?;
            let kept = Some(&typed).filter(|_| form.get("do") != USE_DEFAULTS);
            let notice = Markup::default();
            page::<S>(&web, &who, (kept, &problems), &notice, status).await
        }
    }
}

/// The page with the stored values, and `notice` above them.
pub async fn page_with_notice<S: SectionPage>(
    web: &Web,
    who: &SignedIn,
    notice: &Markup,
    status: StatusCode,
) -> PageResult {
    page::<S>(web, who, (None, &[]), notice, status).await
}

/// The page with what was typed, else with the stored values.
async fn page<S: SectionPage>(
    web: &Web,
    who: &SignedIn,
    (typed, problems): (Option<&S::Input>, &[FieldText]),
    notice: &Markup,
    status: StatusCode,
) -> PageResult {
    let state: SectionState<S> = section::find(&web.app).await?;
    let stored = S::Input::from(&state.values);
    let form = SectionForm {
        texts: &web.texts,
        action: S::PAGE.address(),
        revision: state.revision,
        problems,
        is_changed: state.is_changed(),
    };
    let title = web.texts.text(S::PAGE.label_id());
    let main = html! {
        (title_row(&title, ""))
        (settings_tabs(&web.texts, S::PAGE))
        (notice)
        (form.form(&S::fields(&form, typed.unwrap_or(&stored), &state)))
        (S::below_form(web, who))
        (change_list(web, S::SECTION).await?)
    };
    let page = staff_page(web, who, NavSection::Settings, &title, &main).await?;
    Ok((status, page).into_response())
}
