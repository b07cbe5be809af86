//! The sender of emails, how often moderators get one, and a test email.

use axum::extract::State;
use axum::http::StatusCode;
use maud::{Markup, html};

use crate::config::effective::MailSenderSettings;
use crate::error::Field;
use crate::site::mail_sender::{self, MAX_DIGEST_MINUTES};
use crate::site::section::SectionState;
use crate::ui::buttons::action;
use crate::ui::notices;
use crate::ui::problems;
use crate::ui::sections::section as page_section;
use crate::web::form_problems::form_problems;
use crate::web::respond::PageResult;
use crate::web::session::SignedIn;
use crate::web::settings::section_form::{SectionForm, default_text};
use crate::web::settings::section_page::{self, SectionPage};
use crate::web::settings::settings_tabs::SettingsPage;
use crate::web::state::Web;

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
    section_page::page_with_notice::<MailSenderSettings>(&web, &who, &notice, status).await
}

impl SectionPage for MailSenderSettings {
    const PAGE: SettingsPage = SettingsPage::Mail;

    fn fields(form: &SectionForm<'_>, input: &Self::Input, state: &SectionState<Self>) -> Markup {
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

    fn below_form(web: &Web, who: &SignedIn) -> Markup {
        let texts = &web.texts;
        let test = html! {
            @if web.app.sends_mail() {
                p { (texts.around("mail-test-note", ("address", &who.user.email), &[])) }
                (action("/settings/mail/test", &texts.text("mail-test-button"), None))
            } @else {
                (notices::note(texts.text("mail-off")))
            }
        };
        page_section("test-heading", &texts.text("mail-test-title"), test)
    }
}
