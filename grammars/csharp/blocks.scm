; @open ends a header that a block follows.
(block "{" @open)
(declaration_list "{" @open)
(enum_member_declaration_list "{" @open)
(accessor_list "{" @open)
(switch_body "{" @open)

; @text is no place for a block to begin.
(string_literal) @text
(verbatim_string_literal) @text
(raw_string_literal) @text
(interpolated_string_expression) @text
(character_literal) @text
