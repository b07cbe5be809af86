//! `rejoinder moderate`: review responses from a shell.

use indicatif::{ProgressBar, ProgressStyle};

use crate::accounts::permissions::Actor;
use crate::app::App;
use crate::commands::arguments::{ModerateCommand, ResponseSelection};
use crate::commands::output::{self, say};
use crate::commands::{CommandResult, open_app};
use crate::config::Config;
use crate::markup::printable;
use crate::moderation::decide::{self, DecisionRequest, DecisionSummary};
use crate::moderation::{queue, undo};
use crate::store::entity::response::ResponseState;
use crate::store::queue::{Filter, Order};
use crate::web::moderator::labels::reason_text;
use crate::web::moderator::names::kind_name;

pub async fn run(config: Config, command: ModerateCommand) -> CommandResult {
    let app = open_app(config).await?;
    match command {
        ModerateCommand::List { state } => list(&app, state.into()).await,
        ModerateCommand::Approve(selection) => {
            move_to(&app, selection, ResponseState::Approved).await
        }
        ModerateCommand::Spam(selection) => move_to(&app, selection, ResponseState::Spam).await,
        ModerateCommand::Trash(selection) => move_to(&app, selection, ResponseState::Trash).await,
        ModerateCommand::Hold(selection) => move_to(&app, selection, ResponseState::Pending).await,
        ModerateCommand::Undo { batch } => {
            let undone = undo::undo_batch(&app, &Actor::operator(), &batch).await?;
            say!("{} moved back, {} unchanged.", undone.moved, undone.skipped)?;
            Ok(())
        }
    }
}

async fn list(app: &App, state: ResponseState) -> CommandResult {
    let actor = Actor::operator();
    let mut after = None;
    let mut is_empty = true;
    loop {
        let page = queue::page_queue(app, &actor, &Filter::of(state), Order::Oldest, after).await?;
        for entry in &page.entries {
            is_empty = false;
            let response = &entry.response;
            let reasons: Vec<String> = entry
                .reasons
                .iter()
                .map(|reason| reason_text(&app.texts, reason))
                .collect();
            let text = printable::short_line(&response.body_markdown, 120);
            let post = page
                .posts
                .get(&response.post_id)
                .map_or_else(String::new, |post| printable::line(&post.title));
            say!(
                "{}\t{}\t{}\ton “{post}”\t{}\t{}",
                response.id,
                kind_name(response.kind),
                printable::line(&response.author_name),
                printable::line(&reasons.join(" ")),
                text
            )?;
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    if is_empty {
        output::remark(format_args!("No responses."));
    }
    Ok(())
}

async fn move_to(app: &App, selection: ResponseSelection, to: ResponseState) -> CommandResult {
    let actor = Actor::operator();
    let DecisionSummary {
        batch,
        moved,
        skipped,
    } = if selection.all_pending {
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
        decide::decide(app, &actor, &selection.ids, &DecisionRequest::to(to)).await?
    };
    say!("{moved} moved, {skipped} unchanged.")?;
    if moved > 0 {
        say!("To undo, run: rejoinder moderate undo {batch}")?;
    }
    if moved == 0 && skipped > 0 {
        return Err("no responses were moved: each is gone or already in that state".into());
    }
    Ok(())
}
