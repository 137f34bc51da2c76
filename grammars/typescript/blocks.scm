; @open ends a header that a block follows.
(statement_block "{" @open)
(class_body "{" @open)
(interface_body "{" @open)
(enum_body "{" @open)
(switch_body "{" @open)

; @text is no place for a block to begin.
(string) @text
(template_string) @text
(regex) @text
