; @open ends a header that a block follows.
(block "{" @open)
(declaration_list "{" @open)
(field_declaration_list "{" @open)
(enum_variant_list "{" @open)
(match_block "{" @open)

; @lead may stand in a block and leave it empty.
[(line_comment) (block_comment)] @lead

; @text is no place for a block to begin.
[(line_comment) (block_comment)] @text
(string_literal) @text
(raw_string_literal) @text
(char_literal) @text
