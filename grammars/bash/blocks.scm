; @open ends a header that a block follows.
(compound_statement "{" @open)
(subshell "(" @open)
(do_group "do" @open)
(if_statement "then" @open)
(elif_clause "then" @open)
(else_clause "else" @open)
(case_statement "in" @open)
(case_item ")" @open)

; @text is no place for a block to begin.
(string) @text
(raw_string) @text
(heredoc_body) @text
