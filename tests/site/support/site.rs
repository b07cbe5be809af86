//! A site of a test's own: real HTTP on a port of its own, a real database, a clock and jobs that
//! are stepped by hand.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use argon2::{Algorithm, Argon2, Params, PasswordHasher, Version};
use rejoinder::accounts::permissions::Actor;
use rejoinder::accounts::register::{self, AccountInput};
use rejoinder::app::App;
use rejoinder::clock::Clock;
use rejoinder::commands::serve::{self, RunningSite, Workers};
use rejoinder::config::Config;
use rejoinder::markup::slug;
use rejoinder::posts::draft::PostInput;
use rejoinder::posts::find;
use rejoinder::posts::save::{SaveIntent, SaveOutcome, SaveTarget, save_post};
use rejoinder::store::changes::CacheTag;
use rejoinder::store::entity::job::{JobState, Lane};
use rejoinder::store::entity::post::Model as Post;
use rejoinder::store::entity::user::{Model as User, Role};
use rejoinder::store::jobs;
use rejoinder::store::users::{self, NewUser};
use rejoinder::worker;
use tokio::runtime::Handle;
use tokio::time::timeout;

use super::client::{Client, Page};
use super::database::{Database, Kind};
use super::unseen;

/// What everybody signs in with.
pub const PASSWORD: &str = "a long enough password";

/// From the one who may do least.
pub const ROLES: [Role; 5] = [
    Role::Contributor,
    Role::Author,
    Role::Moderator,
    Role::Editor,
    Role::Administrator,
];

/// Its hash, with the least work that Argon2 knows: signing in is what most tests begin with.
static HASH: LazyLock<String> = LazyLock::new(|| {
    let params = Params::new(Params::MIN_M_COST, 1, 1, None).unwrap();
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let hash = argon2.hash_password_with_salt(PASSWORD.as_bytes(), &[7; 16]);
    hash.unwrap().to_string()
});

/// How long the jobs that a test leaves may take; a thousand rounds leave thousands of them.
const JOBS_TAKE: Duration = Duration::from_secs(120);
/// How long its last statements may take.
const CLOSING: Duration = Duration::from_secs(2);

/// A site that answers. When it goes, the jobs that the test left are done, and the test fails
/// where that does not work, or where something was logged as an error that the test did not
/// expect.
pub struct Site {
    /// The application behind it, for what no page shows.
    pub app: App,
    /// Its address.
    pub base: String,
    // Before the database: it ends first.
    running: Option<RunningSite>,
    /// Its database.
    pub database: Database,
    workers: Workers,
    leaves_jobs: AtomicBool,
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
        unseen::watch();
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
            "[moderation]\nburst_per_post = 0\nburst_per_site = 0\n"
        };
        let media = match overrides.contains("[media]") {
            true => String::new(),
            false => {
                let files = database.media_folder();
                format!("[media]\nfolder = \"{}\"\n", files.display())
            }
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
        if !rows.contains("timeout") {
            rows.push_str("timeout = 20\n");
        }
        let config = Config::with(&format!(
            "[server]\nlisten = \"{address}\"\n{server}[database]\nurl = \"{}\"\nmax_connections = 4\n{rows}{media}{no_limits}{no_bursts}{overrides}",
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
            running: Some(running),
            database,
            workers,
            leaves_jobs: AtomicBool::new(false),
        };
        site.ready().await;
        site
    }

    /// On PostgreSQL pages are kept only once the node hears of other nodes' changes.
    async fn ready(&self) {
        for _ in 0..500 {
            let changes = self.app.store.changes();
            if changes.is_current(changes.generation(), &[]) {
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

    /// A visitor with a fresh browser at that address.
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

    /// Makes an account as an administrator does, whose password takes as long as it should.
    pub async fn slow_account(&self, role: Role) -> User {
        let input = AccountInput {
            name: format!("Slow {role:?}"),
            email: format!("slow.{role:?}@staff.example").to_lowercase(),
            password: PASSWORD.to_owned(),
        };
        register::add_account(&self.app, &Actor::operator(), &input, role)
            .await
            .unwrap()
    }

    /// The account of this name, which is made if needed.
    pub async fn account_named(&self, name: &str, role: Role) -> User {
        let (store, now) = (&self.app.store, self.app.clock.now());
        let email = format!("{}@staff.example", name.to_lowercase().replace(' ', "."));
        if let Some(user) = users::find_by_email(store.read(), &email).await.unwrap() {
            assert_eq!(user.role, role, "{name} has another role");
            return user;
        }
        let new = NewUser {
            name: name.to_owned(),
            slug: slug::of_title(name),
            email,
            role,
            password_hash: HASH.clone(),
        };
        let make = store.write(move |tx| {
            let new = new.clone();
            Box::pin(async move {
                tx.invalidate(CacheTag::Identity);
                users::insert(tx, new, now).await
            })
        });
        make.await.unwrap()
    }

    /// Somebody of this role, signed in.
    pub async fn signed_in(&self, role: Role) -> Client {
        let user = self.account(role).await;
        let client = self.visitor();
        client.sign_in(&user.email, PASSWORD).await;
        client
    }

    /// Does the same as everybody there is, one after the other: a stranger, who has no role, and
    /// somebody of each role, signed in.
    pub async fn as_everybody(&self, steps: impl AsyncFn(Option<Role>, &Client)) {
        steps(None, &self.visitor()).await;
        for role in ROLES {
            steps(Some(role), &self.signed_in(role).await).await;
        }
    }

    /// Publishes a post that takes everything.
    pub async fn post(&self, title: &str, body: &str) -> Post {
        let input = PostInput {
            title: title.to_owned(),
            body: body.to_owned(),
            comments: true,
            linkbacks: true,
            sends_linkbacks: true,
            ..PostInput::default()
        };
        self.post_of(input).await
    }

    /// Publishes a post by an author, who is created if needed.
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
        let draft = input.parse(&self.app.zone()).unwrap();
        let actor = Actor::from(author);
        match save_post(
            &self.app,
            &actor,
            author.id,
            SaveTarget::New,
            draft,
            SaveIntent::Publish,
        )
        .await
        {
            Ok(SaveOutcome::Saved(post)) => *post,
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
    pub async fn run_jobs(&self) -> usize {
        worker::run_due_jobs(&self.app).await.unwrap()
    }

    /// Expects an error whose log line or panic contains this text.
    pub fn expect_error(&self, words: &'static str) {
        unseen::expect(words);
    }

    /// The same of an error that need not come, such as on a machine with little to do.
    pub fn allow_error(&self, words: &'static str) {
        unseen::allow(words);
    }

    /// The test ends with jobs that cannot be done, or not in time.
    pub fn leave_jobs(&self) {
        self.leaves_jobs.store(true, Ordering::Relaxed);
    }

    /// Does the jobs that are left, and says what is left then.
    async fn end_jobs(&self) -> Result<(), String> {
        let does = self.workers == Workers::On;
        if !does {
            let done = worker::run_due_jobs(&self.app).await;
            done.map_err(|error| format!("jobs cannot be done: {error}"))?;
        }
        while let left = self.jobs_left().await.map_err(|error| error.to_string())?
            && left > 0
        {
            if !does {
                return Err(format!("{left} jobs are due, and nobody can take them"));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// How many jobs are due or under way.
    async fn jobs_left(&self) -> rejoinder::error::Result<u64> {
        let db = self.app.store.read();
        let mut left = jobs::count(db, JobState::Running).await?;
        for lane in Lane::ALL {
            left += jobs::count_due(db, lane, self.app.clock.now(), 1_000).await?;
        }
        Ok(left)
    }

    /// Ends the site, and says what no page of it showed.
    async fn end(&mut self) -> Vec<String> {
        let mut troubles = Vec::new();
        // Of several nodes, the one that the database goes with; stopped, it is another's.
        if self.database.is_own() && !self.leaves_jobs.load(Ordering::Relaxed) {
            match timeout(JOBS_TAKE, self.end_jobs()).await {
                Ok(Ok(())) => {}
                Ok(Err(words)) => troubles.push(words),
                Err(_) => troubles.push(format!("jobs are left after {JOBS_TAKE:?}")),
            }
        }
        troubles.extend(unseen::surprises());
        drop(self.running.take());
        if timeout(CLOSING, self.app.store.close()).await.is_ok() {
            self.database.leave();
        }
        troubles
    }

    /// Moves the clock to when the next job that waits may be done, and says how long that was;
    /// None where none waits.
    pub async fn step_to_next_job(&self) -> Option<Duration> {
        let db = self.app.store.read();
        let waiting = jobs::list(db, Some(JobState::Waiting), 10_000)
            .await
            .unwrap();
        let next = waiting.iter().map(|job| job.run_at).min()?;
        let wait = next.since(self.app.clock.now());
        self.app.clock.step(wait);
        Some(wait)
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

impl Drop for Site {
    fn drop(&mut self) {
        // A test that failed says so itself.
        if std::thread::panicking() {
            return;
        }
        let runtime = Handle::current();
        let troubles = tokio::task::block_in_place(|| runtime.block_on(self.end()));
        assert!(
            troubles.is_empty(),
            "behind this test's back:\n  {}",
            troubles.join("\n  ")
        );
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
