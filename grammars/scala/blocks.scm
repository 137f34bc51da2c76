; @open ends a header that a block follows.
(block "{" @open)
(template_body "{" @open)
(enum_body "{" @open)
(case_block "{" @open)

; @text is no place for a block to begin.
(string) @text
(interpolated_string_expression) @text
(character_literal) @text
