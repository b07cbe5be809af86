### The queue and its pages

# Shared
back-to-queue = Back to queue
back-to-log = Back to log
back-to-rules = Back to rules
back-to-response = Back to response
queue-undo = Undo
queue-note = Reason

queue-state-approved = approved
queue-state-spam = spam
queue-state-trash = trash
queue-state-pending = pending

queue-kind-comment = comment
queue-kind-pingback = pingback
queue-kind-trackback = trackback
queue-kind-webmention = webmention

queue-mention-reply = reply
queue-mention-mention = mention
queue-mention-like = like
queue-mention-repost = repost
queue-mention-bookmark = bookmark

queue-report-spam = spam or advertising
queue-report-abuse = harassment
queue-report-private = private information
queue-report-off-topic = off-topic
queue-report-other = something else

# The queue
queue-title = Queue
queue-tabs = Responses
queue-tab-pending = Pending
queue-tab-approved = Approved
queue-tab-spam = Spam
queue-tab-trash = Trash
queue-tab-reported = Reported
queue-tab-appeals = Appeals
queue-next-page = Next page
queue-claimed = { $name } is looking at this.
queue-live-approved = Someone else approved this.
queue-live-spam = Someone else marked this as spam.
queue-live-trash = Someone else moved this to trash.
queue-live-pending = Someone else held this.
queue-live-gone = This no longer exists.

queue-no-pending-title = You’re all caught up
queue-no-pending = New responses that need review will appear here, oldest first, with the reason they were held.
queue-no-approved = No approved responses yet.
queue-no-spam = No spam.
queue-no-trash = The trash is empty.
queue-no-reported = No reported responses to review.
queue-no-appeals = No appeals to review.
queue-no-match = Nothing matches this filter.
queue-show-all = Show all

# Deciding
queue-move-approved = Approve
queue-move-spam = Mark as spam
queue-move-trash = Move to trash
queue-move-pending = Hold
queue-keep = Keep
queue-move-of = { $move }: { $name }
queue-trust = Trust { $subject }

queue-select-all = All on this page
queue-selected-approved = Approve selected
queue-selected-spam = Mark selected as spam
queue-selected-trash = Move selected to trash
queue-selected-pending = Hold selected

queue-all-matching = All { $count } matches
queue-many-matching = All { $count } or more matches
queue-all-matching-hint = This includes responses on other pages. You will be asked to confirm.
queue-all-approved = Approve all { $count }
queue-all-spam = Mark all { $count } as spam
queue-all-trash = Move all { $count } to trash
queue-all-pending = Hold all { $count }

queue-confirm-approved = { $count ->
    [one] Approve one response?
   *[other] Approve { $count } responses?
}
queue-confirm-approved-button = { $count ->
    [one] Approve one response
   *[other] Approve { $count } responses
}
queue-confirm-spam = { $count ->
    [one] Mark one response as spam?
   *[other] Mark { $count } responses as spam?
}
queue-confirm-spam-button = { $count ->
    [one] Mark one response as spam
   *[other] Mark { $count } responses as spam
}
queue-confirm-trash = { $count ->
    [one] Move one response to trash?
   *[other] Move { $count } responses to trash?
}
queue-confirm-trash-button = { $count ->
    [one] Move one response to trash
   *[other] Move { $count } responses to trash
}
queue-confirm-pending = { $count ->
    [one] Hold one response?
   *[other] Hold { $count } responses?
}
queue-confirm-pending-button = { $count ->
    [one] Hold one response
   *[other] Hold { $count } responses
}
queue-confirm-matching = This includes everything in “{ $state }” that matches the filter, on every page. It runs in the background. You can undo it for 30 days.
queue-confirm-all = This includes everything in “{ $state }”, on every page. It runs in the background. You can undo it for 30 days.

queue-done-approved = { $count ->
    [one] One response approved.
   *[other] { $count } responses approved.
}
queue-done-spam = { $count ->
    [one] One response marked as spam.
   *[other] { $count } responses marked as spam.
}
queue-done-trash = { $count ->
    [one] One response moved to trash.
   *[other] { $count } responses moved to trash.
}
queue-done-pending = { $count ->
    [one] One response held.
   *[other] { $count } responses held.
}
queue-done-undone = { $count ->
    [one] One response moved back.
   *[other] { $count } responses moved back.
}
queue-not-moved = { $count ->
    [one] One was not moved because someone else already decided on it, or it no longer exists.
   *[other] { $count } were not moved because someone else already decided on them, or they no longer exist.
}
queue-nothing-selected = Nothing was moved because no responses were selected. Select some, or “All on this page”, then try again.
queue-nothing-matches = Nothing was moved because no responses match the filter any more.
queue-incomplete-form = This form was incomplete. Go back to the queue, reload it and try again.

# Filter
queue-filter = Filter and sort
queue-filter-matches = Filter and sort: { $count ->
    [one] one match
   *[other] { $count } matches
}
queue-filter-many-matches = Filter and sort: { $count } or more matches
queue-filter-text = Text
queue-filter-email = Email address
queue-filter-ip = IP address
queue-filter-kind = Kind
queue-filter-any-kind = any kind
queue-filter-check = Held by
queue-filter-any-check = any check
queue-filter-order = Sort by
queue-filter-apply = Apply
queue-filter-clear = Clear filter
queue-order-oldest = oldest first
queue-order-newest = newest first
queue-order-risk = highest risk first
queue-check-first-response = first response
queue-check-many-links = many links
queue-check-rule = a site rule
queue-check-filter = spam filter
queue-check-burst = burst
queue-check-always-held = always held

# Keyboard shortcuts
keys-title = Keyboard shortcuts
keys-next = next, previous
keys-approve = approve
keys-spam = mark as spam
keys-trash = move to trash
keys-hold = hold
keys-undo = undo the last action
keys-reply = reply
keys-edit = edit
keys-open = open the history
keys-profile = open the profile
keys-select = select
keys-show = show these shortcuts
keys-switch = Use keyboard shortcuts in this browser
keys-hint = Shortcuts need JavaScript. Without it, use Tab and Enter: after each decision, the focus moves to the next response.

# Bursts
burst-on-site = There is a burst of responses on the whole site.
burst-on-post = There is a burst of responses on “{ $title }”.
burst-on-a-post = There is a burst of responses on one post.
burst-consequence = Since { $since }, everything there has been held and guests have been slowed down. The burst ends by itself when things calm down, at { $until } at the earliest.
burst-view-post = View post
burst-view-responses = View its responses
burst-end = End it now
burst-ended = The burst has ended. New responses are checked as usual again.

# A response in a list
entry-why = Why?
entry-reasons = Why it is held
entry-reports = Reported by readers
entry-report = Reported: { $reason }
entry-report-upheld = (a moderator agreed)
entry-report-rejected = (a moderator disagreed)
entry-appeal = The sender appealed:
entry-appeal-answer = Answer:
entry-reply-to = in reply to { $name }
entry-parent = in reply to #{ $id }
entry-post = on “{ $title }”
entry-source = at { $url }
entry-view = View response
entry-risk = risk { $percent }%
entry-profile = Profile
entry-profile-of = Profile of { $name }
entry-profile-record = Profile: { $record }

# Why a response was held
reason-hold-all = The site holds every response.
reason-first-response = Nothing from this sender has been approved yet.
reason-many-links = { $count ->
    [one] One link in the text.
   *[other] { $count } links in the text.
}
reason-many-outbound-links = { $count ->
    [one] One link to other sites on its page.
   *[other] { $count } links to other sites on its page.
}
reason-bare-link = The link is in a list of links, with no text around it.
reason-title-is-blog-name = Its title is the name of its blog.
reason-excerpt-elsewhere = Its excerpt is not on its page.
reason-came-back = Its page had removed the link before.
reason-other-language = Its page is in another language.
reason-other-language-found = Its page is in another language: { $found }.
reason-blocked = Blocked.
reason-blocked-found = Blocked: { $found }.
reason-always-held = Always held.
reason-always-held-found = Always held: { $found }.
reason-unproven = It uses the name or address of a staff member, or of someone who is always approved, with no proof that it comes from them.
reason-burst = It arrived during a burst of responses.
reason-spam-checker = The external spam checker has not answered.
reason-spam-checker-found = The external spam checker says: { $found }.
reason-filter = The spam filter rates it { $percent }% likely to be spam.
reason-rule = Rule “{ $name }”.
reason-rule-found = Rule “{ $name }”: { $found }.
reason-rule-place = Rule “{ $name }” { $place }.
reason-rule-place-found = Rule “{ $name }” { $place }: { $found }.
reason-place-author = in the name
reason-place-email = in the email address
reason-place-url = in the website address
reason-place-network = in the IP address
reason-place-text = in the text
reason-place-source = on its page
reason-place-post = by the age of the post

# One response
response-title = Response #{ $id }
response-note-hint = optional; the sender can read it, too
response-history = History
response-no-decisions = No decisions yet.
response-reply = Reply on “{ $title }”
response-reply-text = Your reply
response-reply-hint = Markdown; published under your name
response-reply-approves = This also approves the response.
response-reply-send = Send reply
response-reply-sent = Your reply is published.
response-edit = Edit
response-edit-text = Text
response-edit-hint = Markdown; the original is kept
response-edit-save = Save
response-edit-saved = The text was saved. You can restore an earlier version under “History”.
response-edited = Edited by { $name }, { $time }
response-before-edit = Before this edit:
response-restore = Restore this text

# The log
log-title = Decision log
log-empty = No decisions yet. Every decision will be listed here: who decided what, and when.
log-older = Older
log-table = Decisions
log-when = When
log-who = Who
log-response-heading = Response
log-from = From
log-to = To
log-undo = Undo
log-response = Response #{ $id }
log-is-undo = undo
log-undone = undone
log-undo-named = Undo: response #{ $id } to { $to }
log-undo-several = Undo (one of { $count })…
log-undo-several-named = Undo: response #{ $id }, or all { $count } that were decided together

# Undoing a decision
undo-title = Undo a decision
undo-decided = { $count ->
    [one] One response, moved by { $name }, { $time }.
   *[other] { $count } responses, moved together by { $name }, { $time }.
}
undo-response = Response #{ $id } was moved from { $from } to { $to }.
undo-open-response = Open the response
undo-already = { $count ->
    [one] Already undone: one response.
   *[other] Already undone: { $count } responses.
}
undo-moved-again = { $count ->
    [one] Since moved again: one response. It stays where it is now.
   *[other] Since moved again: { $count } responses. They stay where they are now.
}
undo-nothing-left = There is nothing left to undo.
undo-one = Undo only #{ $id }
undo-all = { $count ->
    [one] Undo
   *[other] Undo all { $count }
}

# Links in emails
email-link-title = Decide on a response
email-link-post = on “{ $title }”
email-link-held-again = This link has already been used, and the response has been held again since then. Decide on it in the queue.
email-link-already-approved = Already decided: it is approved.
email-link-already-spam = Already decided: it is marked as spam.
email-link-already-trash = Already decided: it is in the trash.
email-link-done-title = Decision saved
email-link-done-approved = The response was approved. You can undo this from the log for 30 days.
email-link-done-spam = The response was marked as spam. You can undo this from the log for 30 days.
email-link-done-trash = The response was moved to trash. You can undo this from the log for 30 days.
email-link-used = This was already decided, so nothing was changed. A link in an email works only once.
email-link-queue = Open the queue

# Tasks on many responses
task-running = In progress: { $seen } of { $total }
task-progress = Progress
task-title-approved = Approving all matches
task-title-spam = Marking all matches as spam
task-title-trash = Moving all matches to trash
task-title-pending = Holding all matches
task-title-undo = Undoing
task-title-test = Test of “{ $name }”
task-so-far = { $seen } of { $total } so far. You can close this page; the work will continue.
task-done = Done: { $moved } moved, { $left } not moved.
task-test-done = { $count ->
    [one] Done: one past response checked.
   *[other] Done: { $count } past responses checked.
}
task-stopped = This stopped after { $seen } of { $total }.
task-stopped-moved = { $count ->
    [one] One response was moved. It stays moved unless you undo this.
   *[other] { $count } responses were moved. They stay moved unless you undo this.
}
task-retry = Continue
task-undo-hint = possible for 30 days, also from the log

# Rules
rules-title = Rules
rules-intro = Each response is checked against these rules, lowest priority number first. The first priority with a matching rule decides; if several rules of that priority match, the strictest action applies. Approved, held and blocked senders are checked before any rule.
rules-none = No rules yet. The built-in checks and the spam filter still hold what needs review.
rules-write-first = Write your first rule
rules-priority = Priority
rules-rule = Rule
rules-action = Action
rules-matches = Matches
rules-changed = Changed
rules-changed-by = { $day }, { $name }
rules-actions = Actions
rules-off = off

rule-action-approve = approve
rule-action-hold = hold
rule-action-spam = mark as spam
rule-action-refuse = refuse
rule-switch-on = Turn on
rule-switch-on-named = Turn on: { $name }
rule-switch-off = Turn off
rule-switch-off-named = Turn off: { $name }
rule-delete = Delete
rule-delete-named = Delete: { $name }
rule-saved = The rule was saved. It applies to new responses from now on.
rule-switched-on = The rule was turned on.
rule-switched-off = The rule was turned off. It no longer applies to new responses.
rule-deleted = The rule was deleted.
rule-delete-confirm = Delete this rule?
rule-delete-consequence = The rule “{ $name }” will be deleted permanently. To pause it, turn it off instead.
rule-delete-button = Delete rule

rule-new-title = New rule
rule-edit-title = Edit rule
rule-name = Name
rule-name-hint = shown to moderators with the responses that it holds
rule-conditions = Match responses that meet all of these
rule-conditions-hint = Empty fields are ignored. In a list, any line can match.
rule-number-hint = a number
rule-words = Words or phrases
rule-words-hint = whole words in the text, the name or the website; one per line
rule-pattern = Pattern
rule-pattern-hint = a regular expression, such as v[i1]agra
rule-min-links = Minimum number of links
rule-hosts = Link hosts
rule-hosts-hint = such as shop.example; subdomains also match
rule-emails = Email addresses
rule-emails-hint = or @mail.example for a whole domain
rule-names = Sender names
rule-names-hint = whole names
rule-networks = Networks
rule-networks-hint = of comments and trackbacks, such as 192.0.2.0/24
rule-languages = Languages
rule-languages-hint = in English, such as Russian
rule-post-age = Minimum age of the post in days
rule-first-time = Only from senders with no approved responses
rule-kinds = Kinds
rule-kinds-hint = if none is selected, every kind matches
rule-action = Action
rule-message = Message to refused senders
rule-priority = Priority
rule-priority-hint = rules with a lower number are checked first; usually 100
rule-test = Test on past comments
rule-test-hint = Nothing changes yet. You’ll see what the rule would have done to the last { $count } responses, and can then save it.

rule-test-would-approve = The rule would approve what it matches.
rule-test-would-hold = The rule would hold what it matches.
rule-test-would-spam = The rule would mark what it matches as spam.
rule-test-would-refuse = The rule would refuse what it matches.
rule-test-count = It matches { $count } of these responses.
rule-test-table = Matches by decision
rule-test-decided = Moderators decided
rule-test-matches = Matches
rule-test-surprises = Moderators disagreed
rule-test-others = Other matches
rule-test-found = found { $place }
rule-test-failed = The test of this rule did not finish. Retry it, then save the rule.
rule-test-running = This rule is still being tested on past comments. Wait until the test is done.
rule-save = Save rule
rule-change = Edit
rule-discard = Discard

# Senders who are always approved, always held or blocked
senders-title = Senders
senders-intro = People and sites that are always approved, always held or blocked. If you remove an approval, the responses it approved go back to the queue. You can undo that.
senders-none = No one is approved, held or blocked yet. Open a profile from the queue, choose “Trust …” next to a linkback, or add an entry below.
senders-ended = Ended
sender-scope-email = email address
sender-scope-domain = everyone with an email address at
sender-scope-network = IP address or network
sender-scope-host = site
sender-scope-author = author of linkbacks
sender-policy-approve = always approved
sender-policy-hold = always held
sender-policy-block = blocked
sender-since = since { $since }, by { $name }
sender-since-until = since { $since }, by { $name }, until { $until }
sender-add-title = Add a sender
sender-add = Add
sender-added = The entry was added.
sender-type = Type
sender-value = Value
sender-action = Action
sender-duration = Duration
sender-duration-permanent = permanently
sender-duration-day = for a day
sender-duration-week = for a week
sender-duration-month = for a month
sender-duration-year = for a year
sender-note-hint = for the other moderators
sender-remove = Remove
sender-remove-named = Remove: { $subject }
sender-removed = The entry was removed.

# The profile of a sender
profile-known-by = Known by
profile-sent = Responses
profile-type = Type
profile-value = Value
profile-record = Record
profile-actions = Actions
profile-key-host = Host of their page
profile-key-browser = The same browser
profile-key-proven = proven
profile-key-email = Email address, as typed
profile-key-url = Website
profile-key-ip = IP address
profile-key-network = Network
profile-key-name = Similar names
profile-record-none = nothing yet
profile-record-approved = { $count } approved
profile-record-pending = { $count } pending
profile-record-spam = { $count } spam
profile-record-trash = { $count } in the trash
profile-change-open = Change status…
profile-change-named = Change status of { $subject }
profile-change = Change status
profile-clean-up-none = They have no published or pending responses to move.
profile-clean-up = { $count ->
    [one] Clean up: also move their published or pending response (one)
   *[other] Clean up: also move their published or pending responses ({ $count })
}
profile-clean-up-hint = Blocked: to the trash. Held: to the queue. Approved: published. You can undo this.
profile-clean-up-list = Show them
profile-clean-up-more = and { $count } more

# Statistics
statistics-title = Statistics
statistics-intro = The last { $days } days, in the site’s time zone.
statistics-waiting = How long responses waited for a moderator
statistics-90th-percentile = 90th percentile
statistics-median = median
statistics-minutes = minutes
statistics-by-hour = Decisions by hour of the day
statistics-by-weekday = Decisions by day of the week
statistics-by-rule = Outcomes by rule
statistics-spam-share = Share of spam in decided responses
statistics-filter = How well the spam filter predicts decisions
statistics-decisions = decisions
statistics-decided = decided
statistics-approved = approved
statistics-spam = spam
statistics-precision = precision: share of spam in what it would hold
statistics-recall = recall: share of spam that it would hold
statistics-percent = percent
statistics-hour = Hour
statistics-day = Day
statistics-monday = Mon
statistics-tuesday = Tue
statistics-wednesday = Wed
statistics-thursday = Thu
statistics-friday = Fri
statistics-saturday = Sat
statistics-sunday = Sun

plot-empty = No data yet. It will appear here as moderators decide.
plot-description = { $title }, as a chart. The table below has the same numbers.
plot-as-table = Show as a table
plot-column = { $series } ({ $unit })
plot-count = { $label }, { $series }: { $value }
plot-value = { $label }: { $value } { $unit }, { $series }
