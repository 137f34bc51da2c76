; @words is text that is no string and no comment: what a page says.
(jsx_text) @words
