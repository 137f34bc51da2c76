; What each import names: a @statement, the @module as written, the @names taken from it; a @path is both, its last part the name.
; @relative marks a module written as a path from this file.
((call
  !receiver
  method: (identifier) @callee
  arguments: (argument_list . (string . (string_content) @module .) .)) @statement
  (#set! callee "require|load"))
((call
  !receiver
  method: (identifier) @callee
  arguments: (argument_list . (string . (string_content) @module @relative .) .)) @statement
  (#set! callee "require_relative"))
((call
  !receiver
  method: (identifier) @callee
  arguments: (argument_list (simple_symbol) @name (string . (string_content) @module .))) @statement
  (#set! callee "autoload"))
