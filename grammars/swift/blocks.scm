; @open ends a header that a block follows.
(function_body "{" @open)
(class_body "{" @open)
(enum_class_body "{" @open)
(protocol_body "{" @open)
(computed_property "{" @open)
(if_statement "{" @open)
(guard_statement "{" @open)
(for_statement "{" @open)
(while_statement "{" @open)
(repeat_while_statement "{" @open)
(switch_statement "{" @open)
(do_statement "{" @open)
(catch_block "{" @open)
(lambda_literal "{" @open)

; @text is no place for a block to begin.
(line_string_literal) @text
(multi_line_string_literal) @text
