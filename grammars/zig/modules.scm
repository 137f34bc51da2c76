; What each import names: a @statement, the @module as written, the @names taken from it; a @path is both, its last part the name.
((builtin_function
  (builtin_identifier) @callee
  (arguments . (string (string_content) @module))) @statement
  (#set! callee "@import"))
