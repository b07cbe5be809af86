//! `rejoinder media`: adds pictures and documents to the library.

use std::path::Path;

use tokio::io::AsyncReadExt;

use crate::accounts::permissions::Actor;
use crate::app::App;
use crate::commands::arguments::MediaCommand;
use crate::commands::output::say;
use crate::commands::{CommandResult, open_app};
use crate::config::Config;
use crate::error::Error;
use crate::media::address;
use crate::media::upload::{self, UploadInput};
use crate::store::entity::media::Model as Media;
use crate::store::media::MediaTexts;

/// How much of a file is read at once, in bytes.
const PIECE: usize = 64 * 1024;

pub async fn run(config: Config, command: MediaCommand) -> CommandResult {
    let app = open_app(config).await?;
    match command {
        MediaCommand::Add { files, alt } => {
            for file in files {
                let media = add(&app, &file, &alt)
                    .await
                    .map_err(|error| format!("{}: {error}", file.display()))?;
                say!("{}", app.urls.absolute(&address::of_original(&media)))?;
            }
            Ok(())
        }
    }
}

async fn add(app: &App, path: &Path, alt: &str) -> Result<Media, Box<dyn std::error::Error>> {
    let actor = Actor::operator();
    let mut file = tokio::fs::File::open(path).await?;
    let mut upload = upload::begin(app, &actor).await?;
    let mut piece = vec![0; PIECE];
    loop {
        let length = file.read(&mut piece).await?;
        if length == 0 {
            break;
        }
        upload.write(&piece[..length]).await.map_err(explain)?;
    }
    let name = path.file_name().unwrap_or_default();
    let input = UploadInput {
        name: name.to_string_lossy().into_owned(),
        texts: MediaTexts {
            alt: alt.to_owned(),
            ..MediaTexts::default()
        },
        ..UploadInput::default()
    };
    upload::finish(app, &actor, upload, &input)
        .await
        .map_err(explain)
}

/// The problem alone, without the name of the form's field.
fn explain(error: Error) -> Box<dyn std::error::Error> {
    match error {
        Error::Invalid(errors) => {
            let problems: Vec<String> = errors
                .iter()
                .map(|error| error.problem.to_string())
                .collect();
            problems.join(" ").into()
        }
        other => other.into(),
    }
}
