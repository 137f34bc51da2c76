; @open ends a header that a block follows.
(compound_statement "{" @open)
(declaration_list "{" @open)
(enum_declaration_list "{" @open)
(switch_block "{" @open)
(match_block "{" @open)

; @text is no place for a block to begin.
(string) @text
(encapsed_string) @text
(heredoc) @text
(nowdoc) @text
