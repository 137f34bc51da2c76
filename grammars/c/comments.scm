; @comment says something about the code around it.
(comment) @comment
