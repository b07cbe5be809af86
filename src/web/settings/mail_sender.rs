//! The sender of emails, how often moderators get one, and a test email.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use maud::{Markup, html};

use crate::accounts::permissions::Action;
use crate::config::effective::MailSenderSettings;
use crate::error::{Error, Field};
use crate::site::mail_sender::{self, MAX_DIGEST_MINUTES, MailSenderInput};
use crate::site::section::{self, SectionState};
use crate::store::entity::setting_change::SettingsSection;
use crate::ui::buttons::action;
use crate::ui::notices;
use crate::ui::problems;
use crate::ui::sections::{section as page_section, title_row};
use crate::ui::staff_page::NavSection;
use crate::web::form::Form;
use crate::web::form_problems::form_problems;
use crate::web::respond::PageResult;
use crate::web::session::SignedIn;
use crate::web::settings::changes::{change_list, done_notice};
use crate::web::settings::section_form::{SectionForm, USE_DEFAULTS, default_text};
use crate::web::settings::settings_tabs::{SettingsPage, settings_tabs};
use crate::web::settings::site::SettingsQuery;
use crate::web::state::Web;
use crate::web::views::staff::staff_page;

const ADDRESS: &str = "/settings/mail";

/// `GET /settings/mail`
pub async fn show(
    State(web): State<Web>,
    who: SignedIn,
    Query(query): Query<SettingsQuery>,
) -> PageResult {
    who.actor.must(Action::ChangeSettings)?;
    let notice = done_notice(&web.texts, query.done.as_deref());
    page(&web, &who, notice, None, StatusCode::OK).await
}

/// `POST /settings/mail`
pub async fn update(State(web): State<Web>, who: SignedIn, form: Form) -> PageResult {
    who.actor.must(Action::ChangeSettings)?;
    let typed: MailSenderInput = form.read().unwrap_or_default();
    let (app, actor) = (&web.app, &who.actor);
    let seen = Some(form.get("revision").parse().unwrap_or(0));
    let saved = match form.get("do") {
        USE_DEFAULTS => section::use_defaults::<MailSenderSettings>(app, actor, seen).await,
        _ => mail_sender::save(app, actor, &typed, seen).await,
    };
    match saved {
        Ok(()) => Ok(Redirect::to("/settings/mail?done=saved").into_response()),
        Err(error) => {
            let refused = Some((form, error));
            page(&web, &who, Markup::default(), refused, StatusCode::OK).await
        }
    }
}

/// `POST /settings/mail/test`
pub async fn test(State(web): State<Web>, who: SignedIn) -> PageResult {
    let texts = &web.texts;
    let (status, notice) = match mail_sender::send_test(&web.app, &who.actor).await {
        Ok(address) => {
            let sent = texts.around("mail-test-sent", ("address", &address), &[]);
            (StatusCode::OK, notices::done(sent))
        }
        Err(error) => {
            let (_, problems) = form_problems(texts, error)?;
            let title = texts.text("mail-test-not-sent");
            // The site works: what failed is the mail server, or its settings.
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            (status, problems::summary(texts, &title, &problems))
        }
    };
    page(&web, &who, notice, None, status).await
}

async fn page(
    web: &Web,
    who: &SignedIn,
    notice: Markup,
    refused: Option<(Form, Error)>,
    mut status: StatusCode,
) -> PageResult {
    let state: SectionState<MailSenderSettings> = section::find(&web.app).await?;
    let mut input = MailSenderInput::from(&state.values);
    let mut problems = Vec::new();
    if let Some((form, error)) = refused {
        (status, problems) = form_problems(&web.texts, error)?;
        if form.get("do") != USE_DEFAULTS {
            input = form.read().unwrap_or_default();
        }
    }
    let texts = &web.texts;
    let title = texts.text("mail-title");
    let form = SectionForm {
        texts,
        action: ADDRESS,
        revision: state.revision,
        problems: &problems,
        is_changed: state.is_changed(),
    };
    let test = html! {
        @if web.app.sends_mail() {
            p { (texts.around("mail-test-note", ("address", &who.user.email), &[])) }
            (action("/settings/mail/test", &texts.text("mail-test-button"), None))
        } @else {
            (notices::note(texts.text("mail-off")))
        }
    };
    let main = html! {
        (title_row(&title, ""))
        (settings_tabs(texts, SettingsPage::Mail))
        (notice)
        (form.form(&fields(&form, &input, &state)))
        (page_section("test-heading", &texts.text("mail-test-title"), test))
        (change_list(web, SettingsSection::Mail).await?)
    };
    let page = staff_page(web, who, NavSection::Settings, &title, &main).await?;
    Ok((status, page).into_response())
}

fn fields(
    form: &SectionForm<'_>,
    input: &MailSenderInput,
    state: &SectionState<MailSenderSettings>,
) -> Markup {
    let (texts, values, defaults) = (form.texts, &state.values, &state.defaults);
    let minutes = texts.with("mail-digest-hint", &[("max", MAX_DIGEST_MINUTES.into())]);
    html! {
        (form.line((Field::FromName, "text"), &texts.text("field-from-name"), None,
            (&input.from_name, default_text(&values.from_name, &defaults.from_name))))
        (form.line((Field::FromAddress, "email"), &texts.text("field-from-address"), None,
            (&input.from_address, default_text(&values.from_address, &defaults.from_address))))
        (form.line((Field::DigestMinutes, "number"), &texts.text("field-digest-minutes"), Some(minutes),
            (&input.digest_minutes, default_text(&values.digest_minutes, &defaults.digest_minutes))))
    }
}
