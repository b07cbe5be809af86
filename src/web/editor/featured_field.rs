//! The field for the featured picture of a post: how the chosen one looks, and the newest ones to choose from.
//! Stores nothing, and does not decide which pictures can be used.

use maud::{Markup, html};

use crate::error::{Error, Field};
use crate::markup::pictures::OwnPicture;
use crate::media::picture_format::PICTURE_TYPES;
use crate::media::uses;
use crate::posts::draft::PostInput;
use crate::store::entity::ids::MediaId;
use crate::store::entity::media::Model as Media;
use crate::store::entity::post::PostKind;
use crate::store::media;
use crate::texts::Texts;
use crate::ui::picture;
use crate::ui::problems::{self, FieldText};
use crate::web::state::Web;

/// The most pictures that are offered.
const MAX_OFFERED: u64 = 50;

/// What there is to choose from; nothing for a page.
#[derive(Default)]
pub struct FeaturedChoices {
    /// The newest pictures of the library.
    newest: Vec<Media>,
    chosen: Option<OwnPicture>,
}

impl FeaturedChoices {
    pub async fn find(web: &Web, input: &PostInput) -> Result<Self, Error> {
        if input.kind == PostKind::Page {
            return Ok(Self::default());
        }
        let typed = input.featured.as_deref().unwrap_or_default().trim();
        let chosen = match typed.parse::<MediaId>() {
            Ok(id) => uses::list_pictures(&web.app, &[id]).await?.remove(&id),
            Err(_) => None,
        };
        let newest = media::list_newest_pictures(web.app.store.read(), MAX_OFFERED).await?;
        Ok(Self { newest, chosen })
    }
}

/// The field with these choices. With scripts, a file can be uploaded from here.
pub fn featured_field(
    texts: &Texts,
    value: &str,
    choices: &FeaturedChoices,
    problems: &[FieldText],
) -> Markup {
    let name = Field::Featured.name();
    let problem = problems::of_field(Field::Featured, problems);
    html! {
        div.field.picture-choice data-featured {
            label for=(name) {
                (texts.text("field-featured")) " "
                span.hint { "(" (texts.text("field-featured-hint")) ")" }
            }
            @if let Some(chosen) = &choices.chosen { (picture::thumbnail(chosen)) }
            input #(name) name=(name) type="text" dir="auto" autocomplete="off" list="featured-choices" value=(value)
                aria-invalid=[problem.map(|_| "true")]
                aria-describedby=[problem.map(|_| format!("{name}-problem"))];
            datalist #featured-choices {
                @for media in &choices.newest {
                    option value=(media.id) label=(media.file_name) {}
                }
            }
            (problems::note(name, problem))
            p.buttons.with-scripts {
                button #add-featured type="button" data-accept=(PICTURE_TYPES) { (texts.text("button-upload-featured")) } " "
                span.hint #featured-status role="status" {}
            }
        }
    }
}
