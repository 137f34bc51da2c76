; @open ends a header that a block follows.
(block "{" @open)
(struct_declaration "{" @open)
(enum_declaration "{" @open)
(union_declaration "{" @open)
(switch_expression "{" @open)

; @text is no place for a block to begin.
(string) @text
(multiline_string) @text
(character) @text
