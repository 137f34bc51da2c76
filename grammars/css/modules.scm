; What each import names: a @statement, the @module as written, the @names taken from it; a @path is both, its last part the name.
(import_statement (string_value (string_content) @module)) @statement
(import_statement (call_expression (arguments (string_value (string_content) @module)))) @statement
(import_statement (call_expression (arguments (plain_value) @module))) @statement
