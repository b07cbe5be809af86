//! The content of the demo: posts, a threaded conversation, and held responses.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use crate::accounts::permissions::Actor;
use crate::app::App;
use crate::clock::{Clock, Moment};
use crate::commands::demo::pictures::Pictures;
use crate::moderation::decide::{DecisionRequest, decide};
use crate::posts::draft::PostInput;
use crate::posts::save::{SaveIntent, SaveOutcome, SaveTarget, save_post};
use crate::posts::{file, find};
use crate::responses::comment::{Commenter, ReceivedComment};
use crate::responses::comment_input::CommentInput;
use crate::responses::proof::Proof;
use crate::responses::resend::receive_once;
use crate::store::entity::ids::ResponseId;
use crate::store::entity::post::Model as Post;
use crate::store::entity::response::ResponseState;
use crate::store::entity::user::Model as User;

const HOUR: Duration = Duration::from_secs(60 * 60);

/// The text of each post, its featured picture, and how many days ago it was published.
const POSTS: [(&str, &str, u32); 7] = [
    (include_str!("posts/annual-meeting.md"), "town", 44),
    (include_str!("posts/keep-a-copy.md"), "register", 33),
    (include_str!("posts/how-to-read-a-budget.md"), "budget", 24),
    (include_str!("posts/call-for-stories.md"), "wells", 15),
    (include_str!("posts/river-gauge.md"), "river", 8),
    (
        include_str!("posts/open-contracting-year-one.md"),
        "contracts",
        5,
    ),
    (
        include_str!("posts/multi-stakeholder-initiatives.md"),
        "table",
        1,
    ),
];

type DemoError = Box<dyn std::error::Error>;

/// The posts that the blog links to.
pub(super) struct Permalinks {
    /// Receives a pingback.
    pub(super) pinged: String,
    /// Receives webmentions.
    pub(super) mentioned: String,
}

/// Writes all posts and responses.
pub(super) async fn write(
    app: &App,
    people: &[User],
    pictures: &Pictures,
) -> Result<Permalinks, DemoError> {
    let now = app.clock.now();
    let mut posts = Vec::new();
    for (nth, (text, picture, days_ago)) in POSTS.into_iter().enumerate() {
        let at = now.minus(HOUR * 24 * days_ago);
        let author = &people[nth % 2];
        let mut input = file::parse(&pictures.place(text))?;
        input.featured = pictures.number(picture);
        posts.push(publish(&at_time(app, at)?, author, &input).await?);
    }
    let [_, copy, budget, stories, river, contracts, initiatives] = posts.as_slice() else {
        return Err("the demo lacks posts".into());
    };
    let about = Discussed {
        contracts,
        budget,
        river,
        copy,
    };
    write_conversation(app, now, people, &about).await?;
    write_held_responses(app, now, stories, contracts).await?;
    Ok(Permalinks {
        pinged: find::permalink(app, initiatives),
        mentioned: find::permalink(app, contracts),
    })
}

/// The same site with its clock at `at`, to write what happened in the past.
fn at_time(app: &App, at: Moment) -> Result<App, DemoError> {
    Ok(App::with_store(
        app.config.clone(),
        Clock::stepped(at),
        app.store.clone(),
    )?)
}

async fn publish(app: &App, author: &User, input: &PostInput) -> Result<Post, DemoError> {
    let draft = input.parse(&app.zone())?;
    let actor = Actor::from(author);
    match save_post(
        app,
        &actor,
        author.id,
        SaveTarget::New,
        draft,
        SaveIntent::Publish,
    )
    .await?
    {
        SaveOutcome::Saved(post) => Ok(*post),
        SaveOutcome::Conflict(_) => Err("a new post cannot clash".into()),
    }
}

/// The posts that people talk about.
struct Discussed<'a> {
    contracts: &'a Post,
    budget: &'a Post,
    river: &'a Post,
    copy: &'a Post,
}

async fn write_conversation(
    app: &App,
    now: Moment,
    people: &[User],
    about: &Discussed<'_>,
) -> Result<(), DemoError> {
    let Discussed {
        contracts,
        budget,
        river,
        copy,
    } = *about;
    let moderator = Actor::from(&people[2]);
    let mut hour = 112;
    let mut say = async |post: &Post, name: &str, parent: Option<ResponseId>, text: &str| {
        hour -= 3;
        let then = at_time(app, now.minus(HOUR * hour))?;
        let staff = people.iter().find(|user| user.name == name);
        let received = comment(&then, post, name, staff, parent, text).await?;
        if received.state == ResponseState::Pending {
            decide(
                &then,
                &moderator,
                &[received.id],
                &DecisionRequest::to(ResponseState::Approved),
            )
            .await?;
        }
        Ok::<ResponseId, DemoError>(received.id)
    };
    let first = say(
        contracts,
        "Ruth Amsel",
        None,
        "Thank you for the table. Do you know why the first quarter is so low? In our town the office was closed for half of it.",
    )
    .await?;
    let answer = say(
        contracts,
        "Jonas Lindqvist",
        Some(first),
        "Good catch. January and February were entered late and count for the *second* quarter. We will put a note under the table.",
    )
    .await?;
    say(
        contracts,
        "Ruth Amsel",
        Some(answer),
        "Then the trend is even a little better than it looks.",
    )
    .await?;
    let second = say(
        contracts,
        "Pavel",
        None,
        "> Changes to a contract after it was signed are not published\n\nThey are, if you ask. I asked for twelve and got nine within the month. Happy to share the letters.",
    )
    .await?;
    let question = say(
        contracts,
        "Imani N.",
        Some(second),
        "Yes please! Could you also say which office you wrote to?",
    )
    .await?;
    let reply = say(
        contracts,
        "Pavel",
        Some(question),
        "Procurement, second floor. Write on paper; emails get lost there.",
    )
    .await?;
    say(
        contracts,
        "Imani N.",
        Some(reply),
        "Of course it does. Thank you.",
    )
    .await?;
    say(
        budget,
        "Sol",
        None,
        "Number 3 found us a round million for “other”. Still waiting to hear what it was.",
    )
    .await?;
    let angler = say(
        river,
        "Tomas W.",
        None,
        "I am the angler. I did ring, on the 11th at nine. A very friendly woman told me that the poppy seed rolls were out.",
    )
    .await?;
    say(
        river,
        "Jonas Lindqvist",
        Some(angler),
        "Thank you for ringing at all. The new number has been on the bridge since Monday; we tried it.",
    )
    .await?;
    say(
        copy,
        "Noor",
        None,
        "It has been running on our library's computer since April. `set -eu` was the line we were missing: the server was down twice, and we kept an empty file.",
    )
    .await?;
    Ok(())
}

async fn write_held_responses(
    app: &App,
    now: Moment,
    stories: &Post,
    contracts: &Post,
) -> Result<(), DemoError> {
    let held = [
        (
            stories,
            "Dorothea Finch",
            9,
            "The playground at Mill Lane. The quote was public, a father read it, and the slide was half the price by June.",
        ),
        (
            stories,
            "Amadou",
            6,
            "In our district the list of wells was published with coordinates. Two of them turned out to be in the lake.\n\nThey were drilled again, on land.",
        ),
        (
            contracts,
            "Best Price Loans",
            4,
            "Great article! Visit [here](https://loans.example/a) or [here](https://loans.example/b) or [here](https://loans.example/c) for money today",
        ),
        (
            contracts,
            "K.",
            2,
            "Is the raw file somewhere? I would like to check the median myself.",
        ),
    ];
    for (post, name, hours, text) in held {
        let then = at_time(app, now.minus(HOUR * hours))?;
        comment(&then, post, name, None, None, text).await?;
    }
    Ok(())
}

async fn comment(
    app: &App,
    post: &Post,
    name: &str,
    staff: Option<&User>,
    parent: Option<ResponseId>,
    text: &str,
) -> Result<ReceivedComment, DemoError> {
    let writer = Commenter {
        proof: staff.map_or(Proof::Nothing, |user| Proof::Staff(user.id)),
        client: IpAddr::V4(Ipv4Addr::LOCALHOST),
        user_agent: None,
    };
    let address: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let input = CommentInput {
        author: name.to_owned(),
        email: format!("{}@readers.example", address.to_lowercase()),
        comment: text.to_owned(),
        parent: parent.map(|id| id.to_string()).unwrap_or_default(),
        ..CommentInput::default()
    };
    Ok(receive_once(app, post, &writer, &input).await?)
}
