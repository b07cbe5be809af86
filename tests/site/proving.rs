//! Trust needs proof: what anybody can type approves nobody and reveals nothing.

use rejoinder::accounts::permissions::Actor;
use rejoinder::commands::serve::Workers;
use rejoinder::judge::rule_conditions::RuleConditions;
use rejoinder::moderation::rule_draft::RuleDraft;
use rejoinder::moderation::rules;
use rejoinder::moderation::sender_policy::{PolicyRequest, set};
use rejoinder::store::entity::ids::ResponseId;
use rejoinder::store::entity::post::Model as Post;
use rejoinder::store::entity::response::ResponseState;
use rejoinder::store::entity::rule::RuleAction;
use rejoinder::store::entity::sender_policy::{Scope, SenderPolicy};
use rejoinder::store::entity::user::Role;
use rejoinder::store::responses;
use reqwest::StatusCode;

use crate::on_both_databases;
use crate::support::client::{Client, Page};
use crate::support::site::{Site, comment_id};

const OPEN: &str = "[comments]\nmoderation = \"none\"\n";
const HELD: &str = "[comments]\nmoderation = \"all\"\n";
const RUTH: (&str, &str) = ("Ruth", "ruth@readers.example");

pub async fn state(site: &Site, sent: &Page) -> ResponseState {
    state_of(site, comment_id(sent)).await
}

async fn state_of(site: &Site, id: i64) -> ResponseState {
    let row = responses::find(site.app.store.read(), ResponseId(id)).await;
    row.unwrap().unwrap().state
}

async fn decide(moderator: &Client, to: &str, sent: &Page) {
    let one = format!("{to}:{}", comment_id(sent));
    let answer = moderator.post("/queue/decisions", &[("move", &one)]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
}

pub async fn set_policy(site: &Site, scope: Scope, subject: &str, policy: SenderPolicy) {
    let grant = PolicyRequest {
        scope,
        subject: subject.to_owned(),
        policy,
        duration: None,
        note: String::new(),
        clean_up: false,
    };
    set(&site.app, &Actor::operator(), grant).await.unwrap();
}

pub async fn set_rule(site: &Site, action: RuleAction, conditions: RuleConditions) {
    let draft = RuleDraft {
        id: None,
        name: "A rule".to_owned(),
        priority: 10,
        action,
        message: "Not here.".to_owned(),
        conditions,
    };
    rules::save(&site.app, &Actor::operator(), &draft)
        .await
        .unwrap();
}

pub fn words(word: &str) -> RuleConditions {
    RuleConditions {
        words: vec![word.to_owned()],
        ..RuleConditions::default()
    }
}

/// A visitor with a comment that a moderator has approved.
async fn approved_commenter(site: &Site, post: &Post, moderator: &Client) -> Client {
    let ruth = site.visitor();
    let first = site
        .comment_as(&ruth, post, RUTH, "My first words here")
        .await;
    assert_eq!(state(site, &first).await, ResponseState::Pending);
    decide(moderator, "approved", &first).await;
    ruth
}

on_both_databases! {
    async fn only_the_browser_that_was_approved_is_recognised(db) {
        let site = Site::start(db).await;
        let post = site.post("A question", "Text").await;
        let moderator = site.signed_in(Role::Moderator).await;
        let ruth = approved_commenter(&site, &post, &moderator).await;
        let stranger = site.comment_as(&site.visitor(), &post, RUTH, "I am Ruth, honestly").await;
        assert_eq!(state(&site, &stranger).await, ResponseState::Pending);
        let second = site.comment_as(&ruth, &post, RUTH, "Second").await;
        assert_eq!(state(&site, &second).await, ResponseState::Approved);
        let tagged = site.comment_as(&ruth, &post, ("Ruth", "Ruth+news@readers.example"), "Third").await;
        assert_eq!(state(&site, &tagged).await, ResponseState::Approved, "the same mailbox");
        let other = site.comment_as(&ruth, &post, ("Ruth", "somebody@readers.example"), "Fourth").await;
        assert_eq!(state(&site, &other).await, ResponseState::Pending, "another address");
        // A forged key, and one that another site signed, prove nothing.
        for value in ["x", &format!("{}.{}", "0".repeat(32), "0".repeat(64)), &"9".repeat(5000)] {
            let cookie = format!("rejoinder_commenter={value}");
            let headers = [("cookie", cookie.as_str()), ("content-type", "application/x-www-form-urlencoded")];
            let body = format!("author=Ruth&email=ruth%40readers.example&comment=Made+up+{}", value.len());
            let path = format!("{}respond", site.path(&post));
            let sent = site.visitor().request(reqwest::Method::POST, &path, body, &headers).await;
            assert_eq!(state(&site, &sent).await, ResponseState::Pending, "{value}");
        }
        // The approved comment has to stay approved.
        for id in [comment_id(&second) - 2, comment_id(&second), comment_id(&tagged)] {
            moderator.post("/queue/decisions", &[("move", &format!("trash:{id}"))]).await;
        }
        let after = site.comment_as(&ruth, &post, RUTH, "Fifth").await;
        assert_eq!(state(&site, &after).await, ResponseState::Pending);
    }

    async fn the_cookie_is_set_where_a_comment_is_sent_and_nowhere_else(db) {
        let site = Site::start(db).await;
        let post = site.post("A question", "Text").await;
        let path = site.path(&post);
        let ruth = site.visitor();
        let page = ruth.get(&path).await;
        assert_eq!(page.header("set-cookie"), None);
        let form = page.form("#respond form").fill("author", "Ruth").fill("email", RUTH.1).fill("comment", "Words");
        assert_eq!(ruth.submit(&form.clone().press("Preview")).await.header("set-cookie"), None);
        let wrong = ruth.submit(&form.clone().fill("email", "nobody").press("Send comment")).await;
        assert_eq!((wrong.status, wrong.header("set-cookie")), (StatusCode::UNPROCESSABLE_ENTITY, None));
        let sent = ruth.submit(&form.press("Send comment")).await;
        let cookie = sent.header("set-cookie").unwrap().to_owned();
        assert!(cookie.starts_with("rejoinder_commenter="), "{cookie}");
        for part in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age="] {
            assert!(cookie.contains(part), "{cookie}");
        }
        assert!(!cookie.contains("Secure"), "this site is no https site");
        // It identifies nobody, and the pages are the same for everybody.
        assert!(!cookie.to_lowercase().contains("ruth"), "{cookie}");
        let own = ruth.get(&path).await;
        let all = site.visitor().get(&path).await;
        assert_eq!((own.header("set-cookie"), own.header("etag")), (None, all.header("etag")));
        assert!(own.header("cache-control") == all.header("cache-control") && own.body == all.body);
        let https = Site::with(db, "[site]\nurl = \"https://news.example\"\n", Workers::Off).await;
        let mut plain = https;
        plain.base = format!("http://{}", plain.app.config.server.listen);
        let post = plain.post("A question", "Text").await;
        let sent = plain.comment(&post, "Ruth", "Words").await;
        assert!(sent.header("set-cookie").unwrap().contains("Secure"), "{:?}", sent.headers);
        // Staff have an account to prove who they are.
        let editor = site.signed_in(Role::Editor).await;
        let form = editor.get(&path).await.form("#respond form").fill("comment", "From the desk");
        assert_eq!(editor.submit(&form).await.header("set-cookie"), None);
    }

    async fn typing_an_approved_address_approves_nobody(db) {
        let site = Site::with(db, HELD, Workers::Off).await;
        let post = site.post("A question", "Text").await;
        let moderator = site.signed_in(Role::Moderator).await;
        set_policy(&site, Scope::Email, RUTH.1, SenderPolicy::Approve).await;
        set_policy(&site, Scope::Domain, "corp.example", SenderPolicy::Approve).await;
        set_rule(&site, RuleAction::Refuse, words("pills")).await;
        set_rule(&site, RuleAction::Approve, RuleConditions { emails: vec!["@press.example".into()], ..RuleConditions::default() }).await;
        set_rule(&site, RuleAction::Approve, RuleConditions { names: vec!["Ruth Amsel".into()], ..RuleConditions::default() }).await;
        set_rule(&site, RuleAction::Approve, RuleConditions { hosts: vec!["ruth.example".into()], ..RuleConditions::default() }).await;
        for who in [RUTH, ("Ann", "ann@corp.example"), ("Pat", "pat@press.example"), ("Ruth Amsel", "x@readers.example")] {
            let stranger = site.visitor();
            let refused = site.comment_as(&stranger, &post, who, "Buy pills").await;
            assert_eq!(refused.status, StatusCode::FORBIDDEN, "{who:?}");
            let held = site.comment_as(&stranger, &post, who, "Only words").await;
            assert_eq!(state(&site, &held).await, ResponseState::Pending, "{who:?}");
        }
        let form = site.visitor().get(&site.path(&post)).await.form("#respond form");
        let form = form.fill("author", "Eve").fill("email", "eve@readers.example").fill("url", "https://ruth.example/");
        let sent = site.visitor().submit(&form.fill("comment", "From her site").press("Send comment")).await;
        assert_eq!(state(&site, &sent).await, ResponseState::Pending);
        // The browser that was approved with this address is approved, whatever the site's setting
        // and rules.
        let ruth = approved_commenter(&site, &post, &moderator).await;
        let passes = site.comment_as(&ruth, &post, RUTH, "What do pills cost?").await;
        assert_eq!(state(&site, &passes).await, ResponseState::Approved);
    }

    async fn unreviewed_responses_approve_nobody(db) {
        let site = Site::with(db, OPEN, Workers::Off).await;
        let post = site.post("A question", "Text").await;
        set_policy(&site, Scope::Email, RUTH.1, SenderPolicy::Approve).await;
        set_rule(&site, RuleAction::Refuse, words("pills")).await;
        let stranger = site.visitor();
        let shown = site.comment_as(&stranger, &post, RUTH, "Only words").await;
        assert_eq!(state(&site, &shown).await, ResponseState::Approved, "this site shows everything");
        let refused = site.comment_as(&stranger, &post, RUTH, "Buy pills").await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
    }

    async fn names_of_staff_are_refused_in_any_spelling(db) {
        let site = Site::with(db, OPEN, Workers::Off).await;
        let post = site.post("A question", "Text").await;
        for name in ["Ada Okoye", "ADA OKOYE", "Аda Оkoye", "Ada\u{200b}Okoye", "Ａｄａ Ｏｋｏｙｅ", "Ádá Okóye", "Okoye, Ada", "A.d.a O.k.o.y.e", "Ada 0koye"] {
            let refused = site.comment_as(&site.visitor(), &post, (name, "x@readers.example"), "My long text").await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
            assert!(refused.one("#author-problem").contains("staff uses this name"), "{}", refused.text());
            assert_eq!(refused.form("#respond form").value("comment"), "My long text");
        }
        for name in ["Ada Okoye (editor)", "The real Ada Okoye"] {
            let held = site.comment_as(&site.visitor(), &post, (name, "x@readers.example"), name).await;
            assert_eq!(state(&site, &held).await, ResponseState::Pending, "{name}");
        }
        for name in ["Ada", "Okoye", "Adam Okoyer"] {
            let fine = site.comment_as(&site.visitor(), &post, (name, "x@readers.example"), name).await;
            assert_eq!(state(&site, &fine).await, ResponseState::Approved, "{name}");
        }
    }

    async fn an_address_of_staff_is_held_and_not_revealed(db) {
        let site = Site::start(db).await;
        let post = site.post("A question", "Text").await;
        let moderator = site.signed_in(Role::Moderator).await;
        for (count, email) in ["ada.okoye@staff.example", "ADAOKOYE+1@staff.example", "nobody@staff.example"].into_iter().enumerate() {
            let sent = site.comment_as(&site.visitor(), &post, ("Eve", email), &format!("Words {count}")).await;
            assert_eq!(sent.status, StatusCode::SEE_OTHER, "{email}");
            assert!(sent.header("location").unwrap().contains("receipt="), "{email}");
            assert_eq!(state(&site, &sent).await, ResponseState::Pending);
        }
        let queue = moderator.get("/queue/").await;
        let warned = queue.all(".reasons").iter().filter(|words| words.contains("with no proof")).count();
        assert_eq!(warned, 2, "{}", queue.text());
        // Also after one was approved by mistake, the next is held.
        let eve = site.visitor();
        let first = site.comment_as(&eve, &post, ("Eve", "ada.okoye@staff.example"), "One").await;
        decide(&moderator, "approved", &first).await;
        let next = site.comment_as(&eve, &post, ("Eve", "ada.okoye@staff.example"), "Two").await;
        assert_eq!(state(&site, &next).await, ResponseState::Pending);
    }

    async fn repeating_a_comment_with_a_guessed_address_reveals_nothing(db) {
        let site = Site::with(db, OPEN, Workers::Off).await;
        let post = site.post("A question", "Text").await;
        let ruth = site.visitor();
        let text = "Everybody can read this";
        site.comment_as(&ruth, &post, RUTH, text).await;
        let answers = [RUTH.1, "other@readers.example"].map(|email| {
            let (site, post) = (&site, &post);
            async move { site.comment_as(&site.visitor(), post, ("Ruth", email), text).await }
        });
        let [right, wrong] = answers;
        let (right, wrong) = (right.await, wrong.await);
        assert_eq!((right.status, wrong.status), (StatusCode::SEE_OTHER, StatusCode::SEE_OTHER));
        assert_eq!(state(&site, &right).await, state(&site, &wrong).await);
        let without = |page: &Page| page.header("location").unwrap().replace(&format!("#comment-{}", comment_id(page)), "#comment-N");
        assert_eq!(without(&right), without(&wrong));
        let own = site.comment_as(&ruth, &post, RUTH, text).await;
        assert_eq!(own.status, StatusCode::SEE_OTHER, "her own browser is led to what it sent");
        assert_eq!(own.header("location"), right.header("location"));
    }

    async fn no_spelling_evades_a_block_or_a_rule(db) {
        let site = Site::with(db, OPEN, Workers::Off).await;
        let post = site.post("A question", "Text").await;
        set_policy(&site, Scope::Email, "Tr.oll+1@mail.example", SenderPolicy::Block).await;
        set_policy(&site, Scope::Domain, "bücher.example", SenderPolicy::Block).await;
        set_rule(&site, RuleAction::Refuse, words("cialis")).await;
        set_rule(&site, RuleAction::Refuse, RuleConditions { names: vec!["Best Shop".into()], ..RuleConditions::default() }).await;
        set_rule(&site, RuleAction::Refuse, RuleConditions { emails: vec!["spam@mail.example".into(), "@shop.example".into()], ..RuleConditions::default() }).await;
        let send = async |name: &str, email: &str, text: &str| {
            site.comment_as(&site.visitor(), &post, (name, email), text).await.status
        };
        for email in [
            "troll@mail.example", "t.r.o.l.l+9@mail.example", "tr\u{200b}oll@mail.example", "ｔroll@mail.example",
            "trоll@mail.example", "TROLL@MAIL.example", "tro\u{ad}ll@mail.example", "anybody@xn--bcher-kva.example",
            "anybody@BÜCHER.example", "s.p.a.m+x@mail.example", "x@SHOP.example", "x@sh\u{200b}op.example",
        ] {
            assert_eq!(send("Eve", email, "Hello").await, StatusCode::FORBIDDEN, "{email}");
        }
        for text in [
            "Buy Cialis", "Buy c\u{200b}ialis", "Buy ci\u{ad}alis", "Buy ｃｉａｌｉｓ", "Buy сіаlіѕ", "Buy СІАLІЅ", "Buy c̶i̷alis",
            "Buy cíàlîs", "Buy 𝓬𝓲𝓪𝓵𝓲𝓼", "Buy c1alis", "Buy ci\u{fe0f}al\u{e0069}is", "Buy **ci**alis",
        ] {
            assert_eq!(send("Eve", "eve@readers.example", text).await, StatusCode::FORBIDDEN, "{text}");
        }
        for name in ["best shop", "Веst Shор", "B\u{200b}est  Shop", "Bést-Shop"] {
            assert_eq!(send(name, "eve@readers.example", "Hello").await, StatusCode::FORBIDDEN, "{name}");
        }
        for (name, email, text) in [
            ("Eve", "trolls@mail.example", "A specialist said so"),
            ("Shop Bester", "shop@example.example", "Sociális kérdés"),
        ] {
            assert_eq!(send(name, email, text).await, StatusCode::SEE_OTHER, "{name} {email} {text}");
        }
    }

    async fn a_profile_counts_the_responses_of_the_same_browser(db) {
        let site = Site::start(db).await;
        let post = site.post("A question", "Text").await;
        let moderator = site.signed_in(Role::Moderator).await;
        approved_commenter(&site, &post, &moderator).await;
        let fake = site.comment_as(&site.visitor(), &post, RUTH, "I am Ruth").await;
        let card = moderator.get(&format!("/queue/responses/{}/person", comment_id(&fake))).await;
        let rows = card.all("tbody tr");
        assert!(rows[0].contains("The same browser") && rows[0].contains("1 pending"), "{rows:?}");
        assert!(!rows[0].contains("approved"), "{rows:?}");
        let typed = rows.iter().find(|row| row.contains(RUTH.1)).unwrap();
        assert!(typed.contains("as typed") && typed.contains("1 approved"), "{rows:?}");
    }
}
