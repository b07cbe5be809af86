//! Which role may do what, in one table. No other code decides by a role.

use crate::error::{Error, Result};
use crate::store::decisions;
use crate::store::entity::ids::UserId;
use crate::store::entity::user::{self, Role};
use crate::texts::Message;

/// Something that not everybody may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Write and delete drafts of one's own.
    WriteOwnPosts,
    /// Publish one's own posts and change published ones.
    PublishOwnPosts,
    /// Write and publish the posts of others.
    WriteAnyPost,
    /// See and decide the responses to one's own posts.
    ModerateOwnPosts,
    /// See and decide all responses.
    Moderate,
    /// Manage rules and sender policies.
    SetRules,
    /// See the email and network addresses of senders.
    SeeAddresses,
    ManageAccounts,
    ChangeSettings,
}

impl Action {
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

    /// The error message for somebody who may not do this.
    fn forbidden(self) -> Message {
        Message::new(match self {
            Self::WriteOwnPosts => "forbidden-write-own-posts",
            Self::PublishOwnPosts => "forbidden-publish-own-posts",
            Self::WriteAnyPost => "forbidden-write-any-post",
            Self::ModerateOwnPosts => "forbidden-moderate-own-posts",
            Self::Moderate => "forbidden-moderate",
            Self::SetRules => "forbidden-set-rules",
            Self::SeeAddresses => "forbidden-see-addresses",
            Self::ManageAccounts => "forbidden-manage-accounts",
            Self::ChangeSettings => "forbidden-change-settings",
        })
    }
}

/// The table of permissions.
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

/// Which responses somebody may moderate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModerationScope {
    All,
    /// Those to the posts of this author.
    PostsOf(UserId),
}

/// Who acts: somebody with an account, or the operator at the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// None for the operator.
    pub id: Option<UserId>,
    /// The name in the log.
    pub name: String,
    pub role: Role,
}

impl Actor {
    /// The operator, who has every permission.
    pub fn operator() -> Self {
        Self {
            id: None,
            name: decisions::OPERATOR.to_owned(),
            role: Role::Administrator,
        }
    }

    pub fn may(&self, action: Action) -> bool {
        allows(self.role, action)
    }

    /// Fails where they may not.
    pub fn must(&self, action: Action) -> Result<()> {
        if self.may(action) {
            Ok(())
        } else {
            Err(Error::Forbidden(action.forbidden()))
        }
    }

    /// The responses that they may moderate; fails where there are none.
    pub fn moderation_scope(&self) -> Result<ModerationScope> {
        if self.may(Action::Moderate) {
            return Ok(ModerationScope::All);
        }
        self.must(Action::ModerateOwnPosts)?;
        match self.id {
            Some(id) => Ok(ModerationScope::PostsOf(id)),
            None => Ok(ModerationScope::All),
        }
    }

    /// Fails where they may not edit a post of `author`. A post of somebody else looks like one
    /// that does not exist.
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
    fn each_role_has_its_permissions() {
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
    fn a_post_of_somebody_else_looks_like_one_that_does_not_exist() {
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
