; @open ends a header that a block follows.
(class_definition ":" @open)
(function_definition ":" @open)
(if_statement ":" @open)
(elif_clause ":" @open)
(else_clause ":" @open)
(for_statement ":" @open)
(while_statement ":" @open)
(with_statement ":" @open)
(try_statement ":" @open)
(except_clause ":" @open)
(finally_clause ":" @open)
(match_statement ":" @open)
(case_clause ":" @open)

; @lead may stand in a block and leave it empty.
(comment) @lead
(class_definition body: (block . (expression_statement (string) @lead)))
(function_definition body: (block . (expression_statement (string) @lead)))

; @text is no place for a block to begin.
(comment) @text
(string) @text
