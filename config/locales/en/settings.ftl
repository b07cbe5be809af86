# The settings that have defaults in the settings file

setting-from-file = from the settings file
setting-changed = changed here; the settings file says { $default }
setting-hint = { $hint }; { $origin }
setting-label = { $label } ({ $origin })
setting-range = { $min } to { $max }
setting-days-range = { $min } to { $max }, or 0 for never
setting-risk-range = { $min } to { $max }, or 0 for never; a lower number holds more
setting-yes = yes
setting-no = no
setting-default = as in the settings file
setting-use-defaults = Use the settings file again
setting-defaults-note = This removes everything that was changed on this page. You can undo it.
problem-number-range = Enter a whole number from { $min } to { $max }.

# General
general-title = General
field-time-zone = Time zone
time-zone-note = Used for dates on pages and for new posts. The addresses of posts that already have a date do not change.
field-language = Language
field-posts-per-page = Posts per page
field-feed-entries = Entries in each feed

# Discussion
discussion-title = Discussion
discussion-moderation = Moderation
discussion-comments = Comments
discussion-linkbacks = Linkbacks
field-moderation = Comments to hold for review
moderation-mode-none = None, unless a rule or the spam filter holds them
moderation-mode-first = From people with no approved comment yet
moderation-mode-all = All
field-max-links = Hold responses with more links than
field-hold-at-risk = Hold responses with a spam risk of at least
field-public-log = Show readers a log of what was decided and why, without names or texts
field-max-length = Maximum comment length, in characters
field-max-depth = Levels of replies
field-responses-per-page = Responses per page
field-close-comments = Days until comments on a post close
field-accept-linkbacks = Accept pingbacks, trackbacks and webmentions from other sites
field-close-linkbacks = Days until linkbacks to a post close
field-send-linkbacks = Notify other sites that posts link to

# Email
mail-title = Email
field-from-name = Sender’s name
field-from-address = Sender’s email address
field-digest-minutes = Minutes between emails to moderators
mail-digest-hint = responses held within this time go into one email; 1 to { $max }, or 0 for no emails
mail-test-title = Test email
mail-test-note = Sends an email to { $address } with the settings as saved.
mail-test-button = Send a test email
mail-test-sent = The mail server accepted the test email to { $address }. Check that it arrives and is not in the spam folder.
mail-test-not-sent = The test email was not sent.
mail-test-failed = { $error }. Check the mail server and its password in the settings file.
mail-test-timeout = The mail server did not answer within { $seconds } seconds.
mail-test-subject = Test email from your site
mail-test-text = This is a test: { $site } can send email.
mail-off = No emails are sent because no mail server is set in the settings file. Ask your operator to set mail.server.
