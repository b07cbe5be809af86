//! Who may do what: one table. Nothing else asks about a role.

use crate::error::{Error, Result};
use crate::store::entity::ids::UserId;
use crate::store::entity::user::{self, Role};
use crate::store::known;

/// Something that not everybody may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Write drafts of one's own and throw them away.
    WriteOwnPosts,
    /// Show one's own posts to readers, and change what readers see of them.
    PublishOwnPosts,
    /// The same with anybody's posts.
    WriteAnyPost,
    /// See the queue of one's own posts, decide and undo there.
    ModerateOwnPosts,
    /// See the whole queue, decide and undo.
    Moderate,
    /// Write rules, ban people and let them in.
    SetRules,
    /// See writers' e-mail and network addresses.
    SeeAddresses,
    /// Add accounts and change them.
    ManageAccounts,
    /// Name the site and set it up.
    ChangeSettings,
}

impl Action {
    /// All of them, for tests of the table.
    pub const ALL: [Self; 9] = [
        Self::WriteOwnPosts,
        Self::PublishOwnPosts,
        Self::WriteAnyPost,
        Self::ModerateOwnPosts,
        Self::Moderate,
        Self::SetRules,
        Self::SeeAddresses,
        Self::ManageAccounts,
        Self::ChangeSettings,
    ];

    fn words(self) -> &'static str {
        match self {
            Self::WriteOwnPosts => "write posts",
            Self::PublishOwnPosts => "publish posts: an editor can do that",
            Self::WriteAnyPost => "change other people's posts",
            Self::ModerateOwnPosts => "moderate responses",
            Self::Moderate => "moderate responses to other people's posts",
            Self::SetRules => "set rules for responses and people",
            Self::SeeAddresses => "see people's addresses",
            Self::ManageAccounts => "manage accounts",
            Self::ChangeSettings => "change the site's settings",
        }
    }
}

/// The table.
pub fn allows(role: Role, action: Action) -> bool {
    match action {
        Action::WriteOwnPosts => !matches!(role, Role::Moderator),
        Action::PublishOwnPosts => {
            matches!(role, Role::Administrator | Role::Editor | Role::Author)
        }
        Action::WriteAnyPost => matches!(role, Role::Administrator | Role::Editor),
        Action::ModerateOwnPosts => !matches!(role, Role::Contributor),
        Action::Moderate | Action::SetRules | Action::SeeAddresses => {
            matches!(role, Role::Administrator | Role::Editor | Role::Moderator)
        }
        Action::ManageAccounts | Action::ChangeSettings => matches!(role, Role::Administrator),
    }
}

/// The responses that somebody may moderate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// All.
    Everything,
    /// Those on the posts of this author.
    PostsOf(UserId),
}

/// Who does something: a person with an account, or the operator at the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// None for the operator.
    pub id: Option<UserId>,
    /// As the log names them.
    pub name: String,
    /// What they may do.
    pub role: Role,
}

impl Actor {
    /// The operator, who has the machine in their hands.
    pub fn operator() -> Self {
        Self {
            id: None,
            name: known::OPERATOR.to_owned(),
            role: Role::Administrator,
        }
    }

    /// Whether they may.
    pub fn may(&self, action: Action) -> bool {
        allows(self.role, action)
    }

    /// Refuses where they may not.
    pub fn must(&self, action: Action) -> Result<()> {
        if self.may(action) {
            Ok(())
        } else {
            Err(Error::Forbidden(action.words()))
        }
    }

    /// The responses that they may moderate; refuses where these are none.
    pub fn reach(&self) -> Result<Reach> {
        if self.may(Action::Moderate) {
            return Ok(Reach::Everything);
        }
        self.must(Action::ModerateOwnPosts)?;
        match self.id {
            Some(id) => Ok(Reach::PostsOf(id)),
            None => Ok(Reach::Everything),
        }
    }

    /// Refuses where they may not work on a post of `author`. A post that is not theirs looks
    /// like one that is not there.
    pub fn must_write_post_of(&self, author: UserId) -> Result<()> {
        if self.id == Some(author) {
            self.must(Action::WriteOwnPosts)
        } else if self.may(Action::WriteAnyPost) {
            Ok(())
        } else {
            self.must(Action::WriteOwnPosts)?;
            Err(Error::NotFound("post"))
        }
    }
}

impl From<&user::Model> for Actor {
    fn from(user: &user::Model) -> Self {
        Self {
            id: Some(user.id),
            name: user.name.clone(),
            role: user.role,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_what_the_handbook_says() {
        let may = |role| -> Vec<Action> {
            Action::ALL
                .into_iter()
                .filter(|action| allows(role, *action))
                .collect()
        };
        assert_eq!(may(Role::Administrator), Action::ALL);
        assert_eq!(
            may(Role::Editor),
            [
                Action::WriteOwnPosts,
                Action::PublishOwnPosts,
                Action::WriteAnyPost,
                Action::ModerateOwnPosts,
                Action::Moderate,
                Action::SetRules,
                Action::SeeAddresses
            ]
        );
        assert_eq!(
            may(Role::Author),
            [
                Action::WriteOwnPosts,
                Action::PublishOwnPosts,
                Action::ModerateOwnPosts
            ]
        );
        assert_eq!(may(Role::Contributor), [Action::WriteOwnPosts]);
        assert_eq!(
            may(Role::Moderator),
            [
                Action::ModerateOwnPosts,
                Action::Moderate,
                Action::SetRules,
                Action::SeeAddresses
            ]
        );
    }

    #[test]
    fn a_post_of_somebody_else_looks_like_none() {
        let author = Actor {
            id: Some(UserId(1)),
            name: "A".into(),
            role: Role::Author,
        };
        assert!(author.must_write_post_of(UserId(1)).is_ok());
        assert!(matches!(
            author.must_write_post_of(UserId(2)),
            Err(Error::NotFound(_))
        ));
        let moderator = Actor {
            role: Role::Moderator,
            ..author
        };
        assert!(matches!(
            moderator.must_write_post_of(UserId(1)),
            Err(Error::Forbidden(_))
        ));
    }
}
