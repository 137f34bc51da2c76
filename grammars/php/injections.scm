; @injection.LANGUAGE is text in another language; all of one language together are one text.
(text) @injection.html
