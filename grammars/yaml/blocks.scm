; @open ends a header that a block follows.
(block_mapping_pair ":" @open)

; @text is no place for a block to begin.
(single_quote_scalar) @text
(double_quote_scalar) @text
(block_scalar) @text
