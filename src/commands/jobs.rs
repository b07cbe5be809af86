//! `rejoinder jobs`: background work from a shell.

use jiff::tz::TimeZone;

use crate::commands::arguments::Jobs;
use crate::commands::{Outcome, open};
use crate::config::Config;
use crate::jobs;
use crate::store::jobs as rows;
use crate::worker;

/// Runs the command.
pub async fn run(config: Config, command: Jobs) -> Outcome {
    let app = open(config).await?;
    match command {
        Jobs::List => {
            let zone: &TimeZone = app.urls.zone();
            for job in rows::list(app.store.read(), None, 100).await? {
                println!(
                    "{}\t{:?}\t{}\t{} tries\t{}\t{}",
                    job.id,
                    job.state,
                    job.run_at.in_zone(zone).strftime("%Y-%m-%d %H:%M:%S"),
                    job.attempts,
                    job.payload,
                    job.last_error.unwrap_or_default()
                );
            }
        }
        Jobs::Run => {
            let done = worker::work_off(&app).await?;
            println!("{done} jobs worked off.");
        }
        Jobs::Retry { id } => {
            jobs::retry(&app.store, &app.clock, id).await?;
            println!("Job {id} will be tried again now.");
        }
    }
    Ok(())
}
