//! `rejoinder judge`: trains and tests the spam filter with examples.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write, stdin, stdout};
use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::commands::arguments::JudgeCommand;
use crate::commands::output::{self, say};
use crate::commands::{CommandResult, open_app};
use crate::config::Config;
use crate::judge::Submission;
use crate::judge::features::{Bucket, features};
use crate::markup::links::link_hosts;
use crate::responses::judging;
use crate::store::filter::{self, Totals};

/// In bytes.
const MAX_LINE: u64 = 1 << 20;
/// Examples per transaction.
const BATCH_SIZE: usize = 200;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Label {
    Spam,
    Ham,
}

#[derive(Debug, Deserialize)]
struct Example {
    text: String,
    #[serde(default)]
    author: String,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    links: Vec<String>,
    #[serde(default)]
    label: Option<Label>,
}

impl Example {
    fn submission(self) -> Submission {
        let link_hosts = match self.links.is_empty() {
            true => link_hosts("", &self.text),
            false => self.links,
        };
        Submission {
            author_name: self.author,
            author_email: self.email,
            author_url: self.url,
            link_hosts,
            ..Submission::of_text(&self.text)
        }
    }
}

#[derive(Serialize)]
struct Classification {
    risk: i64,
    verdict: &'static str,
    signals: Vec<(String, i64)>,
}

pub async fn run(config: Config, command: JudgeCommand) -> CommandResult {
    let app = open_app(config).await?;
    match command {
        JudgeCommand::Train { file, forget } => {
            train(&app, &file, if forget { -1 } else { 1 }).await
        }
        JudgeCommand::Classify { file, threshold } => {
            let threshold = threshold.unwrap_or(app.settings().discussion.hold_at_risk);
            classify(&app, &file, threshold).await
        }
    }
}

/// Reads the examples of a file; an error names the line.
fn examples(
    file: &Path,
) -> Result<impl Iterator<Item = Result<Example, String>>, Box<dyn std::error::Error>> {
    let input: Box<dyn Read> = if file == Path::new("-") {
        Box::new(stdin())
    } else {
        Box::new(File::open(file).map_err(|error| format!("{}: {error}", file.display()))?)
    };
    let mut input = BufReader::new(input);
    let mut number = 0;
    Ok(std::iter::from_fn(move || {
        loop {
            number += 1;
            let mut line = String::new();
            match input.by_ref().take(MAX_LINE).read_line(&mut line) {
                Ok(0) => return None,
                Ok(_) if line.trim().is_empty() => {}
                Ok(_) => {
                    return Some(
                        serde_json::from_str(&line)
                            .map_err(|error| format!("line {number} is not an example: {error}")),
                    );
                }
                Err(error) => return Some(Err(format!("line {number}: {error}"))),
            }
        }
    }))
}

async fn train(app: &App, file: &Path, times: i64) -> CommandResult {
    let bar = ProgressBar::new_spinner().with_style(
        ProgressStyle::with_template("{spinner} {pos} examples in {elapsed}")
            .unwrap_or_else(|_| ProgressStyle::default_spinner()),
    );
    let (mut count, mut unlabelled) = ((0_i64, 0_i64), 0);
    let mut batch: (Totals, BTreeMap<Bucket, (i64, i64)>) = Default::default();
    let mut learned = 0;
    for example in examples(file)? {
        let example = example?;
        let Some(label) = example.label else {
            unlabelled += 1;
            continue;
        };
        let (spam, ham) = match label {
            Label::Spam => (times, 0),
            Label::Ham => (0, times),
        };
        count = (count.0 + spam.abs(), count.1 + ham.abs());
        let add = |to: &mut (i64, i64)| *to = (to.0 + spam, to.1 + ham);
        add(&mut batch.0.responses);
        for bucket in features(&example.submission()).into_keys() {
            add(&mut batch.0.features);
            add(batch.1.entry(bucket).or_default());
        }
        learned += 1;
        bar.inc(1);
        if learned % BATCH_SIZE == 0 {
            save(app, std::mem::take(&mut batch)).await?;
        }
    }
    save(app, batch).await?;
    bar.finish_and_clear();
    let verb = if times > 0 { "Learned from" } else { "Forgot" };
    say!("{verb} {} spam and {} wanted examples.", count.0, count.1)?;
    if unlabelled > 0 {
        say!("Skipped {unlabelled} without a label.")?;
    }
    Ok(())
}

async fn save(
    app: &App,
    (totals, buckets): (Totals, BTreeMap<Bucket, (i64, i64)>),
) -> CommandResult {
    let rows: Vec<_> = buckets
        .into_iter()
        .map(|(bucket, (spam, ham))| (i64::from(bucket.0), spam, ham))
        .collect();
    app.store
        .write(move |tx| {
            let rows = rows.clone();
            Box::pin(async move { filter::add(tx, totals, rows).await })
        })
        .await?;
    Ok(())
}

async fn classify(app: &App, file: &Path, threshold: i64) -> CommandResult {
    let (mut caught, mut missed, mut held, mut passed) = (0_u64, 0_u64, 0_u64, 0_u64);
    let mut out = stdout().lock();
    for example in examples(file)? {
        let example = example?;
        let label = example.label;
        let score = judging::classify(app, &features(&example.submission())).await?;
        let is_spam = score.risk >= threshold;
        match (label, is_spam) {
            (Some(Label::Spam), true) => caught += 1,
            (Some(Label::Spam), false) => missed += 1,
            (Some(Label::Ham), true) => held += 1,
            (Some(Label::Ham), false) => passed += 1,
            (None, _) => {}
        }
        let line = Classification {
            risk: score.risk,
            verdict: if is_spam { "spam" } else { "ham" },
            signals: score.signals,
        };
        writeln!(out, "{}", serde_json::to_string(&line)?)?;
    }
    if caught + missed + held + passed > 0 {
        let share = |part: u64, all: u64| part as f64 * 100.0 / all.max(1) as f64;
        output::remark(format_args!(
            "At risk {threshold}: precision {:.1}%, recall {:.1}%, accuracy {:.1}% (spam: {caught} caught, {missed} missed; wanted: {passed} passed, {held} held).",
            share(caught, caught + held),
            share(caught, caught + missed),
            share(caught + passed, caught + missed + held + passed),
        ));
    }
    Ok(())
}
