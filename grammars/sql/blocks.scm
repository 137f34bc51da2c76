; @open ends a header that a block follows.
(column_definitions "(" @open)

; @text is no place for a block to begin.
((literal) @text
  (#set! text "'[^']*'"))
