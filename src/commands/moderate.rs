//! `rejoinder moderate`: the queue from a shell.

use indicatif::{ProgressBar, ProgressStyle};

use crate::accounts::permissions::Actor;
use crate::app::App;
use crate::commands::arguments::{Moderate, StateName, Which};
use crate::commands::output::{self, say};
use crate::commands::{Outcome, open};
use crate::config::Config;
use crate::markup::inert;
use crate::moderation::decide::{self, Decided, Wish};
use crate::moderation::queue;
use crate::store::entity::response::ResponseState;
use crate::store::queue::{Filter, From, Order};
use crate::web::moderator::words::{kind_name, reason_words};

/// Runs the command.
pub async fn run(config: Config, command: Moderate) -> Outcome {
    let app = open(config).await?;
    match command {
        Moderate::List { state } => list(&app, state_of(state)).await,
        Moderate::Approve(which) => move_to(&app, which, ResponseState::Approved).await,
        Moderate::Spam(which) => move_to(&app, which, ResponseState::Spam).await,
        Moderate::Trash(which) => move_to(&app, which, ResponseState::Trash).await,
        Moderate::Hold(which) => move_to(&app, which, ResponseState::Pending).await,
        Moderate::Undo { batch } => {
            let undone = decide::undo(&app, &Actor::operator(), &batch).await?;
            say!(
                "{} put back, {} left as they are.",
                undone.moved,
                undone.left
            )?;
            Ok(())
        }
    }
}

async fn list(app: &App, state: ResponseState) -> Outcome {
    let actor = Actor::operator();
    let mut from = From::Start;
    let mut any = false;
    loop {
        let page = queue::page_queue(app, &actor, &Filter::of(state), Order::Oldest, from).await?;
        for entry in &page.entries {
            any = true;
            let response = &entry.response;
            let reasons: Vec<String> = entry.reasons.iter().map(reason_words).collect();
            let text = inert::short_line(&response.body_markdown, 120);
            let post = page
                .posts
                .get(&response.post_id)
                .map_or_else(String::new, |post| inert::line(&post.title));
            say!(
                "{}\t{}\t{}\ton “{post}”\t{}\t{}",
                response.id,
                kind_name(response.kind),
                inert::line(&response.author_name),
                inert::line(&reasons.join(" ")),
                text
            )?;
        }
        match page.next {
            Some((id, risk)) => from = From::After(id, risk),
            None => break,
        }
    }
    if !any {
        output::remark(format_args!("Nothing here."));
    }
    Ok(())
}

async fn move_to(app: &App, which: Which, to: ResponseState) -> Outcome {
    let actor = Actor::operator();
    let Decided { batch, moved, left } = if which.all_pending {
        let bar = ProgressBar::new_spinner().with_style(
            ProgressStyle::with_template("{spinner} {pos} moved in {elapsed}")
                .unwrap_or_else(|_| ProgressStyle::default_spinner()),
        );
        let done = decide::decide_all_pending(app, &actor, to, |moved| {
            bar.set_position(moved as u64);
        })
        .await?;
        bar.finish_and_clear();
        done
    } else {
        decide::decide(app, &actor, &which.ids, &Wish::to(to)).await?
    };
    say!("{moved} moved, {left} left as they are.")?;
    if moved > 0 {
        say!("Take it back with: rejoinder moderate undo {batch}")?;
    }
    if moved == 0 && left > 0 {
        return Err("none of these could be moved: they are gone, or there already".into());
    }
    Ok(())
}

fn state_of(name: StateName) -> ResponseState {
    match name {
        StateName::Pending => ResponseState::Pending,
        StateName::Approved => ResponseState::Approved,
        StateName::Spam => ResponseState::Spam,
        StateName::Trash => ResponseState::Trash,
    }
}
