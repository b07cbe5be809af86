//! The preview of the site's look: a page for readers with what is typed and not saved yet, to be shown in the
//! frame of `settings::preview_frame`. Stores nothing.

use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::accounts::permissions::Action;
use crate::error::Field;
use crate::site::{custom_css, design, identity, social_links};
use crate::texts::Texts;
use crate::ui::buttons::{ButtonStyle, submit};
use crate::ui::frame::{PageFrame, SiteName};
use crate::ui::notices;
use crate::ui::reader_page::reader_page;
use crate::web::form::Form;
use crate::web::look;
use crate::web::respond::PageResult;
use crate::web::session::SignedIn;
use crate::web::settings::accent_notes::accent_notes;
use crate::web::settings::{design_form, identity_form};
use crate::web::state::Web;

/// In the frame: nothing runs and nothing is sent. Its stylesheets are stored nowhere, so they come as
/// `data:` addresses.
const POLICY_OF_PREVIEW: &str = "default-src 'none'; style-src 'self' data:; img-src 'self'; font-src 'self'; \
     form-action 'none'; base-uri 'none'; frame-ancestors 'self'";

/// `GET /settings/design/preview`: of what is stored.
pub async fn show(State(web): State<Web>, who: SignedIn) -> PageResult {
    preview(&web, &who, &Form::default()).await
}

/// `POST /settings/design/preview`: of what is typed; what the form does not have is as it is stored.
pub async fn create(State(web): State<Web>, who: SignedIn, form: Form) -> PageResult {
    preview(&web, &who, &form).await
}

async fn preview(web: &Web, who: &SignedIn, form: &Form) -> PageResult {
    who.actor.must(Action::ChangeSettings)?;
    web.app.limits.check_staff_render(who.user.id.0).await?;
    let stored = identity::find_current(&web.app).await?;
    let identity = match form.has(Field::SiteName.name()) {
        true => identity_form::read(form),
        false => stored,
    };
    let design = match form.has(Field::HeaderStyle.name()) {
        true => design::as_far_as_usable(&design_form::read(form)),
        false => design::find_current(&web.app).await?,
    };
    let stored = web.site_name().await?;
    let base = web.app.urls.absolute("/");
    let base = base.trim_end_matches('/');
    let mut look = look::find(&web.app, &identity, &design).await?;
    look.stylesheet = as_data(&look::stylesheet(&identity, &design, base));
    look.manifest.clear();
    let custom = custom_css::compile(&design.custom_css, base);
    look.custom_css = custom.as_ref().ok().and_then(|css| as_data(css));
    let site = SiteName {
        name: identity.name,
        tagline: identity.tagline,
        footer_text: identity.footer_text,
        social_links: social_links::parse(&identity.social_links),
        menus: stored.menus.clone(),
        look,
    };
    let texts = &web.texts;
    let main = html! {
        @if let Err(error) = &custom { (notices::warning(texts.message(&error.message()))) }
        (sample(texts))
        (accent_notes(texts, &identity.accent))
    };
    let frame = PageFrame {
        head: html! { meta name="robots" content="noindex"; },
        ..web.frame(&site)
    };
    Ok(in_frame(reader_page(&frame, &main).into_response()))
}

/// A stylesheet as an address; None where it is empty.
fn as_data(css: &str) -> Option<String> {
    (!css.is_empty()).then(|| {
        let encoded = utf8_percent_encode(css, NON_ALPHANUMERIC);
        format!("data:text/css;charset=utf-8,{encoded}")
    })
}

fn in_frame(mut response: Response) -> Response {
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY_OF_PREVIEW),
        (header::X_FRAME_OPTIONS, "SAMEORIGIN"),
        (HeaderName::from_static("x-robots-tag"), "noindex"),
    ] {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Something of everything that a post has.
fn sample(texts: &Texts) -> Markup {
    html! {
        article.post {
            header {
                h1 { (texts.text("design-sample-title")) }
                p.meta { (texts.text("design-sample-meta")) }
            }
            div.text {
                p { (texts.text("design-sample-text")) " " a href="#main" { (texts.text("design-sample-link")) } }
                h2 { (texts.text("design-sample-heading")) }
                blockquote { p { (texts.text("design-sample-quote")) } }
                p { em { (texts.text("design-sample-emphasis")) } " " strong { (texts.text("design-sample-strong")) } }
            }
        }
        form { p.buttons { (submit(ButtonStyle::Primary, &texts.text("design-sample-button"))) } }
    }
}
