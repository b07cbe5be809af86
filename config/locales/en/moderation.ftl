### Rules, reasons, statistics, emails to moderators

# Decisions
undo-expired = This was decided more than 30 days ago and can no longer be undone. To change it, decide on each response again.
task-too-many = { $max ->
    [one] A task is already running. Wait until it is done.
   *[other] { $max } tasks are already running. Wait until one of them is done.
}
task-given-up = This failed five times in a row: { $error }.
edit-linkback = A linkback shows the text of its page and can’t be edited here. Ask the page’s author to change it.
decision-by-email = Decided by email
spam-checker-name = External spam checker

# Sender policies
policy-not-a-domain = Enter a domain, such as mail.example.
policy-not-a-network = Enter a network, such as 192.0.2.0/24. Very wide networks are not allowed.
policy-not-a-host = Enter a host, such as blog.example.

# Rules
rule-not-a-number = “{ $typed }” is not a number. Use digits only, or leave the field empty.
rule-not-a-priority = “{ $typed }” is not a priority. Enter a number, such as 100.
rule-not-a-network = “{ $typed }” is not a network. Enter an address, or a network such as 192.0.2.0/24.
rule-no-action = Choose what the rule does.
rule-too-slow = This rule is too slow on some texts. Use a simpler pattern, smaller numbers in braces or fewer words.
rule-too-many = A site can have at most { $max } rules. Combine several into one list.
rule-empty = Set at least one condition.
rule-list-too-long = A list can have { $entries } entries of up to { $characters } characters each.
rule-pattern-too-complex = The pattern is too complex: with all its repetitions it has { $count } positions, but only { $max } are allowed. Use smaller numbers in braces, or + and *.
rule-pattern-too-large = The pattern needs too much memory. Use smaller numbers in braces.
rule-pattern-invalid = The pattern is not valid: { $error }

# Emails about held responses
held-email-subject = { $count ->
    [one] One response is waiting for you
   *[other] { $count } responses are waiting for you
}
held-email-from = From: “{ $name }”
held-email-post = On: “{ $title }”
held-email-decide = Decide: { $link }
held-email-more = More responses are waiting.
held-email-queue = View the whole queue: { $link }
held-email-failed = Couldn’t email { $name }: { $error }

# What held a response, in the statistics
statistics-rule-hold-all = All responses are held
statistics-rule-first-response = First response
statistics-rule-many-links = Many links
statistics-rule-many-outbound-links = Links to many sites
statistics-rule-bare-link = Link without text
statistics-rule-title-is-blog-name = Title is the blog’s name
statistics-rule-excerpt-not-on-page = Excerpt not on the page
statistics-rule-other-language = Other language
statistics-rule-removed-before = Removed before
statistics-rule-site = Site rule
statistics-rule-blocked = Blocked
statistics-rule-always-held = Always held
statistics-rule-unproven-identity = Unproven name or address
statistics-rule-filter = Filter
statistics-rule-burst = Burst
statistics-rule-spam-checker = External spam checker
