### Problems and errors of posts, comments and accounts

## Fields to fix

problem-of-field = { $field }: { $problem }
problem-missing = Please fill this in.
problem-invisible = This would look empty to readers. Please write some text.
problem-too-long = Please shorten this to at most { $max } characters.
problem-too-short = Please write at least { $min } characters.
problem-not-an-email = Enter an email address, such as name@example.org.
problem-not-a-url = Enter a web address, such as https://example.org.
problem-name-of-staff = A member of this site’s staff uses this name. Please add something to yours, such as a last name. If this is you, sign in first.
problem-duplicate = You have already posted this. To post something else, change the text and send it again.
problem-closed = This post no longer accepts comments.
problem-parent-gone = The comment you are replying to is gone. Your text is kept: send it again to post it as a new comment.
problem-too-fast = { $seconds ->
    [one] That was quick. Please wait one second, then send again.
   *[other] That was quick. Please wait { $seconds } seconds, then send again.
}
problem-looks-automatic = A hidden field was filled in, perhaps by your browser’s autofill. Your text is kept: please send it again.
problem-not-text = This contains a character that cannot be stored. Please remove it.
problem-refused-by-rule = { $message }
problem-not-a-date = Enter a date, such as 2026-11-23 or 2026-11-23T09:30.
problem-not-a-slug = Use only lowercase letters, digits and single hyphens.
problem-not-a-choice = Choose one of the options.
problem-taken = This is already in use. Please choose another.
problem-wrong-credentials = Wrong email address or password.
problem-refused = We couldn’t post your comment. You can still copy your text from here.
problem-busy = { $seconds ->
    [one] The comments are very busy right now. Your text is kept: please wait one second and press “Send comment” again.
   *[other] The comments are very busy right now. Your text is kept: please wait { $seconds } seconds and press “Send comment” again.
}

## Posts

slug-reserved = “/{ $slug }/” is an address that Rejoinder uses itself. Choose another slug.
slug-reserved-year = “/{ $slug }/” is an address of the archives. Choose another slug.
post-kind-fixed = This slug is in use, and a post cannot become a page, nor a page a post. Choose another slug.
post-no-parent = Only a page can have a parent page. Remove the parent.
page-no-date = A page has no date. Remove it.
page-no-tags = A page has no tags. Remove them.
page-parent-unknown = The parent page does not exist. Choose another one.
page-parent-in-trash = The parent page is in the trash. Restore it, or choose another one.
page-parent-below = A page cannot be its own parent, or be below itself. Choose another parent page.
page-too-deep = Pages can be nested at most { $max } levels deep. Choose a parent page further up.
post-empty = There is nothing to save yet. Write a title or some text.
tags-too-many = Use at most { $max } tags.
tag-too-long = A tag can have at most { $max } characters. Shorten “{ $start }…”.
date-skipped = { $time } does not exist in { $zone }, because the clocks go forward. Choose a time an hour earlier or later.
date-skipped-here = { $time } does not exist in the site’s time zone, because the clocks go forward. Choose a time an hour earlier or later.
slug-taken-by-post = Another post has this slug. Choose another one.
slug-taken-by-draft = A draft has this slug. Choose another one.
slug-taken-by-trash = A post in the trash has this slug. Restore that post, delete it permanently, or choose another slug.
slug-taken-by-redirect = This slug belonged to a post that now has the slug { $slug }, and old links lead there. Choose another slug.

## Comments

conflict-appeal = You can appeal once, and only while your comment is not shown.

## Accounts

conflict-bio = Someone else changed the description in the meantime. It is shown above your text.
conflict-last-administrator = This is the last administrator. Make someone else an administrator first.
unavailable-many-sign-ins = Many people are signing in right now. Try again in a few seconds.

## Permissions

forbidden-write-own-posts = You don’t have permission to write posts.
forbidden-publish-own-posts = You don’t have permission to publish posts. Ask an editor to publish it.
forbidden-write-any-post = You don’t have permission to change other people’s posts.
forbidden-moderate-own-posts = You don’t have permission to moderate responses.
forbidden-moderate = You don’t have permission to moderate responses to other people’s posts.
forbidden-set-rules = You don’t have permission to set rules for responses and senders.
forbidden-see-addresses = You don’t have permission to see people’s email and network addresses.
forbidden-manage-accounts = You don’t have permission to manage accounts.
forbidden-change-settings = You don’t have permission to change the site’s settings.
