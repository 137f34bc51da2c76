; @comment says something about the code around it.
[(comment) (multiline_comment)] @comment
