//! The page that shows every component of `ui` in both colour schemes, for whoever changes the look.
//! Its samples store nothing, and its forms change nothing.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect};
use maud::{Markup, html};

use crate::accounts::permissions::Action;
use crate::error::{Field, Problem};
use crate::texts::Texts;
use crate::ui::badges::{Tone, badge};
use crate::ui::buttons::{self, ButtonStyle};
use crate::ui::confirmation::{Confirmation, confirmation};
use crate::ui::fields::{self, Checkbox, Input, Select, TextArea};
use crate::ui::pager::{self, PagerTexts, pager};
use crate::ui::sections::{empty, section, title_row};
use crate::ui::staff_page::NavSection;
use crate::ui::tabs::{Tab, tabs};
use crate::ui::{avatar, notices, problems, rows, tables, when};
use crate::web::respond::PageResult;
use crate::web::session::SignedIn;
use crate::web::state::Web;
use crate::web::views::staff::staff_page;

const PATH: &str = "/settings/components";

/// One column of the page. Ids and labels differ between the columns, as they must on one page.
struct Column {
    /// The class that sets the color scheme, also the id of the column's heading.
    class: &'static str,
    label: &'static str,
    tabs_label: &'static str,
    table_label: &'static str,
    pager: &'static PagerTexts,
    line: Field,
    text: Field,
    choice: Field,
    wrong: Field,
}

const COLUMNS: [Column; 2] = [
    Column {
        class: "scheme-light",
        label: "components-light",
        tabs_label: "components-tabs-light",
        table_label: "components-table-light",
        pager: &pager::POSTS,
        line: Field::Name,
        text: Field::Comment,
        choice: Field::Role,
        wrong: Field::Email,
    },
    Column {
        class: "scheme-dark",
        label: "components-dark",
        tabs_label: "components-tabs-dark",
        table_label: "components-table-dark",
        pager: &pager::RESPONSES,
        line: Field::Title,
        text: Field::Body,
        choice: Field::Subject,
        wrong: Field::Slug,
    },
];

/// `GET /settings/components`
pub async fn show(State(web): State<Web>, who: SignedIn) -> PageResult {
    who.actor.must(Action::ChangeSettings)?;
    let texts = &web.texts;
    let title = texts.text("components-title");
    let back = html! { a href="/settings/" { (texts.text("settings-back")) } };
    let main = html! {
        (title_row(&title, back))
        p { (texts.text("components-intro")) }
        div.columns {
            @for column in &COLUMNS {
                div class={ "scheme " (column.class) } {
                    (section(column.class, &texts.text(column.label), samples(&web, column)))
                }
            }
        }
    };
    let page = staff_page(&web, &who, NavSection::Settings, &title, &main).await?;
    Ok(page.into_response())
}

/// `POST /settings/components`: where the sample buttons lead. Changes nothing.
pub async fn submit(who: SignedIn) -> PageResult {
    who.actor.must(Action::ChangeSettings)?;
    Ok(Redirect::to(PATH).into_response())
}

fn samples(web: &Web, column: &Column) -> Markup {
    let texts = &web.texts;
    let samples: [(&str, Markup); 11] = [
        ("components-buttons", button_samples(texts)),
        ("components-notices", notice_samples(texts)),
        ("components-fields", field_samples(texts, column)),
        ("components-badges", badge_samples(texts)),
        ("components-tabs", tab_samples(texts, column)),
        ("components-list", list_sample(texts)),
        ("components-table", table_sample(texts, column)),
        (
            "components-pager",
            pager(texts, 2, 3, &|_| PATH.to_owned(), column.pager),
        ),
        (
            "components-empty",
            empty(texts.text("components-empty-text"), None),
        ),
        ("components-confirmation", confirmation_sample(texts)),
        ("components-people", people_sample(web)),
    ];
    html! {
        @for (heading, sample) in samples { h3 { (texts.text(heading)) } (sample) }
    }
}

fn button_samples(texts: &Texts) -> Markup {
    let styles = [
        (ButtonStyle::Primary, "components-button-primary"),
        (ButtonStyle::Secondary, "components-button-secondary"),
        (ButtonStyle::Danger, "components-button-danger"),
    ];
    html! {
        div.buttons { @for (style, id) in styles { (buttons::link(style, PATH, &texts.text(id))) } }
    }
}

fn notice_samples(texts: &Texts) -> Markup {
    html! {
        (notices::done(texts.text("components-notice-done")))
        (notices::info(texts.text("components-notice-info")))
        (notices::warning(texts.text("components-notice-warning")))
        (notices::note(texts.text("components-notice-note")))
    }
}

fn field_samples(texts: &Texts, column: &Column) -> Markup {
    let problems = [(column.wrong, texts.message(&Problem::Missing.message()))];
    let line = |field, label| Input {
        field,
        label,
        hint: None,
        kind: "text",
        autocomplete: Some("off"),
        value: "",
        required: false,
    };
    let options = [
        ("one", texts.text("components-field-choice-one")),
        ("two", texts.text("components-field-choice-two")),
    ];
    let (label, hint) = (
        texts.text("components-field-line"),
        texts.text("components-field-hint"),
    );
    html! {
        (problems::summary(texts, &texts.text("form-problems"), &problems))
        form method="get" action=(PATH) {
            (fields::input(&Input { hint: Some(&hint), ..line(column.line, &label) }, &problems))
            (fields::input(&line(column.wrong, &texts.text("components-field-problem")), &problems))
            (fields::text_area(&TextArea {
                field: column.text, label: &texts.text("components-field-text"), hint: None, rows: 3, value: "",
            }, &problems))
            (fields::select(&Select {
                field: column.choice, label: &texts.text("components-field-choice"), hint: None,
                options: &options, selected: "two",
            }, &problems))
            (fields::checkbox(&Checkbox {
                name: "check", value: "1", label: &texts.text("components-field-check"),
                checked: true, required: false,
            }))
            p.buttons { (buttons::submit(ButtonStyle::Primary, &texts.text("button-save"))) }
        }
    }
}

fn badge_samples(texts: &Texts) -> Markup {
    let tones = [
        (Tone::Neutral, "components-badge-neutral"),
        (Tone::Good, "components-badge-good"),
        (Tone::Attention, "components-badge-attention"),
        (Tone::Harm, "components-badge-harm"),
    ];
    html! {
        p { @for (tone, id) in tones { (badge(tone, &texts.text(id))) " " } }
    }
}

fn tab_samples(texts: &Texts, column: &Column) -> Markup {
    let (current, other) = (
        texts.text("components-tab-current"),
        texts.text("components-tab-other"),
    );
    let entries = [(&current, Some(3), true), (&other, None, false)];
    let entries = entries.map(|(label, count, is_current)| Tab {
        href: PATH,
        label,
        count,
        is_current,
    });
    tabs(&texts.text(column.tabs_label), &entries)
}

fn list_sample(texts: &Texts) -> Markup {
    let content = html! {
        span.row-title { (texts.text("components-row-title")) }
        p.meta { (texts.text("components-row-facts")) }
    };
    let action = buttons::link(
        ButtonStyle::Secondary,
        PATH,
        &texts.text("components-row-action"),
    );
    rows::rows(&[rows::row(&content, &action)])
}

fn table_sample(texts: &Texts, column: &Column) -> Markup {
    let headings = ["components-table-name", "components-table-value"].map(|id| texts.text(id));
    let row = |value: u32| {
        vec![
            html! { (texts.text("components-row-title")) },
            html! { (value) },
        ]
    };
    tables::table(
        &texts.text(column.table_label),
        &headings,
        &[row(1), row(2)],
    )
}

fn confirmation_sample(texts: &Texts) -> Markup {
    let question = Confirmation {
        title: "",
        consequence: html! { p { (texts.text("components-confirmation-text")) } },
        action: PATH,
        fields: &[],
        button: &texts.text("components-button-danger"),
        back: PATH,
    };
    confirmation(texts, &question)
}

fn people_sample(web: &Web) -> Markup {
    let now = web.app.clock.now();
    html! {
        p { (avatar::avatar("Ada")) " " (avatar::link_sign()) }
        p.meta { (when::time_of_minute(now, &web.app.zone())) }
    }
}
