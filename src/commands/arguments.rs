//! The words of the command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::markup::sanitise::Profile;
use crate::store::entity::ids::{JobId, ResponseId};
use crate::store::entity::job::JobState;
use crate::store::entity::user::Role;

/// News posts and the conversation about them, in one binary.
///
/// Without a command it serves the site. Try `rejoinder demo` for a look around: it runs on a
/// throwaway folder and touches nothing of yours.
#[derive(Debug, Parser)]
#[command(version, about, long_about)]
pub struct Arguments {
    /// The settings file [default: config/rejoinder.toml, where it is there]
    ///
    /// Every setting can also be given in the environment: REJOINDER_SERVER__LISTEN=0.0.0.0:80
    /// sets `listen` under `[server]`.
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the site (what happens without a command)
    Serve,
    /// Show a small news site with a conversation, and a blog that pings it
    ///
    /// It has settings and data of its own: neither the settings file nor REJOINDER_… variables of
    /// the environment are used, and everything is thrown away at the end.
    Demo {
        /// Where to answer [default: 127.0.0.1:8080, or another port where that one is taken]
        #[arg(long, value_name = "ADDRESS")]
        listen: Option<SocketAddr>,
    },
    /// Check the set-up, and say how to fix what is wrong
    Doctor {
        /// Send a test email to this address
        #[arg(long, value_name = "ADDRESS")]
        mail_to: Option<String>,
    },
    /// Bring the database's schema up to date, and do nothing else
    Migrate,
    /// Make accounts and change them
    #[command(subcommand)]
    User(User),
    /// Publish posts from files
    #[command(subcommand)]
    Post(Post),
    /// Review responses from a shell
    #[command(subcommand)]
    Moderate(Moderate),
    /// Teach the filter from examples, or ask what it makes of some
    #[command(subcommand)]
    Judge(Judge),
    /// Look at background work
    #[command(subcommand)]
    Jobs(Jobs),
    /// Turn Markdown on standard input into the HTML that would be shown
    Render {
        /// As what
        #[arg(long = "as", value_name = "KIND")]
        kind: RenderKind,
    },
}

/// Make accounts and change them.
#[derive(Debug, Subcommand)]
pub enum User {
    /// Add an account; makes up a password, or reads one from standard input
    Add(NewUser),
    /// List the accounts
    List,
    /// Give an account another password; whoever is signed in to it is signed out
    SetPassword {
        /// Whose
        #[command(flatten)]
        account: Account,
        /// Read the password from the first line of standard input; without this, one is made up and
        /// printed
        #[arg(long)]
        password_stdin: bool,
    },
    /// Give an account another role; whoever is signed in to it is signed out
    SetRole {
        /// Whose
        #[command(flatten)]
        account: Account,
        /// What they may do
        #[arg(long, value_enum)]
        role: RoleName,
    },
    /// Close an account: nobody can sign in to it, and whoever is signed in is signed out
    Disable(Account),
    /// Open a closed account again
    Enable(Account),
    /// End all sessions of an account
    SignOut(Account),
}

/// Which account.
#[derive(Debug, Args)]
pub struct Account {
    /// The address they sign in with
    #[arg(long)]
    pub email: String,
}

/// An account to be.
#[derive(Debug, Args)]
pub struct NewUser {
    /// The address they sign in with
    #[arg(long)]
    pub email: String,
    /// The name readers see
    #[arg(long)]
    pub name: String,
    /// What they may do
    #[arg(long, value_enum)]
    pub role: RoleName,
    /// Read the password from the first line of standard input; without this, one is made up and
    /// printed
    #[arg(long)]
    pub password_stdin: bool,
}

/// A role, by its name.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum RoleName {
    /// Everything
    Administrator,
    /// All posts and the queue
    Editor,
    /// Their own posts
    Author,
    /// Drafts, which somebody else publishes
    Contributor,
    /// The queue
    Moderator,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Administrator => Self::Administrator,
            RoleName::Editor => Self::Editor,
            RoleName::Author => Self::Author,
            RoleName::Contributor => Self::Contributor,
            RoleName::Moderator => Self::Moderator,
        }
    }
}

/// Publish posts from files.
#[derive(Debug, Subcommand)]
pub enum Post {
    /// Publish a Markdown file; one that names the slug of a post updates that post
    ///
    /// The file begins with front matter between two lines of --- (YAML) or +++ (TOML):
    /// title, slug, date, tags, comments (open or closed), linkbacks (open or closed), tell (yes or
    /// no: whether the sites that it links to are told). A file that names no slug is a new post
    /// each time, whatever its title. A date is a day (2026-11-23 or 2026/11/23), perhaps with a
    /// time (09:30, 09:30:15) and an offset (+02:00); without one it is meant in the site's zone.
    /// Prints the permalink.
    Publish {
        /// The file
        file: PathBuf,
        /// The author's e-mail address [default: the first administrator's]
        #[arg(long)]
        author: Option<String>,
    },
    /// List the posts
    List,
    /// Remove a post and its responses for good
    Delete {
        /// The last part of its permalink
        slug: String,
        /// Do not ask on a terminal
        #[arg(long)]
        yes: bool,
    },
}

/// Review responses from a shell.
#[derive(Debug, Subcommand)]
pub enum Moderate {
    /// List what waits, or what stands in another state
    List {
        /// Which
        #[arg(long, value_enum, default_value_t = StateName::Pending)]
        state: StateName,
    },
    /// Show to everyone
    Approve(Which),
    /// Mark as spam
    Spam(Which),
    /// Throw away
    Trash(Which),
    /// Hold again
    Hold(Which),
    /// Take back what one press or command decided
    Undo {
        /// As the command or the log named it
        batch: String,
    },
}

/// A state, by its name.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum StateName {
    /// Held for a moderator
    Pending,
    /// Shown
    Approved,
    /// Unwanted
    Spam,
    /// Thrown away
    Trash,
}

/// Which responses.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct Which {
    /// Their numbers
    pub ids: Vec<ResponseId>,
    /// All that wait
    #[arg(long)]
    pub all_pending: bool,
}

/// Teach the filter from examples, or ask what it makes of some.
///
/// Examples are JSON, one a line, with `text` and where they are known `author`, `email`, `url`,
/// `links` (a list of hosts) and `label` ("spam" or "ham").
#[derive(Debug, Subcommand)]
pub enum Judge {
    /// Learn from labelled examples; they count like decisions of a moderator
    Train {
        /// The file; - for standard input
        file: PathBuf,
        /// Forget them instead: exactly what learning from them added is taken away
        #[arg(long)]
        forget: bool,
    },
    /// Print what the filter makes of examples, one JSON line each: risk (0 to 1000), verdict, signs
    ///
    /// Where the examples have labels, precision and recall are told at the end, on standard error.
    Classify {
        /// The file; - for standard input
        file: PathBuf,
        /// From this risk on it counts as spam [default: moderation.hold_from]
        #[arg(long, value_name = "RISK")]
        from: Option<i64>,
    },
}

/// Look at background work.
#[derive(Debug, Subcommand)]
pub enum Jobs {
    /// List the jobs: those that failed first, then the newest
    List {
        /// Only those in this state
        #[arg(long, value_enum)]
        state: Option<JobStateName>,
    },
    /// Do what is due, then return
    Run,
    /// Try a failed job again now
    Retry {
        /// Its number
        id: JobId,
    },
}

/// A job's state, by its name.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum JobStateName {
    /// To be done, for the first time or again
    Waiting,
    /// Being done
    Running,
    /// Done
    Done,
    /// Given up; see `rejoinder jobs retry`
    Failed,
}

impl From<JobStateName> for JobState {
    fn from(name: JobStateName) -> Self {
        match name {
            JobStateName::Waiting => Self::Waiting,
            JobStateName::Running => Self::Running,
            JobStateName::Done => Self::Done,
            JobStateName::Failed => Self::Failed,
        }
    }
}

/// As what Markdown is rendered.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum RenderKind {
    /// A post by staff
    Post,
    /// A comment by anyone
    Comment,
}

impl From<RenderKind> for Profile {
    fn from(kind: RenderKind) -> Self {
        match kind {
            RenderKind::Post => Self::Post,
            RenderKind::Comment => Self::Response,
        }
    }
}
