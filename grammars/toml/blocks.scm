; @open ends a header that a block follows.
(table "]" @open)
(table_array_element "]]" @open)

; @text is no place for a block to begin.
(string) @text
