### Errors for operators: start-up, settings, database, jobs


## Jobs
job-running = Job { $job } is running right now.
job-done = Job { $job } is already done.
job-timeout = The job took longer than { $seconds } seconds.

## Listening
listen-port-taken = The address { $address } is already in use. Stop the program that is using it, or choose another port with server.listen, such as REJOINDER_SERVER__LISTEN=127.0.0.1:8081.
listen-permission-denied = This user isn’t allowed to listen on { $address }. Choose a port above 1023 in server.listen.
listen-failed = Can’t listen on { $address }: { $error }. Check server.listen.

## Posts from files
post-file-slug-moved = The post with this slug is now at { $slug }. Use that slug to update it.

## Start-up and load
site-busy = The site is very busy right now. Try again in a moment.
media-settings-unusable = Can’t use the settings in [media]: { $error }
mail-settings-unusable = Can’t use the settings in [mail]: { $error }
linkbacks-resolver-unusable = Can’t use the setting linkbacks.resolver: { $value } isn’t an address with a port, such as 127.0.0.1:53.
linkbacks-fetch-allow-unusable = Can’t use the setting linkbacks.fetch_allow: { $error }

## Kinds of job
job-verify-linkback = Verify a linkback
job-recheck-source = Recheck the source of a shown linkback
job-send-linkbacks = Find the sites that a post links to
job-deliver-linkback = Send a linkback to another site
job-run-bulk-task = Apply a bulk action to responses
job-check-for-spam = Ask the external spam checker
job-notify-moderators = Prepare emails about held responses
job-email-held = Email a moderator about held responses
job-learn = Learn from decisions
job-render-posts = Render posts again
job-publish-post = Publish a scheduled post
job-render-pictures = Render posts with pictures again
job-fetch-link-card = Fetch the page behind a link card
job-unknown = Unknown job from another version

## The database
database-newer = This database was made by a different, probably newer version of Rejoinder: this one does not know its step { $step }. Start the version that made it, or restore a backup made by this one.
database-unreachable = Can’t reach the database at { $url }. Check database.url, and that PostgreSQL is running and accepts this user. ({ $error })
database-not-opened = Can’t open the database { $url }. Check database.url, the folder’s permissions and the free disk space. ({ $error })
database-no-folder = Can’t create the folder for { $url }: { $error }
database-no-answer = The database does not answer. Try again in a moment.
database-disk-full = The site’s disk is full, so nothing can be saved right now. Contact the people who run the site, and try again later.
database-busy = This could not be saved right now. Try again in a moment.
conflict-stored-already = Someone else saved the same thing at the same time. Reload the page, then try again.
conflict-tag = The tag “{ $name }” could not be created right now. Try again.
