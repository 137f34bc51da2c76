; What brings names into the file, at the top level only.
(source_file
  (variable_declaration
    [
      (builtin_function (builtin_identifier) @callee)
      (field_expression object: (builtin_function (builtin_identifier) @callee))
    ]) @import
  (#set! callee "@import"))
