; @open ends a header that a block follows.
(block "{" @open)
(class_body "{" @open)
(enum_class_body "{" @open)
(when_expression "{" @open)
(lambda_literal "{" @open)

; @text is no place for a block to begin.
(string_literal) @text
(multiline_string_literal) @text
(character_literal) @text
