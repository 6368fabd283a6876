"""Who may send, and what: closed by default, and the first answer is in the SMTP dialogue.

`clients` and `senders` say who the sender is, `destination` what kind of number it wants,
`policy` judges one fax by the administrator's rules. Nothing here dials, stores or waits.
"""
