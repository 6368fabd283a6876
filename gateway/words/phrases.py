"""The sentences of our mails. `{names}` are filled in by whoever writes the mail.

In this order: receipts, the cover page, received faxes, questions and refusals, notices. Sentences
about documents, rules and the like are said where they are found (`gateway.said`).
"""

from __future__ import annotations

GATEWAY = "Fax gateway"  # the display name in From

# --- Receipts ------------------------------------------------------------------------------------
SUBJECT_DELIVERED = "Fax delivered to {number}"
SUBJECT_FAILED = "Fax NOT delivered to {number}"
SUBJECT_DELAYED = "Fax to {number} is delayed and will be tried again"

DELIVERED = (
    "Your fax to {number} was delivered: {pages}, confirmed by {machine} on {moment}, {duration}."
)
FAILED = "Your fax to {number} was not delivered: {cause}."
NOT_PREPARED = "Your fax to {number} was not delivered: it could not be made into pages. {cause}."
DELAYED = "Your fax to {number} has not been delivered yet: {cause}."
NEXT_TRY = "The next try is on {moment}. You need do nothing; you will be told how it ends."
UNTIL = "We go on trying until {moment}."
MACHINE = '"{identity}"'
UNNAMED_MACHINE = "the receiving machine"

SUBADDRESSED = "{number}, subaddress {subaddress}"
SUBADDRESS_LOST = (
    "The other machine takes no subaddress, so the fax arrived without {subaddress}: please say on "
    "its first page, or tell them, whom it is for."
)
NAMED = "{name} ({number})"
NOT_AS_ASKED = (
    "Your fax to {number} was not sent: its subject asks for what cannot be done. {cause}"
)
ADVICE_OPTIONS = (
    "Nothing was sent rather than something you did not want. Please send it again with the words "
    "in the brackets put right, or without them. There are: {options}."
)
ASKED = "As the subject asked: {options}."

CANCELLED = "it was cancelled by an administrator"
CALL_MADE = "The call was on {moment}."
CALLS_MADE = "We made {calls}, the last on {moment}."
UNKNOWN_CAUSE = "the reason is not known"
UNKNOWN_REASON = "The reason is not known"
ADVICE_CANCELLED = "Please ask your administrator why."
ADVICE_DOCUMENT = "Please send it again without that part, or with the part as an ordinary PDF."
ADVICE_DO_SO = "Then send the mail again."
ADVICE_LOCKED = "Please save it without the password and send it again."
ADVICE_DAMAGED = (
    "Please open the document, print or save it as a new PDF, and send that; if it does not open "
    "for you either, ask whoever made it for a new copy."
)
ADVICE_BLANK = "Please attach the document again, and send the mail once more."
ADVICE_EMPTY = "Please write a text or attach a document, and send it again."
ADVICE_IN_DOUBT = "Please ask the recipient what has arrived, then send the rest again."
ADVICE_GENERAL = "Please send it again, or ask your administrator."
ADVICE_RULE = "Your administrator can change that; sending it again now will not help."

ALL_ARRIVED = "Every page was confirmed."
SOME_ARRIVED = "Of {pages}, {confirmed} arrived; not confirmed: {missing}."
NONE_ARRIVED = "No page was confirmed."
ONE_PAGE = "page {page}"
PAGE_RANGE = "pages {first} to {last}"
PAGE_LIST = "pages {pages}"
MAYBE_ARRIVED = "{pages} may have been printed all the same."
PARTS_LEFT_OUT = "Not all of your mail was sent. {reasons}"

TITLE = "Fax {recipient} to {number}"  # of the PDF
PAGES_TITLE = "Pages"
PAGES_HEAD = ("Page", "Arrived", "Coding", "Resolution", "Speed", "Time", "Sent")
MADE_HEAD = ("Made as", "Saved")  # further columns of the pages
MADE_TEXT = "text"
MADE_SCREEN = "picture in lines"
MADE_MIXED = "text and picture"
MADE_UNTOUCHED = "as it came"
MADE_COARSER = "{made}, coarser"
CALLS_TITLE = "Calls"
CALLS_HEAD = ("Began", "Length", "Pages confirmed", "How it ended")
PARTS_TITLE = "Parts of your mail"
DETAILS_TITLE = "Details"

PAGE_CONFIRMED = "yes, confirmed ({verdict})"
PAGE_REJECTED = "no, refused as unreadable ({verdict})"
PAGE_UNANSWERED = "not confirmed"
PAGE_IN_DOUBT = "not known"
PAGE_NOT_SENT = "no, not sent"
ONCE = "once"
TWICE = "twice"
TIMES = "{times} times"
CALL_DELIVERED = "delivered"
CALL_LOST = "cut off: the gateway was stopped"
PART_SENT = "{name}: {pages}"
PART_NOT_SENT = "Not sent: {name}, {pages}"
PART_LEFT_OUT = "Left out: {reason}"
PART_SKIPPED = "No page of its own: {reason}"
PART_EMPTY = "{name}: no page"

MESSAGE_TEXT = "The message text"
WHOLE_MAIL = "The mail"

LINE_TIME = "Time on the line, all calls: {real}."
LINE_TIME_PREDICTED = "Time on the line, all calls: {real}; {predicted} had been expected."
LINE_TIME_SAVED = (
    "The way the pages were made saved about {saved} on the line, against grey tones in dots at "
    "14,400 bit/s."
)
AGREED = "Agreed with the other machine: {parameters}."
REMOTE_MACHINE = "The other machine: {machine}."
TECHNICAL = "For your administrator: {cause} (T.32 status {status})."
TECHNICAL_CODES = "For your administrator: {names} (T.32 status {status})."
REFERENCE = "Reference: job {job}, fax {recipient}, accepted on {moment}."

# --- The cover page ------------------------------------------------------------------------------
COVER_TITLE = "Fax"
COVER_TO = "To"
COVER_FROM = "From"
COVER_DATE = "Date"
COVER_PAGES = "Pages with this one"
COVER_SUBJECT = "Subject"
COVER_UNKNOWN = "{sign} stands for a letter that this gateway cannot draw."

# --- Received faxes ------------------------------------------------------------------------------
FAX_SUBJECT = "Fax from {caller}, {pages}"
FAX_SUBJECT_BROKEN = "Fax from {caller}, {pages}, INCOMPLETE"
FAX_SUBJECT_COMPLETE = "Fax from {caller}, {pages}, complete: replaces the incomplete one of {time}"
FAX_FROM = "Fax {caller}"
FAX_FROM_NOBODY = "Fax, number unknown"
FAX_LEAD = "A fax of {pages} came from {caller} on {moment}. It is attached as a PDF."
FAX_LEAD_AS = "A fax of {pages} came from {caller} on {moment}. It is attached as {forms}."
FAX_NOTICE = (
    "A fax of {pages} came from {caller} on {moment}. The gateway keeps it; your administrator "
    "gets it with `faxgate received get {fax}`."
)
FAX_BROKEN = "THIS FAX IS INCOMPLETE. The call broke after page {page}: {cause}."
FAX_BROKEN_IN = (
    "THIS FAX IS INCOMPLETE. The call broke in page {page}: {cause}. "
    "What had arrived of that page is attached."
)
FAX_REPLACES = (
    "This fax is complete. It replaces the incomplete fax of {moments}; every page is in it once."
)
FAX_HOLDS_EARLIER = (
    "What came of the incomplete fax of {moments} is in it too, every page once; it replaces that "
    "fax."
)
FAX_FOLLOWS = (
    "From the same caller an incomplete fax came on {moment}; it was delivered by itself. This fax "
    "may be its rest or its repeat. No page of either was left out."
)
FAX_ALL_BLANK = (
    "Nothing is on its pages: perhaps the paper lay the wrong way round in the sender's machine."
)
FAX_UNKNOWN_CALLER = "an unknown number"
FAX_TITLE = "Fax from {caller}, {day}"
FAX_CALLER = "Caller: {caller}"
FAX_IDENTITY = 'The sending machine calls itself "{identity}"'
FAX_CALLED = "Called number: {called}"
FAX_SUBADDRESS = "Subaddress: {subaddress}"
FAX_DTMF = "Digits that the caller keyed in: {dtmf}"
FAX_TIME = "Received: {moment}, {duration}, on line {line}"
FAX_PAGES = "Pages: {pages} ({sizes})"
FAX_CLEAN = "Quality: no damaged rows"
FAX_DAMAGED = "Quality: {damage} damaged on the line; each such row repeats the one above it"
FAX_PAGE_DAMAGE = "{rows} of {all} rows on page {page}"
FAX_BLANK = "Blank pages: {pages}"
FAX_HEADER_ONLY = "Pages with nothing but the sender's header line: {pages}"
FAX_UPSIDE_DOWN = "Pages that came upside down; a PDF shows them upright: {pages}"
FAX_SIDEWAYS = "Pages that came sideways; a PDF shows them upright: {pages}"
FAX_TEXT_LATE = (
    "The text of this fax had not been read in time; `faxgate received get {fax}` writes a PDF "
    "that can be searched, when it has"
)
FAX_TEXT_TITLE = "Text of the fax, as a program read it"
FAX_TEXT_PAGE = "[Page {page}]"
FAX_TEXT_CUT = "[The text goes on; this is as much as a mail takes.]"
FAX_REFERENCE = "Reference: received fax {fax}"
FAX_JUNK = "Never again from this caller? Send a mail with the subject junk: {link}"
JUNKED_SUBJECT = "On the junk list: {entry}"
JUNKED = "You called the caller of a fax junk. {entry} is on the junk list of this gateway now."
JUNKED_UNDO = 'If that was a mistake, your administrator says: faxgate junk remove "{entry}"'

# --- Questions and refusals -----------------------------------------------------------------------
CONFIRM_SUBJECT = "Please confirm your fax to {number}"
CONFIRM_LEAD = "Your fax to {number} ({pages}) waits. {cause} (rule: {rule})"
CONFIRM_ADVICE = (
    "To send it, reply to this mail before {moment}; the text of your reply does not matter. "
    "If you did not want to send it, do nothing: it is given up then."
)
CONFIRM_REFERENCE = "Fax {recipient} of job {job}."
NOT_FAXED_SUBJECT = "Not faxed: {subject}"
NOT_FAXED = "Nobody was sent this fax:"
NOT_FAXED_ADVICE = "Please put that right and try again."

# --- Notices -------------------------------------------------------------------------------------
NOTICE_SUBJECT = "A mail of the fax gateway could not be delivered"
NOTICE_LEAD = "The fax gateway has given up delivering a mail. Nobody else is told of it."
NOTICE_ADVICE = (
    "Nothing is lost: received faxes stay in the gateway, and `faxgate received` lists them. "
    "Please see that the address and the mail server are right."
)

# --- Alarms --------------------------------------------------------------------------------------
ALARM_SUBJECT = "ALARM: the fax gateway takes no faxes"
ALARM = "The fax gateway {node} answers no calls and takes no mail since {moment}."
ALARM_CAUSE = "The reason: {cause}."
ALARM_ADVICE = (
    "Nothing that was confirmed is lost. It goes on by itself when there is room again; "
    "`faxgate health` says how it stands, `faxgate purge` deletes what is old."
)
ALARM_OVER_SUBJECT = "The fax gateway takes faxes again"
ALARM_OVER = "The fax gateway {node} works again. It had taken nothing since {moment}."
