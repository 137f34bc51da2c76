; @open ends a header that a block follows.
(block "{" @open)
(field_declaration_list "{" @open)
(interface_type "{" @open)
(expression_switch_statement "{" @open)
(type_switch_statement "{" @open)
(select_statement "{" @open)

; @text is no place for a block to begin.
(interpreted_string_literal) @text
(raw_string_literal) @text
(rune_literal) @text
