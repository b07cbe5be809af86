//! The site under load: a post with a threaded conversation of 100 responses.

use std::net::IpAddr;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::routing::get;
use rejoinder::accounts::permissions::Actor;
use rejoinder::accounts::register::{self, AccountInput};
use rejoinder::app::App;
use rejoinder::clock::Clock;
use rejoinder::commands::serve::{self, RunningSite, Workers};
use rejoinder::config::Config;
use rejoinder::posts::draft::PostInput;
use rejoinder::posts::find;
use rejoinder::posts::save::{SaveIntent, SaveOutcome, SaveTarget, save_post};
use rejoinder::responses::comment::Commenter;
use rejoinder::responses::comment_input::CommentInput;
use rejoinder::responses::proof::Proof;
use rejoinder::responses::resend::receive_once;
use rejoinder::store::entity::post::Model as Post;
use rejoinder::store::entity::user::Role;
use tempfile::TempDir;
use tokio::sync::watch;

/// A running site.
pub struct Site {
    pub app: App,
    pub port: u16,
    /// The post under load.
    pub post: Post,
    /// The path of its permalink.
    pub path: String,
    _running: RunningSite,
    _folder: Option<TempDir>,
}

impl Site {
    /// Starts a site on a temporary SQLite file, with a page cache of `page_memory` MiB.
    pub async fn start(page_memory: u64) -> Self {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let url = format!("sqlite://{}/bench.db", folder.path().display());
        Self::on(&url, Some(folder), page_memory).await
    }

    /// Starts a site on any database.
    pub async fn on(url: &str, folder: Option<TempDir>, page_memory: u64) -> Self {
        let listener = serve::listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let address = listener.local_addr().unwrap();
        let config = Config::with(&format!(
            "[server]\nlisten = \"{address}\"\n[database]\nurl = \"{url}\"\n[cache]\npage_memory = {page_memory}\n\
             [comments]\nmoderation = \"none\"\n[moderation]\nburst_per_post = 0\nburst_per_site = 0\n[limits]\ncomment_interval = 0\ncomments_per_hour = 0\n"
        ))
        .unwrap();
        let app = App::start(config, Clock::system()).await.unwrap();
        let running = serve::start(app.clone(), listener, Workers::Off)
            .await
            .unwrap();
        let post = fill(&app).await;
        Self {
            path: find::permalink(&app, &post),
            port: address.port(),
            post,
            app,
            _running: running,
            _folder: folder,
        }
    }
}

async fn fill(app: &App) -> Post {
    let number = app.clock.now().0;
    let input = AccountInput {
        name: "Ada Okoye".to_owned(),
        email: format!("ada{number}@bench.example"),
        password: "a long enough password".to_owned(),
    };
    let author = register::add_account(app, &Actor::operator(), &input, Role::Editor)
        .await
        .unwrap();
    let text = "Some words of a paragraph that is as long as such paragraphs are. ".repeat(8);
    let input = PostInput {
        title: "A post under load".to_owned(),
        body: format!("{text}\n\n{text}\n\n- one\n- two\n\n{text}"),
        comments: true,
        linkbacks: true,
        sends_linkbacks: true,
        ..PostInput::default()
    };
    let draft = input.parse(&app.settings().zone).unwrap();
    let actor = Actor::from(&author);
    let saved = save_post(
        app,
        &actor,
        author.id,
        SaveTarget::New,
        draft,
        SaveIntent::Publish,
    )
    .await;
    let Ok(SaveOutcome::Saved(post)) = saved else {
        panic!("the post was not saved")
    };
    let writer = Commenter {
        proof: Proof::Nothing,
        client: IpAddr::from([127, 0, 0, 1]),
        user_agent: None,
    };
    let mut last = None;
    for count in 0..100 {
        let comment = CommentInput {
            author: format!("Reader {}", count % 17),
            email: format!("reader{}@bench.example", count % 17),
            comment: format!("Response number {count}. {}", &text[..300]),
            parent: if count % 3 == 0 {
                String::new()
            } else {
                last.unwrap_or_default()
            },
            ..CommentInput::default()
        };
        let received = receive_once(app, &post, &writer, &comment).await.unwrap();
        last = Some(received.id.to_string());
    }
    *post
}

/// Serves the given response from memory with a plain axum handler, behind the same accept loop; returns the
/// port.
pub async fn serve_bytes(path: &str, headers: &[(String, String)], body: Vec<u8>) -> u16 {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.insert(
            HeaderName::from_bytes(name.as_bytes()).unwrap(),
            HeaderValue::from_str(value).unwrap(),
        );
    }
    let body = Bytes::from(body);
    let handler = get(move || {
        let answer = (map.clone(), body.clone());
        async move { answer }
    });
    let listener = serve::listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let router = Router::new().route(path, handler);
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(async move {
        let stop_timeout = std::time::Duration::from_secs(1);
        let settings = rejoinder::config::Config::with("").unwrap().server;
        rejoinder::web::serve::serve(listener, router, settings, stopped, stop_timeout).await;
        drop(stop);
    });
    port
}
