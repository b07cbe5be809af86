//! `rejoinder post`: publish posts from files, list and delete them.

use std::fs::File;
use std::io::{BufRead, IsTerminal, Read};
use std::path::Path;

use crate::accounts::permissions::Actor;
use crate::accounts::register::normalise_email;
use crate::app::App;
use crate::commands::arguments::PostCommand;
use crate::commands::output::{self, say};
use crate::commands::{CommandResult, open_app, post_pictures};
use crate::config::Config;
use crate::error::{Error, Field, Problem};
use crate::markup::{printable, slug};
use crate::posts::save::{self, SaveIntent, SaveOutcome, SaveTarget};
use crate::posts::{file, find, publish, slugs};
use crate::store::entity::ids::UserId;
use crate::store::entity::post::{Model, PostState};
use crate::store::entity::user::Role;
use crate::store::slugs::SlugHolder;
use crate::store::{posts, response_counts, slugs as slug_rows, users};
use crate::texts::Message;

pub async fn run(config: Config, command: PostCommand) -> CommandResult {
    let app = open_app(config).await?;
    match command {
        PostCommand::Publish { file, author } => {
            let post = publish_file(&app, &file, author.as_deref()).await?;
            say!("{}", app.urls.absolute(&find::permalink(&app, &post)))?;
            Ok(())
        }
        PostCommand::List => list(&app).await,
        PostCommand::Delete { slug, yes } => delete(&app, &slug, yes).await,
    }
}

async fn delete(app: &App, slug: &str, yes: bool) -> CommandResult {
    let post = posts::find_by_slug(app.store.read(), slug)
        .await?
        .ok_or_else(|| format!("no post has the slug {slug}: see `rejoinder post list`"))?;
    if !yes && std::io::stdin().is_terminal() {
        let responses = response_counts::count_for_post(app.store.read(), post.id).await?;
        output::remark(format_args!(
            "Delete “{}” and its {} permanently? This cannot be undone. Type yes to continue:",
            post.title,
            output::count(responses, "response", "responses")
        ));
        let mut answer = String::new();
        std::io::stdin().lock().take(64).read_line(&mut answer)?;
        if !matches!(answer.trim().to_lowercase().as_str(), "y" | "yes") {
            return Err("the post was not deleted".into());
        }
    }
    publish::delete_post(app, &Actor::operator(), post.id).await?;
    say!("Deleted “{}”.", post.title)?;
    Ok(())
}

async fn publish_file(
    app: &App,
    path: &Path,
    author: Option<&str>,
) -> Result<Model, Box<dyn std::error::Error>> {
    let of_file = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let bytes = read(path).map_err(|error| of_file(&error))?;
    let text = file::decode(&bytes).map_err(|error| of_file(&error))?;
    let mut input = file::parse(text).map_err(|error| of_file(&error))?;
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let explained = |error: Error| match error {
        Error::Invalid(errors) => of_file(&file::problems(text, &errors)),
        other => of_file(&other),
    };
    post_pictures::take_in(app, folder, &mut input)
        .await
        .map_err(|error| of_file(&error))?;
    let draft = input.parse(&app.zone()).map_err(explained)?;
    let named = match &draft.slug {
        Some(slug) => find_named(app, slug).await.map_err(explained)?,
        None => None,
    };
    let author = match &named {
        Some(post) if author.is_none() => post.author_id,
        _ => find_author(app, author).await?,
    };
    let is_new = named.is_none();
    let suggested = draft
        .slug
        .clone()
        .unwrap_or_else(|| slug::of_title(&draft.title));
    let target = named.map_or(SaveTarget::New, |post| {
        SaveTarget::Existing(post.id, post.revision)
    });
    let saved = save::save_post(
        app,
        &Actor::operator(),
        author,
        target,
        draft,
        SaveIntent::Publish,
    )
    .await;
    match saved.map_err(explained)? {
        SaveOutcome::Saved(post) => {
            if let Some(alt) = &input.featured_alt {
                post_pictures::set_featured_alt(app, post.id, alt)
                    .await
                    .map_err(explained)?;
            }
            if is_new {
                remark_on_new(app, &post, &suggested).await?;
            }
            Ok(*post)
        }
        SaveOutcome::Conflict(_) => Err(of_file(
            &"someone else saved this post at the same time; run the command again",
        )
        .into()),
    }
}

/// The post whose slug a file names.
async fn find_named(app: &App, slug: &str) -> Result<Option<Model>, Error> {
    let db = app.store.read();
    let post = posts::find_by_slug(db, slug).await?;
    if post
        .as_ref()
        .is_some_and(|post| post.state == PostState::Trash)
    {
        return Err(slugs::taken(&SlugHolder::Post(PostState::Trash)));
    }
    if post.is_none()
        && let Some(moved) = slug_rows::find_by_former_slug(db, slug).await?
    {
        let text = Message::new("post-file-slug-moved").with("slug", moved.slug);
        return Err(Error::field(Field::Slug, Problem::Unusable(text)));
    }
    Ok(post)
}

/// Explains what may surprise about a new post's address.
async fn remark_on_new(app: &App, post: &Model, suggested: &str) -> CommandResult {
    if post.slug != suggested {
        output::remark(format_args!(
            "Another post has the slug {suggested}, so this is a new post. To update a post from its file, name its slug there: slug: {}",
            post.slug
        ));
    } else if slug_rows::slug_is_gone(app.store.read(), suggested).await? {
        output::remark(format_args!(
            "A permanently deleted post had this slug before. Links to it now lead to the new post."
        ));
    }
    Ok(())
}

fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?
        .take(file::MAX_FILE as u64 + 1)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

async fn find_author(app: &App, email: Option<&str>) -> Result<UserId, Box<dyn std::error::Error>> {
    let db = app.store.read();
    if let Some(email) = email {
        return Ok(users::find_by_email(db, &normalise_email(email))
            .await?
            .ok_or_else(|| {
                format!("no account has the email address {email}: see `rejoinder user list`")
            })?
            .id);
    }
    for role in [Role::Administrator, Role::Editor, Role::Author] {
        if let Some(user) = users::find_first(db, role).await? {
            return Ok(user.id);
        }
    }
    Err("a post needs an author: add one with `rejoinder user add --email … --name … --role author`".into())
}

async fn list(app: &App) -> CommandResult {
    for page in 1.. {
        let lines = posts::page_for_desk(app.store.read(), None, None, None, page, 100).await?;
        if lines.is_empty() {
            break;
        }
        for post in lines {
            say!(
                "{}\t{:?}\t{}\t{}",
                post.id,
                post.state,
                app.urls.absolute(&find::permalink_of_line(app, &post)),
                printable::line(&post.title)
            )?;
        }
    }
    Ok(())
}
