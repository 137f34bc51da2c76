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

; @lead is the docstring that a block may begin with; it leaves it empty.
(class_definition body: (block . (expression_statement (string) @lead)))
(function_definition body: (block . (expression_statement (string) @lead)))

; @text is no place for a block to begin.
(string) @text
