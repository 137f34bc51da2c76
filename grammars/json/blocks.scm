; @open ends a header that a block follows.
(object "{" @open)
(array "[" @open)

; @text is no place for a block to begin.
(string) @text
