; @open ends a header that a block follows.
(compound_statement "{" @open)
(field_declaration_list "{" @open)
(enumerator_list "{" @open)
(declaration_list "{" @open)

; @lead may stand in a block and leave it empty.
(comment) @lead

; @text is no place for a block to begin.
(comment) @text
(string_literal) @text
(raw_string_literal) @text
(char_literal) @text
(system_lib_string) @text
