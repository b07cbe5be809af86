//! The entry point: parses the arguments, loads the settings and runs the command.

#![warn(clippy::print_stdout, clippy::print_stderr)]

use std::process::ExitCode;

use clap::Parser;
use rejoinder::commands::arguments::{Arguments, Command};
use rejoinder::commands::{
    CommandResult, demo, doctor, jobs, judge, log, media, migrate, moderate, output, post, render,
    serve, user,
};
use rejoinder::config::Config;

/// The system allocator keeps freed memory with the threads that used it. This one returns it within
/// seconds after a burst of requests. SQLite uses it too.
#[cfg(target_os = "linux")]
#[global_allocator]
static MEMORY: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            if output::is_closed_pipe(error.as_ref()) {
                return ExitCode::SUCCESS;
            }
            output::remark(format_args!("rejoinder: {error}"));
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> CommandResult {
    let command = match arguments.command.unwrap_or(Command::Serve) {
        Command::Render { kind } => return render::run(kind.into()),
        Command::Demo { listen } => return demo::run(listen).await,
        command => command,
    };
    let config = Config::load(arguments.config.as_deref())?;
    log::start(&config.log)?;
    match command {
        Command::Serve => serve::run(config).await,
        Command::Doctor { mail_to } => doctor::run(config, mail_to.as_deref()).await,
        Command::Migrate => migrate::run(config).await,
        Command::User(command) => user::run(config, command).await,
        Command::Post(command) => post::run(config, command).await,
        Command::Media(command) => media::run(config, command).await,
        Command::Moderate(command) => moderate::run(config, command).await,
        Command::Judge(command) => judge::run(config, command).await,
        Command::Jobs(command) => jobs::run(config, command).await,
        Command::Demo { .. } | Command::Render { .. } => Ok(()),
    }
}
