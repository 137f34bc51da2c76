; What brings names into the file, at the top level only.
(chunk
  (variable_declaration
    (assignment_statement (expression_list value: (function_call name: (identifier) @callee)))) @import
  (#set! callee "require"))
(chunk (function_call name: (identifier) @callee) @import
  (#set! callee "require"))
