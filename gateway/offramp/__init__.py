"""Mail to fax: rendering, the queue's calls, and the pages on their way to the line.

A mail becomes pages once (`render`, with `worker` processes that `convert` each part), its
recipients wait in the store, and `caller` brings the due ones to idle lines. RFC 4161 calls this
side of a gateway the offramp.
"""
