//! The form for the site's design. Reads and stores nothing.

use maud::{Markup, html};

use crate::error::Field;
use crate::media::address;
use crate::media::picture_format::PICTURE_TYPES;
use crate::site::design::DesignInput;
use crate::site::look::{FontPairing, HeaderStyle, HomeStyle};
use crate::store::entity::media::Model as Media;
use crate::store::posts::PostLine;
use crate::texts::Texts;
use crate::ui::buttons::{ButtonStyle, submit};
use crate::ui::fields::{self, Checkbox, Select, TextArea};
use crate::ui::problems::{self, FieldText};
use crate::web::form::Form;
use crate::web::settings::preview_frame;

/// Where a picture is chosen: field, label, hint.
const PICTURES: [(Field, &str, &str); 3] = [
    (Field::Logo, "field-logo", "field-logo-hint"),
    (Field::LogoDark, "field-logo-dark", "field-logo-dark-hint"),
    (Field::Icon, "field-icon", "field-icon-hint"),
];

/// What there is to choose from.
pub struct Choices {
    /// Pictures of the library: the newest ones and those that are chosen.
    pub pictures: Vec<Media>,
    /// The published pages.
    pub pages: Vec<PostLine>,
}

/// The name of the file chooser beside a choice of pictures.
pub fn file_field(field: Field) -> String {
    format!("{}_file", field.name())
}

/// The field whose file chooser has this name.
pub fn field_of_file(name: &str) -> Option<Field> {
    PICTURES
        .into_iter()
        .map(|(field, ..)| field)
        .find(|field| file_field(*field) == name)
}

/// What was chosen.
pub fn read(form: &Form) -> DesignInput {
    let text = |field: Field| form.get(field.name()).to_owned();
    DesignInput {
        logo: text(Field::Logo),
        logo_dark: text(Field::LogoDark),
        icon: text(Field::Icon),
        hides_name: form.has("hides_name"),
        fonts: text(Field::Fonts),
        header_style: text(Field::HeaderStyle),
        home_style: text(Field::HomeStyle),
        home_page: text(Field::HomePage),
        custom_css: text(Field::CustomCss),
    }
}

/// The form with these values; `revision` is the one that is seen on this page.
pub fn design_form(
    texts: &Texts,
    design: &DesignInput,
    revision: i64,
    choices: &Choices,
    problems: &[FieldText],
) -> Markup {
    let select = |field, label: &'static str, options: &[(&str, String)], selected: &str| {
        let label = &texts.text(label);
        let select = Select {
            field,
            label,
            hint: None,
            options,
            selected,
        };
        fields::select(&select, problems)
    };
    let headers = HeaderStyle::ALL.map(|style| (style.name(), texts.text(style.label_id())));
    let homes = HomeStyle::ALL.map(|style| (style.name(), texts.text(style.label_id())));
    let fonts = FontPairing::ALL.map(|fonts| (fonts.name(), texts.text(fonts.label_id())));
    let ids: Vec<String> = choices
        .pages
        .iter()
        .map(|page| page.id.to_string())
        .collect();
    let mut pages = vec![("", texts.text("home-page-none"))];
    pages.extend(
        ids.iter()
            .zip(&choices.pages)
            .map(|(id, page)| (id.as_str(), page.title.clone())),
    );
    html! {
        (problems::summary(texts, &texts.text("form-problems"), problems))
        form.design method="post" action="/settings/design" enctype="multipart/form-data" {
            input type="hidden" name="revision" value=(revision);
            @for ((field, label, hint), chosen) in PICTURES.into_iter().zip([&design.logo, &design.logo_dark, &design.icon]) {
                (picture_field(texts, (field, label, hint), chosen, &choices.pictures, problems))
                @if field == Field::LogoDark {
                    p { (fields::checkbox(&Checkbox {
                        name: "hides_name", value: "yes", label: &texts.text("field-hides-name"),
                        checked: design.hides_name, required: false,
                    })) }
                }
            }
            (select(Field::HeaderStyle, "field-header-style", &headers, &design.header_style))
            (select(Field::Fonts, "field-fonts", &fonts, &design.fonts))
            (select(Field::HomeStyle, "field-home-style", &homes, &design.home_style))
            (select(Field::HomePage, "field-home-page", &pages, &design.home_page))
            (fields::text_area(&TextArea {
                field: Field::CustomCss, label: &texts.text("field-custom-css"),
                hint: Some(&texts.text("field-custom-css-hint")), rows: 10, value: &design.custom_css,
            }, problems))
            p.buttons {
                (submit(ButtonStyle::Primary, &texts.text("button-save")))
                " " (preview_frame::button(texts))
            }
        }
    }
}

/// A choice of pictures of the library, with a file chooser beside it.
fn picture_field(
    texts: &Texts,
    (field, label, hint): (Field, &'static str, &'static str),
    chosen: &str,
    pictures: &[Media],
    problems: &[FieldText],
) -> Markup {
    let (name, file_name) = (field.name(), file_field(field));
    let problem = problems::of_field(field, problems);
    let current = pictures.iter().find(|media| media.id.to_string() == chosen);
    html! {
        div.field.picture-choice {
            label for=(name) { (texts.text(label)) " " span.hint { "(" (texts.text(hint)) ")" } }
            @if let Some(media) = current {
                img src=(address::of_original(media)) alt="" width=[media.width] height=[media.height];
            }
            select #(name) name=(name) aria-invalid=[problem.map(|_| "true")]
                aria-describedby=[problem.map(|_| format!("{name}-problem"))] {
                option value="" selected[chosen.is_empty()] { (texts.text("picture-none")) }
                @for media in pictures {
                    @let id = media.id.to_string();
                    option value=(id) selected[id == chosen] {
                        (media.file_name)
                        @if let (Some(width), Some(height)) = (media.width, media.height) {
                            " (" (width) " × " (height) ")"
                        }
                    }
                }
            }
            label for=(file_name) { (texts.text("picture-upload")) }
            input #(file_name) name=(file_name) type="file" accept=(PICTURE_TYPES);
            (problems::note(name, problem))
        }
    }
}
