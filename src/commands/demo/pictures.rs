//! The pictures of the demo, which `pictures/draw.py` drew: they are added to the library like an editor's
//! uploads.

use crate::accounts::permissions::Actor;
use crate::app::App;
use crate::media::address;
use crate::media::upload::{self, UploadInput};
use crate::store::entity::media::Model as Media;
use crate::store::media::MediaTexts;

/// A picture with what the library knows of it.
struct Drawing {
    name: &'static str,
    bytes: &'static [u8],
    alt: &'static str,
    caption: &'static str,
}

macro_rules! drawing {
    ($name:literal, $alt:literal, $caption:literal) => {
        Drawing {
            name: $name,
            bytes: include_bytes!(concat!("pictures/", $name, ".webp")),
            alt: $alt,
            caption: $caption,
        }
    };
}

const CREDIT: &str = "Drawing: Open Books";

const DRAWINGS: [Drawing; 8] = [
    drawing!(
        "table",
        "A round table from above. Fourteen seats in four colours are taken, four are empty.",
        ""
    ),
    drawing!(
        "contracts",
        "A grid of small squares in four groups; fewer of them are dark from one group to the next.",
        "Each square stands for five contracts; the dark ones were awarded without a tender, and the red ones grew afterwards."
    ),
    drawing!(
        "budget",
        "Streams of different widths flow from three bars on the left to six on the right. A red one crosses them all.",
        ""
    ),
    drawing!(
        "wells",
        "A map with contour lines, a river and a lake. Dots are wells; two of them, in red, are in the lake.",
        "The wells of one district, as they were published."
    ),
    drawing!(
        "town",
        "A small town at dusk. The windows of its hall are lit, and people stand before it.",
        ""
    ),
    drawing!(
        "river",
        "A river between green hills, and a gauge with red marks above the water.",
        ""
    ),
    drawing!(
        "register",
        "A cabinet of green drawers. One is open, and one of its cards is red.",
        ""
    ),
    drawing!("levels", "The level of the river in May.", ""),
];

/// The pictures in the library.
pub(super) struct Pictures(Vec<(&'static str, Media)>);

impl Pictures {
    /// Adds all of them to the library.
    pub(super) async fn add(app: &App, actor: &Actor) -> crate::error::Result<Self> {
        let mut added = Vec::new();
        for drawing in &DRAWINGS {
            let mut upload = upload::begin(app, actor).await?;
            upload.write(drawing.bytes).await?;
            let input = UploadInput {
                name: format!("{}.webp", drawing.name),
                texts: MediaTexts {
                    alt: drawing.alt.to_owned(),
                    caption: drawing.caption.to_owned(),
                    credit: CREDIT.to_owned(),
                },
                ..UploadInput::default()
            };
            let media = upload::finish(app, actor, upload, &input).await?;
            added.push((drawing.name, media));
        }
        Ok(Self(added))
    }

    /// The number of a picture, as a form has it.
    pub(super) fn number(&self, name: &str) -> Option<String> {
        self.find(name).map(|media| media.id.to_string())
    }

    /// `text` with the addresses of the pictures that it names.
    pub(super) fn place(&self, text: &str) -> String {
        let mut placed = text.to_owned();
        for (name, media) in &self.0 {
            placed = placed.replace(
                &format!("PICTURE:{name} "),
                &format!("{} ", address::of_original(media)),
            );
        }
        placed
    }

    fn find(&self, name: &str) -> Option<&Media> {
        let found = self.0.iter().find(|(known, _)| *known == name);
        found.map(|(_, media)| media)
    }
}
