; What each import names: a @statement, the @module as written, the @names taken from it; a @path is both, its last part the name.
((function_call
  name: (identifier) @callee
  arguments: (arguments . (string content: (string_content) @module))) @statement
  (#set! callee "require|dofile"))
