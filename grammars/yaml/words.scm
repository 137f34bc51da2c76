; @words is text that is no string and no comment: what a page says.
[(plain_scalar) (block_scalar)] @words
