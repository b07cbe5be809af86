### Posts, settings, sign-in, and what all staff pages share

# Shared by staff pages
staff-navigation = Staff
form-problems = Please fix this:
button-save = Save
confirm-cancel = Cancel
field-role = Role
field-password = Password
field-new-password = New password
field-password-hint = at least 10 characters
field-tagline = Tagline

# Signing in
sign-in-no-account = Need an account? Ask your administrator.
sign-in-too-many = { $seconds ->
    [one] Too many attempts. Try again in one second.
   *[other] Too many attempts. Try again in { $seconds } seconds.
}
sign-in-kept = Your session has ended. Your text is safe.
sign-in-kept-next = Sign in to get it back, then save it. Keep this page open until then.

# Set-up
setup-title = Set up your site
setup-intro = Name your site and create your account. Then you can start publishing.
setup-site-name = Site name
setup-site-name-hint = shown to readers
setup-name = Your name
setup-name-hint = shown with your posts
setup-email = Your email
setup-email-hint = you will use it to sign in
setup-create = Create site

# The list of posts
posts-title = Posts
posts-back = Back to posts
posts-tabs = Posts by status
posts-all = All
posts-drafts = Drafts
posts-scheduled = Scheduled
posts-published = Published
posts-trash = Trash
posts-empty = No posts here.
posts-done-draft = The post is a draft now.
posts-done-trash = Moved to trash.
posts-done-restored = Restored as a draft.
posts-done-deleted = Deleted permanently.
posts-write = Write a post
posts-responses = { $count ->
    [one] 1 response
   *[other] { $count } responses
}
post-untitled = (no title)
post-state-draft = Draft
post-state-scheduled = Scheduled
post-state-published = Published
post-state-trash = In the trash
post-action-on = { $action }: { $title }
post-view = View
post-unpublish = Unpublish
post-unschedule = Unschedule
post-trash = Move to trash
post-restore = Restore
post-delete = Delete permanently
post-delete-title = Delete “{ $title }” permanently?
post-delete-untitled-title = Delete this post permanently?
post-delete-consequence = { $count ->
    [0] The post will be removed and cannot be restored.
    [one] The post and its one response will be removed and cannot be restored.
   *[other] The post and its { $count } responses will be removed and cannot be restored.
}
post-delete-address = Visitors to its address will see that it is gone.
post-delete-only-from-trash = Only a post in the trash can be deleted permanently. Move it to the trash first.

# Writing a post
post-new-title = New post
post-edit-title = Edit post
post-saved = Saved.
post-scheduled = Scheduled.
post-published = Published.
post-resumed = You are signed in again. Your text is here; it has not been saved yet.
post-not-saved = This was not saved. Please fix:
post-saved-at = saved { $date }
post-unknown-editor = Someone
post-conflict = { $name } saved this post while you were editing it.
post-conflict-next = Your changes have not been saved, and nothing was overwritten. Your text is in the form; theirs is shown here. Merge the two versions, then save to replace theirs.
post-their-version = Their version, saved { $date }
post-their-text = Their text
field-title = Title
field-body = Text
field-body-hint = Markdown
field-tags = Tags
field-tags-hint = separated by commas
field-slug = Slug
field-slug-hint = empty = based on the title
field-date = Date
field-date-hint = empty = now, future = scheduled
post-discussion = Responses
post-allow-comments = Allow comments
post-allow-linkbacks = Allow linkbacks from other sites
post-send-linkbacks = Notify linked sites
button-save-draft = Save draft
button-publish = Publish
button-update = Update

# Outgoing linkbacks
outgoing-title = Outgoing linkbacks
outgoing-empty = No linkbacks yet. When you publish a post with links, the linked sites are notified and the results appear here.
outgoing-off = Outgoing linkbacks are turned off. To turn them on, set linkbacks.send in the settings file.
outgoing-off-for-tests = This site’s address is local or for testing only, so no linkbacks are sent. To send them, set site.url to the address that readers use.
outgoing-allowed-only = This site’s address is local or for testing only, so linkbacks are sent only to the networks in linkbacks.fetch_allow.
outgoing-unlinked = no longer linked
outgoing-from = from { $title }
outgoing-status = Status on their site
outgoing-retry = Send again
outgoing-retry-one = Send again: { $address }
outgoing-next-try = Next try: { $date }
outgoing-state-by = { $state } ({ $protocol })
outgoing-waiting = Waiting
outgoing-waiting-again = Waiting to be retried
outgoing-sent = Sent
outgoing-sent-removal = Removal sent
outgoing-refused = Refused
outgoing-no-endpoint = Doesn’t accept linkbacks
outgoing-unreachable = Couldn’t be reached
outgoing-gone = No longer accepts linkbacks
outgoing-unknown = Possibly sent
protocol-pingback = pingback
protocol-trackback = trackback
protocol-webmention = webmention

# Settings
settings-back = Back to settings
settings-site = Site
settings-saved = Saved.
settings-people = People
settings-accounts = Accounts
account-state = Status
account-state-enabled = can sign in
account-state-disabled = disabled
account-add = Add a user
account-add-button = Add user
account-created = Account created. Send them the address and password.

# Roles
role-administrator = Administrator
role-editor = Editor
role-author = Author
role-contributor = Contributor
role-moderator = Moderator
role-administrator-may = Administrator: can do everything
role-editor-may = Editor: all posts and the queue
role-author-may = Author: their own posts
role-contributor-may = Contributor: drafts that someone else publishes
role-moderator-may = Moderator: the queue

# One account
account-facts = { $email }, { $role }
account-facts-disabled = { $email }, { $role }, disabled
account-not-changed = Nothing was changed. Please fix:
account-role = Role
account-role-hint = They will be signed out everywhere and must sign in again.
account-change-role = Change role
account-role-same = They already have this role. Nothing was changed.
account-role-changed = Role changed. They have been signed out everywhere.
account-password = Password
account-password-confirm = I understand that they will be signed out everywhere and that the old password will stop working
account-password-unconfirmed = Tick the box to confirm that they will be signed out everywhere.
account-change-password = Change password
account-password-changed = Password changed. They have been signed out everywhere.
account-access = Access
account-ask-sign-out = Sign out everywhere…
account-sign-out = Sign out everywhere
account-sign-out-title = Sign out { $name } everywhere?
account-sign-out-consequence = All their sessions end immediately. What they are writing right now stays in their browser, and they can sign in again.
account-signed-out = They have been signed out everywhere.
account-ask-disable = Disable account…
account-disable = Disable account
account-disable-title = Disable { $name }’s account?
account-disable-consequence = They will be signed out immediately and can’t sign in until you enable the account again. Their posts and decisions are kept.
account-disabled = Account disabled. They have been signed out everywhere.
account-enable = Enable account
account-enabled = Account enabled. They can sign in again.

# Background jobs
jobs-title = Background jobs
jobs-failed = Failed
jobs-none-failed = No failed jobs. A job that fails five times in a row is listed here with the reason, and you can retry it.
jobs-newest = Showing the newest { $shown } of { $total }.
jobs-retry = Retry
jobs-retry-one = Retry job { $id }
jobs-retried = The job will be retried now.
jobs-retried-already = Someone has already retried this job.
jobs-attempts = { $attempts ->
    [one] Job { $id }, tried once
   *[other] Job { $id }, tried { $attempts } times
}
jobs-attempts-failed = { $attempts ->
    [one] Job { $id }, tried once, failed on { $date }
   *[other] Job { $id }, tried { $attempts } times, failed on { $date }
}
jobs-unknown-error = Unknown error.
jobs-active = Waiting and running
jobs-by-lane = Jobs by lane
jobs-lane = Jobs
jobs-waiting = Waiting
jobs-running = Running
lane-prompt = Publishing
lane-bulk = Bulk decisions and learning
lane-fetch = Other sites
lane-email = Email

# The page of components
components-title = Components
components-intro = Every component of the staff pages, in light and dark colour schemes.
components-light = Light
components-dark = Dark
components-buttons = Buttons
components-button-primary = Main action
components-button-secondary = Other action
components-button-danger = Delete
components-notices = Notices
components-notice-done = Saved.
components-notice-info = Nothing was changed.
components-notice-warning = Two entries need your attention.
components-notice-note = A note that is part of the page.
components-fields = Form fields
components-field-line = Single line
components-field-hint = a hint
components-field-text = Multiple lines
components-field-choice = Choice
components-field-choice-one = First choice
components-field-choice-two = Second choice
components-field-check = A checkbox
components-field-problem = With an error
components-badges = Badges
components-badge-neutral = Neutral
components-badge-good = Good
components-badge-attention = Attention
components-badge-harm = Harm
components-tabs = Tabs
components-tabs-light = Tabs in the light scheme
components-tabs-dark = Tabs in the dark scheme
components-tab-current = Current
components-tab-other = Other
components-list = List
components-row-title = Title of an entry
components-row-facts = Facts about it
components-row-action = Action
components-table = Table
components-table-light = Table in the light scheme
components-table-dark = Table in the dark scheme
components-table-name = Name
components-table-value = Value
components-pager = Pager
components-empty = Empty list
components-empty-text = Nothing here yet.
components-confirmation = Confirmation
components-confirmation-text = This cannot be undone.
components-people = People and times
