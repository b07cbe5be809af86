//! What Markdown can do in posts and comments, as readers see it.

use rejoinder::commands::serve::Workers;
use rejoinder::store::entity::ids::ResponseId;
use rejoinder::store::entity::response::ResponseState;
use rejoinder::store::entity::user::Role;
use rejoinder::store::responses;
use reqwest::StatusCode;

use crate::on_both_databases;
use crate::support::client::Page;
use crate::support::site::{Site, comment_id};

const OPEN: &str = "[comments]\nmoderation = \"none\"\n[moderation]\nhold_at_risk = 0\nmax_links = 3\nburst_per_post = 0\nburst_per_site = 0\n";

const ARTICLE: &str = "The river rose[^1] in May, see [the table](#what-we-measured).\n\n\
    > [!pullquote]\n> Nobody told us.\n\n\
    > [!note]\n> Corrected on 4 May.\n\n\
    ## What we *measured*\n\n\
    | Place | Level |\n| :-- | --: |\n| Mündung | 4.2 |\n\n\
    - [x] Asked the ministry\n- [ ] Got an answer[^ask]\n\n\
    ```rust\nlet level = 4;\n```\n\n\
    Data: https://data.example/a_b_c.csv.\n\n\
    [^1]: As measured[^ask] upstream.\n[^ask]: On 3 May.\n";

on_both_databases! {
    async fn a_post_can_do_what_an_article_needs(db) {
        let site = Site::start(db).await;
        let post = site.post("A flood", ARTICLE).await;
        let page = site.visitor().get(&site.path(&post)).await;
        assert_eq!(page.one("blockquote.pullquote"), "Nobody told us.");
        assert_eq!(page.one("blockquote.callout"), "Corrected on 4 May.");
        assert_eq!(page.one("h2#p-what-we-measured"), "What we measured");
        assert!(page.has(".e-content a[href='#p-what-we-measured']"));
        assert_eq!(page.one("td.align-right"), "4.2");
        assert!(page.has(".table-scroll[tabindex='0'] th.align-left"));
        assert_eq!(page.all("li.task").len(), 2);
        assert!(page.one("li.task:first-child").starts_with('☑'));
        assert!(page.has("pre[tabindex='0'] > code.language-rust .hl-k"));
        assert!(page.has("a[href='https://data.example/a_b_c.csv']"));
        assert!(!page.body.contains("style="), "the site's policy allows no styles in the text");
        assert!(page.one(".byline").contains("1 min read"));
        assert!(page.has(".byline a.p-author") && page.has(".byline time.dt-published"));
    }

    async fn code_is_coloured_in_posts_pages_and_previews_and_not_in_comments(db) {
        let site = Site::with(db, OPEN, Workers::Off).await;
        let code = "```sql\nSELECT name FROM wells WHERE depth > 2; -- all\n```";
        let post = site.post("Wells", &format!("{code}\n\n```nothing\nSELECT 1\n```")).await;
        let reader = site.visitor();
        let page = reader.get(&site.path(&post)).await;
        assert_eq!(page.all("code.language-sql .hl-k"), ["SELECT", "FROM", "WHERE"]);
        assert_eq!(page.one("code.language-sql .hl-c"), "-- all");
        let text = page.one("code.language-sql").replace(' ', "");
        assert_eq!(text, "SELECTnameFROMwellsWHEREdepth>2;--all");
        assert!(!page.has("code.language-nothing span"));
        assert!(!page.body.contains("style="), "the site's policy allows no styles in the text");
        let summary = reader.get("/").await;
        assert!(!summary.body.contains("hl-k"));
        let editor = site.signed_in(Role::Editor).await;
        let form = editor.get("/desk/posts/new").await.form("form.compose");
        let preview = editor.submit(&form.fill("body", code).press("Preview")).await;
        assert!(preview.has("#preview-text .hl-k"));
        let comment = comment_id(&site.comment(&post, "Ruth", code).await);
        let page = reader.get(&site.path(&post)).await;
        assert!(page.has(&format!("#comment-{comment} pre")) && !page.has(&format!("#comment-{comment} pre span")));
        // A span that somebody types is text.
        let typed = site.post("Typed", "<span class=\"hl-k\">x</span>").await;
        assert!(!reader.get(&site.path(&typed)).await.has(".e-content span"));
        // Code beyond the limit is all there, without colours.
        let long = site.post("Long", &format!("```sql\n{}```", "SELECT 1;\n".repeat(6_000))).await;
        let page = reader.get(&site.path(&long)).await;
        assert!(!page.has("code.language-sql span"));
        assert_eq!(page.one(".e-content").matches("SELECT 1;").count(), 6_000);
    }

    async fn footnotes_lead_to_their_text_and_back(db) {
        let site = Site::start(db).await;
        let post = site.post("A flood", ARTICLE).await;
        let page = site.visitor().get(&site.path(&post)).await;
        assert_eq!(page.all("ol.footnotes[aria-label='Footnotes'] > li").len(), 2);
        let mut links = page.attributes(".e-content sup a[role='doc-noteref']", "href");
        let back = page.attributes("ol.footnotes a[role='doc-backlink']", "href");
        assert_eq!(links.len() + back.len(), 6, "three references, and back");
        let labels = page.attributes("ol.footnotes a[role='doc-backlink']", "aria-label");
        assert!(labels.contains(&"Back to reference 2-2".to_owned()), "{labels:?}");
        links.extend(back);
        for link in links {
            let id = link.trim_start_matches('#');
            assert_eq!(page.all(&format!("[id='{id}']")).len(), 1, "{link}");
        }
        // Another post with the same words around other footnotes has other ids.
        let other = site.post("Another", &format!("More.\n\n{ARTICLE}")).await;
        let theirs = site.visitor().get(&site.path(&other)).await.attributes("ol.footnotes li", "id");
        let ours = page.attributes("ol.footnotes li", "id");
        assert!(ours.iter().all(|id| !theirs.contains(id)), "{ours:?} {theirs:?}");
        let summary = site.visitor().get("/").await.text();
        assert!(summary.contains("The river rose in May"), "{summary}");
        let feed = site.visitor().get("/feed/").await;
        assert!(feed.body.contains(&format!("{}#p-fn:", site.address(&post))), "{}", feed.body);
    }

    async fn the_ids_of_a_post_do_not_clash_with_the_page(db) {
        let site = Site::start(db).await;
        let own = ["Comments", "Respond", "Main", "Comments"].map(|word| format!("## {word}\n\nText.\n\n"));
        let post = site.post("Ids", &(own.concat() + "[up](#comments) [all](#respond) [out](#comment-7)")).await;
        let page = site.visitor().get(&site.path(&post)).await;
        for id in ["comments", "respond", "main", "p-comments", "p-comments-1", "p-respond", "p-main"] {
            assert_eq!(page.all(&format!("[id='{id}']")).len(), 1, "{id}");
        }
        let links = page.attributes(".e-content a", "href");
        assert_eq!(links, ["#p-comments", "#p-respond", "#comment-7"]);
    }

    async fn bare_addresses_in_comments_are_links_and_count_as_before(db) {
        let site = Site::with(db, OPEN, Workers::Off).await;
        let post = site.post("A question", "Text").await;
        let text = "See www.a.example/x, (https://a.example/y_z) and `https://c.example/`[^1]";
        let sent = site.comment(&post, "Ruth", text).await;
        let id = comment_id(&sent);
        let page = site.visitor().get(&site.path(&post)).await;
        let comment = format!("#comment-{id} .text");
        assert_eq!(
            page.attributes(&format!("{comment} a"), "href"),
            ["http://www.a.example/x", "https://a.example/y_z"]
        );
        let rel = page.attributes(&format!("{comment} a"), "rel");
        assert!(rel.iter().all(|rel| rel == "nofollow ugc noopener"), "{rel:?}");
        assert!(page.one(&comment).contains("[^1]"), "comments have no footnotes");
        // One host counts once, however often its address stands in the text.
        let same = (0..9).map(|n| format!("https://one.example/{n} ")).collect::<String>();
        assert_eq!(state(&site, &site.comment(&post, "Ann", &same).await).await, "approved");
        let many = (0..9).map(|n| format!("https://n{n}.example/ ")).collect::<String>();
        assert_ne!(state(&site, &site.comment(&post, "Bob", &many).await).await, "approved");
    }

    async fn texts_that_grow_are_kept_small(db) {
        let site = Site::start(db).await;
        let editor = site.signed_in(Role::Editor).await;
        let rows = format!("|{}\n|{}\n|{}\n", "a|".repeat(1000), "--:|".repeat(1000), "1|".repeat(1000));
        let nested: String = (0..2000).map(|n| format!("[^{n}]: x[^{}]\n", n + 1)).collect();
        for (name, body) in [
            ("references", format!("{}\n\n[^1]: x", "[^1]".repeat(10_000))),
            ("nested", format!("a[^0]\n\n{nested}")),
            ("circle", "a[^1]\n\n[^1]: b[^1]".to_owned()),
            ("heading", format!("# {}", "long ".repeat(2_048))),
            ("headings", "# same\n\n".repeat(1_000)),
            ("table", rows),
            ("addresses", "www.a.example/ ".repeat(5_000)),
            ("brackets", format!("https://a.example/{}", "(".repeat(20_000))),
        ] {
            let form = editor.get("/desk/posts/new").await.form("form.compose");
            let saved = editor
                .submit(&form.fill("title", name).fill("body", &body).press("Publish"))
                .await;
            assert_eq!(saved.status, StatusCode::SEE_OTHER, "{name}: {}", saved.text());
            let page = editor.follow(saved).await;
            assert_eq!(page.one("article.post h1"), name);
            let most = 20 * body.len() + 4096 + 40_000;
            assert!(page.body.len() < most, "{name}: {} bytes", page.body.len());
            let ids = page.attributes("[id]", "id");
            let unique: std::collections::HashSet<&String> = ids.iter().collect();
            assert_eq!(ids.len(), unique.len(), "{name}");
        }
    }

    async fn the_form_says_what_can_be_written(db) {
        let site = Site::start(db).await;
        let editor = site.signed_in(Role::Editor).await;
        let page = editor.get("/desk/posts/new").await;
        let help = page.one("details.writing-help");
        for typed in ["[^1]", "[!pullquote]", "- [x]", "---:"] {
            assert!(help.contains(typed), "{typed} is not in {help}");
        }
        let form = page.form("form.compose").fill("title", "T").fill("body", ARTICLE);
        let preview = editor.submit(&form.press("Preview")).await;
        assert!(preview.has("#preview-text ol.footnotes"), "{}", preview.text());
    }
}

async fn state(site: &Site, sent: &Page) -> &'static str {
    let id = ResponseId(comment_id(sent));
    let row = responses::find(site.app.store.read(), id)
        .await
        .unwrap()
        .unwrap();
    match row.state {
        ResponseState::Approved => "approved",
        _ => "held",
    }
}
