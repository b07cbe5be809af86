//! `rejoinder jobs`: background work from a shell.

use jiff::tz::TimeZone;

use crate::commands::arguments::Jobs;
use crate::commands::output::say;
use crate::commands::{Outcome, open};
use crate::config::Config;
use crate::jobs;
use crate::markup::inert;
use crate::store::entity::job::{JobState, Model};
use crate::store::jobs as rows;
use crate::worker;

/// The most jobs of each list.
const MAX_LISTED: u64 = 100;

/// Runs the command.
pub async fn run(config: Config, command: Jobs) -> Outcome {
    let app = open(config).await?;
    match command {
        Jobs::List { state } => {
            let zone: &TimeZone = app.urls.zone();
            let db = app.store.read();
            if let Some(state) = state {
                for job in rows::list(db, Some(state.into()), MAX_LISTED).await? {
                    print(&job, zone)?;
                }
                return Ok(());
            }
            // Failed jobs come first: they ask for something, however long ago they were given up.
            for job in rows::list(db, Some(JobState::Failed), MAX_LISTED).await? {
                print(&job, zone)?;
            }
            for job in rows::list(db, None, MAX_LISTED).await? {
                if job.state != JobState::Failed {
                    print(&job, zone)?;
                }
            }
        }
        Jobs::Run => {
            let done = worker::work_off(&app).await?;
            say!("{done} jobs done.")?;
        }
        Jobs::Retry { id } => {
            jobs::retry(&app.store, &app.clock, id).await?;
            say!("Job {id} will be tried again now.")?;
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
        inert::line(&job.payload),
        inert::line(job.last_error.as_deref().unwrap_or_default())
    )
}
