//! The commands of the command line, one file each. What they do to posts, responses and accounts is the
//! domain's; here they parse, call and print.

pub mod arguments;
pub mod demo;
pub mod doctor;
pub mod doctor_mail;
mod doctor_media;
pub mod finding;
pub mod jobs;
pub mod judge;
pub mod log;
pub mod media;
pub mod migrate;
pub mod moderate;
pub mod output;
pub mod post;
mod post_pictures;
pub mod render;
pub mod serve;
pub mod user;

use crate::app::App;
use crate::clock::Clock;
use crate::config::Config;
use crate::error::Result;

/// An error is a sentence for the person at the keyboard.
pub type CommandResult = std::result::Result<(), Box<dyn std::error::Error>>;

async fn open_app(config: Config) -> Result<App> {
    App::start(config, Clock::system()).await
}
