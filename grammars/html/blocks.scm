; @open ends a header that a block follows.
(element (start_tag) @open)

; @text is no place for a block to begin.
(quoted_attribute_value) @text
(raw_text) @text
