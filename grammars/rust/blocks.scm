; @open ends a header that a block follows.
(block "{" @open)
(declaration_list "{" @open)
(field_declaration_list "{" @open)
(enum_variant_list "{" @open)
(match_block "{" @open)

; @text is no place for a block to begin.
(string_literal) @text
(raw_string_literal) @text
(char_literal) @text
