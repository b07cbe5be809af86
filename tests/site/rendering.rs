//! Rendering texts of strangers: its cost, its output, and which texts are refused.

use std::time::{Duration, Instant};

use rejoinder::commands::serve::Workers;
use rejoinder::store::entity::ids::ResponseId;
use rejoinder::store::entity::response::ResponseState;
use rejoinder::store::entity::user::Role;
use rejoinder::store::posts::{self, PostContent};
use rejoinder::store::responses;
use reqwest::StatusCode;

use crate::on_both_databases;
use crate::support::client::{Client, Page};
use crate::support::site::{Site, comment_id};

/// Everything is published, and nothing is limited.
const OPEN: &str = "[comments]\nmoderation = \"none\"\n[moderation]\nhold_at_risk = 0\nburst_per_post = 0\nburst_per_site = 0\nmax_links = 100000\n";

/// Texts that a careless renderer would turn into something far larger, or render far too slowly.
fn bombs(length: usize) -> Vec<String> {
    let repeat = |unit: &str| unit.repeat(length / unit.len());
    let formatting: String = (0..length / 20).map(|n| format!("<b a{n}>")).collect();
    vec![
        repeat(">"),
        format!("<p>{formatting}{}", "<p>x".repeat(length / 10)),
        repeat("<b>"),
        repeat("<blockquote><ul><li><b><i>x"),
        repeat("- ") + "x",
        format!("{}a\n{}", "> ".repeat(length / 4), "b\n".repeat(length / 4)),
        repeat("["),
        repeat("![a]("),
        repeat("*a **a _a "),
        format!(
            "[a]: https://x.example/{}\n\n{}",
            "u".repeat(length / 8),
            "[a] ".repeat(length / 5)
        ),
        repeat("<a href=//x><p>"),
        repeat("&<"),
    ]
}

async fn preview(visitor: &Client, path: &str, text: &str) -> Page {
    let form = visitor.get(path).await.form("#respond form");
    let form = form
        .fill("author", "Ruth Amsel")
        .fill("email", "ruth@readers.example")
        .fill("comment", text);
    visitor.submit(&form.press("Preview")).await
}

on_both_databases! {
    async fn no_text_makes_a_page_far_longer_than_itself(db) {
        let site = Site::with(db, OPEN, Workers::Off).await;
        let post = site.post("A question", "Text").await;
        let path = site.path(&post);
        let visitor = site.visitor();
        let form = visitor.get(&path).await.form("#respond form");
        for (nth, bomb) in bombs(9_990).into_iter().enumerate() {
            let sent = form.clone()
                .fill("author", "Ruth").fill("email", "ruth@readers.example")
                .fill("comment", &bomb).press("Send comment");
            let answer = visitor.submit(&sent).await;
            if answer.status == StatusCode::UNPROCESSABLE_ENTITY {
                // Readers would see nothing of it.
                assert!(answer.has("#comment-problem"), "{nth}: {}", answer.text());
                continue;
            }
            let row = responses::find(site.app.store.read(), ResponseId(comment_id(&answer)))
                .await.unwrap().unwrap();
            assert_eq!(row.body_markdown, bomb.trim_end());
            let most = 20 * bomb.len() + 4096;
            assert!(row.body_html.len() <= most, "{nth}: {} bytes", row.body_html.len());
        }
        for path in [path.as_str(), "/comments/feed/", "/comments/feed/atom/"] {
            let page = visitor.get(path).await;
            assert_eq!(page.status, StatusCode::OK, "{path}");
            assert!(page.body.len() < 2 << 20, "{path}: {} bytes", page.body.len());
        }
    }

    async fn readers_are_served_while_strangers_send_bombs(db) {
        let site = Site::with(db, &format!("{OPEN}[limits]\npreviews_per_minute = 0\n"), Workers::Off).await;
        // A bomb that is not rendered in time gets an error.
        site.allow_error("status=503");
        let post = site.post("A question", "Text").await;
        let address = format!("{}respond", site.path(&post));
        let sending: Vec<_> = (0..4).map(|_| {
            let (visitor, address) = (site.visitor(), address.clone());
            tokio::spawn(async move {
                for bomb in bombs(9_990) {
                    visitor.post(&address, &[("comment", &bomb), ("do", "preview")]).await;
                }
            })
        }).collect();
        let reader = site.visitor();
        while !sending.iter().all(tokio::task::JoinHandle::is_finished) {
            let begun = Instant::now();
            assert_eq!(reader.get("/health/live").await.status, StatusCode::OK);
            // A second on an idle machine.
            assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
        }
        for task in sending {
            task.await.unwrap();
        }
    }

    async fn a_preview_is_refused_where_the_comment_would_be(db) {
        let site = Site::with(db, "[comments]\nmax_length = 50\n", Workers::Off).await;
        let post = site.post("A question", "Text").await;
        let path = site.path(&post);
        let visitor = site.visitor();
        let long = ">".repeat(100_000);
        for (text, status) in [("x".repeat(51), 413), (long, 413), ("***".into(), 422), (" ".into(), 422)] {
            let page = preview(&visitor, &path, &text).await;
            assert_eq!(page.status.as_u16(), status, "{}", page.text());
            assert!(page.has("#comment-problem") && !page.has(".preview"));
            assert_eq!(page.form("#respond form").value("comment"), text);
        }
        assert_eq!(preview(&visitor, &path, &"x".repeat(50)).await.status, StatusCode::OK);
    }

    async fn previews_have_their_own_rate_limit_and_keep_the_text(db) {
        let limits = "[limits]\npreviews_per_minute = 2\ncomment_interval = 0\n";
        let site = Site::with(db, limits, Workers::Off).await;
        let post = site.post("A question", "Text").await;
        let path = site.path(&post);
        let visitor = site.visitor();
        assert_eq!(preview(&visitor, &path, "One").await.status, StatusCode::OK);
        assert_eq!(preview(&visitor, &path, "Two").await.status, StatusCode::OK);
        let fast = preview(&visitor, &path, "Three").await;
        assert_eq!(fast.status, StatusCode::TOO_MANY_REQUESTS);
        assert!(fast.header("retry-after").is_some() && fast.has(".problems"), "{}", fast.text());
        let form = fast.form("#respond form");
        assert_eq!(form.value("comment"), "Three");
        let sent = visitor.submit(&form.press("Send comment")).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text());
    }

    async fn staff_who_preview_too_fast_keep_their_text(db) {
        let site = Site::with(db, "[limits]\nstaff_renders_per_minute = 1\n", Workers::Off).await;
        let editor = site.signed_in(Role::Editor).await;
        let form = editor.get("/desk/posts/new").await.form("form.compose");
        let form = form.fill("title", "T").fill("body", "**bold**");
        assert_eq!(editor.submit(&form.clone().press("Preview")).await.status, StatusCode::OK);
        for button in ["Preview", "Save draft", "Publish"] {
            let fast = editor.submit(&form.clone().press(button)).await;
            assert_eq!(fast.status, StatusCode::TOO_MANY_REQUESTS, "{button}");
            assert_eq!(fast.form("form.compose").value("body"), "**bold**");
        }
        let direct = editor.post("/desk/preview", &[("body", "x")]).await;
        assert_eq!(direct.status, StatusCode::TOO_MANY_REQUESTS);
        assert!(editor.get("/desk/").await.text().contains("No posts here."));
    }

    async fn a_post_that_is_too_long_is_neither_previewed_nor_saved(db) {
        let site = Site::start(db).await;
        let editor = site.signed_in(Role::Editor).await;
        let form = editor.get("/desk/posts/new").await.form("form.compose");
        let long = "x".repeat(200_001);
        let form = form.fill("title", "T").fill("body", &long);
        for button in ["Preview", "Publish"] {
            let page = editor.submit(&form.clone().press(button)).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{button}");
            assert!(page.one("#body-problem").contains("200000"), "{}", page.one("#body-problem"));
            assert_eq!(page.form("form.compose").value("body"), long);
        }
        let direct = editor.post("/desk/preview", &[("body", &long)]).await;
        assert_eq!(direct.status, StatusCode::UNPROCESSABLE_ENTITY);
    }

    async fn links_of_a_comment_leave_the_site_and_ids_of_a_post_do_not_clash_with_the_page(db) {
        let site = Site::with(db, "[comments]\nmoderation = \"none\"\n", Workers::Off).await;
        let body = "<h2 id=\"comments\">One</h2>\n\n<p id=\"respond\">Two <a href=\"#comments\">up</a></p>\n\n[home](/)";
        let post = site.post("A question", body).await;
        let text = "[a](/desk/) [b](x) [c](../y) [d](//evil.example/) [e](?p=1) [f](#respond) [g](https://fine.example/)";
        let id = comment_id(&site.comment(&post, "Ruth", text).await);
        let page = site.visitor().get(&site.path(&post)).await;
        let links = page.attributes(&format!("#comment-{id} .text a"), "href");
        assert_eq!(links, ["https://fine.example/"]);
        assert_eq!(page.all(&format!("#comment-{id} .text a")).len(), 7, "the words stay");
        for own in ["comments", "respond"] {
            assert_eq!(page.all(&format!("[id='{own}']")).len(), 1, "{own}");
            assert!(page.has(&format!("article #p-{own}")), "{own}");
        }
        assert!(page.has("article .e-content a[href='/']"), "a post may link to its own site");
    }

    async fn no_word_is_lost_from_a_comment_or_a_post(db) {
        let site = Site::with(db, OPEN, Workers::Off).await;
        let text = "The <title> of your page, a `Vec<String>` or Vec<String>, <!-- x --> <?php ?> <![CDATA[y]]>\n\n\
                    <p>in <custom-tag a=\"b\">HTML</custom-tag></p>\n\n<!-- never closed\n\nand *more*";
        let words = [
            "The <title> of your page, a Vec<String> or Vec<String>, <!-- x --> <?php ?> <![CDATA[y]]>",
            "in <custom-tag a=\"b\">HTML</custom-tag>", "<!-- never closed", "and more",
        ];
        let post = site.post("A question", &format!("{text}\n\n<!--more-->\n\nThe rest.")).await;
        let path = site.path(&post);
        let sent = site.comment(&post, "Ruth", text).await;
        let id = comment_id(&sent);
        let page = site.visitor().get(&path).await;
        let shown = preview(&site.visitor(), &path, text).await.one(".preview .text");
        for place in [page.one("article.post .e-content"), page.one(&format!("#comment-{id} .text")), shown] {
            for words in words {
                assert!(place.contains(words), "{words} is not in {place}");
            }
        }
        assert!(!page.one("article.post .e-content").contains("more-->"));
        assert!(page.one("article.post .e-content").contains("The rest."));
    }

    async fn an_indented_code_block_at_the_beginning_of_a_comment_is_kept(db) {
        let site = Site::with(db, OPEN, Workers::Off).await;
        let post = site.post("A question", "Text").await;
        let path = site.path(&post);
        let text = "\r\n\r\n    fn main() {}\r\n\r\nworks.\r\n\r\n";
        let shown = preview(&site.visitor(), &path, text).await;
        assert_eq!(shown.one(".preview .text pre code"), "fn main() {}");
        let id = comment_id(&site.comment(&post, "Ruth", text).await);
        let page = site.visitor().get(&path).await;
        assert_eq!(page.one(&format!("#comment-{id} .text pre code")), "fn main() {}");
        let row = responses::find(site.app.store.read(), ResponseId(id)).await.unwrap().unwrap();
        assert_eq!(row.body_markdown, "    fn main() {}\n\nworks.");
    }

    async fn an_invisible_text_is_refused_at_its_field(db) {
        let site = Site::with(db, "[limits]\ncomment_interval = 600\n", Workers::Off).await;
        let post = site.post("A question", "Text").await;
        let path = site.path(&post);
        let visitor = site.visitor();
        let form = visitor.get(&path).await.form("#respond form");
        let good = form.fill("author", "Ruth").fill("email", "ruth@readers.example")
            .fill("comment", "Words").press("Send comment");
        let empty = ["***", "![a cat](https://x.example/cat.png)", "\u{200b}\u{200d}", "<b></b>", "\u{2800}", "&#8203;"];
        for text in empty {
            let answer = visitor.submit(&good.clone().fill("comment", text)).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{text:?}: {}", answer.text());
            assert!(answer.has("#comment-problem") && !answer.has("#author-problem"), "{text:?}");
            assert_eq!(answer.form("#respond form").value("comment"), text);
        }
        for name in ["\u{3164}", "\u{115f}\u{1160}", "\u{2800}", "\u{200b}", "\u{301}"] {
            let answer = visitor.submit(&good.clone().fill("author", name)).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{name:?}");
            assert!(answer.has("#author-problem") && !answer.has("#comment-problem"), "{name:?}");
        }
        // A refused comment does not count towards the rate limit.
        assert_eq!(visitor.submit(&good).await.status, StatusCode::SEE_OTHER);
        let editor = site.signed_in(Role::Editor).await;
        let form = editor.get("/desk/posts/new").await.form("form.compose");
        let answer = editor.submit(&form.clone().fill("title", "\u{3164}").fill("body", "x").press("Publish")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.has("#title-problem"), "{}", answer.text());
        let answer = editor.submit(&form.fill("title", "T").fill("body", "\u{200b}").press("Publish")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.has("#body-problem"), "{}", answer.text());
    }

    async fn flags_and_joined_emoji_survive_and_direction_overrides_do_not(db) {
        let site = Site::with(db, OPEN, Workers::Off).await;
        let england = "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}";
        let family = "👩\u{200d}👩\u{200d}👧 ❤\u{fe0f}\u{200d}🔥";
        let post = site.post(&format!("{england} {family}"), &format!("{england} {family}")).await;
        let text = format!("{england} {family} a\u{202e}b\u{2066}c\u{7}");
        let form = site.visitor().get(&site.path(&post)).await.form("#respond form");
        let form = form.fill("author", england).fill("email", "e@readers.example").fill("comment", &text);
        let id = comment_id(&site.visitor().submit(&form.press("Send comment")).await);
        let page = site.visitor().get(&site.path(&post)).await;
        assert_eq!(page.one("article.post h1"), format!("{england} {family}"));
        assert_eq!(page.one("article.post .e-content"), format!("{england} {family}"));
        assert_eq!(page.one(&format!("#comment-{id} .author")), england);
        assert_eq!(page.one(&format!("#comment-{id} .text")), format!("{england} {family} abc"));
    }

    async fn long_texts_do_not_make_a_page_or_a_feed_or_the_queue_long(db) {
        let site = Site::with(db, &OPEN.replace("[comments]\n", "[comments]\nmax_length = 100000\n"), Workers::Off).await;
        let post = site.post("A question", "Text").await;
        let path = site.path(&post);
        let mut last = 0;
        for nth in 0..14 {
            let text = format!("{nth} {}end-{nth}.", "many words ".repeat(9_000));
            last = comment_id(&site.comment(&post, "Ruth", &text).await);
        }
        let short = comment_id(&site.comment(&post, "Ben", "A *short* one").await);
        let reader = site.visitor();
        let page = reader.get(&path).await;
        assert_eq!(page.all("ol.comment-list li.comment").len(), 15);
        assert!(page.body.len() < 1_300_000, "{} bytes", page.body.len());
        assert_eq!(page.one(&format!("#comment-{short} .text em")), "short");
        let link = page.attribute(&format!("#comment-{last} .text a"), "href").unwrap();
        let whole = reader.get(&link).await;
        assert!(whole.text().contains("end-13."), "{}", whole.status);
        assert!(whole.has(&format!("a[href='/comment/{last}/']")));
        assert_eq!(reader.get(&link.replace("comment-", "comment-0")).await.status, StatusCode::NOT_FOUND);
        let feed = reader.get("/comments/feed/").await;
        assert!(feed.status == StatusCode::OK && feed.body.len() < 1_500_000, "{}", feed.body.len());
        let moderator = site.signed_in(Role::Moderator).await;
        let queue = moderator.get("/queue/?state=approved").await;
        assert!(queue.body.len() < 1_300_000, "{} bytes", queue.body.len());
        assert!(queue.has(&format!("a[href='/queue/responses/{last}']")));
        assert!(moderator.get(&format!("/queue/responses/{last}")).await.text().contains("end-13."));
        // When it is no longer published, its own page is gone too.
        moderator.post("/queue/decisions", &[("move", &format!("spam:{last}"))]).await;
        assert_eq!(reader.get(&link).await.status, StatusCode::NOT_FOUND);
    }

    async fn a_page_that_is_too_large_for_the_cache_is_served(db) {
        let site = Site::start(db).await;
        let post = site.post("A question", "Text").await;
        let now = site.app.clock.now();
        let content = PostContent {
            kind: post.kind,
            parent_id: post.parent_id,
            page_path: post.page_path.clone(),
            title: post.title.clone(),
            slug: post.slug.clone(),
            state: post.state,
            published_at: post.published_at,
            permalink_day: post.permalink_day.clone(),
            body_markdown: post.body_markdown.clone(),
            body_html: format!("<p>{}</p>", "stored before there was a limit ".repeat(180_000)),
            summary: String::new(),
            comments: post.comments,
            linkbacks: post.linkbacks,
            sends_linkbacks: post.sends_linkbacks,
        };
        let (id, revision, author) = (post.id, post.revision, post.author_id);
        site.app.store.write(move |tx| {
            let content = content.clone();
            Box::pin(async move {
                posts::set_content(tx, id, revision, content, author, now).await?;
                Ok(())
            })
        }).await.unwrap();
        for _ in 0..2 {
            let page = site.visitor().get(&site.path(&post)).await;
            assert_eq!(page.status, StatusCode::OK);
            assert!(page.body.len() > 5_000_000);
            assert_eq!(page.one("#respond h2"), "Leave a comment");
        }
        assert_eq!(site.visitor().get("/feed/").await.status, StatusCode::OK);
    }

    async fn a_reply_or_an_edit_that_is_refused_keeps_its_text_and_changes_nothing(db) {
        let site = Site::with(db, "[comments]\nmax_length = 40\n", Workers::Off).await;
        let post = site.post("A question", "Text").await;
        let id = comment_id(&site.comment(&post, "Ruth", "First").await);
        let moderator = site.signed_in(Role::Moderator).await;
        let path = format!("/queue/responses/{id}");
        for (form, field) in [("reply", "#reply-text"), ("edit", "#edit-text")] {
            for text in ["***", "far too long for the comments of this site"] {
                let page = moderator.get(&path).await;
                let form = page.form(&format!("form[action$='/{form}']")).fill("comment", text);
                let answer = moderator.submit(&form).await;
                assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{text}");
                assert!(answer.has(".problems"), "{}", answer.text());
                assert_eq!(answer.one(field), text);
            }
        }
        let row = responses::find(site.app.store.read(), ResponseId(id)).await.unwrap().unwrap();
        assert_eq!(row.body_markdown, "First");
        assert_eq!(row.state, ResponseState::Pending);
    }

    async fn a_pattern_that_is_too_slow_is_refused_with_the_reason(db) {
        let site = Site::with(db, OPEN, Workers::Off).await;
        let moderator = site.signed_in(Role::Moderator).await;
        let form = moderator.get("/queue/rules/new").await.form("form.rule");
        let form = form.fill("rule_name", "Costly").fill("action", "hold");
        for pattern in [
            "(?:[ab ]{0,900}){0,20}zz", "(a{0,100}){0,100}b", r"(\w{1,500} ){30}x", r"\w{0,999}\d{0,999}\pL{0,999}",
            "((((a{9}){9}){9}){9}){9}",
        ] {
            let answer = moderator.submit(&form.clone().fill("pattern", pattern)).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{pattern}");
            assert!(answer.text().contains("smaller numbers in braces"), "{pattern}: {}", answer.text());
            assert_eq!(answer.attribute("#pattern", "value").as_deref(), Some(pattern));
        }
        for pattern in [r"\bv[i1!|]\w{1,12}gra\b", "(buy|sell).{0,80}(now|today)", "(a+)+$", r"(?:\d{1,3}\.){3}\d{1,3}"] {
            let answer = moderator.submit(&form.clone().fill("pattern", pattern)).await;
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{pattern}: {}", answer.text());
        }
    }
}
