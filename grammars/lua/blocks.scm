; @open ends a header that a block follows.
(function_declaration parameters: (_) @open)
(function_definition parameters: (_) @open)
(if_statement "then" @open)
(elseif_statement "then" @open)
(else_statement "else" @open)
(for_statement "do" @open)
(while_statement "do" @open)
(repeat_statement "repeat" @open)
(do_statement "do" @open)

; @text is no place for a block to begin.
(string) @text
