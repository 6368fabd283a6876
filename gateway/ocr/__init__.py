"""The text on received pages: read by tesseract, once a fax, and kept beside its pages.

`text` is what was read, as a value; `layer` lays it under the page in a PDF. `reading` is the part
of the gateway that has faxes read, a page at a time, each in a process of its own (`reader`,
`worker`) with the limits of those that open documents. The page as it came over the line is never
touched. Without tesseract nothing is read and everything else works.
"""
