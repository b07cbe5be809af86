//! The command line: commands, their options, and the help that explains them. Runs nothing.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::markup::sanitise::MarkupProfile;
use crate::store::entity::ids::{JobId, ResponseId};
use crate::store::entity::job::JobState;
use crate::store::entity::response::ResponseState;
use crate::store::entity::user::Role;

/// News posts and the conversation about them, in one binary.
///
/// Without a command, Rejoinder serves the site. To look around first, run `rejoinder demo`: it uses a
/// temporary folder and leaves your data alone.
#[derive(Debug, Parser)]
#[command(
    version,
    about,
    long_about,
    after_long_help = "\
Examples:
  rejoinder demo
      Try it out with example posts and responses.
  REJOINDER_SITE__URL=https://news.example.org rejoinder
      Serve the site. The first start prints a link for setting it up.
  rejoinder doctor
      Check the settings, the port, the mail server, the files and the database.

`rejoinder help COMMAND` explains a command. Results go to standard output; log lines and remarks go
to standard error. The exit status is 0 on success, 1 on failure and 2 if the arguments are wrong."
)]
pub struct Arguments {
    /// Settings file [default: config/rejoinder.toml, if it exists]
    ///
    /// Environment variables override the file: REJOINDER_SERVER__LISTEN=0.0.0.0:80 sets `listen` in the
    /// section `[server]`.
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the site (the default)
    ///
    /// Creates or updates the database, answers requests and runs background jobs. On the first start it
    /// prints a link for naming the site and creating the first administrator. Ctrl-C or SIGTERM stops it
    /// gracefully: running requests and jobs are finished first.
    Serve,
    /// Show an example site with posts, a conversation and incoming linkbacks
    ///
    /// Prints the addresses to open and the accounts to sign in with. The demo has its own settings and
    /// data: it reads neither the settings file nor REJOINDER_… variables, and deletes everything when you
    /// stop it with Ctrl-C.
    Demo {
        /// Address and port [default: 127.0.0.1:8080, or a free port if that is taken]
        #[arg(long, value_name = "ADDRESS")]
        listen: Option<SocketAddr>,
    },
    /// Check the installation and explain how to fix problems
    ///
    /// Checks the settings, the reverse proxy, the port, the mail server, the storage of files, the database,
    /// accounts and failed jobs. Prints a line for each: “ok”, or “FIX” and what to do. Fails if there is anything to fix.
    #[command(after_long_help = "\
Examples:
  rejoinder doctor
  rejoinder doctor --mail-to you@example.org")]
    Doctor {
        /// Send a test email to this address
        #[arg(long, value_name = "EMAIL")]
        mail_to: Option<String>,
    },
    /// Update the database schema and do nothing else
    ///
    /// `rejoinder serve` does this automatically. Prints the migrations that were applied.
    Migrate,
    /// Add and change user accounts
    ///
    /// A new password, another role, disabling and signing out end all sessions of the account at once. The
    /// last administrator can be neither disabled nor given another role.
    #[command(subcommand)]
    User(UserCommand),
    /// Publish posts and pages from Markdown files
    #[command(subcommand)]
    Post(PostCommand),
    /// Add pictures and documents to the media library
    #[command(subcommand)]
    Media(MediaCommand),
    /// Review responses
    #[command(subcommand)]
    Moderate(ModerateCommand),
    /// Train and test the spam filter with examples
    ///
    /// Examples are JSON objects, one per line.
    #[command(subcommand)]
    Judge(JudgeCommand),
    /// List, run and retry background jobs
    #[command(subcommand)]
    Jobs(JobsCommand),
    /// Convert Markdown from standard input to the HTML that readers get
    #[command(after_long_help = "\
Example:
  echo 'Some *Markdown*' | rejoinder render --as comment")]
    Render {
        /// What the text is; comments allow less HTML than posts
        #[arg(long = "as", value_name = "KIND")]
        kind: RenderKind,
    },
}

#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Add an account and print where to sign in
    ///
    /// Generates and prints a password, unless --password-stdin is given.
    #[command(after_long_help = "\
Examples:
  rejoinder user add --email ada@example.org --name 'Ada Okoye' --role administrator
  rejoinder user add --email mei@example.org --name Mei --role moderator --password-stdin < password.txt")]
    Add(NewUserArguments),
    /// List the accounts: ID, email, name, role, and “disabled” where it applies
    List,
    /// Change the password of an account and end its sessions
    ///
    /// Generates and prints a password, unless --password-stdin is given.
    SetPassword {
        #[command(flatten)]
        account: AccountArgument,
        /// Read the password from the first line of standard input
        #[arg(long)]
        password_stdin: bool,
    },
    /// Change the role of an account and end its sessions
    SetRole {
        #[command(flatten)]
        account: AccountArgument,
        /// What the account may do
        #[arg(long, value_enum)]
        role: RoleArgument,
    },
    /// Disable an account: end its sessions and prevent it from signing in
    Disable(AccountArgument),
    /// Enable a disabled account
    Enable(AccountArgument),
    /// End all sessions of an account
    SignOut(AccountArgument),
}

#[derive(Debug, Args)]
pub struct AccountArgument {
    /// Email address that the account signs in with
    #[arg(long)]
    pub email: String,
}

#[derive(Debug, Args)]
pub struct NewUserArguments {
    /// Email address to sign in with
    #[arg(long)]
    pub email: String,
    /// Name that readers see
    #[arg(long)]
    pub name: String,
    /// What the account may do
    #[arg(long, value_enum)]
    pub role: RoleArgument,
    /// Read the password from the first line of standard input
    #[arg(long)]
    pub password_stdin: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum RoleArgument {
    /// Everything
    Administrator,
    /// All posts and the queue
    Editor,
    /// Their own posts
    Author,
    /// Drafts that someone else publishes
    Contributor,
    /// The queue
    Moderator,
}

impl From<RoleArgument> for Role {
    fn from(role: RoleArgument) -> Self {
        match role {
            RoleArgument::Administrator => Self::Administrator,
            RoleArgument::Editor => Self::Editor,
            RoleArgument::Author => Self::Author,
            RoleArgument::Contributor => Self::Contributor,
            RoleArgument::Moderator => Self::Moderator,
        }
    }
}

#[derive(Debug, Subcommand)]
pub enum PostCommand {
    /// Publish a Markdown file, or update the post whose slug it names, and print the permalink
    ///
    /// A file that names a slug updates the post or page with that slug. Any other file becomes a new one each
    /// time, whatever its title.
    ///
    /// The file can start with front matter between two lines of --- (YAML) or +++ (TOML). All keys are
    /// optional; without a title, the first heading is the title.
    #[command(after_long_help = "\
Front matter:
  title           the title
  slug            the last part of the permalink
  date            a day (2026-11-23 or 2026/11/23), optionally with a time (09:30, 09:30:15) and an
                  offset (+02:00); without an offset it is in the site's time zone
  tags            a list, or names separated by commas
  comments        open or closed
  linkbacks       open or closed
  send_linkbacks  yes or no: whether the sites that the post links to are notified
  kind            post or page; a page, such as About, has no date or tags, and its address is
                  /SLUG/, or /PARENT/SLUG/
  parent          for a page: the slug of its parent page
  featured        the featured picture: a file's path, or an address or number in the media library
  featured_alt    what the featured picture shows, for people who cannot see it

Pictures in the text can be paths, too, such as ![A map](map.png). They are added to the media
library. All paths are relative to the Markdown file.

Example:
  ---
  title: Minutes of the meeting
  slug: minutes
  tags: [meetings, minutes]
  ---
  The text in *Markdown*.

  rejoinder post publish minutes.md --author ada@example.org")]
    Publish {
        /// Markdown file to publish
        file: PathBuf,
        /// Email address of the author [default: the post's author, else the first administrator]
        #[arg(long, value_name = "EMAIL")]
        author: Option<String>,
    },
    /// List all posts: ID, state, address, title
    List,
    /// Delete a post and its responses permanently
    ///
    /// Asks for confirmation on a terminal.
    Delete {
        /// Last part of the permalink
        slug: String,
        /// Delete without asking
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Debug, Subcommand)]
pub enum MediaCommand {
    /// Add files to the media library and print their addresses
    ///
    /// Accepts JPEG, PNG, GIF and WebP pictures, PDF, plain text and CSV. Makes smaller sizes of pictures, and
    /// removes the location and other data that cameras store. Stops at the first file that is not accepted.
    #[command(after_long_help = "\
Example:
  rejoinder media add harbour.jpg --alt 'Ships in the harbour at dusk'")]
    Add {
        /// Files to add
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// What the pictures show, for people who cannot see them
        #[arg(long, value_name = "TEXT", default_value = "")]
        alt: String,
    },
}

#[derive(Debug, Subcommand)]
#[command(after_long_help = "\
Examples:
  rejoinder moderate list
  rejoinder moderate approve 12 15
  rejoinder moderate spam --all-pending

Each decision prints the command that undoes it.")]
pub enum ModerateCommand {
    /// List responses: ID, kind, name, post, reasons, and the start of the text
    List {
        /// State of the responses to list
        #[arg(long, value_enum, default_value_t = StateArgument::Pending)]
        state: StateArgument,
    },
    /// Show responses on the site
    Approve(ResponseSelection),
    /// Mark responses as spam
    Spam(ResponseSelection),
    /// Move responses to the trash
    Trash(ResponseSelection),
    /// Move responses back to the queue
    Hold(ResponseSelection),
    /// Undo the decisions made by one command or one click
    Undo {
        /// ID of the decisions, as printed by the command that made them
        batch: String,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum StateArgument {
    /// Held for a moderator
    Pending,
    /// Shown on the site
    Approved,
    Spam,
    Trash,
}

impl From<StateArgument> for ResponseState {
    fn from(state: StateArgument) -> Self {
        match state {
            StateArgument::Pending => Self::Pending,
            StateArgument::Approved => Self::Approved,
            StateArgument::Spam => Self::Spam,
            StateArgument::Trash => Self::Trash,
        }
    }
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct ResponseSelection {
    /// IDs of responses, as printed by `rejoinder moderate list`
    pub ids: Vec<ResponseId>,
    /// All responses in the queue
    #[arg(long)]
    pub all_pending: bool,
}

#[derive(Debug, Subcommand)]
#[command(after_long_help = "\
Fields of an example:
  text    the text (required)
  author  the name
  email   the email address
  url     the web address
  links   a list of host names; the default is those in the text
  label   \"spam\" or \"ham\" (wanted); required for training

Example:
  echo '{\"text\": \"Cheap loans\", \"label\": \"spam\"}' | rejoinder judge train -
  echo '{\"text\": \"Cheap loans\"}' | rejoinder judge classify -")]
pub enum JudgeCommand {
    /// Learn from labelled examples, which count like a moderator's decisions
    ///
    /// Prints how many were learned. Examples without a label are skipped.
    Train {
        /// File with examples; - for standard input
        file: PathBuf,
        /// Undo learning from these examples
        #[arg(long)]
        forget: bool,
    },
    /// Print the filter's result for each example as a line of JSON: risk (0 to 1000), verdict, signals
    ///
    /// If the examples have labels, precision and recall are printed on standard error at the end.
    Classify {
        /// File with examples; - for standard input
        file: PathBuf,
        /// Risk that counts as spam [default: the setting moderation.hold_at_risk]
        #[arg(long, value_name = "RISK")]
        threshold: Option<i64>,
    },
}

#[derive(Debug, Subcommand)]
#[command(after_long_help = "\
Examples:
  rejoinder jobs list --state failed
  rejoinder jobs retry 42")]
pub enum JobsCommand {
    /// List jobs, failed ones first: ID, state, lane, due date, attempts, job, last error
    List {
        /// Only jobs in this state
        #[arg(long, value_enum)]
        state: Option<JobStateArgument>,
    },
    /// Run all jobs that are due, then exit
    Run,
    /// Run a failed or waiting job again now
    Retry {
        /// ID of the job, as printed by `rejoinder jobs list`
        id: JobId,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum JobStateArgument {
    /// Not started yet, or waiting for another attempt
    Waiting,
    Running,
    Done,
    /// Given up after the last attempt
    Failed,
}

impl From<JobStateArgument> for JobState {
    fn from(state: JobStateArgument) -> Self {
        match state {
            JobStateArgument::Waiting => Self::Waiting,
            JobStateArgument::Running => Self::Running,
            JobStateArgument::Done => Self::Done,
            JobStateArgument::Failed => Self::Failed,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum RenderKind {
    Post,
    Comment,
}

impl From<RenderKind> for MarkupProfile {
    fn from(kind: RenderKind) -> Self {
        match kind {
            RenderKind::Post => Self::Post,
            RenderKind::Comment => Self::Response,
        }
    }
}
