; @open ends a header that a block follows.
(compound_statement "{" @open)
(field_declaration_list "{" @open)
(enumerator_list "{" @open)

; @text is no place for a block to begin.
(string_literal) @text
(char_literal) @text
(system_lib_string) @text
