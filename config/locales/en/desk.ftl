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
field-footer-text = Footer text
field-footer-text-hint = optional; shown at the end of every page
field-social-links = Profiles on other sites
field-social-links-hint = optional; one web address per line, with a name before it if you like
field-accent = Accent colour
field-accent-hint = optional; such as #17605a
field-menu-label = Label
field-menu-target = Address
field-menu-target-hint = a path such as /about/, or an address that begins with https://
field-menu-into = Add to

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
pages-title = Pages
posts-kinds = Posts and pages
pages-empty = No pages here.
pages-write = Write a page
page-new-title = New page
page-edit-title = Edit page
page-published = Page published.
field-page-parent = Parent page
field-page-slug-hint = the last part of the address; leave empty to base it on the title
page-no-parent = None (top level)
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
first-steps-title = Set up your site
first-steps-site = Set its tagline, footer and accent colour
first-steps-design = Choose its logo, fonts and home page
first-steps-pages = Complete and publish the drafts of the About and Privacy pages
first-steps-menus = Add pages to the menus
first-steps-discussion = Decide which comments are held for review
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
writing-title = What you can write
writing-heading = A heading. More # signs make it smaller.
writing-emphasis = Emphasis, strong emphasis, deleted text
writing-link = A link. A web address alone becomes a link too.
writing-heading-link = A link to a heading of this post: the heading’s text in lower case, with hyphens for spaces
writing-picture = A picture. Between the square brackets, describe it for people who cannot see it.
writing-list = A list, a numbered list
writing-tasks = Tasks, open and done
writing-quote = A quote
writing-pull-quote = A pull quote: a sentence from the post, set large
writing-note = A note beside the text. Use “warning” for something urgent.
writing-footnote = A footnote. Its text goes below, and is shown at the end of the post.
writing-table = A table. Colons in the second line align a column.
writing-code = Code, with its language
writing-summary = The summary in lists and feeds ends here.
field-tags = Tags
field-tags-hint = separated by commas
field-slug = Slug
field-slug-hint = leave empty to base it on the title
field-date = Date
field-date-hint = leave empty to publish now; a future date schedules the post
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
settings-undone = The change was undone. Undo again to bring it back.
settings-undo = Undo
settings-changes = Recent changes
settings-changed-by = { $name }
settings-change-undid = undid the previous change
settings-change = { $field }: { $before } → { $after }
settings-change-nothing = none
settings-conflict = { $name } has changed these settings since you opened this page. Nothing was overwritten. Look at the recent changes below, then save again if you still want your version.
settings-undo-conflict = These settings have changed since you opened the page, so nothing was undone. Reload the page to see what was changed, and by whom.
accent-not-a-colour = Enter a colour as # and six hexadecimal digits, such as #17605a.
accent-light = Light mode: { $colour }, with a contrast of { $ratio } to 1.
accent-light-adjusted = Light mode: { $chosen } has a contrast of { $chosenRatio } to 1, but text needs { $needed } to 1. Readers see { $colour } instead, with { $ratio } to 1.
accent-dark = Dark mode: { $colour }, with a contrast of { $ratio } to 1.
accent-ink = Button labels on the accent colour have a contrast of { $light } to 1 in light mode and { $dark } to 1 in dark mode.
accent-dark-adjusted = Dark mode: { $chosen } has a contrast of { $chosenRatio } to 1, but text needs { $needed } to 1. Readers see { $colour } instead, with { $ratio } to 1.
social-links-too-many = List at most { $max } profiles.
social-links-unusable = “{ $start }” is not the address of a profile. Enter an address that begins with https://, with or without a name before it.

# Navigation
navigation-title = Navigation
navigation-intro = Readers see these menus on every page. Items can be nested one level deep.
menu-header = Header menu
menu-footer = Footer menu
menu-header-empty = No items yet. Until you add one, readers see links to the home page and the feed.
menu-footer-empty = No items yet.
menu-add = Add item
menu-up = Move up
menu-down = Move down
menu-remove = Remove
menu-full = A menu can have at most { $max } items, and so can each item in it. Remove one first.
menu-target-unusable = Enter a path on this site, such as /about/, or an address that begins with https:// or http://.
menu-target-dead = Readers will find nothing at { $target }. Check the address, or publish the page.

# Starter pages
starter-about-title = About
starter-about =
    Say who publishes this site, why, and how to reach you.

    ## Contact

    Give an address for readers who have a question or have found a mistake.
starter-privacy-title = Privacy
starter-privacy-readers =
    _This draft says what this site’s software stores. Add who is responsible for the site, how to reach them, and what your web host and other services store._

    ## Reading

    You can read everything here without giving us any data. Pages set no cookies and contain no trackers. The software does not write readers’ IP addresses to its log.
starter-privacy-loads-nothing = Pages load nothing from other sites.
starter-privacy-hosts = Posts can show pictures from { $hosts }. Your browser loads them from there, so the operators of those sites can see your IP address.
starter-privacy-comments =
    ## Comments

    When you comment, we store what you type: your name, your email address, your website if you give one, and your text, with the time. Your name, website and text are public once your comment is published. Your email address is shown only to the people who moderate comments here.

    With the comment we also store your IP address, the network it belongs to, and what your browser says about itself (the user agent). We use this to recognise spam and abuse; only moderators see it. We keep all of it for as long as the comment, even if a moderator decides not to publish it. Nothing is deleted automatically.

    A spam filter on this site learns from moderators’ decisions which words are typical of spam. When you report a comment, we store your reason and your note, and a fingerprint of your IP address instead of the address itself.
starter-privacy-spam-checker = To recognise spam, we also send comments to a service at { $host }, with the name, email address, website, text, IP address and user agent.
starter-privacy-email = Comments that are waiting for a moderator are emailed to the moderators.
starter-privacy-log = A public log shows when comments were approved or removed, without names or texts.
starter-privacy-limits = To limit how often one person can comment, report or try to sign in, the software counts such attempts by IP address for a short time.
starter-privacy-linkbacks =
    ## Links from other sites

    When another site tells us that it links to a page here, we fetch that page and store its address, title, author, an excerpt, and the IP address of the server that told us. Once it has been checked, the excerpt is shown under our page.
starter-privacy-cookies =
    ## Cookies

    If you only read, you get no cookies. With your first comment, your browser gets one cookie (rejoinder_commenter), so that the site recognises your browser when you comment again. It contains a random key and nothing about you, and lasts for a year after your last comment. We store a fingerprint of the key with each comment.
starter-privacy-staff = { $days ->
    [one] People who work on this site get a cookie when they sign in (rejoinder_session), which lasts for a day after their last visit, and another that recognises their browser at the next sign-in (rejoinder_browser). We store their name, email address and a hash of their password.
   *[other] People who work on this site get a cookie when they sign in (rejoinder_session), which lasts for { $days } days after their last visit, and another that recognises their browser at the next sign-in (rejoinder_browser). We store their name, email address and a hash of their password.
}
starter-privacy-staff-most = { $days ->
    [one] They must sign in again at least once a day.
   *[other] They must sign in again at least every { $days } days.
}
starter-privacy-rights =
    ## Your data

    Contact us to find out what we have stored about you, or to have it corrected or deleted. Tell us the address of your comment, or the email address that you used.

# The site's design
design-title = Design
field-logo = Logo
field-logo-hint = optional; shown beside the site’s name
field-logo-dark = Logo for dark mode
field-logo-dark-hint = optional; if empty, the same logo is used
field-hides-name = Show the logo without the name
field-icon = Icon
field-icon-hint = optional; a square picture at least 512 pixels wide, from which all sizes are made
picture-none = None
picture-upload = Or upload a picture
icon-unusable = This picture can’t be made into an icon. Choose another one.
field-header-style = Header
header-style-left = Name on one side, menu on the other
header-style-centred = Name above the menu, centred
header-style-banner = Banner in the accent colour
field-fonts = Fonts
fonts-system = Fonts on the reader’s device
fonts-serif = Source Serif with Public Sans
fonts-sans = Atkinson Hyperlegible
field-home-style = Home page
home-style-list = List of the newest posts
home-style-cards = Cards with pictures
home-style-page = A page
field-home-page = Page to show as the home page
home-page-none = None
field-custom-css = Custom CSS
field-custom-css-hint = optional; up to 20 KB; can’t change the forms that readers fill in
design-preview = Preview
design-preview-hint = Readers see nothing of this until you save.
design-sample-title = The river that came back
design-sample-meta = By Ada Okoye, 4 min read
design-sample-text = Ten years after the spill, the first fish have returned to the delta. We asked the people who live there what has changed.
design-sample-link = Read the report
design-sample-heading = What people say
design-sample-quote = The river is all we have.
design-sample-emphasis = Some words are emphasised,
design-sample-strong = and some are important.
design-sample-button = A button
design-change-number = number { $number }
custom-css-too-long = Custom CSS can have at most { $max } KB.
custom-css-too-many = Custom CSS can have at most { $max } selectors and declarations.
custom-css-unbalanced = Line { $line }: a bracket, quotation mark or comment is not closed, or is closed without being opened.
custom-css-too-deep = Line { $line }: blocks are nested too deeply. Use fewer levels.
custom-css-html = Line { $line }: HTML such as </style> is not allowed.
custom-css-not-a-rule = Line { $line }: this is not a rule. Write selector { "{" } property: value { "}" }, and don’t nest rules.
custom-css-at-rule = Line { $line }: @{ $name } is not allowed. Only @media and @supports are.
custom-css-selector = Line { $line }: the selector “{ $name }” can’t be used.
custom-css-property = Line { $line }: the property “{ $name }” is not allowed. It is unknown, or it could cover or hide the forms that readers fill in.
custom-css-function = Line { $line }: the function “{ $name }” is not allowed.
custom-css-address = Line { $line }: the address “{ $name }” is not allowed. Upload the picture to the media library and use its address, which begins with /media/.
custom-css-margin = Line { $line }: margins and custom properties can’t be negative, and margins can’t use functions such as calc().
custom-css-value = Line { $line }: the value of “{ $name }” is not valid CSS.

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
account-bio = Shown to readers
field-bio = Description
field-bio-hint = a line or two, shown under their posts; at most { $max } characters
account-bio-now = Current description: { $bio }
account-bio-none = none
account-change-bio = Save description
account-bio-changed = Description saved.
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

# Pictures and documents
media = Media
media-title = Media library
media-back = Back to media library
media-empty = No pictures or documents yet. Upload some above.
media-none-found = No files match your search.
media-search = Search by name, text or credit
media-pages = Pages of the media library
media-newer = Newer
media-older = Older
media-no-alt = No alternative text
media-added = Added. Copy the Markdown below into a post to show it.
media-added-count = { $count ->
    [one] 1 file added.
   *[other] { $count } files added.
}
media-saved = Saved.
media-deleted = Deleted.
media-not-added = This was not added:
media-problem-of-file = { $name }: { $problem }
media-download = Download
media-pixels = { $width } × { $height } pixels
media-size = { $size } KB
media-number = Number { $number }
media-markdown = Markdown
media-markdown-hint = Copy this into the text of a post or page.
media-used-in = Used in
media-unused = Not used in any post or page.
media-used-by-others = { $count ->
    [one] 1 draft by someone else
   *[other] { $count } drafts by others
}
media-replace = Replace
media-replace-title = Replace { $name }
media-replace-consequence = The old file will be removed and cannot be restored. Its address will lead to the new file.
media-replace-used = { $count ->
    [one] This post will show the new file. Alternative text, caption and credit stay the same.
   *[other] These { $count } posts will show the new file. Alternative text, caption and credit stay the same.
}
media-replace-picture-hint = JPEG, PNG, GIF or WebP; up to { $max } MB
media-replace-document-hint = PDF, plain text or CSV; up to { $max } MB
media-replaced = Replaced. Check that the alternative text still fits.
media-not-replaced = The file was not replaced:
field-new-file = New file
media-delete = Delete permanently
media-delete-title = Delete { $name } permanently?
media-delete-used = { $count ->
    [one] 1 post uses this file. Readers will see a gap there.
   *[other] { $count } posts use this file. Readers will see gaps there.
}
media-used-by-design = The site shows this picture as its logo or icon.
media-delete-consequence = The file will be removed and cannot be restored. Links to it will stop working.
field-file = Files
media-file-hint = JPEG, PNG, GIF, WebP, PDF, plain text or CSV; up to { $max } MB each
field-alt = Alternative text
field-alt-hint = what the picture shows, for people who cannot see it
field-caption = Caption
field-caption-hint = shown under the picture, or as the name of the document
field-featured = Featured picture
field-featured-hint = shown above the post and in lists; a number or address from the media library
button-upload-featured = Upload featured picture
featured-unknown = There is no picture with this number or address in the media library.
field-credit = Credit
field-credit-hint = who made it, shown under the picture
button-upload = Upload
button-search = Search
post-insert-media = Add pictures
post-media-library = Media library (opens in a new tab)
post-uploading = Uploading…
post-upload-failed = The upload failed. Try again.
media-too-large = The file is larger than { $max } MB. Choose a smaller one.
media-empty-file = The file is empty. Choose another one.
media-unknown-format = This type of file is not accepted. Upload a JPEG, PNG, GIF or WebP picture, a PDF, plain text or CSV.
media-damaged = The picture is damaged and cannot be read. Export it again from the program it was made with, and upload that.
media-too-many-pixels = The picture has { $width } × { $height } pixels. At most { $max } million pixels are accepted. Make it smaller, and upload it again.
media-side-too-long = The picture’s longest side has { $longest } pixels. At most { $max } are accepted. Make it smaller, and upload it again.
media-too-many-frames = The animation has { $frames } frames, which is too many for readers’ browsers. Make it shorter or smaller: at most { $max } frames, and fewer if they are large.
media-svg = SVG pictures are not accepted because they can contain programs. Export the picture as PNG or WebP, and upload that.
media-avif = AVIF pictures are not accepted. Export the picture as WebP or JPEG, and upload that.
media-heic = HEIC pictures are not accepted. Export the picture as JPEG, and upload that.
media-not-stored = The file could not be stored. The disk may be full, or the storage may be unavailable. Try again later, or tell your administrator.
media-not-readable = Pictures and documents are unavailable right now. Try again later.
media-other-kind = A picture can only be replaced by a picture, and a document by a document.
media-replaced-meanwhile = Someone else replaced this file in the meantime. Look at the file as it is now. To replace it, choose your file again.
forbidden-change-media = Only editors and the person who uploaded this file can change it.
forbidden-change-used-media = Readers see this file in a post that you cannot change, on a page, or in the site’s design. Ask an editor to change it.

# What to look at in a text, and pictures of other sites
checks-title = Checks
checks-none = No issues found.
check-foreign = This picture is on another site. Import it. Until then, readers see a link:
check-missing = This picture will not show, because it is not in the media library:
check-uncertain = This picture is not in the media library. It shows only if this site has a file at:
check-without-alt = This picture has no alternative text:
check-add-alt = { $address } (add it in the media library)
check-skipped = This heading has level { $level }, but level { $expected } comes next:
check-card-waiting = This link card will appear shortly after you save the post. Until then, readers see a link:
check-card-failed = The page behind this link card could not be read, so readers see a link. Save the post to try again:
button-import = Import
button-import-all = Import all pictures
import-one = Import { $address }
import-done = { $count ->
    [one] 1 picture imported. The text below shows it from the media library. Save to keep the change.
   *[other] { $count } pictures imported. The text below shows them from the media library. Save to keep the change.
}
import-failed = { $count ->
    [one] 1 picture was not imported. The reason is under Checks.
   *[other] { $count } pictures were not imported. The reasons are under Checks.
}
import-left = { $count ->
    [one] 1 picture is left. Import again to continue.
   *[other] { $count } pictures are left. Import again to continue.
}
import-nothing = There was nothing to import: the text no longer shows this picture.
import-not-replaced = The picture was imported, but its address was not found in the text. Replace it with { $markdown }
import-bad-address = Pictures cannot be fetched from this address.
import-unreachable = The other site could not be reached.
import-too-slow = The other site was too slow. Try again.
import-rate-limited = { $seconds ->
    [one] Too many requests have been sent to that site. Try again in one second.
   *[other] Too many requests have been sent to that site. Try again in { $seconds } seconds.
}
import-status = The other site answered with status { $status }.
import-svg = This is an SVG picture, which is not accepted. Export it as PNG or WebP, and upload that.
import-not-a-picture = There is no JPEG, PNG, GIF or WebP picture at this address.
post-hides-pictures = Readers will not see some of the pictures. See Checks for which ones.
media-imported-from = Imported from
