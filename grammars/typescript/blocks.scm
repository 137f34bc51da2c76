; @open ends a header that a block follows.
(statement_block "{" @open)
(class_body "{" @open)
(interface_body "{" @open)
(enum_body "{" @open)
(switch_body "{" @open)

; @lead may stand in a block and leave it empty.
(comment) @lead

; @text is no place for a block to begin.
(comment) @text
(string) @text
(template_string) @text
(regex) @text
