; @comment says something about the code around it.
[(line_comment) (block_comment)] @comment
