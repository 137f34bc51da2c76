; @comment says something about the code around it.
[(comment) (block_comment)] @comment
