//! The pictures that a post's file refers to: adds them to the library, and writes their addresses into the post.
//! No file is added twice. Never reads outside the folder of the post.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use percent_encoding::percent_decode_str;
use sha2::{Digest, Sha256};

use crate::accounts::permissions::Actor;
use crate::app::App;
use crate::commands::output;
use crate::error::Error;
use crate::markup::{picture_addresses, printable};
use crate::media::upload::UploadInput;
use crate::media::{address, import, library};
use crate::posts::draft::PostInput;
use crate::store::entity::ids::PostId;
use crate::store::entity::media::Model as Media;
use crate::store::media::MediaTexts;
use crate::store::{featured_pictures, media_sources};

/// The most pictures that are added for one post.
const MAX_PICTURES: usize = 200;

/// Fails with a text that says which picture cannot be added, and why.
type PictureResult<T> = Result<T, Box<dyn std::error::Error>>;

/// Adds the pictures that a post names by their paths, relative to `folder`.
pub async fn take_in(app: &App, folder: &Path, input: &mut PostInput) -> PictureResult<()> {
    if let Some(featured) = input.featured.clone()
        && is_path(&featured)
        && !is_number(&featured)
    {
        let alt = input.featured_alt.clone().unwrap_or_default();
        let media = take(app, folder, &featured, &alt).await?.ok_or_else(|| {
            format!(
                "featured: the file {} does not exist",
                printable::line(&featured)
            )
        })?;
        input.featured = Some(media.id.to_string());
    }
    let named = picture_addresses::list(&input.body);
    for path in named.iter().filter(|path| is_path(path)).take(MAX_PICTURES) {
        let Some(media) = take(app, folder, path, "").await? else {
            output::remark(format_args!(
                "The file {} does not exist, so readers will not see this picture.",
                printable::line(path)
            ));
            continue;
        };
        let address = address::of_original(&media);
        if let Some(changed) = picture_addresses::replace(&input.body, path, &address) {
            input.body = changed;
        }
    }
    Ok(())
}

/// Gives the featured picture of a post the alternative text in its file.
pub async fn set_featured_alt(app: &App, post: PostId, alt: &str) -> Result<(), Error> {
    let Some(id) = featured_pictures::find(app.store.read(), post).await? else {
        return Ok(());
    };
    let actor = Actor::operator();
    let media = library::find(app, &actor, id).await?;
    if media.alt == alt {
        return Ok(());
    }
    let texts = MediaTexts {
        alt: alt.to_owned(),
        caption: media.caption,
        credit: media.credit,
    };
    library::set_texts(app, &actor, id, &texts).await
}

/// Whether an address can be a file's path: it names neither a scheme nor a site, and does not begin at the root.
fn is_path(address: &str) -> bool {
    !address.trim().is_empty()
        && !address.starts_with(['/', '\\', '#', '?'])
        && url::Url::parse(address).is_err()
}

fn is_number(text: &str) -> bool {
    text.trim_start_matches('#')
        .bytes()
        .all(|byte| byte.is_ascii_digit())
}

/// None if there is no such file.
async fn take(app: &App, folder: &Path, named: &str, alt: &str) -> PictureResult<Option<Media>> {
    let shown = printable::line(named);
    let decoded = percent_decode_str(named).decode_utf8_lossy().into_owned();
    let Some(path) = [named, decoded.as_str()]
        .iter()
        .find_map(|name| folder.join(name).canonicalize().ok())
        .filter(|path| path.is_file())
    else {
        return Ok(None);
    };
    let folder = folder
        .canonicalize()
        .map_err(|error| format!("{}: {error}", folder.display()))?;
    if !path.starts_with(&folder) {
        return Err(format!("{shown} is outside the folder of the post; move it there").into());
    }
    let max = app.config.media.max_bytes() as u64;
    let mut bytes = Vec::new();
    File::open(&path)
        .and_then(|file| file.take(max + 1).read_to_end(&mut bytes))
        .map_err(|error| format!("{shown}: {error}"))?;
    if !import::is_picture(&bytes) {
        return Err(format!(
            "{shown} is not a JPEG, PNG, GIF or WebP picture: export it as one of these"
        )
        .into());
    }
    let source = format!("sha256:{}", hex::encode(Sha256::digest(&bytes)));
    if let Some(media) = media_sources::find_media(app.store.read(), &source).await? {
        return Ok(Some(media));
    }
    let input = UploadInput {
        name: path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default(),
        texts: MediaTexts {
            alt: alt.to_owned(),
            ..MediaTexts::default()
        },
        source: Some(source),
    };
    let media = import::store(app, &Actor::operator(), &bytes, &input)
        .await
        .map_err(|error| format!("{shown}: {error}"))?;
    Ok(Some(media))
}
