; What each import names: a @statement, the @module as written, the @names taken from it; a @path is both, its last part the name.
; @relative marks a module written as a path from this file.
((command
  name: (command_name) @callee
  argument: [(word) @module (raw_string) @module (string (string_content) @module)] @relative) @statement
  (#set! callee "source|\\."))
