//! `rejoinder post`: posts from files.

use std::path::Path;

use crate::accounts::permissions::Actor;
use crate::accounts::register::normalise_email;
use crate::app::App;
use crate::commands::arguments::Post;
use crate::commands::{Outcome, open};
use crate::config::Config;
use crate::markup::slug;
use crate::posts::draft::MAX_BODY;
use crate::posts::publish::{Intent, Saved, Target};
use crate::posts::{file, find, publish};
use crate::store::entity::ids::UserId;
use crate::store::entity::post::Model;
use crate::store::entity::user::Role;
use crate::store::{posts, users};

/// Runs the command.
pub async fn run(config: Config, command: Post) -> Outcome {
    let app = open(config).await?;
    match command {
        Post::Publish { file, author } => {
            let post = publish_file(&app, &file, author.as_deref()).await?;
            println!("{}", app.urls.absolute(&find::permalink(&app, &post)));
            Ok(())
        }
        Post::List => list(&app).await,
        Post::Delete { slug } => {
            let post = posts::find_by_slug(app.store.read(), &slug)
                .await?
                .ok_or_else(|| format!("no post has the slug {slug}: see `rejoinder post list`"))?;
            publish::delete_post(&app, &Actor::operator(), post.id).await?;
            println!("Deleted “{}”.", post.title);
            Ok(())
        }
    }
}

async fn publish_file(
    app: &App,
    path: &Path,
    author: Option<&str>,
) -> Result<Model, Box<dyn std::error::Error>> {
    let of_file = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let size = std::fs::metadata(path)
        .map_err(|error| of_file(&error))?
        .len();
    if size > 4 * MAX_BODY as u64 {
        return Err(of_file(&format!("a post has at most {MAX_BODY} characters")).into());
    }
    let bytes = std::fs::read(path).map_err(|error| of_file(&error))?;
    let text =
        String::from_utf8(bytes).map_err(|_| of_file(&"it is not UTF-8 text: save it as UTF-8"))?;
    let input = file::parse(&text).map_err(|error| of_file(&error))?;
    let draft = input
        .parse(app.urls.zone())
        .map_err(|error| of_file(&error))?;
    let wanted = draft
        .slug
        .clone()
        .unwrap_or_else(|| slug::of_title(&draft.title));
    let known = posts::find_by_slug(app.store.read(), &wanted).await?;
    let author = match &known {
        Some(post) if author.is_none() => post.author_id,
        _ => find_author(app, author).await?,
    };
    let target = known.map_or(Target::New, |post| Target::Old(post.id, post.revision));
    let saved = publish::save_post(
        app,
        &Actor::operator(),
        author,
        target,
        draft,
        Intent::Publish,
    )
    .await;
    match saved.map_err(|error| of_file(&error))? {
        Saved::Done(post) => Ok(*post),
        Saved::Clash(_) => {
            Err(of_file(&"somebody saved this post just now: run the command again").into())
        }
    }
}

async fn find_author(app: &App, email: Option<&str>) -> Result<UserId, Box<dyn std::error::Error>> {
    let db = app.store.read();
    if let Some(email) = email {
        return Ok(users::find_by_email(db, &normalise_email(email))
            .await?
            .ok_or_else(|| format!("nobody has the address {email}: see `rejoinder user list`"))?
            .id);
    }
    for role in [Role::Administrator, Role::Editor, Role::Author] {
        if let Some(user) = users::find_first(db, role).await? {
            return Ok(user.id);
        }
    }
    Err("a post needs an author: make one with `rejoinder user add --email … --name … --role author`".into())
}

async fn list(app: &App) -> Outcome {
    for page in 1.. {
        let lines = posts::page_for_desk(app.store.read(), None, None, page, 100).await?;
        if lines.is_empty() {
            break;
        }
        for post in lines {
            println!(
                "{}\t{:?}\t{}\t{}",
                post.id,
                post.state,
                app.urls.absolute(&find::permalink_of_line(app, &post)),
                post.title
            );
        }
    }
    Ok(())
}
