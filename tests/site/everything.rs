//! A site with something of everything on its pages, for the tests that look at all of them. Tests nothing itself.

use std::time::Duration;

use rejoinder::accounts::permissions::Actor;
use rejoinder::commands::serve::Workers;
use rejoinder::posts::draft::PostInput;
use rejoinder::site::identity::{self, SiteIdentity};
use rejoinder::site::menus::MenuEdit;
use rejoinder::site::navigation;
use rejoinder::store::entity::menu_item::MenuPlace;
use rejoinder::store::entity::post::{Model as Post, PostKind};
use rejoinder::store::entity::sender_policy::{Scope, SenderPolicy};
use rejoinder::store::entity::user::Role;
use rejoinder::store::sender_policies::{self, NewSenderPolicy};

use crate::support::client::Client;
use crate::support::database::Kind;
use crate::support::neighbour::Neighbour;
use crate::support::site::{PASSWORD, Site};
use crate::working::until;

/// Linkbacks of every kind under a post, one whose source is gone, an approved site, and outgoing
/// linkbacks; returns the path of a status page.
async fn exchange_linkbacks(site: &Site, blog: &Neighbour, target: &str) -> String {
    let mut status_tokens = Vec::new();
    for class in [
        "u-in-reply-to",
        "u-like-of",
        "u-repost-of",
        "u-bookmark-of",
        "",
    ] {
        let page = format!(
            "<div class=h-entry><a class='p-author h-card' href=/ann>Ann Lee</a> <a class='{class}' href='{target}'>x</a><p class=e-content>Words of mine on this.</p></div>"
        );
        let source = blog.show(&format!("/m{class}"), &page);
        let sent = crate::webmentions::mention(site, &source, target).await;
        let status_token = sent.header("location").unwrap().to_owned();
        status_tokens.push(status_token.strip_prefix(&site.base).unwrap().to_owned());
    }
    for status_token in &status_tokens {
        until("the webmention is shown", async || {
            crate::webmentions::state(site, status_token).await == "shown"
        })
        .await;
    }
    blog.show_with("/m", 410, &[], "");
    site.app.clock.step(Duration::from_secs(25 * 60 * 60));
    rejoinder::linkbacks::recheck::enqueue_due(&site.app)
        .await
        .unwrap();
    let path = target.strip_prefix(&site.base).unwrap();
    until("the dead source is folded", async || {
        site.visitor().get(path).await.has("details.gone")
    })
    .await;
    let by = (None, "Moderator");
    let now = site.app.clock.now();
    site.app
        .store
        .write(move |tx| {
            Box::pin(async move {
                {
                    let new = NewSenderPolicy {
                        scope: Scope::Host,
                        subject: "blog.example".to_owned(),
                        match_key: "blog.example".to_owned(),
                        policy: SenderPolicy::Approve,
                        until: None,
                        note: String::new(),
                    };
                    sender_policies::set(tx, new, by, now).await
                }
            })
        })
        .await
        .unwrap();
    blog.show_with("/takes", 200, &[("link", "</no>; rel=webmention")], "");
    let body = format!("See [this]({target}) and [that]({}).", blog.url("/takes"));
    site.post("A post that links", &body).await;
    let editor = site.signed_in(Role::Editor).await;
    until("the outgoing linkback is refused", async || {
        let outgoing = editor.get("/desk/outgoing-linkbacks").await;
        outgoing.text().contains("Refused")
    })
    .await;
    status_tokens.swap_remove(0)
}

/// A rule, a response that a rule and the filter hold, a report and an appeal; returns the paths of a
/// writer's comment status and of a rule's test.
async fn moderated(site: &Site, post: &Post, shown: i64) -> (String, String) {
    let reader = site.visitor();
    let report = format!("{}report/{shown}", site.path(post));
    let sent = reader
        .post(&report, &[("reason", "abuse"), ("note", "Look here")])
        .await;
    assert_eq!(sent.status, 200);
    let moderator = site.signed_in(Role::Moderator).await;
    let form = moderator.get("/queue/rules/new").await.form("form.rule");
    let form = form
        .fill("rule_name", "Pills")
        .fill("words", "pills\nHello")
        .fill("action", "hold");
    let begun = moderator.submit(&form).await;
    let rule_test = begun.header("location").unwrap().to_owned();
    until("the rule's test is done", async || {
        let page = moderator.get(&rule_test).await;
        page.has("form.trial")
    })
    .await;
    let found = moderator.get(&rule_test).await;
    moderator.submit(&found.form("form.trial")).await;
    let held = site
        .comment(post, "Seller", "Cheap viagra pills at our casino, buy now!")
        .await;
    assert_eq!(held.status, 303);
    let refused = site.comment(post, "Max", "A harsh word").await;
    let receipt = refused.header("location").unwrap().to_owned();
    let receipt = receipt.split("receipt=").nth(1).unwrap();
    let receipt = receipt.split('#').next().unwrap().to_owned();
    let id = receipt.split('-').next().unwrap().to_owned();
    let decision = format!("trash:{id}");
    let fields = [("move", decision.as_str()), ("note", "Too harsh.")];
    moderator.post("/queue/decisions", &fields).await;
    (format!("{}receipt/{receipt}", site.path(post)), rule_test)
}

/// A site with something of everything on its pages, and the paths of all kinds of pages.
pub async fn site_with_everything() -> (Site, Neighbour, Vec<(String, bool)>) {
    let blog = Neighbour::start().await;
    let site = Site::with(Kind::Sqlite, &blog.allowed(), Workers::On).await;
    let body = "Intro\n\n## Head\n\n- a\n- b\n\n> quote\n\n| a | b |\n| - | - |\n| 1 | 2 |\n\n1. x\n\n```\ncode\n```\n\n[link](https://x.example)";
    let post = site.post("A post with everything & “more”", body).await;
    site.post("Another", "Text").await;
    let first = crate::support::site::comment_id(
        &site
            .comment(&post, "Ruth", "Hello *there*\n\n> quoted")
            .await,
    );
    site.approve_all().await;
    let target = site.address(&post);
    let source = blog.show(
        "/a",
        &format!("<title>Their page</title><p>Words <a href='{target}'>around</a> a link"),
    );
    let request = rejoinder::linkbacks::protocol::pingback::ping_request(&source, &target);
    site.visitor()
        .request(reqwest::Method::POST, "/xmlrpc.php", request, &[])
        .await;
    let status_token = exchange_linkbacks(&site, &blog, &target).await;
    let visitor = site.visitor();
    let reply = visitor
        .get(&format!("{}?replytocom={first}", site.path(&post)))
        .await
        .form("#respond form");
    let answer = visitor
        .submit(
            &reply
                .fill("author", "Ruth")
                .fill("email", "ruth@readers.example")
                .fill("comment", "More"),
        )
        .await;
    assert_eq!(answer.status, 303);
    let pending = site
        .comment(
            &post,
            "Newcomer",
            "Look at [this page](https://a.example) or at [that page](https://b.example) or even [another](https://c.example) for more.",
        )
        .await;
    let own = pending
        .header("location")
        .unwrap()
        .split('#')
        .next()
        .unwrap()
        .to_owned();
    let (comment_status, rule_test) = moderated(&site, &post, first).await;
    let public = [
        "/".to_owned(),
        format!("{}report/{first}", site.path(&post)),
        comment_status,
        site.path(&post),
        format!("{}?replytocom={first}", site.path(&post)),
        own,
        "/author/ada-okoye/".to_owned(),
        format!("/webmention?target={target}"),
        status_token,
        "/nothing".to_owned(),
        "/login".to_owned(),
        "/about/how-we-work/".to_owned(),
    ];
    add_pages_and_menus(&site).await;
    let (picture, illustrated) = crate::media::add_picture(&site).await;
    let staff = [
        "/desk/".to_owned(),
        "/desk/?kind=page".to_owned(),
        "/desk/posts/new".to_owned(),
        "/desk/posts/new?kind=page".to_owned(),
        format!("/desk/posts/{}/edit", post.id),
        "/desk/outgoing-linkbacks".to_owned(),
        "/desk/media".to_owned(),
        format!("{picture}/delete"),
        picture,
        illustrated,
        "/queue/senders".to_owned(),
        "/queue/rules".to_owned(),
        "/queue/rules/new".to_owned(),
        rule_test,
        "/queue/statistics".to_owned(),
        format!("/queue/responses/{first}/person?preview=email&subject=ruth%40readers.example"),
        "/queue/?state=approved&words=o&order=risk".to_owned(),
        "/queue/?state=approved&reported=1".to_owned(),
        "/queue/".to_owned(),
        "/queue/?state=approved".to_owned(),
        "/queue/?state=spam".to_owned(),
        "/queue/log".to_owned(),
        format!("/queue/responses/{first}"),
    ];
    let administrator = site
        .account_named("Finder of settings", Role::Administrator)
        .await;
    let client = site.visitor();
    client.sign_in(&administrator.email, PASSWORD).await;
    let staff = staff.into_iter().chain(settings_pages(&client).await);
    let pages = public
        .into_iter()
        .map(|path| (path, false))
        .chain(staff.map(|path| (path, true)))
        .collect();
    (site, blog, pages)
}

/// Pages, nested menus, one item of which leads nowhere, and an identity with an adjusted colour.
async fn add_pages_and_menus(site: &Site) {
    let editor = site.account_named("Editor of pages", Role::Editor).await;
    for (title, slug, parent) in [
        ("About", "about", ""),
        ("How we work", "how-we-work", "about"),
    ] {
        let page = PostInput {
            kind: PostKind::Page,
            title: title.to_owned(),
            slug: slug.to_owned(),
            parent: parent.to_owned(),
            body: "## Who\n\nSome *text*.".to_owned(),
            ..PostInput::default()
        };
        site.publish_as(&editor, page).await;
    }
    for (menu, parent, target) in [
        (MenuPlace::Header, None, "/about/"),
        (MenuPlace::Header, Some(0), "/about/how-we-work/"),
        (MenuPlace::Footer, None, "/nowhere/"),
    ] {
        let edit = MenuEdit::Add {
            menu,
            parent,
            label: "An item".to_owned(),
            target: target.to_owned(),
        };
        navigation::edit(&site.app, &Actor::operator(), edit, None)
            .await
            .unwrap();
    }
    let look = SiteIdentity {
        name: "News".to_owned(),
        footer_text: "A charity registered in Bern.".to_owned(),
        social_links: "Mastodon https://social.example/@news".to_owned(),
        accent: "#ffcc00".to_owned(),
        ..SiteIdentity::default()
    };
    identity::save(&site.app, &Actor::operator(), &look, None)
        .await
        .unwrap();
}

/// All pages of the settings that the first one leads to, itself included, but not a page for each account.
pub async fn settings_pages(administrator: &Client) -> Vec<String> {
    let mut pages = vec!["/settings/".to_owned()];
    let mut next = 0;
    while let Some(page) = pages.get(next) {
        let links = administrator.get(page).await;
        for link in links.attributes(
            "main a[href^='/settings/'], nav a[href^='/settings/']",
            "href",
        ) {
            let path = link.split(['?', '#']).next().unwrap_or_default();
            let is_one_of_many = path.bytes().any(|byte| byte.is_ascii_digit());
            if !is_one_of_many && !pages.iter().any(|known| known == path) {
                pages.push(path.to_owned());
            }
        }
        next += 1;
    }
    assert!(pages.len() >= 4, "{pages:?}");
    pages
}
