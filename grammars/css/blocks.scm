; @open ends a header that a block follows.
(block "{" @open)
(keyframe_block_list "{" @open)

; @text is no place for a block to begin.
(string_value) @text
