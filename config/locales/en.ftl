# Every word around posts that a reader sees.

skip-to-content = Skip to content
site-navigation = Site
home = Home
feed = Feed
sign-in = Sign in
sign-out = Sign out
desk = Desk
queue = Queue
settings = Settings
edit-post = Edit this post
powered-by = Published with Rejoinder

by-author = by { $name }
no-posts-title = Nothing here yet
no-posts = The first post will appear on this page. The feed tells you when it does.
no-posts-found = No post here.
older-posts = Older posts
newer-posts = Newer posts
page-of = Page { $page } of { $pages }
paging = Pages
posts-tagged = Posts tagged “{ $name }”
posts-by = Posts by { $name }
posts-of-month = Posts from { $month }
tags = Tags
neighbours = Other posts
previous-post = Previous: { $title }
next-post = Next: { $title }

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
source-gone = The page is gone or no longer links here, since
mentioned-in = Mentioned in:
faces-likes = { $count ->
    [one] One like
   *[other] { $count } likes
}
faces-reposts = { $count ->
    [one] One repost
   *[other] { $count } reposts
}
faces-bookmarks = { $count ->
    [one] One bookmark
   *[other] { $count } bookmarks
}
faces-more = and { $count } more
face-like = { $name } likes this
face-repost = { $name } reposted this
face-bookmark = { $name } bookmarked this

mention-invite = Wrote about this on your own site? Send us the link.
mention-title = Send us your response
mention-intro = Did you write about one of our posts on your own site and link to it? Enter the address of your page. We check it, and show it under the post if it links there.
mention-source = The address of your page
mention-target = The address of our post
mention-send = Submit
mention-repeated = Thank you. This link was sent before. We will check the page again.

passport-title = Status of your linkback
passport-received = It has arrived. We will check your page in a moment. Come back to this address to see the result.
passport-checking = We could not read your page yet. We will try again a few times in the next hours. Check that its address is right and that the page is public.
passport-held = Your page links here: thank you. A moderator will review it. You don’t need to do anything.
passport-shown = Your page links here: thank you. It is shown under the post.
passport-not-shown = A moderator decided not to show it.
passport-unreadable = It is not shown: the page that links here could not be read. Check that its address is right and that the page is public, then send it again.
passport-no-link = It is not shown: the page does not link to our post. Publish the link first, as a real link to the whole address of the post, then send it again.
passport-too-long = It is not shown: we only read the first { $size } KiB of a page, and found no link to our post there. Move the link nearer the top, then send it again.
passport-own-page = It is not shown: the address leads to a page of this site. Links between our own posts are shown without being sent.
passport-failed = It is not shown: something went wrong on our side. Please send it again.
passport-closed = It is not shown: the post no longer accepts linkbacks.
passport-withdrawn = It was here once. The page is gone or no longer links here, so it is no longer shown. If the page comes back, send it again, and a moderator will look at it.
passport-see = See it there
passport-source = Your page
passport-target = Our post
passport-received-at = Received
passport-checked-at = Last checked
passport-gone-since = Gone since
passport-json = View as JSON
permalink-of = permalink of the response by { $name }
pending-note = Waiting for a moderator. Only you can see this, at this address. It will appear here for everyone once it is approved. You don’t need to do anything.
received-title = Thank you, your comment has arrived.
received-pending = It is waiting for a moderator. Keep this page’s address to check on it later.

respond-title = Leave a comment
respond-to-title = Reply to { $name }
respond-cancel = Cancel reply
respond-quote = You are replying to:
respond-kept = We restored what you typed. It has not been sent yet.
respond-closed = Comments are closed.
respond-first = A first comment appears once a moderator has approved it.
respond-all = Comments appear once a moderator has approved them.
respond-as = Commenting as { $name }.
field-name = Name
field-email = E-mail
field-email-hint = never shown
field-url = Website
field-optional = optional
field-comment = Comment
field-comment-hint = You can use Markdown: *emphasis*, **strong**, > quote, [link](https://…)
field-trap = Leave this empty
button-send = Send comment
button-preview = Preview
scroll-code = Code
scroll-table = Table
preview-title = Preview
preview-note = This is how your comment will look. It has not been sent yet.

problems-title = { $count ->
    [one] Please fix one problem, then send again:
   *[other] Please fix { $count } problems, then send again:
}
problem-missing = Please fill this in.
show-whole = Show the whole text
whole-title = Response by { $name }
whole-back = Back to its place in the conversation
problem-invisible = This would look empty to readers. Please write some text.
problem-too-long = Please shorten this to at most { $max } characters.
problem-too-short = Please write at least { $min } characters.
problem-not-an-email = This is not an e-mail address, such as name@example.org.
problem-not-a-url = This is not a web address, such as https://example.org.
problem-name-of-staff = A member of this site’s staff uses this name. Please add something to yours, such as a last name. If this is you, sign in first.
problem-duplicate = You have already posted this. To post something else, change the text and send it again.
problem-closed = This post no longer accepts comments.
problem-parent-gone = The comment you are replying to is gone. Your text is kept: send it again to post it as a new comment.
problem-too-fast = { $seconds ->
    [one] That was quick. Please wait one second, then send again.
   *[other] That was quick. Please wait { $seconds } seconds, then send again.
}
problem-looks-automatic = A field that people do not see was filled in, perhaps by a helper that fills forms. Your text is kept: please send it again.
problem-not-text = This holds a character that cannot be stored. Please remove it.

error-not-found-title = Page not found
error-not-found = There is no page at this address. It may have been moved or mistyped.
error-gone-title = This post is gone
error-gone = It was here once, and has been taken down.
error-forbidden-title = You don’t have access
error-sign-in-title = Please sign in
error-conflict-title = This changed in the meantime
error-too-many-title = Too many attempts
error-too-many = { $seconds ->
    [one] Please wait one second, then try again.
   *[other] Please wait { $seconds } seconds, then try again.
}
error-unavailable-title = Not possible right now
error-internal-title = Something broke on our side
error-internal = The error has been logged. Try again in a moment. If it happens again, send the people who run this site the code below.
error-invalid-title = Please fix this
error-too-large-title = That was too much
error-too-large = What you sent is larger than this site accepts, so it could not be kept here. Your browser still has it: go back, shorten it, and send it again.
error-too-slow-title = That took too long
error-too-slow = What you sent did not arrive in time. Go back and send it again.
error-no-room = The site is busy right now. Go back and try again in a moment.
error-broken-title = This request could not be read
error-broken = What arrived is not a complete request. Go back and send it again.
error-not-text = Your text contains a character we cannot store, so nothing was saved. Remove it and send it again.
error-cross-site-title = This did not come from here
error-cross-site = The form was sent by a page of another site, so nothing was done. Open the page here and send it again.
error-code = Code for the people who run this site: { $code }
error-method-title = Method not allowed
error-method = This address does not take that kind of request.
error-timeout = The site did not answer in time. Try again in a moment.
kept-title = Your text is kept
kept-again = It has not been stored yet. Keep this page open, and send it again in a moment.
kept-sign-in = It has not been stored yet. Sign in again in another tab, then come back to this page and send it.
kept-copy = It has not been stored. You can copy it from here.
kept-text = What you wrote
kept-send = Send again
error-next-home = Go to the home page
error-next-sign-in = Sign in

# Bursts, refusals
problem-busy = The comments are very busy right now. Your text is kept: please wait { $seconds ->
    [one] one second
   *[other] { $seconds } seconds
  } and press “Send comment” again.
busy-done = You can post now, without waiting.
problem-refused = We couldn’t post your comment. Your text is kept here, so that you can copy it.

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
report-thanks = Your report has arrived. A moderator will look at it.
folded = Readers have reported this. A moderator will look at it.

# Status of one’s own comment
statement-title = Status of your comment
statement-approved = Your comment is published.
statement-pending = Your comment is waiting for a moderator.
statement-spam = Your comment was marked as spam and is not shown.
statement-trash = A moderator decided not to show your comment.
statement-decided = Decided on
statement-why = The moderator says:
statement-by-rule = This was decided automatically. No moderator has reviewed it yet.
appeal-title = Ask for a second look
appeal-intro = If you think this is a mistake, you can ask once. A moderator will read it and answer here.
appeal-words = What should the moderator know?
appeal-send = Ask for a second look
appeal-sent-title = You asked for a second look
appeal-waits = A moderator has not answered yet. Keep this page’s address.
appeal-answered = A moderator has looked at it again.

# The public log
public-log-title = What moderators decided
public-log-intro = Every decision on a response, without names and texts.
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
