//! A site of a test's own: real HTTP on a port of its own, a real database, a clock and jobs that
//! are stepped by hand.

use std::time::Duration;

use rejoinder::accounts::permissions::Actor;
use rejoinder::accounts::register::{self, AccountInput};
use rejoinder::app::App;
use rejoinder::clock::Clock;
use rejoinder::commands::serve::{self, Running, Workers};
use rejoinder::config::Config;
use rejoinder::posts::draft::PostInput;
use rejoinder::posts::find;
use rejoinder::posts::publish::{Intent, Saved, Target, save_post};
use rejoinder::store::entity::post::Model as Post;
use rejoinder::store::entity::user::{Model as User, Role};
use rejoinder::worker;

use super::client::{Client, Page};
use super::database::{Database, Kind};

/// What everybody signs in with.
pub const PASSWORD: &str = "a long enough password";

/// A site that answers.
pub struct Site {
    /// The application behind it, for what no page shows.
    pub app: App,
    /// Its address.
    pub base: String,
    /// Its database.
    pub database: Database,
    running: Option<Running>,
}

impl Site {
    /// A site with limits switched off.
    pub async fn start(kind: Kind) -> Self {
        Self::with(kind, "", Workers::Off).await
    }

    /// A site with settings of its own; each section in `overrides` comes once, and settings of
    /// `[server]` and `[database]` as lines of their own: `#server request_timeout = 1`.
    pub async fn with(kind: Kind, overrides: &str, workers: Workers) -> Self {
        Self::on(Database::migrated(kind).await, overrides, workers).await
    }

    /// A site with lines of its own in the section `[server]`.
    pub async fn with_server(kind: Kind, server: &str, overrides: &str) -> Self {
        let server: String = server
            .lines()
            .map(|line| format!("#server {line}\n"))
            .collect();
        Self::with(kind, &format!("{server}{overrides}"), Workers::Off).await
    }

    /// A site on a database that is there already.
    pub async fn on(database: Database, overrides: &str, workers: Workers) -> Self {
        let listener = serve::listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let address = listener.local_addr().unwrap();
        let no_limits = if overrides.contains("[limits]") {
            ""
        } else {
            "[limits]\ncomment_interval = 0\ncomments_per_hour = 0\npreviews_per_minute = 0\nstaff_renders_per_minute = 0\nsign_ins = 0\n\
             reports_per_hour = 0\nlinkbacks_per_minute = 0\nlinkbacks_per_source_host = 0\nlinkbacks_per_post = 0\n"
        };
        let no_bursts = if overrides.contains("[moderation]") {
            ""
        } else {
            "[moderation]\nburst_on_post = 0\nburst_on_site = 0\n"
        };
        // For sections that stand here already: lines that begin with their name.
        let more = |section: &str| -> String {
            overrides
                .lines()
                .filter_map(|line| line.strip_prefix(section))
                .map(|line| format!("{line}\n"))
                .collect()
        };
        let (server, mut rows) = (more("#server "), more("#database "));
        if !rows.contains("wait") {
            rows.push_str("wait = 20\n");
        }
        let config = Config::with(&format!(
            "[server]\nlisten = \"{address}\"\n{server}[database]\nurl = \"{}\"\nmax_connections = 4\n{rows}{no_limits}{no_bursts}{overrides}",
            database.url
        ))
        .unwrap();
        let app = App::start(config, Clock::stepped(Clock::system().now()))
            .await
            .unwrap();
        let running = serve::start(app.clone(), listener, workers).await.unwrap();
        let site = Self {
            base: app.config.site_url(),
            app,
            database,
            running: Some(running),
        };
        site.ready().await;
        site
    }

    /// On PostgreSQL pages are kept only once the node hears of other nodes' changes.
    async fn ready(&self) {
        for _ in 0..500 {
            let changes = self.app.store.changes();
            if changes.is_current(changes.mark(), &[]) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the node does not hear of other nodes");
    }

    /// Where it answers, whatever the address is that readers use.
    pub fn socket(&self) -> std::net::SocketAddr {
        self.running.as_ref().unwrap().address
    }

    /// Somebody with a fresh browser who comes by that address.
    pub fn neighbour(&self) -> Client {
        Client::new(&format!("http://{}", self.socket()))
    }

    /// Somebody with a fresh browser.
    pub fn visitor(&self) -> Client {
        Client::new(&self.base)
    }

    /// Makes an account named after its role.
    pub async fn account(&self, role: Role) -> User {
        let name = format!("{role:?}");
        self.account_named(&name, role).await
    }

    /// Makes an account.
    pub async fn account_named(&self, name: &str, role: Role) -> User {
        let input = AccountInput {
            name: name.to_owned(),
            email: format!("{}@staff.example", name.to_lowercase().replace(' ', ".")),
            password: PASSWORD.to_owned(),
        };
        register::add_account(&self.app, &Actor::operator(), &input, role)
            .await
            .unwrap()
    }

    /// Somebody of this role, signed in.
    pub async fn signed_in(&self, role: Role) -> Client {
        let user = self.account(role).await;
        let client = self.visitor();
        client.sign_in(&user.email, PASSWORD).await;
        client
    }

    /// Publishes a post that takes everything.
    pub async fn post(&self, title: &str, body: &str) -> Post {
        let input = PostInput {
            title: title.to_owned(),
            body: body.to_owned(),
            comments: true,
            linkbacks: true,
            tells: true,
            ..PostInput::default()
        };
        self.post_of(input).await
    }

    /// Publishes a post, by an author who is made where there is none.
    pub async fn post_of(&self, input: PostInput) -> Post {
        let db = self.app.store.read();
        let author = match rejoinder::store::users::find_first(db, Role::Author)
            .await
            .unwrap()
        {
            Some(author) => author,
            None => self.account_named("Ada Okoye", Role::Author).await,
        };
        self.publish_as(&author, input).await
    }

    /// Publishes a post of somebody's.
    pub async fn publish_as(&self, author: &User, input: PostInput) -> Post {
        let draft = input.parse(self.app.urls.zone()).unwrap();
        let actor = Actor::from(author);
        match save_post(
            &self.app,
            &actor,
            author.id,
            Target::New,
            draft,
            Intent::Publish,
        )
        .await
        {
            Ok(Saved::Done(post)) => *post,
            other => panic!("{other:?}"),
        }
    }

    /// The path of a post.
    pub fn path(&self, post: &Post) -> String {
        find::permalink(&self.app, post)
    }

    /// The whole address of a post.
    pub fn address(&self, post: &Post) -> String {
        self.app.urls.absolute(&self.path(post))
    }

    /// Leaves a comment by the post's own form.
    pub async fn comment(&self, post: &Post, name: &str, text: &str) -> Page {
        self.comment_from(&self.visitor(), post, name, text).await
    }

    /// The same from a browser that has been here before.
    pub async fn comment_from(&self, who: &Client, post: &Post, name: &str, text: &str) -> Page {
        let email = format!("{}@readers.example", name.to_lowercase());
        self.comment_as(who, post, (name, &email), text).await
    }

    /// The same with an address of one's own.
    pub async fn comment_as(
        &self,
        who: &Client,
        post: &Post,
        (name, email): (&str, &str),
        text: &str,
    ) -> Page {
        let form = who.get(&self.path(post)).await.form("#respond form");
        let form = form.fill("author", name).fill("email", email);
        who.submit(&form.fill("comment", text).press("Send comment"))
            .await
    }

    /// Approves everything that waits.
    pub async fn approve_all(&self) {
        use rejoinder::moderation::decide::decide_all_pending;
        use rejoinder::store::entity::response::ResponseState;
        decide_all_pending(
            &self.app,
            &Actor::operator(),
            ResponseState::Approved,
            |_| {},
        )
        .await
        .unwrap();
    }

    /// Does all jobs that are due.
    pub async fn work_off(&self) -> usize {
        worker::work_off(&self.app).await.unwrap()
    }

    /// Stops gracefully and gives the database back.
    pub async fn stop(mut self) -> Database {
        if let Some(running) = self.running.take() {
            running.stop().await;
        }
        self.app.store.close().await;
        let empty = Database::none();
        std::mem::replace(&mut self.database, empty)
    }
}

/// The number of a comment, from where sending it led.
pub fn comment_id(answer: &Page) -> i64 {
    let location = answer
        .header("location")
        .unwrap_or_else(|| panic!("{}", answer.text()));
    location
        .rsplit_once("#comment-")
        .unwrap()
        .1
        .parse()
        .unwrap()
}
