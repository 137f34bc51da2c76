; @open ends a header that a block follows.
(block "{" @open)
(constructor_body "{" @open)
(class_body "{" @open)
(interface_body "{" @open)
(enum_body "{" @open)
(switch_block "{" @open)

; @lead may stand in a block and leave it empty.
[(line_comment) (block_comment)] @lead

; @text is no place for a block to begin.
[(line_comment) (block_comment)] @text
(string_literal) @text
(character_literal) @text
