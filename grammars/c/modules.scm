; What each import names: a @statement, the @module as written, the @names taken from it; a @path is both, its last part the name.
; @relative marks a module written as a path from this file.
(preproc_include path: (string_literal (string_content) @module @relative)) @statement
(preproc_include path: (system_lib_string) @module) @statement
