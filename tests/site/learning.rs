//! The filter learns from decisions, and the log holds everything from which its model could be rebuilt.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use rejoinder::accounts::permissions::Actor;
use rejoinder::moderation::decide::{DecisionRequest, decide};
use rejoinder::moderation::undo::undo_batch;
use rejoinder::store::entity::ids::{DecisionId, ResponseId};
use rejoinder::store::entity::response::ResponseState;
use rejoinder::store::entity::user::Role;
use rejoinder::store::filter::Totals;
use rejoinder::store::response_counts;
use rejoinder::store::{decisions, filter, responses};
use rejoinder::ui::when;

use crate::on_both_databases;
use crate::support::client::Page;
use crate::support::database::{Database, Kind};
use crate::support::seed;
use crate::support::site::{PASSWORD, Site, comment_id};

/// What people write, about as many things as there are.
const HONEST: &[&str] = &[
    "I read the report twice and still do not see where the second figure comes from. Is there a source?",
    "Thank you for this. My grandmother worked in that mill and told us the same story.",
    "You forgot the night bus: since May it no longer stops at the hospital.",
    "I disagree with the last paragraph. A toll would hit those who have no choice.",
    "Small correction: the bridge was built in 1954, not 1945.",
    "Does anybody know whether the minutes of the meeting are public?",
    "We tried this recipe on Sunday, with less sugar, and the children loved it.",
    "The link to the map is broken for me, on a phone at least.",
    "What a beautiful photograph. Where was it taken?",
    "As a teacher I would add that nobody asked the schools.",
    "It works with version 3 as well, if you set the flag before the first call.",
    "Good piece, but the headline promises more than the text holds.",
    "My train was late again today, forty minutes, and there was no announcement at all.",
    "Could you write about the new library too? I hear it closes at five.",
    "I was at the concert. The second half was much better than you say.",
    "The council has promised this since I moved here twelve years ago.",
    "Has somebody compared the prices with those in the neighbouring town?",
    "This happened to my neighbour last winter, and the insurance paid nothing.",
    "I wonder how the numbers look when you leave out the two largest firms.",
    "Please do not change the layout again, I have only just got used to it!",
    "In our street the trees were cut down in one morning. Nobody had told us.",
    "Very clear, thanks. I finally understand what the vote is about.",
    "The quote in the third paragraph is from Tucholsky, I think, not from Brecht.",
    "I have used the old form for years. Why must everything go through an app now?",
    "Nice to read something about birds for once. We have had two owls since March.",
];

/// What is sent to blogs by the thousand.
const SPAM: &[&str] = &[
    "Buy cheap replica watches online, best prices and free shipping, visit https://watches.spam.example",
    "Great article! Check out my website for the best casino bonus and free slots https://casino.spam.example",
    "I earn 5000 dollars a month working from home, click here https://earn.spam.example and start today",
    "Cheap pharmacy online, no prescription, best pills delivered worldwide https://pills.spam.example",
    "Thank you admin for this informative article. Visit my site for payday loans online https://loans.spam.example",
    "Best SEO services, rank first on google, buy backlinks cheap https://seo.spam.example visit today",
    "Play poker and slots online, win the jackpot, free bonus, visit https://poker.spam.example",
    "Contact our hacker service on whatsapp for fast results, guaranteed profit https://hack.spam.example",
    "Lose weight fast with our diet pills, free trial, order online https://diet.spam.example",
    "Crypto investment with guaranteed profit, earn daily, join our telegram https://coin.spam.example",
    "Buy replica handbags online, cheap prices, free shipping worldwide https://bags.spam.example",
    "Best online casino, free bonus for new players, visit https://bonus.spam.example today",
    "Earn money online from home, click here and start today https://money.spam.example",
    "Order cheap pills online, best pharmacy, no prescription https://meds.spam.example",
    "Payday loans online, fast approval, visit my website https://cash.spam.example",
    "Buy cheap backlinks and traffic, best SEO, visit https://links.spam.example",
    "Guaranteed profit with crypto, join our telegram, earn daily https://gain.spam.example",
    "Great article! Visit my website for cheap watches online https://time.spam.example",
];

const STATES: [ResponseState; 4] = [
    ResponseState::Pending,
    ResponseState::Approved,
    ResponseState::Spam,
    ResponseState::Trash,
];

/// What somebody does: decides on some of the responses, or undoes one of the batches so far.
#[derive(Clone, Debug)]
enum Step {
    Decide(Vec<usize>, usize),
    Undo(usize),
}

fn steps(responses: usize) -> impl Strategy<Value = Vec<Step>> {
    let some = prop::collection::vec(0..responses, 1..4);
    let step = prop_oneof![
        3 => (some, 0..STATES.len()).prop_map(|(ids, to)| Step::Decide(ids, to)),
        1 => (0..12_usize).prop_map(Step::Undo),
    ];
    prop::collection::vec(step, 1..14)
}

/// Everything that was learned, in every bucket of these responses.
async fn learned(site: &Site) -> Totals {
    filter::find(site.app.store.read(), &[]).await.unwrap().0
}

/// Any row of decisions and undos leaves what a replay of the log leaves, and counts that equal a
/// recount; what the filter learned is what it would learn from where the responses stand now.
async fn any_sequence_of_decisions(db: Kind, cases: u32) {
    let site = Site::start(db).await;
    let post = site.post("A question", "Text").await;
    let mut ids = Vec::new();
    for count in 0..6 {
        let sent = site
            .comment(&post, &format!("R{count}"), &format!("Remark {count}"))
            .await;
        ids.push(ResponseId(comment_id(&sent)));
    }
    let actor = Actor::operator();
    let mut runner = seed::runner();
    let mut seen = DecisionId(0);
    let mut replayed = vec![ResponseState::Pending; ids.len()];
    let mut batches: Vec<String> = Vec::new();
    for _ in 0..cases {
        let steps = steps(ids.len()).new_tree(&mut runner).unwrap().current();
        for step in steps {
            match step {
                Step::Decide(which, to) => {
                    let which: Vec<_> = which.into_iter().map(|at| ids[at]).collect();
                    let done = decide(&site.app, &actor, &which, &DecisionRequest::to(STATES[to]))
                        .await
                        .unwrap();
                    if done.moved > 0 {
                        batches.push(done.batch);
                    }
                }
                Step::Undo(back) => {
                    if let Some(batch) = batches.len().checked_sub(back + 1).map(|at| &batches[at])
                    {
                        undo_batch(&site.app, &actor, batch).await.unwrap();
                    }
                }
            }
        }
        let db = site.app.store.read();
        for decision in decisions::list_after(db, seen, 10_000).await.unwrap() {
            let at = ids
                .iter()
                .position(|id| *id == decision.response_id)
                .unwrap();
            assert_eq!(replayed[at], decision.from_state, "the log has no gaps");
            replayed[at] = decision.to_state;
            seen = decision.id;
        }
        let kept = response_counts::count_by_state(db).await.unwrap();
        for state in STATES {
            let counted = response_counts::recount(db, post.id, state).await.unwrap();
            assert_eq!(kept.get(&state).copied().unwrap_or(0), counted, "{state:?}");
        }
        for (at, id) in ids.iter().enumerate() {
            let row = responses::find(db, *id).await.unwrap().unwrap();
            assert_eq!(row.state, replayed[at], "{id}");
        }
    }
    site.run_jobs().await;
    let by_path = learned(&site).await;
    // The same states, reached in one step each on another site, teach the same.
    let other = Site::start(db).await;
    let again = other.post("A question", "Text").await;
    for (count, state) in replayed.iter().enumerate() {
        let sent = other
            .comment(&again, &format!("R{count}"), &format!("Remark {count}"))
            .await;
        let id = ResponseId(comment_id(&sent));
        decide(&other.app, &actor, &[id], &DecisionRequest::to(*state))
            .await
            .unwrap();
    }
    other.run_jobs().await;
    assert_eq!(by_path, learned(&other).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn any_sequence_of_decisions_and_undos_matches_the_log_on_sqlite() {
    any_sequence_of_decisions(Kind::Sqlite, 60).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn any_sequence_of_decisions_and_undos_matches_the_log_on_postgres() {
    any_sequence_of_decisions(Kind::Postgres, 25).await;
}

on_both_databases! {
    async fn decisions_train_the_filter_which_then_holds_and_says_why(db) {
        let overrides = "[comments]\nmoderation = \"none\"\n";
        let site = Site::with(db, overrides, rejoinder::commands::serve::Workers::Off).await;
        let post = site.post("A question", "Text").await;
        let moderator = site.signed_in(Role::Moderator).await;
        for count in 0..8 {
            let spam = format!("Gorgeous kittens for your garden, order kittens number {count} today");
            let id = comment_id(&site.comment(&post, &format!("Seller{count}"), &spam).await);
            moderator.post("/queue/decisions", &[("move", &format!("spam:{id}"))]).await;
            let ham = format!("The council has not published minute {count} of its meeting");
            let id = comment_id(&site.comment(&post, &format!("Reader{count}"), &ham).await);
            // Approving a shown comment decides nothing: it has to be held first.
            moderator.post("/queue/decisions", &[("move", &format!("pending:{id}"))]).await;
            moderator.post("/queue/decisions", &[("move", &format!("approved:{id}"))]).await;
        }
        site.run_jobs().await;
        let next = site.comment(&post, "Sellerina", "Order gorgeous kittens today, kittens for everybody").await;
        let id = comment_id(&next);
        let row = responses::find(site.app.store.read(), ResponseId(id)).await.unwrap().unwrap();
        assert_eq!(row.state, ResponseState::Pending, "{}", row.reasons);
        let queue = moderator.get("/queue/?check=filter").await;
        assert!(queue.one(".reasons").contains("The spam filter rates it"), "{}", queue.text());
        assert!(queue.all(".for-spam").iter().any(|sign| sign.contains("kittens")), "{}", queue.text());
        let wanted = site.comment(&post, "Citizen", "Which minute of the meeting is published?").await;
        let row = responses::find(site.app.store.read(), ResponseId(comment_id(&wanted))).await.unwrap().unwrap();
        assert_eq!(row.state, ResponseState::Approved);
        moderator.post("/queue/decisions", &[("move", &format!("spam:{id}"))]).await;
        site.run_jobs().await;
        let statistics = moderator.get("/queue/statistics").await;
        assert!(statistics.all("svg").len() >= 5, "{}", statistics.text());
        let shares = statistics.all("figure:nth-of-type(6) td");
        assert_eq!(shares, ["100", "11"], "precision and recall: it would have held one spam of nine");
        let today = when::short_day(site.app.clock.now(), &site.app.zone());
        assert_eq!(statistics.all("figure:nth-of-type(6) th[scope=row]"), [today]);
    }

    async fn the_statistics_say_what_happened_to_responses_and_are_drawn_to_scale(db) {
        let overrides = "[site]\ntime_zone = \"Asia/Tokyo\"\n[comments]\nmoderation = \"all\"\n[accounts]\nsession_days = 200\n";
        let site = Site::with(db, overrides, rejoinder::commands::serve::Workers::Off).await;
        let post = site.post("A question", "Text").await;
        let email = site.account(Role::Moderator).await.email;
        let signed_in = async || {
            let moderator = site.visitor();
            moderator.sign_in(&email, PASSWORD).await;
            moderator
        };
        let (hour, day) = (Duration::from_secs(3600), Duration::from_secs(86_400));
        // Five in the morning in Tokyo, where it is a day later than in Greenwich.
        let now = u64::try_from(site.app.clock.now().0).unwrap();
        site.app.clock.step(day - Duration::from_millis(now % 86_400_000) + 20 * hour);
        let first_day = when::short_day(site.app.clock.now(), &site.app.zone());
        let decisions = [
            (0, 10, "approved"), (0, 20, "spam"),
            (60, 8, "approved"), (0, 7, "approved"), (0, 6, "spam"), (0, 5, "trash"),
        ];
        for (count, (days, minutes, to)) in decisions.into_iter().enumerate() {
            site.app.clock.step(day * days);
            let id = comment_id(&site.comment(&post, &format!("R{count}"), &format!("Remark {count}")).await);
            site.app.clock.step(Duration::from_secs(60 * minutes));
            signed_in().await.post("/queue/decisions", &[("move", &format!("{to}:{id}"))]).await;
        }
        let page = signed_in().await.get("/queue/statistics").await;
        let cells = |page: &Page, plot: usize| page.all(&format!("figure:nth-of-type({plot}) td"));
        assert_eq!(cells(&page, 1), ["10", "10", "7", "6"], "90th percentile and median");
        assert_eq!(cells(&page, 2)[5], "6", "all in one hour");
        assert_eq!(cells(&page, 4), ["6", "3"], "the rule, and what was approved of it");
        assert_eq!(cells(&page, 5), ["2", "1", "4", "1"], "decided, and of them spam");
        for by_day in [1, 5] {
            assert_eq!(page.all(&format!("figure:nth-of-type({by_day}) th[scope=row]"))[0], first_day);
        }

        let plot = |css: &str, name: &str| -> Vec<f64> {
            let found = page.attributes(&format!("figure:nth-of-type(5) {css}"), name);
            found.iter().map(|number| number.parse().unwrap()).collect()
        };
        let (x, width) = (plot("rect.series-0", "x"), plot("rect.series-0", "width"));
        assert!(x[0] > plot("text.scale[text-anchor=end]", "x")[0] && x[0] + width[0] < x[1] && x[1] + width[1] < 640.0, "{x:?}");
        let grid = plot("line.grid", "y1");
        let (y, height) = (plot("rect.series-0", "y"), plot("rect.series-0", "height"));
        assert!(0.0 < grid[2] && grid[2] < grid[0] && grid[0] < plot("text.scale[text-anchor=middle]", "y")[0] - 12.0, "{grid:?}");
        assert_eq!((y[1], height[1]), (grid[2], 2.0 * height[0]), "the most is as high as the plot");
        assert!((0..2).all(|at| (y[at] + height[at] - grid[0]).abs() < 0.2), "{y:?} {height:?}");

        // The first day is out of sight by now.
        site.app.clock.step(day * 35);
        assert_eq!(cells(&signed_in().await.get("/queue/statistics").await, 5), ["4", "1"]);
    }

    async fn trained_with_one_class_only_it_holds_nobody(db) {
        let overrides = "[comments]\nmoderation = \"none\"\n";
        for (label, times) in [("spam", 3), ("spam", 10), ("approved", 10)] {
            let site = Site::with(db, overrides, rejoinder::commands::serve::Workers::Off).await;
            let post = site.post("A question", "Text").await;
            let moderator = site.signed_in(Role::Moderator).await;
            let examples: Vec<&str> = if label == "spam" { SPAM.to_vec() } else { HONEST.iter().rev().copied().collect() };
            for (count, text) in examples.iter().cycle().take(times).enumerate() {
                let id = comment_id(&site.comment(&post, &format!("T{count}"), text).await);
                for to in ["pending", label] {
                    moderator.post("/queue/decisions", &[("move", &format!("{to}:{id}"))]).await;
                }
            }
            site.run_jobs().await;
            assert_eq!(filter::find(site.app.store.read(), &[]).await.unwrap().0.responses.0 > 0, label == "spam");
            for (count, text) in HONEST.iter().enumerate() {
                let sent = site.comment(&post, &format!("R{count}"), text).await;
                let row = responses::find(site.app.store.read(), ResponseId(comment_id(&sent))).await.unwrap().unwrap();
                assert_eq!(row.state, ResponseState::Approved, "{times} {label}: {text}: {}", row.reasons);
            }
        }
    }

    async fn trained_with_ten_of_each_class_it_separates_them(db) {
        let overrides = "[comments]\nmoderation = \"none\"\n";
        let site = Site::with(db, overrides, rejoinder::commands::serve::Workers::Off).await;
        let post = site.post("A question", "Text").await;
        let moderator = site.signed_in(Role::Moderator).await;
        for count in 0..10 {
            for (label, texts) in [("spam", SPAM), ("approved", HONEST)] {
                let id = comment_id(&site.comment(&post, &format!("T{count}"), texts[count]).await);
                for to in ["pending", label] {
                    moderator.post("/queue/decisions", &[("move", &format!("{to}:{id}"))]).await;
                }
            }
        }
        site.run_jobs().await;
        let held = async |texts: &[&str]| {
            let mut held = 0;
            for (count, text) in texts.iter().enumerate() {
                let sent = site.comment(&post, &format!("N{count}"), text).await;
                let row = responses::find(site.app.store.read(), ResponseId(comment_id(&sent))).await.unwrap().unwrap();
                held += usize::from(row.reasons.contains("\"check\":\"filter\""));
            }
            held
        };
        let (spam, honest) = (held(&SPAM[10..]).await, held(&HONEST[10..]).await);
        assert!(spam >= 6, "{spam} of {} spam are held", SPAM.len() - 10);
        assert_eq!(honest, 0, "of {} honest comments", HONEST.len() - 10);
    }

    async fn a_site_trains_with_its_own_examples_and_can_forget_them(db) {
        let database = Database::migrated(db).await;
        let folder = tempfile::tempdir().unwrap();
        let examples = folder.path().join("examples.jsonl");
        let lines = ["kittens for sale", "lovely kittens cheap", "kittens kittens", "order kittens"]
            .map(|text| format!("{{\"text\":\"{text}\",\"label\":\"spam\"}}\n"))
            .concat()
            + &["minutes of the council", "the board met", "no minutes yet", "a report of the board"]
                .map(|text| format!("{{\"text\":\"{text}\",\"label\":\"ham\"}}\n"))
                .concat();
        std::fs::write(&examples, lines).unwrap();
        let judge = |arguments: &[&str], input: &str| {
            let mut child = Command::new(env!("CARGO_BIN_EXE_rejoinder"))
                .env("REJOINDER_DATABASE__URL", &database.url)
                .env("REJOINDER_LOG__FILTER", "error")
                .current_dir(folder.path())
                .arg("judge")
                .args(arguments)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
            let output = child.wait_with_output().unwrap();
            (
                output.status.success(),
                String::from_utf8(output.stdout).unwrap(),
                String::from_utf8(output.stderr).unwrap(),
            )
        };
        let question = "{\"text\":\"cute kittens here\"}\n";
        let risk = |said: &str| {
            let value: serde_json::Value = serde_json::from_str(said.trim()).unwrap();
            value["risk"].as_i64().unwrap()
        };
        let before = risk(&judge(&["classify", "-"], question).1);
        let (_, said, _) = judge(&["train", "examples.jsonl"], "");
        assert!(said.contains("4 spam and 4 wanted"), "{said}");
        let after = risk(&judge(&["classify", "-"], question).1);
        assert!(after > before + 200, "{before} {after}");
        let (_, said, score) = judge(&["classify", "examples.jsonl", "--threshold", "500"], "");
        assert_eq!(said.lines().count(), 8);
        assert!(score.contains("precision 100.0%, recall 100.0%"), "{score}");
        judge(&["train", "--forget", "examples.jsonl"], "");
        assert_eq!(risk(&judge(&["classify", "-"], question).1), before);
        let (fine, _, words) = judge(&["train", "-"], "{\"label\":\"spam\"}\n");
        assert!(!fine && words.contains("line 1 is not an example"), "{words}");
    }
}
