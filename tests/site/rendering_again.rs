//! What posts show changes after they were saved: whatever happens at once, the newest is what stays.

use image::ImageFormat;
use rejoinder::accounts::permissions::Actor;
use rejoinder::error::{Error, Result};
use rejoinder::media::library;
use rejoinder::posts::draft::PostInput;
use rejoinder::posts::publish::move_post;
use rejoinder::posts::rerender::rerender;
use rejoinder::posts::save::{SaveIntent, SaveOutcome, SaveTarget, save_post};
use rejoinder::store::entity::ids::MediaId;
use rejoinder::store::entity::post::{Model as Post, PostState};
use rejoinder::store::entity::user::{Model as User, Role};
use rejoinder::store::media::MediaTexts;
use rejoinder::store::posts;

use crate::media::{added, address_in, encoded, item_path, photo};
use crate::on_both_databases;
use crate::support::site::Site;
use crate::support::two_nodes::{rounds, run_at_once, two_nodes};

/// A picture in the library: its key and its address.
async fn picture(site: &Site) -> (MediaId, String) {
    let editor = site.signed_in(Role::Editor).await;
    let item = added(
        &editor,
        "map.png",
        &encoded(&photo(40, 30), ImageFormat::Png),
    )
    .await;
    let id = item_path(&item)
        .rsplit('/')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    (id, address_in(&item))
}

async fn set_credit(site: &Site, id: MediaId, credit: &str) -> Result<()> {
    let texts = MediaTexts {
        credit: credit.to_owned(),
        ..MediaTexts::default()
    };
    library::set_texts(&site.app, &Actor::operator(), id, &texts).await
}

/// Saves a post as it was opened, with this text.
async fn save(
    site: &Site,
    author: &User,
    opened: Option<&Post>,
    body: &str,
) -> Result<SaveOutcome> {
    let input = PostInput {
        title: "With a map".to_owned(),
        slug: opened.map_or_else(String::new, |post| post.slug.clone()),
        body: body.to_owned(),
        ..PostInput::default()
    };
    let draft = input.parse(&site.app.zone())?;
    let target = opened.map_or(SaveTarget::New, |post| {
        SaveTarget::Existing(post.id, post.revision)
    });
    let actor = Actor::from(author);
    save_post(
        &site.app,
        &actor,
        author.id,
        target,
        draft,
        SaveIntent::Publish,
    )
    .await
}

fn saved(outcome: Result<SaveOutcome>) -> Post {
    match outcome {
        Ok(SaveOutcome::Saved(post)) => *post,
        other => panic!("{other:?}"),
    }
}

on_both_databases! {
    async fn a_post_that_is_saved_while_its_picture_changes_shows_the_change(db) {
        let (one, two) = two_nodes(db, "").await;
        let author = one.account(Role::Editor).await;
        let (id, address) = picture(&one).await;
        let body = format!("![A map]({address})");
        for round in 0..rounds() * 4 {
            let credit = format!("Drawn in round {round}");
            let (post, changed) = tokio::join!(save(&one, &author, None, &body), set_credit(&two, id, &credit));
            changed.unwrap();
            let post = saved(post);
            one.run_jobs().await;
            let page = one.visitor().get(&one.path(&post)).await;
            assert!(page.one("figure figcaption").contains(&credit), "{}", page.one("figure"));
        }
    }

    async fn a_post_that_is_saved_while_its_picture_is_deleted_is_saved_all_the_same(db) {
        let (one, two) = two_nodes(db, "").await;
        let author = one.account(Role::Editor).await;
        for _ in 0..rounds() {
            let (id, address) = picture(&one).await;
            let (body, operator) = (format!("Text\n\n![A map]({address})"), Actor::operator());
            let (post, deleted) = tokio::join!(
                save(&one, &author, None, &body),
                library::delete(&two.app, &operator, id),
            );
            deleted.unwrap();
            let post = saved(post);
            one.run_jobs().await;
            let page = one.visitor().get(&one.path(&post)).await;
            assert!(page.one(".text").contains("Text"));
            assert_eq!(page.attribute(".text img", "width"), None);
        }
    }

    async fn of_many_renderings_at_once_the_newest_stays(db) {
        let (one, two) = two_nodes(db, "").await;
        let (id, address) = picture(&one).await;
        let post = one.post("With a map", &format!("![A map]({address})")).await;
        let page = one.path(&post);
        for round in 0..rounds() {
            let work = (0..12).map(|nth| {
                let app = if nth % 2 == 0 { one.app.clone() } else { two.app.clone() };
                let texts = MediaTexts { credit: format!("Drawn {round}-{nth}"), ..MediaTexts::default() };
                let post = post.id;
                async move {
                    library::set_texts(&app, &Actor::operator(), id, &texts).await.unwrap();
                    rerender(&app, &[post]).await.unwrap();
                }
            });
            run_at_once(work).await;
            let now = library::find(&one.app, &Actor::operator(), id).await.unwrap().credit;
            // Without the jobs: they would hide what stayed behind.
            let caption = one.visitor().get(&page).await.one("figure figcaption");
            assert!(caption.contains(&now), "{caption:?} and not {now:?}");
        }
        one.run_jobs().await;
    }

    async fn a_change_of_state_meanwhile_leaves_no_old_rendering(db) {
        let (one, two) = two_nodes(db, "").await;
        let (id, address) = picture(&one).await;
        let post = one.post("With a map", &format!("![A map]({address})")).await;
        let operator = Actor::operator();
        for round in 0..rounds() * 2 {
            let credit = format!("Drawn in round {round}");
            set_credit(&two, id, &credit).await.unwrap();
            let state = if round % 2 == 0 { PostState::Draft } else { PostState::Published };
            let posts = [post.id];
            let (rendered, moved) = tokio::join!(
                rerender(&two.app, &posts),
                move_post(&one.app, &operator, post.id, state),
            );
            rendered.unwrap();
            assert_eq!(moved.unwrap().state, state);
            let now = posts::find(one.app.store.read(), post.id).await.unwrap().unwrap();
            assert!(now.body_html.contains(&credit), "{}", now.body_html);
        }
        one.run_jobs().await;
    }

    async fn saving_an_unchanged_post_never_brings_an_older_text_back(db) {
        let (one, two) = two_nodes(db, "").await;
        let author = one.account(Role::Editor).await;
        let mut post = saved(save(&one, &author, None, "The text of round 0").await);
        for round in 1..=rounds() * 4 {
            let (old, new) = (post.body_markdown.clone(), format!("The text of round {round}"));
            // As a release leaves it that renders otherwise: saving the same text stores a new rendering.
            let id = post.id;
            one.app.store.write(move |tx| Box::pin(async move {
                posts::set_rendering(tx, id, "<p>Otherwise</p>".to_owned(), String::new()).await
            })).await.unwrap();
            let (same, other) = tokio::join!(
                save(&one, &author, Some(&post), &old),
                save(&two, &author, Some(&post), &new),
            );
            same.unwrap();
            other.unwrap();
            post = posts::find(one.app.store.read(), id).await.unwrap().unwrap();
            assert_eq!(post.body_markdown, new);
            assert_eq!(post.body_html.trim(), format!("<p>{new}</p>"));
        }
    }

    async fn two_posts_that_link_to_each_other_are_saved_at_once(db) {
        let (one, two) = two_nodes(db, "").await;
        let author = one.account(Role::Editor).await;
        let mut first = saved(save(&one, &author, None, "First").await);
        let mut second = saved(save(&one, &author, None, "Second").await);
        for round in 0..rounds() {
            let to_second = format!("{round} [second]({})", one.path(&second));
            let to_first = format!("{round} [first]({})", one.path(&first));
            let (a, b) = tokio::join!(
                save(&one, &author, Some(&first), &to_second),
                save(&two, &author, Some(&second), &to_first),
            );
            (first, second) = (saved(a), saved(b));
        }
    }

    async fn a_picture_that_is_gone_is_no_reason_to_fail(db) {
        let site = Site::start(db).await;
        let (id, address) = picture(&site).await;
        let post = site.post("With a map", &format!("Text ![A map]({address})")).await;
        library::delete(&site.app, &Actor::operator(), id).await.unwrap();
        assert!(matches!(set_credit(&site, id, "Late").await, Err(Error::NotFound(_))));
        rerender(&site.app, &[post.id]).await.unwrap();
        site.run_jobs().await;
        let page = site.visitor().get(&site.path(&post)).await;
        assert_eq!(page.attribute(".text img", "width"), None);
    }
}
