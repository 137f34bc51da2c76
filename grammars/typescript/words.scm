; Without JSX there are no words but in comments; what JavaScript has does not fit this grammar.
(comment) @words
