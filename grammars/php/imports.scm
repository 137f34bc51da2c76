; What brings names into the file, at the top level only, and the namespace it is in.
(program (namespace_definition !body) @import)
(program (namespace_use_declaration) @import)
(program
  (expression_statement
    [(require_expression) (require_once_expression) (include_expression) (include_once_expression)]) @import)
