//! `rejoinder demo`: a news site with a conversation, a queue worth opening, and a second site that
//! pings it for real. On a throwaway folder, on loopback alone.

mod blog;
mod conversation;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use crate::accounts::identity;
use crate::accounts::permissions::Actor;
use crate::accounts::register::{self, AccountInput};
use crate::app::App;
use crate::clock::Clock;
use crate::commands::serve::{self, Workers};
use crate::commands::{Outcome, log};
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

/// A folder that is removed at the end.
struct Throwaway(PathBuf);

impl Drop for Throwaway {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Runs the command.
pub async fn run(listen: SocketAddr) -> Outcome {
    let listener = serve::listen(listen).await?;
    let address = listener.local_addr()?;
    let blog_listener = serve::listen((Ipv4Addr::LOCALHOST, 0).into()).await?;
    let blog_address = blog_listener.local_addr()?;
    let folder =
        Throwaway(std::env::temp_dir().join(format!("rejoinder-demo-{}", std::process::id())));
    let config = config(address, blog_address, &folder)?;
    log::start(&config.log)?;

    println!("Setting up “News from the initiative” …");
    let app = App::start(config.clone(), Clock::system()).await?;
    let people = set_up(&app).await?;
    let begun = conversation::begin(&app, &people).await?;
    let target = app.urls.absolute(&begun.pinged);
    let mentioned = app.urls.absolute(&begun.mentioned);
    let running = serve::start(app.clone(), listener, Workers::On).await?;

    let blog = blog::start(blog_listener, &target, &mentioned);
    let answer = blog::ping(&blog, &target).await;
    let mentions = blog::mention(&blog, &mentioned).await;

    println!();
    println!("The site:        {}", app.urls.absolute("/"));
    println!("Begin with:      {target}");
    println!("A blog that links to that post: {}", blog.page);
    match answer {
        Ok(answer) => println!("It sent a pingback, and the site said: “{answer}”"),
        Err(error) => println!("It sent a pingback, and that failed: {error}"),
    }
    match mentions {
        Ok(status) => {
            println!("It also sent webmentions, a reply and some likes, to {mentioned}");
            println!("How far the reply is, as its sender sees it: {status}");
        }
        Err(error) => println!("It sent webmentions, and that failed: {error}"),
    }
    println!();
    println!(
        "Sign in at {} with the password {PASSWORD}:",
        app.urls.absolute("/login")
    );
    for (name, email, role) in PEOPLE {
        let sees = match role {
            Role::Administrator => "everything: /desk/ /queue/ /settings/",
            Role::Editor | Role::Author => "posts and responses: /desk/ /queue/",
            Role::Moderator => "responses: /queue/",
        };
        println!("  {email:22} {name}, {sees}");
    }
    println!();
    println!("Everything is thrown away when you stop it with Ctrl-C.");

    serve::told_to_stop().await;
    running.stop().await;
    Ok(())
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
