; What each import names: a @statement, the @module as written, the @names taken from it; a @path is both, its last part the name.
; @relative marks a module written as a path from this file.
; What stands in a group goes on from the @module of what it is @within.
(namespace_use_declaration) @statement
(namespace_use_clause . [(name) (qualified_name)] @path)
(namespace_use_declaration (namespace_name) @module body: (namespace_use_group)) @within
(require_expression [(string (string_content) @module @relative) (encapsed_string (string_content) @module @relative)]) @statement
(require_expression (binary_expression right: [(string (string_content) @module @relative) (encapsed_string (string_content) @module @relative)])) @statement
(require_once_expression [(string (string_content) @module @relative) (encapsed_string (string_content) @module @relative)]) @statement
(require_once_expression (binary_expression right: [(string (string_content) @module @relative) (encapsed_string (string_content) @module @relative)])) @statement
(include_expression [(string (string_content) @module @relative) (encapsed_string (string_content) @module @relative)]) @statement
(include_expression (binary_expression right: [(string (string_content) @module @relative) (encapsed_string (string_content) @module @relative)])) @statement
(include_once_expression [(string (string_content) @module @relative) (encapsed_string (string_content) @module @relative)]) @statement
(include_once_expression (binary_expression right: [(string (string_content) @module @relative) (encapsed_string (string_content) @module @relative)])) @statement
