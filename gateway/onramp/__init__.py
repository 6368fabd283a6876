"""Fax to mail: answer a call, keep its pages, owe its mails."""
