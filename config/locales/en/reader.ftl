### Pages for readers

skip-to-content = Skip to content
site-navigation = Site
all-posts = All posts
home = Home
feed = Feed
sign-in = Sign in
sign-out = Sign out
desk = Desk
queue = Queue
settings = Settings
edit-post = Edit this post
edit-page = Edit this page
footer-navigation = More about this site
social-links = Profiles on other sites
breadcrumbs = Breadcrumb
powered-by = Published with Rejoinder

by-author = by { $name }
reading-time = { $minutes } min read
no-posts-title = Nothing here yet
no-posts = The first post will appear on this page. Subscribe to the feed to hear about it.
no-posts-found = No posts found.
older-posts = Older posts
newer-posts = Newer posts
page-of = Page { $page } of { $pages }
paging = Pages
posts-tagged = Posts tagged “{ $name }”
posts-by = Posts by { $name }
posts-of-month = Posts from { $month }
tags = Tags
neighbours = Other posts
previous-post = Previous post
next-post = Next post
related-posts = Related posts
written-by = Written by
all-posts-by = All posts by { $name }
copy-link = Copy link
link-copied = Link copied

responses-count = { $count ->
    [0] No responses yet
    [one] One response
   *[other] { $count } responses
}
responses-heading = { $count ->
    [0] No responses to “{ $title }” yet
    [one] One response to “{ $title }”
   *[other] { $count } responses to “{ $title }”
}
responses-feed = Responses to “{ $title }”
all-responses-feed = Responses to all posts
response-pages = Pages of responses
older-responses = Earlier responses
newer-responses = Later responses
reply = Reply
reply-to = Reply to { $name }
by-the-author = author
pingback-from = Pingback:
trackback-from = Trackback:
webmention-from = Webmention:
reply-from = Reply from
mention-from = Mentioned by
source-at = on { $host }
source-gone = The page has been gone or without the link since
mentioned-in = Mentioned in:
reactions-likes = { $count ->
    [one] One like
   *[other] { $count } likes
}
reactions-reposts = { $count ->
    [one] One repost
   *[other] { $count } reposts
}
reactions-bookmarks = { $count ->
    [one] One bookmark
   *[other] { $count } bookmarks
}
reactions-more = and { $count } more
reaction-like = { $name } likes this
reaction-repost = { $name } reposted this
reaction-bookmark = { $name } bookmarked this

permalink-of = permalink to the response by { $name }
pending-note = Waiting for a moderator. Only you can see this, at this address. It will appear here for everyone once it is approved. You don’t need to do anything.
received-title = Thank you. We have received your comment.
received-pending = It is waiting for a moderator. Bookmark this page to check on it later.

respond-title = Leave a comment
respond-to-title = Reply to { $name }
respond-cancel = Cancel reply
respond-quote = You are replying to:
respond-kept = We restored what you typed. It has not been sent yet.
respond-closed = Comments are closed.
respond-first = First comments appear once a moderator has approved them.
respond-all = Comments appear once a moderator has approved them.
respond-as = Commenting as { $name }.
field-name = Name
field-email = Email
field-email-hint = never shown
field-url = Website
field-optional = optional
field-comment = Comment
field-comment-hint = You can use Markdown: *emphasis*, **strong**, > quote, `code`, [link](https://…). Web addresses become links.
field-trap = Leave this empty
button-send = Send comment
button-preview = Preview
scroll-code = Code
scroll-table = Table
footnotes = Footnotes
footnote-back = Back to reference { $number }
preview-title = Preview
preview-note = This is how your comment will look. It has not been sent yet.

problems-title = { $count ->
    [one] Please fix one problem, then send again:
   *[other] Please fix { $count } problems, then send again:
}
show-whole = Show the whole text
single-response-title = Response by { $name }
single-response-back = Back to its place in the conversation

error-not-found-title = Page not found
error-not-found = There is no page at this address. It may have been moved or mistyped.
error-gone-title = This post is gone
error-gone = This post used to be here, but it has been taken down.
error-forbidden-title = You don’t have access
error-sign-in-title = Please sign in
error-conflict-title = This changed in the meantime
error-too-many-title = Too many attempts
error-too-many = { $seconds ->
    [one] Please wait one second, then try again.
   *[other] Please wait { $seconds } seconds, then try again.
}
error-unavailable-title = Not possible right now
error-internal-title = Something went wrong on our side
error-internal = The error has been logged. Try again in a moment. If it happens again, contact the people who run this site and send them the code below.
error-invalid-title = Please fix this
error-too-large-title = That was too large
error-too-large = This site can’t accept anything that large, so nothing was saved. Your browser still has your text: go back, shorten it, and send it again.
error-too-slow-title = That took too long
error-too-slow = What you sent did not arrive in time. Go back and send it again.
error-no-room = The site is busy right now. Go back and try again in a moment.
error-broken-title = This request could not be read
error-broken = The request was incomplete. Go back and send it again.
error-not-text = Your text contains a character that cannot be stored, so nothing was saved. Remove it and send it again.
error-cross-site-title = This form came from another site
error-cross-site = The form was sent from a page on another site, so nothing was changed. Open the form on this site and send it again.
error-code = Code for the people who run this site: { $code }
error-method-title = Method not allowed
error-method = This address does not accept that kind of request.
error-timeout = The site did not answer in time. Try again in a moment.
kept-title = Your text is safe
kept-again = It has not been saved yet. Keep this page open, and send it again in a moment.
kept-sign-in = It has not been saved yet. Sign in again in another tab, then come back to this page and send it.
kept-copy = It has not been saved. You can copy it from here.
kept-text = What you wrote
kept-send = Send again
error-next-home = Go to the home page
error-next-sign-in = Sign in

# Bursts, refusals
busy-done = You can post now without waiting.
error-unknown-language = The setting site.language must be one of { $known }, not “{ $asked }”.
error-sign-in = Please sign in first.

# Reports
report = Report
report-of = Report the response by { $name }
report-title = Report the response by { $name }
report-intro = A moderator will review it. Nobody else can see that you reported it, and you don’t need an account.
report-reason = What is wrong with it?
report-spam = Spam or advertising
report-abuse = Harassment
report-private = Private information
report-off-topic = Off-topic
report-other = Something else
report-note = In your own words
report-send = Send the report
report-choose = Please choose what is wrong with it.
report-back = Back to the conversation
report-thanks-title = Thank you
report-thanks = We have received your report. A moderator will review it.
folded = Readers have reported this. A moderator will review it.

# Status of one’s own comment
comment-status-title = Status of your comment
comment-status-approved = Your comment is published.
comment-status-pending = Your comment is waiting for a moderator.
comment-status-spam = Your comment was marked as spam and is not shown.
comment-status-trash = A moderator decided not to show your comment.
comment-status-decided = Decided on
comment-status-note = The moderator says:
comment-status-held = It was held automatically. A moderator will review it.
comment-status-automatic = This was decided automatically. No moderator has reviewed it yet.
appeal-title = Appeal this decision
appeal-intro = If you think this is a mistake, you can appeal once. A moderator will read your message and reply here.
appeal-message = What should the moderator know?
appeal-send = Send appeal
appeal-sent-title = You appealed this decision
appeal-waits = A moderator has not replied yet. Bookmark this page to check later.
appeal-answered = A moderator has reviewed your appeal.

# The public log
public-log-title = Moderation log
public-log-intro = Every decision about a response, without names or texts.
public-log-when = When
public-log-from = From
public-log-to = To
public-log-undone = Undone
public-log-yes = yes
public-log-older = Older
state-pending = waiting
state-approved = shown
state-spam = spam
state-trash = removed
