; @comment says something about the code around it.
[(line_comment) (block_comment)] @comment

; @attribute may stand between a comment and what it is about.
(attribute_item) @attribute
