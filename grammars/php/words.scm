; @words is text that is no string and no comment, or what a string is made of where the tree does not show all of it.
[(text) (string_content)] @words
