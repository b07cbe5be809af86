### Linkbacks: their endpoints, their status, and those that this site sends

## The form for readers who wrote about a post on their own site

mention-invite = Wrote about this on your own site? Send us the link.
mention-title = Send us your response
mention-intro = If you wrote about one of our posts on your own site and linked to it, enter the address of your page. We’ll check the link and show your page under the post.
mention-source = Address of your page
mention-target = Address of our post
mention-send = Submit
mention-repeated = Thank you. We already have this link and will check your page again.
webmention-received = Thank you. We will check your webmention. Follow its status at { $url }

## The status of a linkback

linkback-status-title = Status of your linkback
linkback-status-received = We have received it and will check your page shortly. Come back to this page to see the result.
linkback-status-checking = We couldn’t read your page yet. We will try again over the next few hours. Check that its address is right and that the page is public.
linkback-status-held = Thank you for linking here. A moderator will review your linkback. You don’t need to do anything.
linkback-status-shown = Thank you for linking here. Your linkback is shown under the post.
linkback-status-not-shown = A moderator decided not to show your linkback.
linkback-status-unreadable = It is not shown because we couldn’t read your page. Check that its address is right and that the page is public, then send it again.
linkback-status-no-link = It is not shown because your page does not link to our post. Add a link to the full address of the post, then send it again.
linkback-status-too-long = It is not shown because we found no link to our post in the first { $size } KB of your page, and we don’t read further. Move the link closer to the top, then send it again.
linkback-status-own-page = It is not shown because the address leads to a page on this site. Links between our own posts appear automatically.
linkback-status-failed = It is not shown because something went wrong on our side. Please send it again.
linkback-status-closed = It is not shown because the post no longer accepts linkbacks.
linkback-status-withdrawn = It is no longer shown because your page is gone or no longer links here. If you restore the link, send it again and a moderator will review it.
linkback-status-see = View it under the post
linkback-status-source = Your page
linkback-status-target = Our post
linkback-status-received-at = Received
linkback-status-checked-at = Last checked
linkback-status-gone-since = Gone since
linkback-status-json = View as JSON

## Why a linkback is rejected, for its sender

linkback-error-source-unreadable = The source page could not be read. Check that its address is right and that the page is public.
linkback-error-target-gone = The target page no longer exists.
linkback-error-target-unknown = The target is not a post on this site that accepts linkbacks.
linkback-error-target-closed = The target no longer accepts linkbacks.
linkback-error-own-page = The source is a page on this site. Links between our own posts appear automatically.
linkback-error-same-page = The source and the target are the same page.
linkback-error-already-received = This link is already registered.
linkback-error-sender-blocked = This site does not accept linkbacks from your network.
linkback-error-rate-limited = Too many linkbacks: wait { $seconds ->
    [one] one second
   *[other] { $seconds } seconds
  }, then try again.
linkback-error-no-link = The source page does not link to the target page. Add the link, then send this again.
linkback-error-too-long = The part of the source page that we read does not link to the target page. Move the link closer to the top, then send this again.
linkback-error-failed = Something went wrong on our side. Send this again.

webmention-error-too-long = The request is longer than this server accepts.
webmention-error-source-missing = The source field is missing. Enter the address of the page that contains the link.
webmention-error-target-missing = The target field is missing. Enter the address of the page that it links to.
webmention-error-repeated = The request must contain each of the fields source and target exactly once.
webmention-error-source-invalid = The source must be an http or https address of at most { $max } bytes without a user name.
webmention-error-target-invalid = The target must be an http or https address of at most { $max } bytes without a user name.

trackback-error-not-a-form = The request must be of the type application/x-www-form-urlencoded.
trackback-error-too-long = The request has too many fields, or fields that are too long.
trackback-error-url-missing = The url field is missing. It must be the address of the page that links here.

## What happened to an outgoing linkback, for the author of the post

delivery-rate-limited = We have reached our limit on requests to this site for now.
delivery-unreachable = The site could not be reached.
delivery-status = It answered with status { $status }.
delivery-bad-address = Its address is not valid.
delivery-busy = This site was too busy to read the page.
delivery-no-endpoint = The page does not say where to send linkbacks.
delivery-no-endpoint-within-limit = The part of the page that we read does not say where to send linkbacks.
delivery-answer-lost = The answer was lost, so we do not know if the linkback arrived.
delivery-not-pingback = Its answer is not a pingback response.
delivery-not-trackback = Its answer is not a trackback response.
delivery-refused = It refused the linkback and gave no reason.
delivery-failed = Something went wrong on our side, so the linkback was not sent.
