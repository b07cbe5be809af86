//! `rejoinder jobs`: background jobs from a shell.

use jiff::tz::TimeZone;

use crate::commands::arguments::JobsCommand;
use crate::commands::output::{self, say};
use crate::commands::{CommandResult, open_app};
use crate::config::Config;
use crate::jobs;
use crate::markup::printable;
use crate::store::entity::job::{JobState, Model};
use crate::store::jobs as rows;
use crate::worker;

const MAX_LISTED: u64 = 100;

pub async fn run(config: Config, command: JobsCommand) -> CommandResult {
    let app = open_app(config).await?;
    match command {
        JobsCommand::List { state } => {
            let zone: &TimeZone = &app.zone();
            let db = app.store.read();
            if let Some(state) = state {
                for job in rows::list(db, Some(state.into()), MAX_LISTED).await? {
                    print(&job, zone)?;
                }
                return Ok(());
            }
            // Failed jobs come first: somebody must act on them, however old they are.
            for job in rows::list(db, Some(JobState::Failed), MAX_LISTED).await? {
                print(&job, zone)?;
            }
            for job in rows::list(db, None, MAX_LISTED).await? {
                if job.state != JobState::Failed {
                    print(&job, zone)?;
                }
            }
        }
        JobsCommand::Run => {
            let done = worker::run_due_jobs(&app).await?;
            say!("Ran {}.", output::count(done as u64, "job", "jobs"))?;
        }
        JobsCommand::Retry { id } => {
            jobs::retry(&app.store, &app.clock, id).await?;
            say!("Job {id} will run again now.")?;
        }
    }
    Ok(())
}

fn print(job: &Model, zone: &TimeZone) -> std::io::Result<()> {
    say!(
        "{}\t{}\t{}\t{}\t{} tries\t{}\t{}",
        job.id,
        job.state.name(),
        job.lane.name(),
        job.run_at.in_zone(zone).strftime("%Y-%m-%d %H:%M:%S"),
        job.attempts,
        printable::line(&job.payload),
        printable::line(job.last_error.as_deref().unwrap_or_default())
    )
}
