"""What the sender of one mail asks for, in square brackets in the subject.

    [fine, at 18:30] Contract            options
    [EXTERNAL] Contract [no body]        options at the end; EXTERNAL is none, and stays
    [JIRA-12] Contract                   no options

`read_options` takes a mail and never raises. A word that is no option is a problem, and a mail with
a problem is not faxed: a fax cannot be called back, a mail can be sent again. `plain_subject` is
the subject without them, for everybody who shows it.
"""

from gateway.options.options import AS_CONFIGURED, Options, Priority, Problem
from gateway.options.subject import plain_subject, read_options

__all__ = ["AS_CONFIGURED", "Options", "Priority", "Problem", "plain_subject", "read_options"]
