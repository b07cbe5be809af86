//! `rejoinder demo`: a news site with a conversation and a queue, and a second site that sends it real
//! linkbacks. Uses a temporary folder and loopback addresses only; never touches another site's data.

mod blog;
mod conversation;
mod pages;
mod pictures;

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;

use tokio::net::TcpListener;

use crate::accounts::permissions::Actor;
use crate::accounts::register::{self, AccountInput};
use crate::app::App;
use crate::clock::Clock;
use crate::commands::demo::pictures::Pictures;
use crate::commands::serve::{self, RunningSite, Workers};
use crate::commands::{CommandResult, log, output};
use crate::config::Config;
use crate::site::design::{self, DesignInput, SiteDesign};
use crate::site::identity::{self, SiteIdentity};
use crate::site::look::HomeStyle;
use crate::store::entity::user::{Model as User, Role};

const PASSWORD: &str = "demo-password";

const ACCOUNTS: [(&str, &str, Role); 3] = [
    ("Ada Okoye", "ada@demo.example", Role::Administrator),
    ("Jonas Lindqvist", "jonas@demo.example", Role::Editor),
    ("Mei Tanaka", "mei@demo.example", Role::Moderator),
];

const DEFAULT_ADDRESS: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);

/// A folder that is deleted on drop.
struct TemporaryFolder(PathBuf);

impl TemporaryFolder {
    /// Creates a folder that only this user can read; never uses an existing one.
    fn create() -> std::io::Result<Self> {
        let name = format!("rejoinder-demo-{:016x}", rand::random::<u64>());
        let folder = std::env::temp_dir().join(name);
        std::fs::DirBuilder::new().mode(0o700).create(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Runs the demo. It reads neither the settings file nor the environment, so that it cannot touch a site that
/// is configured there.
pub async fn run(listen: Option<SocketAddr>) -> CommandResult {
    let listener = open_port(listen).await?;
    let folder = TemporaryFolder::create()?;
    let stop = serve::stop_signal();
    tokio::pin!(stop);
    let running = tokio::select! {
        // Stopping during set-up deletes the folder, too.
        () = &mut stop => return Ok(()),
        running = start(listener, &folder) => running?,
    };
    stop.await;
    running.stop().await;
    Ok(())
}

async fn open_port(wanted: Option<SocketAddr>) -> Result<TcpListener, Box<dyn std::error::Error>> {
    let address = wanted.unwrap_or(DEFAULT_ADDRESS);
    match (TcpListener::bind(address).await, wanted) {
        (Ok(listener), _) => Ok(listener),
        (Err(error), None) if error.kind() == ErrorKind::AddrInUse => {
            let free = SocketAddr::new(address.ip(), 0);
            let listener = TcpListener::bind(free).await?;
            output::remark(format_args!(
                "{address} is already in use, so the demo uses another port."
            ));
            Ok(listener)
        }
        (Err(error), _) if error.kind() == ErrorKind::AddrInUse => Err(format!(
            "{address} is already in use; choose another port, such as rejoinder demo --listen {}",
            SocketAddr::new(address.ip(), address.port().checked_add(1).unwrap_or(8081))
        )
        .into()),
        (Err(error), _) => Err(format!(
            "the demo can’t listen on {address}: {error}; choose another address with --listen"
        )
        .into()),
    }
}

/// Says which environment variables the demo ignores.
fn remark_on_environment() {
    let mut names: Vec<String> = std::env::vars_os()
        .filter_map(|(name, _)| name.into_string().ok())
        .filter(|name| name.starts_with("REJOINDER_"))
        .collect();
    names.sort();
    if !names.is_empty() {
        output::remark(format_args!(
            "The demo has its own settings and data; it does not use {}. Set its address with --listen.",
            names.join(", ")
        ));
    }
}

async fn start(
    listener: TcpListener,
    folder: &TemporaryFolder,
) -> Result<RunningSite, Box<dyn std::error::Error>> {
    let address = listener.local_addr()?;
    let blog_listener = serve::listen((Ipv4Addr::LOCALHOST, 0).into()).await?;
    let blog_address = blog_listener.local_addr()?;
    let config = config(address, blog_address, folder)?;
    log::start(&config.log)?;
    remark_on_environment();

    print("Setting up the site of “Open Books”…");
    let app = App::start(config.clone(), Clock::system()).await?;
    let people = add_accounts(&app).await?;
    let pictures = Pictures::add(&app, &Actor::operator()).await?;
    let permalinks = conversation::write(&app, &people, &pictures).await?;
    pages::write(&app, &people[0]).await?;
    let target = app.urls.absolute(&permalinks.pinged);
    let mentioned = app.urls.absolute(&permalinks.mentioned);
    let running = serve::start(app.clone(), listener, Workers::On).await?;

    let blog = blog::start(blog_listener, &target, &mentioned);
    let answer = blog::send_pingback(&blog, &target).await;
    let mentions = blog::send_webmentions(&blog, &mentioned).await;

    print("");
    output::notice(format_args!("The site:        {}", app.urls.absolute("/")));
    output::notice(format_args!("Start with:      {target}"));
    output::notice(format_args!(
        "A blog that links to that post: {}",
        blog.page
    ));
    match answer {
        Ok(answer) => output::notice(format_args!(
            "It sent a pingback, and the site answered: “{answer}”"
        )),
        Err(error) => output::notice(format_args!("It sent a pingback, which failed: {error}")),
    }
    match mentions {
        Ok(status) => {
            output::notice(format_args!(
                "It also sent webmentions (a reply, likes and a bookmark) to {mentioned}"
            ));
            output::notice(format_args!("The status page of the reply: {status}"));
        }
        Err(error) => output::notice(format_args!("It sent webmentions, which failed: {error}")),
    }
    print("");
    output::notice(format_args!(
        "Sign in at {} with the password {PASSWORD}:",
        app.urls.absolute("/login")
    ));
    for (name, email, role) in ACCOUNTS {
        let access = match role {
            Role::Administrator => "everything: /desk/ /queue/ /settings/",
            Role::Editor | Role::Author => "posts and responses: /desk/ /queue/",
            Role::Contributor => "drafts: /desk/",
            Role::Moderator => "responses: /queue/",
        };
        output::notice(format_args!("  {email:22} {name}, {access}"));
    }
    print("");
    print("Press Ctrl-C to stop the demo and delete its data.");

    Ok(running)
}

/// Prints a line; the demo goes on if nobody reads it.
fn print(text: &str) {
    output::notice(format_args!("{text}"));
}

fn config(
    address: SocketAddr,
    blog: SocketAddr,
    folder: &TemporaryFolder,
) -> Result<Config, Box<dyn std::error::Error>> {
    // If it listens on all addresses, links still need one that can be opened.
    let host = if address.ip().is_unspecified() {
        Ipv4Addr::LOCALHOST.into()
    } else {
        address.ip()
    };
    let overrides = format!(
        "[server]\nlisten = \"{address}\"\n\
         [site]\nurl = \"http://{}\"\n\
         [database]\nurl = \"sqlite://{}/rejoinder.db\"\n\
         [media]\nfolder = \"{}/media\"\n\
         [linkbacks]\nsend = false\nfetch_allow = [\"127.0.0.1/32:{}\"]\n\
         [moderation]\nburst_per_site = 0\nburst_per_post = 0\n[limits]\ncomment_interval = 0\ncomments_per_hour = 0\n\
         [log]\nfilter = \"warn\"\n",
        SocketAddr::new(host, address.port()),
        folder.0.display(),
        folder.0.display(),
        blog.port(),
    );
    Ok(Config::with(&overrides)?)
}

async fn add_accounts(app: &App) -> Result<Vec<User>, Box<dyn std::error::Error>> {
    let operator = Actor::operator();
    let site = SiteIdentity {
        name: "Open Books".to_owned(),
        tagline: "We read what public bodies publish, and ask about the rest".to_owned(),
        footer_text: "Open Books is an association of readers in three towns. What we write may be reprinted with our name."
            .to_owned(),
        social_links: "https://social.example/@openbooks".to_owned(),
        accent: "#1d6b5c".to_owned(),
    };
    identity::save(app, &operator, &site, None).await?;
    let design = DesignInput {
        home_style: HomeStyle::Cards.name().to_owned(),
        ..DesignInput::from(&SiteDesign::default())
    };
    design::save(app, &operator, &design, None).await?;
    let mut people = Vec::new();
    for (name, email, role) in ACCOUNTS {
        let input = AccountInput {
            name: name.to_owned(),
            email: email.to_owned(),
            password: PASSWORD.to_owned(),
        };
        people.push(register::add_account(app, &operator, &input, role).await?);
    }
    Ok(people)
}
