; @words is text that is no string and no comment: what a page says.
(text) @words
