//! What to look at in a text before it is published, beside its preview: pictures that will not show, missing
//! alternative texts, skipped headings, link cards. Finds nothing itself.

use maud::{Markup, html};

use crate::markup::pictures::shown_address;
use crate::posts::preview::{Findings, WithoutAlt};
use crate::texts::Texts;
use crate::ui::buttons::{ButtonStyle, submit_value};

/// The field that names the picture to import, and its value for all of them.
pub const IMPORT: &str = "import";
pub const IMPORT_ALL: &str = "all";
/// The most entries of each kind that are listed.
const MAX_LISTED: usize = 50;

/// The list; `failures` says why pictures could not be imported, by their addresses.
pub fn findings_list(texts: &Texts, found: &Findings, failures: &[(String, String)]) -> Markup {
    html! {
        @if found.is_empty() {
            p.hint { (texts.text("checks-none")) }
        } @else {
            ul.checks {
                (foreign_pictures(texts, found, failures))
                @for address in found.missing.iter().take(MAX_LISTED) {
                    li { (texts.text("check-missing")) " " (code_of(address)) }
                }
                @for address in found.uncertain.iter().take(MAX_LISTED) {
                    li { (texts.text("check-uncertain")) " " (code_of(address)) }
                }
                @for picture in found.without_alt.iter().take(MAX_LISTED) {
                    li { (without_alt(texts, picture)) }
                }
                @for heading in found.skipped.iter().take(MAX_LISTED) {
                    li {
                        (texts.with("check-skipped", &[
                            ("level", u64::from(heading.level).into()),
                            ("expected", u64::from(heading.expected).into()),
                        ])) " "
                        @match &heading.id {
                            Some(id) => a href={ "#" (id) } dir="auto" { (heading.text) },
                            None => bdi { (heading.text) },
                        }
                    }
                }
                @for address in found.cards_waiting.iter().take(MAX_LISTED) {
                    li { (texts.text("check-card-waiting")) " " (link_to(address)) }
                }
                @for address in found.cards_failed.iter().take(MAX_LISTED) {
                    li { (texts.text("check-card-failed")) " " (link_to(address)) }
                }
            }
            @if found.foreign.len() > 1 {
                p { (submit_value(ButtonStyle::Secondary, IMPORT, IMPORT_ALL, &texts.text("button-import-all"))) }
            }
        }
    }
}

fn foreign_pictures(texts: &Texts, found: &Findings, failures: &[(String, String)]) -> Markup {
    html! {
        @for picture in found.foreign.iter().take(MAX_LISTED) {
            @let label = texts.with("import-one", &[("address", shown_address(&picture.address).into())]);
            li {
                (texts.text("check-foreign")) " " (link_to(&picture.address)) " "
                @if let Some((_, problem)) = failures.iter().find(|(address, _)| *address == picture.address) {
                    strong.import-problem { (problem) } " "
                }
                button type="submit" name=(IMPORT) value=(picture.address) aria-label=(label) {
                    (texts.text("button-import"))
                }
            }
        }
    }
}

fn without_alt(texts: &Texts, picture: &WithoutAlt) -> Markup {
    html! {
        (texts.text("check-without-alt")) " "
        @match picture.media {
            Some(id) => a href={ "/desk/media/" (id) } target="_blank" rel="noopener" {
                (texts.with("check-add-alt", &[("address", shown_address(&picture.address).into())]))
            },
            None => (code_of(&picture.address)),
        }
    }
}

fn link_to(address: &str) -> Markup {
    html! { a href=(address) target="_blank" rel="noopener noreferrer" { bdi { (shown_address(address)) } } }
}

fn code_of(address: &str) -> Markup {
    html! { code { bdi { (shown_address(address)) } } }
}
