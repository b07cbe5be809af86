//! What the command line offers, a file a command.

pub mod arguments;
pub mod demo;
pub mod doctor;
pub mod doctor_mail;
pub mod jobs;
pub mod judge;
pub mod log;
pub mod migrate;
pub mod moderate;
pub mod output;
pub mod post;
pub mod render;
pub mod serve;
pub mod user;

use crate::app::App;
use crate::clock::Clock;
use crate::config::Config;
use crate::error::Result;

/// What a command gives back: an error is for the person at the keyboard, in a sentence.
pub type Outcome = std::result::Result<(), Box<dyn std::error::Error>>;

async fn open(config: Config) -> Result<App> {
    App::start(config, Clock::system()).await
}
