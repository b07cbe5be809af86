//! `rejoinder demo`: a news site with a conversation, a queue worth opening, and a second site that
//! pings it for real. On a throwaway folder, on loopback alone.

mod blog;
mod conversation;

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;

use tokio::net::TcpListener;

use crate::accounts::identity;
use crate::accounts::permissions::Actor;
use crate::accounts::register::{self, AccountInput};
use crate::app::App;
use crate::clock::Clock;
use crate::commands::serve::{self, Running, Workers};
use crate::commands::{Outcome, log, output};
use crate::config::Config;
use crate::store::entity::user::{Model as User, Role};

/// What everybody in the demo signs in with.
const PASSWORD: &str = "demo-password";

/// The people of the demo.
const PEOPLE: [(&str, &str, Role); 3] = [
    ("Ada Okoye", "ada@demo.example", Role::Administrator),
    ("Jonas Lindqvist", "jonas@demo.example", Role::Editor),
    ("Mei Tanaka", "mei@demo.example", Role::Moderator),
];

/// Where it answers where nobody says otherwise, and that port is free.
const USUAL: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);

/// A folder that is removed at the end.
struct Throwaway(PathBuf);

impl Throwaway {
    /// A new one, for this user alone; one that somebody else made is never used.
    fn make() -> std::io::Result<Self> {
        let name = format!("rejoinder-demo-{:016x}", rand::random::<u64>());
        let folder = std::env::temp_dir().join(name);
        std::fs::DirBuilder::new().mode(0o700).create(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Throwaway {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Runs the command. It has settings of its own: neither the file nor the environment is read, so
/// that it touches nothing of a site that is set up there.
pub async fn run(listen: Option<SocketAddr>) -> Outcome {
    let listener = open_port(listen).await?;
    let folder = Throwaway::make()?;
    let stop = serve::told_to_stop();
    tokio::pin!(stop);
    let running = tokio::select! {
        // Stopped while it is set up, it is gone as well.
        () = &mut stop => return Ok(()),
        running = show(listener, &folder) => running?,
    };
    stop.await;
    running.stop().await;
    Ok(())
}

async fn open_port(wanted: Option<SocketAddr>) -> Result<TcpListener, Box<dyn std::error::Error>> {
    let address = wanted.unwrap_or(USUAL);
    match (TcpListener::bind(address).await, wanted) {
        (Ok(listener), _) => Ok(listener),
        (Err(error), None) if error.kind() == ErrorKind::AddrInUse => {
            let free = SocketAddr::new(address.ip(), 0);
            let listener = TcpListener::bind(free).await?;
            output::remark(format_args!(
                "The port {address} is taken, so the demo answers at another one."
            ));
            Ok(listener)
        }
        (Err(error), _) if error.kind() == ErrorKind::AddrInUse => Err(format!(
            "the port {address} is taken: name a free one, such as rejoinder demo --listen {}",
            SocketAddr::new(address.ip(), address.port().checked_add(1).unwrap_or(8081))
        )
        .into()),
        (Err(error), _) => Err(format!(
            "the demo cannot answer at {address}: {error}; name another address with --listen"
        )
        .into()),
    }
}

/// Says which settings of the environment mean nothing here.
fn remark_on_environment() {
    let mut names: Vec<String> = std::env::vars_os()
        .filter_map(|(name, _)| name.into_string().ok())
        .filter(|name| name.starts_with("REJOINDER_"))
        .collect();
    names.sort();
    if !names.is_empty() {
        output::remark(format_args!(
            "The demo has settings and data of its own; it does not use {}. Its address is set by --listen.",
            names.join(", ")
        ));
    }
}

async fn show(
    listener: TcpListener,
    folder: &Throwaway,
) -> Result<Running, Box<dyn std::error::Error>> {
    let address = listener.local_addr()?;
    let blog_listener = serve::listen((Ipv4Addr::LOCALHOST, 0).into()).await?;
    let blog_address = blog_listener.local_addr()?;
    let config = config(address, blog_address, folder)?;
    log::start(&config.log)?;
    remark_on_environment();

    tell("Setting up “News from the initiative” …");
    let app = App::start(config.clone(), Clock::system()).await?;
    let people = set_up(&app).await?;
    let begun = conversation::begin(&app, &people).await?;
    let target = app.urls.absolute(&begun.pinged);
    let mentioned = app.urls.absolute(&begun.mentioned);
    let running = serve::start(app.clone(), listener, Workers::On).await?;

    let blog = blog::start(blog_listener, &target, &mentioned);
    let answer = blog::ping(&blog, &target).await;
    let mentions = blog::mention(&blog, &mentioned).await;

    tell("");
    output::notice(format_args!("The site:        {}", app.urls.absolute("/")));
    output::notice(format_args!("Begin with:      {target}"));
    output::notice(format_args!(
        "A blog that links to that post: {}",
        blog.page
    ));
    match answer {
        Ok(answer) => output::notice(format_args!(
            "It sent a pingback, and the site said: “{answer}”"
        )),
        Err(error) => output::notice(format_args!("It sent a pingback, and that failed: {error}")),
    }
    match mentions {
        Ok(status) => {
            output::notice(format_args!(
                "It also sent webmentions, a reply and some likes, to {mentioned}"
            ));
            output::notice(format_args!(
                "Status of the reply, as its sender sees it: {status}"
            ));
        }
        Err(error) => output::notice(format_args!(
            "It sent webmentions, and that failed: {error}"
        )),
    }
    tell("");
    output::notice(format_args!(
        "Sign in at {} with the password {PASSWORD}:",
        app.urls.absolute("/login")
    ));
    for (name, email, role) in PEOPLE {
        let sees = match role {
            Role::Administrator => "everything: /desk/ /queue/ /settings/",
            Role::Editor | Role::Author => "posts and responses: /desk/ /queue/",
            Role::Contributor => "drafts: /desk/",
            Role::Moderator => "responses: /queue/",
        };
        output::notice(format_args!("  {email:22} {name}, {sees}"));
    }
    tell("");
    tell("Everything is thrown away when you stop it with Ctrl-C.");

    Ok(running)
}

/// Says something about the demo; it runs on where nobody reads it.
fn tell(text: &str) {
    output::notice(format_args!("{text}"));
}

fn config(
    address: SocketAddr,
    blog: SocketAddr,
    folder: &Throwaway,
) -> Result<Config, Box<dyn std::error::Error>> {
    // Where it listens on all addresses, its own links still need one that can be opened.
    let host = if address.ip().is_unspecified() {
        Ipv4Addr::LOCALHOST.into()
    } else {
        address.ip()
    };
    let overrides = format!(
        "[server]\nlisten = \"{address}\"\n\
         [site]\nurl = \"http://{}\"\n\
         [database]\nurl = \"sqlite://{}/rejoinder.db\"\n\
         [linkbacks]\nsend = false\nfetch_allow = [\"127.0.0.1/32:{}\"]\n\
         [moderation]\nburst_on_site = 0\nburst_on_post = 0\n[limits]\ncomment_interval = 0\ncomments_per_hour = 0\n\
         [log]\nfilter = \"warn\"\n",
        SocketAddr::new(host, address.port()),
        folder.0.display(),
        blog.port(),
    );
    Ok(Config::with(&overrides)?)
}

async fn set_up(app: &App) -> Result<Vec<User>, Box<dyn std::error::Error>> {
    let operator = Actor::operator();
    identity::name_site(
        app,
        &operator,
        "News from the initiative",
        "What is published, who uses it, and what changes",
    )
    .await?;
    let mut people = Vec::new();
    for (name, email, role) in PEOPLE {
        let input = AccountInput {
            name: name.to_owned(),
            email: email.to_owned(),
            password: PASSWORD.to_owned(),
        };
        people.push(register::add_account(app, &operator, &input, role).await?);
    }
    Ok(people)
}
