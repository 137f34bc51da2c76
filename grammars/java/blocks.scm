; @open ends a header that a block follows.
(block "{" @open)
(constructor_body "{" @open)
(class_body "{" @open)
(interface_body "{" @open)
(enum_body "{" @open)
(switch_block "{" @open)

; @text is no place for a block to begin.
(string_literal) @text
(character_literal) @text
